package dashboard

import (
	"net/http"
	"net/url"

	"statusd/app/model"
	"statusd/app/web/view"
)

// deletionPage asks once more before a page goes for good.
type deletionPage struct {
	settings
	Name       string
	Components string
	Address    string
	Typed      view.Field
	Back       string // URL
}

func (s *Site) deletion(v *visit) error {
	return s.deletionForm(v, http.StatusOK, v.filled(url.Values{}))
}

func (s *Site) deletionForm(v *visit, code int, f *form) error {
	components, err := s.App.Components(v.c.Request().Context(), v.actor, v.page.ID, model.Window{Limit: most})
	if err != nil {
		return err
	}
	page := deletionPage{
		Name: view.Name(v.page.Name), Components: v.n("delete.components", len(components.Items)), Address: s.paths.Page(v.page.Slug),
		Typed: f.field("name", "delete.name", "delete.name.help"), Back: s.paths.Manage(v.page, "/settings"),
	}
	page.Typed.Autocomplete = "off"
	page.settings = s.settings(v, "", f)
	page.Action = s.paths.Manage(v.page, "/settings/delete")
	page.frame = s.pageFrame(v, "settings", v.t("delete.title"))
	return v.render(code, "dashboard/settings/delete.html", page)
}

func (s *Site) deletePage(v *visit) error {
	f, err := v.posted()
	if err != nil {
		return err
	}
	if view.Name(f.raw("name")) != view.Name(v.page.Name) { // as it is read on the screen
		f.problems.Add("name", "typed_name")
		return s.deletionForm(v, http.StatusUnprocessableEntity, f)
	}
	if err := s.App.DeletePage(v.c.Request().Context(), v.actor, v.page.ID); err != nil {
		return err
	}
	return v.goTo(s.paths.Workspace(v.workspace.ID, ""), "page-deleted")
}
