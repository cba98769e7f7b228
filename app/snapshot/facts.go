// Package snapshot is what the public may see of a page, and its finished bytes: built once, compressed once, tagged once, handed out many times.
// It asks no database and no clock; app builds the Facts, the edges turn them into JSON, HTML and SVG and keep the result here.
// Start with Facts, then Snapshot.Document.
//
// Implements SPEC §7.
package snapshot

import (
	"time"

	"statusd/app/model"
	"statusd/app/status"
)

// Facts is all that a page says to the public at one moment. No URLs, addresses or ports of what is probed are in it.
type Facts struct {
	Page       model.Page
	Logo       model.Logo // zero: none
	Overall    status.Status
	Components []Component         // in the page's order: by position
	Active     []model.Timeline    // open incidents, newest first
	Past       []model.Timeline    // those resolved in the last 90 days, newest first, at most 50
	Upcoming   []model.Maintenance // windows that are scheduled or in progress, soonest first
	Ended      []model.Maintenance // those completed in the last 15 days, newest first
	At         time.Time           // when the facts were gathered
	Days       int                 // length of every Component.Days
}

// Component is one component as the public sees it.
type Component struct {
	ID          model.ComponentID
	Name        string
	Description string
	Group       string
	Status      status.Status
	Uptime24h   Uptime
	Uptime30d   Uptime
	LastChecked time.Time // zero: never
	Days        []status.Day
	Checks      []Check // enabled ones
}

// Uptime is a figure in hundredths of a percent, cut; Known false means that there is no figure.
type Uptime struct {
	Hundredths int
	Known      bool
}

// Check is one check as the public sees it.
type Check struct {
	ID          model.CheckID
	Name        string
	Status      status.Status
	Latency     time.Duration // of the latest look; 0 with a zero LastChecked: none
	LastChecked time.Time
	Recent      []time.Duration // up to 24 hourly means, oldest first, for the sparkline; 0 where nothing was answered
}
