package dashboard_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"statusd/app/model"
)

// settingsLab is a page with people of every role. The first account of an instance is its admin.
type settingsLab struct {
	*lab
	page  model.Page
	admin *client
}

func newSettingsLab(t *testing.T) *settingsLab {
	l := newLab(t)
	l.member("admin@example.org", model.Owner)
	return &settingsLab{lab: l, page: l.page("my-app", "API"), admin: l.as("admin@example.org")}
}

// like is somebody with a role who is no admin.
func (l *settingsLab) like(role model.Role) *client {
	l.t.Helper()
	email := role.String() + "@example.org"
	l.member(email, role)
	return l.as(email)
}

// speak sets the language of an account.
func (l *settingsLab) speak(email, lang string) {
	l.t.Helper()
	users, err := l.app.Users(l.t.Context())
	l.must(err)
	for _, u := range users {
		if u.Email == email {
			l.must(l.app.SetLanguage(l.t.Context(), u.ID, lang))
		}
	}
}

func (l *settingsLab) at(rest string) string {
	return "/d/w/" + l.page.Workspace.String() + "/p/" + l.page.ID.String() + rest
}

// now is the page as it is stored.
func (l *settingsLab) now() model.Page {
	l.t.Helper()
	p, err := l.app.Page(l.t.Context(), l.ownerOf("Default"), l.page.ID)
	l.must(err)
	return p
}

var seenField = regexp.MustCompile(`name="seen" value="(\d+)"`)

// seen is what a form remembers of when the page was changed.
func (l *settingsLab) seen(c *client, path string) string {
	l.t.Helper()
	m := seenField.FindStringSubmatch(c.wants(c.get(path), 200).body)
	if m == nil {
		l.t.Fatalf("%s has no form", path)
	}
	return m[1]
}

// generalAnd is the form as it is stored, with some values instead.
func (l *settingsLab) generalAnd(c *client, pairs ...string) []string {
	p := l.now()
	values := url.Values{"name": {p.Name}, "slug": {p.Slug}, "timeZone": {p.TimeZone}, "subscribersEnabled": {"on"}, "seen": {l.seen(c, l.at("/settings"))}}
	for i := 0; i+1 < len(pairs); i += 2 {
		values.Set(pairs[i], pairs[i+1])
	}
	var out []string
	for name := range values {
		out = append(out, name, values.Get(name))
	}
	return out
}

func TestGeneralSettingsAreSaved(t *testing.T) {
	l := newSettingsLab(t)
	for _, role := range []model.Role{model.Owner, model.Editor} {
		c, who := l.like(role), role.String()
		r := c.wants(c.post(l.at("/settings"), l.generalAnd(c, "name", "Name of "+who, "timeZone", "Europe/Istanbul", "noIndex", "on")...), 303)
		c.wants(c.get(r.location), 200, "Settings saved", "Name of "+who)
		if p := l.now(); p.Name != "Name of "+who || p.TimeZone != "Europe/Istanbul" || !p.NoIndex || !p.SubscribersEnabled {
			t.Errorf("stored %+v", p)
		}
	}
}

func TestAChangedAddressHasToBeConfirmed(t *testing.T) {
	l := newSettingsLab(t)
	c := l.admin
	if body := c.get(l.at("/settings")).body; !strings.Contains(body, `data-slug-now="my-app" hidden`) {
		t.Error("the warning is shown before anything changes")
	}
	r := c.wants(c.post(l.at("/settings"), l.generalAnd(c, "slug", "new-app", "name", "Typed")...), 422,
		"confirm that links to the old one may break", `value="new-app"`, `value="Typed"`, `id="f-linksBreak-error"`, "/p/my-app")
	if strings.Contains(r.body, `data-slug-now="my-app" hidden`) {
		t.Error("the box to tick is hidden")
	}
	if l.now().Slug != "my-app" {
		t.Error("changed without being confirmed")
	}
	c.wants(c.post(l.at("/settings"), l.generalAnd(c, "slug", "new-app", "linksBreak", "on")...), 303)
	if l.now().Slug != "new-app" {
		t.Error("not changed")
	}
	c.wants(c.get("/p/my-app"), 404)
	c.wants(c.get("/p/new-app"), 200)
}

func TestProblemsStandBesideTheirFieldsAndKeepWhatWasTyped(t *testing.T) {
	l := newSettingsLab(t)
	c := l.admin
	l.lab.page("taken")
	c.wants(c.post(l.at("/settings"), l.generalAnd(c, "slug", "taken", "linksBreak", "on", "name", "", "timeZone", "Mars/Base")...), 422,
		`id="f-slug-error"`, `id="f-name-error"`, `id="f-timeZone-error"`, `value="taken"`, `value="Mars/Base"`)
	c.wants(c.post(l.at("/settings/branding"), "branding.displayName", strings.Repeat("x", 81), "branding.primaryColor", "red",
		"branding.logoUrl", "javascript:alert(1)", "branding.logoLinkUrl", "nowhere", "seen", l.seen(c, l.at("/settings/branding"))), 422,
		`id="f-branding-displayName-error"`, `id="f-branding-primaryColor-error"`, `id="f-branding-logoUrl-error"`, `id="f-branding-logoLinkUrl-error"`,
		`value="red"`, `value="nowhere"`)
	c.wants(c.post(l.at("/settings/domain"), "customDomain", "http://x/", "seen", l.seen(c, l.at("/settings/domain"))), 422,
		`id="f-customDomain-error"`, `value="http://x/"`)
	if p := l.now(); p.Slug != "my-app" || p.Branding != (model.Branding{}) || p.CustomDomain != "" {
		t.Errorf("stored %+v", p)
	}
}

func TestAStaleFormOverwritesNothing(t *testing.T) {
	l := newSettingsLab(t)
	c := l.admin
	for path, typed := range map[string][]string{
		"/settings":          l.generalAnd(c, "name", "Mine"),
		"/settings/branding": {"branding.tagline", "Mine", "seen", l.seen(c, l.at("/settings/branding"))},
		"/settings/domain":   {"customDomain", "mine.example.org", "seen", l.seen(c, l.at("/settings/domain"))},
	} {
		_, err := l.app.UpdatePage(t.Context(), l.ownerOf("Default"), l.page.ID, func(p *model.Page) error {
			p.Name = "Theirs " + path
			return nil
		})
		l.must(err)
		r := c.wants(c.post(l.at(path), typed...), 409, "Somebody else has changed this")
		if !strings.Contains(strings.ToLower(r.body), `value="mine`) {
			t.Errorf("%s: what was typed is lost", path)
		}
		if p := l.now(); p.Name != "Theirs "+path || p.Branding.Tagline != "" || p.CustomDomain != "" {
			t.Errorf("%s: stored %+v", path, p)
		}
	}
	c.wants(c.post(l.at("/settings"), "name", "x", "slug", "my-app", "timeZone", "UTC"), 409) // a form without a memory
}

func TestViewersReadSettingsAndChangeNone(t *testing.T) {
	l := newSettingsLab(t)
	c := l.like(model.Viewer)
	for _, rest := range []string{"/settings", "/settings/branding", "/settings/domain", "/settings/audit"} {
		r := c.wants(c.get(l.at(rest)), 200)
		main := r.body[strings.Index(r.body, "<main"):]
		if strings.Contains(main, "<form") || strings.Contains(main, "<button type=\"submit\"") || strings.Contains(main, "/delete") {
			t.Errorf("%s offers a change", rest)
		}
	}
	c.wants(c.get(l.at("/preview")), 200)
	c.wants(c.get(l.at("/settings/delete")), 403)
	for _, rest := range []string{"/settings", "/settings/branding", "/settings/domain", "/settings/delete"} {
		c.wants(c.post(l.at(rest), "name", "my-app", "do", "preview"), 403)
	}
	if l.now().Updated != l.page.Updated {
		t.Error("changed by a viewer")
	}
}

func TestStrangersFindNoSettings(t *testing.T) {
	l := newSettingsLab(t)
	theirs := l.pageIn("Others", "theirs")
	c := l.admin
	paths := []string{
		"/d/w/" + theirs.Workspace.String() + "/p/" + theirs.ID.String(),
		"/d/w/" + l.page.Workspace.String() + "/p/" + theirs.ID.String(),
		"/d/w/" + l.page.Workspace.String() + "/p/nonsense",
	}
	for _, path := range paths {
		for _, rest := range []string{"/settings", "/settings/branding", "/settings/domain", "/settings/audit", "/settings/delete", "/preview", "/preview/brand-ffffff.css"} {
			c.wants(c.get(path+rest), 404)
			if r := l.visitor().get(path + rest); r.code != 303 {
				t.Errorf("%s answers a stranger with %d", path+rest, r.code)
			}
		}
		for _, rest := range []string{"/settings", "/settings/branding", "/settings/domain", "/settings/delete"} {
			c.wants(c.post(path+rest, "name", "theirs"), 404)
		}
	}
}

func TestAnotherSiteChangesNothing(t *testing.T) {
	l := newSettingsLab(t)
	for _, rest := range []string{"/settings", "/settings/branding", "/settings/domain", "/settings/delete"} {
		req, err := http.NewRequest("POST", l.url+l.at(rest), strings.NewReader("name=my-app"))
		l.must(err)
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Sec-Fetch-Site", "cross-site")
		res, err := l.admin.http.Do(req)
		l.admin.wants(l.admin.read(res, err), 403)
	}
	l.now()
}

func TestOnlyAdminsGiveAPageADomain(t *testing.T) {
	l := newSettingsLab(t)
	for _, role := range []model.Role{model.Owner, model.Editor} {
		c := l.like(role)
		r := c.wants(c.get(l.at("/settings/domain")), 200, "Only an admin of the instance can change this")
		if strings.Contains(r.body, `name="customDomain"`) {
			t.Error("a field for somebody who may not use it")
		}
		c.wants(c.post(l.at("/settings/domain"), "customDomain", "status.example.org"), 403)
	}
	c := l.admin
	r := c.wants(c.post(l.at("/settings/domain"), "customDomain", "Status.Example.org.", "seen", l.seen(c, l.at("/settings/domain"))), 303)
	c.wants(c.get(r.location), 200, "Custom domain saved", `href="https://status.example.org/"`, l.url+"/api/v1/domains/ask")
	if l.now().CustomDomain != "status.example.org" || l.app.PageOfDomain("status.example.org") != "my-app" {
		t.Errorf("stored %q", l.now().CustomDomain)
	}
	c.wants(c.post(l.at("/settings/domain"), "customDomain", "", "seen", l.seen(c, l.at("/settings/domain"))), 303)
	if l.now().CustomDomain != "" {
		t.Error("the domain stays")
	}
}

func TestAPageGoesWhenItsNameIsTyped(t *testing.T) {
	l := newSettingsLab(t)
	c := l.like(model.Editor)
	c.wants(c.get(l.at("/settings")), 200, l.at("/settings/delete"))
	c.wants(c.get(l.at("/settings/delete")), 200, "1 component with its checks", "/p/my-app")
	for _, typed := range []string{"", "My-App", "my-ap"} {
		c.wants(c.post(l.at("/settings/delete"), "typed", typed), 422, `id="f-typed-error"`, "This is not the name.", `value="`+typed+`"`)
	}
	c.wants(c.get("/p/my-app"), 200)
	r := c.wants(c.post(l.at("/settings/delete"), "typed", " my-app "), 303)
	c.wants(c.get(r.location), 200, "Page deleted")
	c.wants(c.get("/p/my-app"), 404)
	c.wants(c.get(l.at("/settings")), 404)
}

func TestTheAuditTrailIsTold(t *testing.T) {
	l := newSettingsLab(t)
	c := l.like(model.Editor)
	c.wants(c.post(l.at("/settings"), l.generalAnd(c, "timeZone", "Asia/Kolkata")...), 303)
	c.wants(c.post(l.at("/settings/branding"), "branding.tagline", "Ships <b>fast</b>", "seen", l.seen(c, l.at("/settings/branding"))), 303)
	by := l.ownerOf("Default")
	components, err := l.app.Components(t.Context(), by, l.page.ID, model.Window{Limit: 1})
	l.must(err)
	checks, err := l.app.Checks(t.Context(), by, components.Items[0].ID, model.Window{Limit: 1})
	l.must(err)
	_, err = l.app.UpdateCheck(t.Context(), by, checks.Items[0].ID, func(c *model.Check) error {
		c.Headers = map[string]model.Secret{"X-Key": "s3cr3t-value"}
		return nil
	})
	l.must(err)
	r := c.wants(c.get(l.at("/settings/audit")), 200, "Page changed", "<bdi>editor@example.org</bdi>", "Tagline", "Ships &lt;b&gt;fast&lt;/b&gt;",
		"<del>UTC</del>", "<ins>Asia/Kolkata</ins>", "Times in Asia/Kolkata", "Header X-Key", "<ins>set</ins>", "Component created</b>: <bdi>API")
	if strings.Contains(r.body, "s3cr3t") || strings.Contains(r.body, "<b>fast") {
		t.Error("a secret, or markup, stands in the trail")
	}
	c.wants(c.get(l.at("/settings/audit?cursor=nonsense")), 404)
}

var olderLink = regexp.MustCompile(`href="([^"]+cursor=[^"]+)" rel="next"`)

func TestOlderEntriesOfTheTrailAreReached(t *testing.T) {
	l := newSettingsLab(t)
	for i := range 60 {
		_, err := l.app.UpdatePage(t.Context(), l.ownerOf("Default"), l.page.ID, func(p *model.Page) error {
			p.Branding.Tagline = strings.Repeat("x", i+1)
			return nil
		})
		l.must(err)
	}
	r := l.admin.wants(l.admin.get(l.at("/settings/audit")), 200)
	m := olderLink.FindStringSubmatch(r.body)
	if m == nil {
		t.Fatal("no way to older entries")
	}
	l.admin.wants(l.admin.get(strings.ReplaceAll(m[1], "&amp;", "&")), 200, "Page created", "Newest")
}
