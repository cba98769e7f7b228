package rescue

import "time"

// Rule is how a check is bound to its restart target.
type Rule struct {
	Threshold  int           // failures in a row
	Cooldown   time.Duration // for which the target must have rested
	MaxFirings int           // in one outage
}

// Env is what holds at the time of an input.
type Env struct {
	Rule
	Target      Rest // of the target that the check is bound to
	Grace       bool // the process has only just begun: failures count, but fire nothing
	Maintenance bool // covers the check's component
}

// Input is something that the machine hears of: Seen, Uncovered, Rebound or Left.
type Input interface{ input() }

// Seen is the outcome of a look at the check.
type Seen struct{ Good bool }

// Uncovered is the end of maintenance, or of a time in which nobody looked.
type Uncovered struct{}

// Rebound is that the check is bound to another target now.
type Rebound struct{}

// Left is a check that was disabled, deleted or unbound, or looks at something else now.
type Left struct{}

func (Seen) input()      {}
func (Uncovered) input() {}
func (Rebound) input()   {}
func (Left) input()      {}

// Act is what is to be done: Fire, GiveUp or Recover.
type Act interface{ act() }

// Fire is to call the target, once. It is recorded before the call, with the state that Next returned.
type Fire struct{ Nth int } // of the outage, from 1

// GiveUp is that nothing more is fired in this outage. It is said once.
type GiveUp struct{ After int } // firings

// Recover is that a check is good again after its target was fired.
type Recover struct{ Firings int } // of the outage: the check's newest ones

func (Fire) act()    {}
func (GiveUp) act()  {}
func (Recover) act() {}
