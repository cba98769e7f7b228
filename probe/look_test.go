package probe_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"statusd/probe"
	"statusd/probe/probetest"
)

// failing answers 503 so many times, then 200.
func failing(t *testing.T, times int32) (string, *atomic.Int32) {
	var hits atomic.Int32
	return probetest.Handler(t, func(w http.ResponseWriter, _ *http.Request) {
		if hits.Add(1) <= times {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}), &hits
}

func TestAGoodRetryIsGood(t *testing.T) {
	url, hits := failing(t, 2)
	target := at(url)
	target.Retries, target.RetryPause = 5, 30*time.Millisecond
	before := time.Now()
	r := look(t, probe.Options{}, target)
	wantUp(t, r)
	if r.Attempts != 3 || hits.Load() != 3 || r.At.Sub(before) < 2*target.RetryPause {
		t.Errorf("attempts %d, hits %d, begun after %s", r.Attempts, hits.Load(), r.At.Sub(before))
	}
}

func TestWhatStaysDownIsDownSinceTheFirstAttempt(t *testing.T) {
	url, hits := failing(t, 100)
	target := at(url)
	target.Retries, target.RetryPause = 2, 30*time.Millisecond
	before := time.Now()
	r := look(t, probe.Options{}, target)
	took := time.Since(before)
	wantDown(t, r, url, "status 503, expected 200-299")
	pauses := 2 * target.RetryPause // both came after the first attempt began, and during neither was anything measured
	if r.Attempts != 3 || hits.Load() != 3 || took < pauses || r.At.Sub(before) > took-pauses || r.Latency > took-pauses {
		t.Errorf("attempts %d, hits %d, begun after %s, took %s, latency %s", r.Attempts, hits.Load(), r.At.Sub(before), took, r.Latency)
	}
}

func TestDownIsNotSinceAnAttemptThatCouldNotSee(t *testing.T) {
	target := at("http://shop.example.")
	target.Retries, target.RetryPause = 1, 300*time.Millisecond
	answers := probetest.Names{}.Resolver(t)
	began := sync.OnceValue(time.Now) // however late the first question comes
	blindAtFirst := &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, addr string) (net.Conn, error) {
		if time.Since(began()) < target.RetryPause/2 {
			return nil, syscall.ENETUNREACH
		}
		return answers.Dial(ctx, network, addr)
	}}
	before := time.Now()
	r := look(t, probe.Options{Resolver: blindAtFirst}, target)
	if r.Outcome != probe.Down || r.Sick || r.At.Sub(before) < target.RetryPause {
		t.Errorf("%v because %q, sick %t, since %s after the first attempt", r.Outcome, r.Reason, r.Sick, r.At.Sub(before))
	}
}

func TestTheCallersEndIsNoOutcome(t *testing.T) {
	ca := probetest.NewAuthority(t, "root")
	url, _ := failing(t, 100)
	between := at(url)
	between.Retries, between.RetryPause = 1, time.Hour
	long := func(url string) probe.Target { target := at(url); target.Timeout = time.Hour; return target }
	for name, target := range map[string]probe.Target{
		"connecting": long(probetest.Full(t)), "in TLS": long(secure(probetest.Silent(t))), "answer": long(probetest.Silent(t)),
		"body": long(probetest.Hold(t, []byte("HTTP/1.1 200 OK\r\n\r\nx"))), "TLS": long(ca.Secure(func(w http.ResponseWriter, r *http.Request) {
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		})),
		"between attempts": between,
		"resolving":        long("http://shop.example"),
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		began := time.Now()
		r, err := prober(t, probe.Options{Roots: ca.Pool(), Resolver: probetest.Names{Quiet: true}.Resolver(t)}).Look(ctx, target)
		cancel()
		if took := time.Since(began); !errors.Is(err, context.DeadlineExceeded) || r.Outcome != 0 || took > 2*time.Second {
			t.Errorf("%s: %v after %s, %+v", name, err, took, r)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := prober(t, probe.Options{}).Look(ctx, at(url)); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestAPanicIsAReasonAndNotTheEnd(t *testing.T) {
	p := prober(t, probe.Options{Proxy: probetest.NewProxy(t).URL, Now: func() time.Time { panic("clock") }})
	r, err := p.Look(t.Context(), at("http://169.254.169.254/"))
	if err != nil || r.Reason.Code != "internal" || !r.Sick {
		t.Errorf("%v %+v", err, r)
	}
}

func TestOneProberServesManyAtOnce(t *testing.T) {
	p, s := prober(t, probe.Options{}), probetest.New(t)
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			if r, err := p.Look(t.Context(), at(s.URL)); err != nil || r.Outcome != probe.Operational {
				t.Errorf("%v %v", err, r.Reason)
			}
		})
	}
	all.Wait()
	if s.Hits() != 50 {
		t.Error(s.Hits())
	}
	s.Down()
	wantDown(t, look(t, probe.Options{}, at(s.URL)), s.URL, "status 503, expected 200-299")
	s.Up()
	wantUp(t, look(t, probe.Options{}, at(s.URL)))
}
