package store

import (
	"context"
	"slices"

	"statusd/app/model"
	"statusd/app/status"
)

// Failed is a look that found a check of a page down.
type Failed struct {
	Component model.ComponentID
	Check     model.CheckID
	Name      string // of the check
	model.Result
}

// PageFailures lists when a page's checks were down in a window, newest first, at most most of them. Looks that a person asked
// for are left out. Of the hours that are packed only those are read in which something was down. What was recorded out of its
// time by more than a look may take is found only while the window reaches to the end of its hour.
func (v View) PageFailures(ctx context.Context, p model.PageID, w status.Interval, most int) ([]Failed, error) {
	f, err := v.failuresOf(ctx, p, w)
	if err != nil {
		return nil, err
	}
	if err := f.fromSegments(ctx, v); err != nil {
		return nil, err
	}
	if err := f.fromPacks(ctx, v, p, most); err != nil {
		return nil, err
	}
	return f.newest(ctx, v, most)
}

// failures gathers what was down in a window.
type failures struct {
	window status.Interval
	checks map[model.CheckID]Failed // who they are
	found  []foundFailure
}

type foundFailure struct {
	check model.CheckID
	entry
}

func (v View) failuresOf(ctx context.Context, p model.PageID, w status.Interval) (*failures, error) {
	own, err := query(ctx, v, scanWatched, `
		SELECT checks.component_id, checks.id, checks.name
		FROM components
		JOIN checks ON checks.component_id = components.id
		WHERE components.page_id = $1`, p)
	f := &failures{window: w, checks: make(map[model.CheckID]Failed, len(own))}
	for _, c := range own {
		f.checks[c.Check] = c
	}
	return f, err
}

func scanWatched(_ View, row scanner) (f Failed, err error) {
	err = row.Scan(&f.Component, &f.Check, &f.Name)
	return f, err
}

func (f *failures) take(id model.CheckID, e entry) {
	if _, ours := f.checks[id]; ours && e.status == status.Down && !e.manual && e.at >= f.window.From && e.at < f.window.To {
		f.found = append(f.found, foundFailure{id, e})
	}
}

func (f *failures) fromSegments(ctx context.Context, v View) error {
	return v.eachSegmentIn(ctx, status.Interval{From: f.window.From, To: f.window.To + lateness}, f.take)
}

// badHour is an hour in which a check was down.
type badHour struct {
	check model.CheckID
	hour  int64
}

func scanBadHour(_ View, row scanner) (b badHour, err error) {
	err = row.Scan(&b.check, &b.hour)
	return b, err
}

// badHours are those of a page in a window, the newest first.
const badHours = `
	SELECT check_hours.check_id, check_hours.hour
	FROM components
	JOIN checks ON checks.component_id = components.id
	JOIN check_hours ON check_hours.check_id = checks.id
	WHERE components.page_id = $1 AND check_hours.hour >= $2 AND check_hours.hour <= $3 AND check_hours.down > 0
	ORDER BY check_hours.hour DESC`

// fromPacks reads hours backwards until enough has been found.
func (f *failures) fromPacks(ctx context.Context, v View, p model.PageID, most int) error {
	hours, err := query(ctx, v, scanBadHour, badHours, p, hourOf(f.window.From), hourOf(f.window.To+lateness))
	if err != nil {
		return err
	}
	enough, last := 0, int64(0)
	for _, bad := range hours {
		if bad.hour != last {
			if enough >= most { // an hour's results may be in the pack of the next: one more was read than was needed
				return nil
			}
			enough, last = len(f.found), bad.hour
		}
		if err := v.eachInHour(ctx, bad.check, bad.hour, func(e entry) { f.take(bad.check, e) }); err != nil {
			return err
		}
	}
	return nil
}

func (f *failures) newest(ctx context.Context, v View, most int) ([]Failed, error) {
	slices.SortStableFunc(f.found, func(a, b foundFailure) int { return int(b.at - a.at) })
	reasons := map[int64]string{}
	out := make([]Failed, 0, min(most, len(f.found)))
	for _, one := range f.found[:cap(out)] {
		reason, err := v.reason(ctx, reasons, one.reason)
		if err != nil {
			return nil, err
		}
		failed := f.checks[one.check]
		failed.Result = one.result(reason)
		out = append(out, failed)
	}
	return out, nil
}
