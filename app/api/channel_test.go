package api_test

import (
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/mail"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"statusd/app"
	"statusd/app/locale"
	"statusd/app/model"
	"statusd/notify/email"
	"statusd/notify/notifytest"
)

const (
	botToken = "123456:AAFcanaryBotToken"
	chatID   = "481516234"
)

// withChannels is a kit whose pages offer all three channels, with a mail server and a Bot API on loopback.
func withChannels(t *testing.T) (*kit, *notifytest.MailServer, *notifytest.BotAPI) {
	t.Helper()
	post, bots := notifytest.NewMailServer(t, notifytest.MailOptions{}), notifytest.NewBotAPI(t)
	bots.Bot(botToken, chatID)
	assets := os.DirFS("../../assets")
	words, err := locale.Load(assets)
	if err != nil {
		t.Fatal(err)
	}
	k := newKitAt(t, time.Time{}, func(c *app.Config) {
		c.Words, c.Assets, c.TelegramAPI = words, assets, bots.URL
		c.Mail = &email.Settings{Host: post.Host, Port: post.Port, Security: email.None, From: mail.Address{Address: "status@example.org"}}
	})
	return k, post, bots
}

// one is the only subscriber that was added to a page after those that were there.
func (k *kit) one(page string, beside ...model.SubscriberID) model.Subscriber {
	k.t.Helper()
	var id model.PageID
	k.must(id.UnmarshalText([]byte(page)))
	w, err := k.app.Workspaces(k.t.Context())
	k.must(err)
	by := model.Actor{Workspace: w[0].ID, Role: model.Owner}
	list, err := k.app.Subscribers(k.t.Context(), by, id, app.SubscriberFilter{}, model.Window{})
	k.must(err)
	rest := slices.DeleteFunc(list.Items, func(s model.Subscriber) bool { return slices.Contains(beside, s.ID) })
	if len(rest) != 1 {
		k.t.Fatalf("%d subscribers", len(rest))
	}
	return rest[0]
}

func TestWhoAsksByMailIsSentALinkAndToldNothingElse(t *testing.T) {
	k, post, _ := withChannels(t)
	m := k.fill(k.owner, "https://example.com/")
	got := k.subscribe(m.slug, `{"type":"email","email":" Mara@EXAMPLE.org ","topic":"incidents","locale":"tr"}`, "[2001:db8::7]:9")
	if got.status != 202 || got.text != `{"status":"pending_confirmation"}`+"\n" || got.header.Get("Cache-Control") != "no-store" {
		t.Fatalf("got %d %s %v", got.status, got.text, got.header)
	}
	s := k.one(m.page)
	if s.State != model.Pending || s.Address.Reveal() != "Mara@example.org" || s.Locale != "tr" || s.Topic != model.TopicIncidents || s.Consent != "2001:db8::7" {
		t.Errorf("got %+v to %s", s, s.Address.Reveal())
	}
	eventually(t, "the mail is there", func() bool { return post.Count() == 1 })
	if to := post.Taken()[0].To; to != "Mara@example.org" {
		t.Errorf("sent to %s", to)
	}
}

// The time is of one class as well: a mail server that says nothing makes no answer wait.
func TestTheAnswerIsTheSameForAddressesInEveryState(t *testing.T) {
	k, post, _ := withChannels(t)
	silent := make(chan struct{})
	defer close(silent)
	post.On(func(notifytest.MailStage, string) notifytest.MailAct { <-silent; return notifytest.MailAct{} })
	m := k.fill(k.owner, "https://example.com/")
	const body = `{"type":"email","email":"mara@example.org"}`
	asked := func(body string) answer { return k.subscribe(m.slug, body, k.stranger()) }
	unknown := asked(body)
	token := k.one(m.page).Token.Reveal()
	pending := asked(body)
	k.clock.set(time.Now().Add(2 * time.Hour))
	pendingAnew := asked(body)
	_, err := k.app.Confirm(t.Context(), m.slug, token)
	k.must(err)
	k.clock.set(time.Now().Add(4 * time.Hour))
	active, again := asked(body), asked(`{"type":"email","email":"mara@EXAMPLE.ORG"}`)
	k.clock.set(time.Now().Add(400 * time.Hour))
	often := asked(body)
	for state, got := range map[string]answer{"pending": pending, "pending, anew": pendingAnew, "active": active, "active, again": again, "too often": often} {
		if got.status != 202 || got.text != unknown.text || !maps.EqualFunc(got.header, unknown.header, slices.Equal) {
			t.Errorf("%s: got %d %s %v\nunknown: %d %s %v", state, got.status, got.text, got.header, unknown.status, unknown.text, unknown.header)
		}
	}
	if s := k.one(m.page); s.Asked > 3 {
		t.Errorf("asked %d times", s.Asked)
	}
}

func TestAChatIsSubscribedOnceItTakesAWelcome(t *testing.T) {
	k, _, bots := withChannels(t)
	m := k.fill(k.owner, "https://example.com/")
	const body = `{"type":"telegram","telegramChatId":"` + chatID + `","telegramBotToken":"` + botToken + `"}`
	bots.Fate(botToken, chatID, notifytest.BotNotStarted)
	refused := k.subscribe(m.slug, body, k.stranger())
	if refused.status != 422 || refused.wrong(t)["telegramChatId"] != "chat_refused" {
		t.Fatalf("got %d %s", refused.status, refused.text)
	}
	bots.Fate(botToken, chatID, notifytest.BotFate{})
	got := k.subscribe(m.slug, body, "192.0.2.77:1")
	token, _ := got.json(t)["managementToken"].(string)
	if got.status != 201 || token == "" || len(got.json(t)) != 1 {
		t.Fatalf("got %d %s", got.status, got.text)
	}
	s := k.one(m.page)
	if s.State != model.Active || s.Address.Reveal() != chatID || s.Consent != "192.0.2.77" || s.Token.Reveal() != token {
		t.Errorf("got %+v", s)
	}
	if sent := bots.Sent(); len(sent) != 1 || !strings.Contains(sent[0].Raw, token) {
		t.Errorf("sent %+v", sent)
	}
	if again := k.subscribe(m.slug, body, k.stranger()); again.status != 422 || again.wrong(t)["telegramChatId"] != "chat_known" {
		t.Errorf("again: %d %s", again.status, again.text)
	}
	if wrong := k.subscribe(m.slug, strings.Replace(body, "123456:", "654321:", 1), k.stranger()); wrong.wrong(t)["telegramBotToken"] != "bot_refused" {
		t.Errorf("another bot: %d %s", wrong.status, wrong.text)
	}
}

func TestABotsTokenIsNeverAnswered(t *testing.T) {
	k, _, bots := withChannels(t)
	m := k.furnish(k.owner, "https://example.com/")
	said := []answer{}
	for _, body := range []string{
		`{"type":"telegram","telegramChatId":"1","telegramBotToken":"` + botToken + `"}`,
		`{"type":"telegram","telegramChatId":"x","telegramBotToken":"` + botToken + ` "}`,
		`{"type":"telegram","telegramBotToken":["` + botToken + `"]}`,
		`{"type":"webhook","telegramBotToken":"` + botToken + `"}`,
		`{"type":"telegram","telegramChatId":"` + chatID + `","telegramBotToken":"` + botToken + `"}`,
		`{"type":"telegram","telegramChatId":"` + chatID + `","telegramBotToken":"` + botToken + `"`,
	} {
		said = append(said, k.subscribe(m.slug, body, k.stranger()))
	}
	if len(bots.Sent()) != 1 {
		t.Fatalf("sent %v", bots.Sent())
	}
	for _, route := range routes(t, k.echo) {
		if strings.HasPrefix(route, "GET ") {
			said = append(said, k.serve(k.ask(route, m.id(examples[route].kind), k.owner, "", "")))
		}
	}
	for _, form := range []string{"canaryBotToken", base64.StdEncoding.EncodeToString([]byte(botToken))[4:20]} {
		for _, a := range said {
			if strings.Contains(a.text, form) {
				t.Errorf("%d %s", a.status, a.text)
			}
		}
		if strings.Contains(k.log.String(), form) {
			t.Error("the log holds a bot's token")
		}
	}
}

func TestEveryChannelKeepsToTheDocument(t *testing.T) {
	k, _, _ := withChannels(t)
	c := readContract(t, k)
	url, _ := target(t)
	const route = "POST /api/v1/status/:slug/subscribe"
	for _, body := range []string{
		`{"type":"email","email":"SLUG@example.org","topic":"all","componentIds":[],"locale":"tr"}`,
		`{"type":"telegram","telegramChatId":"` + chatID + `","telegramBotToken":"` + botToken + `","topic":"all","componentIds":null,"locale":null}`,
		examples[route].body,
	} {
		var whole map[string]json.RawMessage
		k.must(json.Unmarshal([]byte(body), &whole))
		m := k.fill(k.owner, url)
		if got, allowed := c.exchange(t, k, k.ask(route, m.slug, "", url, body)); allowed != nil || got.status/100 != 2 {
			t.Errorf("%s: got %d %s, %v", body, got.status, got.text, allowed)
		}
		for _, field := range slices.Sorted(maps.Keys(whole)) {
			for _, value := range mutations {
				one := maps.Clone(whole)
				one[field] = json.RawMessage(value)
				if whole["telegramChatId"] != nil {
					m = k.fill(k.owner, url) // another page, for a chat is subscribed once
				}
				mutated(t, k, c, k.ask(route, m.slug, "", url, encode(t, one)), field, value)
			}
		}
	}
}

// Nothing that strangers send becomes a line of a mail's head (RELIABILITY E8).
func TestNoHeaderIsAddedByWhatStrangersSend(t *testing.T) {
	k, post, _ := withChannels(t)
	m := k.fill(k.owner, "https://example.com/")
	for _, address := range []string{
		"a@b.example\r\nBcc: x@y.example", "a@b.example\nBcc: x@y.example", "a\u0000@b.example", "a@b.example\u2028Bcc: x@y.example", "a@b.example\u0085x",
		"\"a\r\n b\"@b.example", "a@b.example, x@y.example", "a@b.example;x@y.example", "M <a@b.example>", "<a@b.example>", "a@b.example(x)y@z.example", "a@b", "a@[127.0.0.1]", "@b.example",
		strings.Repeat("a", 998) + "@b.example", "a@" + strings.Repeat("b", 998) + ".example", "a@b.example RCPT TO:<x@y.example>",
	} {
		got := k.subscribe(m.slug, encode(t, map[string]string{"type": "email", "email": address}), k.stranger())
		if got.status != 422 || got.wrong(t)["email"] != "email" {
			t.Errorf("%q: got %d %s", address, got.status, got.text)
		}
	}
	for _, lang := range []string{"en\r\nBcc: x@y.example", "tr\n", "en\u0000", "x", "TR"} {
		got := k.subscribe(m.slug, encode(t, map[string]string{"type": "email", "email": "a@b.example", "locale": lang}), k.stranger())
		if got.status != 422 || got.wrong(t)["locale"] != "choice" {
			t.Errorf("locale %q: got %d %s", lang, got.status, got.text)
		}
	}
	if got := k.subscribe(m.slug, `{"type":"email","email":"o'neil+a=b@b\u00fccher.example"}`, k.stranger()); got.status != 202 {
		t.Fatalf("got %d %s", got.status, got.text)
	}
	eventually(t, "the only good one is written to", func() bool { return post.Count() == 1 })
	raw := string(post.Taken()[0].Raw)
	letter, err := mail.ReadMessage(strings.NewReader(raw))
	k.must(err)
	if to := letter.Header["To"]; len(to) != 1 || !strings.Contains(to[0], "o'neil+a=b@xn--bcher-kva.example") || letter.Header.Get("Bcc") != "" || letter.Header.Get("Cc") != "" {
		t.Errorf("got\n%s", raw)
	}
}
