package dashboard_test

import (
	"strings"
	"testing"
	"time"

	"statusd/app"
	"statusd/app/incident"
	"statusd/app/model"
)

func TestOwnersSeeTheTrailOfTheWorkspace(t *testing.T) {
	l := newSettingsLab(t)
	by := l.ownerOf("Default")
	ws := "/d/w/" + by.Workspace.String()
	n := newToken("deploy <b>")
	n.Expires = l.app.Now().AddDate(1, 0, 0)
	text, _, err := l.app.NewTokenBy(t.Context(), by, n)
	l.must(err)
	link, _, err := l.app.Invite(t.Context(), by, "new@example.org", model.Viewer)
	l.must(err)
	_, err = l.app.CreateWorkspace(t.Context(), model.Actor{Admin: true}, "Elsewhere")
	l.must(err)
	r := l.admin.wants(l.admin.get(ws+"/audit"), 200,
		"API token created</b>: <bdi>deploy &lt;b&gt;</bdi>", "Invitation created</b>: <bdi>new@example.org", "<ins>Viewer</ins>",
		"Account created", "<dt>Password</dt><dd><ins>set</ins>", "command line", "Page created</b>: <bdi>", "Component created</b>: <bdi>API",
		"<bdi>"+l.page.Name+"</bdi></p>", "Times in UTC", `href="`+ws+`/audit" aria-current="page"`)
	for _, leak := range []string{text, link, "<b>", "Elsewhere", "argon2id", `aria-label="Settings"`} {
		if strings.Contains(strings.ReplaceAll(r.body, `<p class="trail-head"><b>`, ""), leak) {
			t.Errorf("%q stands in the trail", leak)
		}
	}
	l.admin.wants(l.admin.get(ws+"/audit?cursor=nonsense"), 404)
	for range 60 {
		_, err := l.app.UpdatePage(t.Context(), by, l.page.ID, func(p *model.Page) error { p.Branding.Tagline += "x"; return nil })
		l.must(err)
	}
	m := olderLink.FindStringSubmatch(l.admin.get(ws + "/audit").body)
	if m == nil {
		t.Fatal("no way to older entries")
	}
	l.admin.wants(l.admin.get(strings.ReplaceAll(m[1], "&amp;", "&")), 200, "Invitation created", "Newest")
	if page := l.admin.wants(l.admin.get(l.at("/settings/audit")), 200); strings.Contains(page.body, "Invitation created") {
		t.Error("a page's own trail tells of the workspace")
	}
}

func TestTheTrailTellsOfNewsInWords(t *testing.T) {
	l := newSettingsLab(t)
	by := l.ownerOf("Default")
	_, err := l.app.CreateIncident(t.Context(), by, l.page.ID, func(d *app.IncidentDraft) error {
		d.Title, d.Body = model.Text{"en": "Late <b>", "tr": "Geç"}, model.Text{"en": "We look."}
		d.Impact, d.Status = incident.Critical, incident.Identified
		return nil
	})
	l.must(err)
	w, err := l.app.CreateMaintenance(t.Context(), by, l.page.ID, func(d *app.MaintenanceDraft) error {
		d.Title, d.Start, d.End = model.Text{"en": "Move"}, time.Date(2099, 1, 2, 3, 4, 0, 0, time.UTC), time.Date(2099, 1, 3, 0, 0, 0, 0, time.UTC)
		return nil
	})
	l.must(err)
	_, err = l.app.StartMaintenance(t.Context(), by, w.ID)
	l.must(err)
l.admin.wants(l.admin.get(l.at("/settings/audit")), 200, "Incident opened</b>: <bdi>Late &lt;b&gt;</bdi>", "<dt>Impact</dt><dd><ins>Critical</ins>", "<ins>Identified</ins>",
		"<dt>Title (English)</dt>", "<dt>Title (Türkçe)</dt>", "<dt>Message (English)</dt><dd><ins>We look.</ins>", "<dt>Subscribers told</dt><dd><ins>yes</ins>",
		"Maintenance scheduled</b>", "<dt>Scheduled start</dt><dd><ins>2 January 2099, 03:04 UTC", "Maintenance started</b>", "<del>Scheduled</del>", "<ins>In progress</ins>")
}
