// Package web is the outer edge of HTTP: which host and path a request is for, who sent it, what it may cost, and what is said about it in logs and metrics.
// It renders nothing and knows no use case; pages are made in public, JSON in package api.
// Start with Site.ServeHTTP, then Server.
//
// Implements SPEC §7 (custom domains, base path) and §9 (proxies, /healthz, /readyz, /metrics).
package web

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"statusd/app/web/view"
)

// App is what the edge asks of the product.
type App interface {
	PageOfDomain(host string) string // slug, "" for none
	OnlyPage(ctx context.Context) (slug string, err error)
	Ready(ctx context.Context) error
	WriteMetrics(io.Writer)
}

// Routes are a part of the product that adds its own.
type Routes func(*echo.Echo)

// Config is what a Site needs.
type Config struct {
	App     App
	Routes  []Routes
	BaseURL *url.URL       // the public URL; nil: unknown, and every host that is no custom domain is the base host
	Trusted []netip.Prefix // proxies whose forwarded headers count
	Metrics bool           // serve /metrics
	Counter *Counter       // nil: nobody counts
	Log     *slog.Logger
	View    *view.View // renders what goes wrong; nil: in plain words
}

// Place is where the base host's documents are read.
func (c Config) Place() view.Place {
	if c.BaseURL == nil {
		return view.Place{}
	}
	return view.Place{BasePath: strings.TrimSuffix(c.BaseURL.Path, "/"), BaseURL: strings.TrimSuffix(c.BaseURL.String(), "/")}
}

// Site routes requests. Safe for concurrent use.
type Site struct {
	Config
	basePath string
	baseHost string
	hsts     bool
	echo     *echo.Echo
	ids      requestIDs
	clients  *clients
}

// New builds the routes.
func New(c Config) *Site {
	s := &Site{Config: c, echo: echo.New(), ids: newRequestIDs(), clients: newClients(c.Trusted, c.Log)}
	if c.BaseURL != nil {
		s.basePath = c.Place().BasePath
		s.baseHost = strings.ToLower(c.BaseURL.Hostname())
		s.hsts = c.BaseURL.Scheme == "https"
	}
	if s.Counter == nil {
		s.Counter = NewCounter(nil)
	}
	e := s.echo
	e.HideBanner, e.HidePort = true, true
	e.IPExtractor = s.clients.address
	e.HTTPErrorHandler = s.unhandled
	e.Use(s.observed)
	for _, add := range c.Routes {
		add(e)
	}
	get := []string{http.MethodGet, http.MethodHead}
	e.Match(get, "/healthz", s.healthz)
	e.Match(get, "/readyz", s.readyz)
	e.Match(get, "/robots.txt", s.robots)
	e.Match(get, "/", s.root)
	if c.Metrics {
		e.Match(get, "/metrics", s.metrics)
	}
	s.Counter.know(e.Routes())
	return s
}

// Echo is the router, for tests that go through all its routes.
func (s *Site) Echo() *echo.Echo { return s.echo }

// maxBody is how much of a request's body anything here reads (RELIABILITY E11). The API refuses what is over it with 413.
const maxBody = 1<<20 + 1

// ServeHTTP finds out what a request is for and hands it on.
func (s *Site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	secure(w.Header(), s.hsts)
	w.Header()["X-Request-Id"] = []string{s.ids.next()}
	if r.Body != nil && r.ContentLength != 0 {
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	}
	host := hostOf(r.Host)
	if slug := s.App.PageOfDomain(host); slug != "" && host != s.baseHost {
		s.onDomain(w, r, host, slug)
		return
	}
	s.onBase(w, r)
}

// onBase serves the base host, where everything lives below the base path.
func (s *Site) onBase(w http.ResponseWriter, r *http.Request) {
	if s.basePath == "" {
		s.echo.ServeHTTP(w, r)
		return
	}
	path, below := strings.CutPrefix(r.URL.Path, s.basePath)
	switch {
	case below && path == "":
		http.Redirect(w, r, s.basePath+"/", http.StatusMovedPermanently)
	case below && path[0] == '/':
		s.echo.ServeHTTP(w, rewritten(r, path))
	default:
		http.NotFound(w, r)
	}
}

// onDomain serves a page's own domain: the page at /, what belongs to it, and nothing else of the instance.
func (s *Site) onDomain(w http.ResponseWriter, r *http.Request, host, slug string) {
	path := r.URL.Path
	switch {
	case path == "/":
		path = "/p/" + slug
	case isOfPage(path):
		path = "/p/" + slug + path
	}
	if other, ok := strings.CutPrefix(path, statusPath); ok && !belongsTo(path, slug) {
		_, rest, more := strings.Cut(other, "/")
		path = statusPath + noSlug
		if more {
			path += "/" + rest
		}
	} else if !belongsTo(path, slug) {
		path = "/p/" + slug + "/404" // no route: answered as any unknown address of the page
	}
	place := view.Place{CustomDomain: true, BaseURL: s.clients.scheme(r) + "://" + host}
	r = r.WithContext(view.WithPlace(r.Context(), place))
	s.echo.ServeHTTP(w, rewritten(r, path))
}

// statusPath is where snapshots are, and noSlug one of no page: what asks there for another page is told in JSON that there is none.
const (
	statusPath = "/api/v1/status/"
	noSlug     = "-"
)

// ofPage are what a page's own domain has without the page's path before it: what people open, share and subscribe to.
var ofPage = []string{"incidents", "history", "feed.atom", "feed.rss", "maintenance.ics", "subscribe", "confirm", "preferences", "unsubscribe"}

func isOfPage(path string) bool {
	rest, ok := strings.CutPrefix(path, "/")
	first, _, _ := strings.Cut(rest, "/")
	return ok && slices.Contains(ofPage, first)
}

func belongsTo(path, slug string) bool {
	for _, own := range []string{"/p/" + slug, statusPath + slug} {
		if rest, ok := strings.CutPrefix(path, own); ok && (rest == "" || rest[0] == '/') {
			return true
		}
	}
	return strings.HasPrefix(path, "/assets/") || path == "/healthz" || path == "/readyz" || path == "/robots.txt"
}

// rewritten is the request for another path. The original stays as it is: the server looks at it again.
func rewritten(r *http.Request, path string) *http.Request {
	own := new(http.Request)
	*own = *r
	u := *r.URL
	u.Path, u.RawPath = path, ""
	own.URL = &u
	return own
}

// hostOf is the host name of a Host header: lower case, without port and final dot.
func hostOf(header string) string {
	if i := strings.LastIndexByte(header, ':'); i >= 0 && !strings.HasSuffix(header, "]") {
		header = header[:i]
	}
	return strings.TrimSuffix(strings.ToLower(header), ".")
}

var fixedHeaders = view.NewHeaders("X-Content-Type-Options", "nosniff")

var hstsHeader = view.NewHeaders("Strict-Transport-Security", "max-age=31536000")

// secure sets the headers that every answer has. Policies about content are set where the content is made; documents name their
// referrer policy in their head. They are few: each costs as much as the rest of a cached answer's handling, and with more than
// eight headers the map that holds them grows.
func secure(h http.Header, hsts bool) {
	fixedHeaders.Set(h)
	if hsts {
		hstsHeader.Set(h)
	}
}
