package dashboard

import (
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"statusd/app"
	"statusd/app/model"
	"statusd/app/web/view"
)

func (s *Site) registerUsers(e *echo.Echo) {
	s.screen(e, "/d/instance/users", s.asAdmin(s.users))
	s.screen(e, "/d/instance/users/:user", s.onUser(s.oneUser))
	s.act(e, "/d/instance/users/:user/admin", s.onUser(s.setAdmin))
	s.act(e, "/d/instance/users/:user/password", s.onUser(s.setPasswordOf))
	s.screen(e, "/d/instance/users/:user/delete", s.onUser(s.askDeleteUser))
	s.act(e, "/d/instance/users/:user/delete", s.onUser(s.deleteUser))
}

// usersPage lists every account.
type usersPage struct {
	frame
	Rows []userRow
}

type userRow struct {
	Email, URL  string
	Self, Admin bool
	Roles       []string // "Default: Owner"
	Created     stamp
}

func (s *Site) users(v *visit) error {
	all, err := s.App.AllUsers(v.c.Request().Context(), v.actor)
	if err != nil {
		return err
	}
	page := usersPage{frame: s.instanceFrame(v, "users", v.t("users.title"))}
	for _, a := range all {
		page.Rows = append(page.Rows, s.userRow(v, a))
	}
	return v.show("dashboard/instance/users.html", page)
}

func (s *Site) userRow(v *visit, a app.Account) userRow {
	row := userRow{
		Email: a.User.Email, URL: s.paths.Instance("/users/" + a.User.ID.String()), Self: a.User.ID == v.user.ID, Admin: a.User.Admin,
		Created: v.stamp(a.User.Created),
	}
	for _, m := range a.Memberships {
		row.Roles = append(row.Roles, v.t("users.role", "Workspace", m.Workspace.Name, "Role", v.roleName(m.Role)))
	}
	return row
}

// onUser finds the account of the path.
func (s *Site) onUser(h func(*visit, app.Account) error) handler {
	return s.asAdmin(func(v *visit) error {
		var id model.UserID
		if err := v.id("user", &id); err != nil {
			return err
		}
		all, err := s.App.AllUsers(v.c.Request().Context(), v.actor)
		if err != nil {
			return err
		}
		for _, a := range all {
			if a.User.ID == id {
				return h(v, a)
			}
		}
		return model.ErrNotFound
	})
}

// userPage is one account, as an admin sees it.
type userPage struct {
	frame
	userRow
	Form        *form // the one that was sent, if any
	Back        string
	AdminAct    string
	Password    view.Field
	PasswordAct string
	Delete      string // URL
	Own         string // URL of the person's own settings, when it is their account
}

func (s *Site) oneUser(v *visit, a app.Account) error {
	return s.userForm(v, a, v.filled(url.Values{}))
}

func (s *Site) userForm(v *visit, a app.Account, f *form) error {
	row := s.userRow(v, a)
	page := userPage{
		frame: s.instanceFrame(v, "users", a.User.Email), userRow: row, Form: f, Back: s.paths.Instance("/users"),
		Password: f.password("password", "field.password.new", "field.password.help", "new-password"),
		AdminAct: row.URL + "/admin", PasswordAct: row.URL + "/password", Delete: row.URL + "/delete",
	}
	if row.Self {
		page.Own = s.paths.Account("")
	}
	return v.render(f.code(), "dashboard/instance/user.html", page)
}

func (s *Site) setAdmin(v *visit, a app.Account) error {
	f, err := v.posted()
	if err != nil {
		return err
	}
	admin := f.raw("admin") == "on"
	err = s.App.SetAdmin(v.c.Request().Context(), v.actor, a.User.ID, admin)
	if f.refuse(err) {
		return s.userForm(v, a, f)
	}
	switch {
	case err != nil:
		return err
	case admin:
		return v.goTo(s.userRow(v, a).URL, "admin-on")
	case a.User.ID == v.user.ID: // the instance is no longer theirs to see
		return v.goTo(s.paths.Dashboard(), "")
	}
	return v.goTo(s.userRow(v, a).URL, "admin-off")
}

func (s *Site) setPasswordOf(v *visit, a app.Account) error {
	f, err := v.posted()
	if err != nil {
		return err
	}
	err = s.App.SetPasswordOf(v.c.Request().Context(), v.actor, a.User.ID, f.raw("password"))
	if f.refuse(err) {
		return s.userForm(v, a, f)
	}
	if err != nil {
		return err
	}
	return v.goTo(s.userRow(v, a).URL, "user-password")
}

func (s *Site) askDeleteUser(v *visit, a app.Account) error {
	return s.userDeletion(v, a, v.filled(url.Values{}))
}

// userDeletion asks for the e-mail address: an account has no other name.
func (s *Site) userDeletion(v *visit, a app.Account, f *form) error {
	at := s.userRow(v, a).URL
	return s.ask(v, deletion{
		frame: s.instanceFrame(v, "users", v.t("users.delete")), Form: f,
		Title: v.t("delete.named", "Name", a.User.Email), Text: v.t("users.delete.text"), Typed: f.typed("users.typed", a.User.Email),
		Action: at + "/delete", Back: at, Submit: v.t("users.delete"),
	})
}

func (s *Site) deleteUser(v *visit, a app.Account) error {
	f, err := v.posted()
	if err != nil {
		return err
	}
	if !strings.EqualFold(f.get("typed"), a.User.Email) {
		f.problems.Add("typed", "typed_email")
		return s.userDeletion(v, a, f)
	}
	err = s.App.DeleteUser(v.c.Request().Context(), v.actor, a.User.ID)
	if f.refuse(err) {
		return s.userDeletion(v, a, f)
	}
	if err != nil {
		return err
	}
	return v.goTo(s.paths.Instance("/users"), "user-deleted")
}
