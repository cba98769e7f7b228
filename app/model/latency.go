package model

import (
	"time"

	"statusd/app/status"
)

// Latencies are how quickly a component's checks were answered over a range.
type Latencies struct {
	Component    Component
	Range        Range
	Window       status.Interval // begins at a step; ends now
	Step         time.Duration   // what one point stands for
	Series       []Series        // of checks, by creation; one without points only while it is enabled
	Down         []status.Interval
	Maintenances []Maintained
}

// Series is the latency of one check, oldest first. Between two points that follow each other there is nothing that was not
// answered: where there is, a point with Answered 0 stands for it.
type Series struct {
	Check  CheckID
	Name   string
	Limit  time.Duration // above it the check is degraded; 0: never
	Points []Point
}

// Point is what came of a check's looks in one step.
type Point struct {
	At            status.Instant // where the step begins
	Mean, Slowest time.Duration  // of what was answered
	Answered      int            // looks; 0: a gap
	Failed        int            // looks
}
