package dashboard

import (
	"net/url"
	"strconv"

	"github.com/labstack/echo/v4"

	"statusd/app/model"
	"statusd/app/web/view"
)

func (s *Site) registerSettings(e *echo.Echo) {
	const at = "/d/w/:ws/p/:page"
	s.screen(e, at+"/preview", s.onPage(s.preview))
	s.screen(e, at+"/preview/brand-:file", s.onPage(s.previewBrand))
	s.screen(e, at+"/settings", s.onPage(s.pageGeneralScreen))
	s.act(e, at+"/settings", s.editing(s.saveGeneral))
	s.screen(e, at+"/settings/branding", s.onPage(s.branding))
	s.act(e, at+"/settings/branding", s.editing(s.saveBranding))
	s.screen(e, at+"/settings/branding/logo", s.onPage(s.toBranding))
	s.act(e, at+"/settings/branding/logo", s.editing(s.saveLogo))
	s.screen(e, at+"/settings/domain", s.onPage(s.domain))
	s.act(e, at+"/settings/domain", s.editing(s.saveDomain))
	s.screen(e, at+"/settings/audit", s.onPage(s.auditTrail))
	s.screen(e, at+"/settings/delete", s.editing(s.askDeletePage))
	s.act(e, at+"/settings/delete", s.editing(s.deletePage))
}

// settings is what the screens of the tab have in common.
type settings struct {
	frame
	Title, Text string
	Sections    []tab
	Form        *form
	Action      string
	May         bool // the person may change what is shown
}

func (s *Site) settings(v *visit, rest string, f *form) settings {
	page := settings{Form: f, Action: s.paths.Manage(v.page, "/settings"+rest), May: v.actor.May(model.Editor)}
	for _, section := range []struct{ rest, title, text string }{
		{"", "settings.general", "settings.general.text"},
		{"/branding", "settings.branding", "settings.branding.text"},
		{"/domain", "settings.domain", "settings.domain.text"},
		{"/audit", "settings.audit", "settings.audit.text"},
	} {
		t := tab{Name: v.t(section.title), URL: s.paths.Manage(v.page, "/settings"+section.rest), Current: section.rest == rest}
		page.Sections = append(page.Sections, t)
		if t.Current {
			page.Title, page.Text = t.Name, v.t(section.text)
		}
	}
	page.frame = s.pageFrame(v, "settings", page.Title)
	return page
}

// stored begins the values of a form about the page with when the page was last changed.
func stored(page model.Page, values url.Values) url.Values {
	values.Set("seen", strconv.FormatInt(page.Updated.UnixMilli(), 10))
	return values
}

// shownAs is a field for those who may not change it: what is stored, in words.
func (v *visit) shownAs(field view.Field, value string) view.Field {
	if value == "" {
		value = v.t("settings.unset")
	}
	field.Value = value
	return field
}
