package dashboard_test

import (
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"statusd/app"
	"statusd/app/model"
	"statusd/app/web/browsertest"
	"statusd/notify/outbound"
	"statusd/probe/probetest"
)

// payloads are texts that become markup wherever somebody forgets to escape. MARK tells where one came from.
var payloads = []string{
	`<script>alert("MARK")</script>`, `"><img src=x onerror=alert("MARK")>`, `' onmouseover='alert("MARK")`, `</title><script>alert("MARK")</script>`,
	`</textarea><svg onload=alert("MARK")>`, `<b id=MARK>`, `{{.MARK}}`, "`${alert('MARK')}`", `javascript:alert("MARK")`, `</style><script>alert("MARK")</script>`,
	`<!--MARK`, `]]><script>alert("MARK")</script>`, `&lt;script&gt;alert("MARK")&lt;/script&gt;`, `MARK&amp;MARK`, `<a href="javascript:alert('MARK')">MARK</a>`,
}

// poison writes a payload into a field, named so that an answer that shows it raw says which it was, cut to the field's length.
func poison(payload, field string, most int) string {
	text := strings.ReplaceAll(payload, "MARK", field)
	if len(text) > most {
		text = text[:most]
	}
	return text
}

// textFields are the fields of a noun that a person types freely; the others are checked by form and say so here. A new field of
// the noun that is in neither list fails the test.
var textFields = map[string][]string{
	"model.Page":          {"Name"},
	"model.Branding":      {"DisplayName", "Tagline"},
	"model.Component":     {"Name", "Description", "Group"},
	"model.Check":         {"Name", "ExpectedBodyContains"},
	"model.Incident":      {"Title"},
	"model.Update":        {"Body"},
	"model.Maintenance":   {"Title", "Description"},
	"model.RestartTarget": {"Name"},
	"model.SSHTarget":     {"User", "Command"},
}

var checkedFields = map[string][]string{
	"model.Page":      {"ID", "Workspace", "Slug", "Branding", "CustomDomain", "TimeZone", "NoIndex", "SubscribersEnabled", "Created", "Updated"},
	"model.Branding":  {"PrimaryColor", "LogoURL", "LogoLinkURL"},
	"model.Component": {"ID", "Workspace", "Page", "Position", "ManualStatus", "Created", "Updated"},
	"model.Check": {"ID", "Workspace", "Page", "Component", "Version", "URL", "Method", "Interval", "ExpectedStatusMin", "ExpectedStatusMax", "Timeout",
		"DegradedLatency", "InsecureSkipVerify", "Retries", "Headers", "Body", "FollowRedirects", "Enabled", "IncidentThreshold", "Restart", "JudgedFrom", "Created", "Updated"},
	"model.Incident":      {"ID", "Workspace", "Page", "Impact", "Status", "Source", "Component", "Affected", "Started", "Resolved", "Created", "Updated"},
	"model.Update":        {"ID", "Incident", "Page", "Status", "Notify", "Auto", "Created", "Edited"},
	"model.Maintenance":   {"ID", "Workspace", "Page", "Affected", "Window", "Sequence", "Created", "Updated"},
	"model.RestartTarget": {"ID", "Workspace", "Type", "Timeout", "HTTP", "SSH", "Coolify", "Created", "Updated"},
	"model.SSHTarget":     {"Host", "Port", "PrivateKey", "Passphrase", "HostKey", "Seen", "SeenAt"},
}

func TestEveryFieldIsTypedFreelyOrChecked(t *testing.T) {
	for _, noun := range []any{model.Page{}, model.Branding{}, model.Component{}, model.Check{}, model.Incident{}, model.Update{}, model.Maintenance{}, model.RestartTarget{}, model.SSHTarget{}} {
		typ := reflect.TypeOf(noun)
		known := append(append([]string{}, textFields[typ.String()]...), checkedFields[typ.String()]...)
		for i := range typ.NumField() {
			if name := typ.Field(i).Name; !strings.Contains(" "+strings.Join(known, " ")+" ", " "+name+" ") {
				t.Errorf("%s.%s is in neither list", typ, name)
			}
		}
	}
}

// poisoned fills a workspace with one payload in every text field.
func (l *lab) poisoned(n int, payload string) model.Page {
	l.t.Helper()
	ctx, by := l.t.Context(), l.ownerOf("Default")
	text := func(field string, most int) string { return poison(payload, fmt.Sprintf("%s-%d", field, n), most) }
	p, err := l.app.CreatePage(ctx, by, func(p *model.Page) error {
		p.Name, p.Slug = text("page", 80), fmt.Sprintf("page-%d", n)
		p.Branding.DisplayName, p.Branding.Tagline = text("display", 80), text("tagline", 160)
		return nil
	})
	l.must(err)
	_, _, err = l.app.CreateService(ctx, by, p.ID, func(c *model.Component) error {
		c.Name, c.Description, c.Group = text("component", 80), text("description", 200), text("group", 80)
		return nil
	}, func(c *model.Check) error {
		c.Name, c.URL, c.ExpectedBodyContains, c.Enabled = text("check", 80), "http://127.0.0.1:9/?q=%3Cscript%3E", text("contains", 200), false
		return nil
	})
	l.must(err)
	_, _, err = l.app.NewTokenBy(ctx, by, app.NewToken{Name: text("token", 80), Role: model.Viewer})
	l.must(err)
	hook := "http://127.0.0.1:1024/" + text("hook", 80)
	if _, err := outbound.CheckURL(hook); err != nil {
		hook = "http://127.0.0.1:1024/hook"
	}
	l.delivery(p, l.hook(p, hook, func(w *app.Wishes) {
		components, err := l.app.Components(ctx, by, p.ID, model.Window{})
		l.must(err)
		w.Components = []model.ComponentID{components.Items[0].ID}
	}), func(d *model.Delivery) { d.Reason = text("reason", 80) })
	l.poisonedTarget(by, text)
	l.news(by, p.ID, model.Text{"en": text("title", 200), "tr": text("title", 200)}, model.Text{"en": text("body", 1000), "tr": "**" + text("body", 1000) + "**"})
	return p
}

// poisonedTarget is a restart target with what a person and a host wrote.
func (l *lab) poisonedTarget(by model.Actor, text func(field string, most int) string) {
	l.t.Helper()
	key, _ := probetest.SSHKey(l.t, "")
	r, err := l.app.CreateRestartTarget(l.t.Context(), by, model.RestartSSH, func(r *model.RestartTarget) error {
		r.Name, r.SSH.Host, r.SSH.User, r.SSH.Command, r.SSH.PrivateKey = text("target", 80), "127.0.0.1", text("user", 64), text("command", 1000), model.Secret(key)
		return nil
	})
	l.must(err)
	l.fired(r, model.Firing{Trigger: model.ByTest, Outcome: model.FiringFailed, Output: text("output", 1000), Reason: "ssh_disconnected|" + text("said", 200)})
}

// raw finds a payload that stands in an answer as it was typed and means something there.
func raw(body string) string {
	for _, field := range []string{"page", "display", "tagline", "component", "description", "group", "check", "contains", "token", "workspace", "title", "body", "hook", "reason", "target", "user", "command", "output", "said"} {
		for _, sign := range []string{`<script>alert("` + field, `onerror=alert("` + field, `<b id=` + field, `<svg onload=alert("` + field, `<!--` + field, `<a href="javascript:alert('` + field} {
			if strings.Contains(body, sign) {
				return sign
			}
		}
	}
	return ""
}

func TestWhatPeopleTypeIsNeverMarkup(t *testing.T) {
	l := newLab(t)
	l.member("owner@example.org", model.Owner)
	var pages []model.Page
	for n, payload := range payloads {
		pages = append(pages, l.poisoned(n, payload))
	}
	l.must(l.app.RenameWorkspace(t.Context(), l.ownerOf("Default"), `<b id=workspace>"'`))
	c := l.as("owner@example.org")
	c.http.CheckRedirect = nil
	seen := 0
	look := func(path string) {
		r := c.get(path)
		if r.code >= 500 {
			t.Errorf("%s: %d", path, r.code)
		}
		if sign := raw(r.body); sign != "" && !strings.HasPrefix(path, "/api/") { // JSON is not markup: its type and nosniff say so
			t.Errorf("%s shows %s", path, sign)
		}
		seen++
	}
	for _, p := range pages {
		ids := l.idsOf(p)
		for _, r := range l.routes() {
			if r.Method != http.MethodGet || strings.HasSuffix(r.Path, "/live") {
				continue
			}
			path, err := ids.fill(r.Path)
			l.must(err)
			look(path)
		}
		for _, rest := range []string{"", "/embed", "/badge.svg", "/nothing", "?lang=tr", "/subscribe"} {
			look("/p/" + p.Slug + rest)
		}
	}
	if seen < 200 {
		t.Errorf("only %d answers", seen)
	}
}

// idsOf are the ids of a page and of the first things on it.
func (l *lab) idsOf(p model.Page) things {
	l.t.Helper()
	ctx, by := l.t.Context(), l.ownerOfID(p.Workspace)
	components, err := l.app.Components(ctx, by, p.ID, model.Window{Limit: 1})
	l.must(err)
	checks, err := l.app.Checks(ctx, by, components.Items[0].ID, model.Window{Limit: 1})
	l.must(err)
	incidentID, updateID, windowID := l.newsOf(by, p.ID)
	return things{
		"ws": p.Workspace.String(), "page": p.ID.String(), "component": components.Items[0].ID.String(), "check": checks.Items[0].ID.String(),
		"invite": "00000001", "token": "00000001", "incident": incidentID, "update": updateID, "maintenance": windowID, "subscriber": "00000001", "delivery": "00000001",
		"target": l.targetOf(by),
	}
}

// newsOf are the ids of a page's newest incident, its newest update, and its window that starts last; made when there are none.
func (l *lab) newsOf(by model.Actor, page model.PageID) (incident, update, window string) {
	l.t.Helper()
	incidents, err := l.app.Incidents(l.t.Context(), by, page, model.Window{Limit: 1})
	l.must(err)
	windows, err := l.app.Maintenances(l.t.Context(), by, page, model.Window{Limit: 1})
	l.must(err)
	if len(incidents.Items) == 0 || len(windows.Items) == 0 {
		t, m := l.news(by, page, model.Text{"en": "Slow", "tr": "Yavaş"}, model.Text{"en": "We look into it.", "tr": "İnceliyoruz."})
		return t.ID.String(), t.Updates[0].ID.String(), m.ID.String()
	}
	t := incidents.Items[0]
	return t.ID.String(), t.Updates[0].ID.String(), windows.Items[0].ID.String()
}

func (l *lab) ownerOfID(id model.WorkspaceID) model.Actor {
	return model.Actor{Workspace: id, Role: model.Owner, Admin: true, Name: "test"}
}

// TestNoDialogOpensAnywhere looks with a real browser whose policy is taken away: escaping must hold alone.
func TestNoDialogOpensAnywhere(t *testing.T) {
	l := newLab(t)
	l.member("owner@example.org", model.Owner)
	tab := l.browser("owner@example.org")
	tab.Watch(`window.alert = (text) => { document.documentElement.dataset.alerted = text }`)
	tab.IgnorePolicy()
	for n, payload := range payloads[:6] {
		p := l.poisoned(n, payload)
		base := "/d/w/" + p.Workspace.String() + "/p/" + p.ID.String()
		for _, path := range []string{base, base + "/components", base + "/checks", base + "/incidents", base + "/maintenance", base + "/settings/branding", base + "/settings/audit", base + "/subscribers",
			base + "/subscribers/deliveries", "/p/" + p.Slug, "/p/" + p.Slug + "/subscribe"} {
			tab.Open(l.url + path)
			if got := browsertest.Eval[string](tab, `document.documentElement.dataset.alerted ?? ""`); got != "" {
				t.Errorf("%s runs %s", path, got)
			}
		}
	}
}
