package public

import (
	"time"

	"statusd/app/snapshot"
)

// scene is what a document is made of: the page's facts, for a reader, in the page's zone.
type scene struct {
	snapshot.Facts
	reader
	zone *time.Location
}

func newScene(f snapshot.Facts, who reader) scene { return scene{f, who, zoneOf(f)} }

// zoneOf is the page's time zone; UTC when the machine does not know it.
func zoneOf(f snapshot.Facts) *time.Location {
	zone, err := time.LoadLocation(f.Page.TimeZone)
	if err != nil {
		return time.UTC
	}
	return zone
}
