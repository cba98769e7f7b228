package dashboard_test

import (
	"net/url"
	"regexp"
	"strings"
	"testing"

	"statusd/app/model"
)

var optionNames = regexp.MustCompile(`class="option-name">([^<]*)<`)

// jumps are the names that the palette offers, in order.
func (c *client) jumps(from, query string) string {
	c.t.Helper()
	r := c.wants(c.get("/d/jump?"+from+"&q="+url.QueryEscape(query)), 200)
	var names []string
	for _, m := range optionNames.FindAllStringSubmatch(r.body, -1) {
		names = append(names, m[1])
	}
	return strings.Join(names, ", ")
}

func (st *stage) from() string {
	return "ws=" + st.page.Workspace.String() + "&page=" + st.page.ID.String()
}

func TestThePaletteFindsWithoutAccentsAndWithAnyI(t *testing.T) {
	st := newStage(t, "Çınar Kargo", "İSTANBUL", "Web app", "Billing web")
	for _, one := range []struct{ query, want string }{
		{"cinar", "Çınar Kargo, Çınar Kargo check"},
		{"ÇINAR kar", "Çınar Kargo, Çınar Kargo check"},
		{"istanbul", "İSTANBUL, İSTANBUL check"},
		{"ıstanbul chec", "İSTANBUL check"},
		{"web", "Web app, Billing web, Web app check, Billing web check"}, // what begins with it comes first
		{"settings", "Settings"},
		{"acme", "acme"},
		{"no such thing", ""},
		{"<script>", ""},
	} {
		if got := st.editor.jumps(st.from(), one.query); got != one.want {
			t.Errorf("%q finds %q, wanted %q", one.query, got, one.want)
		}
	}
}

func TestThePaletteOffersWhatThePersonMaySee(t *testing.T) {
	st := newStage(t, "API")
	st.pageIn("Other", "rival-page", "Rival component")
	has := func(c *client, from string, want bool, names ...string) {
		t.Helper()
		got := ", " + c.jumps(from, "") + ", "
		for _, name := range names {
			if strings.Contains(got, ", "+name+", ") != want {
				t.Errorf("%q: %v, wanted %v, in %s", name, !want, want, got)
			}
		}
	}
	has(st.viewer, st.from(), true, "Overview", "Components", "Checks", "Settings", "API", "API check", "acme", "All pages", "Account")
	has(st.viewer, st.from(), false, "New component", "New check", "New page", "Members", "Instance settings", "rival-page", "Rival component")
	has(st.editor, st.from(), true, "New component", "New check", "New page")
	has(st.editor, st.from(), false, "Members", "Instance settings")
	yes := true
	_, err := st.app.AddUser(t.Context(), newUser("first@example.org", model.Owner, &yes))
	st.must(err)
	first := st.as("first@example.org")
	has(first, st.from(), true, "Members", "Instance settings")
	has(first, "", true, "acme", "Account", "Instance settings")
	has(first, "", false, "Overview", "API", "Members", "rival-page")
}

func TestThePaletteKnowsNoForeignPlace(t *testing.T) {
	st := newStage(t, "API")
	rival := st.pageIn("Other", "rival-page", "Rival component")
	own, foreign := st.page.Workspace.String(), rival.Workspace.String()
	for _, from := range []string{
		"ws=" + foreign, "ws=" + foreign + "&page=" + rival.ID.String(), "ws=" + own + "&page=" + rival.ID.String(),
		"ws=zzzzzzzz", "ws=" + own + "&page=zzzzzzzz", "ws=%2e%2e", "ws=" + foreign + "&page=" + st.page.ID.String(),
	} {
		r := st.editor.wants(st.editor.get("/d/jump?q=&"+from), 404)
		if strings.Contains(r.body, "Rival") || strings.Contains(r.body, "rival") {
			t.Errorf("%s shows what is foreign", from)
		}
	}
}

func TestThePaletteFindsEveryPageAndShowsFew(t *testing.T) {
	st := newStage(t)
	for range 12 {
		name := "page-" + string(rune('a'+len(st.components)))
		st.components = append(st.components, model.Component{})
		st.lab.page(name)
	}
	if got := st.editor.jumps("", "page-l"); got != "page-l" {
		t.Errorf("found %q", got)
	}
	if got := strings.Count(st.editor.jumps("", "page"), "page-"); got != 10 {
		t.Errorf("%d of many", got)
	}
}

func TestNamesInThePaletteAreEscaped(t *testing.T) {
	st := newStage(t, `<b id="x">&"'`)
	r := st.editor.wants(st.editor.get("/d/jump?"+st.from()), 200, "&lt;b id=&#34;x&#34;&gt;")
	if strings.Contains(r.body, `<b id="x">`) {
		t.Error("a name is markup")
	}
}

func TestTheSwitcherLeadsToThePagesOfTheWorkspace(t *testing.T) {
	st := newStage(t, "API")
	second := st.lab.page("second")
	st.pageIn("Other", "rival-page")
	r := st.viewer.wants(st.viewer.get(st.path("")), 200, `href="/d/w/`+second.Workspace.String()+"/p/"+second.ID.String()+`"`, "All pages")
	if strings.Contains(r.body, "rival-page") || strings.Contains(r.body, "Other workspaces") {
		t.Error("what is foreign is offered")
	}
}

func TestShortcutsAreListedInWords(t *testing.T) {
	st := newStage(t)
	st.editor.wants(st.editor.get("/d/shortcuts"), 200, "Keyboard shortcuts", "<kbd>G</kbd> then <kbd>K</kbd>", "<kbd>Ctrl</kbd> + <kbd>K</kbd>")
}
