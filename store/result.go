package store

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"maps"
	"slices"
	"time"

	"statusd/app/model"
	"statusd/app/status"
)

// Results are kept in two forms, both blobs of varints:
//
//	segment   what one commit brought, of all checks: per result  check | entry
//	pack      one check, one hour:                     per result          entry
//
// An entry is  at - base | code<<4 | manual<<3 | reason?<<2 | outcome | latency ms | reason id if any.  The base of a segment
// is its row's at; in a pack it is the result before, and the start of the hour for the first. One commit a second costs one
// page of log that way, whatever the number of checks, and a packed result about six bytes.

// Seen is a result with the check that it belongs to.
type Seen struct {
	Check model.CheckID
	model.Result
}

type entry struct {
	at      status.Instant
	status  status.Status
	manual  bool
	code    int
	latency time.Duration
	reason  int64 // 0: none
}

const (
	outcomeDown, outcomeDegraded, outcomeOperational = 1, 2, 3

	outcomeBits, reasonBit, manualBit, codeShift = 3, 1 << 2, 1 << 3, 4
)

func outcomeBitsOf(s status.Status) uint64 {
	switch s {
	case status.Down:
		return outcomeDown
	case status.Degraded:
		return outcomeDegraded
	case status.Operational:
		return outcomeOperational
	}
	return 0
}

func statusOf(bits uint64) status.Status {
	return [...]status.Status{0: status.NoData, outcomeDown: status.Down, outcomeDegraded: status.Degraded, outcomeOperational: status.Operational}[bits&outcomeBits]
}

func appendEntry(b []byte, base status.Instant, e entry) []byte {
	flags := uint64(e.code)<<codeShift | outcomeBitsOf(e.status)
	if e.reason != 0 {
		flags |= reasonBit
	}
	if e.manual {
		flags |= manualBit
	}
	b = binary.AppendVarint(b, int64(e.at-base))
	b = binary.AppendUvarint(b, flags)
	b = binary.AppendUvarint(b, uint64(e.latency.Milliseconds()))
	if e.reason != 0 {
		b = binary.AppendUvarint(b, uint64(e.reason))
	}
	return b
}

// reader takes varints off a blob; after the first that is not whole, everything reads as 0 and bad is set.
type reader struct {
	left []byte
	bad  bool
}

func (r *reader) uvarint() uint64 {
	n, size := binary.Uvarint(r.left)
	return uint64(r.took(int64(n), size))
}

func (r *reader) varint() int64 {
	n, size := binary.Varint(r.left)
	return r.took(n, size)
}

func (r *reader) took(n int64, size int) int64 {
	if size <= 0 {
		r.left, r.bad = nil, true
		return 0
	}
	r.left = r.left[size:]
	return n
}

func (r *reader) entry(base status.Instant) entry {
	e := entry{at: base + status.Instant(r.varint())}
	flags := r.uvarint()
	e.status, e.manual, e.code = statusOf(flags), flags&manualBit != 0, int(flags>>codeShift)
	e.latency = fromMillis(int64(min(r.uvarint(), 1<<40))) // more is damage, and would not fit a Duration
	if flags&reasonBit != 0 {
		e.reason = int64(r.uvarint())
	}
	return e
}

// A disk that loses bits must cost neither a start nor the results around them: of a blob that is damaged everything is read up to there.
// What reads as a result of another year is damage as well. Uptime does not rest on results, but on spans.

// farOff is how far a result cannot be from the commit or the hour that it is in, even when neither disk nor clock did as they should.
const farOff = status.Instant(30 * 24 * time.Hour / time.Millisecond)

func (e entry) near(at status.Instant) bool { return at-farOff < e.at && e.at < at+farOff }

// eachInSegment calls f for every result of a segment that can be read, and says whether these are all.
func eachInSegment(at status.Instant, data []byte, f func(model.CheckID, entry)) (whole bool) {
	r := reader{left: data}
	for len(r.left) > 0 {
		id := model.CheckID(r.uvarint())
		e := r.entry(at)
		if r.bad || !e.near(at) {
			return false
		}
		f(id, e)
	}
	return true
}

// eachInPack calls f for every result of a pack that can be read, and says whether these are all.
func eachInPack(hour int64, data []byte, f func(entry)) (whole bool) {
	r, base := reader{left: data}, hourStart(hour)
	for len(r.left) > 0 {
		e := r.entry(base)
		if r.bad || !e.near(hourStart(hour)) {
			return false
		}
		base = e.at
		f(e)
	}
	return true
}

const hourMillis = int64(time.Hour / time.Millisecond)

func hourOf(at status.Instant) int64 { return int64(at) / hourMillis }

func hourStart(hour int64) status.Instant { return status.Instant(hour * hourMillis) }

// AddResults records what has come in since the last commit as one segment. The segment is a sign of life. Results that could
// not be written for long go into segments of their own, labelled with their own hours, so that everything is found where it
// belongs.
func (tx *Tx) AddResults(ctx context.Context, at status.Instant, results []Seen) error {
	reasons := map[string]int64{}
	late := map[int64][]Seen{}
	timely := make([]Seen, 0, len(results))
	for _, r := range results {
		if when := status.At(r.At); when < at-lateness {
			late[hourOf(when)] = append(late[hourOf(when)], r)
			continue
		}
		timely = append(timely, r)
	}
	for _, hour := range slices.Sorted(maps.Keys(late)) {
		last := hourStart(hour)
		for _, r := range late[hour] {
			last = max(last, status.At(r.At))
		}
		if err := tx.addSegment(ctx, last, late[hour], reasons); err != nil {
			return err
		}
	}
	return tx.addSegment(ctx, at, timely, reasons) // last of all, and even if empty: it is the sign of life
}

func (tx *Tx) addSegment(ctx context.Context, at status.Instant, results []Seen, reasons map[string]int64) error {
	data := make([]byte, 0, 16*len(results))
	for _, seen := range results {
		reason, err := tx.reasonID(ctx, seen.Reason, at, reasons)
		if err != nil {
			return err
		}
		data = binary.AppendUvarint(data, uint64(seen.Check))
		data = appendEntry(data, at, entry{status.At(seen.At), seen.Status, seen.Manual, seen.StatusCode, seen.Latency, reason})
	}
	return tx.exec(ctx, `
		INSERT INTO segments (at, data)
		VALUES ($1, $2)`, at, data)
}

// reasonID finds or writes a reason's row, once for each text of a commit, and notes the day on which it was last used; 0 for none.
func (tx *Tx) reasonID(ctx context.Context, reason string, at status.Instant, known map[string]int64) (int64, error) {
	if reason == "" {
		return 0, nil
	}
	if id, ok := known[reason]; ok {
		return id, nil
	}
	var id, used int64
	day := dayOf(at)
	err := tx.q.QueryRowContext(ctx, `SELECT id, used_day FROM reasons WHERE reason = $1`, reason).Scan(&id, &used)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		err = tx.q.QueryRowContext(ctx, `
			INSERT INTO reasons (reason, used_day)
			VALUES ($1, $2)
			RETURNING id`, reason, day).Scan(&id)
	case err == nil && used < day:
		err = tx.exec(ctx, `UPDATE reasons SET used_day = $1 WHERE id = $2`, day, id)
	}
	known[reason] = id
	return id, err
}

func dayOf(at status.Instant) int64 { return hourOf(at) / 24 }

// ResultsCutBack forgets results that were labelled after an instant, in whichever form they are, and what they added to
// roll-ups.
func (tx *Tx) ResultsCutBack(ctx context.Context, to status.Instant) error {
	if err := tx.cutSegments(ctx, to); err != nil {
		return err
	}
	if err := tx.cutPacks(ctx, hourOf(to), to); err != nil {
		return err
	}
	if err := tx.cutDays(ctx, dayOf(to)); err != nil {
		return err
	}
	return tx.exec(ctx, `UPDATE life SET seen_at = $1 WHERE seen_at > $1`, to)
}

// cutSegments puts what is kept of segments that were recorded after the cut into one that is recorded at it.
func (tx *Tx) cutSegments(ctx context.Context, to status.Instant) error {
	var kept []byte
	err := tx.eachSegment(ctx, to+1, func(id model.CheckID, e entry) {
		if e.at <= to {
			kept = appendEntry(binary.AppendUvarint(kept, uint64(id)), to, e)
		}
	})
	if err != nil {
		return err
	}
	if err := tx.exec(ctx, `DELETE FROM segments WHERE at > $1`, to); err != nil || kept == nil {
		return err
	}
	return tx.exec(ctx, `
		INSERT INTO segments (at, data)
		VALUES ($1, $2)`, to, kept)
}

// cutPacks puts what is kept of the packs from the cut's hour on into that hour, and counts it anew.
func (tx *Tx) cutPacks(ctx context.Context, hour int64, to status.Instant) error {
	kept := map[model.CheckID]*fold{}
	err := tx.eachPack(ctx, hour, func(id model.CheckID, e entry) {
		if e.at > to {
			return
		}
		if kept[id] == nil {
			kept[id] = &fold{last: hourStart(hour)}
		}
		kept[id].add(e)
	})
	if err != nil {
		return err
	}
	for _, table := range []string{`packs`, `check_hours`} {
		if err := tx.exec(ctx, `DELETE FROM `+table+` WHERE hour >= $1`, hour); err != nil {
			return err
		}
	}
	for id, f := range kept {
		if err := tx.addPack(ctx, id, hour, f); err != nil {
			return err
		}
		if err := tx.addRollup(ctx, `check_hours`, `hour`, id, hour, f.sum); err != nil {
			return err
		}
	}
	return nil
}

// cutDays adds the days up anew from one on. Hours are kept for longer than any cut reaches back.
func (tx *Tx) cutDays(ctx context.Context, day int64) error {
	if err := tx.exec(ctx, `DELETE FROM check_days WHERE day >= $1`, day); err != nil {
		return err
	}
	return tx.exec(ctx, `
		INSERT INTO check_days (check_id, day, operational, degraded, down, latency_ms, slowest_ms)
		SELECT check_id, $1, sum(operational), sum(degraded), sum(down), sum(latency_ms), max(slowest_ms)
		FROM check_hours
		WHERE hour >= $2 AND hour < $3
		GROUP BY check_id`, day, day*24, day*24+24)
}
