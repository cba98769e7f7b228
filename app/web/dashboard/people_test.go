package dashboard_test

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"statusd/app"
	"statusd/app/model"
	"statusd/store"
)

// crew is an instance with an account for each thing that one may be in Default, and a stranger who owns another workspace.
type crew struct {
	*lab
	ws, foreign string // paths of the workspaces in the dashboard
	users       map[string]model.User
}

const (
	admin    = "ada@example.org"
	owner    = "owen@example.org"
	editor   = "edda@example.org"
	viewer   = "vera@example.org"
	stranger = "stan@example.org"
)

func newCrew(t *testing.T) *crew { t.Helper(); return newCrewWith(t, extra{}) }

func newCrewWith(t *testing.T, ex extra) *crew {
	t.Helper()
	c := &crew{lab: newLabWith(t, ex), users: map[string]model.User{}}
	for _, one := range []struct {
		email string
		role  model.Role
	}{{admin, model.Owner}, {owner, model.Owner}, {editor, model.Editor}, {viewer, model.Viewer}} {
		c.users[one.email] = c.member(one.email, one.role)
	}
	c.ws = "/d/w/" + c.ownerOf("Default").Workspace.String()
	c.foreign = "/d/w/" + c.ownerOf("Other").Workspace.String()
	u, err := c.app.AddUser(t.Context(), app.NewUser{Email: stranger, Password: password, Role: model.Owner, Workspace: "Other"})
	c.must(err)
	c.users[stranger] = u
	return c
}

func (c *crew) id(email string) string { return c.users[email].ID.String() }

// leads fails unless the answer sends the browser on to a path.
func (c *client) leads(r reply, path string) {
	c.t.Helper()
	if r.code != http.StatusSeeOther || r.location != path {
		c.t.Fatalf("answered %d to %q, wanted to be led to %q\n%.2000s", r.code, r.location, path, r.body)
	}
}

// shown finds the secret that a page shows.
func (c *client) shown(r reply) string {
	c.t.Helper()
	found := regexp.MustCompile(`<code>([^<]+)</code>`).FindStringSubmatch(r.body)
	if found == nil {
		c.t.Fatalf("no secret in\n%.4000s", r.body)
	}
	return strings.ReplaceAll(found[1], "&amp;", "&")
}

func TestScreensAboutPeopleAreForThoseWhoMay(t *testing.T) {
	c := newCrew(t)
	user := "/d/instance/users/" + c.id(viewer)
	mine := []string{c.ws + "/members", c.ws + "/tokens", c.ws + "/settings", c.ws + "/audit", c.ws + "/invites"}
	instance := []string{"/d/instance", "/d/instance/workspaces", "/d/instance/users", user, "/d/instance/backup", "/d/instance/about", "/d/instance/mail"}
	acts := []string{
		c.ws + "/members/" + c.id(viewer) + "/role", c.ws + "/members/" + c.id(viewer) + "/remove", c.ws + "/invites",
		c.ws + "/invites/" + model.NewInviteID().String() + "/revoke", c.ws + "/tokens",
		c.ws + "/tokens/" + model.NewTokenID().String() + "/revoke", c.ws + "/settings", c.ws + "/settings/delete",
	}
	instanceActs := []string{"/d/instance", "/d/instance/workspaces", "/d/instance/workspaces" + strings.TrimPrefix(c.foreign, "/d/w") + "/join", user + "/admin", user + "/password", user + "/delete", "/d/instance/backup", "/d/instance/mail"}
	for _, who := range []struct {
		email              string
		workspace, ofAdmin int // what the screens answer
	}{{admin, 200, 200}, {owner, 200, 403}, {editor, 403, 403}, {viewer, 403, 403}, {stranger, 404, 403}} {
		visitor := c.as(who.email)
		visitor.wants(visitor.get("/d/account"), 200)
		for _, path := range mine {
			visitor.wants(visitor.get(path), who.workspace)
		}
		for _, path := range instance {
			visitor.wants(visitor.get(path), who.ofAdmin)
		}
		if who.workspace != 200 {
			for _, path := range acts {
				visitor.wants(visitor.post(path, "role", "owner", "email", "x@example.org", "name", "x"), who.workspace)
			}
		}
		if who.ofAdmin != 200 {
			for _, path := range instanceActs {
				visitor.wants(visitor.post(path, "password", password, "typed", viewer, "admin", "on"), 403)
			}
		}
	}
	nobody := c.visitor()
	for _, path := range append(mine, instance...) {
		if r := nobody.get(path); r.code != http.StatusSeeOther || !strings.HasPrefix(r.location, "/login?") {
			t.Errorf("%s answers %d to nobody", path, r.code)
		}
	}
	for _, path := range append(acts, instanceActs...) {
		nobody.wants(nobody.post(path), 401)
	}
}

func TestSomebodyIsInvitedByALinkThatIsShownOnce(t *testing.T) {
	c := newCrew(t)
	o := c.as(owner)
	o.wants(o.post(c.ws+"/invites", "email", "no address", "role", "viewer"), 422, `value="no address"`, "f-email-error")
	o.wants(o.post(c.ws+"/invites", "email", viewer, "role", "viewer"), 422, "f-email-error")
	link := o.shown(o.wants(o.post(c.ws+"/invites", "email", "new@example.org", "role", "viewer"), 200, "new@example.org"))
	if !strings.HasPrefix(link, c.url+"/invite?token=") {
		t.Fatalf("the link is %q", link)
	}
	token := link[strings.IndexByte(link, '=')+1:]
	if list := o.wants(o.get(c.ws+"/members"), 200, "new@example.org"); strings.Contains(list.body, token) {
		t.Error("the list shows the link again")
	}
	guest := c.visitor()
	path := strings.TrimPrefix(link, c.url)
	guest.wants(guest.get(path), 200, "new@example.org", "Viewer")
	guest.leads(guest.post(path, "token", token, "password", "another long passphrase"), "/d")
	guest.leads(guest.get("/d"), c.ws)
	guest.wants(guest.get(c.ws+"/members"), 403)
	again := c.visitor()
	again.wants(again.get(path), 404)
	again.wants(again.post(path, "token", token, "password", "another long passphrase"), 404)

	link = o.shown(o.post(c.ws+"/invites", "email", "late@example.org", "role", "owner"))
	invites, err := c.app.Invites(t.Context(), c.ownerOf("Default"))
	c.must(err)
	foreign := c.as(stranger)
	foreign.wants(foreign.post(c.foreign+"/invites/"+invites[0].ID.String()+"/revoke"), 404)
	o.leads(o.post(c.ws+"/invites/"+invites[0].ID.String()+"/revoke"), c.ws+"/members?done=invite-revoked")
	again.wants(again.get(strings.TrimPrefix(link, c.url)), 404)
}

func TestRolesChangeAndTheLastOwnerStays(t *testing.T) {
	c := newCrew(t)
	o := c.as(owner)
	role := func(email, role string) reply {
		return o.post(c.ws+"/members/"+c.id(email)+"/role", "role-"+c.id(email), role)
	}
	watcher := c.as(viewer)
	o.leads(role(viewer, "editor"), c.ws+"/members?done=role")
	watcher.wants(watcher.get(c.ws+"/new"), 200)
	o.wants(role(viewer, "king"), 422)
	o.wants(role(stranger, "viewer"), 404)
	o.leads(role(admin, "editor"), c.ws+"/members?done=role")
	o.wants(role(owner, "viewer"), 409, "A workspace needs an owner")
	o.wants(o.post(c.ws+"/members/"+c.id(owner)+"/remove"), 409, "A workspace needs an owner")
	o.wants(o.post(c.ws+"/members/"+c.id(stranger)+"/remove"), 404)
	o.leads(o.post(c.ws+"/members/"+c.id(viewer)+"/remove"), c.ws+"/members?done=member-removed")
	watcher.wants(watcher.get(c.ws), 404)
	o.leads(role(editor, "owner"), c.ws+"/members?done=role")
	o.leads(role(owner, "viewer"), "/d")
	o.wants(o.get(c.ws+"/members"), 403)
}

func TestATokenIsShownOnceAndWorksUntilItIsRevoked(t *testing.T) {
	c := newCrew(t)
	o := c.as(owner)
	o.wants(o.post(c.ws+"/tokens", "name", "", "role", "editor", "expires", "90"), 422, "f-name-error")
	o.wants(o.post(c.ws+"/tokens", "name", "Kept", "role", "viewer", "expires", "date", "until", "soon"), 422, `value="Kept"`, "f-until-error")
	o.wants(o.post(c.ws+"/tokens", "name", "Kept", "role", "viewer", "expires", "date", "until", "2020-01-01"), 422, "f-until-error")
	o.wants(o.post(c.ws+"/tokens", "name", "Kept", "role", "viewer", "expires", "999999"), 422, "f-expires-error")
	o.wants(o.post(c.ws+"/tokens", "name", "power", "role", "owner", "expires", "never", "admin", "on"), 403)
	if list := o.get(c.ws + "/tokens"); strings.Contains(list.body, `name="admin"`) {
		t.Error("an owner who is no admin is offered an admin's token")
	}
	day := time.Now().UTC().AddDate(0, 0, 3).Format("2006-01-02")
	text := o.shown(o.post(c.ws+"/tokens", "name", "deploy <b>", "role", "editor", "expires", "date", "until", day))
	by, err := c.app.Authenticate(t.Context(), text)
	c.must(err)
	if by.Role != model.Editor || by.Admin || by.Workspace != c.ownerOf("Default").Workspace {
		t.Errorf("the token is %+v", by)
	}
	list := o.wants(o.get(c.ws+"/tokens"), 200, "deploy &lt;b&gt;", "curl -H", c.url+"/api/v1/pages")
	if strings.Contains(list.body, text) {
		t.Error("the list shows the token again")
	}
	tokens, err := c.app.WorkspaceTokens(t.Context(), c.ownerOf("Default"))
	c.must(err)
	if want := day; len(tokens) != 1 || tokens[0].Expires.Add(-time.Millisecond).Format("2006-01-02") != want {
		t.Errorf("%+v, wanted until the end of %s", tokens, want)
	}
	foreign := c.as(stranger)
	foreign.wants(foreign.post(c.foreign+"/tokens/"+by.Token.String()+"/revoke"), 404)
	o.leads(o.post(c.ws+"/tokens/"+by.Token.String()+"/revoke"), c.ws+"/tokens?done=token-revoked")
	if _, err := c.app.Authenticate(t.Context(), text); err == nil {
		t.Error("a revoked token works")
	}
	a := c.as(admin)
	text = a.shown(a.post(c.ws+"/tokens", "name", "power", "role", "owner", "expires", "never", "admin", "on"))
	if by, err = c.app.Authenticate(t.Context(), text); err != nil || !by.Admin {
		t.Errorf("%+v %v", by, err)
	}
}

func TestAPasswordChangeEndsTheOtherSessions(t *testing.T) {
	c := newCrew(t)
	here, elsewhere := c.as(viewer), c.as(viewer)
	here.wants(here.post("/d/account/password", "oldPassword", "a wrong passphrase", "password", "another long passphrase"), 422, "f-oldPassword-error")
	r := here.wants(here.post("/d/account/password", "oldPassword", password, "password", "short"), 422, "f-password-error")
	if strings.Contains(r.body, password) {
		t.Error("a password stands in the page")
	}
	elsewhere.wants(elsewhere.get("/d/account"), 200)
	here.leads(here.post("/d/account/password", "oldPassword", password, "password", "another long passphrase"), "/d/account?done=password")
	here.wants(here.get("/d/account?done=password"), 200, "Password changed.")
	elsewhere.leads(elsewhere.get("/d/account"), "/login?next=%2Fd%2Faccount")
}

func TestSessionsAreListedAndEnd(t *testing.T) {
	c := newCrew(t)
	signIn := func(agent string) *client {
		v := c.visitor()
		v.http.Transport = agentSays{agent}
		v.leads(v.post("/login", "email", viewer, "password", password), "/d")
		return v
	}
	here := signIn("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
	phone := signIn("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1")
	odd := signIn(`<script>alert(1)</script>`)
	r := here.wants(here.get("/d/account"), 200, "Firefox on Linux", "Safari on iPhone", "Unknown browser", "127.0.0.1", "This one")
	if strings.Contains(r.body, "alert(1)") {
		t.Error("what a browser calls itself stands in the page")
	}
	ids := regexp.MustCompile(`name="end" value="([0-9a-z]{8})"`).FindAllStringSubmatch(r.body, -1)
	if len(ids) != 2 {
		t.Fatalf("%d sessions can be ended", len(ids))
	}
	other := c.as(owner)
	other.wants(other.post("/d/account/sessions", "end", ids[0][1]), 404)
	here.wants(here.post("/d/account/sessions", "end", "nonsense"), 404)
	here.leads(here.post("/d/account/sessions", "end", ids[0][1]), "/d/account?done=session-ended")
	here.leads(here.post("/d/account/sessions", "end", "others"), "/d/account?done=sessions-ended")
	for _, ended := range []*client{phone, odd} {
		if r := ended.get("/d/account"); r.code != http.StatusSeeOther {
			t.Errorf("an ended session answers %d", r.code)
		}
	}
	other.wants(other.get("/d/account"), 200)
	here.leads(here.post("/d/account/sessions", "end", "all"), "/login")
	if r := here.get("/d/account"); r.code != http.StatusSeeOther {
		t.Errorf("an ended session answers %d", r.code)
	}
}

// agentSays is a browser that calls itself something.
type agentSays struct{ agent string }

func (a agentSays) RoundTrip(r *http.Request) (*http.Response, error) {
	r.Header.Set("User-Agent", a.agent)
	return http.DefaultTransport.RoundTrip(r)
}

func TestTheLanguageChangesAtOnce(t *testing.T) {
	c := newCrew(t)
	v := c.as(viewer)
	v.wants(v.get("/d/account"), 200, "Where you are signed in")
	v.leads(v.post("/d/account/language", "language", "tr"), "/d/account?done=language")
	v.wants(v.get("/d/account?done=language"), 200, "Açık oturumlar", "Dil değişti.")
	v.wants(v.post("/d/account/language", "language", "xx"), 422)
	v.leads(v.post("/d/account/language", "language", ""), "/d/account?done=language")
	v.wants(v.get("/d/account"), 200, "Where you are signed in")
}

func TestAWorkspaceIsRenamedAndDeletedWhenItIsEmpty(t *testing.T) {
	c := newCrew(t)
	o := c.as(owner)
	o.wants(o.post(c.ws+"/settings", "name", " "), 422, "f-name-error")
	o.wants(o.post(c.ws+"/settings", "name", "Other"), 422, "f-name-error", `value="Other"`)
	o.leads(o.post(c.ws+"/settings", "name", "Harbour Line"), c.ws+"/settings?done=workspace-renamed")
	o.wants(o.get(c.ws+"/settings"), 200, "Harbour Line", "An admin of the instance can delete it.")
	o.wants(o.post(c.ws+"/settings/delete", "typed", "Harbour Line"), 403)
	a := c.as(admin)
	a.wants(a.post(c.ws+"/settings/delete", "typed", "Harbor Line"), 422, "f-typed-error", `value="Harbor Line"`)
	p := c.pageIn("Harbour Line", "held")
	a.wants(a.post(c.ws+"/settings/delete", "typed", "Harbour Line"), 409, "The workspace is not empty")
	c.must(c.app.DeletePage(t.Context(), c.ownerOf("Harbour Line"), p.ID))
	a.leads(a.post(c.ws+"/settings/delete", "typed", "Harbour Line"), "/d?done=workspace-deleted")
	a.wants(a.get(c.ws), 404)
}

func TestAnAdminRunsTheInstance(t *testing.T) {
	c := newCrew(t)
	a := c.as(admin)
	a.wants(a.post("/d/instance", "baseUrl", "status.example.org"), 422, "f-baseUrl-error", `value="status.example.org"`)
	a.leads(a.post("/d/instance", "baseUrl", "https://status.example.org/"), "/d/instance?done=base-url")
	if got := c.app.BaseURL(); got != "https://status.example.org" {
		t.Errorf("the public URL is %q", got)
	}
	link := a.shown(a.post(c.ws+"/invites", "email", "new@example.org", "role", "viewer"))
	if !strings.HasPrefix(link, "https://status.example.org/invite?token=") {
		t.Errorf("an invitation leads to %q", link)
	}

	a.wants(a.post("/d/instance/workspaces", "name", "Other"), 422, "f-name-error")
	a.leads(a.post("/d/instance/workspaces", "name", "Third"), "/d/instance/workspaces?done=workspace-added")
	a.wants(a.get("/d/instance/workspaces"), 200, "Third", "You are not a member")
	a.wants(a.get(c.foreign), 404)
	a.leads(a.post("/d/instance/workspaces"+strings.TrimPrefix(c.foreign, "/d/w")+"/join"), c.foreign+"?done=workspace-joined")
	a.wants(a.get(c.foreign+"/members"), 200, stranger)
	a.wants(a.post("/d/instance/workspaces/"+model.NewWorkspaceID().String()+"/join"), 404)
	a.wants(a.get("/d/instance/about"), 200, "1.2.3", c.store.Dir())
}

func TestAnAdminRunsTheAccounts(t *testing.T) {
	c := newCrew(t)
	a := c.as(admin)
	path := func(email string) string { return "/d/instance/users/" + c.id(email) }
	a.wants(a.get("/d/instance/users"), 200, stranger, "Other: Owner", "Default: Viewer")
	a.wants(a.get("/d/instance/users/"+model.NewUserID().String()), 404)
	a.wants(a.post(path(admin)+"/admin", "admin", "off"), 409, "The instance needs an admin")
	a.leads(a.post(path(owner)+"/admin", "admin", "on"), path(owner)+"?done=admin-on")
	o := c.as(owner)
	o.wants(o.get("/d/instance"), 200)
	o.leads(o.post(path(owner)+"/admin", "admin", "off"), "/d")
	o.wants(o.get("/d/instance"), 403)

	v := c.as(viewer)
	a.wants(a.post(path(viewer)+"/password", "password", "short"), 422, "f-password-error")
	v.wants(v.get("/d/account"), 200)
	a.leads(a.post(path(viewer)+"/password", "password", "a fresh long passphrase"), path(viewer)+"?done=user-password")
	if r := v.get("/d/account"); r.code != http.StatusSeeOther {
		t.Errorf("a session outlives the password: %d", r.code)
	}

	a.wants(a.post(path(stranger)+"/delete", "typed", viewer), 422, "f-typed-error", viewer)
	a.wants(a.post(path(stranger)+"/delete", "typed", stranger), 409, "A workspace needs an owner")
	e := c.as(editor)
	a.leads(a.post(path(editor)+"/delete", "typed", strings.ToUpper(editor)), "/d/instance/users?done=user-deleted")
	if r := e.get("/d"); r.code != http.StatusSeeOther {
		t.Errorf("a session outlives the account: %d", r.code)
	}
}

func TestABackupIsDownloadedAndRestores(t *testing.T) {
	c := newCrew(t)
	a := c.as(admin)
	a.wants(a.get("/d/instance/backup"), 200, "No backup was downloaded here yet")
	a.wants(a.post("/d/instance/backup", "passphrase", "one thing", "passphraseAgain", "another"), 422, "f-passphraseAgain-error")
	for _, passphrase := range []string{"", "correct horse"} {
		res, err := a.http.PostForm(c.url+"/d/instance/backup", url.Values{"passphrase": {passphrase}, "passphraseAgain": {passphrase}})
		c.must(err)
		body, err := io.ReadAll(res.Body)
		c.must(err)
		c.must(res.Body.Close())
		name := `attachment; filename="statusd-` + time.Now().UTC().Format("2006-01-02") + `.tar`
		if got := res.Header.Get("Content-Disposition"); !strings.HasPrefix(got, name) || strings.Contains(got, ".age") != (passphrase != "") {
			t.Errorf("the file is %s", got)
		}
		if got := res.Header.Get("Cache-Control"); got != "no-store" {
			t.Errorf("caches may %s it", got)
		}
		dir := filepath.Join(t.TempDir(), "restored")
		m, err := app.Restore(t.Context(), bytes.NewReader(body), app.RestoreOptions{Dir: dir, Passphrase: model.Secret(passphrase)})
		c.must(err)
		if m.Statusd != "1.2.3" {
			t.Errorf("it says that it is from %q", m.Statusd)
		}
		s, err := store.Open(t.Context(), store.Options{Dir: dir})
		c.must(err)
		restored, err := app.New(t.Context(), app.Config{Store: s})
		c.must(err)
		users, err := restored.Users(t.Context())
		c.must(err)
		if len(users) != len(c.users) {
			t.Errorf("%d accounts came back, wanted %d", len(users), len(c.users))
		}
		c.must(s.Close())
	}
	if r := a.get("/d/instance/backup"); strings.Contains(r.body, "No backup was downloaded here yet") {
		t.Error("that a backup was taken is not remembered")
	}
	a.wants(a.get("/d/instance/backup/download"), 404)
}
