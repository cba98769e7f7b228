package watch

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"math"
	"slices"

	"statusd/app/incident"
	"statusd/app/model"
	"statusd/app/rescue"
	"statusd/app/status"
	"statusd/probe"
	"statusd/store"
)

// observe is what results mean: in one transaction the raw results, the spans that they end and begin, and a sign of life.
func (w *Watch) observe(ctx context.Context, tx *store.Tx, results []observed) error {
	s, err := w.begin(ctx, tx)
	if err != nil {
		return err
	}
	// A look that took long comes in after quick ones that began later; what they say counts in the order in which they began.
	slices.SortStableFunc(results, func(a, b observed) int { return a.At.Compare(b.At) })
	seen := make([]store.Seen, 0, len(results))
	newest := map[model.CheckID]int{}
	for i, r := range results {
		if !r.manual {
			newest[r.check] = i
		}
	}
	for i, r := range results {
		at, ok, err := s.judge(r, newest[r.check] == i)
		if err != nil {
			return err
		}
		if ok {
			seen = append(seen, store.Seen{Check: r.check, Result: recorded(r, at)})
		}
	}
	if err := s.expire(s.now); err != nil {
		return err
	}
	if len(seen) == 0 {
		return tx.SeenAlive(ctx, s.now)
	}
	return tx.AddResults(ctx, s.now, seen)
}

// judge takes one result into account and says when it was, on the ruler. A result of an older version of its check is dropped,
// and so is one of a look that began before a gap: its time-outs ran while nobody was awake. newest says that the check has no later one here.
func (s *Stage) judge(r observed, newest bool) (status.Instant, bool, error) {
	l := s.peek(r.check)
	if l == nil || l.Version != r.version && !r.manual || r.At.Before(s.lookedFrom) { // one by hand is judged by nobody, and was seen
		return 0, false, nil
	}
	s.heardOf[l.Page] = true
	if r.manual {
		return min(r.at, s.now), true, nil
	}
	at := s.now.Add(-s.read.Sub(r.At)) // by the monotonic clock, whatever the wall clock did meanwhile
	if err := s.expireOf(l.Component, at); err != nil {
		return 0, false, err
	}
	l = s.check(r.check)
	before := l.status(at)
	l.at, l.stale = at, false
	l.latest = model.Latest{At: at.Time(), Status: StatusOf(r.Outcome), Latency: r.Latency, StatusCode: r.StatusCode, Reason: r.Reason.Encode(), Phases: model.Phases(r.Phases)}
	s.nextStale = min(s.nextStale, l.staleAt())
	if l.latest.Status != before {
		c := s.component(l.Component)
		c.moved = max(c.moved, at)
	}
	if err := s.settle(l.Component, at); err != nil {
		return 0, false, err
	}
	return at, true, errors.Join(s.count(l, at), s.rescued(l, at, newest))
}

// dueToExpire says that the latest outcome has become too old by an instant, and nobody has noticed yet.
func (l *looked) dueToExpire(at status.Instant) bool {
	return l.Enabled && l.counts() && l.staleAt() <= at
}

// counts says that there is an outcome that has not been found too old.
func (l *looked) counts() bool { return !l.stale && !l.latest.At.IsZero() }

// expire lets outcomes that have become too old by an instant turn into no-data, in the order in which they became so.
func (s *Stage) expire(until status.Instant) error {
	if until < s.nextStale {
		return nil
	}
	var due []model.CheckID
	next := status.Instant(math.MaxInt64)
	for id := range s.everyCheck() {
		switch l := s.peek(id); {
		case l == nil || !l.Enabled || !l.counts():
		case l.staleAt() <= until:
			due = append(due, id)
		default:
			next = min(next, l.staleAt())
		}
	}
	s.nextStale = next
	return s.expireEach(due)
}

// everyCheck goes over the checks that are known and those that this transaction has made.
func (s *Stage) everyCheck() iter.Seq[model.CheckID] {
	return func(yield func(model.CheckID) bool) {
		for id := range s.w.checks {
			if !yield(id) {
				return
			}
		}
		for id := range s.checks {
			if s.w.checks[id] == nil && !yield(id) {
				return
			}
		}
	}
}

// expireOf is expire for one component.
func (s *Stage) expireOf(id model.ComponentID, until status.Instant) error {
	c := s.glimpse(id)
	if c == nil {
		return nil
	}
	var due []model.CheckID
	for id := range c.checks {
		if l := s.peek(id); l != nil && l.dueToExpire(until) {
			due = append(due, id)
		}
	}
	return s.expireEach(due)
}

// expireEach ends what the latest outcomes of checks say, each at the instant at which it became too old.
func (s *Stage) expireEach(due []model.CheckID) error {
	slices.SortFunc(due, func(a, b model.CheckID) int {
		return cmp.Or(cmp.Compare(s.peek(a).staleAt(), s.peek(b).staleAt()), cmp.Compare(a, b))
	})
	for _, id := range due {
		l := s.check(id)
		l.stale = true
		s.heardOf[l.Page] = true
		if err := s.settle(l.Component, l.staleAt()); err != nil {
			return err
		}
		if err := errors.Join(s.feed(l.Component, incident.Lost{At: l.staleAt()}), s.hear(id, rescue.Uncovered{})); err != nil {
			return err
		}
	}
	return nil
}

func recorded(r observed, at status.Instant) model.Result {
	judged := StatusOf(r.Outcome)
	if r.Sick { // only by hand: statusd could not see, which is no outcome of the target
		judged = status.NoData
	}
	return model.Result{
		At: at.Time(), Status: judged, Latency: r.Latency, StatusCode: r.StatusCode,
		Reason: r.Reason.Encode(), Manual: r.manual,
	}
}

// StatusOf is the one place where an outcome, what one look found, becomes a status, what a check is said to be.
func StatusOf(o probe.Outcome) status.Status {
	switch o {
	case probe.Operational:
		return status.Operational
	case probe.Degraded:
		return status.Degraded
	case probe.Down:
		return status.Down
	}
	return status.NoData
}
