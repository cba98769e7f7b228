package dashboard

import (
	"errors"
	"io"
	"net/http"

	"statusd/app/model"
)

// logo is a page's present logo, as large as the public page shows it.
type logo struct {
	URL           string
	Width, Height int
}

// How large a logo is shown, in pixels.
const logoHeight, logoWidth = 32, 200

// showLogo adds to the screen of the branding what the page has, and how to give it another one.
func (s *Site) showLogo(v *visit, page *brandingPage, f *form) error {
	snap, err := s.App.Snapshot(v.c.Request().Context(), v.page.Slug)
	if err != nil {
		return err
	}
	page.File, page.Upload = f.field("logo", "logo.file", "logo.file.help"), s.paths.Manage(v.page, "/settings/branding/logo")
	l := snap.Facts.Logo
	if l.Hash == "" || l.Width < 1 || l.Height < 1 {
		return nil
	}
	scale := min(logoHeight/float64(l.Height), logoWidth/float64(l.Width))
	page.Picture = &logo{
		URL:   s.paths.Logo(v.page.Slug, l),
		Width: max(1, int(float64(l.Width)*scale+0.5)), Height: max(1, int(float64(l.Height)*scale+0.5)),
	}
	return nil
}

// toBranding is for those who come to the upload by a link, or after signing in again: a file cannot be kept for them.
func (s *Site) toBranding(v *visit) error {
	return v.goTo(s.paths.Manage(v.page, "/settings/branding"), "")
}

func (s *Site) saveLogo(v *visit) error {
	file, remove, err := logoFile(v.c.Request())
	said := "logo-saved"
	switch ctx := v.c.Request().Context(); {
	case err != nil:
	case remove:
		said = "logo-removed"
		_, err = s.App.RemoveLogo(ctx, v.actor, v.page.ID)
	default:
		_, err = s.App.SetLogo(ctx, v.actor, v.page.ID, file)
	}
	f := v.filled(stored(v.page, brandingValues(v.page.Branding)))
	if f.refuse(renamed(err, fieldLogoURL, "logo")) {
		return s.brandingForm(v, f, v.page.Branding)
	}
	if err != nil {
		return err
	}
	return v.goTo(s.paths.Manage(v.page, "/settings/branding"), said)
}

// maxLogo is what SetLogo takes, in KiB; a form with much more is not even read.
const maxLogo = 512

// logoFile reads the form of the upload. A model.Invalid when it brought nothing that can be read.
func logoFile(r *http.Request) (file []byte, remove bool, err error) {
	var problems model.Invalid
	err = r.ParseMultipartForm(1 << 20)
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		problems.Add("logo", "logo_too_large", "max", maxLogo)
		return nil, false, problems
	}
	if err == nil && r.PostForm.Get("do") == "remove" {
		return nil, true, nil
	}
	if err == nil {
		file, err = formFile(r, "logo")
	}
	if err != nil || len(file) == 0 {
		problems.Add("logo", "required")
		return nil, false, problems
	}
	return file, false, nil
}

func formFile(r *http.Request, name string) ([]byte, error) {
	part, _, err := r.FormFile(name)
	if err != nil {
		return nil, err
	}
	defer part.Close()
	return io.ReadAll(part)
}
