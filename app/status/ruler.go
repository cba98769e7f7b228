package status

import (
	"slices"
	"time"
)

// Ruler turns readings of the wall clock, which may jump, into instants that never go back behind what was recorded.
//
// It is read every few seconds (a sign of life) and whenever something is recorded. Between two readings:
//
//	wall moved on a little        -> the reading is the instant
//	wall moved on by more than    -> nobody was looking in between (stopped, suspended, or the clock was set forward,
//	MaxGap                           which cannot be told apart): a Gap, which is no-data
//	wall went back by no more     -> time stands still until the wall clock has caught up. Nothing is lost by that, and
//	than MaxGap                      clocks are put right by a second or two all the time
//	wall went back by more        -> if it stays within what was recorded since a gap of the last hour, the clock was ahead in
//	                                 the meantime: what was recorded after the new reading is Cut. Otherwise time stands
//	                                 still: history is never overwritten by a clock that may be wrong.
//
// A start of the process is a gap too, so that a machine that wakes up with a wrong clock and is put right within the hour loses
// nothing but what it recorded under the wrong one. What an earlier run has recorded is never cut.
//
// The zero Ruler is not usable: begin with NewRuler.
type Ruler struct {
	last  Instant
	marks []mark
}

// mark remembers a gap, since a clock that was set forward is often set back soon.
type mark struct {
	from Instant       // where the gap began: what lies before was recorded by a clock that was not ahead
	mono time.Duration // when it was noticed
}

const (
	// MaxGap is the longest time between two signs of life that still counts as looking: three beats of 5 s.
	MaxGap = 15 * time.Second
	// Undo is how long (of real time) a gap is remembered as perhaps a clock set forward by mistake.
	Undo = time.Hour
)

// Reading is what one look at the clock means.
type Reading struct {
	Now    Instant
	Gap    Interval // not empty: nobody was looking in it
	Cut    Instant  // not 0: what was recorded after it was labelled by a clock that was ahead, and is to be forgotten
	Behind bool     // the wall clock is behind what is recorded: time stands still
}

// NewRuler begins at a start of the process: last is the newest sign of life on record (0 for none), wall and mono what the
// clocks say now. The time since last is a gap.
func NewRuler(last, wall Instant, mono time.Duration) (*Ruler, Reading) {
	r := &Ruler{last: last}
	if last == 0 {
		r.last = wall
	}
	if wall <= r.last {
		return r, Reading{Now: r.last, Behind: wall < r.last}
	}
	return r, r.gap(wall, mono)
}

// Read takes a reading of the wall clock and of a monotonic clock (any origin, the same for all readings).
func (r *Ruler) Read(wall Instant, mono time.Duration) Reading {
	switch {
	case wall.Sub(r.last) > MaxGap:
		return r.gap(wall, mono)
	case wall >= r.last:
		r.last = wall
		return Reading{Now: wall}
	case r.undoes(wall, mono):
		r.last = wall
		return Reading{Now: wall, Cut: wall}
	}
	return Reading{Now: r.last, Behind: true}
}

func (r *Ruler) gap(wall Instant, mono time.Duration) Reading {
	gap := Interval{r.last, wall}
	r.marks = append(r.fresh(mono), mark{gap.From, mono})
	r.last = wall
	return Reading{Now: wall, Gap: gap}
}

// undoes says that going back to wall is no mere correction and stays within what was recorded since a fresh gap.
func (r *Ruler) undoes(wall Instant, mono time.Duration) bool {
	if r.last.Sub(wall) <= MaxGap {
		return false
	}
	r.marks = r.fresh(mono)
	for _, m := range r.marks {
		if wall >= m.from {
			return true
		}
	}
	return false
}

// fresh are the marks that still count, oldest first.
func (r *Ruler) fresh(mono time.Duration) []mark {
	kept := r.marks[:0]
	for _, m := range r.marks {
		if mono-m.mono <= Undo {
			kept = append(kept, m)
		}
	}
	return kept
}

// Settled says that no gap is fresh: the clock has been believed for an hour. What can't be undone waits for that.
func (r *Ruler) Settled(mono time.Duration) bool {
	for _, m := range r.marks {
		if mono-m.mono <= Undo {
			return false
		}
	}
	return true
}

// Clone is a copy whose readings leave the original as it is: for a transaction that may fail.
func (r *Ruler) Clone() *Ruler { return &Ruler{last: r.last, marks: slices.Clone(r.marks)} }

// Last is the newest instant given out.
func (r *Ruler) Last() Instant { return r.last }
