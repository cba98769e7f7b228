package dashboard_test

import (
	"bufio"
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"statusd/app/model"
)

// target answers well until it is told to fail.
type target struct {
	*httptest.Server
	broken atomic.Bool
}

func newTarget(t *testing.T) *target {
	t.Helper()
	o := &target{}
	o.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if o.broken.Load() {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}))
	t.Cleanup(o.Close)
	return o
}

// watching lets the first check look at a target every second.
func (st *stage) watching(o *target) {
	st.t.Helper()
	_, err := st.app.UpdateCheck(st.t.Context(), st.by, st.checks[0].ID, func(c *model.Check) error {
		c.URL, c.Enabled, c.Interval, c.Timeout, c.Retries = o.URL, true, time.Second, 500*time.Millisecond, 0
		return nil
	})
	st.must(err)
}

// newLive is a stage on which time passes quickly.
func newLive(t *testing.T, ex extra) *stage {
	t.Helper()
	ex.minInterval = time.Second
	l := newLabWith(t, ex)
	l.member("owner@example.org", model.Owner)
	l.member("viewer@example.org", model.Viewer)
	st := &stage{lab: l, page: l.page("acme", "API", "Web"), by: l.ownerOf("Default")}
	st.read()
	st.viewer = l.as("viewer@example.org")
	return st
}

// ear listens to a stream of events.
type ear struct {
	t     *testing.T
	res   *http.Response
	lines *bufio.Scanner
}

func (c *client) listen(url string) *ear {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute) // a stream that should have ended fails its test
	c.t.Cleanup(cancel)
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	c.must(err)
	res, err := c.http.Do(r)
	c.must(err)
	c.t.Cleanup(func() { _ = res.Body.Close() })
	return &ear{c.t, res, bufio.NewScanner(res.Body)}
}

// hears waits for a line; it fails when the stream ends before.
func (e *ear) hears(line string) {
	e.t.Helper()
	for e.lines.Scan() {
		if e.lines.Text() == line {
			return
		}
	}
	e.t.Fatalf("the stream ended without %q: %v", line, e.lines.Err())
}

// ends waits for the end of the stream, which must be a proper one.
func (e *ear) ends() {
	e.t.Helper()
	for e.lines.Scan() { // what was still on its way
	}
	if err := e.lines.Err(); err != nil {
		e.t.Errorf("it was cut off: %v", err)
	}
}

func TestAnEventArrivesWhenACheckGoesDown(t *testing.T) {
	st, o := newLive(t, extra{}), newTarget(t)
	st.watching(o)
	st.eventually(func() bool { return strings.Contains(st.viewer.get(st.path("")).body, "operational") })
	e := st.viewer.listen(st.url + st.path("/live"))
	h := e.res.Header
	if e.res.StatusCode != 200 || h.Get("Content-Type") != "text/event-stream" || h.Get("Cache-Control") != "no-store" || h.Get("X-Accel-Buffering") != "no" {
		t.Errorf("%d %v", e.res.StatusCode, h)
	}
	e.hears("retry: 3000")
	o.broken.Store(true)
	for !strings.Contains(st.viewer.get(st.path("")).body, `data-status="down"`) { // each event says only: look
		e.hears("event: changed")
		e.hears("data:")
	}
}

func TestAStreamOutlivesTheTimeoutsOfTheServer(t *testing.T) {
	st := newLive(t, extra{heartbeat: 50 * time.Millisecond})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	st.must(err)
	server := &http.Server{Handler: st.site, ReadTimeout: 500 * time.Millisecond, WriteTimeout: 500 * time.Millisecond, ReadHeaderTimeout: time.Second}
	go func() { _ = server.Serve(l) }()
	t.Cleanup(func() { _ = server.Close() })
	e := st.viewer.listen("http://" + l.Addr().String() + st.path("/live"))
	for range 30 { // three times as long
		e.hears(":")
	}
}

func TestAStreamEndsWithTheSessionAndWithTheRole(t *testing.T) {
	for name, end := range map[string]func(*stage){
		"logout": func(st *stage) { st.viewer.wants(st.viewer.post("/logout"), 303) },
		"role":   func(st *stage) { st.must(st.app.RemoveMember(t.Context(), st.by, st.viewerID())) },
		"page":   func(st *stage) { st.must(st.app.DeletePage(t.Context(), st.by, st.page.ID)) },
	} {
		t.Run(name, func(t *testing.T) {
			st := newLive(t, extra{heartbeat: 50 * time.Millisecond})
			e := st.viewer.listen(st.url + st.path("/live"))
			e.hears(":")
			end(st)
			e.ends()
		})
	}
}

func TestStreamsEndBeforeTheServerStops(t *testing.T) {
	st := newLive(t, extra{})
	e := st.viewer.listen(st.url + st.path("/live"))
	e.hears("retry: 3000")
	began := time.Now()
	st.app.EndFollowing()
	e.ends()
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("it took %v", took)
	}
	e = st.viewer.listen(st.url + st.path("/live"))
	e.ends() // one that comes too late does not wait
}

func TestThereAreOnlySoManyStreams(t *testing.T) {
	st := newLive(t, extra{streams: 2})
	first, second := st.viewer.listen(st.url+st.path("/live")), st.viewer.listen(st.url+st.path("/live"))
	first.hears("retry: 3000")
	second.hears("retry: 3000")
	st.viewer.wants(st.viewer.get(st.path("/live")), http.StatusServiceUnavailable)
	st.must(first.res.Body.Close())
	st.eventually(func() bool { // the place is free again
		e := st.viewer.listen(st.url + st.path("/live"))
		return e.res.StatusCode == 200
	})
}

// viewerID is the viewer's account.
func (st *stage) viewerID() model.UserID {
	st.t.Helper()
	members, err := st.app.Members(st.t.Context(), st.by)
	st.must(err)
	for _, m := range members {
		if m.User.Email == "viewer@example.org" {
			return m.User.ID
		}
	}
	st.t.Fatal("there is no viewer")
	return 0
}
