package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"statusd/app/model"
	"statusd/app/status"
)

// Rollup is what an hour or a day of a check comes to.
type Rollup struct {
	Operational, Degraded, Down int
	Latency                     time.Duration // sum over what answered
	Slowest                     time.Duration
}

// Mean is the mean latency of what answered; 0 when nothing did.
func (r Rollup) Mean() time.Duration {
	if n := r.Operational + r.Degraded; n > 0 {
		return r.Latency / time.Duration(n)
	}
	return 0
}

// Plus is what two come to together.
func (r Rollup) Plus(o Rollup) Rollup {
	return Rollup{
		Operational: r.Operational + o.Operational, Degraded: r.Degraded + o.Degraded, Down: r.Down + o.Down,
		Latency: r.Latency + o.Latency, Slowest: max(r.Slowest, o.Slowest),
	}
}

func (r *Rollup) add(e entry) {
	switch e.status {
	case status.Operational:
		r.Operational++
	case status.Degraded:
		r.Degraded++
	case status.Down:
		r.Down++
		return // how long a failure took says nothing about the speed of answers
	}
	r.Latency += e.latency
	r.Slowest = max(r.Slowest, e.latency)
}

// FoldHour turns the oldest closed hour's segments into packs and roll-ups. It says whether there was one; call it until there
// is none. All of it happens in this transaction, so nothing is counted twice or lost but what the disk has damaged, which the log says.
func (tx *Tx) FoldHour(ctx context.Context, now status.Instant) (bool, error) {
	var oldest sql.NullInt64
	if err := tx.q.QueryRowContext(ctx, `SELECT min(at) FROM segments`).Scan(&oldest); err != nil {
		return false, err
	}
	hour := hourOf(status.Instant(oldest.Int64))
	if !oldest.Valid || hour >= hourOf(now) {
		return false, nil
	}
	folds, damaged, err := tx.gather(ctx, hour)
	if err != nil {
		return false, err
	}
	if damaged > 0 {
		tx.AfterCommit(func() {
			tx.log.Error("results are damaged on disk, and those that could not be read are lost; uptime does not rest on them", "hour", hourStart(hour), "commits", damaged)
		})
	}
	for id, f := range folds {
		if err := tx.writeFold(ctx, id, hour, f); err != nil {
			return false, err
		}
	}
	return true, tx.exec(ctx, `DELETE FROM segments WHERE at < $1`, hourStart(hour+1))
}

// fold is one check's hour.
type fold struct {
	data []byte
	last status.Instant
	sum  Rollup
}

func (f *fold) add(e entry) {
	f.data = appendEntry(f.data, f.last, e)
	f.last = e.at
	if !e.manual {
		f.sum.add(e)
	}
}

// gather reads the segments of an hour, and those left from before, and says how many of them are damaged.
func (tx *Tx) gather(ctx context.Context, hour int64) (folds map[model.CheckID]*fold, damaged int, err error) {
	rows, err := tx.q.QueryContext(ctx, `
		SELECT at, data
		FROM segments
		WHERE at < $1
		ORDER BY id`, hourStart(hour+1))
	if err != nil {
		return nil, 0, err
	}
	defer rows.Close()
	folds = map[model.CheckID]*fold{}
	for rows.Next() {
		var at status.Instant
		var data []byte
		if err := rows.Scan(&at, &data); err != nil {
			return nil, 0, err
		}
		whole := eachInSegment(at, data, func(id model.CheckID, e entry) {
			f := folds[id]
			if f == nil {
				f = &fold{last: hourStart(hour)}
				folds[id] = f
			}
			f.add(e)
		})
		if !whole {
			damaged++
		}
	}
	return folds, damaged, rows.Err()
}

func (tx *Tx) writeFold(ctx context.Context, id model.CheckID, hour int64, f *fold) error {
	if err := tx.addPack(ctx, id, hour, f); err != nil {
		return err
	}
	if err := tx.addRollup(ctx, `check_hours`, `hour`, id, hour, f.sum); err != nil {
		return err
	}
	return tx.addRollup(ctx, `check_days`, `day`, id, hour/24, f.sum)
}

// addPack writes a pack; when the hour has one already (the clock was set back) the results are appended to it.
func (tx *Tx) addPack(ctx context.Context, id model.CheckID, hour int64, f *fold) error {
	var old []byte
	err := tx.q.QueryRowContext(ctx, `SELECT data FROM packs WHERE hour = $1 AND check_id = $2`, hour, id).Scan(&old)
	if err == nil {
		return tx.extendPack(ctx, id, hour, old, f)
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	return tx.exec(ctx, `
		INSERT INTO packs (hour, check_id, data)
		VALUES ($1, $2, $3)`, hour, id, f.data)
}

func (tx *Tx) extendPack(ctx context.Context, id model.CheckID, hour int64, data []byte, f *fold) error {
	var all []byte
	base := hourStart(hour)
	add := func(e entry) {
		all = appendEntry(all, base, e)
		base = e.at
	}
	eachInPack(hour, data, add)
	eachInPack(hour, f.data, add)
	return tx.exec(ctx, `
		UPDATE packs
		SET data = $1
		WHERE hour = $2 AND check_id = $3`, all, hour, id)
}

func (tx *Tx) addRollup(ctx context.Context, table, unit string, id model.CheckID, at int64, r Rollup) error {
	return tx.exec(ctx, `
		INSERT INTO `+table+` AS t (check_id, `+unit+`, operational, degraded, down, latency_ms, slowest_ms)
		VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (check_id, `+unit+`) DO UPDATE SET
			operational = t.operational + excluded.operational,
			degraded = t.degraded + excluded.degraded,
			down = t.down + excluded.down,
			latency_ms = t.latency_ms + excluded.latency_ms,
			slowest_ms = CASE WHEN excluded.slowest_ms > t.slowest_ms THEN excluded.slowest_ms ELSE t.slowest_ms END`,
		id, at, r.Operational, r.Degraded, r.Down, r.Latency.Milliseconds(), r.Slowest.Milliseconds())
}

// PageHours returns the hourly roll-ups of a page's checks from one hour on, by hour. A check's hours come as one text, for the
// reason that its component's spans do.
func (v View) PageHours(ctx context.Context, p model.PageID, from status.Instant) (map[model.CheckID]map[int64]Rollup, error) {
	rows, err := v.q.QueryContext(ctx, `
		SELECT checks.id, (
			SELECT string_agg(hour || ' ' || operational || ' ' || degraded || ' ' || down || ' ' || latency_ms || ' ' || slowest_ms, ' ')
			FROM check_hours
			WHERE check_id = checks.id AND hour >= $2)
		FROM components
		JOIN checks ON checks.component_id = components.id
		WHERE components.page_id = $1`, p, hourOf(from))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[model.CheckID]map[int64]Rollup{}
	for rows.Next() {
		var id model.CheckID
		var text sql.NullString // a new check has none
		if err := rows.Scan(&id, &text); err != nil {
			return nil, err
		}
		if text.String == "" {
			continue
		}
		if out[id], err = readHours(text.String); err != nil {
			return nil, fmt.Errorf("hours of check %s: %w", id, err)
		}
	}
	return out, rows.Err()
}

func readHours(text string) (map[int64]Rollup, error) {
	hours := map[int64]Rollup{}
	for text != "" {
		var n [6]int64
		var err error
		if text, err = numbers(text, n[:]); err != nil {
			return nil, err
		}
		hours[n[0]] = Rollup{
			Operational: int(n[1]), Degraded: int(n[2]), Down: int(n[3]), Latency: fromMillis(n[4]), Slowest: fromMillis(n[5]),
		}
	}
	return hours, nil
}

// numbers reads integers that are divided by spaces, and returns what comes behind them.
func numbers(text string, into []int64) (rest string, err error) {
	for i := range into {
		var number string
		number, text, _ = strings.Cut(text, " ")
		if into[i], err = strconv.ParseInt(number, 10, 64); err != nil {
			return "", err
		}
	}
	return text, nil
}

// HourOf numbers the hour of an instant, as roll-ups are keyed.
func HourOf(at status.Instant) int64 { return hourOf(at) }

// Forget removes what has been kept long enough: raw results before one instant, hourly roll-ups before another, and answers
// to repeated requests before a third.
func (tx *Tx) Forget(ctx context.Context, raw, hours, answers status.Instant) error {
	for _, d := range []struct {
		sql string
		arg any
	}{
		{`DELETE FROM packs WHERE hour < $1`, hourOf(raw)},
		{`DELETE FROM reasons WHERE used_day < $1`, dayOf(raw) - 1}, // a result may be a day older than its reason's last use
		{`DELETE FROM check_hours WHERE hour < $1`, hourOf(hours)},
		{`DELETE FROM answers WHERE created_at < $1`, answers},
		{`DELETE FROM check_hours WHERE check_id NOT IN (SELECT id FROM checks) AND hour >= $1`, 0},
		{`DELETE FROM check_days WHERE check_id NOT IN (SELECT id FROM checks) AND day >= $1`, 0},
	} {
		if err := tx.exec(ctx, d.sql, d.arg); err != nil {
			return err
		}
	}
	return nil
}
