package app_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"statusd/app"
	"statusd/app/model"
	"statusd/app/status"
	"statusd/store/storetest"
)

func (l *lab) token() model.Actor {
	l.t.Helper()
	text, _, err := l.a.CreateToken(bg, app.NewToken{Name: "ci", Role: model.Editor})
	l.must(err)
	by, err := l.a.Authenticate(bg, text)
	l.must(err)
	return by
}

func TestOnceDoesItOnce(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		by := l.token()
		boom := errors.New("boom")
		_, err := l.a.Once(bg, by, "k", []byte("f"), func(ctx context.Context) (app.Answer, error) {
			_, err := l.a.CreateComponent(ctx, by, l.page.ID, func(c *model.Component) error { c.Name = "half"; return nil })
			return app.Answer{}, errors.Join(err, boom)
		})
		if !errors.Is(err, boom) {
			t.Errorf("an act that fails: %v", err)
		}
		func() {
			defer func() { _ = recover() }()
			_, _ = l.a.Once(bg, by, "k", []byte("f"), func(context.Context) (app.Answer, error) { panic("in an act") })
		}()
		heal := storetest.BreakCommit(t, l.dir, "answers")
		_, err = l.a.Once(bg, by, "k", []byte("f"), func(ctx context.Context) (app.Answer, error) {
			_, err := l.a.CreateComponent(ctx, by, l.page.ID, func(c *model.Component) error { c.Name = "not kept"; return nil })
			return app.Answer{Status: 201}, err
		})
		heal()
		if err == nil {
			t.Error("a commit that failed was answered")
		}
		if list, err := l.a.Components(bg, by, l.page.ID, model.Window{}); err != nil || len(list.Items) != 0 {
			t.Errorf("left behind: %v %v", list, err)
		}
		var acts atomic.Int32
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				answer, err := l.a.Once(bg, by, "k", []byte("f"), func(ctx context.Context) (app.Answer, error) {
					acts.Add(1)
					c, err := l.a.CreateComponent(ctx, by, l.page.ID, func(c *model.Component) error { c.Name = "once"; return nil })
					return app.Answer{Status: 201, Location: "/" + c.Name, Body: []byte("{}")}, err
				})
				if err != nil || answer.Status != 201 || answer.Location != "/once" || string(answer.Body) != "{}" {
					t.Errorf("%v %v", answer, err)
				}
			})
		}
		wg.Wait()
		list, err := l.a.Components(bg, by, l.page.ID, model.Window{})
		if err != nil || len(list.Items) != 1 || acts.Load() != 1 {
			t.Errorf("%d acts, %v, %v", acts.Load(), list, err)
		}
		act := func(context.Context) (app.Answer, error) { acts.Add(1); return app.Answer{Status: 200}, nil }
		var conflict model.Conflict
		if _, err := l.a.Once(bg, by, "k", []byte("other"), act); !errors.As(err, &conflict) {
			t.Errorf("another request under the key: %v", err)
		}
		if answer, err := l.a.Replay(bg, by, "r", []byte("f"), act); err != nil || answer.Status != 200 {
			t.Errorf("%v %v", answer, err)
		}
		if _, err := l.a.Replay(bg, by, "r", []byte("f"), act); err != nil || acts.Load() != 2 {
			t.Errorf("%d acts, %v", acts.Load(), err)
		}
		l.jump(25 * time.Hour) // a day later the key is free
		if _, err := l.a.Once(bg, by, "k", []byte("other"), act); err != nil || acts.Load() != 3 {
			t.Errorf("%d acts, %v", acts.Load(), err)
		}
	})
}

func TestTokens(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		text, made, err := l.a.CreateToken(bg, app.NewToken{Name: "ci", Role: model.Viewer, Admin: true})
		l.must(err)
		by, err := l.a.Authenticate(bg, text)
		want := model.Actor{Workspace: l.by.Workspace, Role: model.Viewer, Admin: true, Token: made.ID, Name: "token ci"}
		if err != nil || by != want {
			t.Errorf("%v %v", by, err)
		}
		for _, bad := range []string{"", "statusd_", text + "x", text[:len(text)-1], strings.ToLower(text), strings.TrimPrefix(text, "statusd_")} {
			if _, err := l.a.Authenticate(bg, bad); !errors.Is(err, model.ErrUnauthorized) {
				t.Errorf("%q: %v", bad, err)
			}
		}
		first := l.wall()
		l.pass(59 * time.Second)
		_, _ = l.a.Authenticate(bg, text)
		list, err := l.a.Tokens(bg)
		if err != nil || list[0].LastUsed.Sub(first).Abs() > time.Second {
			t.Errorf("within a minute it is noted once: %v %v", list, err)
		}
		l.pass(2 * time.Second)
		_, _ = l.a.Authenticate(bg, text)
		if list, _ = l.a.Tokens(bg); list[0].LastUsed.Sub(first) < time.Minute {
			t.Errorf("a minute later it is noted again: %v", list)
		}
		_, _, err = l.a.CreateToken(bg, app.NewToken{Name: "ci", Role: model.Viewer})
		l.must(err)
		if _, err := l.a.RevokeToken(bg, "ci"); err == nil || !strings.Contains(err.Error(), "2 tokens") {
			t.Errorf("two of a name: %v", err)
		}
		for range 2 { // which others may be named like
			_, _, err = l.a.CreateToken(bg, app.NewToken{Name: made.ID.String(), Role: model.Viewer})
			l.must(err)
		}
		if gone, err := l.a.RevokeToken(bg, made.ID.String()); err != nil || gone.ID != made.ID {
			t.Error(gone, err)
		}
		if _, err := l.a.Authenticate(bg, text); !errors.Is(err, model.ErrUnauthorized) {
			t.Errorf("a revoked token: %v", err)
		}
		if _, err := l.a.RevokeToken(bg, "nobody"); err == nil {
			t.Error("nothing was revoked")
		}
	})
}

func TestWhoMayDoWhat(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		c := l.component("api")
		k := l.check(c)
		viewer, stranger := l.by, l.by
		viewer.Role = model.Viewer
		stranger.Workspace = model.NewWorkspaceID()
		for name, f := range map[string]func(by model.Actor) error{
			"update page": func(by model.Actor) error {
				_, err := l.a.UpdatePage(bg, by, l.page.ID, func(*model.Page) error { return nil })
				return err
			},
			"delete page": func(by model.Actor) error { return l.a.DeletePage(bg, by, l.page.ID) },
			"create component": func(by model.Actor) error {
				_, err := l.a.CreateComponent(bg, by, l.page.ID, func(*model.Component) error { return nil })
				return err
			},
			"update component": func(by model.Actor) error {
				_, err := l.a.UpdateComponent(bg, by, c.ID, func(*model.Component) error { return nil })
				return err
			},
			"delete component": func(by model.Actor) error { return l.a.DeleteComponent(bg, by, c.ID) },
			"create check": func(by model.Actor) error {
				_, err := l.a.CreateCheck(bg, by, c.ID, func(*model.Check) error { return nil })
				return err
			},
			"update check": func(by model.Actor) error {
				_, err := l.a.UpdateCheck(bg, by, k.ID, func(*model.Check) error { return nil })
				return err
			},
			"delete check": func(by model.Actor) error { return l.a.DeleteCheck(bg, by, k.ID) },
			"run check":    func(by model.Actor) error { _, err := l.a.RunCheck(bg, by, k.ID); return err },
		} {
			if err := f(viewer); !errors.Is(err, model.ErrForbidden) {
				t.Errorf("%s by a viewer: %v", name, err)
			}
			if err := f(stranger); !errors.Is(err, model.ErrNotFound) {
				t.Errorf("%s by a stranger: %v", name, err)
			}
		}
		for name, f := range map[string]func(by model.Actor) error{
			"page":       func(by model.Actor) error { _, err := l.a.Page(bg, by, l.page.ID); return err },
			"components": func(by model.Actor) error { _, err := l.a.Components(bg, by, l.page.ID, model.Window{}); return err },
			"component":  func(by model.Actor) error { _, err := l.a.Component(bg, by, c.ID); return err },
			"spans":      func(by model.Actor) error { _, err := l.a.Spans(bg, by, c.ID, status.Interval{}); return err },
			"checks":     func(by model.Actor) error { _, err := l.a.Checks(bg, by, c.ID, model.Window{}); return err },
			"check":      func(by model.Actor) error { _, err := l.a.Check(bg, by, k.ID); return err },
			"overview":   func(by model.Actor) error { _, err := l.a.Overview(bg, by, l.page.ID); return err },
			"recent":     func(by model.Actor) error { _, err := l.a.Recent(bg, by, l.page.ID, 0); return err },
			"latency":    func(by model.Actor) error { _, err := l.a.Latency(bg, by, c.ID, model.Day); return err },
			"results":    func(by model.Actor) error { _, err := l.a.Results(bg, by, k.ID, model.Wanted{}); return err },
		} {
			if err := f(viewer); err != nil {
				t.Errorf("%s by a viewer: %v", name, err)
			}
			if err := f(stranger); !errors.Is(err, model.ErrNotFound) {
				t.Errorf("%s by a stranger: %v", name, err)
			}
		}
		plain := l.by
		plain.Admin = false
		_, err := l.a.UpdatePage(bg, plain, l.page.ID, func(p *model.Page) error { p.CustomDomain = "status.example.org"; return nil })
		if !errors.Is(err, model.ErrForbidden) {
			t.Errorf("a custom domain by one who is no admin: %v", err)
		}
	})
}

func TestWhatIsWrongWithFields(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		c := l.component("api")
		long := strings.Repeat("é", 81)
		check := func(change func(*model.Check)) error {
			_, err := l.a.CreateCheck(bg, l.by, c.ID, func(k *model.Check) error { k.Name, k.URL = "k", "https://example.org/"; change(k); return nil })
			return err
		}
		page := func(change func(*model.Page)) error {
			_, err := l.a.UpdatePage(bg, l.by, l.page.ID, func(p *model.Page) error { change(p); return nil })
			return err
		}
		component := func(change func(*model.Component)) error {
			_, err := l.a.UpdateComponent(bg, l.by, c.ID, func(c *model.Component) error { change(c); return nil })
			return err
		}
		for want, err := range map[string]error{
			"name: required":                         check(func(k *model.Check) { k.Name = "  " }),
			"name: too_long":                         check(func(k *model.Check) { k.Name = long }),
			"url: required":                          check(func(k *model.Check) { k.URL = "" }),
			"url: url_scheme":                        check(func(k *model.Check) { k.URL = "ftp://x/" }),
			"url: url_user":                          check(func(k *model.Check) { k.URL = "http://a:b@x/" }),
			"url: url":                               check(func(k *model.Check) { k.URL = "http://x:99999/" }),
			"url: too_long":                          check(func(k *model.Check) { k.URL = "http://x/" + strings.Repeat("a", 2048) }),
			"method: choice":                         check(func(k *model.Check) { k.Method = "PUT" }),
			"intervalSeconds: range":                 check(func(k *model.Check) { k.Interval = 29 * time.Second }),
			"expectedStatusMin: range":               check(func(k *model.Check) { k.ExpectedStatusMin = 99 }),
			"expectedStatusMax: status_order":        check(func(k *model.Check) { k.ExpectedStatusMin = 300 }),
			"expectedBodyContains: head_has_no_body": check(func(k *model.Check) { k.Method, k.ExpectedBodyContains = "HEAD", "x" }),
			"timeoutMs: range":                       check(func(k *model.Check) { k.Timeout = 99 * time.Millisecond }),
			"timeoutMs: less_than_interval":          check(func(k *model.Check) { k.Timeout = 30 * time.Second }),
			"degradedLatencyMs: less_than_timeout":   check(func(k *model.Check) { k.DegradedLatency = 10 * time.Second }),
			"retries: range":                         check(func(k *model.Check) { k.Retries = 6 }),
			"incidentThreshold: range":               check(func(k *model.Check) { k.IncidentThreshold = 101 }),
			"headers: header_name":                   check(func(k *model.Check) { k.Headers = map[string]model.Secret{"a b": "x"} }),
			"headers: header_value":                  check(func(k *model.Check) { k.Headers = map[string]model.Secret{"a": "x\r\ny: z"} }),
			"headers: header_reserved":               check(func(k *model.Check) { k.Headers = map[string]model.Secret{"Content-Length": "1"} }),
			"body: body_needs_post":                  check(func(k *model.Check) { k.Body = "x" }),
			"slug: slug":                             page(func(p *model.Page) { p.Slug = "Not-ok" }),
			"timeZone: time_zone":                    page(func(p *model.Page) { p.TimeZone = "Local" }),
			"branding.primaryColor: color":           page(func(p *model.Page) { p.Branding.PrimaryColor = "red" }),
			"customDomain: domain":                   page(func(p *model.Page) { p.CustomDomain = "127.0.0.1" }),
			"manualStatus: choice":                   component(func(c *model.Component) { c.ManualStatus = status.Maintenance }),
			"position: range":                        component(func(c *model.Component) { c.Position = -1 }),
			"description: control_characters":        component(func(c *model.Component) { c.Description = "a\u202eb" }),
		} {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("want %q, got %v", want, err)
			}
		}
		if n := storetest.Number(t, l.dir, `SELECT count(*) FROM checks`); n != 0 {
			t.Errorf("%d checks were made nevertheless", n)
		}
		_, err := l.a.CreatePage(bg, l.by, func(p *model.Page) error { p.Name, p.Slug = "x", slug; return nil })
		if v, ok := model.AsInvalid(err); !ok || !v.Has("slug") {
			t.Errorf("a slug in use: %v", err)
		}
	})
}

func TestListingsEndWhereTheyShould(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		for i := range 25 {
			l.component(fmt.Sprint("c", i))
		}
		for _, limit := range []int{1, 5, 24, 25, 26} {
			var names []string
			w := model.Window{Limit: limit}
			for {
				list, err := l.a.Components(bg, l.by, l.page.ID, w)
				l.must(err)
				for _, c := range list.Items {
					names = append(names, c.Name)
				}
				if w.Cursor = list.Next; w.Cursor == "" {
					break
				}
			}
			if len(names) != 25 || names[0] != "c0" || names[24] != "c24" {
				t.Errorf("limit %d: %v", limit, names)
			}
		}
		for _, w := range []model.Window{{Limit: -1}, {Limit: 201}, {Cursor: "!"}, {Cursor: "eA"}} {
			if _, err := l.a.Components(bg, l.by, l.page.ID, w); err == nil {
				t.Errorf("%v is taken", w)
			}
		}
	})
}

func TestCustomDomainsFollowTheirPages(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		set := func(domain string) {
			_, err := l.a.UpdatePage(bg, l.by, l.page.ID, func(p *model.Page) error { p.CustomDomain = domain; return nil })
			l.must(err)
		}
		set("Status.Bücher.example.")
		if got := l.a.PageOfDomain("status.xn--bcher-kva.example"); got != slug {
			t.Errorf("%q", got)
		}
		set("b.example")
		if l.a.PageOfDomain("status.xn--bcher-kva.example") != "" || l.a.PageOfDomain("b.example") != slug {
			t.Error("the old domain stays, or the new one is not known")
		}
		l.stop()
		l.reopen()
		if l.a.PageOfDomain("b.example") != slug {
			t.Error("a restart forgets it")
		}
		l.must(l.a.DeletePage(bg, l.by, l.page.ID))
		if l.a.PageOfDomain("b.example") != "" {
			t.Error("it outlives its page")
		}
	})
}
