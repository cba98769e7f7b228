package watch

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"statusd/app/incident"
	"statusd/app/model"
	"statusd/app/rescue"
	"statusd/app/status"
	"statusd/store"
)

// env is what holds for the incidents of every component at an instant.
func (w *Watch) env(now status.Instant) incident.Env {
	return incident.Env{Rules: incident.Rules{ResolveAfter: w.cfg.ResolveAfter}, Now: now, Grace: w.mono() < w.cfg.Grace}
}

// env is what holds for the incidents of one component now.
func (s *Stage) env(c *watched) incident.Env {
	env := s.w.env(s.now)
	env.Blind = true
	for id := range c.checks {
		if l := s.peek(id); l != nil && l.Enabled {
			env.Blind = false
			env.Unseen = env.Unseen || l.status(s.now) == status.NoData
		}
	}
	return env
}

// outcome is what a result of a check says to the machine.
func outcome(c model.Check, s status.Status, at status.Instant) incident.Seen {
	return incident.Seen{Check: incident.Key(c.ID), Good: s != status.Down, At: at, Threshold: c.IncidentThreshold}
}

// strikes says whether a result would open, move or resolve an incident, or fire a restart target: asked of the machines, which change
// nothing by being asked.
func (w *Watch) strikes(l *looked, r observed, now status.Instant) bool {
	c := w.components[l.Component]
	if c == nil {
		return false
	}
	_, acts := c.auto.Next(w.env(now), outcome(l.Check, StatusOf(r.Outcome), now))
	_, act := l.rescue.Next(w.rescueEnv(c, l.Restart, w.targets[l.Restart.Target]), seen(StatusOf(r.Outcome)))
	return len(acts) > 0 || l.Restart.Bound() && act != nil
}

// count takes an outcome into account for the incident of its component. One from before the end of maintenance says nothing about
// the time after it.
func (s *Stage) count(l *looked, at status.Instant) error {
	c := s.glimpse(l.Component)
	in := outcome(l.Check, l.latest.Status, at)
	if c == nil || at < c.uncovered || in.Good && c.auto.IsZero() {
		return nil
	}
	return s.feed(l.Component, in)
}

// feed tells the machine of a component something, and does what it wants done.
func (s *Stage) feed(id model.ComponentID, in incident.Input) error {
	c := s.glimpse(id)
	if c == nil {
		return nil
	}
	next, acts := c.auto.Next(s.env(c), in)
	if next.Equal(c.auto) && len(acts) == 0 {
		return nil
	}
	c = s.component(id)
	c.auto = next
	for _, act := range acts {
		if err := s.carryOut(c, act); err != nil {
			return err
		}
	}
	return s.tx.Remember(s.ctx, store.Remembered{Component: id, Incident: c.incident, State: c.auto})
}

// carryOut does one thing that the machine wants done.
func (s *Stage) carryOut(c *watched, act incident.Act) error {
	herald := s.w.cfg.Herald
	switch act := act.(type) {
	case incident.Open:
		return s.open(c, act)
	case incident.Join:
		return s.append(c, 0, herald.Joined(c.Name, s.checkName(act.Check)))
	case incident.Relapse:
		return s.append(c, incident.Investigating, herald.Relapsed(c.Name, s.checkName(act.Check)))
	case incident.Recover:
		return s.append(c, incident.Monitoring, herald.Recovered(c.Name))
	case incident.Resolve:
		err := s.append(c, incident.Resolved, herald.Resolved(c.Name))
		c.incident = 0
		return err
	}
	return nil
}

func (s *Stage) checkName(k incident.Key) string {
	if l := s.peek(model.CheckID(k)); l != nil {
		return l.Name
	}
	return ""
}

// open makes an automatic incident.
func (s *Stage) open(c *watched, act incident.Open) error {
	names := make([]string, len(act.Checks))
	for i, k := range act.Checks {
		names[i] = s.checkName(k)
	}
	i := model.Incident{
		ID: model.NewIncidentID(), Workspace: c.Workspace, Page: c.Page, Title: s.w.cfg.Herald.Title(c.Name),
		Impact: incident.Major, Status: incident.Investigating, Source: incident.Auto, Component: c.ID,
		Affected: []model.Affected{{ID: c.ID, Name: c.Name}}, Started: act.Since.Time(), Created: s.now.Time(), Updated: s.now.Time(),
	}
	if err := s.tx.In(c.Workspace).AddIncident(s.ctx, i); err != nil {
		return err
	}
	c.incident = i.ID
	if err := s.tx.AttachFirings(s.ctx, i); err != nil {
		return err
	}
	_, err := s.Post(&i, model.Update{Status: i.Status, Body: s.w.cfg.Herald.Opened(c.Name, names), Notify: true, Auto: true})
	return err
}

// append writes an update of a component's automatic incident; status 0 leaves it as it is.
func (s *Stage) append(c *watched, to incident.Status, body model.Text) error {
	i, err := s.tx.In(c.Workspace).Incident(s.ctx, c.incident)
	if err != nil {
		return err
	}
	if to == 0 {
		to = i.Status
	}
	_, err = s.Post(&i, model.Update{Status: to, Body: body, Notify: true, Auto: true})
	return err
}

// closeOf ends the automatic incident of a component that is about to go.
func (s *Stage) closeOf(id model.ComponentID) error {
	i, err := s.tx.AutoIncident(s.ctx, id)
	if errors.Is(err, store.ErrNone) {
		return nil
	}
	if err != nil {
		return err
	}
	name := i.Title.In("")
	if c := s.glimpse(id); c != nil {
		name = c.Name
	}
	_, err = s.Post(&i, model.Update{Status: incident.Resolved, Body: s.w.cfg.Herald.Removed(name), Notify: true, Auto: true})
	return err
}

// Moved tells of a person's act on an automatic incident: it has this status now, whatever it had before.
func (s *Stage) Moved(i model.Incident) error {
	if c := s.component(i.Component); c != nil {
		c.incident = i.ID
		if !i.Open() {
			c.incident = 0
		}
	}
	return s.feed(i.Component, incident.Moved{To: i.Status})
}

// Ended tells that a person deleted an automatic incident that was open.
func (s *Stage) Ended(i model.Incident) error {
	if c := s.component(i.Component); c != nil {
		c.incident = 0
	}
	return s.feed(i.Component, incident.Ended{})
}

// loadRemembered reads what is remembered of each component.
func (w *Watch) loadRemembered(ctx context.Context, v store.View) error {
	rows, err := v.EveryRemembered(ctx)
	for _, r := range rows {
		if c := w.components[r.Component]; c != nil {
			c.auto, c.incident = r.State, r.Incident
		}
	}
	return err
}

// resume goes on where an earlier run ended: the time in which nobody looked counts neither way, and what it brought is made up for.
func (w *Watch) resume(ctx context.Context, tx *store.Tx, off status.Interval) error {
	s := w.stage(ctx, tx)
	s.now = off.To
	for _, id := range s.eventful() {
		if err := s.feed(id, incident.Paused{Interval: off}); err != nil {
			return err
		}
	}
	for _, id := range slices.Sorted(maps.Keys(w.components)) { // a window may have been started by somebody who watched nothing
		if err := s.coverage(id); err != nil {
			return err
		}
	}
	for id, l := range w.checks { // nobody looked for so long that what was seen before is no row with what will be
		if off.To.Sub(off.From) >= l.StaleAfter() {
			if err := s.hear(id, rescue.Uncovered{}); err != nil {
				return err
			}
		}
	}
	if err := s.passTime(); err != nil {
		return err
	}
	tx.AfterCommit(s.apply)
	return nil
}

// eventful lists the components of which there is something to remember, in a fixed order.
func (s *Stage) eventful() []model.ComponentID {
	var ids []model.ComponentID
	for id, c := range s.w.components {
		if !c.auto.IsZero() {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// after is the Updated of a row that changes now: never one that it had before.
func after(now status.Instant, before time.Time) time.Time {
	if t := now.Time(); t.After(before) {
		return t
	}
	return before.Add(time.Millisecond)
}
