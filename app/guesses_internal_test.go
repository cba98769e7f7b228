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
	if len(g.waiting) != 0 {
		t.Errorf("%v wait for nothing", g.waiting)
	}
}

func TestGuessesAreBoundedInMemory(t *testing.T) {
	var g guesses
	owner := guessAt("owner", "home")
	for i := range 3 * mostGuessPairs {
		k := guessAt(fmt.Sprint("user", i), "client")
		if err := g.begin(k, time.Duration(i)); err != nil {
			t.Fatal(err)
		}
		g.end(k, time.Duration(i), wrong)
		if i%1000 == 0 { // who goes on guessing is remembered
			if err := g.begin(owner, time.Duration(i)); err != nil && i < 9000 {
				t.Fatal(err)
			} else if err == nil {
				g.end(owner, time.Duration(i), wrong)
			}
		}
		if len(g.failed) > mostGuessPairs {
			t.Fatalf("%d pairs are remembered", len(g.failed))
		}
	}
	if len(g.failed[owner]) != mostGuesses {
		t.Errorf("%d of the owner's failures are remembered", len(g.failed[owner]))
	}
	g.begin(guessAt("later", "x"), guessWindow+3*mostGuessPairs)
	if len(g.failed) != 1 {
		t.Errorf("%d pairs are remembered after their time", len(g.failed))
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
