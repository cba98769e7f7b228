// Package maintenance decides when a maintenance window starts and ends, and what is due. It knows no clock and no database:
// every instant is given to it. Start with Window and its Pass, which is what time alone brings.
//
//	            start passes, or Start               end passes (AutoComplete), or Complete
//	scheduled ----------------------> in_progress --------------------------------------> completed
//	    |                                                                                     ^
//	    |  Cancel                                both have passed while nobody was there      |
//	    +--------> cancelled                     scheduled -----------------------------------+
//
// Implements SPEC §4.
package maintenance

import (
	"fmt"
	"time"

	"statusd/app/status"
)

// State is how far a window has come. The zero State is none.
type State uint8

// The states.
const (
	Scheduled State = iota + 1
	InProgress
	Completed
	Cancelled
)

var states = [...]string{"", "scheduled", "in_progress", "completed", "cancelled"}

// States lists every state in order.
func States() []State { return []State{Scheduled, InProgress, Completed, Cancelled} }

// String is the reference's word: "scheduled", "in_progress", "completed", "cancelled".
func (s State) String() string {
	if int(s) < len(states) {
		return states[s]
	}
	return fmt.Sprintf("State(%d)", uint8(s))
}

// MarshalText writes the reference's word.
func (s State) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Over says that nothing more will happen to the window.
func (s State) Over() bool { return s == Completed || s == Cancelled }

// Window is what decides on a maintenance window.
type Window struct {
	State        State
	AutoComplete bool
	Start, End   status.Instant // as announced
	Began, Ended status.Instant // as it was; 0: not yet
	Announced    status.Instant // when it was made, or last moved
	Reminded     bool           // of this start, or nobody needs to be
}

// Step is something that becomes of a window.
type Step uint8

// The steps. Each is told to subscribers.
const (
	Remind Step = iota + 1
	Start
	Complete
	Cancel
)

// Pass is what time alone brings by an instant: at most one step. A window of which both ends have passed, because nobody was
// there, is completed at once. Lead is how long before the start people are reminded; whoever heard of the window later than
// that is not.
func (w Window) Pass(now status.Instant, lead time.Duration) (Window, Step) {
	switch {
	case w.State == Scheduled && w.Start <= now:
		w.State, w.Began = InProgress, max(w.Start, w.Announced)
		if w.overdue(now) {
			return w.complete(max(w.End, w.Began)), Complete
		}
		return w, Start
	case w.State == Scheduled && w.remindAt(lead) <= now && !w.Reminded:
		w.Reminded = true
		if w.Announced > w.remindAt(lead) {
			return w, 0
		}
		return w, Remind
	case w.State == InProgress && w.overdue(now):
		return w.complete(max(w.End, w.Began)), Complete
	}
	return w, 0
}

// Due is when Pass will do something next; false when it never will.
func (w Window) Due(lead time.Duration) (status.Instant, bool) {
	switch {
	case w.State == Scheduled && !w.Reminded:
		return w.remindAt(lead), true
	case w.State == Scheduled:
		return w.Start, true
	case w.State == InProgress && w.AutoComplete:
		return w.End, true
	}
	return 0, false
}

func (w Window) remindAt(lead time.Duration) status.Instant { return min(w.Start, w.Start.Add(-lead)) }

func (w Window) overdue(now status.Instant) bool { return w.AutoComplete && w.End <= now }

func (w Window) complete(at status.Instant) Window {
	w.State, w.Ended = Completed, at
	return w
}

// Do carries out what a person wants: Start, Complete or Cancel. It is false when the state does not allow it.
func (w Window) Do(s Step, now status.Instant) (Window, bool) {
	switch {
	case s == Start && w.State == Scheduled:
		w.State, w.Began = InProgress, now
	case s == Complete && w.State == InProgress:
		w = w.complete(max(now, w.Began))
	case s == Cancel && w.State == Scheduled:
		w.State = Cancelled
	default:
		return w, false
	}
	return w, true
}

// Move gives a window other times. Whoever has to be told of a start is told of the new one.
func (w Window) Move(start, end, now status.Instant) Window {
	if w.State == Scheduled && (start != w.Start || end != w.End) {
		w.Announced, w.Reminded = now, false
	}
	w.Start, w.End = start, end
	return w
}

// CutBack lets nothing have been later than an instant, after a clock that was ahead has been set back. Whoever seemed to have heard
// of the window too late to be reminded has not.
func (w Window) CutBack(to status.Instant, lead time.Duration) Window {
	if w.Announced > to {
		w.Reminded = w.Reminded && w.Announced <= w.remindAt(lead)
		w.Announced = to
	}
	w.Began, w.Ended = min(w.Began, to), min(w.Ended, to)
	return w
}

// Actual is when the window was, or has been up to now: what uptime leaves out. It is empty for one that has not begun.
func (w Window) Actual(now status.Instant) status.Interval {
	switch w.State {
	case InProgress:
		return status.Interval{From: w.Began, To: max(now, w.Began)}
	case Completed:
		return status.Interval{From: w.Began, To: w.Ended}
	}
	return status.Interval{}
}

// Overrun says that the window goes on for longer than was announced.
func (w Window) Overrun(now status.Instant) bool { return w.State == InProgress && w.End < now }
