package public_test

import (
	"io"
	"mime/multipart"
	"mime/quotedprintable"
	"net/http"
	"net/http/httptest"
	"net/mail"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"statusd/app"
	"statusd/app/model"
	"statusd/notify/email"
	"statusd/notify/notifytest"
)

const (
	botToken = "123456:AAFcanaryBotToken"
	chatID   = "481516234"
	ownHome  = "https://status.harbourline.example" // of the stand's page, where mails lead
)

// equipped is a stand that offers all channels, with a mail server and a Bot API on loopback.
type equipped struct {
	*stand
	smtp *notifytest.MailServer
	bots *notifytest.BotAPI
}

func newEquipped(t *testing.T, change ...func(*app.Config)) equipped {
	t.Helper()
	e := equipped{smtp: notifytest.NewMailServer(t, notifytest.MailOptions{}), bots: notifytest.NewBotAPI(t)}
	e.bots.Bot(botToken, chatID)
	e.stand = newStand(t, append(change, func(c *app.Config) {
		c.BaseURL, c.TelegramAPI = "https://status.example.org", e.bots.URL
		c.Mail = &email.Settings{Host: e.smtp.Host, Port: e.smtp.Port, Security: email.None, From: mail.Address{Address: "status@example.org"}}
	})...)
	return e
}

// byMail is a form that asks to be told by mail.
func byMail(address string, more ...string) url.Values {
	form := url.Values{"type": {"email"}, "email": {address}, "topic": {"all"}}
	for i := 0; i+1 < len(more); i += 2 {
		form.Set(more[i], more[i+1])
	}
	return form
}

func byTelegram() url.Values {
	return url.Values{"type": {"telegram"}, "telegramChatId": {chatID}, "telegramBotToken": {botToken}, "topic": {"all"}}
}

// letter waits for the nth mail and reads its plain text.
func (e equipped) letter(n int) string {
	e.t.Helper()
	e.until(func() bool { return e.smtp.Count() >= n })
	return plain(e.t, e.smtp.Taken()[n-1].Raw)
}

// sends waits for the nth Telegram message.
func (e equipped) sends(n int) {
	e.t.Helper()
	e.until(func() bool { return len(e.bots.Sent()) >= n })
}

func (e equipped) until(happened func() bool) {
	e.t.Helper()
	deadline := time.After(20 * time.Second)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !happened() {
		select {
		case <-deadline:
			e.t.Fatal("it never happens")
		case <-tick.C:
		}
	}
}

// plain is the text part of a mail.
func plain(t *testing.T, raw []byte) string {
	t.Helper()
	m, err := mail.ReadMessage(strings.NewReader(string(raw)))
	if err != nil {
		t.Fatal(err)
	}
	boundary := regexp.MustCompile(`boundary="?([^";]+)`).FindStringSubmatch(m.Header.Get("Content-Type"))
	part, err := multipart.NewReader(m.Body, boundary[1]).NextRawPart()
	if err != nil {
		t.Fatal(err)
	}
	body := io.Reader(part)
	if part.Header.Get("Content-Transfer-Encoding") == "quoted-printable" {
		body = quotedprintable.NewReader(part)
	}
	text, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// link finds where the text of a mail leads, below a path of the page: "/confirm", with its query.
func link(t *testing.T, text, path string) string {
	t.Helper()
	found := regexp.MustCompile(regexp.QuoteMeta(ownHome+path) + `\?token=[a-z0-9]+`).FindString(text)
	if found == "" {
		t.Fatalf("no link to %s in\n%s", path, text)
	}
	return strings.TrimPrefix(found, ownHome)
}

// confirmed subscribes by mail and confirms; it returns the query of a subscriber's own screens.
func (e equipped) confirmed(address string) string {
	e.t.Helper()
	n := e.smtp.Count()
	says(e.t, e.post("/p/harbourline/subscribe", byMail(address)), 200)
	at := link(e.t, e.letter(n+1), "/confirm")
	says(e.t, e.post("/p/harbourline"+at, url.Values{}), 200, "You are subscribed")
	return strings.TrimPrefix(at, "/confirm")
}

func TestEveryChannelThatIsSetUpIsOffered(t *testing.T) {
	e := newEquipped(t)
	says(t, e.get("/p/harbourline/subscribe"), 200, `name="type" value="email" checked`, `name="type" value="telegram"`, `name="type" value="webhook"`,
		`name="email" type="email"`, `name="telegramBotToken" type="password"`, "https://t.me/BotFather", "getUpdates")
	says(t, e.get("/p/harbourline/subscribe?lang=tr"), 200, "E-posta adresi", "Sohbet kimliği", "Bot anahtarı")
}

func TestWhoAsksByMailConfirmsByAButton(t *testing.T) {
	e := newEquipped(t)
	w := e.post("/p/harbourline/subscribe?lang=tr", byMail(" mara.lind@papertrail.example ", "topic", "incidents"))
	says(t, w, 200, "E-postanıza bakın", "Bağlantı gönderildi: mara.lind@papertrail.example.", "data-dialog-body")
	at := "/p/harbourline" + link(t, e.letter(1), "/confirm")
	for range 3 { // as mail scanners look
		says(t, e.get(at), 200, "Confirm your subscription", "mailed to m***@papertrail.example", `<form method="post"`)
		says(t, e.send(http.MethodHead, at, "192.0.2.1:1", nil), 200)
	}
	if s := e.subscribers()[0]; s.State != model.Pending || s.Locale != "tr" || s.Consent != "192.0.2.1" {
		t.Fatalf("got %+v", s)
	}
	says(t, e.get(strings.Replace(at, "/confirm", "/preferences", 1)), 200, "Nothing is sent yet", `href="/p/harbourline/confirm?token=`)
	for range 2 {
		w = e.post(at, url.Values{})
		says(t, w, 200, "You are subscribed", "mail is sent to m***@papertrail.example", "Incidents only", "All components", "Türkçe", `href="/p/harbourline/preferences?token=`)
	}
	says(t, e.get(at), 200, "You are subscribed")
	if s := e.subscribers()[0]; s.State != model.Active {
		t.Errorf("got %+v", s)
	}
	if strings.Contains(w.Body.String(), "mara.lind") || strings.Contains(e.log.String(), "mara.lind") {
		t.Error("the address is told in full")
	}
}

func TestALinkThatConfirmsNothingSaysToSubscribeAgain(t *testing.T) {
	e := newEquipped(t)
	hook := e.subscribed(url.Values{"topic": {"all"}})
	says(t, e.post("/p/harbourline/subscribe", byMail("a@b.example")), 200)
	at := link(t, e.letter(1), "/confirm")
	_, err := e.app.CreatePage(t.Context(), e.by, func(p *model.Page) error { p.Name, p.Slug = "Other", "other"; return nil })
	e.must(err)
	for _, wrong := range []string{"/p/harbourline" + at[:len(at)-1], "/p/other" + at, "/p/harbourline/confirm", "/p/harbourline/confirm?token=" + hook} {
		says(t, e.get(wrong), 404, "This link does not work any more.", "/subscribe?lang=en")
	}
	for _, wrong := range []string{"/p/other" + at, "/p/harbourline/confirm?token=" + hook} {
		says(t, e.post(wrong, url.Values{}), 404, "Subscribe again to be sent a new one.")
	}
	for _, s := range e.subscribers() {
		e.must(e.app.DeleteSubscriber(t.Context(), e.by, s.ID))
	}
	says(t, e.post("/p/harbourline"+at+"&lang=tr", url.Values{}), 404, "Bu bağlantı artık geçerli değil.")
}

func TestTheLimitHoldsForLinksThatAreGuessed(t *testing.T) {
	e := newEquipped(t)
	says(t, e.post("/p/harbourline/subscribe", byMail("a@b.example")), 200)
	at := "/p/harbourline" + link(t, e.letter(1), "/confirm")
	const from = "203.0.113.9:1"
	for range 30 {
		says(t, e.send(http.MethodPost, "/p/harbourline/confirm?token=guess", from, url.Values{}), 404)
	}
	says(t, e.send(http.MethodPost, "/p/harbourline/confirm?token=guess", from, url.Values{}), 429)
	says(t, e.send(http.MethodPost, at, from, url.Values{}), 200)
}

// Nobody learns from the form who has subscribed, nor from how long it takes: a mail server that says nothing keeps nobody waiting.
func TestTheFormAnswersAlikeForAddressesInEveryState(t *testing.T) {
	now := time.Now()
	e := newEquipped(t, func(c *app.Config) { c.Now = func() time.Time { return now } })
	silent := make(chan struct{})
	defer close(silent)
	e.smtp.On(func(notifytest.MailStage, string) notifytest.MailAct { <-silent; return notifytest.MailAct{} })
	ask := func() *httptest.ResponseRecorder { return e.post("/p/harbourline/subscribe", byMail("a@b.example")) }
	unknown, pending := ask(), ask()
	now = now.Add(2 * time.Hour)
	anew := ask()
	_, err := e.app.Confirm(t.Context(), "harbourline", e.subscribers()[0].Token.Reveal())
	e.must(err)
	now = now.Add(2 * time.Hour)
	for state, got := range map[string]*httptest.ResponseRecorder{"pending": pending, "pending, anew": anew, "active": ask(), "active, again": ask()} {
		if got.Code != unknown.Code || got.Body.String() != unknown.Body.String() || len(got.Header()) != len(unknown.Header()) {
			t.Errorf("%s: got %d\n%s", state, got.Code, got.Body)
		}
	}
	if s := e.subscribers()[0]; s.Asked != 2 { // while one waits for the silent server there is no second
		t.Errorf("asked %d times", s.Asked)
	}
}

func TestAChatIsSubscribedByTheForm(t *testing.T) {
	e := newEquipped(t)
	e.bots.Fate(botToken, chatID, notifytest.BotNotStarted)
	w := e.post("/p/harbourline/subscribe", byTelegram())
	says(t, w, 422, `href="#f-telegramChatId"`, "t initiate conversation with a user", "Send /start to the bot first", `value="telegram" checked`, `value="`+chatID+`"`)
	if strings.Contains(w.Body.String(), botToken) {
		t.Error("the form answers with the token")
	}
	form := byTelegram()
	form.Set("telegramBotToken", "654321:AAF")
	says(t, e.post("/p/harbourline/subscribe?lang=tr", form), 422, `href="#f-telegramBotToken"`, "Telegram bu bot anahtarını kabul etmiyor: Unauthorized")
	e.bots.Fate(botToken, chatID, notifytest.BotFate{})
	w = e.post("/p/harbourline/subscribe?lang=tr", byTelegram())
	says(t, w, 200, "Aboneliğiniz başladı", "karşılama mesajı", "/p/harbourline/preferences?token=")
	token := regexp.MustCompile(`token=([a-z0-9]{26})`).FindStringSubmatch(w.Body.String())[1]
	if sent := e.bots.Sent(); len(sent) != 1 || !strings.Contains(sent[0].Raw, ownHome+"/preferences?token="+token) {
		t.Errorf("sent %+v", sent)
	}
	says(t, e.get("/p/harbourline/preferences?token="+token), 200, "Telegram chat …234, since")
	says(t, e.get("/p/harbourline/unsubscribe?token="+token+"&lang=tr"), 200, "Telegram sohbeti: …234")
	for _, text := range []string{e.log.String(), e.get("/p/harbourline/preferences?token=" + token).Body.String()} {
		if strings.Contains(text, chatID) || strings.Contains(text, "canaryBotToken") {
			t.Errorf("a chat or a token is told:\n%s", text)
		}
	}
}

func TestPreferencesNeverShowAnAddressInFull(t *testing.T) {
	e := newEquipped(t)
	for address, shown := range map[string]string{
		"mara.lind@papertrail.example": "Email to m***@papertrail.example, since", "x@y.example": "Email to x***@y.example", `"a b"@z.example`: "Email to &#34;***@z.example",
	} {
		at := e.confirmed(address)
		w := e.get("/p/harbourline/preferences" + at)
		says(t, w, 200, shown)
		says(t, e.get("/p/harbourline/unsubscribe"+at), 200, "***@")
		says(t, e.post("/p/harbourline/preferences"+at, url.Values{"topic": {"maintenance"}, "locale": {"tr"}}), 200, "Your changes are saved.", "***@")
		if strings.Contains(w.Body.String(), "mara.lind") || strings.Contains(w.Body.String(), "<b>@") {
			t.Errorf("got\n%s", w.Body)
		}
	}
}

// As mail providers do it (RFC 8058 §3.2): a form of either kind from anywhere, without cookie, Origin or redirect.
func TestOneClickEndsASubscriptionByMail(t *testing.T) {
	e := newEquipped(t)
	for name, kind := range map[string]string{
		"List-Unsubscribe=One-Click": "application/x-www-form-urlencoded",
		"--b\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--b--\r\n": "multipart/form-data; boundary=b",
	} {
		for _, home := range []string{"/p/harbourline", "http://status.harbourline.example"} {
			at := home + "/unsubscribe" + e.confirmed("a@b.example")
			r := httptest.NewRequest(http.MethodPost, at, strings.NewReader(name))
			r.Header.Set("Content-Type", kind)
			w := httptest.NewRecorder()
			e.site.ServeHTTP(w, r)
			if w.Code != 200 || w.Header().Get("Location") != "" || w.Header().Get("Set-Cookie") != "" || w.Header().Get("Cache-Control") != "no-store" {
				t.Errorf("%s at %s: got %d %v", kind, home, w.Code, w.Header())
			}
			if n := len(e.subscribers()); n != 0 {
				t.Errorf("%d subscribers", n)
			}
		}
	}
}

func TestOnItsOwnDomainAPageIsSubscribedToByMail(t *testing.T) {
	e := newEquipped(t)
	const domain = "http://status.harbourline.example"
	says(t, e.post(domain+"/subscribe", byMail("a@b.example")), 200)
	at := domain + link(t, e.letter(1), "/confirm")
	says(t, e.get(at), 200, `action="/confirm?token=`)
	says(t, e.post(at, url.Values{}), 200, `href="/preferences?token=`)
	says(t, e.get(domain+"/confirm?token=x"), 404, "This link does not work any more.", `href="/subscribe?lang=en"`)
}

// Nothing that strangers send becomes markup, or a line of a mail's head (RELIABILITY E8).
func TestWhatStrangersSendStaysText(t *testing.T) {
	e := newEquipped(t)
	for _, bad := range []string{"a@b.example\r\nBcc: x@y.example", "a@b.example\nX: y", "<script>alert(1)</script>@b.example", "a@b.example\u2028c", `"><img src=x onerror=alert(1)>`, "a, b@c.example", strings.Repeat("a", 999) + "@b.example"} {
		w := e.post("/p/harbourline/subscribe", byMail(bad))
		says(t, w, 422, `href="#f-email"`, "Write an email address")
		form := byTelegram()
		form.Set("telegramChatId", bad)
		v := e.post("/p/harbourline/subscribe", form)
		says(t, v, 422, `href="#f-telegramChatId"`)
		for _, text := range []string{w.Body.String(), v.Body.String()} {
			if strings.Contains(text, "<script>alert") || strings.Contains(text, "<img") {
				t.Errorf("%q is markup", bad)
			}
		}
	}
	w := e.post("/p/harbourline/subscribe", byMail(`"&amp; b"@b.example`, "locale", "tr\r\nBcc: x@y.example", "lang", "x"))
	says(t, w, 200, "Check your mail")
	if !strings.Contains(w.Body.String(), "&amp;amp; b") {
		t.Error("what was typed is markup")
	}
	e.letter(1)
	raw, _, _ := strings.Cut(string(e.smtp.Taken()[0].Raw), "\r\n\r\n")
	if strings.Contains(raw, "Bcc") || e.subscribers()[0].Locale != "en" {
		t.Errorf("got\n%s", raw)
	}
	if got := e.smtp.Count(); got != 1 {
		t.Errorf("%d mails", got)
	}
}

func TestTheLimitCountsEveryChannelTogether(t *testing.T) {
	e := newEquipped(t)
	const from = "203.0.113.50:1"
	for i := range 30 {
		form := []url.Values{byMail("x"), byTelegram(), {"type": {"webhook"}}}[i%3]
		form.Del("topic")
		says(t, e.send(http.MethodPost, "/p/harbourline/subscribe", from, form), 422)
	}
	w := e.send(http.MethodPost, "/p/harbourline/subscribe", from, byMail("a@b.example"))
	says(t, w, 429, "Too many tries.")
	if w.Header().Get("Retry-After") == "" || len(e.bots.Sent()) != 0 || len(e.subscribers()) != 0 {
		t.Errorf("got %v", w.Header())
	}
}
