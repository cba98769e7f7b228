package dashboard

import "time"

// stamp is an instant in words and for machines. A template shows it as it is (dashboard/time.html), or lets a script say how long ago
// it was (shared/ago.html), as shortly as its Style: "long", "narrow".
type stamp struct{ Machine, Text, Style string }

func newStamp(t time.Time, text, style string) stamp {
	return stamp{t.UTC().Format(time.RFC3339), text, style}
}

// zone is where the page is at home: its times are told in it.
func (v *visit) zone() *time.Location {
	zone, err := time.LoadLocation(v.page.TimeZone)
	if err != nil {
		return time.UTC
	}
	return zone
}

// stamp is an instant of the workspace or the instance, which have no zone of their own: UTC.
func (v *visit) stamp(t time.Time) stamp { return newStamp(t, v.words.DateTime(t, time.UTC), "long") }

// at is an instant in the page's zone.
func (v *visit) at(t time.Time) stamp { return newStamp(t, v.words.DateTime(t, v.zone()), "narrow") }

// exact is an instant in the page's zone, to the second.
func (v *visit) exact(t time.Time) stamp { return newStamp(t, v.words.Exact(t, v.zone()), "narrow") }

// shortly is an instant for a narrow column: the time of a day that is today's, else the day.
func (v *visit) shortly(t time.Time) stamp {
	zone := v.zone()
	local, now := t.In(zone), v.site.App.Now().In(zone)
	text := v.words.DayMonth(local)
	if local.YearDay() == now.YearDay() && local.Year() == now.Year() {
		text = v.words.Clock(t, zone)
	}
	return newStamp(t, text, "narrow")
}
