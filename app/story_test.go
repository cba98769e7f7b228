package app_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"statusd/app"
	"statusd/app/incident"
	"statusd/app/maintenance"
	"statusd/app/model"
	"statusd/probe"
	"statusd/store"
	"statusd/store/storetest"
)

// The words in which tests of incidents and windows speak of a lab.

// hasty lets failures open incidents from the first moment on.
func (l *lab) hasty() {
	l.t.Helper()
	l.config.StartupGrace = -1
	l.stop()
	l.reopen()
}

// lead sets how long before its start people are reminded of a window.
func (l *lab) lead(d time.Duration) {
	l.t.Helper()
	l.config.MaintenanceReminder = d
	l.stop()
	l.reopen()
}

// checks makes a component with checks of names.
func (l *lab) checks(component string, names ...string) (model.Component, []model.Check) {
	l.t.Helper()
	c := l.component(component)
	var out []model.Check
	for _, name := range names {
		k, err := l.a.CreateCheck(bg, l.by, c.ID, func(k *model.Check) error {
			k.Name, k.URL = name, "https://user-secret.example:8443/"+name
			return nil
		})
		l.must(err)
		out = append(out, k)
	}
	return c, out
}

// bad lets a check fail a number of times, every half a minute.
func (l *lab) bad(k model.Check, times int) { l.look(k, probe.Down, times) }

// good lets a check be good a number of times, every half a minute.
func (l *lab) good(k model.Check, times int) { l.look(k, probe.Operational, times) }

func (l *lab) look(k model.Check, o probe.Outcome, times int) {
	l.t.Helper()
	for range times {
		l.feed(k, o, 0)
		l.pass(30 * time.Second)
	}
}

// events are what subscribers were told of the page, oldest first.
func (l *lab) events() []model.Event {
	l.t.Helper()
	var out []model.Event
	storetest.Read(l.t, l.s, func(v store.View) error {
		rows, err := v.In(l.by.Workspace).Events(bg, l.page.ID, 10_000)
		for i := range rows {
			out = append(out, rows[len(rows)-1-i])
		}
		return err
	})
	return out
}

// told writes an event in a few words: what happened to which subject, numbered as they come, and of an incident its status.
type told struct {
	subjects map[int64]int
}

func (w *told) of(l *lab, e model.Event) string {
	l.t.Helper()
	if w.subjects == nil {
		w.subjects = map[int64]int{}
	}
	if w.subjects[e.Subject] == 0 {
		w.subjects[e.Subject] = len(w.subjects) + 1
	}
	var p struct {
		Event     string    `json:"event"`
		PageSlug  string    `json:"pageSlug"`
		Timestamp time.Time `json:"timestamp"`
		Data      struct {
			Status      string   `json:"status"`
			IncidentID  string   `json:"incidentId"`
			Maintenance string   `json:"maintenanceId"`
			Affected    []string `json:"affectedComponentIds"`
			Update      struct{ Status string }
		}
	}
	l.must(json.Unmarshal(e.Payload, &p))
	if p.Event != e.Type.String() || p.PageSlug != slug || !p.Timestamp.Equal(e.At) || len(p.Data.Affected) != len(e.Components) {
		l.t.Errorf("the payload says %s, the event is %+v", e.Payload, e)
	}
	id := model.IncidentID(e.Subject).String()
	if e.Type.Topic() == model.TopicMaintenance {
		id = model.MaintenanceID(e.Subject).String()
	}
	if p.Data.IncidentID+p.Data.Maintenance != id {
		l.t.Errorf("the payload is of %s%s, the event of %s", p.Data.IncidentID, p.Data.Maintenance, id)
	}
	words := fmt.Sprintf("#%d %s", w.subjects[e.Subject], e.Type)
	if p.Data.Update.Status != "" {
		words += " " + p.Data.Update.Status
	}
	return words
}

// story is all that subscribers were told of the page.
func (l *lab) story() []string {
	l.t.Helper()
	var w told
	var out []string
	for _, e := range l.events() {
		out = append(out, w.of(l, e))
	}
	return out
}

// tells compares the story with the words that it should have, and the rows with what they must be whatever has happened.
func (l *lab) tells(want ...string) {
	l.t.Helper()
	if got := l.story(); strings.Join(got, "\n") != strings.Join(want, "\n") {
		l.t.Errorf("told:\n\t%s\nwant:\n\t%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
	l.consistent()
}

// never are numbers that must be 0, whatever has happened.
var never = map[string]string{
	"twins":                             `SELECT count(*) - count(DISTINCT component_id) FROM incidents WHERE component_id <> 0 AND resolved_at = 0`,
	"open ones that are resolved":       `SELECT count(*) FROM incidents WHERE (status = 4) <> (resolved_at <> 0)`,
	"ones without a timeline":           `SELECT count(*) FROM incidents WHERE NOT EXISTS (SELECT 1 FROM incident_updates AS u WHERE u.incident_id = incidents.id)`,
	"ones whose newest update differs":  `SELECT count(*) FROM incidents WHERE status <> (SELECT u.status FROM incident_updates AS u WHERE u.incident_id = incidents.id ORDER BY seq DESC LIMIT 1)`,
	"ones that ended before they began": `SELECT count(*) FROM incidents WHERE resolved_at <> 0 AND resolved_at < started_at`,
	"open ones nobody remembers":        `SELECT count(*) FROM incidents JOIN components ON components.id = component_id WHERE resolved_at = 0 AND NOT EXISTS (SELECT 1 FROM component_states AS s WHERE s.incident_id = incidents.id)`,
	"remembered ones that are not open": `SELECT count(*) FROM component_states AS s WHERE incident_id <> 0 AND NOT EXISTS (SELECT 1 FROM incidents WHERE incidents.id = s.incident_id AND resolved_at = 0)`,
	"statuses remembered otherwise":     `SELECT count(*) FROM component_states AS s LEFT JOIN incidents ON incidents.id = s.incident_id WHERE coalesce(json_extract(s.state, '$.status'), '') <> CASE coalesce(incidents.status, 0) WHEN 1 THEN 'investigating' WHEN 2 THEN 'identified' WHEN 3 THEN 'monitoring' ELSE '' END`,
	"windows that ended before":         `SELECT count(*) FROM maintenances WHERE ended_at <> 0 AND ended_at < began_at`,
	"windows whose times are wrong":     `SELECT count(*) FROM maintenances WHERE (state IN (2, 3)) <> (began_at <> 0) OR (state = 3) <> (ended_at <> 0)`,
}

// consistent says what holds of the rows whatever has happened.
func (l *lab) consistent() {
	l.t.Helper()
	sums := make([]string, 0, len(never))
	for _, query := range never {
		sums = append(sums, "abs(("+query+"))")
	}
	if storetest.Number(l.t, l.dir, "SELECT "+strings.Join(sums, " + ")) == 0 {
		return
	}
	for wrong, query := range never {
		if n := storetest.Number(l.t, l.dir, query); n != 0 {
			l.t.Errorf("%s: %d", wrong, n)
		}
	}
}

// open are the incidents that the page shows as going on, newest first.
func (l *lab) open() []model.Timeline {
	l.t.Helper()
	f, err := l.a.Gather(bg, slug)
	l.must(err)
	return f.Active
}

// one is the only incident that is going on.
func (l *lab) one() model.Timeline {
	l.t.Helper()
	all := l.open()
	if len(all) != 1 {
		l.t.Fatalf("%d incidents are open", len(all))
	}
	return all[0]
}

// post writes an update by a person.
func (l *lab) post(id model.IncidentID, to incident.Status) error {
	_, err := l.a.PostUpdate(bg, l.by, id, func(d *app.UpdateDraft) error {
		d.Status, d.Body = to, model.Text{"en": "by a person"}
		return nil
	})
	return err
}

// plan announces a window that begins and ends some time from now.
func (l *lab) plan(from, to time.Duration, components ...model.Component) model.Maintenance {
	l.t.Helper()
	m, err := l.a.CreateMaintenance(bg, l.by, l.page.ID, func(d *app.MaintenanceDraft) error {
		d.Title, d.Start, d.End = model.Text{"en": "work"}, l.wall().Add(from), l.wall().Add(to)
		for _, c := range components {
			d.Components = append(d.Components, c.ID)
		}
		return nil
	})
	l.must(err)
	return m
}

// window reads a window.
func (l *lab) window(id model.MaintenanceID) maintenance.Window {
	l.t.Helper()
	m, err := l.a.Maintenance(bg, l.by, id)
	l.must(err)
	return m.Window
}
