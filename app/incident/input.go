package incident

import (
	"time"

	"statusd/app/status"
)

// Key names a check.
type Key int64

// Rules are what the whole instance decides alike.
type Rules struct {
	ResolveAfter time.Duration // of good operation
}

// calm is how long all must be good before an incident goes on to monitoring: at once, but one that has relapsed more than once
// must show more and more, or a target that flaps would tell people so every other minute.
func (r Rules) calm(relapses int) time.Duration {
	if relapses < 2 {
		return 0
	}
	return min(time.Duration(relapses-1)*r.ResolveAfter/6, r.ResolveAfter/2)
}

// Env is what holds at the time of an input.
type Env struct {
	Rules
	Now   status.Instant
	Grace bool // the process has only just begun: failures count, but open nothing
	Blind bool // no check of the component is enabled: nobody waits for good probes

	Unseen bool // nobody knows how some enabled check is right now: its latest outcome is too old, or there is none
}

// Input is something that the machine hears of: Seen, Lost, Left, Paused, SetBack, Covered, Uncovered, Moved, Ended
// or Passed.
type Input interface{ input() }

// Seen is the outcome of a look.
type Seen struct {
	Check     Key
	Good      bool
	At        status.Instant
	Threshold int // failures in a row that open an incident; 0: never
}

// Lost is that the latest outcome of some check became too old: good time stands still until all of them are seen again.
type Lost struct{ At status.Instant }

// Left is a check that was disabled, deleted, moved away, or looks at something else now: it leaves as if it were good.
type Left struct{ Check Key }

// Paused is an interval in which nobody looked.
type Paused struct{ status.Interval }

// SetBack is a clock that was ahead: what is remembered to be later than To was then.
type SetBack struct{ To status.Instant }

// Covered is the beginning of maintenance.
type Covered struct{}

// Uncovered is the end of maintenance.
type Uncovered struct{}

// Moved is a person's act on the component's automatic incident: it has this status now, whatever it had before, also when it
// had been resolved.
type Moved struct{ To Status }

// Ended is that a person deleted the component's open incident.
type Ended struct{}

// Passed is that time passed, and nothing else.
type Passed struct{}

func (Seen) input()      {}
func (Lost) input()      {}
func (Left) input()      {}
func (Paused) input()    {}
func (SetBack) input()   {}
func (Covered) input()   {}
func (Uncovered) input() {}
func (Moved) input()     {}
func (Ended) input()     {}
func (Passed) input()    {}

// Act is what is to be done: Open, Join, Relapse, Recover or Resolve.
type Act interface{ act() }

// Open is a new incident.
type Open struct {
	Since  status.Instant // the first failure
	Checks []Key          // those that have reached their threshold
}

// Join is one more check that fails.
type Join struct{ Check Key }

// Relapse puts the incident back to investigating.
type Relapse struct{ Check Key }

// Recover moves the incident to monitoring.
type Recover struct{}

// Resolve ends the incident.
type Resolve struct{}

func (Open) act()    {}
func (Join) act()    {}
func (Relapse) act() {}
func (Recover) act() {}
func (Resolve) act() {}
