package app

import (
	"math"
	"net/netip"
	"sync"
	"time"

	"statusd/app/model"
)

// The limit of SPEC §6, and what remembering it may cost.
const (
	mostAsked     = 30
	askedWindow   = 10 * time.Minute
	mostStrangers = 4096 // of about 400 bytes
)

// strangers bounds how often one client asks for what costs us work or somebody else a message: thirty times in ten minutes. What is
// refused does not count, or Retry-After would not be true. It is memory only.
type strangers struct {
	mu    sync.Mutex
	asked map[string][]time.Duration // when, on the monotonic clock, oldest first; at most thirty each, at least one
	swept time.Duration
}

// admit counts a request, or refuses it with a model.TooMany.
func (s *strangers) admit(client string, now time.Duration) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.asked == nil {
		s.asked = map[string][]time.Duration{}
	}
	if now-s.swept >= time.Minute {
		s.sweep(now)
	}
	times := s.asked[client]
	for len(times) > 0 && now-times[0] >= askedWindow {
		times = times[1:]
	}
	if len(times) >= mostAsked {
		return model.TooMany{Retry: times[0] + askedWindow - now}
	}
	if s.asked[client] == nil && len(s.asked) >= mostStrangers {
		s.forgetQuietest()
	}
	s.asked[client] = append(times, now)
	return nil
}

// sweep forgets those whose requests no longer count.
func (s *strangers) sweep(now time.Duration) {
	s.swept = now
	for client, times := range s.asked {
		if now-times[len(times)-1] >= askedWindow {
			delete(s.asked, client)
		}
	}
}

// forgetQuietest makes room for one.
func (s *strangers) forgetQuietest() {
	var quietest string
	since := time.Duration(math.MaxInt64)
	for client, times := range s.asked {
		if last := times[len(times)-1]; last < since {
			quietest, since = client, last
		}
	}
	delete(s.asked, quietest)
}

// AdmitStranger counts a request of somebody who need not be known to us, by the address that sent it (the zero Addr: a unix socket).
// One that sends too many is refused with a model.TooMany; an IPv6 network of /64 is one client.
func (a *App) AdmitStranger(from netip.Addr) error {
	return a.strangers.admit(clientOf(from), a.mono())
}
