package app_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"statusd/app"
	"statusd/app/model"
	"statusd/store/storetest"
)

func (l *lab) setupToken() string {
	l.t.Helper()
	token, err := l.a.SetupToken(bg)
	l.must(err)
	return token
}

var setUp = app.SetUp{Email: ada, Password: password, BaseURL: "https://status.example.org/", Language: "tr"}

func TestSettingUp(t *testing.T) {
	counter(t, func(t *testing.T, l *lab) {
		token := l.setupToken()
		for range 3 { // looking does not use it up
			l.must(l.a.CanSetUp(bg, token))
		}
		if len(token) != 43 || l.setupToken() != token {
			t.Errorf("%q", token)
		}
		n := setUp
		n.Client = client(home)
		in, err := l.a.SetUp(bg, token, n)
		l.must(err)
		if !l.accepted(in.Token) || !in.User.Admin || in.User.Language != "tr" || in.Session.Address != home {
			t.Errorf("%+v", in)
		}
		roles, err := l.a.Memberships(bg, in.User.ID)
		if err != nil || len(roles) != 1 || roles[0].Role != model.Owner || roles[0].Workspace.Name != "Default" {
			t.Errorf("%v %v", roles, err)
		}
		if l.a.BaseURL() != "https://status.example.org" || l.another().BaseURL() != "https://status.example.org" {
			t.Errorf("%q", l.a.BaseURL())
		}
		if l.setupToken() != "" || !errors.Is(l.a.CanSetUp(bg, token), model.ErrNotFound) {
			t.Error("the link outlives the account")
		}
		if _, err := l.a.SetUp(bg, token, setUp); !errors.Is(err, model.ErrNotFound) {
			t.Errorf("used twice: %v", err)
		}
	})
}

func TestOneOfManySetsUp(t *testing.T) {
	counter(t, func(t *testing.T, l *lab) {
		token := l.setupToken()
		var made atomic.Int32
		var all sync.WaitGroup
		for i := range 20 {
			all.Go(func() {
				n := setUp
				n.Email = fmt.Sprintf("%d@example.org", i)
				if _, err := l.a.SetUp(bg, token, n); err == nil {
					made.Add(1)
				} else if !errors.Is(err, model.ErrNotFound) {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if n, err := l.a.CountUsers(bg); n != 1 || made.Load() != 1 || err != nil {
			t.Errorf("%d made, %d are there, %v", made.Load(), n, err)
		}
	})
}

func TestTheSetupLinkEnds(t *testing.T) {
	counter(t, func(t *testing.T, l *lab) {
		token, told := l.setupToken(), 0
		for _, bad := range []string{"", "x", token + "x", token[:42]} {
			if _, err := l.a.SetUp(bg, bad, setUp); !errors.Is(err, model.ErrNotFound) {
				t.Errorf("%q: %v", bad, err)
			}
		}
		l.a.OnSetupToken = func() { told++ }
		time.Sleep(24*time.Hour - time.Second)
		l.must(l.a.CanSetUp(bg, token))
		time.Sleep(time.Second)
		if _, err := l.a.SetUp(bg, token, setUp); !errors.Is(err, model.ErrNotFound) || told != 1 {
			t.Errorf("after a day: %v, told %d times", err, told)
		}
		next := l.setupToken()
		if l.must(l.a.CanSetUp(bg, next)); next == token || told != 1 {
			t.Errorf("told %d times", told)
		}
		if other := l.another(); !errors.Is(other.CanSetUp(bg, next), model.ErrNotFound) {
			t.Error("another start knows the token")
		}
		_, err := l.another().AddUser(bg, app.NewUser{Email: bob, Password: password, Role: model.Viewer}) // statusd user add beside us
		l.must(err)
		if _, err := l.a.SetUp(bg, next, setUp); !errors.Is(err, model.ErrNotFound) {
			t.Errorf("although there is an account: %v", err)
		}
	})
}

func TestAFailedSetupLeavesNothing(t *testing.T) {
	counter(t, func(t *testing.T, l *lab) {
		token := l.setupToken()
		bad := app.SetUp{Email: "x", Password: "qwertyuiop", Workspace: strings.Repeat("x", 81), BaseURL: "status.example.org", Language: "xx"}
		_, err := l.a.SetUp(bg, token, bad)
		v, _ := model.AsInvalid(err)
		for _, field := range []string{"email", "password", "workspace", "baseUrl", "language"} {
			if !v.Has(field) {
				t.Errorf("%s is taken", field)
			}
		}
		for _, table := range []string{"sessions", "users", "workspaces", "memberships"} {
			heal := storetest.Break(t, l.dir, table)
			if _, err := l.a.SetUp(bg, token, setUp); err == nil {
				t.Errorf("it works without %s", table)
			}
			heal()
		}
		left := storetest.Number(t, l.dir, `SELECT (SELECT count(*) FROM users) + (SELECT count(*) FROM workspaces) + (SELECT count(*) FROM sessions)
			+ (SELECT count(*) FROM instance WHERE name = 'base_url')`)
		if left != 0 || l.a.BaseURL() != "" {
			t.Errorf("%d rows are left, the URL is %q", left, l.a.BaseURL())
		}
		if _, err := l.a.SetUp(bg, token, setUp); err != nil {
			t.Errorf("the link is used up: %v", err)
		}
	})
}

func TestTheFirstAccountOwnsWhatIsThere(t *testing.T) {
	counter(t, func(t *testing.T, l *lab) {
		for _, name := range []string{"Default", "Second"} {
			_, err := l.a.AddWorkspace(bg, name)
			l.must(err)
		}
		n := setUp
		n.Workspace, n.BaseURL = " Acme ", ""
		in, err := l.a.SetUp(bg, l.setupToken(), n)
		l.must(err)
		roles, err := l.a.Memberships(bg, in.User.ID)
		if err != nil || len(roles) != 3 || roles[0].Workspace.Name != "Acme" || roles[2].Role != model.Owner {
			t.Errorf("%v %v", roles, err)
		}
	})
}

func TestThePublicURL(t *testing.T) {
	counter(t, func(t *testing.T, l *lab) {
		by := l.actor(l.user(ada))
		told := 0
		l.a.OnBaseURL = func() { told++ }
		for bad, code := range map[string]string{
			"": "url", "status.example.org": "url_scheme", "ftp://x.example": "url_scheme", "https://u:p@x.example": "url_user", "https://x.example/?a=b": "base_url",
			"https://x.example/?": "base_url", "https://x.example/#": "base_url", "https://x.example/#a": "base_url", "https://": "url", "https://x y": "url", "//x.example": "url_scheme",
			"https://x.example:0": "url", "javascript:alert(1)": "url_scheme",
		} {
			if err := l.a.SetBaseURL(bg, by, bad); err == nil || !strings.Contains(err.Error(), "baseUrl: url") && !strings.Contains(err.Error(), "baseUrl: "+code) {
				t.Errorf("%q: %v", bad, err)
			}
		}
		_, err := l.a.CreatePage(bg, by, func(p *model.Page) error { p.Name, p.Slug, p.CustomDomain = "p", "p", "p.example.org"; return nil })
		l.must(err)
		if err := l.a.SetBaseURL(bg, by, "https://P.example.org/x"); err == nil || !strings.Contains(err.Error(), "page_domain") || l.a.BaseURL() != "" {
			t.Errorf("a page's domain: %v", err)
		}
		if told != 0 {
			t.Error("told of nothing")
		}
		l.must(l.a.SetBaseURL(bg, by, " https://Status.example.org:8443/below// "))
		if got := l.a.BaseURL(); got != "https://Status.example.org:8443/below" || told != 1 {
			t.Errorf("%q, told %d times", got, told)
		}
		_, err = l.a.CreatePage(bg, by, func(p *model.Page) error { p.Name, p.Slug, p.CustomDomain = "q", "q", "status.example.org"; return nil })
		if err == nil || !strings.Contains(err.Error(), "base_host") {
			t.Errorf("a page at the new public URL: %v", err)
		}
		plain := by
		plain.Admin = false
		if err := l.a.SetBaseURL(bg, plain, "https://x.example.org"); !errors.Is(err, model.ErrForbidden) {
			t.Errorf("by one who is no admin: %v", err)
		}
		fixed, err := app.New(bg, app.Config{Store: l.s, Now: l.wall, BaseURL: "https://flag.example.org"})
		l.must(err)
		var conflict model.Conflict
		if err := fixed.SetBaseURL(bg, by, "https://x.example.org"); !errors.As(err, &conflict) || fixed.BaseURL() != "https://flag.example.org" {
			t.Errorf("with a flag: %v", err)
		}
	})
}
