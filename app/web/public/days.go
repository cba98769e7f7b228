package public

import (
	"time"

	"statusd/app/locale"
	"statusd/app/status"
)

// strip is the run of days. Marks are class names, "" for a good day: ninety more days cost a page next to nothing.
type strip struct {
	From  string // first day
	Label string // what the run says as a whole
	Marks []string
}

// badDay tells in words what the strip shows as a shape. The script shows the same words over the strip.
type badDay struct {
	Index         int // in the strip
	Machine, Date string
	Status        status.Status
	What          string
}

var marks = [...]string{status.NoData: "n", status.Operational: "", status.Maintenance: "m", status.Degraded: "g", status.Down: "d"}

func newStrip(days []status.Day, words *locale.Words) strip {
	s := strip{Label: summary(days, words), Marks: make([]string, len(days))}
	for i, d := range days {
		s.Marks[i] = marks[d.Worst()]
	}
	if len(days) > 0 {
		s.From = days[0].From.Time().Format(time.DateOnly)
	}
	return s
}

// summary is "Last 90 days: 2 days with downtime and 1 degraded".
func summary(days []status.Day, words *locale.Words) string {
	count := map[status.Status]int{}
	for _, d := range days {
		count[d.Worst()]++
	}
	if count[status.NoData] == len(days) {
		return words.N("days.unknown", len(days))
	}
	parts := []string{words.T("days.good")}
	if n := count[status.Down]; n > 0 {
		parts[0] = words.N("days.down", n)
	}
	if n := count[status.Degraded]; n > 0 {
		parts = append(parts, words.N("days.degraded", n))
	}
	if n := count[status.Maintenance]; n > 0 {
		parts = append(parts, words.N("days.maintenance", n))
	}
	if n := count[status.NoData]; n > 0 {
		parts = append(parts, words.N("days.no-data", n))
	}
	return words.N("days.summary", len(days), "Parts", words.List(parts))
}

// newBadDays lists the days on which something was, newest first.
func newBadDays(days []status.Day, words *locale.Words) []badDay {
	var bad []badDay
	for i := len(days) - 1; i >= 0; i-- {
		what := story(days[i], words)
		if what == "" {
			continue
		}
		at := days[i].From.Time()
		bad = append(bad, badDay{i, at.Format(time.DateOnly), words.Date(at), days[i].Worst(), what})
	}
	return bad
}

// story is what happened on a day: "Down for 38 minutes". "" when nothing did.
func story(d status.Day, words *locale.Words) string {
	switch d.Worst() {
	case status.Down:
		return words.T("day.down", "Span", words.Span(d.Down))
	case status.Degraded:
		return words.T("day.degraded", "Span", words.Span(d.Degraded))
	case status.Maintenance:
		return words.T("day.maintenance", "Span", words.Span(d.Maintenance))
	}
	return ""
}
