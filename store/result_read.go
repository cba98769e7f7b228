package store

import (
	"context"
	"database/sql"
	"errors"
	"math"
	"slices"

	"statusd/app/model"
	"statusd/app/status"
)

// lateness is how much later than its own time a result may be recorded in the segment of a commit: six attempts of a minute and
// their pauses. So it lies in the pack of its hour or of the next; one that is later still has a segment of its own hour.
const lateness = status.Instant(7 * 60 * 1000)

// Results lists a check's results in [from, to), newest first, at most limit of them.
func (o Owned) Results(ctx context.Context, id model.CheckID, w status.Interval, limit int) ([]model.Result, error) {
	return o.results(ctx, limit, collector{check: id, window: w})
}

// Failures is Results for those that were down.
func (o Owned) Failures(ctx context.Context, id model.CheckID, w status.Interval, limit int) ([]model.Result, error) {
	return o.results(ctx, limit, collector{check: id, window: w, failed: true})
}

func (o Owned) results(ctx context.Context, limit int, c collector) ([]model.Result, error) {
	if _, err := o.Check(ctx, c.check); err != nil {
		return nil, err
	}
	c.reasons = map[int64]string{}
	if err := c.fromSegments(ctx, o.View); err != nil {
		return nil, err
	}
	if err := c.fromPacks(ctx, o.View, limit); err != nil {
		return nil, err
	}
	c.newestFirst(limit)
	return c.results(ctx, o.View)
}

// collector gathers one check's entries of a window from both forms.
type collector struct {
	check   model.CheckID
	window  status.Interval
	failed  bool // only what was down
	entries []entry
	reasons map[int64]string
}

func (c *collector) take(e entry) {
	if e.at >= c.window.From && e.at < c.window.To && (!c.failed || e.status == status.Down) {
		c.entries = append(c.entries, e)
	}
}

func (c *collector) fromSegments(ctx context.Context, v View) error {
	rows, err := v.q.QueryContext(ctx, `
		SELECT at, data
		FROM segments
		WHERE at >= $1 AND at < $2
		ORDER BY id`, c.window.From, max(c.window.To+lateness, hourStart(hourOf(c.window.To)+1)))
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var at status.Instant
		var data []byte
		if err := rows.Scan(&at, &data); err != nil {
			return err
		}
		eachInSegment(at, data, func(id model.CheckID, e entry) {
			if id == c.check {
				c.take(e)
			}
		})
	}
	return rows.Err()
}

// fromPacks reads hours backwards until enough has been found.
func (c *collector) fromPacks(ctx context.Context, v View, limit int) error {
	packed, err := v.packedHours(ctx)
	if err != nil {
		return err
	}
	for hour := min(hourOf(c.window.To+lateness), packed.last); hour >= max(hourOf(c.window.From), packed.first); hour-- {
		if c.since(hourStart(hour+1)) >= limit { // this pack and those before it hold nothing newer
			return nil
		}
		if err := v.eachInHour(ctx, c.check, hour, c.take); err != nil {
			return err
		}
	}
	return nil
}

// hours are those of which there are packs; none when last is before first.
type hours struct{ first, last int64 }

func (v View) packedHours(ctx context.Context) (h hours, err error) {
	err = v.q.QueryRowContext(ctx, `
		SELECT
			coalesce((SELECT min(hour) FROM packs), 0),
			coalesce((SELECT max(hour) FROM packs), -1)`).Scan(&h.first, &h.last)
	return h, err
}

// eachInHour calls f for every result of a check's pack of an hour. Asking hour by hour costs a seek each; a range of hours of one
// check would read the packs of all.
func (v View) eachInHour(ctx context.Context, id model.CheckID, hour int64, f func(entry)) error {
	var data []byte
	err := v.q.QueryRowContext(ctx, `SELECT data FROM packs WHERE hour = $1 AND check_id = $2`, hour, id).Scan(&data)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	eachInPack(hour, data, f)
	return nil
}

// since counts the entries at or after an instant.
func (c *collector) since(at status.Instant) (n int) {
	for _, e := range c.entries {
		if e.at >= at {
			n++
		}
	}
	return n
}

func (c *collector) newestFirst(limit int) {
	slices.SortStableFunc(c.entries, func(a, b entry) int { return int(b.at - a.at) })
	c.entries = c.entries[:min(limit, len(c.entries))]
}

func (c *collector) results(ctx context.Context, v View) ([]model.Result, error) {
	out := make([]model.Result, len(c.entries))
	for i, e := range c.entries {
		reason, err := v.reason(ctx, c.reasons, e.reason)
		if err != nil {
			return nil, err
		}
		out[i] = e.result(reason)
	}
	return out, nil
}

func (e entry) result(reason string) model.Result {
	return model.Result{At: e.at.Time(), Status: e.status, Latency: e.latency, StatusCode: e.code, Reason: reason, Manual: e.manual}
}

// reason reads a reason's text, once for each id.
func (v View) reason(ctx context.Context, known map[int64]string, id int64) (string, error) {
	if id == 0 {
		return "", nil
	}
	if text, ok := known[id]; ok {
		return text, nil
	}
	var text string
	err := v.q.QueryRowContext(ctx, `SELECT reason FROM reasons WHERE id = $1`, id).Scan(&text)
	if errors.Is(err, sql.ErrNoRows) { // a lost reason must not cost the result, nor a start
		err = nil
	}
	known[id] = text
	return text, err
}

// LatestResults finds the newest judged result of each check that was recorded since the given instant: the state in which an
// earlier run left them. It reads the segments of the open hour and, for what is older, the packs since then.
func (v View) LatestResults(ctx context.Context, since status.Instant) (map[model.CheckID]model.Latest, error) {
	newest := map[model.CheckID]entry{}
	keep := func(id model.CheckID, e entry) {
		if !e.manual && e.at >= newest[id].at { // of two at one instant the one recorded later: while time stands still
			newest[id] = e
		}
	}
	if err := v.eachPack(ctx, hourOf(since), keep); err != nil {
		return nil, err
	}
	if err := v.eachSegment(ctx, since, keep); err != nil {
		return nil, err
	}
	known := map[int64]string{}
	out := make(map[model.CheckID]model.Latest, len(newest))
	for id, e := range newest {
		reason, err := v.reason(ctx, known, e.reason)
		if err != nil {
			return nil, err
		}
		out[id] = model.Latest{At: e.at.Time(), Status: e.status, Latency: e.latency, StatusCode: e.code, Reason: reason}
	}
	return out, nil
}

func (v View) eachSegment(ctx context.Context, since status.Instant, f func(model.CheckID, entry)) error {
	return v.eachSegmentIn(ctx, status.Interval{From: since, To: math.MaxInt64}, f)
}

func (v View) eachSegmentIn(ctx context.Context, w status.Interval, f func(model.CheckID, entry)) error {
	rows, err := v.q.QueryContext(ctx, `
		SELECT at, data
		FROM segments
		WHERE at >= $1 AND at < $2
		ORDER BY id`, w.From, w.To)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var at status.Instant
		var data []byte
		if err := rows.Scan(&at, &data); err != nil {
			return err
		}
		eachInSegment(at, data, f)
	}
	return rows.Err()
}

func (v View) eachPack(ctx context.Context, sinceHour int64, f func(model.CheckID, entry)) error {
	rows, err := v.q.QueryContext(ctx, `
		SELECT hour, check_id, data
		FROM packs
		WHERE hour >= $1`, sinceHour)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var hour int64
		var id model.CheckID
		var data []byte
		if err := rows.Scan(&hour, &id, &data); err != nil {
			return err
		}
		eachInPack(hour, data, func(e entry) { f(id, e) })
	}
	return rows.Err()
}
