package dashboard

import (
	"slices"
	"time"

	"statusd/app/model"
)

// Forms take times in the page's zone, as <input type="datetime-local"> writes them: without an offset. On the days on which
// clocks change there are such times that do not exist, and such that come twice.

const localLayout = "2006-01-02T15:04"

// localText is an instant as such a control shows it; "" for the zero time.
func localText(t time.Time, zone *time.Location) string {
	if t.IsZero() {
		return ""
	}
	return t.In(zone).Format(localLayout)
}

// clockJump is a change of clocks that skips times: from the last moment before it to the first one after.
type clockJump struct{ From, To time.Time }

// localTime is the instant at which the clocks of a zone show a time; the first when there are two. When there is none, because the
// clocks jump over it, the jump says so.
func localTime(wall time.Time, zone *time.Location) (t time.Time, jump *clockJump) {
	var offsets []int
	for _, near := range []time.Duration{-24 * time.Hour, 0, 24 * time.Hour} {
		_, offset := wall.Add(near).In(zone).Zone()
		offsets = append(offsets, offset)
	}
	slices.Sort(offsets)
	for _, offset := range slices.Backward(offsets) { // the farther east of Greenwich, the earlier
		at := wall.Add(-time.Duration(offset) * time.Second).In(zone)
		if _, own := at.Zone(); own == offset {
			return at, nil
		}
	}
	_, change := wall.Add(-time.Duration(offsets[len(offsets)-1]) * time.Second).In(zone).ZoneBounds()
	return time.Time{}, &clockJump{From: asShownBefore(change, zone), To: change.In(zone)}
}

// asShownBefore is what the clocks would have shown at the moment at which they are changed.
func asShownBefore(change time.Time, zone *time.Location) time.Time {
	name, offset := change.Add(-time.Nanosecond).In(zone).Zone()
	return change.In(time.FixedZone(name, offset))
}

// turnsBack is when the clocks of a zone are turned back next, within a year, as they show it before; false when they are not.
func turnsBack(now time.Time, zone *time.Location) (time.Time, bool) {
	for at := now.In(zone); ; {
		_, change := at.ZoneBounds()
		if change.IsZero() || change.After(now.AddDate(1, 0, 7)) {
			return time.Time{}, false
		}
		_, before := at.Zone()
		if _, after := change.In(zone).Zone(); after < before {
			return asShownBefore(change, zone), true
		}
		at = change.In(zone)
	}
}

// instant reads a time of the page's zone, and into wrong what is wrong with it. One that was not touched stays what it was, to the
// second: was.
func (f *form) instant(wrong *model.Invalid, name string, was time.Time) time.Time {
	text, zone := f.get(name), f.v.zone()
	if text == localText(was, zone) {
		return was
	}
	if text == "" {
		wrong.Add(name, "required")
		return time.Time{}
	}
	wall, err := time.Parse(localLayout, text[:min(len(text), len(localLayout))]) // some browsers add seconds
	if err != nil {
		wrong.Add(name, "local_time")
		return time.Time{}
	}
	t, jump := localTime(wall, zone)
	if jump != nil {
		wrong.Add(name, "local_gap", "from", jump.From.Format("15:04"), "to", jump.To.Format("15:04"), "zone", zone.String())
	}
	return t
}
