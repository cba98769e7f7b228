package api_test

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"statusd/app/model"
	"statusd/store"
)

func TestNothingOfAnotherWorkspaceIsReadableOrWritable(t *testing.T) {
	k := newKit(t)
	for _, name := range []string{"Second", "Third"} {
		_, err := k.app.AddWorkspace(t.Context(), name)
		k.must(err)
	}
	url, hits := target(t)
	own, foreign := k.furnish(k.owner, url), k.furnish(k.token("Second", model.Owner, false), url)
	actors := map[string]string{
		"owner": k.owner, "editor": k.token("First", model.Editor, false), "viewer": k.token("First", model.Viewer, false), "other": k.token("Third", model.Owner, true),
	}
	const unknown = "zzzzzzzz"
	before := k.dump()
	tried := 0
	for _, route := range routes(t, k.echo) {
		ex := examples[route]
		if ex.kind == "" || ex.kind == "slug" {
			continue
		}
		for actor, token := range actors {
			ids := []string{strings.ToUpper(foreign.id(ex.kind)), foreign.id(ex.kind) + "0", foreign.slug, "1", "%00", "..%2f" + foreign.page, "*"}
			for _, kind := range kinds {
				ids = append(ids, foreign.id(kind))
				if kind != ex.kind || actor == "other" {
					ids = append(ids, own.id(kind))
				}
			}
			want := k.serve(k.ask(route, unknown, token, url, ex.body))
			for _, id := range ids {
				got := k.serve(k.ask(route, id, token, url, ex.body))
				tried++
				if got.status != 404 || got.text != want.text || fmt.Sprint(got.header) != fmt.Sprint(want.header) {
					t.Errorf("%s with %s by %s: got %d %s, want as for an unknown id: %s", route, id, actor, got.status, got.text, want.text)
				}
			}
		}
		for _, id := range []string{foreign.id(ex.kind), own.id(ex.kind), unknown} {
			got := k.serve(k.ask(route, id, "", url, ex.body))
			if got.status != 401 || strings.Contains(got.text, id) {
				t.Errorf("%s with %s by nobody: got %d %s", route, id, got.status, got.text)
			}
		}
	}
	if diff := cmp.Diff(before, k.dump()); diff != "" {
		t.Errorf("rows changed:\n%s", diff)
	}
	if hits.Load() != 0 || tried < 400 {
		t.Errorf("%d probes, %d requests", hits.Load(), tried)
	}
}

func TestListsHoldNothingOfAnotherWorkspace(t *testing.T) {
	k := newKit(t)
	_, err := k.app.AddWorkspace(t.Context(), "Second")
	k.must(err)
	foreign := k.furnish(k.token("Second", model.Owner, false), "https://example.com/")
	own := k.furnish(k.owner, "https://example.com/")
	for path, kind := range map[string]string{"/api/v1/pages": "page", "/api/v1/pages/" + own.page + "/incidents": "incident",
		"/api/v1/incidents/" + own.incident + "/updates": "update", "/api/v1/pages/" + own.page + "/maintenances": "maintenance", "/api/v1/restart-targets": "target"} {
		if got := k.want(200, "GET", path, "").text; !strings.Contains(got, own.id(kind)) || strings.Contains(got, foreign.id(kind)) {
			t.Errorf("%s: got %s", path, got)
		}
	}
}

func TestAComponentOfAnotherPageOrWorkspaceCannotBeAffected(t *testing.T) {
	k := newKit(t)
	_, err := k.app.AddWorkspace(t.Context(), "Second")
	k.must(err)
	foreign, sibling := k.furnish(k.token("Second", model.Owner, false), "https://example.com/"), k.furnish(k.owner, "https://example.com/")
	own := k.furnish(k.owner, "https://example.com/")
	before := k.dump()
	rule := refused{field: "affectedComponentIds", code: "unknown_component"}
	for _, id := range []string{foreign.component, sibling.component, own.page, own.incident, "zzzzzzzz", "", "1", strings.Repeat("x", 1000)} {
		body := `"affectedComponentIds":["` + own.component + `","` + id + `"]`
		k.refuses("POST", "/api/v1/pages/"+own.page+"/incidents", `{"title":"T","body":"B",`+body+`}`, rule)
		k.refuses("PATCH", "/api/v1/incidents/"+own.incident, `{`+body+`}`, rule)
		k.refuses("POST", "/api/v1/pages/"+own.page+"/maintenances", `{"title":"T",`+someday+`,`+body+`}`, rule)
		k.refuses("PATCH", "/api/v1/maintenances/"+own.maintenance, `{`+body+`}`, rule)
	}
	if diff := cmp.Diff(before, k.dump()); diff != "" {
		t.Errorf("rows changed:\n%s", diff)
	}
}

func TestACheckIsNotBoundToATargetOfAnotherWorkspace(t *testing.T) {
	k := newKit(t)
	_, err := k.app.AddWorkspace(t.Context(), "Second")
	k.must(err)
	foreign, own := k.furnish(k.token("Second", model.Owner, false), "https://example.com/"), k.furnish(k.owner, "https://example.com/")
	before := k.dump()
	rule := refused{field: "restart.targetId", code: "unknown_target"}
	for _, id := range []string{foreign.target, own.check, "zzzzzzzz", "", "1", strings.Repeat("x", 1000)} {
		body := `"restart":{"targetId":"` + id + `"}`
		k.refuses("PATCH", "/api/v1/checks/"+own.check, `{`+body+`}`, rule)
		k.refuses("POST", "/api/v1/components/"+own.component+"/checks", `{"name":"N","url":"https://example.com/",`+body+`}`, rule)
	}
	if diff := cmp.Diff(before, k.dump()); diff != "" {
		t.Errorf("rows changed:\n%s", diff)
	}
}

// dump is every row of the database, but for signs of life, when a token was used last, and how far an event has been told.
func (k *kit) dump() []string {
	k.t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(k.dir, store.DatabaseFile)+"?mode=ro")
	k.must(err)
	defer db.Close()
	var out []string
	for _, table := range k.rows(db, `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT IN ('life', 'tokens', 'events') ORDER BY name`) {
		table = strings.Trim(table, "[]")
		for _, row := range k.rows(db, "SELECT * FROM "+table) {
			out = append(out, table+row)
		}
	}
	out = append(out, k.rows(db, "SELECT id, workspace_id, name, role, admin, created_at FROM tokens")...)
	out = append(out, k.rows(db, "SELECT seq, type, subject_id, at, payload FROM events")...)
	slices.Sort(out)
	return out
}

func (k *kit) rows(db *sql.DB, query string) []string {
	k.t.Helper()
	rows, err := db.Query(query)
	k.must(err)
	defer rows.Close()
	columns, err := rows.Columns()
	k.must(err)
	var out []string
	for rows.Next() {
		values, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		k.must(rows.Scan(into...))
		out = append(out, fmt.Sprint(values))
	}
	k.must(rows.Err())
	return out
}
