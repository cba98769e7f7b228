package deliver_test

import (
	"bytes"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/mail"
	"os"
	"strings"
	"testing"
	"time"

	"statusd/app/announce"
	"statusd/app/deliver"
	"statusd/app/incident"
	"statusd/app/locale"
	"statusd/app/model"
	"statusd/notify/email"
	"statusd/notify/notifytest"
	"statusd/notify/telegram"
	"statusd/store"
	"statusd/store/storetest"
)

// post is what mails and messages need: a mail server, Telegram, and words.
type post struct {
	server   *notifytest.MailServer
	bots     *notifytest.BotAPI
	herald   *announce.Herald
	settings email.Settings
	roots    *x509.CertPool
	base     string
	mails    *email.Sender
	chats    *telegram.Sender
}

const botToken = "4711:canary-of-a-bot-token"

// newPostKit is a kit with mail and Telegram.
func newPostKit(t testing.TB, o notifytest.MailOptions) *kit {
	t.Helper()
	k := newKit(t)
	assets := os.DirFS("../../assets")
	words, err := locale.Load(assets)
	k.must(err)
	p := &post{
		server: notifytest.NewMailServer(t, o), bots: notifytest.NewBotAPI(t), herald: announce.New(words.Languages(), words),
		base: "https://status.example",
	}
	k.must(p.herald.Load(assets))
	p.settings, err = email.Settings{
		Host: p.server.Host, Port: p.server.Port, Security: email.None, From: mail.Address{Name: "Acme", Address: "status@acme.example"},
	}.Checked()
	k.must(err)
	k.post = p
	return k
}

// open sets up what a process has.
func (p *post) open(k *kit, c *deliver.Config) {
	p.mails = email.New(email.Options{Now: k.now, Roots: p.roots})
	p.mails.Use(p.settings)
	var err error
	p.chats, err = telegram.New(telegram.Options{API: p.bots.URL, Now: k.now})
	k.must(err)
	c.Mails, c.Chats, c.Herald, c.BaseURL = p.mails, p.chats, p.herald, func() string { return p.base }
}

func (p *post) close() {
	p.mails.Close()
	p.chats.Close()
}

// reader is a subscriber by mail.
func (k *kit) reader(lang string, change func(*model.Subscriber)) model.Subscriber {
	s, _ := k.subscriber(nil, func(s *model.Subscriber) {
		s.Channel, s.Locale, s.Host, s.Key = model.Email, lang, "smtp", ""
		s.Address, s.Token = model.Secret(fmt.Sprintf("canary-reader-%d@example.org", k.paths)), model.Secret(fmt.Sprintf("token%d", k.paths))
		if change != nil {
			change(s)
		}
	})
	return s
}

// chat is a subscriber by Telegram.
func (k *kit) chat(id string) model.Subscriber {
	k.post.bots.Bot(botToken, id)
	s, _ := k.subscriber(nil, func(s *model.Subscriber) {
		s.Channel, s.Host, s.Key, s.Address, s.Token = model.Telegram, "4711", botToken, model.Secret(id), model.Secret("token"+id)
	})
	return s
}

// incident opens one, in the database as well.
func (k *kit) incident(title string, source incident.Source) model.Incident {
	k.t.Helper()
	i := model.Incident{
		ID: model.NewIncidentID(), Workspace: k.world.Page.Workspace, Page: k.world.Page.ID, Title: model.Text{"en": title, "tr": title + " (tr)"},
		Impact: incident.Major, Status: incident.Investigating, Source: source, Started: k.now(), Created: k.now(), Updated: k.now(),
	}
	if source == incident.Auto {
		i.Component = model.NewComponentID()
	}
	storetest.Write(k.t, k.store, func(tx *store.Tx) error { return tx.In(i.Workspace).AddIncident(bg, i) })
	return i
}

// news publishes an update of each incident, all at once.
func (k *kit) news(to incident.Status, body string, about ...model.Incident) {
	k.t.Helper()
	storetest.Write(k.t, k.store, func(tx *store.Tx) error {
		for _, i := range about {
			u := model.Update{ID: model.NewUpdateID(), Incident: i.ID, Page: i.Page, Status: to, Body: model.Text{"en": body}, Notify: true, Created: k.now()}
			e, err := k.post.herald.Incident(k.world.Page, i, u, k.now())
			if err == nil {
				_, err = tx.AddEvent(bg, e)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	if k.courier != nil {
		k.courier.Wake()
	}
	k.until("it is expanded", k.expandedOrStopped)
}

func (k *kit) expandedOrStopped() bool { return k.courier == nil || k.expanded() }

// pass lets the wall clock go on.
func (k *kit) pass(d time.Duration) {
	k.ahead.Add(int64(d))
	k.courier.Take(nil) // which reads the clock
}

// got is a mail as its reader has it.
type got struct {
	to, id, thread, subject, text, html string
	header                              mail.Header
}

// inbox are the mails that came to an address, in that order; to "" all of them.
func (k *kit) inbox(to model.Secret) (out []got) {
	k.t.Helper()
	for _, m := range k.post.server.Taken() {
		if to != "" && m.To != to.Reveal() {
			continue
		}
		out = append(out, readMail(k.t, m))
	}
	return out
}

func readMail(t testing.TB, m notifytest.TakenMail) got {
	t.Helper()
	parsed, err := mail.ReadMessage(bytes.NewReader(m.Raw))
	if err != nil {
		t.Fatal(err)
	}
	g := got{to: m.To, id: parsed.Header.Get("Message-Id"), thread: parsed.Header.Get("In-Reply-To"), header: parsed.Header}
	if g.subject, err = new(mime.WordDecoder).DecodeHeader(parsed.Header.Get("Subject")); err != nil {
		t.Error(err)
	}
	_, params, err := mime.ParseMediaType(parsed.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	parts := multipart.NewReader(parsed.Body, params["boundary"])
	for _, to := range []*string{&g.text, &g.html} {
		part, err := parts.NextPart()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(part)
		if err != nil {
			t.Fatal(err)
		}
		*to = string(text)
	}
	if _, err := parts.NextPart(); !errors.Is(err, io.EOF) {
		t.Errorf("a third part: %v", err)
	}
	return g
}

// subjects are those of a reader's mails with the first line of each, "[acme] Outage|Investigating: Outage".
func (k *kit) subjects(to model.Secret) (out []string) {
	for _, g := range k.inbox(to) {
		first, _, _ := strings.Cut(strings.TrimSpace(g.text), "\n")
		out = append(out, g.subject+"|"+strings.TrimSpace(first))
	}
	return out
}

// deliveries are those to a subscriber, oldest event first.
func (k *kit) deliveries(s model.Subscriber) (out []model.Delivery) {
	k.t.Helper()
	storetest.Read(k.t, k.store, func(v store.View) error {
		rows, err := v.In(s.Workspace).Deliveries(bg, s.Page, store.DeliveryFilter{Subscriber: s.ID}, store.After{}, 1000)
		for i := range rows {
			out = append(out, rows[len(rows)-1-i])
		}
		return err
	})
	return out
}

// became are the states of a subscriber's deliveries, in words.
func (k *kit) became(s model.Subscriber) string {
	var words []string
	for _, d := range k.deliveries(s) {
		words = append(words, d.State.String())
	}
	return strings.Join(words, " ")
}
