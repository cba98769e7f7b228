package public

import (
	"strings"

	"github.com/labstack/echo/v4"

	"statusd/app/brand"
	"statusd/app/snapshot"
	"statusd/app/web/view"
)

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
	colours := brand.New(snap.Facts.Page.Branding.PrimaryColor)
	doc, err := snap.Document(snapshot.Key{Kind: "brand"}, func(snapshot.Facts) (snapshot.Content, error) {
		return snapshot.Content{Type: "text/css; charset=utf-8", Body: []byte(colours.CSS)}, nil
	})
	if err != nil {
		return s.failed(c, who, err)
	}
	headers := staleBrandHeaders
	if hash == colours.Hash {
		headers = brandHeaders
	}
	headers.Set(c.Response().Header())
	doc.ServeHTTP(c.Response(), c.Request())
	return nil
}
