package app_test

import (
	"bytes"
	"context"
	"fmt"
	"net/mail"
	"os"
	"strings"
	"testing"
	"time"

	"statusd/app"
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
