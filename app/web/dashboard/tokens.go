package dashboard

import (
	"net/url"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"statusd/app"
	"statusd/app/model"
	"statusd/app/web/view"
)

func (s *Site) registerTokens(e *echo.Echo) {
	s.screen(e, "/d/w/:ws/tokens", s.asOwner(s.tokens))
	s.act(e, "/d/w/:ws/tokens", s.asOwner(s.createToken))
	s.act(e, "/d/w/:ws/tokens/:token/revoke", s.asOwner(s.revokeToken))
}

// tokensPage is the API tokens of a workspace.
type tokensPage struct {
	frame
	Form                       *form
	Name, Role, Expires, Until view.Field
	Admin                      *view.Field // nil: the person may not make such a token
	Action                     string
	Rows                       []tokenRow
	Once                       *once // the token that was just made
	Example                    snippet
}

type tokenRow struct {
	Name, Role   string
	Admin        bool
	Created      stamp
	Used, Expiry *stamp // nil: never
	Expired      bool
	Revoke       secondPress
}

// lives are the lives of a token that are offered, in days.
var lives = []int{30, 90, 365}

const (
	livesForever  = "never"
	livesToDate   = "date"
	livesAtFirst  = "90"
	dateOfBrowser = "2006-01-02" // <input type=date>
)

func (s *Site) tokens(v *visit) error {
	return s.tokensForm(v, freshToken(v), nil)
}

func freshToken(v *visit) *form {
	return v.filled(url.Values{"role": {model.Editor.String()}, "expires": {livesAtFirst}})
}

func (s *Site) tokensForm(v *visit, f *form, shown *once) error {
	tokens, err := s.App.WorkspaceTokens(v.c.Request().Context(), v.actor)
	if err != nil {
		return err
	}
	name := f.field("name", "field.token.name", "field.token.name.help")
	name.MaxLength = 80
	until := f.field("until", "field.until", "field.until.help")
	until.Type = "date"
	page := tokensPage{
		frame: s.workspaceFrame(v, "tokens", v.t("tokens.title")), Form: f, Name: name, Role: f.roleField("role"),
		Expires: f.choice(f.field("expires", "field.expires", ""), v.lives()...), Until: until,
		Action: s.paths.Workspace(v.workspace.ID, "/tokens"), Once: shown, Example: s.tokenExample(v),
	}
	if v.user.Admin {
		admin := f.field("admin", "field.token.admin", "field.token.admin.help")
		page.Admin = &admin
	}
	for _, t := range tokens {
		page.Rows = append(page.Rows, s.tokenRow(v, t))
	}
	return v.render(f.code(), "dashboard/tokens/tokens.html", page)
}

func (v *visit) lives() (out []view.Option) {
	for _, days := range lives {
		out = append(out, view.Option{Value: strconv.Itoa(days), Label: v.n("tokens.days", days)})
	}
	return append(out, view.Option{Value: livesToDate, Label: v.t("tokens.until")}, view.Option{Value: livesForever, Label: v.t("tokens.never")})
}

func (s *Site) tokenRow(v *visit, t model.Token) tokenRow {
	row := tokenRow{
		Name: t.Name, Role: v.roleName(t.Role), Admin: t.Admin, Created: v.stamp(t.Created), Expired: t.Expired(s.App.Now()),
		Revoke: secondPress{
			Open: v.t("tokens.revoke"), Of: t.Name, Question: v.t("tokens.revoke.question"), Text: v.t("tokens.revoke.text", "Name", t.Name),
			Action: s.paths.Workspace(v.workspace.ID, "/tokens/"+t.ID.String()+"/revoke"), Submit: v.t("tokens.revoke"),
		},
	}
	if !t.LastUsed.IsZero() {
		used := v.stamp(t.LastUsed)
		row.Used = &used
	}
	if !t.Expires.IsZero() {
		expiry := v.stamp(t.Expires)
		row.Expiry = &expiry
	}
	return row
}

// tokenExample is a first request, to paste into a terminal.
func (s *Site) tokenExample(v *visit) snippet {
	return snippet{
		Language: v.t("tokens.example.language"), Label: v.t("snippet.command"),
		Code: "curl -H \"Authorization: Bearer $TOKEN\" " + s.absolute(v, s.paths.PagesAPI()),
	}
}

func (s *Site) createToken(v *visit) error {
	f, err := v.posted()
	if err != nil {
		return err
	}
	expires := f.expiry(s.App.Now())
	if !f.ok() {
		return s.tokensForm(v, f, nil)
	}
	text, t, err := s.App.NewTokenBy(v.c.Request().Context(), v.actor, app.NewToken{
		Name: f.get("name"), Role: f.role("role"), Admin: f.has("admin"), Expires: expires,
	})
	if f.refuse(renamed(err, "expires", "until")) {
		return s.tokensForm(v, f, nil)
	}
	if err != nil {
		return err
	}
	return s.tokensForm(v, freshToken(v), &once{
		Title: v.t("tokens.made", "Name", t.Name), Text: v.t("tokens.made.text"), Done: s.paths.Workspace(v.workspace.ID, "/tokens"),
		Secret: snippet{Language: v.t("tokens.made.label"), Label: v.t("tokens.made.label"), Code: text},
	})
}

// expiry is when a token ends: some days from now, or with the end of a day in UTC. Zero for never, or with a problem noted.
func (f *form) expiry(now time.Time) time.Time {
	switch life := f.get("expires"); life {
	case livesForever:
		return time.Time{}
	case livesToDate:
		day, err := time.Parse(dateOfBrowser, f.get("until"))
		if err != nil {
			f.problems.Add("until", "date")
			return time.Time{}
		}
		return day.AddDate(0, 0, 1)
	default:
		days, err := strconv.Atoi(life)
		if err != nil || days < 1 || days > 3650 {
			f.problems.Add("expires", "number")
			return time.Time{}
		}
		return now.AddDate(0, 0, days)
	}
}

func (s *Site) revokeToken(v *visit) error {
	var id model.TokenID
	if err := v.id("token", &id); err != nil {
		return err
	}
	if err := s.App.RevokeTokenByID(v.c.Request().Context(), v.actor, id); err != nil {
		return err
	}
	return v.goTo(s.paths.Workspace(v.workspace.ID, "/tokens"), "token-revoked")
}
