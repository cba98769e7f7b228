package dashboard_test

import (
	"fmt"
	"html"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"statusd/app/model"
	"statusd/app/status"
	"statusd/probe/probetest"
)

// stage is a page with two components and somebody of each role.
type stage struct {
	*lab
	page       model.Page
	by         model.Actor
	components []model.Component
	checks     []model.Check // the first of each component
	editor     *client
	viewer     *client
}

func newStage(t *testing.T, components ...string) *stage {
	t.Helper()
	return newStageWith(t, extra{}, components...)
}

func newStageWith(t *testing.T, ex extra, components ...string) *stage {
	t.Helper()
	l := newLabWith(t, ex)
	l.member("owner@example.org", model.Owner)
	l.member("editor@example.org", model.Editor)
	l.member("viewer@example.org", model.Viewer)
	st := &stage{lab: l, page: l.page("acme", components...), by: l.ownerOf("Default")}
	st.read()
	st.editor, st.viewer = l.as("editor@example.org"), l.as("viewer@example.org")
	return st
}

// read fetches what is there now.
func (st *stage) read() {
	st.t.Helper()
	list, err := st.app.Components(st.t.Context(), st.by, st.page.ID, model.Window{})
	st.must(err)
	st.components, st.checks = list.Items, nil
	for _, c := range list.Items {
		checks, err := st.app.Checks(st.t.Context(), st.by, c.ID, model.Window{})
		st.must(err)
		st.checks = append(st.checks, checks.Items[:min(1, len(checks.Items))]...)
	}
}

func (st *stage) path(rest string) string {
	return "/d/w/" + st.page.Workspace.String() + "/p/" + st.page.ID.String() + rest
}

func (st *stage) componentPath(i int, rest string) string {
	return st.path("/components/" + st.components[i].ID.String() + rest)
}

func (st *stage) checkPath(i int, rest string) string {
	return st.path("/checks/" + st.checks[i].ID.String() + rest)
}

func (st *stage) names() (names []string) {
	st.read()
	for _, c := range st.components {
		names = append(names, c.Name)
	}
	return names
}

// goesTo fails unless the answer is a redirect to the path, saying what was done.
func (st *stage) goesTo(r reply, path, done string) {
	st.t.Helper()
	if r.code != 303 || r.location != path+"?done="+done {
		st.t.Fatalf("answered %d to %q, wanted %s?done=%s\n%.2000s", r.code, r.location, path, done, r.body)
	}
}

// typed is a check's form as a browser sends it, with some values replaced: name, value, name, value ...
func typed(pairs ...string) []string {
	form := []string{
		"name", "Home", "url", "http://127.0.0.1:9/", "method", "GET", "intervalSeconds", "30", "expectedStatusMin", "200",
		"expectedStatusMax", "299", "expectedBodyContains", "", "timeoutMs", "10000", "degradedLatencyMs", "", "retries", "0",
		"incidentThreshold", "3", "followRedirects", "on",
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		at := slices.Index(form, pairs[i])
		if at >= 0 && at%2 == 0 && !strings.HasPrefix(pairs[i], "header.") {
			form[at+1] = pairs[i+1]
			continue
		}
		form = append(form, pairs[i], pairs[i+1])
	}
	return form
}

func TestAComponentIsMadeChangedAndDeleted(t *testing.T) {
	st := newStage(t)
	st.editor.wants(st.editor.get(st.path("/components")), 200, "No components yet")
	r := st.editor.wants(st.editor.post(st.path("/components/new"), "name", "", "description", "Orders & carts", "group", "Shop"), 422, "This is required.", `href="#f-name"`, "Orders &amp; carts")
	if strings.Contains(r.body, "toast") && strings.Contains(r.body, "is created") {
		t.Error("it says that something was made")
	}
	st.goesTo(st.editor.post(st.path("/components/new"), "name", "API", "description", "Orders", "group", "Shop", "manualStatus", "degraded"), st.path("/components"), "component-created")
	st.read()
	c := st.components[0]
	if c.Name != "API" || c.Description != "Orders" || c.Group != "Shop" || c.ManualStatus != status.Degraded {
		t.Errorf("%+v", c)
	}
	st.editor.wants(st.editor.get(st.path("/components?done=component-created")), 200, "Component created.", "Orders", "Shop", "Degraded", "Status set by hand", "Add a check")

	at := fmt.Sprint(c.Updated.UnixMilli())
	st.editor.wants(st.editor.get(st.componentPath(0, "")), 200, `name="seen" value="`+at+`"`, `<option value="degraded" selected>`, `<option value="Shop">`)
	st.editor.wants(st.editor.post(st.componentPath(0, ""), "name", "API", "manualStatus", "maintenance", "seen", at), 422, "Choose one of")
	st.goesTo(st.editor.post(st.componentPath(0, ""), "name", "API 2", "description", "", "group", "", "manualStatus", "", "seen", at), st.path("/components"), "component-saved")
	r = st.editor.wants(st.editor.post(st.componentPath(0, ""), "name", "API 3", "seen", at), 409, "Somebody else has changed this", `value="API 3"`)
	if st.read(); st.components[0].Name != "API 2" || st.components[0].ManualStatus != status.NoData {
		t.Errorf("%+v", st.components[0])
	}

	st.editor.wants(st.editor.get(st.componentPath(0, "/delete")), 200, "Delete API 2?")
	st.editor.wants(st.editor.post(st.componentPath(0, "/delete"), "typed", "API"), 422, "This is not the name.", `value="API"`)
	st.goesTo(st.editor.post(st.componentPath(0, "/delete"), "typed", " API 2 "), st.path("/components"), "component-deleted")
	if st.read(); len(st.components) != 0 {
		t.Errorf("%+v", st.components)
	}
}

func TestAStatusIsSetByHandOnlyWhileNoCheckIsEnabled(t *testing.T) {
	st := newStage(t, "API")
	st.editor.wants(st.editor.get(st.componentPath(0, "")), 200, `name="manualStatus"`)
	st.must(st.app.EnableChecks(t.Context(), st.by, st.page.ID, []model.CheckID{st.checks[0].ID}, true))
	r := st.editor.wants(st.editor.get(st.componentPath(0, "")), 200, "The checks of this component decide its status.")
	if strings.Contains(r.body, `name="manualStatus"`) {
		t.Error("it can be set by hand")
	}
	st.goesTo(st.editor.post(st.componentPath(0, ""), "name", "API", "seen", fmt.Sprint(st.components[0].Updated.UnixMilli())), st.path("/components"), "component-saved")
}

func TestComponentsAreOrderedByButtons(t *testing.T) {
	st := newStage(t, "A", "B", "C", "D", "E")
	for _, i := range []int{1, 3} { // A, [B, D], C, E
		_, err := st.app.UpdateComponent(t.Context(), st.by, st.components[i].ID, func(c *model.Component) error { c.Group = "G"; return nil })
		st.must(err)
	}
	ids := map[string]string{}
	for _, c := range st.components {
		ids[c.Name] = c.ID.String()
	}
	for _, step := range []struct{ move, want string }{
		{"down." + ids["A"], "BDACE"},       // over the whole group
		{"down." + ids["B"], "DBACE"},       // within it
		{"down." + ids["B"], "DBACE"},       // not out of it
		{"group-down." + ids["B"], "ADBCE"}, // with all of it
		{"up." + ids["E"], "ADBEC"},
		{"up." + ids["A"], "ADBEC"},
	} {
		st.goesTo(st.editor.post(st.path("/components/order"), "move", step.move), st.path("/components"), "moved")
		if got := strings.Join(st.names(), ""); got != step.want {
			t.Errorf("%s: %s, wanted %s", step.move, got, step.want)
		}
	}
	whole := []string{"id", ids["E"], "id", ids["D"], "id", ids["C"], "id", ids["B"], "id", ids["A"]}
	st.goesTo(st.editor.post(st.path("/components/order"), whole...), st.path("/components"), "moved")
	st.editor.wants(st.editor.post(st.path("/components/order"), whole[2:]...), 409)
	st.editor.wants(st.editor.post(st.path("/components/order"), "id", "nonsense"), 404)
	st.editor.wants(st.editor.post(st.path("/components/order"), "move", "up.nonsense"), 404)
	if got := strings.Join(st.names(), ""); got != "EDCBA" {
		t.Error(got)
	}
}

func TestACheckIsMadeChangedAndDeleted(t *testing.T) {
	st := newStage(t, "API")
	component := st.components[0].ID.String()
	st.editor.wants(st.editor.get(st.path("/checks/new?component="+component)), 200, `<option value="`+component+`" selected>`, `value="https://"`, "30 to 3,600")
	form := typed("component", component, "intervalSeconds", "thirty", "timeoutMs", "99999999999999999999", "degradedLatencyMs", "0", "expectedStatusMin", "400", "incidentThreshold", "0")
	r := st.editor.wants(st.editor.post(st.path("/checks/new"), form...), 422, "Type a whole number.", `href="#f-intervalSeconds"`, `value="thirty"`, `href="#f-expectedStatusMax"`, `id="f-incidentThreshold-error"`, `id="f-timeoutMs-error"`)
	if strings.Contains(r.body, "less than the interval") {
		t.Error("a timeout is compared with no interval")
	}
	r = st.editor.post(st.path("/checks/new"), typed("component", component, "degradedLatencyMs", "500", "incidentThreshold", "", "enabled", "", "name", "Second")...)
	made := regexp.MustCompile(`/checks/([0-9a-z]{8})\?done=check-created$`).FindStringSubmatch(r.location)
	if r.code != 303 || made == nil {
		t.Fatalf("%d %s\n%s", r.code, r.location, r.body)
	}
	var id model.CheckID
	st.must(id.UnmarshalText([]byte(made[1])))
	c, err := st.app.Check(t.Context(), st.by, id)
	st.must(err)
	if c.DegradedLatency.Milliseconds() != 500 || c.IncidentThreshold != 0 || c.Enabled || !c.FollowRedirects || c.InsecureSkipVerify {
		t.Errorf("%+v", c)
	}

	path := st.path("/checks/" + made[1])
	at := fmt.Sprint(c.Updated.UnixMilli())
	st.editor.wants(st.editor.get(path+"/edit"), 200, `value="500"`, `name="seen" value="`+at+`"`)
	st.goesTo(st.editor.post(path+"/edit", typed("name", "Third", "seen", at, "degradedLatencyMs", "")...), path, "check-saved")
	st.editor.wants(st.editor.post(path+"/edit", typed("name", "Fourth", "seen", at)...), 409, "Somebody else has changed this", `value="Fourth"`)
	if c, err = st.app.Check(t.Context(), st.by, id); err != nil || c.Name != "Third" || c.DegradedLatency != 0 {
		t.Errorf("%+v %v", c, err)
	}

	st.editor.wants(st.editor.post(path+"/delete", "typed", "third"), 422, "This is not the name.")
	st.goesTo(st.editor.post(path+"/delete", "typed", "Third"), st.path("/checks"), "check-deleted")
	st.editor.wants(st.editor.get(path), 404)
}

func TestSecretsOfACheckAreNeverInAPage(t *testing.T) {
	st := newStage(t, "API")
	target := probetest.New(t)
	const secret, other = "s3cr3t-of-a-header", "s3cr3t-of-a-body"
	save := func(pairs ...string) reply {
		st.read()
		pairs = append(pairs, "method", "POST", "url", target.URL, "seen", fmt.Sprint(st.checks[0].Updated.UnixMilli()))
		return st.editor.post(st.checkPath(0, "/edit"), typed(pairs...)...)
	}
	headers := func() string {
		st.read()
		return fmt.Sprintf("%d %s %s", len(st.checks[0].Headers), st.checks[0].Headers["Authorization"].Reveal(), st.checks[0].Body.Reveal())
	}
	st.goesTo(save("header.name", "Authorization", "header.value", secret, "header.name", "", "header.value", "", "body", other), st.checkPath(0, ""), "check-saved")
	if got := headers(); got != "1 "+secret+" "+other {
		t.Error(got)
	}
	refused := save("header.set", "Authorization", "header.value.set", secret+"2", "body", other+"2", "name", "")
	tested := save("do", "test", "header.set", "Authorization", "header.value.set", secret+"2", "header.name", "X-Key", "header.value", secret, "body", other)
	st.editor.wants(tested, 200, "Works: status 200", "type headers and body again", `value="X-Key"`)
	stale := st.editor.post(st.checkPath(0, "/edit"), typed("seen", "1", "header.name", "X-Key", "header.value", secret, "body", other)...)
	for name, r := range map[string]reply{
		"refused": st.editor.wants(refused, 422, "<code>Authorization</code> is set", "A body is set"), "tested": tested, "stale": st.editor.wants(stale, 409),
		"form": st.editor.get(st.checkPath(0, "/edit")), "check": st.editor.get(st.checkPath(0, "")), "list": st.editor.get(st.path("/checks")),
		"run": st.editor.post(st.checkPath(0, "/run")), "delete": st.editor.get(st.checkPath(0, "/delete")),
	} {
		if strings.Contains(r.body, "s3cr3t") {
			t.Errorf("%s: a secret is in the page", name)
		}
	}
	for _, wrong := range [][]string{
		{"header.name", "X-Key", "header.value", ""}, {"header.name", "", "header.value", "v"},
		{"header.name", "authorization", "header.value", "v"}, {"header.name", "a b", "header.value", "v"},
	} {
		st.editor.wants(save(wrong...), 422, `id="f-headers-error"`, `href="#f-headers"`)
	}
	st.goesTo(save(), st.checkPath(0, ""), "check-saved")
	if got := headers(); got != "1 "+secret+" "+other {
		t.Errorf("not kept: %s", got)
	}
	st.editor.wants(st.editor.post(st.checkPath(0, "/edit"), typed("method", "POST", "seen", fmt.Sprint(st.checks[0].Updated.UnixMilli()))...), 422,
		"The values of Authorization were entered for ", `href="#f-headers"`, `href="#f-body"`)
	st.goesTo(save("header.set", "Authorization", "header.value.set", "new"), st.checkPath(0, ""), "check-saved")
	if got := headers(); got != "1 new "+other {
		t.Errorf("not replaced: %s", got)
	}
	st.goesTo(save("remove.header", "Authorization", "remove.body", "on"), st.checkPath(0, ""), "check-saved")
	if got := headers(); got != "0  " {
		t.Errorf("not removed: %s", got)
	}
}

func TestATestOfTheFormSavesNothing(t *testing.T) {
	st := newStage(t, "API")
	target := probetest.New(t)
	component := st.components[0].ID.String()
	st.editor.wants(st.editor.post(st.path("/checks/new"), typed("component", component, "url", target.URL, "do", "test")...), 200, "Works: status 200", "not saved", `value="Home"`)
	st.editor.wants(st.editor.post(st.path("/checks/new"), typed("component", component, "url", "ftp://x", "do", "test")...), 422, "Start with https://")
	st.editor.wants(st.editor.post(st.checkPath(0, "/edit"), typed("do", "test", "timeoutMs", "1000")...), 200, "Down: connection refused")
	list, err := st.app.Checks(t.Context(), st.by, st.components[0].ID, model.Window{})
	st.must(err)
	if len(list.Items) != 1 || list.Items[0].Name != "API check" {
		t.Errorf("%+v", list.Items)
	}
}

func TestChecksAreFoundEnabledAndDuplicated(t *testing.T) {
	st := newStage(t, "API", "İstanbul")
	hidden := func(r reply) (names []string) {
		for _, m := range regexp.MustCompile(`<li class="row[^"]*" data-text="([^"]*) http[^"]*" hidden>`).FindAllStringSubmatch(r.body, -1) {
			names = append(names, m[1])
		}
		return names
	}
	for query, want := range map[string]string{"": "", "istanbul": "API check", "ISTANBUL check": "API check", "127.0.0.1": "", "api": "İstanbul check", "nothing": "API check,İstanbul check"} {
		r := st.editor.wants(st.editor.get(st.path("/checks?q="+url.QueryEscape(query))), 200, "Disabled")
		if got := strings.Join(hidden(r), ","); got != want {
			t.Errorf("%q hides %q, wanted %q", query, got, want)
		}
	}
	both := []string{"id", st.checks[0].ID.String(), "id", st.checks[1].ID.String()}
	st.goesTo(st.editor.post(st.path("/checks/enable"), append(both, "do", "enable")...), st.path("/checks"), "checks-enabled")
	if st.read(); !st.checks[0].Enabled || !st.checks[1].Enabled {
		t.Error("not enabled")
	}
	r := st.editor.post(st.path("/checks/enable"), "id", st.checks[1].ID.String(), "do", "disable", "q", "a b")
	if r.location != st.path("/checks?q=a+b&done=checks-disabled") {
		t.Error(r.location)
	}
	st.goesTo(st.editor.post(st.path("/checks/enable"), "do", "disable"), st.path("/checks"), "none-chosen")
	st.goesTo(st.editor.post(st.checkPath(0, "/enable"), "do", "disable"), st.checkPath(0, ""), "checks-disabled")
	if st.read(); st.checks[0].Enabled || st.checks[1].Enabled {
		t.Error("not disabled")
	}
	r = st.editor.post(st.checkPath(0, "/duplicate"))
	if r.code != 303 || !strings.HasSuffix(r.location, "/edit?done=check-duplicated") {
		t.Fatalf("%d %s", r.code, r.location)
	}
	st.editor.wants(st.editor.get(r.location), 200, "API check (2)")
}

func TestACheckShowsWhatWasFoundAndWhy(t *testing.T) {
	st := newStage(t, "API")
	st.editor.wants(st.editor.get(st.checkPath(0, "")), 200, "No results yet", "http://127.0.0.1:9/")
	st.editor.wants(st.editor.post(st.checkPath(0, "/run")), 200, "Down: connection refused", "Kept among the results as run by hand")
	st.eventually(func() bool {
		return strings.Contains(st.editor.get(st.checkPath(0, "?only=failures")).body, "Run by hand, not judged")
	})
	st.viewer.wants(st.viewer.get(st.checkPath(0, "")), 200, "connection refused (nothing listens on port 9)", "UTC")
	st.viewer.wants(st.viewer.get(st.checkPath(0, "?cursor=nonsense")), 404)
	if r := st.editor.get(st.checkPath(0, "/run")); r.code != 303 || r.location != st.checkPath(0, "") {
		t.Errorf("%d %s", r.code, r.location)
	}
}

func TestOlderResultsAreReadOnFromTheLastOne(t *testing.T) {
	st := newStage(t, "API")
	_, err := st.app.UpdateCheck(t.Context(), st.by, st.checks[0].ID, func(c *model.Check) error { c.Retries = 0; return nil })
	st.must(err)
	for range 51 {
		_, err := st.app.RunCheck(t.Context(), st.by, st.checks[0].ID)
		st.must(err)
	}
	next := regexp.MustCompile(`href="([^"]*)" rel="next"`)
	rows := func(r reply) int { return strings.Count(r.body, `<td role="cell" class="lead">`) }
	for _, only := range []string{"", "?only=failures"} {
		var first, second reply
		st.eventually(func() bool {
			first = st.viewer.get(st.checkPath(0, only))
			older := next.FindStringSubmatch(first.body)
			if older == nil {
				return false
			}
			second = st.viewer.wants(st.viewer.get(html.UnescapeString(older[1])), 200, "Newest")
			return rows(second) > 0
		})
		if rows(first) != 50 || rows(second) != 1 || next.MatchString(second.body) {
			t.Errorf("%q: %d rows, then %d", only, rows(first), rows(second))
		}
	}
}

// eventually fails unless it becomes true: results are written within a second.
func (l *lab) eventually(holds func() bool) {
	l.t.Helper()
	tick := time.NewTicker(25 * time.Millisecond)
	defer tick.Stop()
	for until := time.Now().Add(45 * time.Second); time.Now().Before(until); <-tick.C { // a busy machine takes its time
		if holds() {
			return
		}
	}
	l.t.Fatal("it never came true")
}

// acts are every POST of the two tabs with a form that would do.
func (st *stage) acts() map[string][]string {
	return map[string][]string{
		st.path("/components/new"):     {"name", "X"},
		st.path("/components/order"):   {"move", "down." + st.components[0].ID.String()},
		st.componentPath(0, ""):        {"name", "X", "seen", fmt.Sprint(st.components[0].Updated.UnixMilli())},
		st.componentPath(0, "/delete"): {"typed", st.components[0].Name},
		st.path("/checks/new"):         typed("component", st.components[0].ID.String()),
		st.path("/checks/enable"):      {"id", st.checks[0].ID.String(), "do", "enable"},
		st.checkPath(0, "/edit"):       typed("seen", fmt.Sprint(st.checks[0].Updated.UnixMilli())),
		st.checkPath(0, "/edit") + "?": typed("do", "test"),
		st.path("/checks/new") + "?":   typed("do", "test"),
		st.checkPath(0, "/run"):        nil,
		st.checkPath(0, "/duplicate"):  nil,
		st.checkPath(0, "/enable"):     {"do", "enable"},
		st.checkPath(0, "/delete"):     {"typed", st.checks[0].Name},
	}
}

func TestAViewerSeesServicesAndChangesNothing(t *testing.T) {
	st := newStage(t, "API", "Web")
	for path, form := range st.acts() {
		st.viewer.wants(st.viewer.post(path, form...), 403)
	}
	for _, path := range []string{st.path("/components/new"), st.path("/checks/new"), st.componentPath(0, ""), st.checkPath(0, "/edit"), st.checkPath(0, "/delete"), st.componentPath(0, "/delete")} {
		st.viewer.wants(st.viewer.get(path), 403)
	}
	if got := strings.Join(st.names(), ","); got != "API,Web" || st.checks[0].Enabled {
		t.Error(got, st.checks[0])
	}
	for _, path := range []string{st.path("/components"), st.path("/checks"), st.checkPath(0, "")} {
		r := st.viewer.wants(st.viewer.get(path), 200, "API")
		main := r.body[strings.Index(r.body, "<main"):]
		for _, not := range []string{"<button class=\"button button-quiet", `method="post"><`, "/edit", "/delete", "/new", `name="do"`, "data-order", "grip"} {
			if strings.Contains(main, not) {
				t.Errorf("%s: a viewer sees %q", path, not)
			}
		}
	}
}

func TestServicesOfOthersAreNotThere(t *testing.T) {
	st := newStage(t, "API")
	other := st.pageIn("Other", "other", "Theirs")
	second := st.lab.page("second", "Ours elsewhere")
	for _, foreign := range []model.Page{other, second} {
		by := st.ownerOf("Default")
		if foreign.ID == other.ID {
			by = st.ownerOf("Other")
		}
		components, err := st.app.Components(t.Context(), by, foreign.ID, model.Window{})
		st.must(err)
		checks, err := st.app.Checks(t.Context(), by, components.Items[0].ID, model.Window{})
		st.must(err)
		c, ch := "/components/"+components.Items[0].ID.String(), "/checks/"+checks.Items[0].ID.String()
		for _, rest := range []string{c, c + "/delete", ch, ch + "/edit", ch + "/delete", ch + "/run"} {
			st.editor.wants(st.editor.get(st.path(rest)), 404)
		}
		for rest, form := range map[string][]string{
			c: {"name", "X"}, c + "/delete": {"typed", components.Items[0].Name}, ch + "/edit": typed(), ch + "/delete": {"typed", checks.Items[0].Name},
			ch + "/run": nil, ch + "/duplicate": nil, ch + "/enable": {"do", "enable"},
			"/checks/enable":    {"do", "enable", "id", st.checks[0].ID.String(), "id", checks.Items[0].ID.String()},
			"/checks/new":       typed("component", components.Items[0].ID.String()),
			"/components/order": {"move", "up." + components.Items[0].ID.String()},
		} {
			st.editor.wants(st.editor.post(st.path(rest), form...), 404)
		}
	}
	if st.read(); st.checks[0].Enabled {
		t.Error("half of a change was made")
	}
	st.editor.wants(st.editor.get("/d/w/"+other.Workspace.String()+"/p/"+other.ID.String()+"/checks"), 404)
}
