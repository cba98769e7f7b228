package notify

import "time"

// clock is a wall clock that notices when it is set back.
type clock struct {
	wallClock func() time.Time
	wall      time.Time // of the newest reading, without its monotonic part
	mono      time.Time // of the same moment
}

// setBack is by how much a wall clock must go back to count as set back: smaller steps are how clocks are kept right.
const setBack = time.Second

func newClock(wall func() time.Time) clock {
	return clock{wallClock: wall, wall: wall().Round(0), mono: time.Now()}
}

// read returns the wall clock, and by how much it was set back since the reading before.
func (c *clock) read() (now time.Time, back time.Duration) {
	wall, mono := c.wallClock().Round(0), time.Now()
	back = c.wall.Add(mono.Sub(c.mono)).Sub(wall)
	c.wall, c.mono = wall, mono
	if back < setBack {
		return wall, 0
	}
	return wall, back
}
