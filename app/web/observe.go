package web

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/VictoriaMetrics/metrics"
	"github.com/labstack/echo/v4"
)

// requestIDs numbers requests under a prefix of the process: unique enough to find a log line by, and cheap.
type requestIDs struct {
	prefix string
	last   *atomic.Uint64
}

func newRequestIDs() requestIDs {
	var b [4]byte
	_, _ = rand.Read(b[:]) // never fails: crypto/rand, Go 1.24
	return requestIDs{hex.EncodeToString(b[:]) + "-", new(atomic.Uint64)}
}

func (ids requestIDs) next() string {
	return string(strconv.AppendUint([]byte(ids.prefix), ids.last.Add(1), 36))
}

// Counter counts requests by route and class of status. A route, not a path: what strangers ask for makes no new series.
type Counter struct {
	Set    *metrics.Set
	routes map[string]*classes // filled before the first request, so that reading needs no lock
}

// classes are a route's series by class of status: 2xx at 2.
type classes [6]*metrics.Histogram

// unmatched is the route of what no route matches.
const unmatched = "none"

// NewCounter counts into a set; nil for one of its own.
func NewCounter(set *metrics.Set) *Counter {
	if set == nil {
		set = metrics.NewSet()
	}
	return &Counter{Set: set, routes: map[string]*classes{}}
}

// know makes the series of the routes.
func (m *Counter) know(routes []*echo.Route) {
	m.add(unmatched)
	for _, r := range routes {
		m.add(r.Path)
	}
}

func (m *Counter) add(route string) {
	if m.routes[route] != nil {
		return
	}
	c := &classes{}
	for class := 2; class < len(c); class++ {
		c[class] = m.Set.NewHistogram(fmt.Sprintf(`statusd_http_request_duration_seconds{route=%q,code="%dxx"}`, route, class))
	}
	m.routes[route] = c
}

func (m *Counter) count(route string, code int, took time.Duration) {
	c := m.routes[route]
	if c == nil {
		c = m.routes[unmatched]
	}
	if class := code / 100; class >= 2 && class < len(c) {
		c[class].Update(took.Seconds())
	}
}

// observed measures every request and, when somebody debugs, logs it. Never the query, never a body: both may hold secrets.
func (s *Site) observed(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		began := time.Now()
		err := s.guarded(next, c)
		if err != nil {
			c.Error(err)
		}
		took := time.Since(began)
		s.Counter.count(c.Path(), c.Response().Status, took)
		ctx := c.Request().Context()
		if s.Log.Enabled(ctx, slog.LevelDebug) {
			s.Log.DebugContext(ctx, "request", "method", c.Request().Method, "route", c.Path(), "path", c.Request().URL.Path,
				"code", c.Response().Status, "took", took, "client", c.RealIP(), "request", c.Response().Header().Get("X-Request-Id"))
		}
		return nil
	}
}

// guarded turns a panic of a handler into an error: one request fails, the process goes on. A handler that gives up an answer half
// way says so by http.ErrAbortHandler, which is the server's: it cuts the connection, so that nobody takes the half for the whole.
func (s *Site) guarded(next echo.HandlerFunc, c echo.Context) (err error) {
	defer func() {
		switch p := recover(); p {
		case nil:
		case http.ErrAbortHandler:
			panic(p)
		default:
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return next(c)
}
