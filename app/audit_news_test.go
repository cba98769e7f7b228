package app_test

import (
	"testing"
	"time"

	"statusd/app"
	"statusd/app/incident"
	"statusd/app/model"
	"statusd/store"
	"statusd/store/storetest"
)

const byAda = "Default: user ada@example.org "

// viewer is somebody who may only read.
func (l *acts) viewer() model.Actor {
	by := l.by(l.ada)
	by.Role = model.Viewer
	return by
}

func (l *acts) incidents() []act {
	create := func(by model.Actor) (err error) {
		l.incident, err = l.a.CreateIncident(bg, by, l.page.ID, func(d *app.IncidentDraft) error {
			d.Title, d.Body = model.Text{"en": "Late", "tr": "Geç"}, model.Text{"en": "We look."}
			d.Components = []model.ComponentID{l.component.ID}
			return nil
		})
		return err
	}
	change := func(by model.Actor) error {
		_, err := l.a.UpdateIncident(bg, by, l.incident.ID, func(e *app.IncidentEdit) error {
			e.Title, e.Impact, e.Components = model.Text{"en": "Later"}, incident.Major, nil
			return nil
		})
		return err
	}
	remove := func(by model.Actor) error { return l.a.DeleteIncident(bg, by, l.incident.ID) }
	return append([]act{
		{"CreatePage", func() (err error) {
			l.page, err = l.a.CreatePage(bg, l.by(l.ada), func(p *model.Page) error { p.Name, p.Slug = slug, slug; return nil })
			return err
		}, []string{byAda + "page.created acme [{name <nil> acme} {slug <nil> acme} {timeZone <nil> UTC} {noIndex <nil> false} {subscribersEnabled <nil> true}]"}, nil},
		{"CreateComponent", func() (err error) {
			l.component, err = l.a.CreateComponent(bg, l.by(l.ada), l.page.ID, func(c *model.Component) error { c.Name = "API"; return nil })
			return err
		}, []string{byAda + "component.created API [{name <nil> API} {position <nil> 1}]"}, nil},
		{"CreateIncident", func() error { return create(l.by(l.ada)) },
			[]string{byAda + "incident.created Late [{impact <nil> minor} {affectedComponentIds <nil> [API]} {title.en <nil> Late} {title.tr <nil> Geç} " +
				"{status <nil> investigating} {notify <nil> true} {body.en <nil> We look.}]"},
			func() error { return create(l.viewer()) }},
		{"UpdateIncident", func() error { return change(l.by(l.ada)) },
			[]string{byAda + "incident.changed Later [{impact minor major} {affectedComponentIds [API] <nil>} {title.en Late Later} {title.tr Geç <nil>}]"},
			func() error { return change(l.viewer()) }},
		{"UpdateIncident", func() error { return change(l.by(l.ada)) }, nil, nil},
	}, append(l.updates(), act{"DeleteIncident", func() error { return remove(l.by(l.ada)) },
		[]string{byAda + "incident.deleted Later [{impact major <nil>} {title.en Later <nil>}]"},
		func() error { return remove(l.viewer()) }})...)
}

func (l *acts) updates() []act {
	post := func(by model.Actor, s incident.Status) (err error) {
		l.update, err = l.a.PostUpdate(bg, by, l.incident.ID, func(d *app.UpdateDraft) error {
			d.Status, d.Body, d.Notify = s, model.Text{"en": "Done."}, false
			return nil
		})
		return err
	}
	edit := func(by model.Actor) error {
		_, err := l.a.EditUpdate(bg, by, l.update.ID, func(body *model.Text) error { *body = model.Text{"en": "Done!", "tr": "Bitti!"}; return nil })
		return err
	}
	remove := func(by model.Actor) error { return l.a.DeleteUpdate(bg, by, l.update.ID) }
	return []act{
		{"PostUpdate", func() error { return post(l.by(l.ada), incident.Resolved) },
			[]string{byAda + "update.posted Later [{status <nil> resolved} {notify <nil> false} {body.en <nil> Done.}]"},
			func() error { return post(l.viewer(), incident.Resolved) }},
		{"EditUpdate", func() error { return edit(l.by(l.ada)) },
			[]string{byAda + "update.changed Later [{body.en Done. Done!} {body.tr <nil> Bitti!}]"},
			func() error { return edit(l.viewer()) }},
		{"EditUpdate", func() error { return edit(l.by(l.ada)) }, nil, nil},
		{"DeleteUpdate", func() error { return remove(l.by(l.ada)) },
			[]string{byAda + "update.deleted Later [{status resolved <nil>} {notify false <nil>} {body.en Done! <nil>} {body.tr Bitti! <nil>}]"},
			func() error { return remove(l.viewer()) }},
	}
}

func (l *acts) windows() []act {
	hour := func(n int) time.Time { return l.wall().Truncate(time.Hour).Add(time.Duration(n) * time.Hour) }
	create := func(by model.Actor) (err error) {
		l.window, err = l.a.CreateMaintenance(bg, by, l.page.ID, func(d *app.MaintenanceDraft) error {
			d.Title, d.Start, d.End = model.Text{"en": "Move"}, hour(24), hour(25)
			return nil
		})
		return err
	}
	change := func(by model.Actor) error {
		_, err := l.a.UpdateMaintenance(bg, by, l.window.ID, func(d *app.MaintenanceDraft) error {
			d.Description, d.End, d.Components, d.AutoComplete = model.Text{"en": "D"}, hour(26), []model.ComponentID{l.component.ID}, false
			return nil
		})
		return err
	}
	of := func(do func(model.Actor) error, method, want string) act {
		return act{method, func() error { return do(l.by(l.ada)) }, []string{byAda + want}, func() error { return do(l.viewer()) }}
	}
	start := func(by model.Actor) error { _, err := l.a.StartMaintenance(bg, by, l.window.ID); return err }
	complete := func(by model.Actor) error { _, err := l.a.CompleteMaintenance(bg, by, l.window.ID); return err }
	cancel := func(by model.Actor) error { _, err := l.a.CancelMaintenance(bg, by, l.window.ID); return err }
	remove := func(by model.Actor) error { return l.a.DeleteMaintenance(bg, by, l.window.ID) }
	day, later, latest := l.utc(hour(24)), l.utc(hour(25)), l.utc(hour(26))
	created := "maintenance.created Move [{status <nil> scheduled} {scheduledStart <nil> " + day + "} {scheduledEnd <nil> " + later + "} {autoComplete <nil> true} {title.en <nil> Move}]"
	return []act{
		of(create, "CreateMaintenance", created),
		of(change, "UpdateMaintenance", "maintenance.changed Move [{scheduledEnd "+later+" "+latest+"} {autoComplete true false} {affectedComponentIds <nil> [API]} {description.en <nil> D}]"),
		{"UpdateMaintenance", func() error { return change(l.by(l.ada)) }, nil, nil},
		of(start, "StartMaintenance", "maintenance.begun Move [{status scheduled in_progress}]"),
		of(complete, "CompleteMaintenance", "maintenance.done Move [{status in_progress completed}]"),
		of(remove, "DeleteMaintenance", "maintenance.deleted Move [{status completed <nil>} {scheduledStart "+day+" <nil>} {scheduledEnd "+latest+" <nil>} {autoComplete false <nil>} {affectedComponentIds [API] <nil>} {title.en Move <nil>} {description.en D <nil>}]"),
		of(create, "CreateMaintenance", created),
		of(cancel, "CancelMaintenance", "maintenance.called_off Move [{status scheduled cancelled}]"),
	}
}

// subscribers are looked after by the workspace; what they do themselves is nobody else's business.
func (l *acts) subscribers() []act {
	resume := func(by model.Actor) error { _, err := l.a.ResumeSubscriber(bg, by, l.subscriber.ID); return err }
	retry := func(by model.Actor) error { _, err := l.a.RetryDelivery(bg, by, l.delivery.ID); return err }
	remove := func(by model.Actor) error { return l.a.DeleteSubscriber(bg, by, l.subscriber.ID) }
	list := func(by model.Actor, list string) error {
		_, err := l.a.ImportSubscribers(bg, by, l.page.ID, app.SubscriberImport{List: list, Consent: "Paper form, May", Locale: "en"})
		return err
	}
	erase := func(by model.Actor) error { _, err := l.a.ErasePerson(bg, by, "one@example.org"); return err }
	return []act{
		{"ImportSubscribers", func() error { return list(l.by(l.ada), "one@example.org\ntwo@example.org\none@example.org\nnone") },
			[]string{byAda + "subscribers.imported acme [{subscribers <nil> 2}]"}, func() error { return list(l.viewer(), "one@example.org") }},
		{"ImportSubscribers", func() error { return list(l.by(l.ada), "two@example.org") }, nil, func() error { return list(l.by(l.ada), "") }},
		{"ErasePerson", func() error { return erase(l.by(l.ada)) }, []string{byAda + "subscriber.deleted email []"}, func() error { return erase(l.viewer()) }},
		{"ResumeSubscriber", func() error { return resume(l.by(l.ada)) }, []string{byAda + "subscriber.resumed webhook []"},
			func() error { l.pausedHook(); return resume(l.viewer()) }},
		{"RetryDelivery", func() error { return retry(l.by(l.ada)) }, []string{byAda + "delivery.retried webhook []"},
			func() error { return retry(l.viewer()) }},
		{"DeleteSubscriber", func() error { return remove(l.by(l.ada)) }, []string{byAda + "subscriber.deleted webhook []"},
			func() error { return remove(l.viewer()) }},
	}
}

// pausedHook is a webhook that was paused, and a delivery to it that was given up.
func (l *acts) pausedHook() {
	at := l.wall().UTC().Truncate(time.Millisecond)
	own := model.Subscriber{ID: model.NewSubscriberID(), Workspace: l.page.Workspace, Page: l.page.ID, Created: at, Updated: at}
	own.Channel, own.State, own.Topic, own.Locale = model.Webhook, model.Paused, model.TopicAll, "en"
	own.Address, own.Host = "http://127.0.0.1:9/", "127.0.0.1"
	l.subscriber = own
	l.delivery = model.Delivery{ID: model.NewDeliveryID(), Workspace: own.Workspace, Page: own.Page, Event: 1, Subscriber: own.ID, Channel: own.Channel,
		State: model.Undelivered, Attempts: 3, Created: at, Done: at}
	storetest.Write(l.t, l.s, func(tx *store.Tx) error {
		if err := tx.In(own.Workspace).AddSubscriber(bg, own, []byte("hash")); err != nil {
			return err
		}
		return tx.AddDelivery(bg, l.delivery)
	})
}

func TestNewsThatCannotBeRecordedIsNotTold(t *testing.T) {
	counter(t, func(t *testing.T, l *lab) { // where nothing runs by itself, and so nothing writes while the trail is broken from outside
		l.by = l.actor(l.user(ada))
		var err error
		l.page, err = l.a.CreatePage(bg, l.by, func(p *model.Page) error { p.Name, p.Slug = slug, slug; return nil })
		l.must(err)
		draft := func(d *app.MaintenanceDraft) error {
			d.Title, d.Start, d.End = model.Text{"en": "T"}, l.wall().Add(time.Hour), l.wall().Add(2*time.Hour)
			return nil
		}
		open := func(d *app.IncidentDraft) error {
			d.Title, d.Body = model.Text{"en": "T"}, model.Text{"en": "B"}
			return nil
		}
		i, err := l.a.CreateIncident(bg, l.by, l.page.ID, open)
		l.must(err)
		w, err := l.a.CreateMaintenance(bg, l.by, l.page.ID, draft)
		l.must(err)
		heal := storetest.Break(t, l.dir, "audit")
		_, err1 := l.a.CreateIncident(bg, l.by, l.page.ID, open)
		_, err2 := l.a.PostUpdate(bg, l.by, i.ID, func(d *app.UpdateDraft) error { d.Body = model.Text{"en": "B"}; return nil })
		_, err3 := l.a.CreateMaintenance(bg, l.by, l.page.ID, draft)
		_, err4 := l.a.StartMaintenance(bg, l.by, w.ID)
		err5 := l.a.DeleteIncident(bg, l.by, i.ID)
		heal()
		for n, err := range []error{err1, err2, err3, err4, err5} {
			if err == nil {
				t.Errorf("act %d: done without a record", n+1)
			}
		}
		incidents, err6 := l.a.Incidents(bg, l.by, l.page.ID, model.Window{})
		windows, err7 := l.a.Maintenances(bg, l.by, l.page.ID, model.Window{})
		if err6 != nil || err7 != nil || len(incidents.Items) != 1 || len(incidents.Items[0].Updates) != 1 || len(windows.Items) != 1 || windows.Items[0].State != w.State {
			t.Errorf("%v %v %+v %+v", err6, err7, incidents.Items, windows.Items)
		}
	})
}
