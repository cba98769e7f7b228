package status

import "time"

// Change is a component's step from one status to another.
type Change struct {
	At       Instant
	From, To Status
	Lasted   time.Duration // how long it had been From; 0 when nobody knows
}

// Pause is the longest time between two spans that is no step to no-data: the process was started anew, or a probe came late.
// The spans themselves, and with them every figure, leave it out all the same.
const Pause = 5 * time.Minute

// Changes are the steps that spans tell of, oldest first; the first is the one out of no-data that began the first span, whatever
// was before it. Spans must be in order and must not overlap, and the one that is open reaches to until.
func Changes(spans []Span, until Instant) []Change {
	var out []Change
	var current Status
	var since, end Instant
	step := func(at Instant, to Status) {
		c := Change{At: at, From: current, To: to}
		if len(out) > 0 {
			c.Lasted = at.Sub(since)
		}
		out = append(out, c)
		current, since = to, at
	}
	for _, s := range spans {
		if current != NoData && s.From.Sub(end) > Pause {
			step(end, NoData)
		}
		if s.Status != current {
			step(s.From, s.Status)
		}
		end = s.To
	}
	if current != NoData && until.Sub(end) > Pause {
		step(end, NoData)
	}
	return out
}
