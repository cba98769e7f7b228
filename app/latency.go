package app

import (
	"context"
	"time"

	"statusd/app/model"
	"statusd/app/status"
	"statusd/store"
)

// steps are what one point of a chart stands for: at most 288 points, and never finer than what is kept for so long.
var steps = [model.Ranges]time.Duration{
	model.Day: 5 * time.Minute, model.Week: time.Hour, model.Month: 3 * time.Hour, model.Quarter: 24 * time.Hour,
}

// Latency is how quickly a component's checks were answered over a range, and when it was down meanwhile.
func (a *App) Latency(ctx context.Context, by model.Actor, id model.ComponentID, r model.Range) (out model.Latencies, err error) {
	now, until := a.watch.Present()
	step := steps[r]
	end := now - now%status.Instant(step.Milliseconds()) + status.Instant(step.Milliseconds()) // of the step that is going on
	out = model.Latencies{Range: r, Step: step, Window: status.Interval{From: end.Add(-r.Back()), To: now + 1}}
	var checks []model.Check
	var sums map[model.CheckID][]store.Rollup
	var spans []status.Span
	err = a.read(ctx, func(v store.View) error {
		own := v.In(by.Workspace)
		if out.Component, err = own.Component(ctx, id); err != nil {
			return known(err)
		}
		if checks, err = own.Checks(ctx, id, store.After{}, maxSeries); err != nil {
			return err
		}
		if spans, err = own.SpansOf(ctx, id, status.Interval{From: out.Window.From, To: min(out.Window.To, until)}); err != nil {
			return err
		}
		sums, err = own.Sums(ctx, id, out.Window, step)
		return err
	})
	if err != nil {
		return model.Latencies{}, err
	}
	out.Down = downs(spans)
	for _, c := range checks {
		if points := line(sums[c.ID], out.Window.From, step, c.StaleAfter()); c.Enabled || len(points) > 0 {
			out.Series = append(out.Series, model.Series{Check: c.ID, Name: c.Name, Limit: c.DegradedLatency, Points: points})
		}
	}
	return out, nil
}

// maxSeries is how many checks of a component are drawn; the newest beyond it are left out.
const maxSeries = 50

// downs are the times that spans say it was down.
func downs(spans []status.Span) (out []status.Interval) {
	for _, s := range spans {
		if s.Status == status.Down {
			out = append(out, s.Interval)
		}
	}
	return out
}

// line turns steps into points. A check that looks less often than there are steps leaves some empty: these are no gaps until its
// outcome would have been too old to count.
func line(sums []store.Rollup, from status.Instant, step, patience time.Duration) (out []model.Point) {
	at := func(i int) status.Instant { return from.Add(time.Duration(i) * step) }
	last := -1
	for i, r := range sums {
		answered := r.Operational + r.Degraded
		if answered+r.Down == 0 {
			continue
		}
		if empty := time.Duration(i-last-1) * step; last >= 0 && empty > 0 && empty >= patience {
			out = append(out, model.Point{At: at(last + 1)})
		}
		out = append(out, model.Point{At: at(i), Mean: r.Mean(), Slowest: r.Slowest, Answered: answered, Failed: r.Down})
		last = i
	}
	return out
}
