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

// A random walk against the rule as it is written: thirty requests in ten minutes, then none until the oldest is that old.
func TestStrangersKeepTheRule(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var s strangers
	admitted := map[string][]time.Duration{}
	var now time.Duration
	for range 50_000 {
		now += time.Duration(r.IntN(int(12 * time.Second)))
		client := fmt.Sprint("client", r.IntN(3))
		var within []time.Duration
		for _, at := range admitted[client] {
			if now-at < askedWindow {
				within = append(within, at)
			}
		}
		err := s.admit(client, now)
		var many model.TooMany
		if refused := errors.As(err, &many); refused != (len(within) >= mostAsked) || refused && many.Retry != within[0]+askedWindow-now {
			t.Fatalf("after %d requests: %v", len(within), err)
		}
		if err == nil {
			within = append(within, now)
		}
		admitted[client] = within
	}
}

func TestStrangersAreBoundedInMemory(t *testing.T) {
	var s strangers
	for i := range 3 * mostStrangers {
		if err := s.admit(fmt.Sprint(i), time.Duration(i)); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(s.asked); n > mostStrangers {
		t.Errorf("%d clients are remembered", n)
	}
	for i := range 100 * mostAsked {
		_ = s.admit("one", time.Duration(i)*time.Minute)
	}
	if n := cap(s.asked["one"]); n > 4*mostAsked {
		t.Errorf("one client takes %d places", n)
	}
	s.sweep(time.Hour * 1000)
	if len(s.asked) != 0 {
		t.Errorf("%d are remembered for nothing", len(s.asked))
	}
}

func TestANetworkOfIPv6IsOneStranger(t *testing.T) {
	var s strangers
	for i := range mostAsked {
		if err := s.admit(clientOf(netip.MustParseAddr(fmt.Sprintf("2001:db8:1:2::%x", i+1))), 0); err != nil {
			t.Fatal(err)
		}
	}
	if s.admit(clientOf(netip.MustParseAddr("2001:db8:1:2:ffff::1")), 0) == nil {
		t.Error("another address of the same /64 is admitted")
	}
	if err := s.admit(clientOf(netip.MustParseAddr("2001:db8:1:3::1")), 0); err != nil {
		t.Errorf("another /64: %v", err)
	}
	if err := s.admit(clientOf(netip.MustParseAddr("::ffff:192.0.2.1")), 0); err != nil {
		t.Errorf("an IPv4 address: %v", err)
	}
}
