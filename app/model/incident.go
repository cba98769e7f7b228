package model

import (
	"cmp"
	"time"

	"statusd/app/incident"
)

// Incident is something that went wrong, as visitors are told of it.
type Incident struct {
	ID               IncidentID
	Workspace        WorkspaceID
	Page             PageID
	Title            Text
	Impact           incident.Impact
	Status           incident.Status // of its newest update
	Source           incident.Source
	Component        ComponentID // of which it is the automatic incident; 0 for a manual one
	Affected         []Affected  // none: it concerns everybody
	Started          time.Time   // of an automatic one: the first failure
	Resolved         time.Time   // zero: it is open
	Created, Updated time.Time
}

// Open says that it is not resolved.
func (i Incident) Open() bool { return i.Status != incident.Resolved }

// Affected is a component that an incident or a window is about. It keeps its name when the component is gone.
type Affected struct {
	ID   ComponentID
	Name string
}

// Compare is the order in which they are listed: by name.
func (a Affected) Compare(b Affected) int {
	return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
}

// AffectedIDs are the ids alone, in the same order; never nil.
func AffectedIDs(list []Affected) []ComponentID {
	out := make([]ComponentID, len(list))
	for i, a := range list {
		out[i] = a.ID
	}
	return out
}

// Update is an entry of an incident's timeline.
type Update struct {
	ID       UpdateID
	Incident IncidentID
	Page     PageID
	Status   incident.Status
	Body     Text // Markdown
	Notify   bool // subscribers were told of it
	Auto     bool // statusd wrote it
	Created  time.Time
	Edited   time.Time // zero: never
}

// Timeline is an incident with its updates, newest first.
type Timeline struct {
	Incident
	Updates []Update
}
