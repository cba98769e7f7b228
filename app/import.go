package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"statusd/app/model"
	"statusd/app/status"
	"statusd/store"
)

// History is what is known of a component from before statusd looked at it itself.
type History struct {
	Component model.ComponentID
	Spans     []status.Span // in order, none over another
	Checks    []CheckHistory
}

// CheckHistory is what is known of one check: single results of late, what the hours before them came to, and how often the restart
// target that it is bound to was called for it.
type CheckHistory struct {
	Check   model.CheckID
	Hours   []Hour
	Results []model.Result // oldest first
	Firings []model.Firing // what they came to; whose they are is filled in
}

// Hour is what one hour of a check came to.
type Hour = store.Hour

var errWatching = errors.New("a history can be taken in only before Start: what is watched already has one")

// ImportHistory gives components that were never watched a history that ends now, which becomes the newest sign of life. It is
// for an App at rest: Start then goes on from it as from an earlier run. All of it is taken in or nothing.
func (a *App) ImportHistory(ctx context.Context, by model.Actor, histories []History) error {
	if !by.May(model.Owner) {
		return model.ErrForbidden
	}
	if a.watch.Watching() {
		return errWatching
	}
	now := a.watch.Now()
	return a.write(ctx, func(tx *store.Tx) error {
		for _, h := range histories {
			if err := importHistory(ctx, tx, by, h, now); err != nil {
				return fmt.Errorf("history of component %s: %w", h.Component, known(err))
			}
		}
		if err := tx.SeenAlive(ctx, now); err != nil {
			return err
		}
		for more := true; more; {
			var err error
			if more, err = tx.FoldHour(ctx, now); err != nil {
				return err
			}
		}
		return nil
	})
}

func importHistory(ctx context.Context, tx *store.Tx, by model.Actor, h History, now status.Instant) error {
	if err := checkSpans(h.Spans, now); err != nil {
		return err
	}
	own := tx.In(by.Workspace)
	if err := own.ImportSpans(ctx, h.Component, h.Spans); err != nil {
		return err
	}
	for _, c := range h.Checks {
		check, err := own.Check(ctx, c.Check)
		if err != nil {
			return err
		}
		if check.Component != h.Component {
			return model.ErrNotFound
		}
		if err := importFirings(ctx, own, check, c.Firings, now); err != nil {
			return err
		}
		seen, err := results(c, now)
		if err != nil {
			return err
		}
		if err := own.ImportHours(ctx, c.Check, c.Hours); err != nil {
			return err
		}
		if err := tx.AddResults(ctx, now, seen); err != nil {
			return err
		}
	}
	return nil
}

func importFirings(ctx context.Context, own store.OwnedTx, check model.Check, firings []model.Firing, now status.Instant) error {
	for _, f := range firings {
		switch {
		case !check.Restart.Bound():
			return fmt.Errorf("nothing is fired for check %s", check.ID)
		case status.At(f.Started) > now || status.At(f.Recovered) > now:
			return fmt.Errorf("a firing of %v is of the future", f.Started)
		case f.Outcome == 0 || f.Outcome == model.FiringRuns:
			return fmt.Errorf("what came of the firing of %v is not said", f.Started)
		}
		f.ID, f.Target, f.Trigger = model.NewFiringID(), check.Restart.Target, model.BySchedule
		f.Check, f.CheckName, f.Page = check.ID, check.Name, check.Page
		if err := own.AddFiring(ctx, f); err != nil {
			return err
		}
	}
	return nil
}

// checkSpans refuses what the arithmetic of uptime rests on being otherwise.
func checkSpans(spans []status.Span, now status.Instant) error {
	var last status.Instant
	for _, s := range spans {
		switch {
		case s.Empty() || s.From < last || s.To > now:
			return fmt.Errorf("span from %v to %v is empty, out of order or in the future", s.From.Time(), s.To.Time())
		case s.Status != status.Operational && s.Status != status.Degraded && s.Status != status.Down:
			return fmt.Errorf("nobody observes %v", s.Status)
		}
		last = s.To
	}
	return nil
}

// results are a check's as the store takes them. An hour is known by its roll-up or by its results, or it would count twice.
func results(c CheckHistory, now status.Instant) ([]store.Seen, error) {
	var last status.Instant
	for _, h := range c.Hours {
		last = max(last, h.From.Add(time.Hour))
	}
	seen := make([]store.Seen, len(c.Results))
	for i, r := range c.Results {
		at := status.At(r.At)
		if at < last || at > now {
			return nil, fmt.Errorf("result of %v is out of order, in an hour that is known already, or in the future", r.At)
		}
		last, seen[i] = at, store.Seen{Check: c.Check, Result: r}
	}
	return seen, nil
}
