// Package dashboard is the half of the website for people with an account: they sign in, build pages and see why one is red.
// It parses forms, calls one use case and renders what came out; it holds no rule, no SQL and no state of its own.
// Start with Site.Register (the routes), then visit.go (who asks, and in which workspace), form.go (what was typed and what is
// wrong with it) and frame.go (what stands around every screen).
//
// Implements SPEC §8.
package dashboard

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/labstack/echo/v4"

	"statusd/app"
	"statusd/app/locale"
	"statusd/app/model"
	"statusd/app/web/public"
	"statusd/app/web/view"
)

// Config is what a Site needs.
type Config struct {
	App     *app.App
	View    *view.View
	Locales *locale.Bundle
	Public  *public.Site // renders previews
	Place   view.Place
	Secure  func(*http.Request) bool // whether the visitor's side of the connection is encrypted
	Version string
	Log     *slog.Logger

	Heartbeat time.Duration // between signs of life of a stream of events; 0 for 20 s
	Streams   int           // of events, at most at once; 0 for 256
}

// Site serves the dashboard. Safe for concurrent use.
type Site struct {
	Config
	paths  view.Paths
	cookie string // path of the session's cookie

	streams atomic.Int64 // of events, that run
}

// New makes the dashboard.
func New(c Config) *Site {
	path := c.Place.BasePath
	if path == "" {
		path = "/"
	}
	c.Heartbeat, c.Streams = cmp.Or(c.Heartbeat, liveBeat), cmp.Or(c.Streams, liveStreams)
	return &Site{Config: c, paths: view.Paths{Place: c.Place}, cookie: path}
}

// Register adds the routes, without the base path.
func (s *Site) Register(e *echo.Echo) {
	s.registerDoor(e)
	s.registerWorkspace(e)
	s.registerKeys(e)
	missing := s.handle(s.signedIn(func(*visit) error { return model.ErrNotFound }))
	e.RouteNotFound("/d", missing)
	e.RouteNotFound("/d/*", missing)
	s.registerAccount(e)
	s.registerMembers(e)
	s.registerTokens(e)
	s.registerPlace(e)
	s.registerInstance(e)
	s.registerServices(e)
	s.registerOverview(e)
	s.registerIncidents(e)
	s.registerMaintenance(e)
	s.registerRestarts(e)
	s.registerSettings(e)
	s.registerSubscribers(e)
}

// gets are the methods of a screen.
var gets = []string{http.MethodGet, http.MethodHead}

// screen serves GET and HEAD of a path, act its POST. Nothing else changes state (RELIABILITY E6).
func (s *Site) screen(e *echo.Echo, path string, h handler) { e.Match(gets, path, s.handle(h)) }

func (s *Site) act(e *echo.Echo, path string, h handler) { e.POST(path, s.handle(h)) }

// handler answers one request of a visitor.
type handler func(*visit) error

// crossOrigin refuses requests that another site made a browser send (Fetch metadata, Origin).
var crossOrigin = http.NewCrossOriginProtection()

// handle makes an echo handler: policies, the visitor, and one place that answers errors.
func (s *Site) handle(h handler) echo.HandlerFunc {
	return func(c echo.Context) error {
		headers.Set(c.Response().Header())
		v := s.visitOf(c)
		if err := crossOrigin.Check(c.Request()); err != nil {
			return s.answer(v, fmt.Errorf("%w: %w", errCrossOrigin, err))
		}
		if err := h(v); err != nil {
			return s.answer(v, err)
		}
		return nil
	}
}

var errCrossOrigin = errors.New("sent from another site")

// headers keep what is private out of caches and out of other sites' frames.
var headers = view.NewHeaders(
	"Cache-Control", "no-store",
	"Content-Security-Policy", view.CSPDashboard,
	"Referrer-Policy", "same-origin",
)

// local says whether a path stays on this site: where people go after signing in is part of an address that anybody can make.
func (s *Site) local(path string) bool {
	return strings.HasPrefix(path, s.paths.Dashboard()) && !strings.ContainsAny(path, "\\\r\n\t") && !strings.Contains(path, "//")
}
