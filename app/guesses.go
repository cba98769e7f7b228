package app

import (
	"crypto/sha256"
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
	mostWaiting    = 8    // guesses of one client that wait for their turn, so that one cannot keep all others waiting
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
	failed  map[guess][]time.Duration // when, on the monotonic clock, oldest first; at most ten each
	waiting map[string]int            // by client
}

// begin counts a try as failed until it is known better, so that tries at the same moment are counted too. Whoever gets no error
// must call end.
func (g *guesses) begin(k guess, now time.Duration) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.failed == nil {
		g.failed, g.waiting = map[guess][]time.Duration{}, map[string]int{}
	}
	times := recentGuesses(g.failed[k], now)
	if len(times) >= mostGuesses {
		g.failed[k] = times
		return model.TooMany{Retry: times[0] + guessWindow - now}
	}
	if g.waiting[k.client] >= mostWaiting {
		return model.TooMany{Retry: waitingRetry}
	}
	if g.failed[k] == nil && len(g.failed) >= mostGuessPairs {
		g.makeRoom(now)
	}
	g.failed[k] = append(times, now)
	g.waiting[k.client]++
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
	if g.waiting[k.client]--; g.waiting[k.client] <= 0 {
		delete(g.waiting, k.client)
	}
	switch how {
	case right:
		delete(g.failed, k)
	case nothing:
		times := g.failed[k]
		if i := slices.Index(times, began); i >= 0 {
			times = slices.Delete(times, i, i+1)
		}
		if g.failed[k] = times; len(times) == 0 {
			delete(g.failed, k)
		}
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

// makeRoom forgets what no longer counts, or else the pair that has been quiet the longest. It looks at all of them: the comparison
// that follows costs a hundred times as much.
func (g *guesses) makeRoom(now time.Duration) {
	var quietest guess
	since := now + 1
	for k, times := range g.failed {
		last := times[len(times)-1]
		if now-last >= guessWindow {
			delete(g.failed, k)
		} else if last < since {
			quietest, since = k, last
		}
	}
	if len(g.failed) >= mostGuessPairs {
		delete(g.failed, quietest)
	}
}
