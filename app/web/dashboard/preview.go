package dashboard

import (
	"net/http"
	"net/url"
	"strings"

	"statusd/app/brand"
	"statusd/app/model"
	"statusd/app/web/public"
	"statusd/app/web/view"
)

var previewHeaders = view.NewHeaders("Content-Security-Policy", view.CSPPreview)

// preview is the public page as visitors see it now, for the dashboard's own frames: the page itself lets nobody frame it. Branding
// in the query stands in for what is stored.
func (s *Site) preview(v *visit) error {
	query := v.c.QueryParams()
	facts, err := s.App.PreviewPage(v.c.Request().Context(), v.actor, v.page.ID, func(p *model.Page) error {
		typedBranding(query, &p.Branding)
		return nil
	})
	if problems, ok := model.AsInvalid(err); ok {
		first := problems[0]
		return s.trouble(v, trouble{
			Code: http.StatusUnprocessableEntity, Title: v.t("preview.refused"), Text: v.words.Invalid(first.Code, first.Args),
		})
	}
	if err != nil {
		return err
	}
	look := public.Look{Lang: v.lang, Place: s.Place, Brand: s.paths.PreviewBrand(v.page, colorOf(facts.Page.Branding)), Theme: themeOf(query)}
	content, err := s.Public.Preview(facts, look)
	if err != nil {
		return err
	}
	previewHeaders.Set(v.c.Response().Header())
	return v.c.Blob(http.StatusOK, content.Type, content.Body)
}

// previewBrand is the style sheet of any colour.
func (s *Site) previewBrand(v *visit) error {
	digits, ok := strings.CutSuffix(v.c.Param("file"), ".css")
	if !ok || !brand.IsColor("#"+digits) {
		return model.ErrNotFound
	}
	return v.c.Blob(http.StatusOK, "text/css; charset=utf-8", []byte(brand.New("#"+digits).CSS))
}

// The fields of a page's branding, as forms and the API name them.
const (
	fieldDisplayName = "branding.displayName"
	fieldTagline     = "branding.tagline"
	fieldColor       = "branding.primaryColor"
	fieldLogoURL     = "branding.logoUrl"
	fieldLogoLink    = "branding.logoLinkUrl"
)

// typedBranding writes what was typed over a branding. A value that is not there is not changed.
func typedBranding(typed url.Values, b *model.Branding) {
	for name, field := range map[string]*string{
		fieldDisplayName: &b.DisplayName, fieldTagline: &b.Tagline, fieldColor: &b.PrimaryColor,
		fieldLogoURL: &b.LogoURL, fieldLogoLink: &b.LogoLinkURL,
	} {
		if typed.Has(name) {
			*field = strings.TrimSpace(typed.Get(name))
		}
	}
}

// brandingValues is a branding as a form shows it.
func brandingValues(b model.Branding) url.Values {
	return url.Values{
		fieldDisplayName: {b.DisplayName}, fieldTagline: {b.Tagline}, fieldColor: {b.PrimaryColor},
		fieldLogoURL: {b.LogoURL}, fieldLogoLink: {b.LogoLinkURL},
	}
}

// colorOf is the colour that a branding comes to.
func colorOf(b model.Branding) string {
	if !brand.IsColor(b.PrimaryColor) {
		return model.DefaultColor
	}
	return strings.ToLower(b.PrimaryColor)
}

// themeOf is a theme that was asked for; "" for none.
func themeOf(typed url.Values) string {
	if theme := typed.Get("theme"); theme == "light" || theme == "dark" {
		return theme
	}
	return ""
}
