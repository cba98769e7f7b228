package dashboard

import (
	"net/url"

	"github.com/labstack/echo/v4"

	"statusd/app/model"
	"statusd/app/web/view"
)

func (s *Site) registerAccount(e *echo.Echo) {
	s.screen(e, "/d/account", s.signedIn(s.ownAccount))
	s.act(e, "/d/account/language", s.signedIn(s.chooseLanguage))
	s.act(e, "/d/account/password", s.signedIn(s.changePassword))
	s.act(e, "/d/account/sessions", s.signedIn(s.endSession))
}

// accountPage is everybody's own settings.
type accountPage struct {
	frame
	Form          *form // of the password, the only one that can be refused
	Language      view.Field
	Old, Password view.Field
	Shortcuts     view.Field
	Sessions      []sessionRow
	Others        bool // there are other sessions
	Actions       accountActions
}

type accountActions struct{ Language, Password, Sessions string }

// sessionRow is a browser that is signed in.
type sessionRow struct {
	ID, Device, Address string
	Current             bool
	Since, Seen         stamp
}

func (s *Site) ownAccount(v *visit) error {
	return s.accountForm(v, v.filled(url.Values{}))
}

func (s *Site) accountForm(v *visit, f *form) error {
	sessions, err := s.App.Sessions(v.c.Request().Context(), v.user.ID)
	if err != nil {
		return err
	}
	page := accountPage{
		frame: s.frame(v, v.t("account.title")), Form: f, Language: s.languageField(v), Others: len(sessions) > 1,
		Old:       f.password("oldPassword", "field.password.old", "", "current-password"),
		Password:  f.password("password", "field.password.new", "field.password.help", "new-password"),
		Shortcuts: view.Field{Name: "shortcuts", Label: v.t("account.shortcuts.on"), Checked: true, Help: v.t("account.shortcuts.help")},
		Actions: accountActions{
			Language: s.paths.Account("/language"), Password: s.paths.Account("/password"), Sessions: s.paths.Account("/sessions"),
		},
	}
	for _, one := range sessions {
		page.Sessions = append(page.Sessions, sessionRow{
			ID: one.ID.String(), Device: v.device(one.Agent), Address: one.Address, Current: one.ID == v.session.ID,
			Since: v.stamp(one.Created), Seen: v.stamp(one.Seen),
		})
	}
	return v.render(f.code(), "dashboard/account/account.html", page)
}

// languageField offers every language under its own name, and the browser's.
func (s *Site) languageField(v *visit) view.Field {
	field := view.Field{Name: "language", Label: v.t("field.language"), Help: v.t("field.language.help")}
	field.Options = []view.Option{{Label: v.t("account.language.browser"), Chosen: v.user.Language == ""}}
	for _, lang := range s.Locales.Languages() {
		field.Options = append(field.Options, view.Option{
			Value: lang, Label: s.Locales.Words(lang).T("language.name"), Chosen: v.user.Language == lang,
		})
	}
	return field
}

func (s *Site) chooseLanguage(v *visit) error {
	f, err := v.posted()
	if err != nil {
		return err
	}
	err = s.App.SetLanguage(v.c.Request().Context(), v.user.ID, f.get("language"))
	if f.refuse(err) {
		return s.accountForm(v, f)
	}
	if err != nil {
		return err
	}
	return v.goTo(s.paths.Account(""), "language")
}

func (s *Site) changePassword(v *visit) error {
	f, err := v.posted()
	if err != nil {
		return err
	}
	in, err := s.App.ChangePassword(v.c.Request().Context(), v.session, f.raw("oldPassword"), f.raw("password"))
	if f.refuse(renamed(err, "old", "oldPassword")) {
		return s.accountForm(v, f)
	}
	if err != nil {
		return err
	}
	v.setSession(in.Token)
	return v.goTo(s.paths.Account(""), "password")
}

// endSession ends one session, the others or all, as the button says.
func (s *Site) endSession(v *visit) error {
	f, err := v.posted()
	if err != nil {
		return err
	}
	ctx := v.c.Request().Context()
	switch end := f.raw("end"); end {
	case "all":
		if err := s.App.EndSessions(ctx, v.user.ID, 0); err != nil {
			return err
		}
		v.dropSession()
		return v.goTo(s.paths.Login(), "")
	case "others":
		if err := s.App.EndSessions(ctx, v.user.ID, v.session.ID); err != nil {
			return err
		}
		return v.goTo(s.paths.Account(""), "sessions-ended")
	default:
		var id model.SessionID
		if id.UnmarshalText([]byte(end)) != nil {
			return model.ErrNotFound
		}
		if err := s.App.EndSession(ctx, v.user.ID, id); err != nil {
			return err
		}
		return v.goTo(s.paths.Account(""), "session-ended")
	}
}
