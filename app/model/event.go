package model

import (
	"fmt"
	"time"
)

// EventType is what subscribers are told. The zero EventType is none.
type EventType uint8

// The types of event.
const (
	IncidentUpdated EventType = iota + 1
	IncidentResolved
	MaintenanceScheduled
	MaintenanceReminder
	MaintenanceStarted
	MaintenanceCompleted
	MaintenanceCancelled

	// Confirmation and Known are told to one subscriber alone: please confirm, and: you are subscribed already. The others are SPEC's seven.
	Confirmation
	Known
)

var eventTypes = [...]string{"",
	"incident.updated", "incident.resolved",
	"maintenance.scheduled", "maintenance.reminder", "maintenance.started", "maintenance.completed", "maintenance.cancelled",
	"subscription.confirmation", "subscription.known"}

// EventTypes lists the types that subscribers ask for.
func EventTypes() []EventType {
	return []EventType{IncidentUpdated, IncidentResolved, MaintenanceScheduled, MaintenanceReminder, MaintenanceStarted, MaintenanceCompleted, MaintenanceCancelled}
}

// String is the type as webhooks name it: "incident.updated".
func (t EventType) String() string {
	if int(t) < len(eventTypes) {
		return eventTypes[t]
	}
	return fmt.Sprintf("EventType(%d)", uint8(t))
}

// MarshalText writes the type as webhooks name it.
func (t EventType) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// Topic is the topic to which events of the type belong.
func (t EventType) Topic() Topic {
	if t <= IncidentResolved {
		return TopicIncidents
	}
	return TopicMaintenance
}

// Event is something that subscribers are told, as it was when it happened. It is written in the transaction of what caused it.
type Event struct {
	Seq        int64 // order of commits, growing; the store gives it
	Workspace  WorkspaceID
	Page       PageID
	Type       EventType
	Subject    int64 // the incident's or window's id: what is told of one subject is told in order
	Auto       bool  // of an automatic incident
	Components []ComponentID
	At         time.Time
	Payload    []byte // JSON, as webhooks carry it
}

// Concerns says that the event is about one of the components: it is when it names none, or when none are asked for.
func (e Event) Concerns(components []ComponentID) bool {
	if len(e.Components) == 0 || len(components) == 0 {
		return true
	}
	for _, c := range components {
		for _, own := range e.Components {
			if c == own {
				return true
			}
		}
	}
	return false
}
