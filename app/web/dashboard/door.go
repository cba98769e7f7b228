package dashboard

import (
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"statusd/app"
	"statusd/app/model"
	"statusd/app/web/view"
)

// registerDoor adds what works without being signed in.
func (s *Site) registerDoor(e *echo.Echo) {
	s.screen(e, "/setup", s.setup)
	s.act(e, "/setup", s.setUp)
	s.screen(e, "/login", s.login)
	s.act(e, "/login", s.signIn)
	s.act(e, "/logout", s.logout)
	s.screen(e, "/invite", s.invitation)
	s.act(e, "/invite", s.accept)
	s.screen(e, "/d", s.signedIn(s.home))
}

// door is a screen of somebody who is not signed in: one form.
type door struct {
	frame
	Form      *form
	Title     string
	Text      string
	Action    string
	Fields    []view.Field
	Hidden    []view.Field
	Submit    string
	Foot      string
	Languages []crumb
}

func (s *Site) door(v *visit, code int, d door) error {
	d.frame = s.frame(v, d.Title)
	d.Signed = false
	for _, lang := range s.Locales.Languages() {
		if lang != v.lang {
			q := v.c.QueryParams()
			q.Set("lang", lang)
			d.Languages = append(d.Languages, crumb{Name: s.Locales.Words(lang).T("language.name"), URL: s.paths.BasePath + v.c.Request().URL.Path + "?" + q.Encode()})
		}
	}
	return v.render(code, "dashboard/door/door.html", d)
}

// setup shows the form that makes the first account. Looking does not use the link up.
func (s *Site) setup(v *visit) error {
	if err := s.App.CanSetUp(v.c.Request().Context(), v.c.QueryParam("token")); err != nil {
		return s.noSetup(v, err)
	}
	f := v.filled(url.Values{"workspace": {app.DefaultWorkspace}, "baseUrl": {s.baseURL(v)}, "token": {v.c.QueryParam("token")}})
	return s.setupForm(v, f)
}

// noSetup says that a link does not work any more.
func (s *Site) noSetup(v *visit, err error) error {
	if !errors.Is(err, model.ErrNotFound) {
		return err
	}
	return s.trouble(v, trouble{Code: http.StatusNotFound, Title: v.t("setup.closed"), Text: v.t("setup.closed.text")})
}

func (s *Site) setupForm(v *visit, f *form) error {
	email := f.field("email", "field.email", "")
	email.Type, email.Autocomplete, email.Focus = "email", "username", f.ok()
	password := f.field("password", "field.password", "field.password.help")
	password.Type, password.Autocomplete = "password", "new-password"
	base := f.field("baseUrl", "field.baseUrl", "field.baseUrl.help")
	base.Mono = true
	return s.door(v, f.code(), door{
		Form: f, Title: v.t("setup.title"), Text: v.t("setup.text"), Action: s.paths.Setup(), Submit: v.t("setup.submit"),
		Fields: []view.Field{email, password, f.field("workspace", "field.workspace", "field.workspace.help"), base},
		Hidden: []view.Field{{Name: "token", Value: f.raw("token")}, {Name: "lang", Value: v.lang}},
	})
}

// setUp makes the first account and goes straight on to the first page.
func (s *Site) setUp(v *visit) error {
	f, err := v.posted()
	if err != nil {
		return err
	}
	v.speak(f.raw("lang"))
	in, err := s.App.SetUp(v.c.Request().Context(), f.raw("token"), app.SetUp{
		Email: f.get("email"), Password: f.raw("password"), Workspace: f.get("workspace"), BaseURL: f.get("baseUrl"),
		Language: v.lang, Client: v.client(),
	})
	if f.refuse(err) {
		return s.setupForm(v, f)
	}
	if err != nil {
		return s.noSetup(v, err)
	}
	v.setSession(in.Token)
	return v.goTo(s.paths.Dashboard(), "")
}

// speak switches the language of the answer.
func (v *visit) speak(lang string) {
	v.lang = v.site.Locales.Match(lang, v.c.Request().Header["Accept-Language"])
	v.words = v.site.Locales.Words(v.lang)
}

// login shows the sign-in form, or goes on when the person is signed in already.
func (s *Site) login(v *visit) error {
	err := s.signedIn(func(v *visit) error { return v.goTo(s.next(v.c.QueryParam("next")), "") })(v)
	if err == nil {
		return nil
	}
	waiting, err := s.App.SetupToken(v.c.Request().Context())
	if err != nil {
		return err
	}
	if waiting != "" {
		return s.trouble(v, trouble{Code: http.StatusOK, Title: v.t("setup.waiting"), Text: v.t("setup.waiting.text")})
	}
	return s.loginForm(v, http.StatusOK, v.filled(url.Values{"next": {v.c.QueryParam("next")}}), "")
}

// next is where somebody goes who has signed in.
func (s *Site) next(wanted string) string {
	if s.local(wanted) {
		return wanted
	}
	return s.paths.Dashboard()
}

func (s *Site) loginForm(v *visit, code int, f *form, text string) error {
	email := f.field("email", "field.email", "")
	email.Type, email.Autocomplete, email.Focus = "email", "username", f.ok()
	password := f.field("password", "field.password", "")
	password.Type, password.Autocomplete = "password", "current-password"
	hidden := []view.Field{{Name: "next", Value: f.raw("next")}}
	for _, name := range slices.Sorted(maps.Keys(f.values)) {
		if strings.HasPrefix(name, keptPrefix) {
			for _, value := range f.values[name] {
				hidden = append(hidden, view.Field{Name: name, Value: value})
			}
		}
	}
	return s.door(v, code, door{
		Form: f, Title: v.t("login.title"), Text: text, Action: s.paths.Login(), Submit: v.t("login.submit"),
		Fields: []view.Field{email, password}, Hidden: hidden, Foot: v.t("login.forgotten"),
	})
}

func (s *Site) signIn(v *visit) error {
	f, err := v.posted()
	if err != nil {
		return err
	}
	in, err := s.App.SignIn(v.c.Request().Context(), app.Credentials{
		Email: f.get("email"), Password: f.raw("password"), Client: v.client(),
	})
	if f.refuse(err) {
		return s.loginForm(v, f.code(), f, "")
	}
	if err != nil {
		return err
	}
	v.setSession(in.Token)
	if kept := s.kept(f); kept != nil {
		return s.sendAgain(v, *kept)
	}
	return v.goTo(s.next(f.raw("next")), "")
}

// home leads to the only workspace, or lets choose.
func (s *Site) home(v *visit) error {
	memberships, err := s.App.Memberships(v.c.Request().Context(), v.user.ID)
	if err != nil {
		return err
	}
	if len(memberships) == 1 {
		return v.goTo(s.paths.Workspace(memberships[0].Workspace.ID, ""), "")
	}
	page := workspaceChoice{frame: s.frame(v, v.t("workspaces.title"))}
	for _, m := range memberships {
		page.Rows = append(page.Rows, crumb{Name: m.Workspace.Name, URL: s.paths.Workspace(m.Workspace.ID, "")})
	}
	return v.show("dashboard/door/workspaces.html", page)
}

// workspaceChoice lets somebody choose who is in several.
type workspaceChoice struct {
	frame
	Rows []crumb
}

func (s *Site) logout(v *visit) error {
	if err := s.App.SignOut(v.c.Request().Context(), s.sessionToken(v.c.Request())); err != nil {
		return err
	}
	v.dropSession()
	return v.goTo(s.paths.Login(), "")
}

// invitation shows what somebody is invited to.
func (s *Site) invitation(v *visit) error {
	return s.inviteForm(v, v.filled(url.Values{"token": {v.c.QueryParam("token")}}))
}

func (s *Site) inviteForm(v *visit, f *form) error {
	invite, workspace, existing, err := s.App.InviteFor(v.c.Request().Context(), f.raw("token"))
	if err != nil {
		return err
	}
	password := f.field("password", "field.password", "field.password.help")
	password.Type, password.Autocomplete, password.Focus = "password", "new-password", true
	if existing {
		password = f.field("password", "field.password", "invite.existing")
		password.Type, password.Autocomplete, password.Focus = "password", "current-password", true
	}
	return s.door(v, f.code(), door{
		Form: f, Title: v.t("invite.title", "Workspace", workspace.Name),
		Text:   v.t("invite.text", "Email", invite.Email, "Role", v.t("role."+invite.Role.String())),
		Action: s.paths.Invite(f.raw("token")), Submit: v.t("invite.submit"),
		Fields: []view.Field{password},
		Hidden: []view.Field{{Name: "email", Value: invite.Email}, {Name: "token", Value: f.raw("token")}, {Name: "lang", Value: v.lang}},
	})
}

func (s *Site) accept(v *visit) error {
	f, err := v.posted()
	if err != nil {
		return err
	}
	v.speak(f.raw("lang"))
	in, err := s.App.AcceptInvite(v.c.Request().Context(), f.raw("token"), app.Accept{
		Password: f.raw("password"), Language: v.lang, Client: v.client(),
	})
	if f.refuse(err) {
		return s.inviteForm(v, f)
	}
	if err != nil {
		return err
	}
	v.setSession(in.Token)
	return v.goTo(s.paths.Dashboard(), "")
}
