package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"statusd/app/model"
	"statusd/app/status"
	"statusd/store"
	"statusd/store/storetest"
)

var bg = context.Background()

// same reports a difference.
func same(t *testing.T, got, want any) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("want -, got +\n%s", d)
	}
}

// get reads one value.
func get[T any](t *testing.T, s *store.Store, f func(store.View) (T, error)) (out T) {
	t.Helper()
	storetest.Read(t, s, func(v store.View) (err error) {
		out, err = f(v)
		return err
	})
	return out
}

func TestPagesRoundTrip(t *testing.T) {
	s := storetest.New(t)
	w := storetest.Fill(t, s, "acme", "api: health")
	own := func(v store.View) store.Owned { return v.In(w.Workspace.ID) }
	same(t, get(t, s, func(v store.View) (model.Page, error) { return own(v).Page(bg, w.Page.ID) }), w.Page)
	p := w.Page
	p.Name, p.Slug, p.CustomDomain, p.TimeZone, p.NoIndex, p.SubscribersEnabled = "Ünïcode \"x\" '; --", "acme-2", "status.example.org", "Europe/Istanbul", true, false
	p.Branding = model.Branding{DisplayName: "Acme", PrimaryColor: "#abcdef", LogoURL: "https://x/l.png", LogoLinkURL: "https://x/", Tagline: "t"}
	p.Updated = p.Updated.Add(time.Millisecond)
	storetest.Write(t, s, func(tx *store.Tx) error { return tx.In(w.Workspace.ID).SetPage(bg, p) })
	same(t, get(t, s, func(v store.View) (model.Page, error) { return v.PageBySlug(bg, "acme-2") }), p)
	same(t, get(t, s, func(v store.View) ([]model.Page, error) { return v.PublicPages(bg) }), []model.Page{p})
	if err := s.Read(bg, func(v store.View) error { _, err := v.PageBySlug(bg, "acme"); return err }); !errors.Is(err, store.ErrNone) {
		t.Errorf("the old slug: %v", err)
	}
}

func TestComponentsAndChecksRoundTrip(t *testing.T) {
	s := storetest.New(t)
	w := storetest.Fill(t, s, "acme", "api: health")
	c, k := w.Component("api"), w.Check("health")
	same(t, get(t, s, func(v store.View) ([]model.Component, error) { return v.EveryComponent(bg) }), w.Components)
	same(t, get(t, s, func(v store.View) ([]model.Check, error) { return v.EveryCheck(bg) }), w.Checks)
	c.Name, c.Description, c.Group, c.Position, c.ManualStatus, c.Updated = "n", "d", "g", 7, status.Degraded, c.Updated.Add(time.Hour)
	k = model.Check{
		ID: k.ID, Workspace: k.Workspace, Page: k.Page, Component: k.Component, Created: k.Created, Version: 9, Name: "n", URL: "https://x/?a=b",
		Method: "POST", Interval: time.Hour, ExpectedStatusMin: 100, ExpectedStatusMax: 599, ExpectedBodyContains: "ok\x00é", Timeout: 1500 * time.Millisecond,
		DegradedLatency: 250 * time.Millisecond, InsecureSkipVerify: true, Retries: 5, Headers: map[string]model.Secret{"A": "1", "B": ""},
		Body: "body", FollowRedirects: true, Enabled: true, IncidentThreshold: 4, JudgedFrom: k.JudgedFrom.Add(time.Minute), Updated: k.Updated.Add(time.Minute),
		Restart: model.Binding{Target: targetsOf(w)[0].ID, Threshold: 2, Cooldown: 90 * time.Second, MaxFirings: 7},
	}
	target := targetsOf(w)[0]
	target.ID = k.Restart.Target
	storetest.Write(t, s, func(tx *store.Tx) error {
		return errors.Join(tx.In(w.Workspace.ID).AddRestartTarget(bg, target), tx.In(w.Workspace.ID).SetComponent(bg, c), tx.In(w.Workspace.ID).SetCheck(bg, k))
	})
	same(t, get(t, s, func(v store.View) (model.Component, error) { return v.In(w.Workspace.ID).Component(bg, c.ID) }), c)
	same(t, get(t, s, func(v store.View) (model.Check, error) { return v.In(w.Workspace.ID).Check(bg, k.ID) }), k)
	storetest.Write(t, s, func(tx *store.Tx) error { return tx.In(w.Workspace.ID).DeletePage(bg, w.Page.ID) })
	for _, table := range []string{"pages", "components", "checks"} {
		if n := storetest.Number(t, s.Dir(), `SELECT count(*) FROM `+table); n != 0 {
			t.Errorf("%d %s are left of a deleted page", n, table)
		}
	}
}

func TestSecretsAreNotInTheFiles(t *testing.T) {
	s := storetest.New(t)
	w := storetest.Fill(t, s, "acme", "api: health")
	k := w.Check("health")
	k.Headers, k.Body = map[string]model.Secret{"X-Canary-Name": "canary-header-value"}, "canary-body-value"
	storetest.Write(t, s, func(tx *store.Tx) error { return tx.In(w.Workspace.ID).SetCheck(bg, k) })
	look := func(when string) {
		files, _ := filepath.Glob(filepath.Join(s.Dir(), "*"))
		found := false
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			found = found || bytes.Contains(data, []byte("http://127.0.0.1:1/health")) // the search itself works
			for _, secret := range []string{"canary", "Canary"} {
				if bytes.Contains(data, []byte(secret)) {
					t.Errorf("%s: %s holds %q", when, filepath.Base(file), secret)
				}
			}
		}
		if !found {
			t.Errorf("%s: not even the URL was found", when)
		}
	}
	look("in the log")
	if err := s.Optimise(bg); err != nil {
		t.Fatal(err)
	}
	look("in the database")
	same(t, get(t, s, func(v store.View) (model.Check, error) { return v.In(w.Workspace.ID).Check(bg, k.ID) }), k)
}

func TestSecretsBelongToTheirRow(t *testing.T) {
	s := storetest.New(t)
	w := storetest.Fill(t, s, "acme", "api: a b")
	k := w.Check("a")
	k.Body = "secret"
	storetest.Write(t, s, func(tx *store.Tx) error { return tx.In(w.Workspace.ID).SetCheck(bg, k) })
	storetest.Exec(t, s.Dir(), `UPDATE checks SET body = (SELECT body FROM checks WHERE body IS NOT NULL)`)
	if err := s.Read(bg, func(v store.View) error { _, err := v.In(w.Workspace.ID).Check(bg, w.Check("b").ID); return err }); err == nil {
		t.Error("a secret moved to another row opens")
	}
}

func TestAnotherWorkspaceSeesNothing(t *testing.T) {
	s := storetest.New(t)
	w, other := storetest.Fill(t, s, "acme", "api: health"), storetest.Fill(t, s, "evil", "x: y")
	c, k := w.Component("api"), w.Check("health")
	window := status.Interval{From: 0, To: 1 << 50}
	storetest.Write(t, s, func(tx *store.Tx) error {
		return errors.Join(tx.SpanOpened(bg, c.ID, 1000, status.Down), tx.AddResults(bg, 1000, []store.Seen{{Check: k.ID, Result: model.Result{At: time.UnixMilli(900)}}}))
	})
	storetest.Read(t, s, func(v store.View) error {
		o := v.In(other.Workspace.ID)
		_, page := o.Page(bg, w.Page.ID)
		_, component := o.Component(bg, c.ID)
		_, check := o.Check(bg, k.ID)
		_, results := o.Results(bg, k.ID, window, 10)
		for name, err := range map[string]error{"page": page, "component": component, "check": check, "results": results} {
			if !errors.Is(err, store.ErrNone) {
				t.Errorf("%s: %v", name, err)
			}
		}
		components, err1 := o.Components(bg, w.Page.ID, store.After{}, 10)
		checks, err2 := o.Checks(bg, c.ID, store.After{}, 10)
		spans, err3 := o.SpansOf(bg, c.ID, window)
		days, err4 := o.FoldedDays(bg, c.ID)
		pages, err5 := o.Pages(bg, store.After{}, 10)
		if len(components)+len(checks)+len(spans)+len(days) > 0 || len(pages) != 1 || pages[0].ID != other.Page.ID {
			t.Errorf("lists: %v %v %v %v %v", components, checks, spans, days, pages)
		}
		return errors.Join(err1, err2, err3, err4, err5)
	})
	for name, f := range map[string]func(store.OwnedTx) error{
		"set page":         func(o store.OwnedTx) error { return o.SetPage(bg, w.Page) },
		"delete page":      func(o store.OwnedTx) error { return o.DeletePage(bg, w.Page.ID) },
		"set component":    func(o store.OwnedTx) error { return o.SetComponent(bg, c) },
		"delete component": func(o store.OwnedTx) error { return o.DeleteComponent(bg, c.ID) },
		"set check":        func(o store.OwnedTx) error { return o.SetCheck(bg, k) },
		"delete check":     func(o store.OwnedTx) error { return o.DeleteCheck(bg, k.ID) },
	} {
		if err := s.Write(bg, store.Relaxed, func(tx *store.Tx) error { return f(tx.In(other.Workspace.ID)) }); !errors.Is(err, store.ErrNone) {
			t.Errorf("%s: %v", name, err)
		}
	}
	same(t, get(t, s, func(v store.View) (model.Check, error) { return v.In(w.Workspace.ID).Check(bg, k.ID) }), k)
}

func TestListingsGoThroughEveryRowOnceInOrder(t *testing.T) {
	s := storetest.New(t)
	w := storetest.Fill(t, s, "acme", "api: health")
	at := storetest.Began
	storetest.Write(t, s, func(tx *store.Tx) error {
		own := tx.In(w.Workspace.ID)
		for i := range 40 { // ties in time and position are ordered by id
			p := model.Page{ID: model.NewPageID(), Slug: fmt.Sprint("p", i), TimeZone: "UTC", Created: at.Add(time.Duration(i/7) * time.Second)}
			c := model.Component{ID: model.NewComponentID(), Page: w.Page.ID, Name: "c", Position: i % 5}
			k := storetest.NewCheck(w.Components[0], "k")
			k.Created = at.Add(time.Duration(i%3) * time.Second)
			if err := errors.Join(own.AddPage(bg, p), own.AddComponent(bg, c), own.AddCheck(bg, k)); err != nil {
				return err
			}
		}
		return nil
	})
	storetest.Read(t, s, func(v store.View) error {
		o := v.In(w.Workspace.ID)
		walk(t, 41, func(a store.After, n int) ([][2]int64, error) {
			rows, err := o.Pages(bg, a, n)
			return keys(rows, func(p model.Page) [2]int64 { return [2]int64{p.Created.UnixMilli(), int64(p.ID)} }), err
		})
		walk(t, 41, func(a store.After, n int) ([][2]int64, error) {
			rows, err := o.Components(bg, w.Page.ID, a, n)
			return keys(rows, func(c model.Component) [2]int64 { return [2]int64{int64(c.Position), int64(c.ID)} }), err
		})
		walk(t, 41, func(a store.After, n int) ([][2]int64, error) {
			rows, err := o.Checks(bg, w.Components[0].ID, a, n)
			return keys(rows, func(c model.Check) [2]int64 { return [2]int64{c.Created.UnixMilli(), int64(c.ID)} }), err
		})
		n, err := o.NextPosition(bg, w.Page.ID)
		if n != 5 || err != nil {
			t.Errorf("next position %d, %v", n, err)
		}
		return nil
	})
}

func keys[T any](rows []T, key func(T) [2]int64) (out [][2]int64) {
	for _, r := range rows {
		out = append(out, key(r))
	}
	return out
}

func walk(t *testing.T, want int, next func(store.After, int) ([][2]int64, error)) {
	t.Helper()
	for _, limit := range []int{1, 7, 41, 100} {
		var all [][2]int64
		var after store.After
		for {
			rows, err := next(after, limit)
			if err != nil {
				t.Fatal(err)
			}
			if len(rows) == 0 {
				break
			}
			all = append(all, rows...)
			after = store.After{Position: rows[len(rows)-1][0], ID: rows[len(rows)-1][1]}
		}
		sorted := slices.IsSortedFunc(all, func(a, b [2]int64) int { return slices.Compare(a[:], b[:]) })
		if len(all) != want || !sorted || len(slices.Compact(all)) != want {
			t.Errorf("limit %d: %d rows, sorted %v", limit, len(all), sorted)
		}
	}
}

func TestAccountsTokensAndAnswersRoundTrip(t *testing.T) {
	s := storetest.New(t)
	w := storetest.Fill(t, s, "acme", "api:")
	u := model.User{ID: model.NewUserID(), Email: "Ada@Example.org", Password: "$argon2id$", Admin: true, Created: storetest.Began, Roles: map[model.WorkspaceID]model.Role{w.Workspace.ID: model.Owner}}
	k := model.Token{ID: model.NewTokenID(), Workspace: w.Workspace.ID, Name: "ci", Role: model.Editor, Admin: true, Created: storetest.Began}
	storetest.Write(t, s, func(tx *store.Tx) error {
		return errors.Join(tx.AddUser(bg, u), tx.In(w.Workspace.ID).AddToken(bg, k, []byte("hash")), tx.SetInstanceValue(bg, "base_url", "x"))
	})
	same(t, get(t, s, func(v store.View) (model.User, error) { return v.UserByEmail(bg, "aDA@example.ORG") }), u)
	same(t, get(t, s, func(v store.View) ([]model.User, error) { return v.Users(bg) }), []model.User{u})
	same(t, get(t, s, func(v store.View) (int, error) { return v.CountUsers(bg) }), 1)
	same(t, get(t, s, func(v store.View) (model.Token, error) { return v.TokenByHash(bg, []byte("hash")) }), k)
	same(t, get(t, s, func(v store.View) (string, error) { return v.InstanceValue(bg, "base_url") }), "x")
	same(t, get(t, s, func(v store.View) (string, error) { return v.InstanceValue(bg, "other") }), "")
	same(t, get(t, s, func(v store.View) (model.Workspace, error) { return v.WorkspaceNamed(bg, "acme") }), w.Workspace)
	k.LastUsed = storetest.Began.Add(time.Hour)
	a := store.Answer{Fingerprint: []byte("f"), Status: 201, Location: "/x", Body: []byte("{}"), Created: storetest.Began}
	storetest.Write(t, s, func(tx *store.Tx) error {
		return errors.Join(tx.TokenUsed(bg, k.ID, k.LastUsed), tx.SetPassword(bg, u.ID, "new"), tx.AddAnswer(bg, k.ID, "key", store.Answer{Body: []byte{}, Fingerprint: []byte{}}), tx.AddAnswer(bg, k.ID, "key", a))
	})
	u.Password = "new"
	same(t, get(t, s, func(v store.View) ([]model.Token, error) { return v.Tokens(bg) }), []model.Token{k})
	same(t, get(t, s, func(v store.View) (model.User, error) { return v.UserByEmail(bg, u.Email) }), u)
	same(t, get(t, s, func(v store.View) (store.Answer, error) { return v.Answer(bg, k.ID, "key") }), a)
	storetest.Write(t, s, func(tx *store.Tx) error { return tx.DeleteToken(bg, k.ID) })
	if n := storetest.Number(t, s.Dir(), `SELECT count(*) FROM answers`); n != 0 {
		t.Error("answers outlive their token")
	}
}

func TestTakenAndNone(t *testing.T) {
	s := storetest.New(t)
	w := storetest.Fill(t, s, "acme", "api: health")
	u := model.User{ID: model.NewUserID(), Email: "a@b"}
	k := model.Token{ID: model.NewTokenID()}
	p := w.Page
	p.ID, p.Slug, p.CustomDomain = model.NewPageID(), "other", "x.example"
	storetest.Write(t, s, func(tx *store.Tx) error {
		return errors.Join(tx.AddUser(bg, u), tx.In(w.Workspace.ID).AddToken(bg, k, []byte("h")), tx.In(w.Workspace.ID).AddPage(bg, p))
	})
	for name, f := range map[string]func(*store.Tx, store.OwnedTx) error{
		"slug": func(_ *store.Tx, o store.OwnedTx) error {
			q := p
			q.ID = 1
			q.CustomDomain = ""
			return o.AddPage(bg, q)
		},
		"domain": func(_ *store.Tx, o store.OwnedTx) error {
			q := w.Page
			q.CustomDomain = "x.example"
			return o.SetPage(bg, q)
		},
		"id":    func(_ *store.Tx, o store.OwnedTx) error { return o.AddCheck(bg, w.Checks[0]) },
		"email": func(tx *store.Tx, _ store.OwnedTx) error { return tx.AddUser(bg, model.User{ID: 5, Email: "A@B"}) },
		"workspace": func(tx *store.Tx, _ store.OwnedTx) error {
			return tx.AddWorkspace(bg, model.Workspace{ID: 5, Name: "acme"})
		},
		"token": func(_ *store.Tx, o store.OwnedTx) error { return o.AddToken(bg, model.Token{ID: 5}, []byte("h")) },
	} {
		if err := s.Write(bg, store.Relaxed, func(tx *store.Tx) error { return f(tx, tx.In(w.Workspace.ID)) }); !errors.Is(err, store.ErrTaken) {
			t.Errorf("%s: %v", name, err)
		}
	}
	storetest.Read(t, s, func(v store.View) error {
		for name, f := range map[string]func() error{
			"page by slug": func() error { _, err := v.PageBySlug(bg, "no"); return err },
			"user":         func() error { _, err := v.UserByEmail(bg, "no"); return err },
			"token":        func() error { _, err := v.TokenByHash(bg, []byte("no")); return err },
			"workspace":    func() error { _, err := v.WorkspaceNamed(bg, "no"); return err },
			"answer":       func() error { _, err := v.Answer(bg, 1, "no"); return err },
		} {
			if err := f(); !errors.Is(err, store.ErrNone) {
				t.Errorf("%s: %v", name, err)
			}
		}
		for _, tt := range []struct {
			slug string
			but  model.PageID
			want bool
		}{{"acme", 0, true}, {"acme", w.Page.ID, false}, {"nobody", 0, false}} {
			if got, err := v.SlugTaken(bg, tt.slug, tt.but); got != tt.want || err != nil {
				t.Errorf("slug %q but %v: %v %v", tt.slug, tt.but, got, err)
			}
		}
		taken, err := v.DomainTaken(bg, "x.example", w.Page.ID)
		free, err2 := v.DomainTaken(bg, "x.example", p.ID)
		if !taken || free {
			t.Errorf("domain %v %v", taken, free)
		}
		return errors.Join(err, err2)
	})
	for _, f := range []func(*store.Tx) error{
		func(tx *store.Tx) error { return tx.DeleteToken(bg, 77) },
		func(tx *store.Tx) error { return tx.SetPassword(bg, 77, "x") },
	} {
		if err := s.Write(bg, store.Relaxed, f); !errors.Is(err, store.ErrNone) {
			t.Errorf("a change of nothing: %v", err)
		}
	}
}
