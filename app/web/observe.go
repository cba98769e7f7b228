package web

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"log/slog"
	"strconv"
	"sync"
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
	series sync.Map // counted to *metrics.Histogram
}

type counted struct {
	route string
	class int
}

// NewCounter counts into a set; nil for one of its own.
func NewCounter(set *metrics.Set) *Counter {
	if set == nil {
		set = metrics.NewSet()
	}
	return &Counter{Set: set}
}

func (m *Counter) count(route string, code int, took time.Duration) {
	key := counted{route, code / 100}
	found, ok := m.series.Load(key)
	if !ok {
		name := fmt.Sprintf(`statusd_http_request_duration_seconds{route=%q,code="%dxx"}`, route, key.class)
		found, _ = m.series.LoadOrStore(key, m.Set.GetOrCreateHistogram(name))
	}
	found.(*metrics.Histogram).Update(took.Seconds())
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

// guarded turns a panic of a handler into an error: one request fails, the process goes on.
func (s *Site) guarded(next echo.HandlerFunc, c echo.Context) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return next(c)
}
