// Package storetest is a store for tests: in a folder that goes with the test, filled by a few words, and breakable.
// It is a real store on a real file; nothing in it is pretended. Start with New and Fill.
package storetest

import (
	"context"
	"database/sql"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"statusd/app/model"
	"statusd/store"
)

// New opens a new store for one test, as a server does. Making one takes long, so all are copies of one that was made.
func New(t testing.TB) *store.Store {
	t.Helper()
	return Open(t, Folder(t))
}

// Folder is a data folder with an empty database that nobody has open.
func Folder(t testing.TB) string {
	t.Helper()
	files, err := blank()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, data := range files {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// blank are the files of a new store.
var blank = sync.OnceValues(func() (map[string][]byte, error) {
	dir, err := os.MkdirTemp("", "storetest")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	s, err := store.Open(context.Background(), store.Options{Dir: dir, Serve: true})
	if err != nil {
		return nil, err
	}
	if err := s.Close(); err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	for _, name := range []string{store.DatabaseFile, store.KeyFile} {
		if files[name], err = os.ReadFile(filepath.Join(dir, name)); err != nil {
			return nil, err
		}
	}
	return files, nil
})

// Some is how much of a long test to run: all of it, or a little when the race detector slows everything down or -short is given.
func Some(all, little int) int {
	if raced || testing.Short() {
		return little
	}
	return all
}

// Open opens the store of a folder, as a server does; the test's end closes it, if the test has not.
func Open(t testing.TB, dir string) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), store.Options{Dir: dir, Serve: true})
	if err != nil {
		t.Fatalf("open %s: %v", dir, err)
	}
	t.Cleanup(func() { _ = s.Close() }) // a second close does nothing
	return s
}

// Write runs f in a transaction that must succeed.
func Write(t testing.TB, s *store.Store, f func(*store.Tx) error) {
	t.Helper()
	if err := s.Write(context.WithoutCancel(t.Context()), store.Relaxed, f); err != nil {
		t.Fatalf("write: %v", err)
	}
}

// Read runs f on one state; it must succeed.
func Read(t testing.TB, s *store.Store, f func(store.View) error) {
	t.Helper()
	if err := s.Read(context.WithoutCancel(t.Context()), f); err != nil {
		t.Fatalf("read: %v", err)
	}
}

// World is what Fill made.
type World struct {
	Workspace  model.Workspace
	Page       model.Page
	Components []model.Component
	Checks     []model.Check
}

// Began is when everything that Fill makes was created.
var Began = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// Fill makes a workspace with one page, both of the given name, and on it what the words say, for example
// "api: health login; web: home; docs:" are three components, of which the first has two checks and the last none.
func Fill(t testing.TB, s *store.Store, name, words string) World {
	t.Helper()
	w := World{
		Workspace: model.Workspace{ID: model.NewWorkspaceID(), Name: name, Created: Began},
		Page:      model.Page{ID: model.NewPageID(), Name: name, Slug: name, TimeZone: "UTC", SubscribersEnabled: true, Created: Began, Updated: Began},
	}
	w.Page.Workspace = w.Workspace.ID
	for i, part := range strings.Split(words, ";") {
		title, checks, _ := strings.Cut(part, ":")
		c := model.Component{
			ID: model.NewComponentID(), Workspace: w.Workspace.ID, Page: w.Page.ID, Name: strings.TrimSpace(title),
			Position: i + 1, Created: Began, Updated: Began,
		}
		w.Components = append(w.Components, c)
		for _, name := range strings.Fields(checks) {
			w.Checks = append(w.Checks, NewCheck(c, name))
		}
	}
	ctx := context.WithoutCancel(t.Context())
	Write(t, s, func(tx *store.Tx) error {
		if err := tx.AddWorkspace(ctx, w.Workspace); err != nil {
			return err
		}
		own := tx.In(w.Workspace.ID)
		if err := own.AddPage(ctx, w.Page); err != nil {
			return err
		}
		for _, c := range w.Components {
			if err := own.AddComponent(ctx, c); err != nil {
				return err
			}
		}
		for _, c := range w.Checks {
			if err := own.AddCheck(ctx, c); err != nil {
				return err
			}
		}
		return nil
	})
	return w
}

// NewCheck is a check of a component, not stored yet.
func NewCheck(c model.Component, name string) model.Check {
	check := model.NewCheck()
	check.ID, check.Workspace, check.Page, check.Component, check.Version = model.NewCheckID(), c.Workspace, c.Page, c.ID, 1
	check.Name, check.URL = name, "http://127.0.0.1:1/"+name
	check.JudgedFrom, check.Created, check.Updated = Began, Began, Began
	return check
}

// Component finds one by its name.
func (w World) Component(name string) model.Component {
	for _, c := range w.Components {
		if c.Name == name {
			return c
		}
	}
	panic("no component " + name)
}

// Check finds one by its name.
func (w World) Check(name string) model.Check {
	for _, c := range w.Checks {
		if c.Name == name {
			return c
		}
	}
	panic("no check " + name)
}

// Break makes every statement that writes to a table fail, until heal is called.
func Break(t testing.TB, dir, table string) (heal func()) {
	t.Helper()
	for _, op := range []string{"INSERT", "UPDATE", "DELETE"} {
		Exec(t, dir, `CREATE TRIGGER break_`+table+`_`+op+` BEFORE `+op+` ON `+table+` BEGIN SELECT RAISE(ABORT, 'broken for a test'); END`)
	}
	return func() {
		for _, op := range []string{"INSERT", "UPDATE", "DELETE"} {
			Exec(t, dir, `DROP TRIGGER break_`+table+`_`+op)
		}
	}
}

// BreakCommit lets statements that write to a table succeed and the commit that follows fail, until heal is called.
func BreakCommit(t testing.TB, dir, table string) (heal func()) {
	t.Helper()
	Exec(t, dir, `CREATE TABLE broken (id INTEGER REFERENCES workspaces (id) DEFERRABLE INITIALLY DEFERRED)`)
	for _, op := range []string{"INSERT", "UPDATE", "DELETE"} {
		Exec(t, dir, `CREATE TRIGGER break_commit_`+op+` AFTER `+op+` ON `+table+` BEGIN INSERT INTO broken (id) VALUES (-1); END`)
	}
	return func() {
		for _, op := range []string{"INSERT", "UPDATE", "DELETE"} {
			Exec(t, dir, `DROP TRIGGER break_commit_`+op)
		}
		Exec(t, dir, `DROP TABLE broken`)
	}
}

// Exec runs SQL on a folder's database from outside of the store.
func Exec(t testing.TB, dir, text string) {
	t.Helper()
	db := raw(t, dir)
	defer db.Close()
	if _, err := db.Exec(text); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
}

// Hold keeps others from writing to a folder's database, as another process does in the middle of a transaction, until release is called.
func Hold(t testing.TB, dir string) (release func()) {
	t.Helper()
	db := raw(t, dir)
	db.SetMaxOpenConns(1)
	if _, err := db.Exec(`BEGIN IMMEDIATE`); err != nil {
		t.Fatal(err)
	}
	return func() { _ = db.Close() }
}

// Number reads one number from a folder's database, from outside of the store.
func Number(t testing.TB, dir, text string) (n int64) {
	t.Helper()
	db := raw(t, dir)
	defer db.Close()
	if err := db.QueryRow(text).Scan(&n); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return n
}

func raw(t testing.TB, dir string) *sql.DB {
	t.Helper()
	path := filepath.Join(dir, store.DatabaseFile)
	db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Path: path, RawQuery: "_pragma=busy_timeout(10000)"}).String())
	if err != nil {
		t.Fatal(err)
	}
	return db
}

// Plan is how SQLite means to answer a query, a step a line.
func Plan(t testing.TB, dir, text string) (steps []string) {
	t.Helper()
	db := raw(t, dir)
	defer db.Close()
	rows, err := db.Query(`EXPLAIN QUERY PLAN ` + text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	defer rows.Close()
	for rows.Next() {
		var id, parent, unused int
		var step string
		if err := rows.Scan(&id, &parent, &unused, &step); err != nil {
			t.Fatal(err)
		}
		steps = append(steps, step)
	}
	return steps
}
