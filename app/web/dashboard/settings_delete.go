package dashboard

import (
	"net/url"

	"statusd/app/model"
	"statusd/app/web/view"
)

func (s *Site) askDeletePage(v *visit) error { return s.pageDeletion(v, v.filled(url.Values{})) }

func (s *Site) pageDeletion(v *visit, f *form) error {
	components, err := s.App.Components(v.c.Request().Context(), v.actor, v.page.ID, model.Window{Limit: most})
	if err != nil {
		return err
	}
	return s.ask(v, deletion{
		frame: s.pageFrame(v, "settings", v.t("delete.title")), Form: f,
		Title: v.t("delete.named", "Name", view.InSentence(v.page.Name)), Text: v.t("delete.text"),
		Lost: []string{
			v.t("delete.address", "Path", s.paths.Page(v.page.Slug)), v.n("delete.components", len(components.Items)), v.t("delete.history"),
		},
		Typed:  f.typedName(v.page.Name),
		Action: s.paths.Manage(v.page, "/settings/delete"), Back: s.paths.Manage(v.page, "/settings"), Submit: v.t("delete.submit"),
	})
}

func (s *Site) deletePage(v *visit) error {
	f, err := v.posted()
	if err != nil {
		return err
	}
	if !f.confirmed(v.page.Name) {
		return s.pageDeletion(v, f)
	}
	if err := s.App.DeletePage(v.c.Request().Context(), v.actor, v.page.ID); err != nil {
		return err
	}
	return v.goTo(s.paths.Workspace(v.workspace.ID, ""), "page-deleted")
}
