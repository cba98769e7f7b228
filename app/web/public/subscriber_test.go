package public_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"

	"statusd/app"
	"statusd/app/locale"
	"statusd/app/model"
	"statusd/app/web"
	"statusd/app/web/public"
	"statusd/app/web/view"
	"statusd/notify/outbound"
	probing "statusd/probe"
	"statusd/store/storetest"
)

// stand is the public half of the website on a real store, with a page that can be subscribed to, behind a proxy on loopback.
type stand struct {
	t    *testing.T
	app  *app.App
	by   model.Actor
	page model.Page
	site http.Handler
	log  *logged
}

type logged struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

// newStand lets the test go on beside others: no two stands share anything but the browser.
func newStand(t *testing.T, change ...func(*app.Config)) *stand {
	t.Helper()
	t.Parallel()
	s := &stand{t: t, log: &logged{}}
	log := slog.New(slog.NewTextHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	prober := probing.New(probing.Options{})
	t.Cleanup(prober.Close)
	assets := os.DirFS("../../../assets")
	words, err := locale.Load(assets)
	s.must(err)
	words.Missing = func(lang, key string, err error) { t.Errorf("no words for %q in %s: %v", key, lang, err) }
	conf := app.Config{
		Store: storetest.New(t), Prober: prober, Log: log, Languages: []string{"en", "tr"}, Words: words, Assets: assets, TelegramAPI: "http://127.0.0.1:1",
		Guard: outbound.Guard{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}},
	}
	for _, c := range change {
		c(&conf)
	}
	s.app, err = app.New(t.Context(), conf)
	s.must(err)
	s.must(s.app.Start(t.Context()))
	t.Cleanup(func() { _ = s.app.Stop(context.Background()) })
	v, err := view.New(assets, words)
	s.must(err)
	pages := public.New(public.Config{Pages: s.app, Locales: words, View: v, Log: log, Subscriptions: s.app})
	s.site = web.New(web.Config{
		App: s.app, Routes: []web.Routes{pages.Register}, Log: log, View: v, Trusted: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")},
	})
	w, err := s.app.AddWorkspace(t.Context(), "Default")
	s.must(err)
	s.by = model.Actor{Workspace: w.ID, Role: model.Owner, Admin: true, Name: "test"}
	s.page, err = s.app.CreatePage(t.Context(), s.by, func(p *model.Page) error {
		p.Name, p.Slug, p.CustomDomain = "Harbourline", "harbourline", "status.harbourline.example"
		return nil
	})
	s.must(err)
	for _, name := range []string{"API", "Web app", "<b>Database</b>"} {
		s.component(name)
	}
	return s
}

func (s *stand) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *stand) component(name string) model.Component {
	s.t.Helper()
	c, err := s.app.CreateComponent(s.t.Context(), s.by, s.page.ID, func(c *model.Component) error { c.Name = name; return nil })
	s.must(err)
	return c
}

// send makes a request from an address, with headers name, value ... A body is a form.
func (s *stand) send(method, target, from string, form url.Values, headers ...string) *httptest.ResponseRecorder {
	s.t.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	r := httptest.NewRequest(method, target, body)
	r.RemoteAddr = from
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	s.site.ServeHTTP(w, r)
	return w
}

func (s *stand) get(target string) *httptest.ResponseRecorder {
	return s.send(http.MethodGet, target, "192.0.2.1:1", nil)
}

func (s *stand) post(target string, form url.Values) *httptest.ResponseRecorder {
	return s.send(http.MethodPost, target, "192.0.2.1:1", form)
}

// subscribed subscribes a webhook by the form and returns its token.
func (s *stand) subscribed(form url.Values) string {
	s.t.Helper()
	form.Set("type", "webhook")
	form.Set("webhookUrl", "http://127.0.0.1:1024/hook?key=canary")
	w := s.post("/p/harbourline/subscribe", form)
	token := regexp.MustCompile(`swhs_[A-Za-z0-9]{32}`).FindString(w.Body.String())
	if w.Code != http.StatusOK || token == "" {
		s.t.Fatalf("got %d\n%s", w.Code, w.Body)
	}
	return token
}

func (s *stand) subscribers() []model.Subscriber {
	s.t.Helper()
	list, err := s.app.Subscribers(s.t.Context(), s.by, s.page.ID, app.SubscriberFilter{}, model.Window{})
	s.must(err)
	return list.Items
}

// says fails unless the answer has the status and holds all the texts.
func says(t *testing.T, w *httptest.ResponseRecorder, code int, texts ...string) {
	t.Helper()
	if w.Code != code {
		t.Fatalf("got %d, want %d\n%s", w.Code, code, w.Body)
	}
	for _, text := range texts {
		if !strings.Contains(w.Body.String(), text) {
			t.Errorf("no %q in\n%s", text, w.Body)
		}
	}
}

func TestAWebhookIsSubscribedByTheForm(t *testing.T) {
	s := newStand(t)
	says(t, s.get("/p/harbourline"), 200, `href="/p/harbourline/subscribe?lang=en" data-subscribe`)
	form := s.get("/p/harbourline/subscribe")
	says(t, form, 200, "Subscribe to updates", `name="webhookUrl"`, `value="all" checked`, "&lt;b&gt;Database&lt;/b&gt;")
	for _, absent := range []string{`name="type" value="email"`, `name="email"`, "for-email"} {
		if strings.Contains(form.Body.String(), absent) {
			t.Errorf("without a mail server the form offers %q", absent)
		}
	}
	api := s.component("Another")
	w := s.post("/p/harbourline/subscribe?lang=tr", url.Values{
		"type": {"webhook"}, "webhookUrl": {" http://127.0.0.1:1024/hook "}, "topic": {"incidents"}, "componentIds": {api.ID.String()},
	})
	says(t, w, 200, "Aboneliğiniz başladı", "127.0.0.1", "swhs_", "whsec_", "/p/harbourline/preferences?token=swhs_", "&amp;lang=tr", "data-dialog-body")
	got := s.subscribers()
	if len(got) != 1 || got[0].Topic != model.TopicIncidents || got[0].Locale != "tr" || len(got[0].Components) != 1 || got[0].Address.Reveal() != "http://127.0.0.1:1024/hook" {
		t.Errorf("got %+v", got)
	}
}

func TestWhatIsWrongStandsBesideItsField(t *testing.T) {
	s := newStand(t)
	w := s.post("/p/harbourline/subscribe", url.Values{"type": {"webhook"}, "webhookUrl": {"http://10.0.0.1/<x>"}, "topic": {"maintenance"}})
	says(t, w, 422, `href="#f-webhookUrl"`, "an address that is not public", `value="http://10.0.0.1/&lt;x&gt;"`, `value="maintenance" checked`)
	w = s.post("/p/harbourline/subscribe?lang=tr", url.Values{"type": {"email"}, "topic": {"x"}, "componentIds": {"<script>"}})
	says(t, w, 422, "Bu sayfada bu yol yok. Şunlardan birini seçin: telegram, webhook.", `href="#f-topic"`, `href="#f-componentIds"`)
	if strings.Contains(w.Body.String(), "<script>") {
		t.Error("what was sent is markup")
	}
	if n := len(s.subscribers()); n != 0 {
		t.Errorf("%d subscribers", n)
	}
}

func TestASubscriberChangesWhatItHearsOf(t *testing.T) {
	s := newStand(t)
	gone := s.component("Going")
	token := s.subscribed(url.Values{"topic": {"all"}, "componentIds": {gone.ID.String()}})
	at := "/p/harbourline/preferences?token=" + token
	says(t, s.get(at), 200, "Webhook to 127.0.0.1, since", `value="`+gone.ID.String()+`" checked`)
	s.must(s.app.DeleteComponent(t.Context(), s.by, gone.ID))
	says(t, s.get(at), 200, "A component that no longer exists", `value="`+gone.ID.String()+`" checked`)
	says(t, s.post(at, url.Values{"topic": {"maintenance"}, "componentIds": {gone.ID.String()}, "locale": {"tr"}}), 200, "Your changes are saved.")
	if got := s.subscribers()[0]; got.Topic != model.TopicMaintenance || got.Locale != "tr" || len(got.Components) != 1 {
		t.Errorf("got %+v", got)
	}
	says(t, s.post(at, url.Values{"topic": {"weather"}, "locale": {"xx"}}), 422, `href="#f-topic"`, `href="#f-locale"`)
	says(t, s.post(at, url.Values{"topic": {"all"}, "locale": {"en"}}), 200)
	if got := s.subscribers()[0]; len(got.Components) != 0 {
		t.Errorf("got %+v", got)
	}
}

func TestOnlyThePressOfAButtonEndsASubscription(t *testing.T) {
	s := newStand(t)
	token := s.subscribed(url.Values{"topic": {"all"}})
	at := "/p/harbourline/unsubscribe?token=" + token
	for range 3 {
		says(t, s.get(at), 200, "End this subscription?", `<form method="post"`)
		says(t, s.send(http.MethodHead, at, "192.0.2.1:1", nil), 200)
	}
	if n := len(s.subscribers()); n != 1 {
		t.Fatalf("looking leaves %d subscribers", n)
	}
	// As a mail provider does it (RFC 8058): from anywhere, without cookie, Origin or redirect.
	w := s.send(http.MethodPost, at, "198.51.100.7:1", url.Values{"List-Unsubscribe": {"One-Click"}}, "Sec-Fetch-Site", "cross-site", "Origin", "https://mail.example")
	says(t, w, 200, "You are unsubscribed", "/p/harbourline/subscribe")
	if n := len(s.subscribers()); n != 0 {
		t.Errorf("%d subscribers", n)
	}
	says(t, s.post(at, url.Values{}), 200, "There is no such subscription.", "/p/harbourline/subscribe") // providers repeat themselves
	says(t, s.get(at), 404, "There is no such subscription.")
	says(t, s.get("/p/harbourline/preferences?token="+token), 404, "There is no such subscription.")
}

func TestATokenIsGoodForItsPageOnly(t *testing.T) {
	s := newStand(t)
	token := s.subscribed(url.Values{"topic": {"all"}})
	_, err := s.app.CreatePage(t.Context(), s.by, func(p *model.Page) error { p.Name, p.Slug = "Other", "other"; return nil })
	s.must(err)
	for _, query := range []string{"", "?token=", "?token=x", "?token=" + token[:20], "?token=" + strings.ToLower(token), "?token=%00"} {
		says(t, s.get("/p/harbourline/preferences"+query), 404)
		says(t, s.post("/p/harbourline/preferences"+query, url.Values{"topic": {"all"}, "locale": {"en"}}), 404)
		says(t, s.get("/p/harbourline/unsubscribe"+query), 404)
		says(t, s.get("/p/harbourline/confirm"+query), 404)
	}
	says(t, s.get("/p/other/preferences?token="+token), 404)
	says(t, s.post("/p/other/unsubscribe?token="+token, url.Values{}), 200, "There is no such subscription.")
	says(t, s.post("/p/other/unsubscribe?token=", url.Values{}), 404)
	says(t, s.get("/p/nobody/preferences?token="+token), 404)
	if n := len(s.subscribers()); n != 1 {
		t.Errorf("%d subscribers", n)
	}
}

func TestSubscribersScreensAreKeptNowhere(t *testing.T) {
	s := newStand(t)
	token := s.subscribed(url.Values{"topic": {"all"}})
	for _, path := range []string{"/subscribe", "/confirm?token=wrong", "/confirm?token=" + token, "/preferences?token=" + token, "/unsubscribe?token=" + token, "/preferences?token=wrong"} {
		for _, w := range []*httptest.ResponseRecorder{s.get("/p/harbourline" + path), s.post("/p/harbourline"+path, url.Values{"topic": {"weather"}})} {
			for name, want := range map[string]string{"Cache-Control": "no-store", "Referrer-Policy": "same-origin", "X-Robots-Tag": "noindex", "Content-Security-Policy": view.CSP, "Set-Cookie": ""} {
				if got := w.Header().Get(name); got != want {
					t.Errorf("%s: %s is %q", path, name, got)
				}
			}
			if !strings.Contains(w.Body.String(), `<meta name="robots" content="noindex">`) {
				t.Errorf("%s may be indexed", path)
			}
		}
	}
	if text := s.log.String(); strings.Contains(text, token) || strings.Contains(text, token[5:]) || strings.Contains(text, "canary") {
		t.Errorf("the log holds a token or an address:\n%s", text)
	}
}

func TestAnotherSitesFormIsRefused(t *testing.T) {
	s := newStand(t)
	token := s.subscribed(url.Values{"topic": {"all"}})
	form := url.Values{"type": {"webhook"}, "webhookUrl": {"http://127.0.0.1:1024/x"}, "topic": {"incidents"}, "locale": {"en"}}
	for _, path := range []string{"/p/harbourline/subscribe", "/p/harbourline/preferences?token=" + token} {
		w := s.send(http.MethodPost, path, "192.0.2.1:1", form, "Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example")
		says(t, w, 403, "This came from another site.")
	}
	if got := s.subscribers(); len(got) != 1 || got[0].Topic != model.TopicAll {
		t.Errorf("got %+v", got)
	}
}

func TestAPageThatTakesNoSubscribersStillLetsThemGo(t *testing.T) {
	s := newStand(t)
	token := s.subscribed(url.Values{"topic": {"all"}})
	_, err := s.app.UpdatePage(t.Context(), s.by, s.page.ID, func(p *model.Page) error { p.SubscribersEnabled = false; return nil })
	s.must(err)
	if strings.Contains(s.get("/p/harbourline").Body.String(), "data-subscribe") {
		t.Error("the page has a button that leads nowhere")
	}
	says(t, s.get("/p/harbourline/subscribe"), 403, "This page takes no subscriptions.")
	says(t, s.post("/p/harbourline/subscribe", url.Values{"type": {"webhook"}}), 403)
	says(t, s.get("/p/harbourline/preferences?token="+token), 200)
	says(t, s.post("/p/harbourline/unsubscribe?token="+token, url.Values{}), 200)
}

// A proxy's word counts, a stranger's does not (E12): who forges the header is counted by its own address, and who is behind the
// proxy by its own as well.
func TestTheLimitCountsClientsAndNotWhatTheySay(t *testing.T) {
	s := newStand(t)
	try := func(from string, headers ...string) int {
		return s.send(http.MethodPost, "/p/harbourline/subscribe", from, url.Values{}, headers...).Code
	}
	for i := range 30 {
		if got := try("203.0.113.5:1", "X-Forwarded-For", netip.AddrFrom4([4]byte{198, 51, 100, byte(i)}).String()); got != 422 {
			t.Fatalf("request %d: %d", i, got)
		}
	}
	w := s.send(http.MethodPost, "/p/harbourline/subscribe", "203.0.113.5:2", url.Values{}, "X-Forwarded-For", "198.51.100.99")
	says(t, w, 429, "Too many tries.", "Try again in 10 minutes.")
	if got := w.Header().Get("Retry-After"); got != "600" {
		t.Errorf("Retry-After %q", got)
	}
	for i := range 30 { // all of them by way of the proxy, which appends the address that it saw
		if got := try("127.0.0.1:1", "X-Forwarded-For", netip.AddrFrom4([4]byte{9, 9, 9, byte(i)}).String()+", 198.51.100.99"); got != 422 {
			t.Fatalf("request %d by the proxy: %d", i, got)
		}
	}
	if got := try("127.0.0.1:1", "X-Forwarded-For", "8.8.8.8, 198.51.100.99"); got != 429 {
		t.Errorf("behind the proxy: %d", got)
	}
	if got := try("127.0.0.1:1", "X-Forwarded-For", "198.51.100.98"); got != 422 {
		t.Errorf("another client of the proxy: %d", got)
	}
	if got := s.send(http.MethodGet, "/p/harbourline/subscribe", "203.0.113.5:3", nil).Code; got != 200 {
		t.Errorf("looking is refused: %d", got)
	}
}

func TestTheLimitHoldsForTokensThatAreGuessed(t *testing.T) {
	s := newStand(t)
	token := s.subscribed(url.Values{"topic": {"all"}})
	const from = "203.0.113.9:1"
	for range 30 {
		says(t, s.send(http.MethodPost, "/p/harbourline/unsubscribe?token=guess", from, url.Values{}), 200, "There is no such subscription.")
	}
	says(t, s.send(http.MethodPost, "/p/harbourline/unsubscribe?token=guess", from, url.Values{}), 429)
	says(t, s.send(http.MethodPost, "/p/harbourline/preferences?token="+token, from, url.Values{}), 429)
	says(t, s.send(http.MethodPost, "/p/harbourline/unsubscribe?token="+token, from, url.Values{}), 200)
}

func TestOnItsOwnDomainAPageHasItsSubscribersAtTheRoot(t *testing.T) {
	s := newStand(t)
	const domain = "http://status.harbourline.example"
	says(t, s.get(domain+"/"), 200, `href="/subscribe?lang=en"`)
	says(t, s.get(domain+"/subscribe"), 200, `action="/subscribe?lang=en"`)
	w := s.post(domain+"/subscribe", url.Values{"type": {"webhook"}, "webhookUrl": {"http://127.0.0.1:1024/x"}, "topic": {"all"}})
	says(t, w, 200, `href="/preferences?token=swhs_`)
	token := regexp.MustCompile(`swhs_[A-Za-z0-9]{32}`).FindString(w.Body.String())
	says(t, s.get(domain+"/preferences?token="+token), 200, `action="/unsubscribe?token=`+token)
	says(t, s.get("/p/harbourline/preferences?token="+token), 200) // the same subscription wherever it is managed
	says(t, s.post(domain+"/unsubscribe?token="+token, url.Values{}), 200)
	says(t, s.get(domain+"/d"), 404)
}
