package watch

import (
	"context"
	"errors"
	"time"

	"statusd/app/model"
	"statusd/app/rescue"
	"statusd/app/status"
	"statusd/store"
)

// rescueEnv is what holds for a check of a component that is bound to a restart target, which fired when past says.
func (w *Watch) rescueEnv(c *watched, b model.Binding, past rescue.Past) rescue.Env {
	return rescue.Env{
		Rule:        rescue.Rule{Threshold: b.Threshold, Cooldown: b.Cooldown, MaxFirings: b.MaxFirings},
		Target:      past.Rest(w.mono()),
		Grace:       w.ending.Load() || w.mono() < w.cfg.Grace,
		Maintenance: c.auto.Covered,
	}
}

// seen is what a result of a check says to its machine.
func seen(s status.Status) rescue.Seen { return rescue.Seen{Good: s != status.Down} }

// rescued takes an outcome into account for the restart target of its check. One from before the end of maintenance says nothing about
// the time after it.
// Of several that are recorded together, after a disk that took none, the newest alone may fire: what came of it is known for the others.
func (s *Stage) rescued(l *looked, at status.Instant, newest bool) error {
	if c := s.glimpse(l.Component); c == nil || at < c.uncovered {
		return nil
	}
	return s.heed(l.ID, seen(l.latest.Status), newest)
}

// rebind tells the machine of a check that somebody changed the check, whose binding was another one before.
func (s *Stage) rebind(l *looked, before model.Binding, elsewhere bool) error {
	switch {
	case !l.Enabled || elsewhere || !l.Restart.Bound():
		return s.hear(l.ID, rescue.Left{})
	case before.Target != l.Restart.Target:
		return s.hear(l.ID, rescue.Rebound{})
	}
	return nil
}

// hear tells the machine of a check something, and does what it wants done.
func (s *Stage) hear(id model.CheckID, in rescue.Input) error { return s.heed(id, in, true) }

// heed is hear; unless it may, nothing is fired.
func (s *Stage) heed(id model.CheckID, in rescue.Input, may bool) error {
	l := s.peek(id)
	_, left := in.(rescue.Left)
	if l == nil || !l.Restart.Bound() && !left {
		return nil
	}
	env := s.w.rescueEnv(s.glimpse(l.Component), l.Restart, s.past(l.Restart.Target))
	env.Grace = env.Grace || !may
	next, act := l.rescue.Next(env, in)
	if next == l.rescue && act == nil {
		return nil
	}
	l = s.check(id)
	l.rescue = next
	if err := s.help(l, act); err != nil {
		return err
	}
	return s.tx.RememberRescued(s.ctx, store.Rescued{Check: id, State: next})
}

// past is when a target last fired.
func (s *Stage) past(id model.RestartTargetID) rescue.Past {
	if p, ok := s.targets[id]; ok {
		return p
	}
	return s.w.targets[id]
}

// help does what the machine of a check wants done.
func (s *Stage) help(l *looked, act rescue.Act) error {
	switch act := act.(type) {
	case rescue.Fire:
		return s.fire(l, act)
	case rescue.GiveUp:
		s.fired(l.Workspace)
		s.w.cfg.Log.Warn("a restart target is given up for this outage: it has fired as often as it may", "check", l.ID, "target", l.Restart.Target, "firings", act.After)
		return s.tx.FiringsGaveUp(s.ctx, l.ID, s.now.Time())
	case rescue.Recover:
		s.fired(l.Workspace)
		return s.tx.FiringsRecovered(s.ctx, l.ID, act.Firings, l.at.Time())
	}
	return nil
}

// fire writes that the target of a check is called, which follows the commit. What is called twice may do harm, so a call that is not on
// disk is never made.
func (s *Stage) fire(l *looked, act rescue.Fire) error {
	if !s.tx.Synced() {
		return errUnsynced
	}
	f := model.Firing{
		ID: model.NewFiringID(), Workspace: l.Workspace, Target: l.Restart.Target, Check: l.ID, CheckName: l.Name, Page: l.Page,
		Incident: s.glimpse(l.Component).incident, Trigger: model.BySchedule, Started: s.now.Time(), Outcome: model.FiringRuns,
	}
	if err := s.tx.In(l.Workspace).AddFiring(s.ctx, f); err != nil {
		return err
	}
	s.fired(l.Workspace)
	s.targets[f.Target] = rescue.FiredNow(s.w.mono())
	s.w.cfg.Log.Info("a restart target fires", "check", l.ID, "target", f.Target, "firing", f.ID, "nth", act.Nth)
	s.then = append(s.then, func() { s.w.running.Go(func() { s.w.call(f) }) })
	return nil
}

// fired lets the workspace hear of a firing, after the commit: its target is on the screens of all its pages.
func (s *Stage) fired(workspace model.WorkspaceID) {
	s.then = append(s.then, func() { s.w.cfg.OnFiring(workspace) })
}

// CalledByHand says that a target begins, or has ended, to be called by hand. It is for after the commit that records this: until the end
// the target does not fire on schedule.
func (w *Watch) CalledByHand(f model.Firing, now bool) {
	w.mu.Lock()
	if past, ok := w.targets[f.Target]; ok || now { // else it was deleted meanwhile
		w.targets[f.Target] = past.Called(now)
	}
	w.mu.Unlock()
	w.cfg.OnFiring(f.Workspace)
}

// ForgetTarget is for after the commit that deletes a target.
func (w *Watch) ForgetTarget(id model.RestartTargetID) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.targets, id)
}

// call calls the target of a firing and records what came of it.
func (w *Watch) call(f model.Firing) {
	ctx := context.WithoutCancel(w.work) // a stop undoes no record
	var target model.RestartTarget
	err := w.cfg.Store.Read(ctx, func(v store.View) (err error) {
		target, err = v.AnyRestartTarget(ctx, f.Target)
		return err
	})
	var called model.Called
	switch {
	case errors.Is(err, store.ErrNone): // somebody deleted it this very moment, with its log
	case err != nil:
		w.cfg.Log.Error("a restart target could not be read, and is not called", "target", f.Target, "err", err)
		called.Outcome, called.Reason = model.FiringFailed, model.NotRead
	default:
		called = w.cfg.Call(w.work, target)
		w.cfg.Log.Info("a restart target was called", "firing", f.ID, "target", f.Target, "outcome", called.Outcome.String(), "took", called.Took.Round(time.Millisecond), "why", called.Reason)
	}
	for w.ended(ctx, f.Ended(called), target, called.HostKey) != nil {
		select {
		case <-w.work.Done(): // the next start finds it
			return
		case <-time.After(beat):
		}
	}
}

// ended records that a firing is over. Until that is written its target fires no more.
func (w *Watch) ended(ctx context.Context, f model.Firing, target model.RestartTarget, hostKey string) error {
	err := w.cfg.Store.Write(ctx, store.Synced, func(tx *store.Tx) error {
		if err := tx.FinishFiring(ctx, f); err != nil && !errors.Is(err, store.ErrNone) {
			return err
		}
		if hostKey != "" {
			if err := w.cfg.SawHostKey(ctx, tx, target, hostKey); err != nil {
				return err
			}
		}
		tx.AfterCommit(func() {
			w.mu.Lock()
			if past, ok := w.targets[f.Target]; ok { // else it was deleted
				w.targets[f.Target] = past.Ended()
			}
			w.mu.Unlock()
			w.cfg.OnFiring(f.Workspace)
		})
		return nil
	})
	if err != nil {
		w.cfg.Log.Error("what came of a restart could not be written; it is tried again", "firing", f.ID, "err", err)
	}
	return err
}

// GivenUp lists the checks of a page whose restart target has fired as often as it may in this outage, in vain.
func (w *Watch) GivenUp(page model.PageID) (out []model.CheckID) {
	w.mu.RLock()
	defer w.mu.RUnlock()
	for id, l := range w.checks {
		if l.Page == page && l.rescue.GaveUp {
			out = append(out, id)
		}
	}
	return out
}

// loadRescued reads what is remembered of each check that is bound to a restart target.
func (w *Watch) loadRescued(ctx context.Context, v store.View) error {
	rows, err := v.EveryRescued(ctx)
	for _, r := range rows {
		if l := w.checks[r.Check]; l != nil {
			l.rescue = r.State
		}
	}
	return err
}

// loadFirings ends the firings that an earlier run has left open, and knows how long ago each target fired.
func (w *Watch) loadFirings(ctx context.Context, tx *store.Tx, now status.Instant) error {
	open, err := tx.RunningFirings(ctx)
	if err != nil {
		return err
	}
	for _, f := range open {
		w.cfg.Log.Warn("a call of a restart target was cut off: nobody knows what came of it", "target", f.Target, "firing", f.ID, "started", f.Started)
	}
	if err := tx.InterruptFirings(ctx, model.BrokenOff); err != nil {
		return err
	}
	last, err := tx.LastFirings(ctx)
	for id, at := range last {
		w.targets[id] = rescue.FiredBefore(now.Sub(at), w.mono())
	}
	return err
}
