package public

import (
	"errors"
	"math"

	"github.com/labstack/echo/v4"

	"statusd/app/model"
	"statusd/app/snapshot"
	"statusd/app/web/view"
)

// image is a logo as the masthead shows it. Its size stands in the document, so that nothing moves when it arrives.
type image struct {
	URL           string
	Width, Height int  // as shown, in pixels
	Plate         bool // a dark theme puts a light ground behind it
}

// How large a logo is shown: as high as the mark that stands in for one, unless it is very wide.
const logoHeight, logoWidth = 32, 200

// newImage is nil when the page has no logo.
func newImage(f snapshot.Facts, who reader) *image {
	l := f.Logo
	if l.Hash == "" || l.Width < 1 || l.Height < 1 {
		return nil
	}
	scale := min(logoHeight/float64(l.Height), logoWidth/float64(l.Width))
	shown := func(side int) int { return max(1, int(math.Round(float64(side)*scale))) }
	return &image{URL: who.paths.Logo(f.Page.Slug, l), Width: shown(l.Width), Height: shown(l.Height), Plate: l.Plate}
}

// A logo came from outside. It is drawn anew before it is kept; should anything have slipped through, these keep it from doing anything
// in a tab of its own. Inline style is how an SVG is coloured.
const logoCSP = "default-src 'none'; style-src 'unsafe-inline'; sandbox"

func newLogoHeaders(cache string) view.Headers {
	return view.NewHeaders("Cache-Control", cache, "Content-Security-Policy", logoCSP, "X-Content-Type-Options", "nosniff", "Vary", "Accept-Encoding")
}

var logoHeaders, staleLogoHeaders = newLogoHeaders(view.Immutable), newLogoHeaders("no-cache")

// logo serves a page's logo. As with its brand, a URL with an older hash gets today's, and no leave to keep it.
func (s *Site) logo(c echo.Context) error {
	who := s.readerOf(c.Request())
	snap, err := s.snapshot(c, who, s.notFound)
	if snap == nil {
		return err
	}
	l := snap.Facts.Logo
	if l.Hash == "" {
		return s.notFound(c)
	}
	doc, err := s.pages.Logo(c.Request().Context(), snap.Facts.Page.ID, l)
	switch {
	case errors.Is(err, model.ErrNotFound):
		return s.notFound(c)
	case err != nil:
		return s.failed(c, who, err)
	}
	headers := staleLogoHeaders
	if c.Param("file") == view.LogoFile(l) {
		headers = logoHeaders
	}
	h := c.Response().Header()
	headers.Set(h)
	if snap.Facts.Page.NoIndex {
		noIndex.Set(h)
	}
	doc.ServeHTTP(c.Response(), c.Request())
	return nil
}
