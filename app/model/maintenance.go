package model

import (
	"time"

	"statusd/app/maintenance"
	"statusd/app/status"
)

// Maintenance is planned work, as visitors are told of it.
type Maintenance struct {
	ID                 MaintenanceID
	Workspace          WorkspaceID
	Page               PageID
	Title              Text
	Description        Text // Markdown; may have no words
	Affected           []Affected
	maintenance.Window     // when, and how far it has come
	Sequence           int // grows with every change that calendars show (RFC 5545 §3.8.7.4)
	Created, Updated   time.Time
}

// Covers says that a component's status is Maintenance while the window is in progress.
func (m Maintenance) Covers(c ComponentID) bool {
	for _, a := range m.Affected {
		if a.ID == c {
			return true
		}
	}
	return false
}

// Maintained is the actual time of one maintenance window that covered a component.
type Maintained struct {
	ID MaintenanceID
	status.Interval
}

// Intervals are the times alone.
func Intervals(windows []Maintained) []status.Interval {
	out := make([]status.Interval, len(windows))
	for i, w := range windows {
		out[i] = w.Interval
	}
	return out
}

// History is what a page has told its visitors in some time.
type History struct {
	Incidents    []Timeline    // that began in it, newest first
	Maintenances []Maintenance // announced for some part of it, soonest first
	Earliest     time.Time     // when the first incident of all began; zero: there was none
}
