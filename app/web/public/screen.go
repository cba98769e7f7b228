package public

import (
	"strings"

	"github.com/labstack/echo/v4"

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

var noIndex = view.NewHeaders("X-Robots-Tag", "noindex")

func newScreen(kind string, render func(snapshot.Facts, reader) (snapshot.Content, error),
	missing echo.HandlerFunc, csp, cache string) screen {
	return screen{
		kind:       kind,
		domainKind: kind + " on its domain",
		render:     render,
		missing:    missing,
		headers: view.NewHeaders(
			"Cache-Control", cache,
			"Content-Security-Policy", csp,
			"Vary", "Accept-Language, Accept-Encoding",
		),
	}
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
		h := c.Response().Header()
		sc.headers.Set(h)
		if snap.Facts.Page.NoIndex {
			noIndex.Set(h)
		}
		doc.ServeHTTP(c.Response(), c.Request())
		return nil
	}
}

// finish renders a document for the first reader who wants it. Apart from serve, so that the usual request builds no closure.
func (s *Site) finish(sc *screen, snap *snapshot.Snapshot, who reader) (*snapshot.Document, error) {
	return snap.Document(sc.key(who), func(f snapshot.Facts) (snapshot.Content, error) { return sc.render(f, who) })
}

var (
	brandHeaders      = view.NewHeaders("Cache-Control", view.Immutable, "Vary", "Accept-Encoding")
	staleBrandHeaders = view.NewHeaders("Cache-Control", "no-cache", "Vary", "Accept-Encoding")
)

// brand serves the style sheet of the page's colour. A URL with an older hash comes from a page that was cached before the
// colour changed: it gets today's colour, and no leave to keep it.
func (s *Site) brand(c echo.Context) error {
	who := s.readerOf(c.Request())
	hash, ok := strings.CutSuffix(c.Param("file"), ".css")
	if !ok {
		return s.notFound(c)
	}
	snap, err := s.snapshot(c, who, s.notFound)
	if snap == nil {
		return err
	}
	brand := view.NewBrand(snap.Facts.Page.Branding.PrimaryColor)
	doc, err := snap.Document(snapshot.Key{Kind: "brand"}, func(snapshot.Facts) (snapshot.Content, error) {
		return snapshot.Content{Type: "text/css; charset=utf-8", Body: []byte(brand.CSS)}, nil
	})
	if err != nil {
		return s.failed(c, who, err)
	}
	headers := staleBrandHeaders
	if hash == brand.Hash {
		headers = brandHeaders
	}
	headers.Set(c.Response().Header())
	doc.ServeHTTP(c.Response(), c.Request())
	return nil
}
