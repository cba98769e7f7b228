package dashboard_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"statusd/app"
	"statusd/app/maintenance"
	"statusd/app/model"
	"statusd/app/status"
)

func (st *stage) windows() []model.Maintenance {
	st.t.Helper()
	list, err := st.app.Maintenances(st.t.Context(), st.by, st.page.ID, model.Window{})
	st.must(err)
	return list.Items
}

func (st *stage) window(id model.MaintenanceID) model.Maintenance {
	st.t.Helper()
	m, err := st.app.Maintenance(st.t.Context(), st.by, id)
	st.must(err)
	return m
}

func (st *stage) windowPath(id model.MaintenanceID, rest string) string {
	return st.path("/maintenance/" + id.String() + rest)
}

func (st *stage) inZone(name string) *time.Location {
	st.t.Helper()
	_, err := st.app.UpdatePage(st.t.Context(), st.by, st.page.ID, func(p *model.Page) error { p.TimeZone = name; return nil })
	st.must(err)
	return zoneOf(st.t, name)
}

const wall = "2006-01-02T15:04"

// planned is a window of the first component, tomorrow at 10 in the page's zone for two hours.
func (st *stage) planned(zone *time.Location) model.Maintenance {
	st.t.Helper()
	day := time.Now().In(zone).AddDate(0, 0, 1).Format("2006-01-02")
	st.goesToNew(st.editor.post(st.path("/maintenance/new"), "title.en", "Database upgrade", "title.tr", "Veritabanı yükseltmesi", "description.en", "Reads *work*.",
		"component", st.components[0].ID.String(), "scheduledStart", day+"T10:00", "scheduledEnd", day+"T12:00", "autoComplete", "on", "notify", "on"), "/maintenance/", "maintenance-scheduled")
	return st.windows()[0]
}

func seenOf(m model.Maintenance) string { return fmt.Sprint(m.Updated.UnixMilli()) }

func TestAWindowIsScheduledInThePagesZone(t *testing.T) {
	st := newStage(t, "API", "Web")
	zone := st.inZone("Europe/Istanbul")
	st.editor.wants(st.editor.get(st.path("/maintenance")), 200, "Nothing is planned", "Schedule a window before you work", st.path("/maintenance/new"))
	r := st.editor.wants(st.editor.get(st.path("/maintenance/new")), 200, `type="datetime-local"`, "Start (Europe/Istanbul)", "End (Europe/Istanbul)", `name="autoComplete" value="on" checked`, "reminded 1 hour before")
	if strings.Contains(r.body, "clocks go back") {
		t.Error("in Istanbul clocks are not changed")
	}
	post := func(start, end string) reply {
		return st.editor.post(st.path("/maintenance/new"), "title.en", "Typed & kept", "scheduledStart", start, "scheduledEnd", end, "component", st.components[1].ID.String())
	}
	st.editor.wants(post("", ""), 422, "This is required.", `href="#f-scheduledStart"`, "Typed &amp; kept", `value="`+st.components[1].ID.String()+`" checked`)
	st.editor.wants(post("tomorrow", "2031-01-01T00:00"), 422, "Choose a day and a time.", `value="tomorrow"`)
	st.editor.wants(post("2020-01-01T10:00", "2031-01-01T00:00"), 422, "The start is in the past.", `value="2020-01-01T10:00"`)
	st.editor.wants(post("2031-01-01T10:00", "2031-01-01T10:00"), 422, "Choose a time after the start.")
	st.editor.wants(post("2131-01-01T10:00", "2131-01-01T11:00"), 422, "no later than the year 2100")
	st.editor.wants(st.editor.post(st.path("/maintenance/new"), "do", "preview", "description.en", "*soft*"), 200, "<em>soft</em>")
	if len(st.windows()) != 0 {
		t.Error("one was made")
	}

	m := st.planned(zone)
	if got := m.Start.Time().In(zone).Format("15:04"); got != "10:00" || m.End.Sub(m.Start) != 2*time.Hour || !m.AutoComplete || len(m.Affected) != 1 {
		t.Errorf("%s %+v", got, m)
	}
	st.editor.wants(st.editor.get(st.windowPath(m.ID, "?done=maintenance-scheduled")), 200, "The maintenance is scheduled.", "Database upgrade", "Reads <em>work</em>.", "10:00", "12:00 UTC&#43;3", "2\u00a0h", "Start now", "reminded 1 hour before")
	st.viewer.wants(st.viewer.get(st.path("/maintenance")), 200, "Database upgrade", "Scheduled")
	st.viewer.wants(st.viewer.get(st.path("")), 200, st.windowPath(m.ID, ""))
}

func TestTimesAtWhichClocksChange(t *testing.T) {
	st := newStage(t, "API")
	zone := st.inZone("Europe/Berlin")
	post := func(start, end string) reply {
		return st.editor.post(st.path("/maintenance/new"), "title.en", "Night work", "scheduledStart", start, "scheduledEnd", end, "autoComplete", "on")
	}
	st.editor.wants(st.editor.get(st.path("/maintenance/new")), 200, "the clocks go back. Of a time that comes twice then, the first is taken.")
	st.editor.wants(post("2031-03-30T02:30", "2031-03-30T05:00"), 422, "in Europe/Berlin the clocks go from 02:00 to 03:00", `value="2031-03-30T02:30"`, `href="#f-scheduledStart"`)
	st.goesToNew(post("2031-10-26T02:30", "2031-10-26T03:00"), "/maintenance/", "maintenance-scheduled")
	m := st.windows()[0]
	if got := m.Start.Time().UTC().Format(wall); got != "2031-10-26T00:30" || m.End.Sub(m.Start) != 90*time.Minute {
		t.Errorf("%s %v", got, m.End.Sub(m.Start))
	}
	st.editor.wants(st.editor.get(st.windowPath(m.ID, "")), 200, "02:30 CEST", "03:00 CET", "1\u00a0h 30\u00a0min")

	// The second of two, to the second, given by a program: a form that does not touch it keeps it.
	second := time.Date(2032, 10, 31, 1, 30, 15, 0, time.UTC)
	m, err := st.app.UpdateMaintenance(t.Context(), st.by, m.ID, func(d *app.MaintenanceDraft) error { d.Start, d.End = second, second.Add(time.Hour); return nil })
	st.must(err)
	form := st.editor.wants(st.editor.get(st.windowPath(m.ID, "/edit")), 200, `value="2032-10-31T02:30"`, `value="2032-10-31T03:30"`)
	st.goesTo(st.editor.post(st.windowPath(m.ID, "/edit"), "seen", hidden(form.body, "seen"), "title.en", "Night shift", "scheduledStart", "2032-10-31T02:30", "scheduledEnd", "2032-10-31T03:30", "autoComplete", "on"),
		st.windowPath(m.ID, ""), "maintenance-saved")
	if now := st.window(m.ID); !now.Start.Time().Equal(second) || now.Title["en"] != "Night shift" || now.Start != m.Start || now.End != m.End {
		t.Errorf("%v %+v", now.Start.Time().In(zone), now)
	}
}

func TestAWindowGoesItsWayByHand(t *testing.T) {
	st := newStage(t, "API")
	m := st.planned(time.UTC)
	at := func(rest string) string { return st.windowPath(m.ID, rest) }
	st.editor.wants(st.editor.get(at("/start")), 200, "Start now? Database upgrade", "Nobody has subscribed", "Start maintenance")
	st.goesTo(st.editor.post(at("/start")), at(""), "maintenance-started")
	st.editor.wants(st.editor.post(at("/start")), 409, "Only scheduled maintenance can be started; the state of this one is “In progress”")
	st.editor.wants(st.editor.post(at("/cancel")), 409, "Only scheduled maintenance can be cancelled")
	r := st.editor.wants(st.editor.get(at("")), 200, "In progress", "Mark complete")
	if strings.Contains(r.body, at("/delete")) || strings.Contains(r.body, at("/cancel")) {
		t.Error("it can be deleted or cancelled while it is in progress")
	}
	st.editor.wants(st.editor.post(at("/delete"), "seen", seenOf(st.window(m.ID)), "typed", "Database upgrade"), 409, "“In progress”")
	st.editor.wants(st.editor.get(st.path("/maintenance")), 200, "In progress", "Mark complete")

	form := st.editor.wants(st.editor.get(at("/edit")), 200, "texts and the end can still be changed", `name="scheduledEnd"`)
	if strings.Contains(form.body, `name="scheduledStart"`) || strings.Contains(form.body, `name="component"`) || strings.Contains(form.body, `name="notify"`) {
		t.Error("what is fixed is asked for")
	}
	later := m.End.Time().Add(time.Hour).UTC().Format(wall)
	st.goesTo(st.editor.post(at("/edit"), "seen", hidden(form.body, "seen"), "title.en", "Database move", "scheduledEnd", later), at(""), "maintenance-saved")
	if now := st.window(m.ID); now.AutoComplete || now.Start != m.Start || now.End.Sub(m.End) != time.Hour || len(now.Affected) != 1 {
		t.Errorf("%+v", now)
	}
	st.editor.wants(st.editor.post(at("/edit"), "seen", hidden(form.body, "seen"), "title.en", "Mine", "scheduledEnd", later), 409, "Somebody else has changed this", `value="Mine"`)

	st.goesTo(st.editor.post(at("/complete")), at(""), "maintenance-completed")
	form = st.editor.wants(st.editor.get(at("/edit")), 200, "only its texts can still be changed")
	if strings.Contains(form.body, `name="scheduledEnd"`) || strings.Contains(form.body, `name="autoComplete"`) {
		t.Error("what is over has times to change")
	}
	st.goesTo(st.editor.post(at("/edit"), "seen", hidden(form.body, "seen"), "title.en", "Database move, done"), at(""), "maintenance-saved")
	st.editor.wants(st.editor.get(st.path("/maintenance")), 200, "Past", "Database move, done", "Completed", "planned until")
	st.editor.wants(st.editor.post(at("/delete"), "seen", seenOf(st.window(m.ID)), "typed", "x"), 422, "This is not the name.")
	st.goesTo(st.editor.post(at("/delete"), "seen", seenOf(st.window(m.ID)), "typed", "Database move, done"), st.path("/maintenance"), "maintenance-deleted")
	st.editor.wants(st.editor.get(at("")), 404)
}

func TestAWindowIsCancelled(t *testing.T) {
	st := newStage(t, "API")
	m := st.planned(time.UTC)
	st.editor.wants(st.editor.get(st.windowPath(m.ID, "/cancel")), 200, "Cancel this maintenance? Database upgrade", "Keep it")
	st.editor.wants(st.editor.post(st.windowPath(m.ID, "/complete")), 409, "Only maintenance in progress can be completed")
	st.goesTo(st.editor.post(st.windowPath(m.ID, "/cancel")), st.windowPath(m.ID, ""), "maintenance-cancelled")
	if now := st.window(m.ID); now.State != maintenance.Cancelled {
		t.Errorf("%+v", now)
	}
	st.editor.wants(st.editor.get(st.path("/maintenance")), 200, "Cancelled", "Past")
}

func TestAWindowThatTakesLongerSaysSo(t *testing.T) {
	st := newStage(t, "API")
	start := time.Now().Add(-30 * time.Second).UTC()
	m, err := st.app.CreateMaintenance(t.Context(), st.by, st.page.ID, func(d *app.MaintenanceDraft) error {
		d.Title, d.Start, d.End, d.AutoComplete = model.Text{"tr": "Uzun iş"}, start, time.Now().Add(200*time.Millisecond), false
		return nil
	})
	st.must(err)
	st.eventually(func() bool { return st.window(m.ID).Overrun(status.At(time.Now())) })
	st.viewer.wants(st.viewer.get(st.windowPath(m.ID, "")), 200, "This takes longer than planned", "When somebody marks it complete")
	st.viewer.wants(st.viewer.get(st.path("/maintenance")), 200, "Takes longer than planned")
}

func TestAViewerReadsWindowsAndChangesNone(t *testing.T) {
	st := newStage(t, "API")
	m := st.planned(time.UTC)
	r := st.viewer.wants(st.viewer.get(st.windowPath(m.ID, "")), 200, "Database upgrade", "Reads <em>work</em>.")
	for _, act := range []string{"/edit", "/delete", "/start", "/cancel"} {
		if strings.Contains(r.body, st.windowPath(m.ID, act)) {
			t.Errorf("a viewer is offered %s", act)
		}
		st.viewer.wants(st.viewer.get(st.windowPath(m.ID, act)), 403)
		st.viewer.wants(st.viewer.post(st.windowPath(m.ID, act)), 403)
	}
	st.viewer.wants(st.viewer.get(st.path("/maintenance/new")), 403)
	other := st.page
	st.page = st.lab.page("second", "Other")
	st.editor.wants(st.editor.get(st.windowPath(m.ID, "")), 404)
	st.page = other
}
