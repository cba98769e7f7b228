package store

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"statusd/app/model"
	"statusd/app/status"
)

// Results are kept in two forms, both blobs of varints:
//
//	segment   what one commit brought, of all checks: per result  check | seconds of nothing | entry
//	pack      one check, one hour:                     per result                              entry
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

var errDamagedResults = errors.New("damaged results")

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
	e.latency = fromMillis(int64(r.uvarint()))
	if flags&reasonBit != 0 {
		e.reason = int64(r.uvarint())
	}
	return e
}

// eachInSegment calls f for every result of a segment.
func eachInSegment(at status.Instant, data []byte, f func(model.CheckID, entry)) error {
	r := reader{left: data}
	for len(r.left) > 0 {
		id := model.CheckID(r.uvarint())
		e := r.entry(at)
		if r.bad {
			return fmt.Errorf("segment at %d: %w", at, errDamagedResults)
		}
		f(id, e)
	}
	return nil
}

// eachInPack calls f for every result of a pack.
func eachInPack(hour int64, data []byte, f func(entry)) error {
	r, base := reader{left: data}, hourStart(hour)
	for len(r.left) > 0 {
		e := r.entry(base)
		if r.bad {
			return fmt.Errorf("pack of hour %d: %w", hour, errDamagedResults)
		}
		base = e.at
		f(e)
	}
	return nil
}

const hourMillis = int64(time.Hour / time.Millisecond)

func hourOf(at status.Instant) int64 { return int64(at) / hourMillis }

func hourStart(hour int64) status.Instant { return status.Instant(hour * hourMillis) }

// AddResults records what has come in since the last commit as one segment. The segment is a sign of life.
func (tx *Tx) AddResults(ctx context.Context, at status.Instant, results []Seen) error {
	data := make([]byte, 0, 16*len(results))
	for _, seen := range results {
		reason, err := tx.reasonID(ctx, seen.Reason)
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

// reasonID finds or writes a reason's row; 0 for none.
func (tx *Tx) reasonID(ctx context.Context, reason string) (id int64, err error) {
	if reason == "" {
		return 0, nil
	}
	err = tx.q.QueryRowContext(ctx, `
		INSERT INTO reasons (reason)
		VALUES ($1)
		ON CONFLICT (reason) DO UPDATE SET reason = excluded.reason
		RETURNING id`, reason).Scan(&id)
	return id, err
}

// ResultsCutBack forgets results that were labelled after an instant, as far as they are not folded yet.
func (tx *Tx) ResultsCutBack(ctx context.Context, to status.Instant) error {
	if err := tx.exec(ctx, `DELETE FROM segments WHERE at > $1`, to); err != nil {
		return err
	}
	return tx.exec(ctx, `UPDATE life SET seen_at = $1 WHERE seen_at > $1`, to)
}
