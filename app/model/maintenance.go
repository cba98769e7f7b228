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
