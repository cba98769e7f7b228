package public

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"statusd/app/model"
	"statusd/app/snapshot"
	"statusd/app/web/view"
)

// screen is one kind of document about a page, and how it is served.
type screen struct {
	kind, domainKind string // names of its documents in a snapshot: links differ on a custom domain
	render           func(snapshot.Facts, reader) (snapshot.Content, error)
	missing          echo.HandlerFunc // answers when there is no such page
	headers          view.Headers
}

// How long caches may keep a document. A badge is asked for anew each time, because image proxies keep what they may.
const (
	cachePage  = "public, max-age=30"
	cacheBadge = "no-cache, max-age=0, s-maxage=30"
)

// onDomain tells apart the documents of a page's own domain.
const onDomain = " on its domain"

var pageHeaders = newHeaders(view.CSP, cachePage)

var noIndex = view.NewHeaders("X-Robots-Tag", "noindex")

func newScreen(kind string, render func(snapshot.Facts, reader) (snapshot.Content, error),
	missing echo.HandlerFunc, csp, cache string) screen {
	return screen{
		kind:       kind,
		domainKind: kind + onDomain,
		render:     render,
		missing:    missing,
		headers:    newHeaders(csp, cache),
	}
}

func newHeaders(csp, cache string) view.Headers {
	return view.NewHeaders("Cache-Control", cache, "Content-Security-Policy", csp, "Vary", "Accept-Language, Accept-Encoding")
}

func (sc *screen) key(who reader) snapshot.Key {
	if who.paths.CustomDomain {
		return snapshot.Key{Kind: sc.domainKind, Lang: who.lang}
	}
	return snapshot.Key{Kind: sc.kind, Lang: who.lang}
}

// serve hands out the finished document of a page.
func (s *Site) serve(sc screen) echo.HandlerFunc {
	return func(c echo.Context) error {
		who := s.readerOf(c.Request())
		snap, err := s.snapshot(c, who, sc.missing)
		if snap == nil {
			return err
		}
		doc := snap.Finished(sc.key(who))
		if doc == nil {
			if doc, err = s.finish(&sc, snap, who); err != nil {
				return s.failed(c, who, err)
			}
		}
		hand(c, snap, doc, sc.headers)
		return nil
	}
}

// hand answers with a document of a page.
func hand(c echo.Context, snap *snapshot.Snapshot, doc *snapshot.Document, headers view.Headers) {
	h := c.Response().Header()
	headers.Set(h)
	if snap.Facts.Page.NoIndex {
		noIndex.Set(h)
	}
	doc.ServeHTTP(c.Response(), c.Request())
}

// finish renders a document for the first reader who wants it. Apart from serve, so that the usual request builds no closure.
func (s *Site) finish(sc *screen, snap *snapshot.Snapshot, who reader) (*snapshot.Document, error) {
	return snap.Document(sc.key(who), func(f snapshot.Facts) (snapshot.Content, error) { return sc.render(f, who) })
}

// render makes a document of what was found.
type render func() (snapshot.Content, error)

// keyOf names the document of a kind in a snapshot.
func keyOf(kind string, who reader) snapshot.Key {
	if who.paths.CustomDomain {
		kind += onDomain
	}
	return snapshot.Key{Kind: kind, Lang: who.lang}
}

// found serves a document that needs more than the snapshot has: find looks it up when nobody has asked for it yet. What is not
// there is not remembered, so that asking for what does not exist fills no memory.
func (s *Site) found(c echo.Context, snap *snapshot.Snapshot, who reader, kind string, find func() (render, error)) error {
	key := keyOf(kind, who)
	doc := snap.Finished(key)
	if doc == nil {
		write, err := find()
		if err == nil {
			doc, err = snap.Document(key, func(snapshot.Facts) (snapshot.Content, error) { return write() })
		}
		switch {
		case errors.Is(err, model.ErrNotFound):
			return s.gone(c, snap, who)
		case err != nil:
			return s.failed(c, who, err)
		}
	}
	hand(c, snap, doc, pageHeaders)
	return nil
}

// gone answers 404 as the page would: the page is there, what was asked of it is not.
func (s *Site) gone(c echo.Context, snap *snapshot.Snapshot, who reader) error {
	doc, err := snap.Document(keyOf("gone", who), func(f snapshot.Facts) (snapshot.Content, error) { return s.renderGone(newScene(f, who)) })
	if err != nil {
		return s.failed(c, who, err)
	}
	view.ErrorHeaders.Set(c.Response().Header())
	doc.ServeStatus(c.Response(), c.Request(), http.StatusNotFound)
	return nil
}
