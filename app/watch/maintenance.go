package watch

import (
	"context"
	"maps"
	"math"
	"slices"

	"statusd/app/incident"
	"statusd/app/maintenance"
	"statusd/app/model"
	"statusd/app/rescue"
	"statusd/app/status"
	"statusd/store"
)

// PutMaintenance takes a new or changed window into the watch; the components that it covers follow. The caller has written its row.
func (s *Stage) PutMaintenance(m model.Maintenance) error {
	s.touched[m.Page] = true
	if !s.w.loaded {
		return nil
	}
	before := s.window(m.ID)
	s.windows[m.ID] = m
	return s.cover(before, m)
}

// DropMaintenance takes a window out of the watch.
func (s *Stage) DropMaintenance(m model.Maintenance) error {
	gone := m
	gone.State = maintenance.Cancelled
	return s.PutMaintenance(gone)
}

// dropWindows takes the windows of a page out of the watch, whose rows go with it.
func (s *Stage) dropWindows(page model.PageID) {
	for _, m := range s.live() {
		if m.Page == page {
			m.State = maintenance.Cancelled
			s.windows[m.ID] = m
		}
	}
}

// window is a window that is scheduled or in progress; zero when there is none.
func (s *Stage) window(id model.MaintenanceID) model.Maintenance {
	if m, ok := s.windows[id]; ok {
		return m
	}
	return s.w.windows[id]
}

// live are the windows that are scheduled or in progress, by their ids.
func (s *Stage) live() []model.Maintenance {
	all := maps.Clone(s.w.windows)
	maps.Copy(all, s.windows)
	var out []model.Maintenance
	for _, id := range slices.Sorted(maps.Keys(all)) {
		if m := all[id]; !m.State.Over() {
			out = append(out, m)
		}
	}
	return out
}

// cover tells the components of a window, as it was and is, whether they are in maintenance now.
func (s *Stage) cover(before, now model.Maintenance) error {
	for _, a := range slices.Concat(before.Affected, now.Affected) {
		if err := s.coverage(a.ID); err != nil {
			return err
		}
	}
	return nil
}

// coverage tells a component whether it is in maintenance now, if that has changed.
func (s *Stage) coverage(id model.ComponentID) error {
	c := s.glimpse(id)
	if c == nil {
		return nil
	}
	covered := slices.ContainsFunc(s.live(), func(m model.Maintenance) bool { return m.State == maintenance.InProgress && m.Covers(id) })
	if covered == c.auto.Covered {
		return nil
	}
	s.touched[c.Page] = true
	if covered {
		return s.feed(id, incident.Covered{})
	}
	return s.uncover(id)
}

// uncover lets everything of a component count anew, from now on.
func (s *Stage) uncover(id model.ComponentID) error {
	c := s.component(id)
	c.uncovered = s.now
	if err := s.feed(id, incident.Uncovered{}); err != nil {
		return err
	}
	for _, check := range slices.Sorted(maps.Keys(c.checks)) {
		if err := s.hear(check, rescue.Uncovered{}); err != nil {
			return err
		}
	}
	return nil
}

// passTime does what time alone brings: windows that start, end or are to be reminded of, in the order in which they are due, and
// incidents that have been good for long enough.
func (s *Stage) passTime() error {
	if s.now < s.w.nextDue {
		return nil
	}
	for {
		m, due := s.firstDue()
		if !due {
			break
		}
		if err := s.step(m); err != nil {
			return err
		}
	}
	for _, id := range s.eventful() {
		if err := s.feed(id, incident.Passed{}); err != nil {
			return err
		}
	}
	return nil
}

// firstDue finds the window that is due before all others.
func (s *Stage) firstDue() (found model.Maintenance, ok bool) {
	first := s.now
	for _, m := range s.live() {
		if at, due := m.Due(s.w.cfg.Lead); due && at <= first && (!ok || at < first) {
			found, first, ok = m, at, true
		}
	}
	return found, ok
}

// step does what is due of a window.
func (s *Stage) step(m model.Maintenance) error {
	window, step := m.Pass(s.now, s.w.cfg.Lead)
	if window == m.Window {
		return nil
	}
	m.Window = window
	if step == maintenance.Start || step == maintenance.Complete {
		m.Sequence++
		m.Updated = after(s.now, m.Updated)
	}
	if err := s.tx.In(m.Workspace).SetMaintenance(s.ctx, m); err != nil {
		return err
	}
	before := s.window(m.ID)
	s.windows[m.ID] = m
	s.touched[m.Page] = true
	if err := s.cover(before, m); err != nil || step == 0 {
		return err
	}
	if before.State == maintenance.Scheduled && step == maintenance.Complete {
		if err := s.missed(m); err != nil {
			return err
		}
	}
	return s.Tell(m, step)
}

// missed lets everything count anew after a window of which nobody saw anything.
func (s *Stage) missed(m model.Maintenance) error {
	for _, a := range m.Affected {
		if c := s.glimpse(a.ID); c != nil && !c.auto.Covered {
			if err := s.uncover(a.ID); err != nil {
				return err
			}
		}
	}
	return nil
}

// Tell publishes a step of a window; step 0 is its announcement.
func (s *Stage) Tell(m model.Maintenance, step maintenance.Step) error {
	page, err := s.tx.In(m.Workspace).Page(s.ctx, m.Page)
	if err != nil {
		return err
	}
	e, err := s.w.cfg.Herald.Maintenance(page, m, step, s.now.Time())
	if err != nil {
		return err
	}
	return s.Publish(e)
}

// windowsCutBack lets nothing of a window have been later than an instant, after a clock that was ahead has been set back.
func (s *Stage) windowsCutBack(to status.Instant) error {
	for _, m := range s.live() {
		was := m.Window
		if m.Window = was.CutBack(to, s.w.cfg.Lead); m.Window == was {
			continue
		}
		s.windows[m.ID] = m
		if err := s.tx.In(m.Workspace).SetMaintenance(s.ctx, m); err != nil {
			return err
		}
	}
	return s.tx.MaintenancesCutBack(s.ctx, to)
}

// loadWindows reads the windows to which something may still happen.
func (w *Watch) loadWindows(ctx context.Context, v store.View) error {
	rows, err := v.LiveMaintenances(ctx)
	for _, m := range rows {
		w.windows[m.ID] = m
	}
	return err
}

// rememberWindows makes memory what the rows are, and says when something is due next.
func (s *Stage) rememberWindows() {
	for id, m := range s.windows {
		if m.State.Over() {
			delete(s.w.windows, id)
			continue
		}
		s.w.windows[id] = m
	}
	next := status.Instant(math.MaxInt64)
	for _, m := range s.w.windows {
		if at, due := m.Due(s.w.cfg.Lead); due {
			next = min(next, at)
		}
	}
	for _, c := range s.w.components {
		if c.incident == 0 {
			continue
		}
		if at, due := c.auto.Due(s.env(c)); due {
			next = min(next, at)
		}
	}
	s.w.nextDue = next
}

// coveredSince is when the maintenance began that a component is in.
func (w *Watch) coveredSince(id model.ComponentID) status.Instant {
	since := status.Instant(math.MaxInt64)
	for _, m := range w.windows {
		if m.State == maintenance.InProgress && m.Covers(id) {
			since = min(since, m.Began)
		}
	}
	return since
}
