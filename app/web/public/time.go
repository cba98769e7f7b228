package public

import "time"

// moment is a time of which the script writes how long ago it was. What is served is absolute. Style is how short: "long" or "narrow".
type moment struct{ Machine, Text, Style string }

// instant is a time in the page's zone, which the script writes in the reader's: Form says how much of it (assets/shared/times.js).
// Since is for the end of something: its day is written only when that is another one than the day it began on.
type instant struct{ Machine, Text, Form, Since string }

// How much of a time is written.
const (
	formDate  = "date"  // 18 May 2026
	formFull  = "full"  // 18 May 2026, 11:08 UTC
	formDay   = "day"   // 18 May, 11:08 UTC
	formClock = "clock" // 11:08 UTC
	formTime  = "time"  // 11:08
)

func (s scene) instant(t time.Time, form string) instant {
	i := instant{Machine: t.UTC().Format(time.RFC3339), Form: form}
	switch form {
	case formDate:
		i.Text = s.words.Date(t.In(s.zone))
	case formDay:
		i.Text = s.words.DayTime(t, s.zone)
	case formClock:
		i.Text = s.words.Clock(t, s.zone)
	case formTime:
		i.Text = t.In(s.zone).Format("15:04")
	default:
		i.Text = s.words.DateTime(t, s.zone)
	}
	return i
}

// end is when something ended that began at a time.
func (s scene) end(t, since time.Time) instant {
	form := formFull
	if dayOf(t, s.zone) == dayOf(since, s.zone) {
		form = formClock
	}
	i := s.instant(t, form)
	i.Form, i.Since = formClock, since.UTC().Format(time.RFC3339)
	return i
}

// ago is a time that is told as how long ago it was.
func (s scene) ago(t time.Time) moment {
	return moment{t.UTC().Format(time.RFC3339), s.words.DateTime(t, s.zone), "long"}
}

// day is a date, in whatever zone.
type day struct {
	year  int
	month time.Month
	date  int
}

func dayOf(t time.Time, zone *time.Location) day {
	y, m, d := t.In(zone).Date()
	return day{y, m, d}
}

// time is noon of the day, where no zone's clock change reaches; UTC's, because only the date of it counts.
func (d day) time() time.Time { return time.Date(d.year, d.month, d.date, 12, 0, 0, 0, time.UTC) }

func (d day) machine() string { return d.time().Format(time.DateOnly) }

// add moves by days.
func (d day) add(days int) day { return dayOf(d.time().AddDate(0, 0, days), time.UTC) }

func (d day) earlierThan(o day) bool { return d.time().Before(o.time()) }
