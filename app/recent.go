package app

import (
	"cmp"
	"context"
	"slices"
	"time"

	"statusd/app/model"
	"statusd/app/status"
	"statusd/store"
)

// spansForTurn is how many spans are read for each change that is asked for: starts of the process part spans and change nothing.
const spansForTurn = 4

// Recent lists the newest changes of status of a page's components, newest first, at most limit of them (0: DefaultLimit), those
// to down with the reason as far as it is still known.
func (a *App) Recent(ctx context.Context, by model.Actor, id model.PageID, limit int) (out []model.Turn, err error) {
	now, until := a.watch.Present()
	if limit == 0 {
		limit = DefaultLimit
	}
	var wrong model.Invalid
	between(&wrong, "limit", int64(limit), 1, MaxLimit)
	err = a.read(ctx, func(v store.View) error {
		if _, err := v.In(by.Workspace).Page(ctx, id); err != nil {
			return known(err)
		}
		if err := wrong.Err(); err != nil {
			return err
		}
		found, err := v.NewestSpans(ctx, id, until, spansForTurn*limit)
		if err != nil {
			return err
		}
		out = newestTurns(turns(found, until, now), limit)
		return a.addReasons(ctx, v, id, out)
	})
	return out, err
}

func turns(found []store.Lately, until, now status.Instant) (out []model.Turn) {
	folded := status.DayOf(now.Add(-keepSpans)) // spans were cut there, which is no change
	for _, c := range found {
		changes := status.Changes(c.Spans, until)
		if len(changes) > 0 && (c.Older || changes[0].At <= folded) {
			changes = changes[1:] // it was something before; what, was not read
		}
		for _, change := range changes {
			out = append(out, model.Turn{Component: c.Component, Name: c.Name, Change: change})
		}
	}
	return out
}

func newestTurns(turns []model.Turn, limit int) []model.Turn {
	slices.SortStableFunc(turns, func(a, b model.Turn) int { return cmp.Compare(b.At, a.At) })
	return turns[:min(limit, len(turns))]
}

const (
	// reasonWithin is how much later than the first failed attempt the one that decided can begin: six of a minute and the pauses.
	reasonWithin = 7 * time.Minute
	// maxReasons is for how many turns a reason is looked for: each costs a few reads.
	maxReasons = 25
	// mostAtOnce is how many failures of a page are looked through for one reason.
	mostAtOnce = 1000
)

// addReasons says of turns to down which failure it was that began them.
func (a *App) addReasons(ctx context.Context, v store.View, page model.PageID, turns []model.Turn) error {
	sought := 0
	for i := range turns {
		t := &turns[i]
		if t.To != status.Down || sought == maxReasons {
			continue
		}
		sought++
		failures, err := v.PageFailures(ctx, page, status.Interval{From: t.At, To: t.At.Add(reasonWithin)}, mostAtOnce)
		if err != nil {
			return err
		}
		for _, f := range failures { // the last one that fits is the oldest
			if f.Component == t.Component {
				t.Reason = f.Reason
			}
		}
	}
	return nil
}

// failuresRead is how many failures of a day are looked through for reasons that differ.
const failuresRead = 500

// Failures lists for which reasons a page's checks were down in the last 24 hours: of each check and reason the newest look, newest
// first, at most limit of them. Looks that a person asked for are left out.
func (a *App) Failures(ctx context.Context, by model.Actor, id model.PageID, limit int) (out []model.Failure, err error) {
	now, _ := a.watch.Present()
	err = a.read(ctx, func(v store.View) error {
		if _, err := v.In(by.Workspace).Page(ctx, id); err != nil {
			return known(err)
		}
		all, err := v.PageFailures(ctx, id, status.Interval{From: now.Add(-model.Day.Back()), To: now + 1}, failuresRead)
		out = differing(all, limit)
		return err
	})
	return out, err
}

// differing are the newest of each check and reason.
func differing(all []store.Failed, limit int) (out []model.Failure) {
	type kind struct {
		check  model.CheckID
		reason string
	}
	seen := map[kind]bool{}
	for _, f := range all {
		if k := (kind{f.Check, f.Reason}); !seen[k] && len(out) < limit {
			seen[k] = true
			out = append(out, model.Failure{Component: f.Component, Check: f.Check, Name: f.Name, Result: f.Result})
		}
	}
	return out
}

// SpansBack is Spans over a range that ends now: what the figures of Overview are computed from.
func (a *App) SpansBack(ctx context.Context, by model.Actor, id model.ComponentID, r model.Range) (model.Spans, error) {
	now, _ := a.watch.Present()
	return a.Spans(ctx, by, id, status.Interval{From: now.Add(-r.Back()), To: now})
}
