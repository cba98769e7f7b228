package model

import (
	"fmt"
	"time"

	"statusd/app/status"
)

// Overview is what those who run a page see at one glance.
type Overview struct {
	Page       Page
	At         time.Time // when it was gathered
	Status     status.Status
	Counts     map[status.Status]int // of components
	Since      time.Time             // since when no component has changed its status; zero without components
	Checked    time.Time             // the newest outcome of any check; zero: none
	Components []ComponentNow        // in the page's order
}

// Lowest is the component with the lowest uptime of a range; false when none is known.
func (o Overview) Lowest(r Range) (lowest ComponentNow, found bool) {
	for _, c := range o.Components {
		if u := c.Uptime(r); u.Known && (!found || u.Hundredths < lowest.Uptime(r).Hundredths) {
			lowest, found = c, true
		}
	}
	return lowest, found
}

// ComponentNow is a component and how it is.
type ComponentNow struct {
	Component
	Status  status.Status
	Since   time.Time       // of Status, at most 90 days back; pauses as short as a restart are not counted
	Uptimes [Ranges]Uptime  // by Range
	Latency time.Duration   // the slowest of its checks' latest answers; 0: none
	Recent  []time.Duration // mean over its checks of each of the last 24 closed hours, oldest first, for the sparkline; 0 where nothing was answered
	Checked time.Time       // the newest outcome of its checks; zero: none
	Checks  []CheckNow      // by creation, disabled ones too
}

// Uptime is the component's uptime over a range.
func (c ComponentNow) Uptime(r Range) Uptime { return c.Uptimes[r] }

// CheckNow is a check and what it shows.
type CheckNow struct {
	Check
	Status status.Status // of now: no-data when Latest is too old
	Latest Latest
	Recent []time.Duration // like ComponentNow.Recent
}

// Uptime is a figure and how much stands behind it.
type Uptime struct {
	Hundredths int           // of a percent, cut
	Known      bool          // false: there is no figure
	Share      int           // how much of the window is known, in hundredths of a percent, cut
	Down       time.Duration // within the window
	Window     status.Interval
}

// Range is how far a figure or a chart looks back.
type Range uint8

// The ranges, shortest first.
const (
	Day     Range = iota // 24 hours
	Week                 // 7 days
	Month                // 30 days
	Quarter              // 90 days

	// Ranges is how many there are.
	Ranges = 4
)

var ranges = [Ranges]struct {
	word string
	days int
}{{"24h", 1}, {"7d", 7}, {"30d", 30}, {"90d", 90}}

// String is the range's word: "24h", "7d", "30d", "90d".
func (r Range) String() string {
	if r < Ranges {
		return ranges[r].word
	}
	return fmt.Sprintf("Range(%d)", uint8(r))
}

// Back is how far the range looks back.
func (r Range) Back() time.Duration { return time.Duration(ranges[r].days) * 24 * time.Hour }

// ParseRange reads what String writes.
func ParseRange(word string) (Range, bool) {
	for r, known := range ranges {
		if known.word == word {
			return Range(r), true
		}
	}
	return Day, false
}

// AllRanges lists the ranges, shortest first.
func AllRanges() []Range { return []Range{Day, Week, Month, Quarter} }

// Turn is a change of a component's status.
type Turn struct {
	Component ComponentID
	Name      string
	status.Change
	Reason string // why it went down, encoded by probe.Reason; "" when nobody knows or it did not
}

// Failure is a look that found a check down.
type Failure struct {
	Component ComponentID
	Check     CheckID
	Name      string // of the check
	Result
}
