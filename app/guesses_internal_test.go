package app

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"testing"
	"time"

	"statusd/app/model"
)

// A random walk against the rule as it is written: ten failures in fifteen minutes for a pair, then none of its tries until the
// oldest is that old.
func TestGuessesKeepTheRule(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var g guesses
	failures := map[guess][]time.Duration{}
	var now time.Duration
	for range 20_000 {
		now += time.Duration(r.IntN(int(40 * time.Second)))
		k := guessAt(fmt.Sprint("user", r.IntN(3)), fmt.Sprint("client", r.IntN(2)))
		counted := 0
		var oldest time.Duration
		for _, at := range failures[k] {
			if now-at < guessWindow {
				if counted == 0 {
					oldest = at
				}
				counted++
			}
		}
		err := g.begin(k, now)
		var tooMany model.TooMany
		if refused := errors.As(err, &tooMany); refused != (counted >= mostGuesses) || refused && tooMany.Retry != oldest+guessWindow-now {
			t.Fatalf("after %d failures: %v", counted, err)
		}
		if err != nil {
			continue
		}
		switch how := verdict(r.IntN(12)); how {
		case right:
			g.end(k, now, right)
			delete(failures, k)
		case nothing:
			g.end(k, now, nothing)
		default:
			g.end(k, now, wrong)
			failures[k] = append(failures[k], now)
		}
	}
	for client, who := range g.clients {
		if who.waiting != 0 {
			t.Errorf("%s waits for nothing", client)
		}
	}
}

func TestGuessesAreBoundedInMemory(t *testing.T) {
	var g guesses
	try := func(account, client string, now time.Duration) error {
		k := guessAt(account, client)
		err := g.begin(k, now)
		if err == nil {
			g.end(k, now, wrong)
		}
		return err
	}
	for i := range mostGuessPairs + 500 {
		if err := try(fmt.Sprint("user", i), fmt.Sprint("client", i/mostAccounts), time.Duration(i)); err != nil {
			t.Fatal(err)
		}
		if len(g.failed) > mostGuessPairs || len(g.clients) > mostGuessPairs/mostAccounts+2 {
			t.Fatalf("%d pairs of %d clients are remembered", len(g.failed), len(g.clients))
		}
	}
	if g.failed[guessAt("user0", "client0")] != nil || g.failed[guessAt("user501", "client1")] == nil {
		t.Error("the pair that was quiet for the longest is the one to forget")
	}
	_ = try("later", "x", guessWindow+mostGuessPairs+500)
	if len(g.failed) != 1 || len(g.clients) != 1 {
		t.Errorf("%d pairs of %d clients are remembered after their time", len(g.failed), len(g.clients))
	}
}

// Whoever has used up ten guesses cannot make the limit forget them by failing at other accounts.
func TestOneClientCannotPushItsOwnGuessesOut(t *testing.T) {
	var g guesses
	for i := range 10 {
		k := guessAt("owner", "flood")
		if err := g.begin(k, time.Duration(i)); err != nil {
			t.Fatal(err)
		}
		g.end(k, time.Duration(i), wrong)
	}
	refused := 0
	for i := range 2 * mostGuessPairs {
		k := guessAt(fmt.Sprint(i), "flood")
		if err := g.begin(k, time.Minute); err != nil {
			refused++
			continue
		}
		g.end(k, time.Minute, wrong)
	}
	if refused != 2*mostGuessPairs-mostAccounts+1 {
		t.Errorf("%d were refused", refused)
	}
	if g.begin(guessAt("owner", "flood"), time.Minute) == nil {
		t.Error("the owner can be guessed at again")
	}
	if err := g.begin(guessAt("owner", "home"), time.Minute); err != nil {
		t.Errorf("the owner from elsewhere: %v", err)
	}
}

func TestOneClientDoesNotKeepAllOthersWaiting(t *testing.T) {
	var g guesses
	for i := range mostWaiting {
		if err := g.begin(guessAt(fmt.Sprint(i), "flood"), 0); err != nil {
			t.Fatal(err)
		}
	}
	if err := g.begin(guessAt("x", "flood"), 0); err == nil {
		t.Error("one more waits")
	}
	if err := g.begin(guessAt("x", "other"), 0); err != nil {
		t.Error(err)
	}
	g.end(guessAt("0", "flood"), 0, wrong)
	if err := g.begin(guessAt("x", "flood"), 0); err != nil {
		t.Error(err)
	}
}

func TestClientsAreCountedByTheirNetwork(t *testing.T) {
	for text, want := range map[string]string{
		"192.0.2.7":              "192.0.2.7",
		"::ffff:192.0.2.7":       "192.0.2.7",
		"2001:db8:1:2:3:4:5:6":   "2001:db8:1:2::/64",
		"fe80::1%eth0":           "fe80::/64",
		"2001:db8:1:2:ffff::255": "2001:db8:1:2::/64",
	} {
		if got := clientOf(netip.MustParseAddr(text)); got != want {
			t.Errorf("%s counts as %s, want %s", text, got, want)
		}
	}
	if clientOf(netip.Addr{}) == "" {
		t.Error("an unknown address counts as none")
	}
}
