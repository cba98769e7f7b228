package app_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"statusd/app"
	"statusd/app/incident"
	"statusd/app/maintenance"
	"statusd/app/model"
	"statusd/app/snapshot"
	"statusd/app/status"
	"statusd/probe"
	"statusd/store"
	"statusd/store/storetest"
)

// TestAWindowIsKeptToTheSecond: reminder, start and end come by themselves, and what is recorded is what was announced.
func TestAWindowIsKeptToTheSecond(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		l.lead(5 * time.Minute)
		c, k := l.checks("api", "login")
		other := l.component("docs")
		l.feed(k[0], probe.Operational, 0)
		l.pass(300 * time.Millisecond)
		m := l.plan(12*time.Minute, 20*time.Minute, c)
		for _, part := range []struct {
			until status.Instant
			shown status.Status
			told  []string
		}{
			{m.Start.Add(-5 * time.Minute), status.NoData, []string{"#1 maintenance.scheduled"}},
			{m.Start, status.NoData, []string{"#1 maintenance.scheduled", "#1 maintenance.reminder"}},
			{m.End, status.Maintenance, []string{"#1 maintenance.scheduled", "#1 maintenance.reminder", "#1 maintenance.started"}},
			{m.End.Add(time.Minute), status.NoData, []string{"#1 maintenance.scheduled", "#1 maintenance.reminder", "#1 maintenance.started", "#1 maintenance.completed"}},
		} {
			l.pass(part.until.Sub(l.now()) - time.Millisecond)
			if got := l.a.ComponentStatus(c.ID); got != part.shown {
				t.Errorf("%v, want %v", got, part.shown)
			}
			l.tells(part.told...)
			l.pass(time.Millisecond)
		}
		events := l.events()
		for i, due := range []status.Instant{m.Start.Add(-5 * time.Minute), m.Start, m.End} {
			if late := status.At(events[i+1].At).Sub(due); late < 0 || late > time.Second {
				t.Errorf("%v came %v late", events[i+1].Type, late)
			}
		}
		if w := l.window(m.ID); w.Began != m.Start || w.Ended != m.End {
			t.Errorf("%+v", w)
		}
		if got := l.a.ComponentStatus(other.ID); got != status.NoData {
			t.Errorf("one that it does not cover: %v", got)
		}
	})
}

// TestAWindowCoversWhatIsSeenInIt: the page says maintenance, the dashboard sees the checks, nothing opens, and all counts anew.
func TestAWindowCoversWhatIsSeenInIt(t *testing.T) {
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, l *lab) {
				l.hasty()
				c, k := l.checks("api", "login", "health")
				l.bad(k[1], 2)
				m := l.plan(15*time.Second, 10*time.Minute, c)
				l.pass(16 * time.Second)
				l.bad(k[0], 5)
				l.bad(k[1], 4)
				l.feed(k[0], probe.Down, 0)
				l.bad(k[1], 1)
				l.pass(5 * time.Second)
				end(l)
				f, err := l.a.Gather(bg, slug)
				l.must(err)
				if got := f.Components[0]; got.Status != status.Maintenance || l.a.ComponentStatus(c.ID) != status.Maintenance || len(f.Active) != 0 || len(f.Upcoming) != 1 {
					t.Errorf("the page: %v, %d incidents, %d windows", got.Status, len(f.Active), len(f.Upcoming))
				}
				o, err := l.a.Overview(bg, l.by, l.page.ID)
				l.must(err)
				if got := o.Components[0]; got.Status != status.Maintenance || got.Checks[0].Status != status.Down || status.At(got.Since) != m.Start {
					t.Errorf("the dashboard: %v, %v, since %v", got.Status, got.Checks[0].Status, got.Since)
				}
				if o.Status != status.Maintenance || o.Counts[status.Maintenance] != 1 {
					t.Errorf("the whole page: %v, %v", o.Status, o.Counts)
				}
				l.pass(m.End.Sub(l.now()) + 10*time.Second)
				end(l)
				l.bad(k[0], 2)
				l.bad(k[1], 2)
				l.tells("#1 maintenance.scheduled", "#1 maintenance.started", "#1 maintenance.completed")
				first := l.now().Add(-2 * time.Minute)
				l.bad(k[0], 1)
				l.tells("#1 maintenance.scheduled", "#1 maintenance.started", "#1 maintenance.completed", "#2 incident.updated investigating")
				if got := status.At(l.one().Started); got != first {
					t.Errorf("it began %v late", got.Sub(first))
				}
			})
		})
	}
}

// TestAnOpenIncidentInMaintenance stays as it is, and its half hour begins anew.
func TestAnOpenIncidentInMaintenance(t *testing.T) {
	for _, how := range []string{"watched", "asleep", "off"} {
		t.Run(how, func(t *testing.T) {
			bubble(t, func(t *testing.T, l *lab) {
				l.hasty()
				c, k := l.checks("api", "login")
				l.bad(k[0], 3)
				l.good(k[0], 40)
				l.plan(15*time.Second, 40*time.Minute, c)
				switch how { // and when nobody watches, nothing of it is seen
				case "watched":
					l.pass(16 * time.Second)
					l.bad(k[0], 5)
					l.good(k[0], 5)
					l.pass(40 * time.Minute)
				case "asleep":
					l.jump(41 * time.Minute)
					l.pass(time.Second)
				case "off":
					l.stop()
					l.pass(41 * time.Minute)
					l.reopen()
				}
				before := len(l.events())
				l.good(k[0], 59)
				if n := len(l.events()); n != before || l.one().Status != incident.Monitoring {
					t.Errorf("%v, %v", l.story(), l.one().Status)
				}
				l.good(k[0], 3)
				if n := len(l.events()); n != before+1 || len(l.open()) != 0 {
					t.Errorf("%v", l.story())
				}
				l.consistent()
			})
		})
	}
}

func TestStartedEarlyAndCompletedLate(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		c := l.component("api")
		m := l.plan(2*time.Hour, 3*time.Hour, c)
		l.pass(10 * time.Minute)
		began := l.now()
		_, err := l.a.StartMaintenance(bg, l.by, m.ID)
		l.must(err)
		if l.a.ComponentStatus(c.ID) != status.Maintenance {
			t.Error("started, and not shown")
		}
		_, err = l.a.UpdateMaintenance(bg, l.by, m.ID, func(d *app.MaintenanceDraft) error { d.AutoComplete = false; return nil })
		l.must(err)
		l.pass(4 * time.Hour)
		if w := l.window(m.ID); w.State != maintenance.InProgress || !w.Overrun(l.now()) {
			t.Errorf("%+v", w)
		}
		_, err = l.a.UpdateMaintenance(bg, l.by, m.ID, func(d *app.MaintenanceDraft) error { d.AutoComplete = true; return nil })
		if v, ok := model.AsInvalid(err); !ok || !v.Has("scheduledEnd") {
			t.Errorf("to complete by itself at an end that has passed: %v", err)
		}
		end := l.now()
		_, err = l.a.CompleteMaintenance(bg, l.by, m.ID)
		l.must(err)
		if w := l.window(m.ID); w.Began != began || w.Ended != end || l.a.ComponentStatus(c.ID) != status.NoData {
			t.Errorf("%+v", w)
		}
		l.pass(time.Hour)
		l.tells("#1 maintenance.scheduled", "#1 maintenance.started", "#1 maintenance.completed")
	})
}

// TestTheEndIsCorrected: in progress it may be later, of several components in any order; what is over stays.
func TestTheEndIsCorrected(t *testing.T) {
	for seed := range uint64(4) { // ids are random, and so is their order
		bubble(t, func(t *testing.T, l *lab) {
			names := []string{"web", "api", "docs", "mail"}
			rand.New(rand.NewPCG(seed, 1)).Shuffle(4, func(i, j int) { names[i], names[j] = names[j], names[i] })
			var all []model.Component
			for _, name := range names {
				all = append(all, l.component(name))
			}
			m := l.plan(10*time.Second, time.Hour, all...)
			l.pass(time.Minute)
			longer, err := l.a.UpdateMaintenance(bg, l.by, m.ID, func(d *app.MaintenanceDraft) error {
				d.End = d.End.Add(time.Hour)
				return nil
			})
			l.must(err)
			l.crash()
			l.reopen()
			l.pass(time.Hour)
			if l.a.ComponentStatus(all[0].ID) != status.Maintenance {
				t.Error("it ended when it was to end at first")
			}
			for what, change := range map[string]func(*app.MaintenanceDraft){
				"start":      func(d *app.MaintenanceDraft) { d.Start = d.Start.Add(time.Minute) },
				"components": func(d *app.MaintenanceDraft) { d.Components = d.Components[1:] },
			} {
				_, err := l.a.UpdateMaintenance(bg, l.by, m.ID, func(d *app.MaintenanceDraft) error { change(d); return nil })
				var conflict model.Conflict
				if !errors.As(err, &conflict) || conflict.Code != "maintenance_frozen" {
					t.Errorf("%s in progress: %v", what, err)
				}
			}
			_, err = l.a.UpdateMaintenance(bg, l.by, m.ID, func(d *app.MaintenanceDraft) error { d.End = l.wall().Add(-time.Second); return nil })
			if v, ok := model.AsInvalid(err); !ok || !v.Has("scheduledEnd") {
				t.Errorf("an end that has passed: %v", err)
			}
			var conflict model.Conflict
			if err := l.a.DeleteMaintenance(bg, l.by, m.ID); !errors.As(err, &conflict) {
				t.Errorf("deleted in progress: %v", err)
			}
			l.pass(time.Hour)
			if w := l.window(m.ID); w.State != maintenance.Completed || w.Ended != longer.End {
				t.Errorf("%+v", w)
			}
			_, err = l.a.UpdateMaintenance(bg, l.by, m.ID, func(d *app.MaintenanceDraft) error { d.Description = model.Text{"en": "it went well"}; return nil })
			l.must(err)
			_, err = l.a.UpdateMaintenance(bg, l.by, m.ID, func(d *app.MaintenanceDraft) error { d.End = d.End.Add(time.Hour); return nil })
			if !errors.As(err, &conflict) {
				t.Errorf("moved when it was over: %v", err)
			}
			l.tells("#1 maintenance.scheduled", "#1 maintenance.started", "#1 maintenance.completed")
			l.must(l.a.DeleteMaintenance(bg, l.by, m.ID))
		})
	}
}

func TestTimesThatCannotBe(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		for name, c := range map[string]struct {
			from, to time.Duration
			field    string
		}{
			"an end before the start":     {time.Hour, time.Hour, "scheduledEnd"},
			"a start in the past":         {-61 * time.Second, time.Hour, "scheduledStart"},
			"a window that is over":       {-50 * time.Second, -40 * time.Second, "scheduledEnd"},
			"a start of a moment ago":     {-59 * time.Second, time.Hour, ""},
			"a start in a hundred years":  {100 * 365 * 24 * time.Hour, 101 * 365 * 24 * time.Hour, "scheduledStart"},
			"an end in a hundred years":   {time.Hour, 100 * 365 * 24 * time.Hour, "scheduledEnd"},
			"a start before all calendar": {-60 * 365 * 24 * time.Hour, time.Hour, "scheduledStart"},
		} {
			rows := l.rows()["maintenances"]
			_, err := l.a.CreateMaintenance(bg, l.by, l.page.ID, func(d *app.MaintenanceDraft) error {
				d.Title, d.Start, d.End = model.Text{"en": "work"}, l.wall().Add(c.from), l.wall().Add(c.to)
				return nil
			})
			if v, ok := model.AsInvalid(err); ok != (c.field != "") || ok && !v.Has(c.field) {
				t.Errorf("%s: %v", name, err)
			}
			if c.field != "" && l.rows()["maintenances"] != rows {
				t.Errorf("%s was written", name)
			}
		}
	})
}

// TestAMomentLateItBeginsWhenItWasAnnounced: it cannot have covered what was before anybody knew of it.
func TestAMomentLateItBeginsWhenItWasAnnounced(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		c := l.component("api")
		announced := l.now()
		m := l.plan(-50*time.Second, time.Hour, c)
		l.pass(time.Second)
		if w := l.window(m.ID); w.Began != announced || l.a.ComponentStatus(c.ID) != status.Maintenance {
			t.Errorf("%+v", w)
		}
	})
}

// TestWhatTimeBringsAndNobodySeesIsNoChange: that nobody needs to be reminded is no reason to refuse an edit.
func TestWhatTimeBringsAndNobodySeesIsNoChange(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		soon, later := l.plan(30*time.Minute, time.Hour), l.plan(90*time.Minute, 2*time.Hour)
		l.pass(40*time.Minute - 30*time.Minute)
		l.pass(25 * time.Minute)
		for _, m := range []model.Maintenance{later} {
			now, err := l.a.Maintenance(bg, l.by, m.ID)
			l.must(err)
			if !now.Updated.Equal(m.Updated) || now.Sequence != m.Sequence {
				t.Errorf("a reminder changed it: %v, %d", now.Updated.Sub(m.Updated), now.Sequence)
			}
		}
		now, err := l.a.Maintenance(bg, l.by, soon.ID)
		l.must(err)
		if now.State != maintenance.InProgress || now.Sequence != soon.Sequence+1 || !now.Updated.After(soon.Updated) {
			t.Errorf("%+v", now)
		}
	})
}

func TestOverlappingWindows(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		c := l.component("api")
		first := l.plan(time.Minute, 10*time.Minute, c)
		l.plan(5*time.Minute, 20*time.Minute, c)
		l.plan(20*time.Minute, 30*time.Minute, c) // begins when the one before it ends
		for at := 30 * time.Second; at < 32*time.Minute; at += time.Minute {
			l.pass(at - l.wall().Sub(first.Created))
			want := status.NoData
			if at >= time.Minute && at < 30*time.Minute {
				want = status.Maintenance
			}
			if got := l.a.ComponentStatus(c.ID); got != want {
				t.Errorf("at %v: %v", at, got)
			}
			if at%(7*time.Minute) == 30*time.Second {
				l.crash()
				l.reopen()
			}
		}
		l.consistent()
	})
}

// TestWindowsWhileTheProcessIsOff: what passed in the meantime is made up for at the next start, in order.
func TestWindowsWhileTheProcessIsOff(t *testing.T) {
	const reminder, start, end, until = 6, 12, 18, 20 // minutes
	for _, c := range []struct {
		name     string
		from, to int // off
		auto     bool
		want     []string
	}{
		{"over the reminder", 5, 7, true, []string{"reminder", "started", "completed"}},
		{"over the start", 9, 15, true, []string{"reminder", "started", "completed"}},
		{"over reminder and start", 5, 15, true, []string{"started", "completed"}},
		{"over the end", 15, 20, true, []string{"reminder", "started", "completed"}},
		{"over both", 9, 20, true, []string{"reminder", "completed"}},
		{"over everything", 3, 20, true, []string{"completed"}},
		{"over both, of one that does not complete by itself", 9, 20, false, []string{"reminder", "started"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			bubble(t, func(t *testing.T, l *lab) {
				l.lead((start - reminder) * time.Minute)
				m := l.plan(start*time.Minute, end*time.Minute, l.component("api"))
				if !c.auto {
					_, err := l.a.UpdateMaintenance(bg, l.by, m.ID, func(d *app.MaintenanceDraft) error { d.AutoComplete = false; return nil })
					l.must(err)
				}
				l.pass(time.Duration(c.from) * time.Minute)
				l.crash()
				l.pass(time.Duration(c.to-c.from) * time.Minute)
				l.reopen()
				l.pass(time.Duration(until-c.to)*time.Minute + time.Second)
				want := []string{"#1 maintenance.scheduled"}
				for _, step := range c.want {
					want = append(want, "#1 maintenance."+step)
				}
				l.tells(want...)
				if w := l.window(m.ID); w.Began != m.Start || w.Ended != 0 && w.Ended != m.End || (w.Ended != 0) != c.auto {
					t.Errorf("%+v", w)
				}
			})
		})
	}
}

// TestClockJumpsNeitherSkipNorRepeatAWindow. RELIABILITY C2.
func TestClockJumpsNeitherSkipNorRepeatAWindow(t *testing.T) {
	for seed := range uint64(storetest.Some(15, 3)) {
		bubble(t, func(t *testing.T, l *lab) {
			r := rand.New(rand.NewPCG(seed, 9))
			home := l.offset.Load()
			c := l.component("api")
			var all []model.Maintenance
			for range 40 {
				if len(all) < 6 && r.IntN(4) == 0 {
					f, err := l.a.Snapshot(bg, slug)
					l.must(err)
					from := time.Duration(r.IntN(7200))*time.Second + max(0, f.Facts.At.Sub(l.wall())) // time may stand still
					all = append(all, l.plan(from, from+time.Duration(1+r.IntN(3600))*time.Second, c))
				}
				switch r.IntN(3) {
				case 0:
					l.jump([]time.Duration{time.Second, time.Hour, 24 * time.Hour, 20 * time.Second}[r.IntN(4)] * time.Duration(1-2*r.IntN(2)))
				case 1:
					l.offset.Store(home)
				}
				l.pass(time.Duration(r.IntN(20)) * time.Second)
				if r.IntN(10) == 0 {
					l.crash()
					l.reopen()
				}
			}
			l.jump(10 * 24 * time.Hour)
			l.pass(2 * time.Second)
			l.consistent()
			counts := map[int64]map[model.EventType]int{}
			var last = map[int64]model.EventType{}
			for _, e := range l.events() {
				if counts[e.Subject] == nil {
					counts[e.Subject] = map[model.EventType]int{}
				}
				if counts[e.Subject][e.Type]++; e.Type < last[e.Subject] {
					t.Errorf("seed %d: %v after %v", seed, e.Type, last[e.Subject])
				}
				last[e.Subject] = e.Type
			}
			for _, m := range all {
				n := counts[int64(m.ID)]
				w := l.window(m.ID)
				if n[model.MaintenanceScheduled] != 1 || n[model.MaintenanceReminder] > 1 || n[model.MaintenanceStarted] > 1 || n[model.MaintenanceCompleted] != 1 || w.State != maintenance.Completed {
					t.Errorf("seed %d: %v: %+v", seed, n, w)
				}
			}
			if got := l.a.ComponentStatus(c.ID); got != status.NoData {
				t.Errorf("seed %d: in the end %v", seed, got)
			}
		})
	}
}

// TestAReminderIsNotForgottenByAClockThatWasAhead: the window was announced in its future.
func TestAReminderIsNotForgottenByAClockThatWasAhead(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		l.lead(5 * time.Minute)
		l.pass(time.Minute)
		l.jump(10 * time.Minute)
		l.pass(10 * time.Second)
		l.plan(3*time.Minute, time.Hour) // too soon for a reminder, as it seems
		l.pass(10 * time.Second)
		l.jump(-10 * time.Minute)
		l.pass(15 * time.Minute)
		l.tells("#1 maintenance.scheduled", "#1 maintenance.reminder", "#1 maintenance.started")
	})
}

// TestFoldingLeavesMaintenanceOut: after 400 days a day is three figures, which must be those that the spans had.
func TestFoldingLeavesMaintenanceOut(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		c := l.component("api")
		manual := func(s status.Status) {
			_, err := l.a.UpdateComponent(bg, l.by, c.ID, func(c *model.Component) error { c.ManualStatus = s; return nil })
			l.must(err)
		}
		midnight := status.DayOf(l.now()).Add(24 * time.Hour)
		l.jump(midnight.Sub(l.now()) - 10*time.Minute)
		l.beat()
		manual(status.Operational)
		l.plan(5*time.Minute, 15*time.Minute, c) // over midnight
		l.pass(12 * time.Minute)
		manual(status.Down) // for 3 minutes in it and 7 after it
		l.pass(10 * time.Minute)
		manual(status.NoData)
		before := l.uptimeOf(c, status.Interval{From: midnight.Add(-24 * time.Hour), To: midnight.Add(24 * time.Hour)})
		l.jump(402 * 24 * time.Hour)
		l.beat()
		storetest.Write(t, l.s, func(tx *store.Tx) error { return tx.FoldSpans(bg, midnight.Add(24*time.Hour)) })
		var days []store.ComponentDay
		storetest.Read(t, l.s, func(v store.View) (err error) {
			days, err = v.In(l.by.Workspace).FoldedDays(bg, c.ID)
			return err
		})
		want := []store.ComponentDay{
			{From: midnight.Add(-24 * time.Hour), Operational: 5 * time.Minute},
			{From: midnight, Down: 7 * time.Minute},
		}
		same(t, days, want)
		if before.Operational != 5*time.Minute || before.Down != 7*time.Minute || before.Maintenance != 10*time.Minute {
			t.Errorf("before it was %+v", before)
		}
	})
}

func (l *lab) uptimeOf(c model.Component, w status.Interval) status.Totals {
	l.t.Helper()
	out, err := l.a.Spans(bg, l.by, c.ID, w)
	l.must(err)
	return out.Totals
}

// TestAWriteThatFailsChangesNothingOfAWindow: it is done later, once.
func TestAWriteThatFailsChangesNothingOfAWindow(t *testing.T) {
	for _, table := range []string{"maintenances", "maintenance_components", "events", "component_states", "commit events", "commit maintenances"} {
		t.Run(table, func(t *testing.T) {
			bubble(t, func(t *testing.T, l *lab) {
				c := l.component("api")
				m := l.plan(30*time.Second, 3*time.Minute, c)
				for _, state := range []maintenance.State{maintenance.Scheduled, maintenance.InProgress} {
					l.pass(25 * time.Second)
					var heal func()
					if what, ok := strings.CutPrefix(table, "commit "); ok {
						heal = storetest.BreakCommit(t, l.dir, what)
					} else {
						heal = storetest.Break(t, l.dir, table)
					}
					told, shown := len(l.events()), l.a.ComponentStatus(c.ID)
					l.pass(75 * time.Second)
					if w := l.window(m.ID); w.State != state || len(l.events()) != told || l.a.ComponentStatus(c.ID) != shown {
						t.Errorf("%v: %+v, %v", state, w, l.a.ComponentStatus(c.ID))
					}
					if _, err := l.a.CancelMaintenance(bg, l.by, m.ID); err == nil {
						t.Error("cancelled")
					}
					heal()
					l.pass(6 * time.Second)
				}
				if w := l.window(m.ID); w.Began != m.Start || w.Ended != m.End {
					t.Errorf("%+v", w)
				}
				l.tells("#1 maintenance.scheduled", "#1 maintenance.started", "#1 maintenance.completed")
			})
		})
	}
}

// naive is the model of a component: what it was, second by second, and which seconds were maintenance.
type naive struct {
	model.Component
	now  status.Status
	seen map[int]status.Status
}

// booked is a window as the model knows it.
type booked struct {
	id           model.MaintenanceID
	start, end   int
	auto         bool
	began, ended int // -1: not yet
	covers       []int
	cancelled    bool
}

// ledger is the model of an instance.
type ledger struct {
	at         int
	components []*naive
	windows    []*booked
}

// second lets one second pass, in which statusd looks or not.
func (g *ledger) second(looking bool) {
	for _, c := range g.components {
		if looking && c.now != status.NoData {
			c.seen[g.at] = c.now
		}
	}
	g.at++
	for _, w := range g.windows {
		if w.cancelled {
			continue
		}
		if w.began < 0 && w.start <= g.at {
			w.began = w.start
		}
		if w.began >= 0 && w.ended < 0 && w.auto && w.end <= g.at {
			w.ended = max(w.end, w.began)
		}
	}
}

func (g *ledger) covered(component, at int) bool {
	for _, w := range g.windows {
		if w.began >= 0 && at >= w.began && (w.ended < 0 || at < w.ended) && slices.Contains(w.covers, component) {
			return true
		}
	}
	return false
}

// TestUptimeIsExactUnderMaintenance plays random histories of components and windows: started early, moved, completed late,
// overlapping, with a process that stops, crashes and sleeps, and compares all figures with the ledger. RELIABILITY C1.
func TestUptimeIsExactUnderMaintenance(t *testing.T) {
	const components = 200 // each is a history of its own
	for seed := range uint64(storetest.Some(10, 1)) {
		bubble(t, func(t *testing.T, l *lab) { book(t, l, rand.New(rand.NewPCG(seed, 13)), components, seed) })
	}
}

func book(t *testing.T, l *lab, r *rand.Rand, components int, seed uint64) {
	g := &ledger{}
	zero := l.now()
	by := l.token()
	_, err := l.a.Once(bg, by, "all", []byte("f"), func(ctx context.Context) (app.Answer, error) {
		for range components {
			c, err := l.a.CreateComponent(ctx, by, l.page.ID, func(c *model.Component) error { c.Name = "c"; return nil })
			l.must(err)
			g.components = append(g.components, &naive{Component: c, seen: map[int]status.Status{}})
		}
		return app.Answer{}, nil
	})
	l.must(err)
	l.beat()
	pass := func(seconds int, looking bool) {
		for range seconds {
			g.second(looking)
		}
	}
	for step := range 30 {
		switch n := r.IntN(12); {
		case n < 5: // somebody says how many of them are
			_, err := l.a.Once(bg, by, fmt.Sprint(step), []byte("f"), func(ctx context.Context) (app.Answer, error) {
				for range components / 6 {
					c := g.components[r.IntN(components)]
					c.now = []status.Status{status.NoData, status.Operational, status.Operational, status.Degraded, status.Down}[r.IntN(5)]
					_, err := l.a.UpdateComponent(ctx, by, c.ID, func(row *model.Component) error { row.ManualStatus = c.now; return nil })
					l.must(err)
				}
				return app.Answer{}, nil
			})
			l.must(err)
		case n < 8:
			g.announce(l, r)
		case n < 10:
			g.act(l, r)
		case n == 10: // nobody looks for a while
			off := 16 + r.IntN(60)
			switch r.IntN(3) {
			case 0:
				l.jump(time.Duration(off) * time.Second)
				l.beat()
			case 1:
				l.stop()
				l.pass(time.Duration(off) * time.Second)
				l.reopen()
			case 2:
				l.crash()
				l.pass(time.Duration(off) * time.Second)
				l.reopen()
			}
			pass(off, false)
		}
		some := 1 + r.IntN(30)
		l.pass(time.Duration(some) * time.Second)
		pass(some, true)
		l.beat()
	}
	g.compare(t, l, zero, seed)
}

// announce plans a window, or calls one off.
func (g *ledger) announce(l *lab, r *rand.Rand) {
	l.t.Helper()
	from := r.IntN(60)
	w := &booked{start: g.at + from, end: g.at + from + 1 + r.IntN(90), auto: r.IntN(3) > 0, began: -1, ended: -1}
	m, err := l.a.CreateMaintenance(bg, l.by, l.page.ID, func(d *app.MaintenanceDraft) error {
		d.Title, d.AutoComplete = model.Text{"en": "work"}, w.auto
		d.Start, d.End = l.wall().Add(time.Duration(from)*time.Second), l.wall().Add(time.Duration(w.end-g.at)*time.Second)
		for i, c := range g.components {
			if r.IntN(2) == 0 {
				d.Components, w.covers = append(d.Components, c.ID), append(w.covers, i)
			}
		}
		return nil
	})
	l.must(err)
	w.id = m.ID
	g.windows = append(g.windows, w)
	if from == 0 {
		w.began = g.at
	}
}

// act does something with the newest windows.
func (g *ledger) act(l *lab, r *rand.Rand) {
	l.t.Helper()
	if len(g.windows) == 0 {
		return
	}
	w := g.windows[max(0, len(g.windows)-1-r.IntN(3))]
	switch {
	case w.cancelled || w.ended >= 0:
	case w.began < 0 && r.IntN(4) == 0:
		_, err := l.a.CancelMaintenance(bg, l.by, w.id)
		l.must(err)
		w.cancelled = true
	case w.began < 0 && r.IntN(2) == 0:
		_, err := l.a.StartMaintenance(bg, l.by, w.id)
		l.must(err)
		w.began = g.at
	case w.began >= 0 && r.IntN(2) == 0:
		_, err := l.a.CompleteMaintenance(bg, l.by, w.id)
		l.must(err)
		w.ended = g.at
	default: // another end, and before it began another start
		by := 1 + r.IntN(60)
		_, err := l.a.UpdateMaintenance(bg, l.by, w.id, func(d *app.MaintenanceDraft) error {
			if w.began < 0 {
				d.Start = d.Start.Add(time.Duration(by) * time.Second)
				w.start += by
			}
			w.end = max(g.at, w.end, w.start) + by
			d.End = l.wall().Add(time.Duration(w.end-g.at) * time.Second)
			return nil
		})
		l.must(err)
	}
}

// compare lays what App says over the ledger.
func (g *ledger) compare(t *testing.T, l *lab, zero status.Instant, seed uint64) {
	t.Helper()
	l.consistent()
	f, err := l.a.Gather(bg, slug)
	l.must(err)
	o, err := l.a.Overview(bg, l.by, l.page.ID)
	l.must(err)
	for i, c := range g.components {
		totals := map[status.Status]int{}
		for at := range g.at {
			s := c.seen[at]
			if g.covered(i, at) {
				s = status.Maintenance
			}
			totals[s]++
		}
		got := l.uptimeOf(c.Component, status.Interval{From: zero, To: zero.Add(time.Duration(g.at) * time.Second)})
		for s, d := range map[status.Status]time.Duration{
			status.Operational: got.Operational, status.Degraded: got.Degraded, status.Down: got.Down, status.Maintenance: got.Maintenance, status.NoData: got.NoData,
		} {
			if d != time.Duration(totals[s])*time.Second {
				t.Fatalf("seed %d, component %d: %v for %v, want %d s of %d", seed, i, s, d, totals[s], g.at)
			}
		}
		up, known := totals[status.Operational]+totals[status.Degraded], totals[status.Operational]+totals[status.Degraded]+totals[status.Down]
		want := model.Uptime{Known: known > 0}
		if want.Known {
			want.Hundredths = up * 10000 / known
		}
		if u := o.Components[i].Uptime(model.Day); u.Known != want.Known || u.Hundredths != want.Hundredths || o.Components[i].ID != c.ID {
			t.Fatalf("seed %d, component %d: uptime %+v, want %+v", seed, i, u, want)
		}
		if u := f.Components[i].Uptime24h; u != (snapshot.Uptime{Known: want.Known, Hundredths: want.Hundredths}) {
			t.Fatalf("seed %d, component %d: the page says %+v, want %+v", seed, i, u, want)
		}
		shown := c.now
		if g.covered(i, g.at) {
			shown = status.Maintenance
		}
		if now := l.a.ComponentStatus(c.ID); now != shown || f.Components[i].Status != shown {
			t.Fatalf("seed %d, component %d is %v, on the page %v, want %v", seed, i, now, f.Components[i].Status, shown)
		}
	}
}
