package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/labstack/echo/v4"
	"go.uber.org/goleak"

	"statusd/app"
	"statusd/app/api"
	"statusd/app/locale"
	"statusd/app/model"
	"statusd/notify/outbound"
	"statusd/probe"
	"statusd/store"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// kit is an API on a real store in a temporary folder.
type kit struct {
	t         *testing.T
	dir       string
	store     *store.Store
	app       *app.App
	echo      *echo.Echo
	log       *syncBuffer
	clock     *clock
	owner     string // a token of the first workspace
	names     atomic.Int64
	strangers atomic.Int64
}

// clock is a wall clock that a test may hold and set; until then it is the real one.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.at.IsZero() {
		return time.Now()
	}
	return c.at
}

func (c *clock) set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = t
}

type syncBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

func newKit(t *testing.T) *kit { return newKitAt(t, time.Time{}) }

func newKitAt(t *testing.T, at time.Time, change ...func(*app.Config)) *kit {
	t.Helper()
	k := &kit{t: t, dir: t.TempDir(), log: &syncBuffer{}, clock: &clock{at: at}}
	log := slog.New(slog.NewTextHandler(k.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	var err error
	k.store, err = store.Open(t.Context(), store.Options{Dir: k.dir, Serve: true, Now: k.clock.now, Log: log})
	k.must(err)
	t.Cleanup(func() { _ = k.store.Close() })
	prober := probe.New(probe.Options{})
	t.Cleanup(prober.Close)
	conf := app.Config{Store: k.store, Prober: prober, Log: log, Now: k.clock.now, BaseURL: "https://status.example.org", Languages: []string{"en", "tr"},
		RestartKeys: app.SSHKeys, TelegramAPI: "http://127.0.0.1:1", Guard: outbound.Guard{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}}
	for _, c := range change {
		c(&conf)
	}
	k.app, err = app.New(t.Context(), conf)
	k.must(err)
	k.must(k.app.Start(t.Context()))
	t.Cleanup(func() { _ = k.app.Stop(context.Background()) })
	k.echo = echo.New()
	api.New(api.Config{App: k.app, Log: log, Version: "1.2.3"}).Register(k.echo)
	_, err = k.app.AddWorkspace(t.Context(), "First")
	k.must(err)
	k.owner = k.token("First", model.Owner, false)
	return k
}

// speak has what is refused told in English instead of by its code.
func (k *kit) speak() {
	k.t.Helper()
	bundle, err := locale.Load(os.DirFS("../../assets"))
	k.must(err)
	k.echo = echo.New()
	api.New(api.Config{App: k.app, Version: "1.2.3", Words: func(family, code string, args map[string]any) string {
		if family == "conflict" {
			return bundle.Words("en").Conflict(code, args)
		}
		return bundle.Words("en").Invalid(code, args)
	}}).Register(k.echo)
}

func (k *kit) must(err error) {
	k.t.Helper()
	if err != nil {
		k.t.Fatal(err)
	}
}

func (k *kit) token(workspace string, role model.Role, admin bool) string {
	k.t.Helper()
	text, _, err := k.app.CreateToken(k.t.Context(), app.NewToken{Name: workspace + " " + role.String(), Role: role, Admin: admin, Workspace: workspace})
	k.must(err)
	return text
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	text   string
}

// json reads the body.
func (a answer) json(t *testing.T) map[string]any {
	t.Helper()
	var out map[string]any
	if err := json.Unmarshal([]byte(a.text), &out); err != nil {
		t.Fatalf("%v in %q", err, a.text)
	}
	return out
}

// wrong lists the fields of a 422 with their codes.
func (a answer) wrong(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	list, _ := a.json(t)["errors"].([]any)
	for _, one := range list {
		e := one.(map[string]any)
		if _, twice := out[e["field"].(string)]; twice {
			t.Errorf("%v is told twice: %s", e["field"], a.text)
		}
		out[e["field"].(string)] = e["message"].(string)
	}
	return out
}

func newRequest(method, path, token, body string) *http.Request {
	var reader io.Reader
	if body != "" {
		reader = strings.NewReader(body)
	}
	r := httptest.NewRequest(method, path, reader)
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	return r
}

func (k *kit) serve(r *http.Request) answer {
	w := httptest.NewRecorder()
	k.echo.ServeHTTP(w, r)
	return answer{w.Code, w.Header(), w.Body.String()}
}

// do asks as the owner of the first workspace.
func (k *kit) do(method, path, body string) answer {
	return k.serve(newRequest(method, path, k.owner, body))
}

// want asks as the owner and fails on any other status.
func (k *kit) want(status int, method, path, body string) answer {
	k.t.Helper()
	a := k.do(method, path, body)
	if a.status != status {
		k.t.Fatalf("%s %s %s: got %d %s, want %d", method, path, body, a.status, a.text, status)
	}
	return a
}

// made is one of everything in a workspace.
type made struct {
	page, slug, component, check, incident, update, maintenance, subscriber, delivery string
	target, coolify                                                                   string
}

// kinds are those of the ids in paths.
var kinds = []string{"page", "component", "check", "incident", "update", "maintenance", "subscriber", "delivery", "target"}

func (m made) id(kind string) string {
	return map[string]string{"page": m.page, "component": m.component, "check": m.check, "slug": m.slug,
		"incident": m.incident, "update": m.update, "maintenance": m.maintenance, "subscriber": m.subscriber, "delivery": m.delivery, "target": m.target, "coolify": m.coolify}[kind]
}

// create makes something as the holder of a token, and returns its id.
func (k *kit) create(token, path, body string) string {
	k.t.Helper()
	a := k.serve(newRequest("POST", path, token, body))
	if a.status != http.StatusCreated {
		k.t.Fatalf("POST %s %s: %d %s", path, body, a.status, a.text)
	}
	return a.json(k.t)["id"].(string)
}

// fill makes a page with a component and its check as the holder of a token; the check is not enabled, so that nothing happens by
// itself.
func (k *kit) fill(token, target string) (m made) {
	k.t.Helper()
	m.slug = k.slug()
	m.page = k.create(token, "/api/v1/pages", fmt.Sprintf(`{"name":"Page","slug":%q}`, m.slug))
	m.component = k.create(token, "/api/v1/pages/"+m.page+"/components", `{"name":"API"}`)
	m.check = k.create(token, "/api/v1/components/"+m.component+"/checks", fmt.Sprintf(`{"name":"Health","url":%q,"enabled":false}`, target))
	return m
}

// furnish fills, and makes an incident with a second update, a scheduled window, two subscribers and two restart targets besides.
func (k *kit) furnish(token, target string) made {
	k.t.Helper()
	m := k.fill(token, target)
	m.incident = k.create(token, "/api/v1/pages/"+m.page+"/incidents", `{"title":"Late mails","body":"We look into it.","affectedComponentIds":["`+m.component+`"]}`)
	m.update = k.create(token, "/api/v1/incidents/"+m.incident+"/updates", `{"status":"identified","body":"A full disk."}`)
	m.maintenance = k.create(token, "/api/v1/pages/"+m.page+"/maintenances", `{"title":"Upgrade","affectedComponentIds":["`+m.component+`"],`+someday+`}`)
	m.subscriber, m.delivery = k.hooks(m.slug)
	m.target = k.create(token, "/api/v1/restart-targets", fmt.Sprintf(`{"type":"http","name":"Hook","url":%q}`, target))
	m.coolify = k.create(token, "/api/v1/restart-targets", fmt.Sprintf(`{"type":"coolify","name":"Redeploy","baseUrl":%q,"apiToken":"1|t","resourceUuid":"u1"}`, target))
	return m
}

// someday is when the windows of tests are, unless the time matters.
const someday = `"scheduledStart":"2099-01-01T00:00:00Z","scheduledEnd":"2099-01-01T01:00:00Z"`

// slug is one that no page has yet.
func (k *kit) slug() string { return fmt.Sprintf("page-%d", k.names.Add(1)) }

// target is a healthy server that counts who looks.
func target(t *testing.T) (url string, hits *atomic.Int64) {
	hits = &atomic.Int64{}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/logo.svg" {
			_, _ = io.WriteString(w, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"/>`)
			return
		}
		hits.Add(1)
		_, _ = io.WriteString(w, "ok")
	}))
	t.Cleanup(s.Close)
	return s.URL, hits
}

// eventually asks again until what goes on in the background has happened.
func eventually(t *testing.T, what string, happened func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); <-tick.C {
		if happened() {
			return
		}
	}
	t.Fatalf("never happened: %s", what)
}
