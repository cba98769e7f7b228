package watch

import (
	"context"
	"maps"
	"time"

	"statusd/app/incident"
	"statusd/app/model"
	"statusd/app/rescue"
	"statusd/app/status"
	"statusd/store"
)

// Stage is a change of the watch within one transaction: spans are written as the change is made, memory follows after the
// commit. A transaction that fails leaves both as they were.
type Stage struct {
	w     *Watch
	ctx   context.Context
	tx    *store.Tx
	now   status.Instant
	read  time.Time // when now was read, with its monotonic reading
	ruler *status.Ruler

	lookedFrom time.Time
	nextStale  status.Instant

	components map[model.ComponentID]*watched // copies that were changed; nil: gone
	checks     map[model.CheckID]*looked
	targets    map[model.RestartTargetID]rescue.Past     // that began or ended to fire
	windows    map[model.MaintenanceID]model.Maintenance // that were changed; one that is over is to be forgotten
	touched    map[model.PageID]bool                     // pages whose snapshot is to be dropped
	heardOf    map[model.PageID]bool                     // pages of whose checks results came in, which alone drops nothing
	published  bool                                      // an event
	then       []func()                                  // what else follows the commit, once memory has, in this order
}

// begin reads the clock and brings the spans up to it: gaps become no-data, and what a clock that was ahead has labelled is cut.
// Use cases that share a transaction share the stage.
func (w *Watch) begin(ctx context.Context, tx *store.Tx) (*Stage, error) {
	if w.staged != nil && w.staged.tx == tx {
		return w.staged, nil
	}
	s := w.stage(ctx, tx)
	if w.loaded {
		if err := s.readClock(); err != nil {
			return nil, err
		}
		if err := s.passTime(); err != nil {
			return nil, err
		}
	}
	w.staged = s
	tx.AfterCommit(s.apply)
	return s, nil
}

// stage is a Stage that has changed nothing yet.
func (w *Watch) stage(ctx context.Context, tx *store.Tx) *Stage {
	return &Stage{
		w: w, ctx: ctx, tx: tx, now: w.wall(), read: time.Now(),
		lookedFrom: w.lookedFrom,
		nextStale:  w.nextStale,
		components: map[model.ComponentID]*watched{},
		checks:     map[model.CheckID]*looked{},
		targets:    map[model.RestartTargetID]rescue.Past{},
		windows:    map[model.MaintenanceID]model.Maintenance{},
		touched:    map[model.PageID]bool{},
		heardOf:    map[model.PageID]bool{},
	}
}

func (s *Stage) readClock() error {
	s.w.mu.RLock() // glance writes it outside of transactions
	s.ruler = s.w.ruler.Clone()
	s.w.mu.RUnlock()
	reading := s.ruler.Read(s.now, s.w.mono())
	s.now = reading.Now
	s.w.tell(reading)
	switch {
	case reading.Cut != 0:
		return s.cutBack(reading.Cut)
	case !reading.Gap.Empty():
		return s.gap(reading.Gap)
	}
	return nil
}

// apply makes the change known, after the commit.
func (s *Stage) apply() {
	s.remember()
	for page := range s.touched {
		s.w.cfg.OnChange(page, true)
	}
	for page := range s.heardOf {
		if !s.touched[page] {
			s.w.cfg.OnChange(page, false)
		}
	}
	for _, do := range s.then {
		do()
	}
}

// remember makes memory what the rows are.
func (s *Stage) remember() {
	s.w.mu.Lock()
	defer s.w.mu.Unlock()
	for id, c := range s.components {
		if c == nil {
			delete(s.w.components, id)
			continue
		}
		s.w.components[id] = c
	}
	for id, l := range s.checks {
		if l == nil {
			delete(s.w.checks, id)
			continue
		}
		s.w.checks[id] = l
	}
	maps.Copy(s.w.targets, s.targets)
	s.rememberWindows()
	if s.ruler != nil {
		s.w.ruler, s.w.lookedFrom, s.w.nextStale = s.ruler, s.lookedFrom, s.nextStale
	}
	s.w.staged = nil
}

// component returns a copy to change, nil when there is none.
func (s *Stage) component(id model.ComponentID) *watched {
	if c, ok := s.components[id]; ok {
		return c
	}
	c := s.w.components[id]
	if c == nil {
		return nil
	}
	own := *c
	own.checks = maps.Clone(c.checks)
	s.components[id] = &own
	return &own
}

// glimpse returns a component to read, nil when there is none.
func (s *Stage) glimpse(id model.ComponentID) *watched {
	if c, ok := s.components[id]; ok {
		return c
	}
	return s.w.components[id]
}

// peek returns a check to read, nil when there is none.
func (s *Stage) peek(id model.CheckID) *looked {
	if l, ok := s.checks[id]; ok {
		return l
	}
	return s.w.checks[id]
}

// check returns a copy to change, nil when there is none.
func (s *Stage) check(id model.CheckID) *looked {
	l := s.peek(id)
	if l == nil {
		return nil
	}
	own := *l
	s.checks[id] = &own
	return &own
}

// settle writes a component's status as of an instant, if it changed. An instant before something else that it has recorded
// counts as that.
func (s *Stage) settle(id model.ComponentID, at status.Instant) error {
	current := s.glimpse(id)
	if current == nil {
		return nil
	}
	at = max(at, current.track.Open.From, current.moved)
	next := s.statusOf(current, at)
	if next == current.track.Open.Status {
		return nil
	}
	c := s.component(id)
	s.touched[c.Page] = true
	c.track.Change(at, next)
	return s.turn(c)
}

// turn writes that a component's open span ended and the next began.
func (s *Stage) turn(c *watched) error {
	if err := s.tx.SpanClosed(s.ctx, c.ID, c.track.Open.From); err != nil {
		return err
	}
	if c.track.Open.Status == status.NoData {
		return nil
	}
	return s.tx.SpanOpened(s.ctx, c.ID, c.track.Open.From, c.track.Open.Status)
}

func (s *Stage) statusOf(c *watched, at status.Instant) status.Status {
	var checks []status.Status
	for id := range c.checks {
		if l := s.peek(id); l != nil && l.Enabled {
			checks = append(checks, l.status(at))
		}
	}
	return status.Component(checks, c.ManualStatus, false)
}

// gap makes an interval in which nobody looked no-data, for every component. Looks that were going on are no outcomes.
func (s *Stage) gap(v status.Interval) error {
	if err := s.expire(v.From); err != nil {
		return err
	}
	s.lookedFrom = s.read
	for id := range s.w.components {
		c := s.component(id)
		if c.track.Open.Status != status.NoData {
			if err := s.tx.SpanClosed(s.ctx, id, v.From); err != nil {
				return err
			}
		}
		if err := s.restart(c, v.To); err != nil {
			return err
		}
		if err := s.feed(id, incident.Paused{Interval: v}); err != nil {
			return err
		}
	}
	return nil
}

// cutBack forgets what was recorded after an instant and begins anew there.
func (s *Stage) cutBack(to status.Instant) error {
	if err := s.tx.SpansCutBack(s.ctx, to); err != nil {
		return err
	}
	if err := s.tx.ResultsCutBack(s.ctx, to); err != nil {
		return err
	}
	if err := s.tx.ChecksCutBack(s.ctx, to); err != nil {
		return err
	}
	if err := s.tx.FiringsCutBack(s.ctx, to); err != nil {
		return err
	}
	for id := range s.w.checks {
		s.check(id).cutBack(to)
	}
	s.nextStale = 0
	for id := range s.w.components {
		if err := s.restart(s.component(id), to); err != nil {
			return err
		}
		if err := s.feed(id, incident.SetBack{To: to}); err != nil {
			return err
		}
	}
	return s.windowsCutBack(to)
}

func (l *looked) cutBack(to status.Instant) {
	if l.at > to {
		l.at, l.latest.At = to, to.Time()
	}
	if l.JudgedFrom.After(to.Time()) {
		l.JudgedFrom = to.Time()
	}
}

// restart opens a component's span anew at an instant.
func (s *Stage) restart(c *watched, at status.Instant) error {
	s.touched[c.Page] = true
	c.moved = min(c.moved, at)
	c.uncovered = min(c.uncovered, at)
	c.track = status.Track{Open: status.Span{Interval: status.Interval{From: at}, Status: s.statusOf(c, at)}}
	if c.track.Open.Status == status.NoData {
		return nil
	}
	return s.tx.SpanOpened(s.ctx, c.ID, at, c.track.Open.Status)
}
