// Package public is what everybody may see of a page over HTTP: the page itself, its incidents and history, the widget, the badge, the
// feeds, the calendar and their assets; and where people subscribe to it.
// It knows no session, no cookie and no store: but for subscribers' screens an answer depends on the page's snapshot, the language and
// the place alone, so it is rendered once and handed out as finished bytes.
// Start with Site.Register (the routes), then screen (how one is served) and newPage (what is on it), then subscriber.go.
//
// Implements SPEC §7, the HTML half, feeds and calendar, and the screens of §6.
package public

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"statusd/app/locale"
	"statusd/app/model"
	"statusd/app/snapshot"
	"statusd/app/status"
	"statusd/app/web/view"
)

// Pages hands out the current snapshot of a page; model.ErrNotFound when no page has the slug.
type Pages interface {
	Snapshot(ctx context.Context, slug string) (*snapshot.Snapshot, error)
	// Logo is the picture that a snapshot's Facts.Logo describes; model.ErrNotFound when the page has another by now.
	Logo(ctx context.Context, page model.PageID, l model.Logo) (*snapshot.Document, error)
	// PublicIncident is an incident of a page; model.ErrNotFound when it has no such incident.
	PublicIncident(ctx context.Context, slug string, id model.IncidentID) (model.Timeline, error)
	// PublicHistory is what began in an interval, and the windows announced for some part of it.
	PublicHistory(ctx context.Context, slug string, within status.Interval) (model.History, error)
	// PublicCalendar lists the windows that belong into calendars, soonest first.
	PublicCalendar(ctx context.Context, slug string) ([]model.Maintenance, error)
}

// Config is what a Site needs.
type Config struct {
	Pages   Pages
	Locales *locale.Bundle
	View    *view.View
	Place   view.Place // where documents are read when no router told otherwise (view.WithPlace)
	Log     *slog.Logger

	Subscriptions Subscriptions // nil: nobody can subscribe here
}

// Site serves the public pages. Safe for concurrent use.
type Site struct {
	pages   Pages
	locales *locale.Bundle
	view    *view.View
	place   view.Place
	log     *slog.Logger
	unknown *snapshot.Snapshot // documents about pages that do not exist

	subscriptions Subscriptions
}

// New makes the site of the public pages.
func New(c Config) *Site {
	return &Site{
		pages:   c.Pages,
		locales: c.Locales,
		view:    c.View,
		place:   c.Place,
		log:     c.Log,
		unknown: snapshot.New(snapshot.Facts{}),

		subscriptions: c.Subscriptions,
	}
}

// Register adds the routes, without the base path: whatever is in front strips it, sends the root of a custom domain to
// /p/<slug>, and says so with view.WithPlace.
func (s *Site) Register(e *echo.Echo) {
	get := []string{http.MethodGet, http.MethodHead}
	e.Match(get, "/p/:slug", s.serve(newScreen("page", s.renderPage, s.notFound, view.CSP, cachePage)))
	e.Match(get, "/p/:slug/embed", s.serve(newScreen("embed", s.renderEmbed, s.notFound, view.CSPFramable, cachePage)))
	e.Match(get, "/p/:slug/badge.svg", s.badgeOf(s.serve(newScreen("badge", s.renderBadge, s.unknownBadge, view.CSP, cacheBadge))))
	e.Match(get, "/p/:slug/incidents/:id", s.incident)
	e.Match(get, "/p/:slug/history", s.history)
	e.Match(get, "/p/:slug/feed.atom", s.serve(newScreen("atom", s.renderAtom, s.notFound, view.CSP, cachePage)))
	e.Match(get, "/p/:slug/feed.rss", s.serve(newScreen("rss", s.renderRSS, s.notFound, view.CSP, cachePage)))
	e.Match(get, "/p/:slug/maintenance.ics", s.calendar)
	e.Match(get, "/p/:slug/brand-:file", s.brand)
	e.Match(get, "/p/:slug/logo-:file", s.logo)
	e.Match(get, "/assets/*", s.asset)
	if s.subscriptions != nil {
		s.registerSubscribers(e)
	}
}

// reader is for whom a document is rendered: everything about a request that its bytes may depend on.
type reader struct {
	lang  string
	words *locale.Words
	paths view.Paths
}

// readerOf is the reader of a request.
func (s *Site) readerOf(r *http.Request) reader {
	lang := s.locales.Match(langQuery(r.URL.RawQuery), r.Header["Accept-Language"])
	place, ok := view.PlaceOf(r.Context())
	if !ok {
		place = s.place
	}
	return reader{lang, s.locales.Words(lang), view.Paths{Place: place}}
}

// langQuery is the lang parameter. Most requests have no query, and cost nothing.
func langQuery(query string) string {
	if query == "" {
		return ""
	}
	values, _ := url.ParseQuery(query) // what could be read is good enough
	return values.Get("lang")
}

// snapshot finds the page of a request. When there is none it has answered already, by missing, and returns nil.
func (s *Site) snapshot(c echo.Context, who reader, missing echo.HandlerFunc) (*snapshot.Snapshot, error) {
	snap, err := s.pages.Snapshot(c.Request().Context(), c.Param("slug"))
	switch {
	case errors.Is(err, model.ErrNotFound):
		return nil, missing(c)
	case err != nil:
		return nil, s.failed(c, who, err)
	}
	return snap, nil
}

func (s *Site) notFound(c echo.Context) error {
	who := s.readerOf(c.Request())
	return s.view.NotFound(c.Response(), c.Request(), who.lang, who.paths.Place)
}

// failed logs why and shows the id under which it was logged.
func (s *Site) failed(c echo.Context, who reader, err error) error {
	id := c.Response().Header().Get(echo.HeaderXRequestID)
	if c.Request().Context().Err() == nil {
		s.log.Error("public page failed", "slug", c.Param("slug"), "request", id, "error", err)
	}
	return s.view.Failed(c.Response(), c.Request(), who.lang, who.paths.Place, id)
}

// asset serves a bundle.
func (s *Site) asset(c echo.Context) error {
	if s.view.Assets.Serve(c.Response(), c.Request(), c.Param("*")) {
		return nil
	}
	return s.notFound(c)
}
