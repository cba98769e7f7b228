package dashboard

import (
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"statusd/app/web/view"
)

func (s *Site) registerPlace(e *echo.Echo) {
	s.screen(e, "/d/w/:ws/settings", s.asOwner(s.workspaceSettings))
	s.act(e, "/d/w/:ws/settings", s.asOwner(s.renameWorkspace))
	s.act(e, "/d/w/:ws/settings/delete", s.asOwner(s.deleteWorkspace))
	s.screen(e, "/d/w/:ws/audit", s.asOwner(s.workspaceTrail))
}

// placePage is the settings of a workspace.
type placePage struct {
	frame
	Form   *form // the one that was sent, if any
	Name   view.Field
	Action string
	Delete *placeDelete // nil: only an admin may
}

type placeDelete struct {
	Typed  view.Field
	Action string
}

func (s *Site) workspaceSettings(v *visit) error {
	return s.placeForm(v, http.StatusOK, v.filled(url.Values{"name": {v.workspace.Name}}))
}

func (s *Site) placeForm(v *visit, code int, f *form) error {
	name := f.field("name", "field.workspace", "field.workspace.help")
	name.MaxLength = 80
	page := placePage{
		frame: s.workspaceFrame(v, "settings", v.t("place.title")), Form: f, Name: name,
		Action: s.paths.Workspace(v.workspace.ID, "/settings"),
	}
	if v.user.Admin {
		typed := f.field("typed", "place.typed", "")
		typed.Help, typed.Autocomplete = v.t("place.typed.help", "Name", v.workspace.Name), "off"
		page.Delete = &placeDelete{Typed: typed, Action: s.paths.Workspace(v.workspace.ID, "/settings/delete")}
	}
	return v.render(code, "dashboard/place/place.html", page)
}

func (s *Site) renameWorkspace(v *visit) error {
	f, err := v.posted()
	if err != nil {
		return err
	}
	err = s.App.RenameWorkspace(v.c.Request().Context(), v.actor, f.get("name"))
	if f.refuse(err) {
		return s.placeForm(v, refused, f)
	}
	if err != nil {
		return err
	}
	return v.goTo(s.paths.Workspace(v.workspace.ID, "/settings"), "workspace-renamed")
}

func (s *Site) deleteWorkspace(v *visit) error {
	f, err := v.posted()
	if err != nil {
		return err
	}
	err = s.App.DeleteWorkspace(v.c.Request().Context(), v.actor, v.workspace.ID, f.get("typed"))
	if f.refuse(renamed(err, "name", "typed")) {
		f.values.Set("name", v.workspace.Name)
		return s.placeForm(v, refused, f)
	}
	if err != nil {
		return err
	}
	return v.goTo(s.paths.Dashboard(), "workspace-deleted")
}
