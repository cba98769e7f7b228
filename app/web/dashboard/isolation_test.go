package dashboard_test

import (
	"database/sql"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"statusd/app"
	"statusd/app/model"
	"statusd/store"
)

// things are the ids of one of everything in a workspace, by the name of the path's parameter.
type things map[string]string

// everything fills a workspace.
func (l *lab) everything(workspace string) things {
	l.t.Helper()
	ctx := l.t.Context()
	by := l.ownerOf(workspace)
	p := l.pageIn(workspace, strings.ToLower(workspace)+"-page", "API")
	components, err := l.app.Components(ctx, by, p.ID, model.Window{Limit: 1})
	l.must(err)
	checks, err := l.app.Checks(ctx, by, components.Items[0].ID, model.Window{Limit: 1})
	l.must(err)
	_, invite, err := l.app.Invite(ctx, by, "invited-"+strings.ToLower(workspace)+"@example.org", model.Viewer)
	l.must(err)
	_, token, err := l.app.NewTokenBy(ctx, by, newToken("token of "+workspace))
	l.must(err)
	hook := l.hook(p, "http://127.0.0.1:1024/hook", nil)
	opened, window := l.news(by, p.ID, model.Text{"en": "Slow"}, model.Text{"en": "We look into it."})
	return things{
		"ws": by.Workspace.String(), "page": p.ID.String(), "component": components.Items[0].ID.String(),
		"check": checks.Items[0].ID.String(), "invite": invite.ID.String(), "token": token.ID.String(),
		"incident": opened.ID.String(), "update": opened.Updates[0].ID.String(), "maintenance": window.ID.String(),
		"subscriber": hook.String(), "delivery": l.delivery(p, hook, nil).String(),
		"target": l.target(by, "http://127.0.0.1:9/restart").ID.String(),
	}
}

// news makes an incident and a window of a page, with the same words everywhere, and tells nobody.
func (l *lab) news(by model.Actor, page model.PageID, title, body model.Text) (model.Timeline, model.Maintenance) {
	l.t.Helper()
	opened, err := l.app.CreateIncident(l.t.Context(), by, page, func(d *app.IncidentDraft) error {
		d.Title, d.Body, d.Notify = title, body, false
		return nil
	})
	l.must(err)
	window, err := l.app.CreateMaintenance(l.t.Context(), by, page, func(d *app.MaintenanceDraft) error {
		d.Title, d.Description, d.Notify = title, body, false
		d.Start, d.End = time.Now().Add(24*time.Hour), time.Now().Add(25*time.Hour)
		return nil
	})
	l.must(err)
	return opened, window
}

// free are the parameters that name nothing of a workspace.
var free = map[string]string{"user": "00000001", "session": "00000001", "workspace": "00000001", "file": "x"}

// fill writes ids into a route; false when a parameter is unknown, which the test must then be taught.
func (th things) fill(route string) (string, error) {
	parts := strings.Split(route, "/")
	for i, part := range parts {
		name, ok := strings.CutPrefix(part, ":")
		if !ok {
			continue
		}
		value, ok := th[name]
		if !ok {
			value, ok = free[name]
		}
		if !ok {
			return "", fmt.Errorf("this test does not know what :%s is", name)
		}
		parts[i] = value
	}
	return strings.Join(parts, "/"), nil
}

// routes are those of the dashboard: "GET /d/w/:ws".
func (l *lab) routes() []*echo.Route {
	l.t.Helper()
	var out []*echo.Route
	for _, r := range l.site.Echo().Routes() {
		if strings.HasPrefix(r.Path, "/d") && (r.Method == http.MethodGet || r.Method == http.MethodPost) {
			out = append(out, r)
		}
	}
	if len(out) < 8 {
		l.t.Fatalf("only %d routes", len(out))
	}
	return out
}

// send makes a request with headers: name, value ...
func (c *client) send(method, path string, headers ...string) reply {
	c.t.Helper()
	var body io.Reader
	if method == http.MethodPost {
		body = strings.NewReader("name=Changed&slug=changed&url=http%3A%2F%2F127.0.0.1%3A9%2F&do=&confirm=x")
	}
	r, err := http.NewRequestWithContext(c.t.Context(), method, c.url+path, body)
	c.must(err)
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	res, err := c.http.Do(r)
	return c.read(res, err)
}

func TestNobodyGetsIntoTheDashboardWithoutASession(t *testing.T) {
	l := newLab(t)
	own := l.everything("Default")
	before := l.dump()
	nobody := l.visitor()
	for _, r := range l.routes() {
		path, err := own.fill(r.Path)
		l.must(err)
		got := nobody.send(r.Method, path)
		switch {
		case r.Method == http.MethodGet && (got.code != 303 || !strings.HasPrefix(got.location, "/login?next=")):
			t.Errorf("GET %s: %d to %s", path, got.code, got.location)
		case r.Method == http.MethodPost && (got.code != 401 || !strings.Contains(got.body, `name="password"`)):
			t.Errorf("POST %s: %d", path, got.code)
		}
		for name, id := range own {
			if name != "ws" && name != "page" && strings.Contains(strings.ReplaceAll(got.body, path, ""), id) {
				t.Errorf("%s %s shows %s", r.Method, path, name)
			}
		}
	}
	l.unchanged(before)
}

func TestEveryIdOfAnotherWorkspaceIsUnknown(t *testing.T) {
	l := newLab(t)
	own, foreign := l.everything("Default"), l.everything("Other")
	for email, role := range map[string]model.Role{"owner@example.org": model.Owner, "editor@example.org": model.Editor, "viewer@example.org": model.Viewer} {
		admin := false
		_, err := l.app.AddUser(t.Context(), newUser(email, role, &admin))
		l.must(err)
	}
	before := l.dump()
	tried := 0
	for _, email := range []string{"owner@example.org", "editor@example.org", "viewer@example.org"} {
		c := l.as(email)
		for _, r := range l.routes() {
			for name := range own {
				if !strings.Contains(r.Path+"/", "/:"+name+"/") {
					continue
				}
				mixed := things{}
				for k, id := range own {
					mixed[k] = id
				}
				for what, id := range map[string]string{"foreign": foreign[name], "unknown": "zzzzzzzz", "no id": "%2e%2e", "upper case": strings.ToUpper(own[name])} {
					mixed[name] = id
					path, err := mixed.fill(r.Path)
					l.must(err)
					if id == own[name] {
						continue // digits only
					}
					tried++
					instance := strings.HasPrefix(path, "/d/instance") // none of them is an admin: they learn nothing there at all
					if got := c.send(r.Method, path); got.code != 404 && (got.code != 403 || !instance && (name == "ws" || name == "page")) {
						t.Errorf("%s %s as %s with %s %s: %d", r.Method, path, email, what, name, got.code)
					}
				}
			}
		}
	}
	if tried < 50 {
		t.Errorf("only %d requests", tried)
	}
	l.unchanged(before, "sessions")
}

// ownActs are what everybody who is signed in may do: it concerns only themselves.
func ownActs(path string) bool { return strings.HasPrefix(path, "/d/account") }

func TestAViewerChangesNothing(t *testing.T) {
	l := newLab(t)
	own := l.everything("Default")
	l.member("first@example.org", model.Owner)
	l.member("viewer@example.org", model.Viewer)
	before := l.dump()
	c := l.as("viewer@example.org")
	for _, r := range l.routes() {
		path, err := own.fill(r.Path)
		l.must(err)
		if r.Method != http.MethodPost || ownActs(r.Path) {
			continue
		}
		if got := c.send(r.Method, path); got.code != 403 && got.code != 404 {
			t.Errorf("POST %s: %d to %s\n%.300s", path, got.code, got.location, got.body)
		}
	}
	l.unchanged(before, "sessions")
}

func TestNoOtherSiteMakesABrowserChangeAnything(t *testing.T) {
	l := newLab(t)
	own := l.everything("Default")
	l.member("owner@example.org", model.Owner)
	before := l.dump()
	c := l.as("owner@example.org")
	for _, r := range l.site.Echo().Routes() {
		if r.Method != http.MethodPost || strings.HasPrefix(r.Path, "/api") || strings.HasPrefix(r.Path, "/p/") {
			continue
		}
		path, err := own.fill(r.Path)
		l.must(err)
		for name, headers := range map[string][]string{
			"another site":  {"Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example"},
			"a sub-domain":  {"Sec-Fetch-Site", "same-site", "Origin", "https://sub.example.org"},
			"an old one":    {"Origin", "https://evil.example"},
			"a sandbox":     {"Origin", "null"},
			"another port":  {"Origin", "http://127.0.0.1:1"},
			"a null and us": {"Sec-Fetch-Site", "cross-site", "Origin", "null"},
		} {
			if got := c.send(r.Method, path, headers...); got.code != 403 {
				t.Errorf("POST %s from %s: %d", path, name, got.code)
			}
		}
	}
	l.unchanged(before, "sessions")
}

func TestNoGetChangesAnything(t *testing.T) {
	l := newLab(t)
	own := l.everything("Default")
	l.member("owner@example.org", model.Owner)
	c := l.as("owner@example.org")
	before := l.dump()
	for _, r := range l.routes() {
		if r.Method != http.MethodGet || strings.HasSuffix(r.Path, "/live") {
			continue
		}
		path, err := own.fill(r.Path)
		l.must(err)
		if got := c.send(r.Method, path+"?do=delete&confirm=x&name=x"); got.code >= 500 {
			t.Errorf("GET %s: %d", path, got.code)
		}
	}
	l.unchanged(before, "sessions")
}

// unchanged fails when rows of the database differ from before; tables but may.
func (l *lab) unchanged(before map[string][]string, but ...string) {
	l.t.Helper()
	for table, rows := range l.dump() {
		if !slices.Contains(but, table) && !slices.Equal(rows, before[table]) {
			l.t.Errorf("%s changed:\nbefore %q\nafter %q", table, before[table], rows)
		}
	}
}

// dump is every row of the database by table, but for what changes by itself.
func (l *lab) dump() map[string][]string {
	l.t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(l.store.Dir(), store.DatabaseFile)+"?mode=ro")
	l.must(err)
	defer db.Close()
	out := map[string][]string{}
	for _, table := range l.rows(db, `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT IN ('life', 'segments') ORDER BY name`) {
		table = strings.Trim(table, "[]")
		out[table] = l.rows(db, "SELECT * FROM "+table)
		slices.Sort(out[table])
	}
	return out
}

func (l *lab) rows(db *sql.DB, query string) []string {
	l.t.Helper()
	rows, err := db.Query(query)
	l.must(err)
	defer rows.Close()
	columns, err := rows.Columns()
	l.must(err)
	var out []string
	for rows.Next() {
		values, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		l.must(rows.Scan(into...))
		out = append(out, fmt.Sprint(values))
	}
	l.must(rows.Err())
	return out
}
