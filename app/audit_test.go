package app_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"statusd/app"
	"statusd/app/model"
	"statusd/app/status"
	"statusd/store"
	"statusd/store/storetest"
)

// trail is the whole trail of the workspace, oldest first, as "action subject: changes".
func (l *lab) trail(page model.PageID) (out []string) {
	l.t.Helper()
	for _, e := range l.audit(page) {
		out = append(out, fmt.Sprintf("%s %s: %v", e.Action, e.Subject.Name, e.Changes))
	}
	return out
}

// audit is the trail, oldest first, read in short pages.
func (l *lab) audit(page model.PageID) (out []model.Audit) {
	l.t.Helper()
	f := app.AuditFilter{Page: page, Window: model.Window{Limit: 3}}
	for {
		list, err := l.a.Audit(bg, l.by, f)
		l.must(err)
		out = append(out, list.Items...)
		if f.Window.Cursor = list.Next; f.Window.Cursor == "" {
			slices.Reverse(out)
			return out
		}
	}
}

func (l *lab) entries() int64 {
	l.t.Helper()
	return storetest.Number(l.t, l.dir, `SELECT count(*) FROM audit`)
}

func TestWhatIsDoneIsInTheTrail(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		_, err := l.a.UpdatePage(bg, l.by, l.page.ID, func(p *model.Page) error {
			p.Branding.PrimaryColor, p.NoIndex = "#0f766e", true
			return nil
		})
		l.must(err)
		c := l.component("api")
		_, err = l.a.UpdateComponent(bg, l.by, c.ID, func(c *model.Component) error { c.Name, c.ManualStatus = "API", status.Down; return nil })
		l.must(err)
		k := l.check(c)
		_, err = l.a.UpdateCheck(bg, l.by, k.ID, func(k *model.Check) error {
			k.Interval, k.IncidentThreshold, k.DegradedLatency = time.Minute, 0, 250*time.Millisecond
			return nil
		})
		l.must(err)
		l.check(c)
		l.must(l.a.DeleteCheck(bg, l.by, k.ID))
		l.must(l.a.DeleteComponent(bg, l.by, c.ID))
		l.component("web")
		l.must(l.a.DeletePage(bg, l.by, l.page.ID))
		const created = "[{name <nil> k} {url <nil> http://127.0.0.1:1/} {method <nil> GET} {intervalSeconds <nil> 30} " +
			"{expectedStatusMin <nil> 200} {expectedStatusMax <nil> 299} {timeoutMs <nil> 10000} {insecureSkipTlsVerify <nil> false} {retries <nil> 1} " +
			"{followRedirects <nil> true} {enabled <nil> true} {incidentThreshold <nil> 3}]"
		want := []string{
			"page.created acme: [{name <nil> acme} {slug <nil> acme} {timeZone <nil> UTC} {noIndex <nil> false} {subscribersEnabled <nil> true}]",
			"page.changed acme: [{branding.primaryColor <nil> #0f766e} {noIndex false true}]",
			"component.created api: [{name <nil> api} {position <nil> 1}]",
			"component.changed API: [{name api API} {manualStatus <nil> down}]",
			"check.created k: " + created,
			"check.changed k: [{intervalSeconds 30 60} {degradedLatencyMs <nil> 250} {incidentThreshold 3 <nil>}]",
			"check.created k: " + created,
			"check.deleted k: [{name k <nil>} {url http://127.0.0.1:1/ <nil>} {method GET <nil>} {intervalSeconds 60 <nil>} " +
				"{expectedStatusMin 200 <nil>} {expectedStatusMax 299 <nil>} {timeoutMs 10000 <nil>} {degradedLatencyMs 250 <nil>} " +
				"{insecureSkipTlsVerify false <nil>} {retries 1 <nil>} {followRedirects true <nil>} {enabled true <nil>}]",
			"component.deleted API: [{name API <nil>} {position 1 <nil>} {manualStatus down <nil>} {checks [k] <nil>}]",
			"component.created web: [{name <nil> web} {position <nil> 1}]",
			"page.deleted acme: [{name acme <nil>} {slug acme <nil>} {branding.primaryColor #0f766e <nil>} {timeZone UTC <nil>} " +
				"{noIndex true <nil>} {subscribersEnabled true <nil>} {components [web] <nil>}]",
		}
		same(t, l.trail(l.page.ID), want) // the page is gone, its trail is not
		same(t, l.trail(0), want)
		e := l.audit(l.page.ID)[4]
		same(t, e.Subject, model.Subject{Kind: model.SubjectCheck, ID: k.ID.String(), Name: "k"})
		if !e.At.Equal(l.wall()) || e.Page != l.page.ID {
			t.Errorf("got %v of page %v", e.At, e.Page)
		}
	})
}

func TestTheTrailSaysWho(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		by := l.token()
		shell := model.Actor{Workspace: l.by.Workspace, Role: model.Owner, Name: "root", CLI: true}
		for i, actor := range []model.Actor{by, shell, l.by} {
			_, err := l.a.UpdatePage(bg, actor, l.page.ID, func(p *model.Page) error { p.Name = fmt.Sprint("n", i); return nil })
			l.must(err)
		}
		got := l.audit(l.page.ID)[1:]
		for i, want := range []model.Who{{Kind: model.ByToken, ID: by.Token.String(), Name: "ci"}, {Kind: model.ByCLI, Name: "root"}, {Kind: model.BySystem}} {
			same(t, got[i].By, want)
		}
		_, err := l.a.RevokeToken(bg, "ci")
		l.must(err)
		same(t, l.audit(l.page.ID)[1].By.Name, "ci") // also when the token is gone
	})
}

func TestNothingChangedIsNotRecorded(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		c := l.component("api")
		k := l.check(c)
		before := l.entries()
		viewer := l.by
		viewer.Role = model.Viewer
		_, err := l.a.UpdatePage(bg, l.by, l.page.ID, func(p *model.Page) error { p.Slug = slug; return nil })
		_, err2 := l.a.UpdateComponent(bg, l.by, c.ID, func(*model.Component) error { return nil })
		_, err3 := l.a.UpdateCheck(bg, l.by, k.ID, func(k *model.Check) error { k.Headers = map[string]model.Secret{}; return nil })
		l.must(errors.Join(err, err2, err3))
		_, refused := l.a.UpdatePage(bg, l.by, l.page.ID, func(p *model.Page) error { p.Name = ""; return nil })
		_, forbidden := l.a.UpdateCheck(bg, viewer, k.ID, func(k *model.Check) error { k.Name = "x"; return nil })
		if refused == nil || forbidden == nil || l.entries() != before {
			t.Errorf("%v, %v: %d entries, want %d", refused, forbidden, l.entries(), before)
		}
	})
}

func TestWhatFailsLeavesNoEntry(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		by := l.token()
		c := l.component("api")
		before, boom := l.entries(), errors.New("boom")
		rename := func(ctx context.Context) error {
			_, err := l.a.UpdateComponent(ctx, by, c.ID, func(c *model.Component) error { c.Name = "renamed"; return nil })
			return err
		}
		_, err := l.a.Once(bg, by, "k", []byte("f"), func(ctx context.Context) (app.Answer, error) {
			return app.Answer{}, errors.Join(rename(ctx), boom)
		})
		if !errors.Is(err, boom) || l.entries() != before {
			t.Errorf("rolled back: %v, %d entries", err, l.entries()-before)
		}
		heal := storetest.BreakCommit(t, l.dir, "components")
		if err := rename(bg); err == nil || l.entries() != before {
			t.Errorf("a commit that failed: %v, %d entries", err, l.entries()-before)
		}
		heal()
		heal = storetest.Break(t, l.dir, "audit") // and what cannot be recorded is not done
		for name, f := range map[string]func() error{
			"rename":           func() error { return rename(bg) },
			"delete component": func() error { return l.a.DeleteComponent(bg, by, c.ID) },
			"delete page":      func() error { return l.a.DeletePage(bg, by, l.page.ID) },
			"create check": func() error {
				_, err := l.a.CreateCheck(bg, by, c.ID, func(k *model.Check) error { k.Name, k.URL = "k", "http://127.0.0.1:1/"; return nil })
				return err
			},
			"create page": func() error {
				_, err := l.a.CreatePage(bg, by, func(p *model.Page) error { p.Name, p.Slug = "x", "x"; return nil })
				return err
			},
		} {
			if err := f(); err == nil {
				t.Errorf("%s is done without a record", name)
			}
		}
		heal()
		got, err := l.a.Component(bg, by, c.ID)
		if err != nil || got.Name != "api" || storetest.Number(t, l.dir, `SELECT count(*) FROM checks`)+storetest.Number(t, l.dir, `SELECT count(*) FROM pages`) != 1 {
			t.Errorf("%v, %v", got, err)
		}
		l.whole()
	})
}

func TestSeveralChangesOfOneTransactionAreEachRecorded(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		by := l.token()
		_, err := l.a.Once(bg, by, "k", []byte("f"), func(ctx context.Context) (app.Answer, error) {
			for _, name := range []string{"a", "b", "c"} {
				c, err := l.a.CreateComponent(ctx, by, l.page.ID, func(c *model.Component) error { c.Name = name; return nil })
				if err != nil {
					return app.Answer{}, err
				}
				_, err = l.a.UpdateComponent(ctx, by, c.ID, func(c *model.Component) error { c.Group = "g"; return nil })
				if err != nil {
					return app.Answer{}, err
				}
			}
			return app.Answer{}, nil
		})
		l.must(err)
		var want []string
		for i, name := range []string{"a", "b", "c"} {
			want = append(want, fmt.Sprintf("component.created %s: [{name <nil> %s} {position <nil> %d}]", name, name, i+1), "component.changed "+name+": [{group <nil> g}]")
		}
		same(t, l.trail(l.page.ID)[1:], want)
	})
}

func TestTheTrailOfAnotherWorkspaceIsNotThere(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		w, err := l.a.AddWorkspace(bg, "other")
		l.must(err)
		stranger := model.Actor{Workspace: w.ID, Role: model.Owner, Admin: true}
		_, err = l.a.CreatePage(bg, stranger, func(p *model.Page) error { p.Name, p.Slug = "theirs", "theirs"; return nil })
		l.must(err)
		seen := func() {
			t.Helper()
			if _, err := l.a.Audit(bg, stranger, app.AuditFilter{Page: l.page.ID}); !errors.Is(err, model.ErrNotFound) {
				t.Errorf("a page of another workspace: %v", err)
			}
			if _, err := l.a.Audit(bg, l.by, app.AuditFilter{Page: model.NewPageID()}); !errors.Is(err, model.ErrNotFound) {
				t.Errorf("no page: %v", err)
			}
			list, err := l.a.Audit(bg, stranger, app.AuditFilter{})
			if err != nil || len(list.Items) != 2 || list.Items[0].Subject.Name != "theirs" || list.Items[1].Subject.Name != "other" {
				t.Errorf("the whole trail of the other: %v, %v", list, err)
			}
		}
		seen()
		viewer := l.by
		viewer.Role = model.Viewer
		if list, err := l.a.Audit(bg, viewer, app.AuditFilter{Page: l.page.ID}); err != nil || len(list.Items) != 1 {
			t.Errorf("a viewer: %v, %v", list, err)
		}
		for _, w := range []model.Window{{Limit: -1}, {Limit: 201}, {Cursor: "!"}} {
			if _, err := l.a.Audit(bg, l.by, app.AuditFilter{Window: w}); err == nil {
				t.Errorf("%v is taken", w)
			}
		}
		l.must(l.a.DeletePage(bg, l.by, l.page.ID))
		seen() // neither is that of a page that is gone
	})
}

func TestTheTrailIsKept400Days(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		l.pass(2 * time.Hour)
		l.component("a")
		l.jump(399 * 24 * time.Hour)
		l.component("b")
		l.pass(2*time.Hour + 5*time.Minute) // the clock is believed again, and the calendar's hour comes
		if n := l.entries(); n != 3 {
			t.Fatalf("%d entries after 399 days", n)
		}
		l.jump(24 * time.Hour)
		l.component("c")
		l.pass(2*time.Hour + 5*time.Minute)
		got := l.trail(0)
		if len(got) != 2 || !strings.HasPrefix(got[0], "component.created b") || !strings.HasPrefix(got[1], "component.created c") {
			t.Errorf("after 400 days: %q", got)
		}
	})
}

func TestAStaleFormIsRefused(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		c := l.component("api")
		k := l.check(c)
		for name, f := range map[string]func(n string, conditions ...app.Condition) (time.Time, error){
			"page": func(n string, conditions ...app.Condition) (time.Time, error) {
				p, err := l.a.UpdatePage(bg, l.by, l.page.ID, func(p *model.Page) error { p.Name = n; return nil }, conditions...)
				return p.Updated, err
			},
			"component": func(n string, conditions ...app.Condition) (time.Time, error) {
				c, err := l.a.UpdateComponent(bg, l.by, c.ID, func(c *model.Component) error { c.Name = n; return nil }, conditions...)
				return c.Updated, err
			},
			"check": func(n string, conditions ...app.Condition) (time.Time, error) {
				k, err := l.a.UpdateCheck(bg, l.by, k.ID, func(k *model.Check) error { k.Name = n; return nil }, conditions...)
				return k.Updated, err
			},
		} {
			opened, err := f("zero") // in a bubble all of this happens in one millisecond
			l.must(err)
			saved, err := f("first", app.IfUnchangedSince(opened))
			l.must(err)
			if !saved.After(opened) {
				t.Errorf("%s: two edits have the times %v and %v", name, opened, saved)
			}
			before := l.entries()
			for _, seen := range []time.Time{opened, {}, saved.Add(time.Hour), saved.Add(-time.Millisecond)} {
				_, err = f("second", app.IfUnchangedSince(seen))
				var conflict model.Conflict
				if !errors.As(err, &conflict) || conflict.Code != "stale" {
					t.Errorf("%s as of %v: %v", name, seen, err)
				}
			}
			if table := name + "s"; l.entries() != before || storetest.Number(t, l.dir, `SELECT count(*) FROM `+table+` WHERE name = 'first'`) != 1 {
				t.Errorf("%s: a stale form changed something", name)
			}
			l.jump(-time.Hour) // a clock that goes back makes no two edits alike
			again, err := f("third", app.IfUnchangedSince(time.UnixMilli(saved.UnixMilli())))
			if err != nil || !again.After(saved) {
				t.Errorf("%s: %v, %v after %v", name, err, again, saved)
			}
			if _, err := f("fourth"); err != nil {
				t.Errorf("%s without a condition: %v", name, err)
			}
		}
		viewer, stranger := l.by, l.by
		viewer.Role, stranger.Workspace = model.Viewer, model.NewWorkspaceID()
		for by, want := range map[model.Actor]error{viewer: model.ErrForbidden, stranger: model.ErrNotFound} {
			_, err := l.a.UpdatePage(bg, by, l.page.ID, func(*model.Page) error { return nil }, app.IfUnchangedSince(time.Time{}))
			if !errors.Is(err, want) {
				t.Errorf("got %v, want %v", err, want)
			}
		}
	})
}

func TestReorder(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		a, b, c := l.component("a"), l.component("b"), l.component("c")
		other, err := l.a.CreatePage(bg, l.by, func(p *model.Page) error { p.Name, p.Slug = "other", "other"; return nil })
		l.must(err)
		foreign, err := l.a.CreateComponent(bg, l.by, other.ID, func(c *model.Component) error { c.Name = "f"; return nil })
		l.must(err)
		order := func() string {
			list, err := l.a.Components(bg, l.by, l.page.ID, model.Window{})
			l.must(err)
			var out []string
			for _, c := range list.Items {
				out = append(out, fmt.Sprint(c.Name, c.Position))
			}
			return strings.Join(out, " ")
		}
		before := l.entries()
		for _, wrong := range [][]model.ComponentID{nil, {a.ID, b.ID}, {a.ID, b.ID, b.ID}, {a.ID, b.ID, c.ID, c.ID}, {a.ID, b.ID, foreign.ID}, {a.ID, b.ID, c.ID, foreign.ID}, {a.ID, b.ID, model.NewComponentID()}} {
			if v, ok := model.AsInvalid(l.a.Reorder(bg, l.by, l.page.ID, wrong)); !ok || !v.Has("componentIds") {
				t.Errorf("%v: %v", wrong, v)
			}
		}
		l.must(l.a.Reorder(bg, l.by, l.page.ID, []model.ComponentID{a.ID, b.ID, c.ID}))
		if order() != "a1 b2 c3" || l.entries() != before {
			t.Fatalf("nothing was moved: %s, %d entries", order(), l.entries()-before)
		}
		l.must(l.a.Reorder(bg, l.by, l.page.ID, []model.ComponentID{c.ID, b.ID, a.ID}))
		if got := order(); got != "c1 b2 a3" {
			t.Errorf("got %s", got)
		}
		trail := l.audit(l.page.ID)
		last := trail[len(trail)-1]
		if got := fmt.Sprint(last.Action, last.Subject.Kind, last.Subject.ID, last.Changes); got != "components.reorderedpage"+l.page.ID.String()+"[{order [a b c] [c b a]}]" {
			t.Errorf("got %s", got)
		}
		if now, _ := l.a.Component(bg, l.by, b.ID); !now.Updated.Equal(b.Updated) {
			t.Error("one that stayed where it was counts as changed")
		}
		facts, err := l.a.Gather(bg, slug)
		if err != nil || facts.Components[0].Name != "c" {
			t.Errorf("the public page: %v, %v", facts.Components, err)
		}
		viewer, stranger := l.by, l.by
		viewer.Role, stranger.Workspace = model.Viewer, model.NewWorkspaceID()
		for by, want := range map[model.Actor]error{viewer: model.ErrForbidden, stranger: model.ErrNotFound} {
			if err := l.a.Reorder(bg, by, l.page.ID, []model.ComponentID{a.ID, b.ID, c.ID}); !errors.Is(err, want) {
				t.Errorf("got %v, want %v", err, want)
			}
		}
		heal := storetest.Break(t, l.dir, "audit")
		err = l.a.Reorder(bg, l.by, l.page.ID, []model.ComponentID{a.ID, b.ID, c.ID})
		heal()
		if err == nil || order() != "c1 b2 a3" {
			t.Errorf("half done: %v, %s", err, order())
		}
	})
}

func TestEnablingManyChecks(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		c := l.component("api")
		a, b := l.check(c), l.check(c)
		other, err := l.a.CreatePage(bg, l.by, func(p *model.Page) error { p.Name, p.Slug = "other", "other"; return nil })
		l.must(err)
		elsewhere, err := l.a.CreateComponent(bg, l.by, other.ID, func(c *model.Component) error { c.Name = "f"; return nil })
		l.must(err)
		foreign := l.check(elsewhere)
		enabled := func() int64 {
			return storetest.Number(t, l.dir, `SELECT count(*) FROM checks WHERE enabled`)
		}
		before := l.entries()
		viewer, stranger := l.by, l.by
		viewer.Role, stranger.Workspace = model.Viewer, model.NewWorkspaceID()
		for name, one := range map[string]struct {
			by   model.Actor
			ids  []model.CheckID
			want error
		}{
			"of another page": {l.by, []model.CheckID{a.ID, foreign.ID}, model.ErrNotFound},
			"unknown":         {l.by, []model.CheckID{a.ID, model.NewCheckID()}, model.ErrNotFound},
			"viewer":          {viewer, []model.CheckID{a.ID}, model.ErrForbidden},
			"stranger":        {stranger, []model.CheckID{a.ID}, model.ErrNotFound},
		} {
			if err := l.a.EnableChecks(bg, one.by, l.page.ID, one.ids, false); !errors.Is(err, one.want) {
				t.Errorf("%s: got %v", name, err)
			}
		}
		if enabled() != 3 || l.entries() != before {
			t.Fatalf("%d enabled, %d entries", enabled(), l.entries()-before)
		}
		l.must(l.a.EnableChecks(bg, l.by, l.page.ID, []model.CheckID{a.ID, b.ID, a.ID}, false))
		l.must(l.a.EnableChecks(bg, l.by, l.page.ID, []model.CheckID{a.ID, b.ID}, false))
		l.must(l.a.EnableChecks(bg, l.by, l.page.ID, []model.CheckID{b.ID}, true))
		l.must(l.a.EnableChecks(bg, l.by, l.page.ID, nil, true))
		got := l.trail(l.page.ID)
		same(t, got[len(got)-3:], []string{"check.changed k: [{enabled true false}]", "check.changed k: [{enabled true false}]", "check.changed k: [{enabled false true}]"})
		if enabled() != 2 {
			t.Errorf("%d enabled", enabled())
		}
		l.whole()
	})
}

func TestADuplicateHasTheSecretsAndIsOff(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		c := l.component("api")
		k, err := l.a.CreateCheck(bg, l.by, c.ID, func(k *model.Check) error {
			k.Name, k.URL, k.Method, k.Retries, k.Body = "Health", "http://127.0.0.1:1/", "POST", 4, "c4n4ry"
			k.Headers = map[string]model.Secret{"X-Key": "c4n4ry"}
			return nil
		})
		l.must(err)
		l.pass(time.Minute)
		made, err := l.a.DuplicateCheck(bg, l.by, k.ID)
		l.must(err)
		want := k
		want.ID, want.Name, want.Enabled = made.ID, "Health (2)", false
		want.JudgedFrom, want.Created, want.Updated = made.JudgedFrom, made.Created, made.Updated
		got, err := l.a.Check(bg, l.by, made.ID) // its secrets were sealed for its own row, or they would not open
		l.must(err)
		same(t, got, want)
		if got.ID == k.ID || !got.Created.Equal(l.wall()) || got.Body.Reveal() != "c4n4ry" {
			t.Errorf("got %v of %v", got.ID, got.Created)
		}
		trail := l.trail(l.page.ID)
		last := trail[len(trail)-1]
		if !strings.HasPrefix(last, "check.created Health (2): ") || !strings.Contains(last, "{headers.X-Key <nil> set} {body <nil> set}") || strings.Contains(last, "c4n4ry") {
			t.Errorf("got %s", last)
		}
		if again, err := l.a.DuplicateCheck(bg, l.by, made.ID); err != nil || again.Name != "Health (3)" {
			t.Errorf("%v, %v", again.Name, err)
		}
		viewer, stranger := l.by, l.by
		viewer.Role, stranger.Workspace = model.Viewer, model.NewWorkspaceID()
		for by, want := range map[model.Actor]error{viewer: model.ErrForbidden, stranger: model.ErrNotFound} {
			if _, err := l.a.DuplicateCheck(bg, by, k.ID); !errors.Is(err, want) {
				t.Errorf("got %v, want %v", err, want)
			}
		}
		storetest.Read(t, l.s, func(v store.View) error {
			names, err := v.In(l.by.Workspace).CheckNames(bg, c.ID)
			slices.Sort(names) // two were made in one millisecond
			same(t, names, []string{"Health", "Health (2)", "Health (3)"})
			return err
		})
	})
}
