package web

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"

	"statusd/app/web/view"
)

// product answers what the edge asks.
type product struct {
	domains map[string]string
	only    string
	ready   error
}

func (p product) PageOfDomain(host string) string          { return p.domains[host] }
func (p product) OnlyPage(context.Context) (string, error) { return p.only, nil }
func (p product) Ready(context.Context) error              { return p.ready }
func (p product) WriteMetrics(w io.Writer)                 { fmt.Fprintln(w, "statusd_checks 3") }
func quiet() *slog.Logger                                  { return slog.New(slog.DiscardHandler) }
func address(t *testing.T, text string) *url.URL {
	t.Helper()
	u, err := url.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// echoes are routes that say what reached them.
func echoes(e *echo.Echo) {
	say := func(c echo.Context) error {
		place, told := view.PlaceOf(c.Request().Context())
		return c.String(200, fmt.Sprintf("%s slug=%s domain=%v base=%s told=%v", c.Path(), c.Param("slug"), place.CustomDomain, place.BaseURL, told))
	}
	e.GET("/p/:slug", say)
	for _, own := range []string{"embed", "incidents/:id", "history", "feed.atom", "feed.rss", "maintenance.ics"} {
		e.GET("/p/:slug/"+own, say)
	}
	e.GET("/api/v1/status/:slug", say)
	e.GET("/api/v1/pages", say)
	e.GET("/assets/*", say)
	e.GET("/panic", func(echo.Context) error { panic("oh") })
	e.GET("/half", func(c echo.Context) error {
		_, _ = io.WriteString(c.Response(), strings.Repeat("half ", 1000))
		c.Response().Flush()
		panic(http.ErrAbortHandler)
	})
	e.GET("/fail", func(echo.Context) error { return errors.New("inner words") })
	e.POST("/read", func(c echo.Context) error {
		n, err := io.Copy(io.Discard, c.Request().Body)
		if err != nil {
			return echo.NewHTTPError(http.StatusRequestEntityTooLarge)
		}
		return c.String(200, fmt.Sprint(n))
	})
}

func site(t *testing.T, c Config) *Site {
	t.Helper()
	c.Routes = append(c.Routes, echoes)
	if c.Log == nil {
		c.Log = quiet()
	}
	if c.App == nil {
		c.App = product{domains: map[string]string{"status.shop.example": "shop"}, only: "shop"}
	}
	return New(c)
}

func get(s http.Handler, target string, change ...func(*http.Request)) *httptest.ResponseRecorder {
	r := httptest.NewRequest("GET", target, nil)
	for _, f := range change {
		f(r)
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

func TestACustomDomainShowsItsPageAndNothingElseOfTheInstance(t *testing.T) {
	s := site(t, Config{BaseURL: address(t, "https://base.example/status")})
	for target, want := range map[string]string{
		"http://status.shop.example/":                    "/p/:slug slug=shop domain=true base=http://status.shop.example told=true",
		"http://STATUS.shop.example.:8080/":              "/p/:slug slug=shop domain=true base=http://status.shop.example told=true",
		"http://status.shop.example/p/shop/embed":        "/p/:slug/embed slug=shop domain=true base=http://status.shop.example told=true",
		"http://status.shop.example/incidents/0000000b":  "/p/:slug/incidents/:id slug=shop domain=true base=http://status.shop.example told=true",
		"http://status.shop.example/history":             "/p/:slug/history slug=shop domain=true base=http://status.shop.example told=true",
		"http://status.shop.example/feed.atom":           "/p/:slug/feed.atom slug=shop domain=true base=http://status.shop.example told=true",
		"http://status.shop.example/feed.rss":            "/p/:slug/feed.rss slug=shop domain=true base=http://status.shop.example told=true",
		"http://status.shop.example/maintenance.ics":     "/p/:slug/maintenance.ics slug=shop domain=true base=http://status.shop.example told=true",
		"http://status.shop.example/p/shop/history":      "/p/:slug/history slug=shop domain=true base=http://status.shop.example told=true",
		"http://status.shop.example/api/v1/status/shop":  "/api/v1/status/:slug slug=shop domain=true base=http://status.shop.example told=true",
		"http://status.shop.example/api/v1/status/other": "/api/v1/status/:slug slug=- domain=true base=http://status.shop.example told=true", // which is no page, and told in JSON
		"http://status.shop.example/assets/page.css":     "/assets/* slug= domain=true base=http://status.shop.example told=true",
	} {
		if w := get(s, target); w.Code != 200 || w.Body.String() != want {
			t.Errorf("%s: %d %q", target, w.Code, w.Body)
		}
	}
	for _, target := range []string{"/p/other", "/p/shopping", "/api/v1/pages", "/metrics", "/status/p/shop", "/d", "/setup", "/incidents", "/histories"} {
		if w := get(s, "http://status.shop.example"+target); w.Code != 404 {
			t.Errorf("%s: %d", target, w.Code)
		}
	}
}

func TestEverythingOfTheBaseHostLivesBelowItsPath(t *testing.T) {
	s := site(t, Config{BaseURL: address(t, "https://base.example/status/"), Metrics: true})
	for target, want := range map[string]int{
		"/status/p/shop": 200, "/status/healthz": 200, "/status/metrics": 200, "/status/": 302, "/status": 301,
		"/p/shop": 404, "/healthz": 404, "/statuspages": 404, "/": 404,
	} {
		if w := get(s, "https://base.example"+target); w.Code != want {
			t.Errorf("%s: %d, want %d", target, w.Code, want)
		}
	}
	if to := get(s, "https://base.example/status/").Header().Get("Location"); to != "/status/p/shop" {
		t.Errorf("the root leads to %q", to)
	}
}

func TestTheRootLeadsToTheOnlyPageOrTheDashboard(t *testing.T) {
	if w := get(site(t, Config{}), "/"); w.Code != 302 || w.Header().Get("Location") != "/p/shop" {
		t.Errorf("%d %q", w.Code, w.Header().Get("Location"))
	}
	if w := get(site(t, Config{App: product{}}), "/"); w.Code != 302 || w.Header().Get("Location") != "/d" {
		t.Errorf("%d %q", w.Code, w.Body)
	}
}

func TestReadyzSaysWhyNotAndHealthzStays(t *testing.T) {
	s := site(t, Config{App: product{ready: errors.New("the disk is full")}})
	if w := get(s, "/readyz"); w.Code != 503 || w.Body.String() != "the disk is full\n" {
		t.Errorf("readyz: %d %q", w.Code, w.Body)
	}
	if w := get(s, "/healthz"); w.Code != 200 {
		t.Errorf("healthz: %d", w.Code)
	}
}

func TestMetricsAreOffUnlessWanted(t *testing.T) {
	if w := get(site(t, Config{}), "/metrics"); w.Code != 404 {
		t.Errorf("off: %d", w.Code)
	}
	s := site(t, Config{Metrics: true})
	get(s, "/p/one")
	get(s, "/p/two")
	get(s, "/nowhere/at/all")
	body := get(s, "/metrics").Body.String()
	for _, want := range []string{"statusd_checks 3", `statusd_http_request_duration_seconds_count{route="/p/:slug",code="2xx"} 2`} {
		if !strings.Contains(body, want) {
			t.Errorf("no %q in\n%s", want, body)
		}
	}
	if strings.Contains(body, "/p/one") || strings.Contains(body, "nowhere") {
		t.Error("strangers' paths make series")
	}
}

func TestEveryAnswerCarriesAnIdAndSecurityHeaders(t *testing.T) {
	s := site(t, Config{BaseURL: address(t, "https://base.example")})
	seen := map[string]bool{}
	for _, target := range []string{"/p/shop", "/nowhere", "/fail", "/panic"} {
		h := get(s, "https://base.example"+target).Header()
		if id := h.Get("X-Request-Id"); id == "" || seen[id] {
			t.Errorf("%s: request id %q", target, id)
		} else {
			seen[id] = true
		}
		if h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Strict-Transport-Security") == "" {
			t.Errorf("%s: headers %v", target, h)
		}
	}
}

func TestFailuresSayNoInnerWordsToStrangersAndAllToTheLog(t *testing.T) {
	var log bytes.Buffer
	s := site(t, Config{Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	for _, target := range []string{"/fail?token=s3cret", "/panic?token=s3cret"} {
		w := get(s, target)
		if w.Code != 500 || strings.Contains(w.Body.String(), "inner") || !strings.Contains(w.Body.String(), w.Header().Get("X-Request-Id")) {
			t.Errorf("%s: %d %q", target, w.Code, w.Body)
		}
	}
	if out := log.String(); !strings.Contains(out, "inner words") || !strings.Contains(out, "panic: oh") {
		t.Errorf("log:\n%s", out)
	} else if strings.Contains(out, "s3cret") {
		t.Error("a query string was logged")
	}
}

// ASVS 16.4.1: a line of the log is one event, whatever strangers send.
func TestStrangersCannotWriteALineOfTheLog(t *testing.T) {
	forged := "\nlevel=ERROR msg=forged"
	for _, handler := range []func(io.Writer, *slog.HandlerOptions) slog.Handler{
		func(w io.Writer, o *slog.HandlerOptions) slog.Handler { return slog.NewTextHandler(w, o) },
		func(w io.Writer, o *slog.HandlerOptions) slog.Handler { return slog.NewJSONHandler(w, o) },
	} {
		var log bytes.Buffer
		s := site(t, Config{Log: slog.New(handler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
		r := httptest.NewRequest("GET", "/p/"+url.PathEscape(forged), nil)
		r.Header.Set("X-Forwarded-For", forged)
		r.Header.Set("User-Agent", forged)
		s.ServeHTTP(httptest.NewRecorder(), r)
		for line := range strings.Lines(log.String()) {
			if strings.HasPrefix(line, "level=ERROR") || strings.HasPrefix(line, "{\"msg\":\"forged") || !strings.HasSuffix(line, "\n") {
				t.Errorf("log:\n%s", &log)
			}
		}
		if n := strings.Count(log.String(), "msg"); n == 0 || strings.Count(log.String(), "\n") > n {
			t.Errorf("log:\n%s", &log)
		}
	}
}

func TestBodiesAreBounded(t *testing.T) {
	s := site(t, Config{})
	for size, want := range map[int]int{100: 200, 1 << 20: 200, maxBody + 1: 413} {
		r := httptest.NewRequest("POST", "/read", bytes.NewReader(make([]byte, size)))
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code != want {
			t.Errorf("%d bytes: %d", size, w.Code)
		}
	}
}

func TestHalfAnAnswerIsNotTakenForTheWhole(t *testing.T) {
	server := httptest.NewServer(site(t, Config{}))
	defer server.Close()
	res, err := http.Get(server.URL + "/half")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if body, err := io.ReadAll(res.Body); err == nil {
		t.Errorf("%d bytes, and nothing says that they are not all", len(body))
	}
}
