package dashboard_test

import (
	"strings"
	"testing"

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
