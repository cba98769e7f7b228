package app

import (
	"maps"

	"statusd/app/model"
	"statusd/app/status"
	"statusd/probe"
)

// putComponent takes a new or changed component into the watch; its status follows at once.
func (s *stage) putComponent(row model.Component) error {
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

// dropComponent takes a component and its checks out of the watch. Its rows go with it.
func (s *stage) dropComponent(id model.ComponentID) {
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

// dropPage takes all components of a page out of the watch.
func (s *stage) dropPage(page model.PageID) {
	for _, known := range []map[model.ComponentID]*watched{s.w.components, maps.Clone(s.components)} {
		for id, c := range known {
			if c != nil && c.Page == page {
				s.dropComponent(id)
			}
		}
	}
}

// putCheck takes a new or changed check into the watch and hands it to the scheduler, which probes it at once. When it looks
// elsewhere now, what was seen before says nothing about it.
func (s *stage) putCheck(row model.Check, elsewhere bool) error {
	s.touched[row.Page] = true
	if !s.w.loaded {
		return nil
	}
	l := s.check(row.ID)
	if l == nil {
		l = &looked{}
		s.checks[row.ID] = l
	}
	if elsewhere {
		*l = looked{}
	}
	l.Check = row
	if !l.latest.At.IsZero() { // a shorter interval makes it grow old sooner
		s.nextStale = min(s.nextStale, l.staleAt())
	}
	s.component(row.Component).checks[row.ID] = true
	s.plan = append(s.plan, row)
	return s.settle(row.Component, s.now)
}

// dropCheck takes a check out of the watch; its component's status follows.
func (s *stage) dropCheck(row model.Check) error {
	s.touched[row.Page] = true
	if !s.w.loaded {
		return nil
	}
	s.forgetCheck(row.ID)
	delete(s.component(row.Component).checks, row.ID)
	return s.settle(row.Component, s.now)
}

// forgetCheck removes a check and stops its probes after the commit.
func (s *stage) forgetCheck(id model.CheckID) {
	s.checks[id] = nil
	s.tx.AfterCommit(func() {
		s.w.heard.forget(id)
		s.w.app.scheduler.Remove(probe.Key(id))
	})
}
