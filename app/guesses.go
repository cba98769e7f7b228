package app

import (
	"crypto/sha256"
	"math"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"statusd/app/model"
)

// The limit of SPEC §8, and what remembering it may cost.
const (
	mostGuesses    = 10
	guessWindow    = 15 * time.Minute
	mostGuessPairs = 8192 // of about 200 bytes
	mostAccounts   = 256  // that one client may have failed at: with more it would push out what is remembered of itself
	accountsRetry  = time.Minute
	mostWaiting    = 8 // guesses of one client that wait for their turn, so that one cannot keep all others waiting
	waitingRetry   = time.Second
)

// guess is who is guessing at what.
type guess struct {
	account [sha256.Size]byte // of the e-mail in lower case: known and unknown ones look alike and take the same room
	client  string
}

// guessAt is a guess at an account's password by a client.
func guessAt(email, client string) guess {
	return guess{sha256.Sum256([]byte(strings.ToLower(strings.TrimSpace(email)))), client}
}

// clientOf is an address as the limit counts clients: an IPv6 network of /64 is one.
func clientOf(address netip.Addr) string {
	address = address.Unmap().WithZone("")
	if address.Is6() {
		if network, err := address.Prefix(64); err == nil {
			return network.String()
		}
	}
	return address.String()
}

// guesses bounds how often passwords are tried: ten failures within a quarter of an hour for one account from one client. The pair
// is refused then, whatever it sends, and nobody else is: the owner cannot be locked out from elsewhere. It is memory only; a
// restart forgets it, which an attacker cannot bring about.
type guesses struct {
	mu      sync.Mutex
	failed  map[guess][]time.Duration // when, on the monotonic clock, oldest first; at most ten each, at least one
	clients map[string]*guesser
	swept   time.Duration
}

// guesser is a client as long as anything of it is remembered.
type guesser struct{ pairs, waiting int }

// begin counts a try as failed until it is known better, so that tries at the same moment are counted too. Whoever gets no error
// must call end.
func (g *guesses) begin(k guess, now time.Duration) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.failed == nil {
		g.failed, g.clients = map[guess][]time.Duration{}, map[string]*guesser{}
	}
	if now-g.swept >= time.Minute {
		g.sweep(now)
	}
	times := recentGuesses(g.failed[k], now)
	if len(times) >= mostGuesses {
		return model.TooMany{Retry: times[0] + guessWindow - now}
	}
	who, known := g.clients[k.client], g.failed[k] != nil
	switch {
	case who == nil:
		who = &guesser{}
	case who.waiting >= mostWaiting:
		return model.TooMany{Retry: waitingRetry}
	case !known && who.pairs >= mostAccounts:
		return model.TooMany{Retry: accountsRetry}
	}
	if !known {
		if len(g.failed) >= mostGuessPairs {
			g.forgetQuietest()
		}
		who.pairs++
	}
	who.waiting++
	g.clients[k.client] = who
	g.failed[k] = append(times, now)
	return nil
}

// verdict is how a try ended.
type verdict uint8

const (
	wrong   verdict = iota
	right           // the pair begins anew
	nothing         // nothing was compared
)

// end settles a try that began at a time.
func (g *guesses) end(k guess, began time.Duration, how verdict) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.clients[k.client].waiting--
	times := g.failed[k]
	switch i := slices.Index(times, began); {
	case how == right, how == nothing && i == 0 && len(times) == 1:
		g.forget(k)
	case how == nothing && i >= 0:
		g.failed[k] = slices.Delete(times, i, i+1)
	}
	g.tidy(k.client)
}

// forget lets go of a pair, if it is remembered.
func (g *guesses) forget(k guess) {
	if g.failed[k] == nil {
		return
	}
	delete(g.failed, k)
	g.clients[k.client].pairs--
	g.tidy(k.client)
}

// tidy lets go of a client of whom nothing is remembered.
func (g *guesses) tidy(client string) {
	if who := g.clients[client]; who != nil && who.pairs == 0 && who.waiting == 0 {
		delete(g.clients, client)
	}
}

// recentGuesses are those that still count.
func recentGuesses(times []time.Duration, now time.Duration) []time.Duration {
	old := 0
	for old < len(times) && now-times[old] >= guessWindow {
		old++
	}
	return times[old:]
}

// sweep forgets what no longer counts.
func (g *guesses) sweep(now time.Duration) {
	g.swept = now
	for k, times := range g.failed {
		if now-times[len(times)-1] >= guessWindow {
			g.forget(k)
		}
	}
}

// forgetQuietest makes room for one pair. It looks at all of them: the comparison that follows costs a hundred times as much.
func (g *guesses) forgetQuietest() {
	var quietest guess
	since := time.Duration(math.MaxInt64)
	for k, times := range g.failed {
		if last := times[len(times)-1]; last < since {
			quietest, since = k, last
		}
	}
	g.forget(quietest)
}
