package dashboard

import (
	"net/url"

	"github.com/labstack/echo/v4"

	"statusd/app/model"
	"statusd/app/web/view"
)

func (s *Site) registerPlace(e *echo.Echo) {
	s.screen(e, "/d/w/:ws/settings", s.asOwner(s.workspaceSettings))
	s.act(e, "/d/w/:ws/settings", s.asOwner(s.renameWorkspace))
	s.screen(e, "/d/w/:ws/settings/delete", s.asOwner(s.askDeleteWorkspace))
	s.act(e, "/d/w/:ws/settings/delete", s.asOwner(s.deleteWorkspace))
	s.screen(e, "/d/w/:ws/audit", s.asOwner(s.workspaceTrail))
}

// placePage is the settings of a workspace.
type placePage struct {
	frame
	Form   *form
	Name   view.Field
	Action string
	Delete string // URL; "": only an admin may
}

func (s *Site) workspaceSettings(v *visit) error {
	return s.placeForm(v, v.filled(url.Values{"name": {v.workspace.Name}}))
}

func (s *Site) placeForm(v *visit, f *form) error {
	name := f.field("name", "field.workspace", "field.workspace.help")
	name.MaxLength = 80
	page := placePage{
		frame: s.workspaceFrame(v, "settings", v.t("place.title")), Form: f, Name: name,
		Action: s.paths.Workspace(v.workspace.ID, "/settings"),
	}
	if v.user.Admin {
		page.Delete = s.paths.Workspace(v.workspace.ID, "/settings/delete")
	}
	return v.render(f.code(), "dashboard/place/place.html", page)
}

func (s *Site) renameWorkspace(v *visit) error {
	f, err := v.posted()
	if err != nil {
		return err
	}
	err = s.App.RenameWorkspace(v.c.Request().Context(), v.actor, f.get("name"))
	if f.refuse(err) {
		return s.placeForm(v, f)
	}
	if err != nil {
		return err
	}
	return v.goTo(s.paths.Workspace(v.workspace.ID, "/settings"), "workspace-renamed")
}

func (s *Site) askDeleteWorkspace(v *visit) error {
	if !v.user.Admin {
		return model.ErrForbidden
	}
	return s.workspaceDeletion(v, v.filled(url.Values{}))
}

func (s *Site) workspaceDeletion(v *visit, f *form) error {
	at := s.paths.Workspace(v.workspace.ID, "/settings")
	return s.ask(v, deletion{
		frame: s.workspaceFrame(v, "settings", v.t("place.delete")), Form: f,
		Title: v.t("delete.named", "Name", view.InSentence(v.workspace.Name)), Text: v.t("place.delete.text"),
		Typed: f.typedName(v.workspace.Name), Action: at + "/delete", Back: at, Submit: v.t("place.delete"),
	})
}

// deleteWorkspace leaves it to the use case to compare the name.
func (s *Site) deleteWorkspace(v *visit) error {
	f, err := v.posted()
	if err != nil {
		return err
	}
	err = s.App.DeleteWorkspace(v.c.Request().Context(), v.actor, v.workspace.ID, f.get("typed"))
	if f.refuse(renamed(err, "name", "typed")) {
		return s.workspaceDeletion(v, f)
	}
	if err != nil {
		return err
	}
	return v.goTo(s.paths.Dashboard(), "workspace-deleted")
}
