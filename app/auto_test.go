package app_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"strings"
	"testing"
	"time"

	"statusd/app"
	"statusd/app/incident"
	"statusd/app/locale"
	"statusd/app/model"
	"statusd/app/status"
	"statusd/probe"
	"statusd/store/storetest"
)

// ends are the ways in which a process ends and another one goes on.
var ends = map[string]func(*lab){
	"goes on":  func(*lab) {},
	"restarts": func(l *lab) { l.beat(); l.stop(); l.reopen() },
	"crashes":  func(l *lab) { l.beat(); l.crash(); l.reopen() },
}

// TestTheLifeOfAnAutomaticIncident: two checks of a component fail one after the other, are good again, and it is over.
func TestTheLifeOfAnAutomaticIncident(t *testing.T) {
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, l *lab) {
				l.hasty()
				_, k := l.checks("api", "login", "health")
				stage := func() {
					l.pass(10 * time.Second)
					end(l)
					l.consistent()
				}
				l.feed(k[1], probe.Operational, 0)
				first := l.now()
				for range 3 {
					l.feed(k[0], probe.Down, 0)
					stage()
				}
				opened := l.one()
				if status.At(opened.Started) != first || opened.Source != incident.Auto || opened.Impact != incident.Major || len(opened.Affected) != 1 || opened.Affected[0].Name != "api" {
					t.Errorf("%+v", opened.Incident)
				}
				for range 4 {
					l.feed(k[1], probe.Down, 0)
					stage()
				}
				l.feed(k[0], probe.Operational, 0)
				stage()
				if got := l.one().Status; got != incident.Investigating {
					t.Errorf("while one check fails: %v", got)
				}
				l.feed(k[1], probe.Operational, 0)
				good := l.now()
				stage()
				if got := l.one().Status; got != incident.Monitoring {
					t.Errorf("while no check fails: %v", got)
				}
				for l.now() < good.Add(30*time.Minute-40*time.Second) {
					l.feed(k[0], probe.Operational, 0)
					l.feed(k[1], probe.Operational, 0)
					l.pass(20 * time.Second)
					stage()
				}
				l.tells("#1 incident.updated investigating", "#1 incident.updated investigating", "#1 incident.updated monitoring")
				l.pass(41 * time.Second)
				l.tells("#1 incident.updated investigating", "#1 incident.updated investigating", "#1 incident.updated monitoring", "#1 incident.resolved resolved")
				if over := l.events()[3].At; over.Sub(good.Time()) < 30*time.Minute || over.Sub(good.Time()) > 30*time.Minute+time.Second {
					t.Errorf("resolved after %v", over.Sub(good.Time()))
				}
				if len(l.open()) != 0 {
					t.Error("it is open")
				}
			})
		})
	}
}

// TestATargetThatIsKilled goes the whole road, from the scheduler to the words.
func TestATargetThatIsKilled(t *testing.T) {
	words, err := locale.Load(os.DirFS("../assets"))
	if err != nil {
		t.Fatal(err)
	}
	bubble(t, func(t *testing.T, l *lab) {
		l.stop()
		l.config.Words, l.config.Languages = words, []string{"en", "tr"}
		l.s = storetest.Open(t, l.dir)
		began := time.Now()
		l.beginWith(func(context.Context, probe.Target) (probe.Result, error) {
			r := probe.Result{At: time.Now(), Outcome: probe.Operational, StatusCode: 200}
			if since := time.Since(began); since >= 4*time.Minute && since < 8*time.Minute {
				r.Outcome, r.Reason = probe.Down, probe.Reason{Code: "refused", Args: []string{"user-secret.example:8443"}}
			}
			return r, nil
		})
		l.checks("api", "login")
		l.pass(4*time.Minute + 50*time.Second)
		if len(l.open()) != 0 {
			t.Fatal("two failures opened it")
		}
		l.pass(20 * time.Minute)
		l.pass(30 * time.Minute)
		l.tells("#1 incident.updated investigating", "#1 incident.updated monitoring", "#1 incident.resolved resolved")
		f, err := l.a.Gather(bg, slug)
		l.must(err)
		if len(f.Past) != 1 || len(f.Past[0].Updates) != 3 {
			t.Fatalf("%+v", f.Past)
		}
		title := f.Past[0].Title
		if title["en"] != "api is down" || title["tr"] == "" || title["tr"] == title["en"] {
			t.Errorf("%v", title)
		}
		for _, u := range f.Past[0].Updates {
			for _, lang := range []string{"en", "tr"} {
				if u.Body[lang] == "" || u.Body["en"] == u.Body["tr"] || strings.ContainsAny(u.Body[lang], "{}<") || strings.Contains(u.Body[lang], "secret") || strings.Contains(u.Body[lang], "8443") {
					t.Errorf("%s: %q", lang, u.Body[lang])
				}
			}
			if !u.Auto || !u.Notify {
				t.Errorf("%+v", u)
			}
		}
		if opened := f.Past[0].Updates[2].Body["en"]; !strings.Contains(opened, "login") || !strings.Contains(opened, "api") {
			t.Errorf("%q", opened)
		}
	})
}

func TestTheGraceOfAStart(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		_, k := l.checks("api", "login")
		first := l.now()
		for range 5 {
			l.feed(k[0], probe.Down, 0)
			l.pass(10 * time.Second)
		}
		l.tells()
		l.pass(11 * time.Second)
		l.tells() // time alone opens nothing
		l.feed(k[0], probe.Down, 0)
		l.tells("#1 incident.updated investigating")
		if got := status.At(l.one().Started); got != first {
			t.Errorf("it began %v after the first failure", got.Sub(first))
		}
		l.pass(10 * time.Second)
		l.crash()
		l.reopen()
		l.feed(k[0], probe.Operational, 0)
		for range 3 {
			l.feed(k[0], probe.Down, 0)
			l.pass(time.Second)
		}
		l.tells("#1 incident.updated investigating", "#1 incident.updated monitoring")
		l.pass(time.Minute)
		l.feed(k[0], probe.Down, 0)
		l.tells("#1 incident.updated investigating", "#1 incident.updated monitoring", "#1 incident.updated investigating")
	})
}

// TestAPersonWhoHasHadEnough: nothing new opens until all is good once, also after a crash.
func TestAPersonWhoHasHadEnough(t *testing.T) {
	for name, act := range map[string]func(*lab, model.IncidentID) error{
		"resolves it": func(l *lab, id model.IncidentID) error { return l.post(id, incident.Resolved) },
		"deletes it":  func(l *lab, id model.IncidentID) error { return l.a.DeleteIncident(bg, l.by, id) },
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, l *lab) {
				l.hasty()
				_, k := l.checks("api", "login", "health")
				l.bad(k[0], 3)
				l.must(act(l, l.one().ID))
				before := len(l.events())
				l.bad(k[0], 3)
				l.bad(k[1], 3)
				l.crash()
				l.reopen()
				l.bad(k[0], 3)
				l.good(k[0], 1)
				l.bad(k[1], 3)
				if n := len(l.events()); n != before || len(l.open()) != 0 {
					t.Errorf("%d events, %d open", n-before, len(l.open()))
				}
				l.good(k[1], 1)
				l.bad(k[0], 3)
				if n := len(l.events()); n != before+1 || len(l.open()) != 1 {
					t.Errorf("then %d events, %d open", n-before, len(l.open()))
				}
				l.consistent()
			})
		})
	}
}

// TestAPersonActsAtTheVeryInstantAtWhichItIsResolved: what time brings comes first, and the person acts on what it has come to.
func TestAPersonActsAtTheVeryInstantAtWhichItIsResolved(t *testing.T) {
	for name, act := range map[string]func(*lab, model.IncidentID) error{
		"a comment": func(l *lab, id model.IncidentID) error { return l.post(id, incident.Monitoring) },
		"an edit": func(l *lab, id model.IncidentID) error {
			return l.retitle(id)
		},
		"the end": func(l *lab, id model.IncidentID) error { return l.post(id, incident.Resolved) },
		"an update goes": func(l *lab, id model.IncidentID) error {
			t, err := l.a.Incident(bg, l.by, id)
			return errors.Join(err, l.a.DeleteUpdate(bg, l.by, t.Updates[0].ID))
		},
		"it goes": func(l *lab, id model.IncidentID) error { return l.a.DeleteIncident(bg, l.by, id) },
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, l *lab) {
				l.hasty()
				_, k := l.checks("api", "login")
				l.bad(k[0], 3)
				l.good(k[0], 59)
				l.pass(29*time.Second + 800*time.Millisecond)
				id := l.one().ID
				l.jump(300 * time.Millisecond) // half an hour is over, and nobody has looked at the clock yet
				_ = act(l, id)
				l.consistent()
				l.good(k[0], 2)
				l.bad(k[0], 3)
				l.consistent()
				if n := len(l.open()); n != 1 {
					t.Errorf("%d are open: %v", n, l.story())
				}
				l.good(k[0], 62)
				if n := len(l.open()); n != 0 {
					t.Errorf("%d are left open: %v", n, l.story())
				}
				l.consistent()
			})
		})
	}
}

func (l *lab) retitle(id model.IncidentID) error {
	_, err := l.a.UpdateIncident(bg, l.by, id, func(e *app.IncidentEdit) error { e.Impact = incident.Critical; return nil })
	return err
}

func TestOnlyOneIsOpen(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		l.hasty()
		_, k := l.checks("api", "login")
		l.bad(k[0], 3)
		first := l.one()
		l.good(k[0], 1)
		l.must(l.post(first.ID, incident.Resolved))
		l.bad(k[0], 3)
		second := l.one()
		told := len(l.events())
		var conflict model.Conflict
		if err := l.post(first.ID, incident.Monitoring); !errors.As(err, &conflict) || conflict.Code != "another_open" {
			t.Errorf("reopened beside another: %v", err)
		}
		timeline, err := l.a.Incident(bg, l.by, first.ID)
		l.must(err)
		if err := l.a.DeleteUpdate(bg, l.by, timeline.Updates[0].ID); !errors.As(err, &conflict) {
			t.Errorf("reopened by deleting its end: %v", err)
		}
		l.must(l.post(first.ID, incident.Resolved)) // a word on one that is over
		if l.one().ID != second.ID || len(l.events()) != told+1 {
			t.Errorf("%v", l.story())
		}
		l.must(l.post(second.ID, incident.Resolved))
		l.must(l.post(first.ID, incident.Identified))
		if l.one().ID != first.ID {
			t.Error("another is open")
		}
		l.bad(k[0], 4)
		l.good(k[0], 1)
		if got := l.one(); got.ID != first.ID || got.Status != incident.Monitoring {
			t.Errorf("%v", got.Status)
		}
		l.good(k[0], 60)
		if len(l.open()) != 0 {
			t.Error("it is not resolved")
		}
		l.consistent()
	})
}

// TestAFailingCheckThatLeaves is as good as good.
func TestAFailingCheckThatLeaves(t *testing.T) {
	for name, leave := range map[string]func(*lab, model.Check) error{
		"disabled": func(l *lab, k model.Check) error {
			_, err := l.a.UpdateCheck(bg, l.by, k.ID, func(k *model.Check) error { k.Enabled = false; return nil })
			return err
		},
		"changed": func(l *lab, k model.Check) error {
			_, err := l.a.UpdateCheck(bg, l.by, k.ID, func(k *model.Check) error { k.URL += "x"; return nil })
			return err
		},
		"deleted": func(l *lab, k model.Check) error { return l.a.DeleteCheck(bg, l.by, k.ID) },
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, l *lab) {
				l.hasty()
				_, k := l.checks("api", "login", "health")
				l.bad(k[0], 3)
				l.feed(k[1], probe.Operational, 0)
				l.tells("#1 incident.updated investigating")
				l.must(leave(l, k[0]))
				l.tells("#1 incident.updated investigating", "#1 incident.updated monitoring")
				l.pass(time.Second)
				l.crash()
				l.reopen()
				if name == "changed" { // what it looks at now has not been seen: nobody knows how it is
					l.good(k[1], 62)
					if len(l.open()) != 1 {
						t.Error("resolved before the other target was seen")
					}
					now, err := l.a.Check(bg, l.by, k[0].ID)
					l.must(err)
					for range 62 {
						l.feed(now, probe.Operational, 0)
						l.good(k[1], 1)
					}
				} else {
					l.good(k[1], 62)
				}
				l.tells("#1 incident.updated investigating", "#1 incident.updated monitoring", "#1 incident.resolved resolved")
			})
		})
	}
}

func TestWithoutChecksItIsOverAfterHalfAnHour(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		l.hasty()
		_, k := l.checks("api", "login")
		l.bad(k[0], 3)
		l.must(l.a.DeleteCheck(bg, l.by, k[0].ID))
		l.pass(30*time.Minute - time.Second)
		l.tells("#1 incident.updated investigating", "#1 incident.updated monitoring")
		l.pass(2 * time.Second)
		l.tells("#1 incident.updated investigating", "#1 incident.updated monitoring", "#1 incident.resolved resolved")
	})
}

// TestNobodySaysThatAllIsWellWhoCannotSee: while statusd itself cannot see, half an hour passes, and says nothing.
func TestNobodySaysThatAllIsWellWhoCannotSee(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		l.hasty()
		_, k := l.checks("api", "login")
		l.bad(k[0], 3)
		l.good(k[0], 2) // good for 60 s, and known to be for 100
		l.pass(2 * time.Hour)
		l.tells("#1 incident.updated investigating", "#1 incident.updated monitoring")
		l.good(k[0], 56)
		l.tells("#1 incident.updated investigating", "#1 incident.updated monitoring")
		l.good(k[0], 2)
		l.tells("#1 incident.updated investigating", "#1 incident.updated monitoring", "#1 incident.resolved resolved")
	})
}

func TestADeletedComponentResolvesItsIncidentAndKeepsItsName(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		l.hasty()
		c, k := l.checks("api", "login")
		l.bad(k[0], 3)
		id := l.one().ID
		window := l.plan(30*time.Minute, time.Hour, c)
		l.must(l.a.DeleteComponent(bg, l.by, c.ID))
		l.feed(k[0], probe.Down, 0)
		l.pass(2 * time.Second)
		got, err := l.a.PublicIncident(bg, slug, id)
		l.must(err)
		if got.Open() || len(got.Updates) != 2 || got.Affected[0] != (model.Affected{ID: c.ID, Name: "api"}) {
			t.Errorf("%+v", got)
		}
		l.pass(3 * time.Hour)
		l.crash()
		l.reopen()
		m, err := l.a.Maintenance(bg, l.by, window.ID)
		l.must(err)
		if len(m.Affected) != 1 || m.Affected[0].Name != "api" {
			t.Errorf("%+v", m.Affected)
		}
		l.must(l.post(id, incident.Monitoring)) // a person may still write on it
		l.must(l.post(id, incident.Resolved))
		l.tells("#1 incident.updated investigating", "#2 maintenance.scheduled", "#1 incident.resolved resolved",
			"#2 maintenance.started", "#2 maintenance.completed", "#1 incident.updated monitoring", "#1 incident.resolved resolved")
	})
}

// TestADayAsleepCountsNeitherWay: the lid is closed while an incident is open.
func TestADayAsleepCountsNeitherWay(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		l.hasty()
		_, k := l.checks("api", "login")
		l.bad(k[0], 3)
		l.good(k[0], 20)
		l.jump(24 * time.Hour)
		l.pass(time.Second)
		l.good(k[0], 39)
		l.tells("#1 incident.updated investigating", "#1 incident.updated monitoring")
		l.good(k[0], 2)
		l.tells("#1 incident.updated investigating", "#1 incident.updated monitoring", "#1 incident.resolved resolved")
	})
}

// TestAWriteThatFailsChangesNothingOfAnIncident: whatever table cannot be written, rows and memory stay, and it is done later, once.
func TestAWriteThatFailsChangesNothingOfAnIncident(t *testing.T) {
	for _, table := range []string{"incidents", "incident_components", "incident_updates", "events", "component_states", "commit events", "commit component_states"} {
		t.Run(table, func(t *testing.T) {
			bubble(t, func(t *testing.T, l *lab) {
				l.hasty()
				c, k := l.checks("api", "login")
				broken := func() func() {
					if what, ok := strings.CutPrefix(table, "commit "); ok {
						return storetest.BreakCommit(t, l.dir, what)
					}
					return storetest.Break(t, l.dir, table)
				}
				unchanged := func(what string, act func()) {
					t.Helper()
					rows := l.rows()
					open, now := len(l.open()), l.a.ComponentStatus(c.ID)
					heal := broken()
					act()
					l.whole()
					if got := l.rows(); !maps.Equal(got, rows) || len(l.open()) != open || l.a.ComponentStatus(c.ID) != now {
						t.Errorf("%s: %v became %v, %d are open", what, rows, got, len(l.open()))
					}
					heal()
				}
				first := l.now()
				l.bad(k[0], 2)
				unchanged("open", func() { l.bad(k[0], 1) })
				l.pass(5 * time.Second)
				l.tells("#1 incident.updated investigating")
				if got := status.At(l.one().Started); got != first {
					t.Errorf("it began %v later", got.Sub(first))
				}
				id := l.one().ID
				unchanged("by hand", func() {
					if l.post(id, incident.Identified) == nil || l.a.DeleteComponent(bg, l.by, c.ID) == nil {
						t.Error("it went through")
					}
				})
				l.good(k[0], 1)
				l.pass(5 * time.Second)
				l.good(k[0], 58)
				unchanged("resolve", func() { l.pass(40 * time.Second) })
				l.pass(6 * time.Second)
				l.tells("#1 incident.updated investigating", "#1 incident.updated monitoring", "#1 incident.resolved resolved")
			})
		})
	}
}

// rows counts what there is of incidents.
func (l *lab) rows() map[string]int64 {
	out := map[string]int64{}
	for _, table := range []string{"incidents", "incident_components", "incident_updates", "events", "component_states", "maintenances"} {
		out[table] = storetest.Number(l.t, l.dir, fmt.Sprintf(`SELECT count(*) FROM %s`, table))
	}
	return out
}
