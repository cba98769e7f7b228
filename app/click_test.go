package app_test

import (
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"statusd/app"
	"statusd/app/incident"
	"statusd/app/locale"
	"statusd/app/model"
	"statusd/notify/email"
	"statusd/notify/notifytest"
	"statusd/store"
	"statusd/store/storetest"
)

// publisher is an App with an incident that so many readers of mails hear of.
type publisher struct {
	b     *testing.B
	store *store.Store
	app   *app.App
	by    model.Actor
	about model.IncidentID
}

func newPublisher(b *testing.B, readers int) *publisher {
	b.Helper()
	s, files := storetest.New(b), os.DirFS("../assets")
	w := storetest.Fill(b, s, "acme", "api: k")
	words, err := locale.Load(files)
	p := &publisher{b: b, store: s, by: model.Actor{Workspace: w.Workspace.ID, Role: model.Owner, Admin: true}}
	p.must(err)
	p.app, err = app.New(bg, app.Config{Store: s, Languages: words.Languages(), Words: words, Assets: files, BaseURL: "https://status.example"})
	p.must(err)
	p.must(p.app.Start(bg))
	b.Cleanup(func() { p.must(p.app.Stop(bg)) })
	mails := notifytest.NewMailServer(b, notifytest.MailOptions{Forget: true})
	_, err = p.app.SetMailServer(bg, p.by, func(m *app.MailServer) error {
		m.Host, m.Port, m.Security, m.From = mails.Host, mails.Port, email.None, "Status <status@acme.example>"
		return nil
	})
	p.must(err)
	storetest.Write(b, s, func(tx *store.Tx) error {
		for i := range readers {
			err := tx.In(w.Workspace.ID).AddSubscriber(bg, model.Subscriber{
				ID: model.NewSubscriberID(), Page: w.Page.ID, Channel: model.Email, State: model.Active, Topic: model.TopicAll, Locale: "en",
				Address: model.Secret(fmt.Sprintf("user%d@example.org", i)), Token: model.Secret(fmt.Sprintf("token%022d", i)), Host: "smtp",
				Created: time.Now(), Active: time.Now(), Updated: time.Now(),
			}, fmt.Appendf(nil, "%d", i))
			if err != nil {
				return err
			}
		}
		return nil
	})
	opened, err := p.app.CreateIncident(bg, p.by, w.Page.ID, func(d *app.IncidentDraft) error {
		d.Title, d.Impact, d.Status, d.Body = model.Text{"en": "Outage"}, incident.Major, incident.Investigating, model.Text{"en": "We look."}
		return nil
	})
	p.must(err)
	p.about = opened.ID
	p.rest()
	return p
}

func (p *publisher) must(err error) {
	p.b.Helper()
	if err != nil {
		p.b.Fatal(err)
	}
}

// click posts an update and says how long that took.
func (p *publisher) click() time.Duration {
	start := time.Now()
	_, err := p.app.PostUpdate(bg, p.by, p.about, func(d *app.UpdateDraft) error { d.Body = model.Text{"en": "We still look."}; return nil })
	took := time.Since(start)
	p.must(err)
	return took
}

// rest waits until all that have to be told are told.
func (p *publisher) rest() {
	for waiting := true; waiting; <-time.After(20 * time.Millisecond) {
		storetest.Read(p.b, p.store, func(v store.View) error {
			_, none := v.OldestUnexpanded(bg)
			rows, err := v.EveryWaiting(bg)
			waiting = none != store.ErrNone || len(rows) > 0
			return err
		})
	}
}

// BenchmarkClick posts an update that 10,000 readers are to be told of, and beside it one that nobody is, both out of a rest; and one
// more while thousands of mails are on their way. The figures are of medians.
func BenchmarkClick(b *testing.B) {
	many, nobody := newPublisher(b, 10_000), newPublisher(b, 0)
	var with, without, amid []time.Duration
	for i := 0; b.Loop(); i++ {
		if i%2 == 0 {
			without = append(without, nobody.click())
		}
		with = append(with, many.click())
		<-time.After(300 * time.Millisecond)
		amid = append(amid, many.click())
		many.rest()
		if i%2 == 1 {
			without = append(without, nobody.click())
		}
		many.rest()
	}
	b.ReportMetric(float64(median(without).Microseconds()), "us-nobody")
	b.ReportMetric(float64(median(with))/float64(median(without)), "10000/nobody")
	b.ReportMetric(float64(median(amid))/float64(median(without)), "amid/nobody")
}

// median is what the others on the machine move least.
func median(list []time.Duration) time.Duration {
	slices.Sort(list)
	return list[len(list)/2]
}
