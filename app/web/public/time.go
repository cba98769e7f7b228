package public

import "time"

// moment is a time of which the script writes how long ago it was. What is served is absolute. Style is how short: "long" or "narrow".
type moment struct{ Machine, Text, Style string }

// instant is a time in the page's zone, which the script writes in the reader's: Form says how much of it (assets/shared/times.js).
// Since is for a time beside which a day is told already, an instant or a date: its own day is written when it is another one.
type instant struct{ Machine, Text, Form, Since string }

// How much of a time is written.
const (
	formDate  = "date"  // 18 May 2026
	formFull  = "full"  // 18 May 2026, 11:08 UTC
	formBegin = "begin" // 18 May 2026, 11:08
	formDay   = "day"   // 18 May, 11:08 UTC
	formClock = "clock" // 11:08 UTC
	formTime  = "time"  // 11:08
)

func (s scene) instant(t time.Time, form string) instant {
	i := instant{Machine: t.UTC().Format(time.RFC3339), Form: form}
	switch form {
	case formDate:
		i.Text = s.words.Date(t.In(s.zone))
	case formBegin:
		i.Text = s.words.T("format.dateTime", "Date", s.words.Date(t.In(s.zone)), "Clock", t.In(s.zone).Format("15:04"))
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

// begin is when something began that is told under a day.
func (s scene) begin(t time.Time, under day) instant {
	form := formFull
	if dayOf(t, s.zone) == under {
		form = formTime
	}
	i := s.instant(t, form)
	i.Form, i.Since = formTime, under.machine()
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
