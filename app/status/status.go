// Package status is the arithmetic of being up: from the outcomes of checks to the status of a component and a page,
// to the spans in which it was observed, to uptime and ninety days. It knows no clock and no database: every instant is given to it.
// Start with Component, then Track (how spans come to be), Ruler (why they never overlap) and Sum (what they add up to).
//
// Implements SPEC §2.
package status

import "fmt"

// Status is the state of a check, a component or a page, ordered by how bad it is to a visitor.
// Source: reference, "Status derivation".
type Status uint8

// The five states, mildest first.
const (
	NoData      Status = iota // never probed, too old, or statusd was not looking
	Operational               // good
	Maintenance               // covered by a window that is in progress
	Degraded                  // good, but slower than wanted
	Down                      // failing
)

var names = [...]string{NoData: "no-data", Operational: "operational", Maintenance: "maintenance", Degraded: "degraded", Down: "down"}

// All lists every status, mildest first.
func All() []Status { return []Status{NoData, Operational, Maintenance, Degraded, Down} }

// String is the word of the reference: "no-data", "operational", "maintenance", "degraded", "down".
func (s Status) String() string {
	if int(s) < len(names) {
		return names[s]
	}
	return fmt.Sprintf("Status(%d)", uint8(s))
}

// MarshalText writes the word of the reference.
func (s Status) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads the word of the reference and refuses every other.
func (s *Status) UnmarshalText(text []byte) error {
	parsed, ok := Parse(string(text))
	if !ok {
		return fmt.Errorf("unknown status %q", text)
	}
	*s = parsed
	return nil
}

// Parse reads the word of the reference.
func Parse(word string) (Status, bool) {
	for s, name := range names {
		if name == word {
			return Status(s), true
		}
	}
	return NoData, false
}

// Component derives a component's status from its enabled checks (SPEC §2): any down, else any degraded, else operational
// as soon as one is known, else no-data. Without enabled checks a status set by hand stands in; maintenance covers all.
func Component(checks []Status, manual Status, inMaintenance bool) Status {
	if inMaintenance {
		return Maintenance
	}
	if len(checks) == 0 {
		return manual
	}
	worst := NoData
	for _, s := range checks {
		worst = max(worst, s)
	}
	return worst
}

// Overall is a page's status: the worst of its components, in the order down, degraded, maintenance, operational, no-data.
func Overall(components []Status) Status {
	worst := NoData
	for _, s := range components {
		worst = max(worst, s)
	}
	return worst
}
