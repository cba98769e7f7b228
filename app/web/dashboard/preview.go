package dashboard

import (
	"net/http"

	"statusd/app/web/view"
)

var previewHeaders = view.NewHeaders("Content-Security-Policy", view.CSPPreview)

// preview is the public page as visitors see it now, for the dashboard's own frames: the page itself lets nobody frame it.
func (s *Site) preview(v *visit) error {
	snap, err := s.App.Snapshot(v.c.Request().Context(), v.page.Slug)
	if err != nil {
		return err
	}
	content, err := s.Public.Preview(snap.Facts, v.lang, s.Place)
	if err != nil {
		return err
	}
	previewHeaders.Set(v.c.Response().Header())
	return v.c.Blob(http.StatusOK, content.Type, content.Body)
}
