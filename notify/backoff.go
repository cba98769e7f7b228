package notify

import "time"

// steps are the waits after the first attempt, the second and so on: nine attempts over 23 h 36 m. Source: RELIABILITY.md B2.
var steps = [...]time.Duration{
	10 * time.Second, time.Minute, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour, 8 * time.Hour, 8 * time.Hour,
}

const (
	// MaxAttempts is after how many attempts a delivery fails.
	MaxAttempts = len(steps) + 1

	spread        = 0.2       // of a step, both ways: those who failed together do not come back together
	maxRetryAfter = time.Hour // what a receiver may ask for: a mistake of his must not silence us for a day
)

// Delay is how long to wait after an attempt that failed for now: attempts counts all that were made, asked is what the receiver
// asked for (0: nothing), random lies in [0, 1). It says false when there is to be no further attempt.
func Delay(attempts int, asked time.Duration, random float64) (time.Duration, bool) {
	if attempts >= MaxAttempts {
		return 0, false
	}
	step := jitter(steps[max(attempts, 1)-1], 1-spread, 1+spread, random)
	asked = jitter(min(asked, maxRetryAfter), 1, 1+spread, random) // never earlier than asked for
	return max(step, asked), true
}

// jitter is the step times something from low to high.
func jitter(step time.Duration, low, high, random float64) time.Duration {
	return time.Duration(float64(step) * (low + (high-low)*random))
}

// longest is the longest that a delivery may have to wait after that many attempts. Before the first it is whatever the outbox gathers
// messages for, which is never as long as what a receiver may ask for.
func longest(attempts int) time.Duration {
	d, _ := Delay(min(attempts, MaxAttempts-1), maxRetryAfter, 1)
	return d
}
