package app_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"log/slog"
	"net/mail"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"statusd/app"
	"statusd/app/incident"
	"statusd/app/locale"
	"statusd/app/model"
	"statusd/notify/email"
	"statusd/notify/notifytest"
	"statusd/probe"
	"statusd/store"
	"statusd/store/storetest"
)

// posted runs f with a lab that can write mails. The mail server is outside of the bubble: while it is spoken to no time passes.
func posted(t *testing.T, o notifytest.MailOptions, f func(t *testing.T, l *lab, server *notifytest.MailServer)) {
	words, err := locale.Load(os.DirFS("../assets"))
	if err != nil {
		t.Fatal(err)
	}
	server := notifytest.NewMailServer(t, o)
	bubble(t, func(t *testing.T, l *lab) {
		l.stop()
		l.config.Words, l.config.Languages, l.config.Assets = words, words.Languages(), os.DirFS("../assets")
		l.config.BaseURL = "https://status.example"
		l.reopen()
		l.mailTo(server)
		f(t, l, server)
	})
}

// mailTo makes a server the one that mails go through.
func (l *lab) mailTo(server *notifytest.MailServer) {
	l.t.Helper()
	_, err := l.a.SetMailServer(bg, l.by, func(m *app.MailServer) error {
		m.Host, m.Port, m.Security, m.From = server.Host, server.Port, email.None, "Status <status@acme.example>"
		return nil
	})
	l.must(err)
}

// asks lets somebody subscribe by mail, in a language.
func (l *lab) asks(address, lang string) error {
	_, err := l.a.Subscribe(bg, slug, func(d *app.SubscribeDraft) error {
		d.Channel, d.Email, d.Locale, d.From = model.Email, address, lang, "192.0.2.7"
		return nil
	})
	l.pass(time.Second)
	return err
}

// subscriber is who is reached at an address; false when nobody is.
func (l *lab) subscriber(address string) (s model.Subscriber, ok bool) {
	l.t.Helper()
	storetest.Read(l.t, l.s, func(v store.View) (err error) {
		s, err = v.SubscriberByAddress(bg, l.page.ID, model.Email, model.Secret(address))
		if ok = err == nil; err == store.ErrNone {
			return nil
		}
		return err
	})
	return s, ok
}

// joins subscribes an address and confirms it.
func (l *lab) joins(address string) model.Subscriber {
	l.t.Helper()
	l.must(l.asks(address, "en"))
	s, ok := l.subscriber(address)
	if !ok {
		l.t.Fatalf("%s is not there", address)
	}
	s, err := l.a.Confirm(bg, slug, s.Token.Reveal())
	l.must(err)
	return s
}

// subjectsAt are the subjects of what came to an address.
func subjectsAt(t *testing.T, server *notifytest.MailServer, address string) (out []string) {
	t.Helper()
	for _, m := range server.Taken() {
		if m.To != address {
			continue
		}
		parsed, err := mail.ReadMessage(bytes.NewReader(m.Raw))
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, parsed.Header.Get("Subject"))
	}
	return out
}

func TestAPageWideOutageIsAFewMails(t *testing.T) {
	for _, every := range []time.Duration{30 * time.Second, time.Minute} {
		t.Run(every.String(), func(t *testing.T) {
			posted(t, notifytest.MailOptions{}, func(t *testing.T, l *lab, server *notifytest.MailServer) {
				const parts = 200
				l.joins("ada@example.org")
				for i := range parts {
					c := l.component(fmt.Sprintf("part %d", i))
					_, err := l.a.CreateCheck(bg, l.by, c.ID, func(k *model.Check) error {
						k.Name, k.URL, k.Interval = "k", "http://127.0.0.1:1/", every
						return nil
					})
					l.must(err)
				}
				l.stop()
				l.s = storetest.Open(t, l.dir)
				began := time.Now()
				l.beginWith(func(context.Context, probe.Target) (probe.Result, error) {
					r := probe.Result{At: time.Now(), Outcome: probe.Operational, StatusCode: 200}
					if since := time.Since(began); since >= 5*time.Minute && since < 15*time.Minute {
						r.Outcome, r.Reason = probe.Down, probe.Reason{Code: "refused"}
					}
					return r, nil
				})
				l.pass(time.Hour)
				got := subjectsAt(t, server, "ada@example.org")
				t.Logf("%q", got)
				if n := len(got) - 1; n < 3 || n > 5 {
					t.Errorf("%d mails about one outage: %q", n, got)
				}
				if n := storetest.Number(t, l.dir, `SELECT count(*) FROM deliveries WHERE state = 2`); n < 3*parts {
					t.Errorf("%d deliveries are delivered", n)
				}
				if n := storetest.Number(t, l.dir, `SELECT count(*) FROM deliveries WHERE state NOT IN (2, 4)`); n != 0 {
					t.Errorf("%d deliveries are not", n)
				}
				if strings.Contains(strings.Join(got, ""), "?UTF") {
					t.Error("a subject that needs no encoding has one")
				}
			})
		})
	}
}

func TestOneAddressIsAskedOnceAnHourThreeTimesInAllAndForgottenAfterTwoDays(t *testing.T) {
	posted(t, notifytest.MailOptions{}, func(t *testing.T, l *lab, server *notifytest.MailServer) {
		var times []time.Time
		began := l.wall()
		for i := range 1000 { // over 24 h
			before := server.Count()
			l.must(l.asks([]string{"ada@example.org", "ADA@example.org", " Ada@Example.ORG"}[i%3], "en"))
			if server.Count() > before {
				times = append(times, l.wall())
			}
			if i == 500 {
				_, err := l.a.CreateIncident(bg, l.by, l.page.ID, func(d *app.IncidentDraft) error {
					d.Title, d.Impact, d.Status, d.Body = model.Text{"en": "Outage"}, incident.Major, incident.Investigating, model.Text{"en": "we look"}
					return nil
				})
				l.must(err)
			}
			l.pass(85 * time.Second)
		}
		if len(times) != 3 || times[1].Sub(times[0]) < time.Hour || times[2].Sub(times[1]) < time.Hour || times[2].Sub(began) > 3*time.Hour {
			t.Errorf("mails at %v", times)
		}
		if n := server.Count(); n != 3 {
			t.Errorf("%d mails", n)
		}
		if _, ok := l.subscriber("ada@example.org"); !ok {
			t.Error("it is forgotten within a day")
		}
		l.pass(27 * time.Hour)
		if _, ok := l.subscriber("ada@example.org"); ok || server.Count() != 3 {
			t.Errorf("after two days it is there, %d mails", server.Count())
		}
		l.must(l.asks("ada@example.org", "en"))
		if server.Count() != 4 {
			t.Error("then it is not asked again")
		}
	})
}

func TestAStopwatchDoesNotTellWhoIsKnown(t *testing.T) {
	posted(t, notifytest.MailOptions{}, func(t *testing.T, l *lab, _ *notifytest.MailServer) {
		took := func(address string) time.Duration {
			began := time.Now()
			_, err := l.a.Subscribe(bg, slug, func(d *app.SubscribeDraft) error {
				d.Channel, d.Email, d.Locale = model.Email, address, "en"
				return nil
			})
			l.must(err)
			return time.Since(began)
		}
		l.joins("ada@example.org")
		unknown := took("bob@example.org")
		for name, got := range map[string]time.Duration{"waits to be confirmed": took("bob@example.org"), "is confirmed": took("ada@example.org")} {
			if got != unknown || got == 0 {
				t.Errorf("one that %s is told after %v, an unknown one after %v", name, got, unknown)
			}
		}
	})
}

func TestWhoAsksAgainHasTheLastWord(t *testing.T) {
	posted(t, notifytest.MailOptions{}, func(t *testing.T, l *lab, server *notifytest.MailServer) {
		l.must(l.asks("ada@example.org", "en"))
		l.must(l.asks("ada@example.org", "tr"))
		s, _ := l.subscriber("ada@example.org")
		s, err := l.a.Confirm(bg, slug, s.Token.Reveal())
		l.must(err)
		if s.Locale != "tr" || server.Count() != 1 {
			t.Errorf("%s, %d mails", s.Locale, server.Count())
		}
		l.pass(2 * time.Hour)
		l.must(l.asks("ada@example.org", "en"))
		if again, _ := l.subscriber("ada@example.org"); again.Locale != "tr" || again.State != model.Active {
			t.Errorf("a stranger changed a subscription: %+v", again)
		}
		if got := subjectsAt(t, server, "ada@example.org"); !slices.Equal(got, []string{"[acme] Confirm your subscription", "[acme] Zaten abonesiniz"}) {
			t.Errorf("%q", got)
		}
	})
}

func TestAThousandAddressesOfOneProviderAreAThousandPeople(t *testing.T) {
	posted(t, notifytest.MailOptions{Forget: true}, func(t *testing.T, l *lab, server *notifytest.MailServer) {
		for i := range 1000 {
			_, err := l.a.Subscribe(bg, slug, func(d *app.SubscribeDraft) error {
				d.Channel, d.Email, d.Locale = model.Email, fmt.Sprintf("person%d@example.org", i), "en"
				return nil
			})
			l.must(err)
		}
		l.pass(time.Minute)
		if n := server.Count(); n != 1000 {
			t.Errorf("%d mails", n)
		}
	})
}

func TestABrokenMailServerAsksOnceAndResumesWithinAMinute(t *testing.T) {
	posted(t, notifytest.MailOptions{}, func(t *testing.T, l *lab, server *notifytest.MailServer) {
		l.joins("bea@example.org")
		server.Refuse(notifytest.AtMail, &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 7, 1}, Message: "go away"})
		l.must(l.outage())
		for range 5 {
			l.must(l.asks("ada@example.org", "en"))
			l.pass(61 * time.Minute)
		}
		trouble, broken := l.a.MailTrouble()
		if !broken || trouble.Reason != "smtp_sender|550 5.7.1" || trouble.Answer != "550 5.7.1 go away" || trouble.Waiting != 2 {
			t.Errorf("%+v", trouble)
		}
		server.On(nil)
		l.pass(61 * time.Second)
		if _, broken := l.a.MailTrouble(); broken || len(subjectsAt(t, server, "ada@example.org")) != 1 || len(subjectsAt(t, server, "bea@example.org")) != 2 {
			t.Errorf("%q %q", subjectsAt(t, server, "ada@example.org"), subjectsAt(t, server, "bea@example.org"))
		}
		if n := storetest.Number(t, l.dir, `SELECT max(attempts) FROM deliveries`); n != 1 {
			t.Errorf("%d attempts are counted", n)
		}
	})
}

func TestANewMailServerIsUsedAtOnce(t *testing.T) {
	works := notifytest.NewMailServer(t, notifytest.MailOptions{})
	posted(t, notifytest.MailOptions{}, func(t *testing.T, l *lab, server *notifytest.MailServer) {
		l.joins("bea@example.org")
		server.Refuse(notifytest.AtGreeting, &smtp.SMTPError{Code: 554, EnhancedCode: smtp.EnhancedCode{5, 7, 1}, Message: "go away"})
		l.pass(10 * time.Second) // until the connection that was kept is closed
		l.must(l.outage())
		l.pass(20 * time.Second)
		if _, broken := l.a.MailTrouble(); !broken {
			t.Fatal("it is not broken")
		}
		l.mailTo(works)
		l.pass(time.Second)
		if got := subjectsAt(t, works, "bea@example.org"); len(got) != 1 {
			t.Errorf("%q", got)
		}
	})
}

func TestWhoConfirmedIsAskedNoMore(t *testing.T) {
	posted(t, notifytest.MailOptions{}, func(t *testing.T, l *lab, server *notifytest.MailServer) {
		l.must(l.asks("ada@example.org", "en"))
		server.Refuse(notifytest.AtRcpt, &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 7, 1}, Message: "later"})
		l.pass(2 * time.Hour)
		l.must(l.asks("ada@example.org", "en")) // which waits now
		s, _ := l.subscriber("ada@example.org")
		_, err := l.a.Confirm(bg, slug, s.Token.Reveal())
		l.must(err)
		server.On(nil)
		l.pass(24 * time.Hour)
		if n := storetest.Number(t, l.dir, `SELECT count(*) FROM deliveries WHERE state = 1`); server.Count() != 1 || n != 0 {
			t.Errorf("%d mails, %d deliveries wait", server.Count(), n)
		}
	})
}

// outage opens an incident by hand.
func (l *lab) outage() error {
	_, err := l.a.CreateIncident(bg, l.by, l.page.ID, func(d *app.IncidentDraft) error {
		d.Title, d.Impact, d.Status, d.Body = model.Text{"en": "Outage"}, incident.Major, incident.Investigating, model.Text{"en": "we look"}
		return nil
	})
	l.pass(time.Second)
	return err
}

// hostile are what a line of a header must not hold.
var hostile = []string{"a\r\nBcc: eve@example.org", "a\nX-Evil: 1", "a\rX-Evil: 1", "a\x00b", "a\u2028X-Evil: 1", "a\u0085b", strings.Repeat("ü", 998), strings.Repeat("w", 1500)}

func TestNoNameOrTitleAddsALineToAMail(t *testing.T) {
	posted(t, notifytest.MailOptions{}, func(t *testing.T, l *lab, server *notifytest.MailServer) {
		for _, text := range hostile {
			if err := l.asks(text+"@example.org", "en"); err == nil {
				t.Errorf("subscribed: %q", text)
			}
			_, err := l.a.SetMailServer(bg, l.by, func(m *app.MailServer) error { m.From = text + " <status@example.org>"; return nil })
			if strings.ContainsAny(text, "\r\n\x00") && err == nil {
				t.Errorf("sender: %q", text)
			}
			_, err = l.a.SetMailServer(bg, l.by, func(m *app.MailServer) error { m.From = "s@example.org" + text; return nil })
			if err == nil {
				t.Errorf("sender's address: %q", text)
			}
		}
		l.joins("ada@example.org")
		for _, text := range hostile {
			storetest.Write(t, l.s, func(tx *store.Tx) error { // past whatever refuses it today
				p := l.page
				p.Name = text
				return tx.In(p.Workspace).SetPage(bg, p)
			})
			_, _ = l.a.CreateIncident(bg, l.by, l.page.ID, func(d *app.IncidentDraft) error {
				d.Title, d.Impact, d.Status, d.Body = model.Text{"en": text[:min(len(text), 150)]}, incident.Major, incident.Investigating, model.Text{"en": text}
				return nil
			})
			l.must(l.outage())
			l.pass(20 * time.Second)
		}
		taken := server.Taken()
		if len(taken) < 1+len(hostile) {
			t.Fatalf("%d mails", len(taken))
		}
		for _, m := range taken {
			judgeMail(t, m)
		}
	})
}

// usual are the fields that our mails have.
var usual = strings.Fields(`From To Subject Date Message-Id In-Reply-To References List-Id Precedence List-Unsubscribe List-Unsubscribe-Post
	Auto-Submitted X-Auto-Response-Suppress Content-Language Mime-Version Content-Type`)

// judgeMail checks that a mail is one, with our fields alone and to one recipient.
func judgeMail(t *testing.T, m notifytest.TakenMail) {
	t.Helper()
	parsed, err := mail.ReadMessage(bytes.NewReader(m.Raw))
	if err != nil {
		t.Errorf("%v: %q", err, m.Raw)
		return
	}
	for name, values := range parsed.Header {
		if !slices.Contains(usual, name) || len(values) != 1 {
			t.Errorf("%s: %q", name, values)
		}
	}
	to, err := parsed.Header.AddressList("To")
	if err != nil || len(to) != 1 || to[0].Address != m.To {
		t.Errorf("to %v, %v", to, err)
	}
	for line := range strings.SplitSeq(string(m.Raw), "\r\n") {
		if len(line) > 998 || strings.ContainsAny(line, "\r\n\x00") {
			t.Errorf("a line: %q", line)
		}
	}
}

func TestNoSecretOfMailAndTelegramIsTold(t *testing.T) {
	bots := notifytest.NewBotAPI(t)
	bots.Config.SetKeepAlivesEnabled(false) // a kept connection is one that a bubble waits for
	const bot = "4711:canary-bot-token"
	bots.Bot(bot, "55")
	posted(t, notifytest.MailOptions{}, func(t *testing.T, l *lab, server *notifytest.MailServer) {
		var log bytes.Buffer
		l.config.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
		l.config.TelegramAPI = bots.URL
		l.stop()
		l.reopen()
		ada := l.joins("canary-ada@example.org")
		_, err := l.a.Subscribe(bg, slug, func(d *app.SubscribeDraft) error {
			d.Channel, d.TelegramChatID, d.TelegramBotToken = model.Telegram, "55", bot
			return nil
		})
		l.must(err)
		l.must(l.outage())
		bots.Fate(bot, "55", notifytest.BotRestarting)
		_, err = l.a.SetMailServer(bg, l.by, func(m *app.MailServer) error {
			m.Security, m.User, m.Password = email.StartTLS, "statusd", "canary-password"
			return nil
		})
		l.must(err)
		tried, err := l.a.TestMail(bg, l.by, "canary-bea@example.org", "en", func(*app.MailServer) error { return nil })
		l.must(err)
		shown, err := l.a.MailServer(bg, l.by)
		l.must(err)
		l.must(l.asks("canary-cleo@example.org", "en"))
		l.must(l.outage())
		l.pass(2 * time.Minute)
		trouble, broken := l.a.MailTrouble()
		if !broken || !shown.PasswordSet {
			t.Errorf("%+v %+v", trouble, shown)
		}
		l.stop()
		fmt.Fprintf(&log, "%+v %+v %+v %+v", tried, shown, trouble, ada)
		for _, file := range []string{"statusd.db", "statusd.db-wal"} {
			text, err := os.ReadFile(filepath.Join(l.dir, file))
			if err == nil {
				log.Write(text)
			}
		}
		for _, secret := range []string{"canary", "4711:", ada.Token.Reveal()} {
			for _, form := range []string{secret, base64.StdEncoding.EncodeToString([]byte(secret))[:7], hex.EncodeToString([]byte(secret)), url.QueryEscape(secret)} {
				if i := bytes.Index(log.Bytes(), []byte(form)); i >= 0 {
					t.Errorf("%s: …%q…", form, log.Bytes()[max(0, i-200):min(log.Len(), i+60)])
				}
			}
		}
		l.s = storetest.Open(t, l.dir)
		l.begin()
	})
}
