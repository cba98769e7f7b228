package watch

import (
	"context"
	"maps"

	"statusd/app/incident"
	"statusd/app/model"
	"statusd/app/status"
	"statusd/store"
)

// Edit begins what a person changes, or goes on with it in the same transaction: outcomes that have grown too old by now have done so
// at their own instant, not at the one of the change. What is recorded then is a sign of life, or the next run would begin before it.
func (w *Watch) Edit(ctx context.Context, tx *store.Tx) (*Stage, error) {
	s, err := w.begin(ctx, tx)
	if err != nil || !w.loaded {
		return s, err
	}
	if err := s.expire(s.now); err != nil {
		return nil, err
	}
	return s, tx.SeenAlive(ctx, s.now)
}

// Now is the instant of the change, on the ruler.
func (s *Stage) Now() status.Instant { return s.now }

// PutComponent takes a new or changed component into the watch; its status follows at once.
func (s *Stage) PutComponent(row model.Component) error {
	s.touched[row.Page] = true
	if !s.w.loaded {
		return nil
	}
	c := s.component(row.ID)
	if c == nil {
		c = &watched{checks: map[model.CheckID]bool{}, track: status.Track{Open: status.Span{Interval: status.Interval{From: s.now}}}}
		s.components[row.ID] = c
	}
	c.Component = row
	return s.settle(row.ID, s.now)
}

// DropComponent ends a component's automatic incident, saying why, and takes it out of the watch with its checks. Its rows go with it.
func (s *Stage) DropComponent(id model.ComponentID) error {
	if err := s.closeOf(id); err != nil {
		return err
	}
	s.forgetComponent(id)
	return nil
}

// forgetComponent takes a component and its checks out of the watch.
func (s *Stage) forgetComponent(id model.ComponentID) {
	c := s.component(id)
	if c == nil {
		return
	}
	s.touched[c.Page] = true
	for check := range c.checks {
		s.forgetCheck(check)
	}
	s.components[id] = nil
}

// DropPage takes all components and windows of a page out of the watch.
func (s *Stage) DropPage(page model.PageID) {
	for _, known := range []map[model.ComponentID]*watched{s.w.components, maps.Clone(s.components)} {
		for id, c := range known {
			if c != nil && c.Page == page {
				s.forgetComponent(id)
			}
		}
	}
	s.dropWindows(page)
}

// PutCheck takes a new or changed check into the watch and hands it to the scheduler, which probes it at once. When it looks
// elsewhere now, what was seen before says nothing about it.
func (s *Stage) PutCheck(row model.Check, elsewhere bool) error {
	s.touched[row.Page] = true
	if !s.w.loaded {
		return nil
	}
	l := s.check(row.ID)
	if l == nil {
		l = &looked{}
		s.checks[row.ID] = l
	}
	before := l.Restart
	if elsewhere {
		*l = looked{rescue: l.rescue}
	}
	l.Check = row
	if err := s.rebind(l, before, elsewhere); err != nil {
		return err
	}
	if !l.latest.At.IsZero() { // a shorter interval makes it grow old sooner
		s.nextStale = min(s.nextStale, l.staleAt())
	}
	s.component(row.Component).checks[row.ID] = true
	s.then = append(s.then, func() { s.w.schedule(row) })
	if err := s.settle(row.Component, s.now); err != nil {
		return err
	}
	if row.Enabled && !elsewhere {
		return s.feed(row.Component, incident.Passed{}) // it may be seen no more, or again
	}
	return s.feed(row.Component, incident.Left{Check: incident.Key(row.ID)})
}

// DropCheck takes a check out of the watch; its component's status follows.
func (s *Stage) DropCheck(row model.Check) error {
	s.touched[row.Page] = true
	if !s.w.loaded {
		return nil
	}
	s.forgetCheck(row.ID)
	delete(s.component(row.Component).checks, row.ID)
	if err := s.settle(row.Component, s.now); err != nil {
		return err
	}
	return s.feed(row.Component, incident.Left{Check: incident.Key(row.ID)})
}

// forgetCheck removes a check and stops its probes after the commit.
func (s *Stage) forgetCheck(id model.CheckID) {
	s.checks[id] = nil
	s.then = append(s.then, func() { s.w.unschedule(id) })
}

// Touch says that what a page shows is different.
func (s *Stage) Touch(page model.PageID) { s.touched[page] = true }
