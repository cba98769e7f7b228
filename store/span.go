package store

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"statusd/app/model"
	"statusd/app/status"
)

// OpenSpan is a span that has no end yet.
type OpenSpan struct {
	Component model.ComponentID
	status.Span
}

func scanOpenSpan(_ View, row scanner) (OpenSpan, error) {
	var s OpenSpan
	err := row.Scan(&s.Component, &s.From, &s.Status)
	return s, err
}

// OpenSpans lists the spans that are open, of all workspaces.
func (v View) OpenSpans(ctx context.Context) ([]OpenSpan, error) {
	return query(ctx, v, scanOpenSpan, `
		SELECT component_id, from_at, status
		FROM spans
		WHERE to_at IS NULL`)
}

// SpanOpened writes the beginning of a span.
func (tx *Tx) SpanOpened(ctx context.Context, c model.ComponentID, from status.Instant, s status.Status) error {
	return tx.exec(ctx, `
		INSERT INTO spans (component_id, from_at, to_at, status)
		VALUES ($1, $2, NULL, $3)
		ON CONFLICT (component_id, from_at) DO UPDATE SET to_at = NULL, status = excluded.status`, c, from, s)
}

// SpanClosed writes the end of the open span, which is the component's newest. One that has no length is removed.
func (tx *Tx) SpanClosed(ctx context.Context, c model.ComponentID, to status.Instant) error {
	if err := tx.exec(ctx, dropEmpty, to, c); err != nil {
		return err
	}
	return tx.exec(ctx, closeOpen, to, c)
}

const (
	dropEmpty = `
		DELETE FROM spans
		WHERE component_id = $2 AND to_at IS NULL AND from_at >= $1`

	closeOpen = `
		UPDATE spans
		SET to_at = $1
		WHERE component_id = $2 AND to_at IS NULL AND from_at = (
			SELECT max(newest.from_at)
			FROM spans AS newest
			WHERE newest.component_id = $2)`
)

// SpansCutBack forgets, for every component, what was observed after an instant; spans that reach over it end there.
func (tx *Tx) SpansCutBack(ctx context.Context, to status.Instant) error {
	if err := tx.exec(ctx, `DELETE FROM spans WHERE from_at >= $1`, to); err != nil {
		return err
	}
	return tx.exec(ctx, `
		UPDATE spans
		SET to_at = $1
		WHERE to_at IS NULL OR to_at > $1`, to)
}

// within is that a span touches [$1, $2). Spans do not overlap, so the first that can is the last to begin by $1; older ones are
// not even looked at.
const within = `from_at < $2 AND (to_at IS NULL OR to_at > $1) AND from_at >= coalesce((
	SELECT max(earlier.from_at)
	FROM spans AS earlier
	WHERE earlier.component_id = components.id AND earlier.from_at <= $1), $1)`

// listed are a component's spans that touch the window, as one text: beginning, end (0: open), status, and so on. Reading a row
// costs several times what SQLite takes to find it, and three months of fifty components may be ten thousand rows.
const listed = `(
	SELECT string_agg(from_at || ' ' || coalesce(to_at, 0) || ' ' || status, ' ')
	FROM spans
	WHERE spans.component_id = components.id AND ` + within + `)`

// SpansOf returns what was observed of a component in [from, to), in order and clipped to it. The open span reaches to the end.
func (o Owned) SpansOf(ctx context.Context, c model.ComponentID, w status.Interval) ([]status.Span, error) {
	lists, err := spansOf(ctx, o.View, w, `
		SELECT id, `+listed+`
		FROM components
		WHERE workspace_id = $3 AND id = $4`, o.workspace, c)
	return lists[c], err
}

// PageSpans returns the same for every component of a page.
func (v View) PageSpans(ctx context.Context, p model.PageID, w status.Interval) (map[model.ComponentID][]status.Span, error) {
	return spansOf(ctx, v, w, `
		SELECT id, `+listed+`
		FROM components
		WHERE page_id = $3`, p)
}

// Lately are the newest spans of a component, oldest first.
type Lately struct {
	Component model.ComponentID
	Name      string
	Spans     []status.Span
	Older     bool // there may be spans before them
}

// NewestSpans returns up to most spans of each component of a page, in the page's order. The open span reaches to until.
func (v View) NewestSpans(ctx context.Context, p model.PageID, until status.Instant, most int) ([]Lately, error) {
	rows, err := v.q.QueryContext(ctx, newest+` ORDER BY position, id`, p, most)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Lately
	for rows.Next() {
		var l Lately
		var text sql.NullString
		var n int
		if err := rows.Scan(&l.Component, &l.Name, &text, &n); err != nil {
			return nil, err
		}
		if l.Spans, err = readSpans(text.String, status.Interval{To: until}); err != nil {
			return nil, fmt.Errorf("spans of component %s: %w", l.Component, err)
		}
		l.Older = n == most
		out = append(out, l)
	}
	return out, rows.Err()
}

// newest are the components of a page, each with its newest spans as one text, and how many they are.
const newest = `
	SELECT id, name, (
		SELECT string_agg(from_at || ' ' || coalesce(to_at, 0) || ' ' || status, ' ')
		FROM (
			SELECT from_at, to_at, status
			FROM spans
			WHERE spans.component_id = components.id
			ORDER BY from_at DESC
			LIMIT $2) AS lately), (
		SELECT count(*)
		FROM (
			SELECT from_at
			FROM spans
			WHERE spans.component_id = components.id
			ORDER BY from_at DESC
			LIMIT $2) AS lately)
	FROM components
	WHERE page_id = $1`

func spansOf(ctx context.Context, v View, w status.Interval, sqlText string, args ...any) (map[model.ComponentID][]status.Span, error) {
	rows, err := v.q.QueryContext(ctx, sqlText, append([]any{w.From, w.To}, args...)...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	lists := make(map[model.ComponentID][]status.Span)
	for rows.Next() {
		var id model.ComponentID
		var text sql.NullString // there are none
		if err := rows.Scan(&id, &text); err != nil {
			return nil, err
		}
		if lists[id], err = readSpans(text.String, w); err != nil {
			return nil, fmt.Errorf("spans of component %s: %w", id, err)
		}
	}
	return lists, rows.Err()
}

// readSpans takes a list of spans apart, puts it in order and clips it to a window.
func readSpans(text string, w status.Interval) ([]status.Span, error) {
	spans := make([]status.Span, 0, len(text)/29+1) // two instants, a status and their spaces
	for text != "" {
		var part [3]int64
		var err error
		if text, err = numbers(text, part[:]); err != nil {
			return nil, err
		}
		s := status.Span{Interval: status.Interval{From: status.Instant(part[0]), To: status.Instant(part[1])}, Status: status.Status(part[2])}
		if s.To == 0 {
			s.To = w.To
		}
		if s.Interval = s.Clip(w); !s.Empty() {
			spans = append(spans, s)
		}
	}
	if len(spans) == 0 {
		return nil, nil
	}
	slices.SortFunc(spans, func(a, b status.Span) int { return cmp.Compare(a.From, b.From) })
	return spans, nil
}

// FoldSpans turns what was observed before a midnight (UTC) into seconds per status and day, for good. Spans that reach over
// it keep the part that lies behind.
func (tx *Tx) FoldSpans(ctx context.Context, before status.Instant) error {
	w := status.Interval{To: before}
	lists, err := spansOf(ctx, tx.View, w, `
		SELECT id, `+listed+`
		FROM components`)
	if err != nil {
		return err
	}
	covers, err := maintained(ctx, tx.View, actual+` ORDER BY began_at, maintenances.id`, w)
	if err != nil {
		return err
	}
	for id, spans := range lists {
		if err := tx.foldDays(ctx, id, spans, model.Intervals(covers[id]), before); err != nil {
			return err
		}
	}
	if err := tx.exec(ctx, `DELETE FROM spans WHERE to_at <= $1`, before); err != nil {
		return err
	}
	return tx.exec(ctx, `UPDATE spans SET from_at = $1 WHERE from_at < $1`, before)
}

func (tx *Tx) foldDays(ctx context.Context, id model.ComponentID, spans []status.Span, covers []status.Interval, before status.Instant) error {
	for len(spans) > 0 {
		from := status.DayOf(spans[0].From)
		day := status.Interval{From: from, To: min(from.Add(24*time.Hour), before)}
		if err := tx.addDay(ctx, id, from, status.Sum(spans, covers, day)); err != nil {
			return err
		}
		for len(spans) > 0 && spans[0].To <= day.To {
			spans = spans[1:]
		}
		if len(spans) > 0 {
			spans[0].From = max(spans[0].From, day.To)
		}
	}
	return nil
}

func (tx *Tx) addDay(ctx context.Context, id model.ComponentID, day status.Instant, t status.Totals) error {
	return tx.exec(ctx, `
		INSERT INTO component_days (component_id, day_at, operational_ms, degraded_ms, down_ms)
		VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (component_id, day_at) DO UPDATE SET
			operational_ms = component_days.operational_ms + excluded.operational_ms,
			degraded_ms = component_days.degraded_ms + excluded.degraded_ms,
			down_ms = component_days.down_ms + excluded.down_ms`,
		id, day, t.Operational.Milliseconds(), t.Degraded.Milliseconds(), t.Down.Milliseconds())
}

// ComponentDay is what a UTC day of a component came to, from which its spans have been folded.
type ComponentDay struct {
	From                        status.Instant // midnight
	Operational, Degraded, Down time.Duration
}

func scanComponentDay(_ View, row scanner) (ComponentDay, error) {
	var d ComponentDay
	var operational, degraded, down int64
	err := row.Scan(&d.From, &operational, &degraded, &down)
	d.Operational, d.Degraded, d.Down = fromMillis(operational), fromMillis(degraded), fromMillis(down)
	return d, err
}

// FoldedDays lists the days of a component whose spans have been folded, in order.
func (o Owned) FoldedDays(ctx context.Context, c model.ComponentID) ([]ComponentDay, error) {
	return query(ctx, o.View, scanComponentDay, `
		SELECT day_at, operational_ms, degraded_ms, down_ms
		FROM component_days
		JOIN components ON components.id = component_days.component_id
		WHERE workspace_id = $1 AND component_id = $2
		ORDER BY day_at`, o.workspace, c)
}
