package store

import (
	"context"
	"slices"
	"strconv"

	"statusd/app/model"
	"statusd/app/status"
)

// What was known before statusd looked for itself is written in bulk: thousands of rows, hundreds a statement.

// Hour is what one hour of a check came to.
type Hour struct {
	From status.Instant // its beginning
	Rollup
}

// ImportSpans writes what was observed of a component that has no spans yet. They are closed, in order and do not overlap; the
// caller has made sure of it. ErrTaken when one begins where another does, ErrNone when the workspace has no such component.
func (o OwnedTx) ImportSpans(ctx context.Context, id model.ComponentID, spans []status.Span) error {
	if _, err := o.Component(ctx, id); err != nil {
		return err
	}
	rows := make([][]int64, len(spans))
	for i, s := range spans {
		rows[i] = []int64{int64(id), int64(s.From), int64(s.To), int64(s.Status)}
	}
	return o.tx.insert(ctx, `INSERT INTO spans (component_id, from_at, to_at, status)`, rows)
}

// ImportHours writes the hourly roll-ups of a check that has none yet, and the daily ones that they add up to. ErrTaken when it
// has some, ErrNone when the workspace has no such check.
func (o OwnedTx) ImportHours(ctx context.Context, id model.CheckID, hours []Hour) error {
	if _, err := o.Check(ctx, id); err != nil {
		return err
	}
	rows := make([][]int64, len(hours))
	for i, h := range hours {
		rows[i] = []int64{
			int64(id), hourOf(h.From), int64(h.Operational), int64(h.Degraded), int64(h.Down),
			h.Latency.Milliseconds(), h.Slowest.Milliseconds(),
		}
	}
	err := o.tx.insert(ctx, `INSERT INTO check_hours (check_id, hour, operational, degraded, down, latency_ms, slowest_ms)`, rows)
	if err != nil {
		return err
	}
	return o.tx.exec(ctx, `
		INSERT INTO check_days (check_id, day, operational, degraded, down, latency_ms, slowest_ms)
		SELECT check_id, hour / 24, sum(operational), sum(degraded), sum(down), sum(latency_ms), max(slowest_ms)
		FROM check_hours
		WHERE check_id = $1
		GROUP BY check_id, hour / 24`, id)
}

// rowsAtOnce is how many rows a statement holds: parsing one takes longer than inserting its rows, and all at once is a megabyte.
const rowsAtOnce = 500

// insert writes rows of numbers, many a statement. They stand in its text: SQLite looks for a placeholder's name among all of
// the statement's, which takes ten times as long with so many.
func (tx *Tx) insert(ctx context.Context, into string, rows [][]int64) error {
	for some := range slices.Chunk(rows, rowsAtOnce) {
		text := []byte(into + ` VALUES `)
		for i, row := range some {
			if i > 0 {
				text = append(text, `, `...)
			}
			text = appendTuple(text, row)
		}
		if err := tx.exec(ctx, string(text)); err != nil {
			return err
		}
	}
	return nil
}

// appendTuple appends "(1, 2, 3)".
func appendTuple(text []byte, row []int64) []byte {
	text = append(text, '(')
	for i, n := range row {
		if i > 0 {
			text = append(text, `, `...)
		}
		text = strconv.AppendInt(text, n, 10)
	}
	return append(text, ')')
}
