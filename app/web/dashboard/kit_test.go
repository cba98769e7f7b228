package dashboard_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"statusd/app"
	"statusd/app/locale"
	"statusd/app/model"
	"statusd/app/web"
	"statusd/app/web/browsertest"
	"statusd/app/web/dashboard"
	"statusd/app/web/public"
	"statusd/app/web/view"
	"statusd/notify/email"
	"statusd/notify/outbound"
	"statusd/probe"
	"statusd/store"
	"statusd/store/storetest"
)

const password = "a long enough passphrase"

// lab is the whole website on a real store, over a real listener.
type lab struct {
	t     *testing.T
	app   *app.App
	store *store.Store
	site  *web.Site
	half  *dashboard.Site
	url   string
}

func newLab(t *testing.T) *lab { t.Helper(); return newLabWith(t, extra{}) }

// extra is what a lab has that is not as usual.
type extra struct {
	minInterval time.Duration
	heartbeat   time.Duration
	streams     int
	baseURL     string    // the public URL; "": unknown
	log         io.Writer // nil: nobody reads it
	letters     bool      // mails can be written
	fixedMail   *email.Settings
	grace       time.Duration // after the start; 0: as usual; less: none
	before      func(*lab)    // runs when the app is made and before it starts
}

// newLabWith lets the test go on beside others: no two labs share anything but the browser. A test that wants
// several has a subtest for each.
func newLabWith(t *testing.T, ex extra) *lab {
	t.Helper()
	t.Parallel()
	l := &lab{t: t, store: storetest.New(t)}
	log := slog.New(slog.DiscardHandler)
	if ex.log != nil {
		log = slog.New(slog.NewTextHandler(ex.log, nil))
	}
	prober := probe.New(probe.Options{})
	t.Cleanup(prober.Close)
	assets := os.DirFS("../../../assets")
	words, err := locale.Load(assets)
	l.must(err)
	words.Missing = func(lang, key string, err error) { t.Errorf("no words for %q in %s: %v", key, lang, err) }
	conf := app.Config{Store: l.store, Prober: prober, Log: log, Languages: []string{"en", "tr"}, MinInterval: ex.minInterval, Mail: ex.fixedMail,
		StartupGrace: ex.grace, RestartKeys: app.SSHKeys,
		PasswordCost: app.PasswordCost{Memory: 64, Passes: 1, Lanes: 1},
		Guard:        outbound.Guard{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}}
	if ex.letters {
		conf.Assets, conf.Words = assets, words
	}
	l.app, err = app.New(t.Context(), conf)
	l.must(err)
	if ex.before != nil {
		ex.before(l)
	}
	l.must(l.app.Start(t.Context()))
	t.Cleanup(func() { _ = l.app.Stop(context.Background()) })
	v, err := view.New(assets, words)
	l.must(err)
	pages := public.New(public.Config{Pages: l.app, Locales: words, View: v, Log: log, Subscriptions: l.app})
	site := web.Config{App: l.app, Log: log, View: v}
	if ex.baseURL != "" {
		site.BaseURL, err = url.Parse(ex.baseURL)
		l.must(err)
	}
	d := dashboard.New(dashboard.Config{
		App: l.app, View: v, Locales: words, Public: pages, Place: site.Place(), Secure: web.Encrypted(site), Log: log, Version: "1.2.3",
		Heartbeat: ex.heartbeat, Streams: ex.streams,
	})
	l.half = d
	site.Routes = []web.Routes{pages.Register, d.Register}
	l.site = web.New(site)
	server := httptest.NewServer(l.site)
	t.Cleanup(server.Close)
	l.url = server.URL
	return l
}

func (l *lab) must(err error) {
	l.t.Helper()
	if err != nil {
		l.t.Fatal(err)
	}
}

// member makes an account with a role in the workspace Default. The first of an instance is an admin.
func (l *lab) member(email string, role model.Role) model.User {
	l.t.Helper()
	u, err := l.app.AddUser(l.t.Context(), app.NewUser{Email: email, Password: password, Role: role})
	l.must(err)
	return u
}

// token signs an account in without the form.
func (l *lab) token(email string) string {
	l.t.Helper()
	return l.tokenWith(email, password)
}

func (l *lab) tokenWith(email, password string) string {
	l.t.Helper()
	in, err := l.app.SignIn(l.t.Context(), app.Credentials{
		Email: email, Password: password, Client: app.Client{Address: netip.MustParseAddr("127.0.0.1")},
	})
	l.must(err)
	return in.Token
}

// client is a browser without scripts or pictures: it has cookies and stays where it was sent.
type client struct {
	*lab
	http *http.Client
}

// visitor has no session.
func (l *lab) visitor() *client {
	jar, err := cookiejar.New(nil)
	l.must(err)
	return &client{l, &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// as is somebody who is signed in.
func (l *lab) as(email string) *client {
	c := l.visitor()
	u, err := url.Parse(l.url)
	l.must(err)
	c.http.Jar.SetCookies(u, []*http.Cookie{{Name: "statusd", Value: l.token(email), Path: "/"}})
	return c
}

// reply is what came back.
type reply struct {
	code     int
	location string
	body     string
}

func (c *client) get(path string) reply {
	c.t.Helper()
	res, err := c.http.Get(c.url + path)
	return c.read(res, err)
}

// post sends a form: name, value, name, value ...
func (c *client) post(path string, pairs ...string) reply {
	c.t.Helper()
	values := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		values.Add(pairs[i], pairs[i+1])
	}
	res, err := c.http.PostForm(c.url+path, values)
	return c.read(res, err)
}

func (c *client) read(res *http.Response, err error) reply {
	c.t.Helper()
	c.must(err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	c.must(err)
	return reply{res.StatusCode, res.Header.Get("Location"), string(body)}
}

// wants fails unless the answer has that status and holds all the texts.
func (c *client) wants(r reply, code int, texts ...string) reply {
	c.t.Helper()
	if r.code != code {
		c.t.Fatalf("answered %d to %q, wanted %d:\n%.2000s", r.code, r.location, code, r.body)
	}
	for _, text := range texts {
		if !strings.Contains(r.body, text) {
			c.t.Errorf("no %q in\n%.4000s", text, r.body)
		}
	}
	return r
}

// browser is a tab in which somebody is signed in; "" for nobody.
func (l *lab) browser(email string) *browsertest.Tab {
	l.t.Helper()
	tab := browsertest.New(l.t)
	if email != "" {
		tab.Cookie(l.url, "statusd", l.token(email))
	}
	tab.As(browsertest.Look{Width: 1280, Height: 900})
	return tab
}

// page makes a page with components, each with one check of an address where nobody answers, disabled so that nothing runs.
func (l *lab) page(slug string, components ...string) model.Page {
	l.t.Helper()
	return l.pageIn("Default", slug, components...)
}

func (l *lab) pageIn(workspace, slug string, components ...string) model.Page {
	l.t.Helper()
	ctx := l.t.Context()
	by := l.ownerOf(workspace)
	p, err := l.app.CreatePage(ctx, by, func(p *model.Page) error { p.Name, p.Slug = slug, slug; return nil })
	l.must(err)
	for _, name := range components {
		_, _, err := l.app.CreateService(ctx, by, p.ID, func(c *model.Component) error { c.Name = name; return nil },
			func(c *model.Check) error {
				c.Name, c.URL, c.Enabled = name+" check", "http://127.0.0.1:9/", false
				return nil
			})
		l.must(err)
	}
	return p
}

// ownerOf acts as an owner of a workspace, which is made when there is none of that name.
func (l *lab) ownerOf(workspace string) model.Actor {
	l.t.Helper()
	all, err := l.app.Workspaces(l.t.Context())
	l.must(err)
	for _, w := range all {
		if w.Name == workspace {
			return model.Actor{Workspace: w.ID, Role: model.Owner, Admin: true, Name: "test"}
		}
	}
	w, err := l.app.AddWorkspace(l.t.Context(), workspace)
	l.must(err)
	return model.Actor{Workspace: w.ID, Role: model.Owner, Admin: true, Name: "test"}
}

func newToken(name string) app.NewToken { return app.NewToken{Name: name, Role: model.Editor} }

func newUser(email string, role model.Role, admin *bool) app.NewUser {
	return app.NewUser{Email: email, Password: password, Role: role, Workspace: "Default", Admin: admin}
}

// user is the id of an account.
func (l *lab) user(email string) model.UserID {
	l.t.Helper()
	users, err := l.app.Users(l.t.Context())
	l.must(err)
	for _, u := range users {
		if u.Email == email {
			return u.ID
		}
	}
	l.t.Fatalf("no account of %s", email)
	return 0
}
