package dashboard

import (
	"net/url"
	"time"

	"github.com/labstack/echo/v4"

	"statusd/app/model"
	"statusd/app/web/view"
)

func (s *Site) registerInstance(e *echo.Echo) {
	s.screen(e, "/d/instance", s.asAdmin(s.instanceSettings))
	s.act(e, "/d/instance", s.asAdmin(s.setBaseURL))
	s.screen(e, "/d/instance/workspaces", s.asAdmin(s.workspaces))
	s.act(e, "/d/instance/workspaces", s.asAdmin(s.addWorkspace))
	s.act(e, "/d/instance/workspaces/:workspace/join", s.asAdmin(s.joinWorkspace))
	s.registerUsers(e)
	s.screen(e, mailScreen, s.asAdmin(s.mailSettings))
	s.act(e, mailScreen, s.asAdmin(s.saveMail))
	s.screen(e, "/d/instance/backup", s.asAdmin(s.backup))
	s.act(e, "/d/instance/backup", s.asAdmin(s.downloadBackup))
	s.screen(e, "/d/instance/about", s.asAdmin(s.about))
}

// instancePage is what holds for the whole instance.
type instancePage struct {
	frame
	Form    *form
	BaseURL view.Field
	Fixed   bool // given at the start: shown, not asked for
	Action  string
}

func (s *Site) instanceSettings(v *visit) error {
	return s.instanceForm(v, v.filled(url.Values{"baseUrl": {s.baseURL(v)}}))
}

func (s *Site) instanceForm(v *visit, f *form) error {
	base := f.field("baseUrl", "field.baseUrl", "")
	base.Mono, base.InputMode = true, "url"
	return v.render(f.code(), "dashboard/instance/general.html", instancePage{
		frame: s.instanceFrame(v, "general", v.t("instance.general")), Form: f, BaseURL: base, Fixed: s.App.BaseURLFixed(), Action: s.paths.Instance(""),
	})
}

func (s *Site) setBaseURL(v *visit) error {
	f, err := v.posted()
	if err != nil {
		return err
	}
	err = s.App.SetBaseURL(v.c.Request().Context(), v.actor, f.get("baseUrl"))
	if f.refuse(err) {
		return s.instanceForm(v, f)
	}
	if err != nil {
		return err
	}
	return v.goTo(s.paths.Instance(""), "base-url")
}

// workspacesPage lists every workspace.
type workspacesPage struct {
	frame
	Form   *form
	Name   view.Field
	Action string
	Rows   []workspaceRow
}

type workspaceRow struct {
	Name    string
	URL     string // "": the admin has no role there
	Role    string
	Created stamp
	Join    string // URL of the act that gives them one; "" when they have
}

func (s *Site) workspaces(v *visit) error {
	return s.workspacesForm(v, v.filled(url.Values{}))
}

func (s *Site) workspacesForm(v *visit, f *form) error {
	all, err := s.App.AllWorkspaces(v.c.Request().Context(), v.actor)
	if err != nil {
		return err
	}
	name := f.field("name", "field.workspace", "field.workspace.help")
	name.MaxLength = 80
	page := workspacesPage{
		frame: s.instanceFrame(v, "workspaces", v.t("workspaces.title")), Form: f, Name: name, Action: s.paths.Instance("/workspaces"),
	}
	for _, w := range all {
		row := workspaceRow{Name: w.Name, Created: v.stamp(w.Created)}
		if role := v.user.Roles[w.ID]; role.Valid() {
			row.URL, row.Role = s.paths.Workspace(w.ID, ""), v.roleName(role)
		} else {
			row.Join = s.paths.Instance("/workspaces/" + w.ID.String() + "/join")
		}
		page.Rows = append(page.Rows, row)
	}
	return v.render(f.code(), "dashboard/instance/workspaces.html", page)
}

func (s *Site) addWorkspace(v *visit) error {
	f, err := v.posted()
	if err != nil {
		return err
	}
	_, err = s.App.CreateWorkspace(v.c.Request().Context(), v.actor, f.get("name"))
	if f.refuse(err) {
		return s.workspacesForm(v, f)
	}
	if err != nil {
		return err
	}
	return v.goTo(s.paths.Instance("/workspaces"), "workspace-added")
}

func (s *Site) joinWorkspace(v *visit) error {
	var id model.WorkspaceID
	if err := v.id("workspace", &id); err != nil {
		return err
	}
	if err := s.App.JoinWorkspace(v.c.Request().Context(), v.actor, id); err != nil {
		return err
	}
	return v.goTo(s.paths.Workspace(id, ""), "workspace-joined")
}

// aboutPage is what the process is doing.
type aboutPage struct {
	frame
	Facts []aboutFact // the figures
	Pairs []aboutFact // the rest
}

type aboutFact struct{ Name, Value, Note string }

func (s *Site) about(v *visit) error {
	now, err := s.App.Vitals(v.c.Request().Context(), v.actor)
	if err != nil {
		return err
	}
	lag, note, late, backup := v.t("about.unknown"), "", v.t("about.none"), v.t("about.backup.unknown")
	if now.Probes > 0 {
		lag, note = v.words.Millis(now.Lag), v.t("about.lag.note")
	}
	if now.Late > 0 {
		late = v.words.Millis(now.Late)
	}
	if !now.LastBackup.IsZero() {
		backup = v.words.DateTime(now.LastBackup, time.UTC)
	}
	page := aboutPage{frame: s.instanceFrame(v, "about", v.t("about.title"))}
	page.Facts = []aboutFact{
		{v.t("about.uptime"), v.words.Span(now.Uptime), ""},
		{v.t("about.checks"), v.words.Number(now.Checks), ""},
		{v.t("about.probes"), v.words.Number(int(now.Probes)), ""},
		{v.t("about.lag"), lag, note},
		{v.t("about.database"), v.size(uint64(max(0, now.Database))), ""},
		{v.t("about.memory"), v.size(now.Memory), ""},
	}
	page.Pairs = []aboutFact{
		{Name: v.t("about.version"), Value: s.Version}, {Name: v.t("about.data"), Value: now.DataDir}, {Name: v.t("about.late"), Value: late},
		{Name: v.t("about.skipped"), Value: v.words.Number(now.Skipped)},
		{Name: v.t("about.backup"), Value: backup},
	}
	return v.show("dashboard/instance/about.html", page)
}

// size writes a number of bytes in MB: 3.4 MB.
func (v *visit) size(bytes uint64) string {
	return v.t("about.mb", "Number", v.words.Tenths(int(bytes/100_000)))
}
