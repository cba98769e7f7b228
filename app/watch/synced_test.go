package watch

import (
	"errors"
	"maps"
	"testing"
	"time"

	"statusd/app/incident"
	"statusd/app/maintenance"
	"statusd/app/model"
	"statusd/app/status"
	"statusd/probe"
	"statusd/store"
	"statusd/store/storetest"
)

// scene is a watch of one component with one check, by a clock that is set.
type scene struct {
	t     *testing.T
	s     *store.Store
	w     *Watch
	world storetest.World
	now   time.Time
	told  int // how often it was said that there are new events
}

func stage(t *testing.T) *scene {
	s := storetest.New(t)
	c := &scene{t: t, s: s, world: storetest.Fill(t, s, "acme", "api: k"), now: time.Now().Add(time.Second)}
	c.w = loaded(t, s, func(model.PageID, bool) {})
	c.w.cfg.Now = func() time.Time { return c.now }
	c.w.cfg.OnEvent = func() { c.told++ }
	c.w.cfg.Grace = 0
	return c
}

// seen is a result of the check, which is on its way.
func (c *scene) seen(o probe.Outcome) observed {
	k := c.world.Checks[0]
	return observed{check: k.ID, version: k.Version, Result: probe.Result{At: time.Now(), Outcome: o}}
}

// commit hands results to the observer without waiting for its loop, and lets it commit.
func (c *scene) commit(results ...observed) {
	c.w.observer.held = append(c.w.observer.held, results...)
	c.w.observer.commit(bg)
	if n := len(c.w.observer.held); n != 0 {
		c.t.Errorf("%d results were not written", n)
	}
}

func (c *scene) count(table string) (n int) {
	c.t.Helper()
	storetest.Read(c.t, c.s, func(v store.View) error {
		events, err := v.In(c.world.Workspace.ID).Events(bg, c.world.Page.ID, 100)
		open, err2 := v.OpenIncidents(bg, c.world.Page.ID)
		results, err3 := v.In(c.world.Workspace.ID).Results(bg, c.world.Checks[0].ID, status.Interval{To: status.At(c.now) + 1e9}, 100)
		n = map[string]int{"events": len(events), "incidents": len(open), "results": len(results)}[table]
		return errors.Join(err, err2, err3)
	})
	return n
}

func (c *scene) component() *watched { return c.w.components[c.world.Components[0].ID] }

// plan writes a window that covers the component.
func (c *scene) plan(from, to time.Duration) model.Maintenance {
	c.t.Helper()
	m := model.Maintenance{ID: model.NewMaintenanceID(), Workspace: c.world.Workspace.ID, Page: c.world.Page.ID, Title: model.Text{"en": "work"}, Created: c.now, Updated: c.now}
	m.Affected = []model.Affected{{ID: c.world.Components[0].ID, Name: "api"}}
	m.Window = maintenance.Window{State: maintenance.Scheduled, AutoComplete: true}.Move(status.At(c.now.Add(from)), status.At(c.now.Add(to)), status.At(c.now))
	err := c.s.Write(bg, store.Synced, func(tx *store.Tx) error {
		s, err := c.w.Edit(bg, tx)
		return errors.Join(err, tx.In(c.world.Workspace.ID).AddMaintenance(bg, m), s.PutMaintenance(m))
	})
	if err != nil {
		c.t.Fatal(err)
	}
	return m
}

// TestResultsThatTurnOutToOpenAnIncidentAreWrittenSyncedAndOnce: none of them would, as far as memory goes, but all of them together.
func TestResultsThatTurnOutToOpenAnIncidentAreWrittenSyncedAndOnce(t *testing.T) {
	c := stage(t)
	c.commit(c.seen(probe.Down))
	a, b := c.seen(probe.Down), c.seen(probe.Down)
	for _, r := range []observed{a, b} {
		if c.w.turns(r) {
			t.Fatal("it is written synced already")
		}
	}
	relaxed := c.s.Write(bg, store.Relaxed, func(tx *store.Tx) error { return c.w.observe(bg, tx, []observed{a, b}) })
	if !errors.Is(relaxed, errUnsynced) {
		t.Fatalf("relaxed: %v", relaxed)
	}
	if c.count("events") != 0 || c.count("incidents") != 0 || c.count("results") != 1 || c.component().auto.Status != 0 || c.told != 0 {
		t.Fatalf("something is left of the relaxed one: %+v", c.component().auto)
	}
	c.commit(a, b)
	if c.count("events") != 1 || c.count("incidents") != 1 || c.count("results") != 3 || c.component().auto.Status != incident.Investigating || c.told != 1 {
		t.Errorf("%d events, %d incidents, %d results, told %d times", c.count("events"), c.count("incidents"), c.count("results"), c.told)
	}
}

// TestASignOfLifeThatFindsAWindowDueIsSynced: time brings it between two looks of the alarm.
func TestASignOfLifeThatFindsAWindowDueIsSynced(t *testing.T) {
	for name, sign := range map[string]func(*scene){
		"the observer's": func(c *scene) { c.commit() },
		"the one of /readyz": func(c *scene) {
			if err := c.w.Ready(bg); err != nil {
				c.t.Errorf("not ready: %v", err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := stage(t)
			c.plan(5*time.Second, 10*time.Second)
			for i, want := range []int{0, 1, 1, 2, 2} { // started, completed
				if sign(c); c.count("events") != want || c.told != want {
					t.Errorf("sign %d: %d events, told %d times", i, c.count("events"), c.told)
				}
				c.now = c.now.Add([]time.Duration{5, 3, 2, 5, 5}[i] * time.Second)
			}
			if len(c.w.windows) != 0 || c.component().auto.Covered {
				t.Errorf("%v, %+v", c.w.windows, c.component().auto)
			}
		})
	}
}

// TestATransactionThatFailsLeavesMemoryAsItWas: at each point of the life of an incident and of a window.
func TestATransactionThatFailsLeavesMemoryAsItWas(t *testing.T) {
	c := stage(t)
	failed := errors.New("failed")
	attempt := func(end error, results ...observed) {
		t.Helper()
		err := c.s.Write(bg, store.Synced, func(tx *store.Tx) error { return errors.Join(c.w.observe(bg, tx, results), end) })
		if !errors.Is(err, end) {
			t.Fatal(err)
		}
	}
	plan := c.plan(time.Hour, 2*time.Hour)
	stages := []struct {
		wait    time.Duration
		outcome probe.Outcome
	}{
		{time.Second, probe.Down}, {time.Second, probe.Down}, {time.Second, probe.Down}, {time.Second, probe.Operational},
		{time.Second, probe.Down}, {time.Second, probe.Down}, {time.Second, probe.Down}, {time.Second, probe.Operational}, {time.Second, probe.Operational},
		{31 * time.Minute, probe.Operational}, // asleep, which counts neither way
		{29 * time.Minute, probe.Operational}, {time.Hour, probe.Down}, {time.Hour, probe.Down}, {time.Second, probe.Down},
	}
	for i, st := range stages {
		c.now = c.now.Add(st.wait)
		auto, id, windows, due, told := c.component().auto, c.component().incident, maps.Clone(c.w.windows), c.w.nextDue, c.told
		checks := maps.Clone(auto.Checks)
		r := c.seen(st.outcome)
		attempt(failed, r)
		now := c.component()
		if !now.auto.Equal(auto) || !maps.Equal(now.auto.Checks, checks) || now.incident != id || c.w.nextDue != due || c.told != told || len(windows) != len(c.w.windows) || windows[plan.ID].Window != c.w.windows[plan.ID].Window {
			t.Fatalf("stage %d: %+v became %+v", i, auto, now.auto)
		}
		attempt(nil, r)
	}
	if c.told < 6 {
		t.Errorf("told %d times: the stages miss what they are for", c.told)
	}
}

func TestAWindowOfAPageThatGoesWithItIsForgotten(t *testing.T) {
	c := stage(t)
	err := c.s.Write(bg, store.Synced, func(tx *store.Tx) error {
		s, err := c.w.Edit(bg, tx)
		if err != nil {
			return err
		}
		m := model.Maintenance{ID: model.NewMaintenanceID(), Workspace: c.world.Workspace.ID, Page: c.world.Page.ID, Title: model.Text{"en": "work"}}
		m.Window = maintenance.Window{State: maintenance.Scheduled, AutoComplete: true, Start: s.now + 5000, End: s.now + 6000}
		err = errors.Join(tx.In(m.Workspace).AddMaintenance(bg, m), s.PutMaintenance(m))
		s.DropPage(m.Page)
		return errors.Join(err, tx.In(m.Workspace).DeletePage(bg, m.Page))
	})
	if err != nil {
		t.Fatal(err)
	}
	c.now = c.now.Add(10 * time.Second)
	c.commit()
	if len(c.w.windows) != 0 {
		t.Errorf("%v", c.w.windows)
	}
}
