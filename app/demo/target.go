package demo

import (
	"errors"
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"net"
	"net/http"
	"sync/atomic"
	"time"
)

// mood is how a service behaves, so long after the start: how much slower than usual it is, and whether it fails.
type mood func(since time.Duration) (extra time.Duration, down bool)

// limp is by how much a slow service is slower.
const limp = 500 * time.Millisecond

// steady is always well.
func steady(time.Duration) (time.Duration, bool) { return 0, false }

// moody is slow for half a minute, then well for longer.
func moody(since time.Duration) (time.Duration, bool) {
	if since%(80*time.Second) < 35*time.Second {
		return limp, false
	}
	return 0, false
}

// flaky fails for three quarters of a minute every four minutes, unless it is restarted.
func flaky(since time.Duration) (time.Duration, bool) {
	at := since % (4 * time.Minute)
	return 0, at >= 55*time.Second && at < 100*time.Second
}

// worse gets slower and slower for seven minutes, then somebody restarts it.
func worse(since time.Duration) (time.Duration, bool) {
	const cycle = 7 * time.Minute
	return time.Second * (since % cycle) / cycle, false
}

// Target is the server that the checks of the demo look at, on loopback.
type Target struct {
	began     time.Time
	restarted atomic.Int64 // how long after the beginning, in nanoseconds, the last restart was; 0: there was none
	server    *http.Server
	url       string
}

// Open starts the server on a free port.
func Open() (*Target, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("the demo has no server to look at: %w", err)
	}
	t := &Target{began: time.Now(), url: "http://" + listener.Addr().String()}
	t.server = &http.Server{Handler: t.routes(), ReadHeaderTimeout: timeout, ErrorLog: log.New(io.Discard, "", 0)}
	go func() { _ = t.server.Serve(listener) }() // it ends with Close; if it ended sooner, the checks would say so
	return t, nil
}

// URL is the server's address, without a slash at its end.
func (t *Target) URL() string { return t.url }

// Close ends the server and whatever it is answering.
func (t *Target) Close() error {
	if err := t.server.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
		return err
	}
	return nil
}

func (t *Target) routes() http.Handler {
	mux := http.NewServeMux()
	for _, c := range companies {
		for _, s := range c.services {
			for _, l := range s.checks {
				usual := time.Duration(float64(l.usual) * 1.25 * (1 + s.trend)) // as its history ends
				mux.HandleFunc(l.path, func(w http.ResponseWriter, r *http.Request) { t.answer(w, r, usual, l) })
			}
		}
	}
	mux.HandleFunc("POST "+restartPath, t.restart)
	return mux
}

// restartPath is what the restart target of the demo calls.
const restartPath = "/restart"

// restart brings back what can be restarted.
func (t *Target) restart(w http.ResponseWriter, _ *http.Request) {
	t.restarted.Store(int64(time.Since(t.began)))
	_, _ = io.WriteString(w, "dispatcher restarted\n") // whoever called is gone: nothing to do
}

// fresh is for how long after a restart nothing fails: until the end of what it was restarted for.
const fresh = time.Minute

// back says that a restart has brought a service back.
func (t *Target) back(since time.Duration) bool {
	at := time.Duration(t.restarted.Load())
	return at != 0 && since-at < fresh
}

// answer takes as long as the service's mood says.
func (t *Target) answer(w http.ResponseWriter, r *http.Request, usual time.Duration, l look) {
	since := time.Since(t.began)
	extra, down := l.mood(since)
	wait := time.NewTimer(time.Duration(float64(usual)*(0.85+0.3*rand.Float64())) + extra)
	defer wait.Stop()
	select {
	case <-wait.C:
	case <-r.Context().Done():
		return
	}
	if down && !(l.restarts && t.back(since)) {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	_, _ = io.WriteString(w, "ok\n") // whoever looked is gone: nothing to do
}
