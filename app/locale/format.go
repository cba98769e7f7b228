package locale

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// format is a language's way of writing, read once.
type format struct {
	decimal, group string
	months         []string
}

func (w *Words) readFormat() (format, error) {
	f := format{
		decimal: w.T("format.decimal"),
		group:   w.T("format.group"),
		months:  strings.Fields(w.T("format.months")),
	}
	if len(f.months) != 12 {
		return f, fmt.Errorf("format.months has %d names: %w", len(f.months), errFormat)
	}
	return f, nil
}

// Number writes a whole number with its thousands apart: 4,210 or 4.210.
func (w *Words) Number(n int) string {
	digits := strconv.Itoa(n)
	sign := ""
	if n < 0 {
		sign, digits = "-", digits[1:]
	}
	var b strings.Builder
	b.WriteString(sign)
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteString(w.format.group)
		}
		b.WriteRune(d)
	}
	return b.String()
}

// Percent writes hundredths of a percent: 99.98% or %99,98; whole only at both ends, so that figures line up.
func (w *Words) Percent(hundredths int) string {
	whole, rest := hundredths/100, hundredths%100
	number := w.Number(whole)
	if hundredths != 0 && hundredths != 10000 {
		number += fmt.Sprintf("%s%02d", w.format.decimal, rest)
	}
	return w.T("format.percent", "Number", number)
}

// Tenths writes tenths of something: 3.4 or 3,4.
func (w *Words) Tenths(n int) string {
	return w.Number(n/10) + w.format.decimal + strconv.Itoa(n%10)
}

// Millis writes a latency: 4,210 ms. Anything answered took at least 1 ms.
func (w *Words) Millis(d time.Duration) string {
	return w.T("format.millis", "Number", w.Number(max(1, int(d.Milliseconds()))))
}

// Latency writes a round latency short: 400 ms, 1.2 s.
func (w *Words) Latency(d time.Duration) string {
	if d < time.Second {
		return w.T("unit.ms", "Number", w.Number(int(d.Milliseconds())))
	}
	hundredths := int(d.Milliseconds()+5) / 10
	number := w.Number(hundredths / 100)
	if rest := strings.TrimRight(fmt.Sprintf("%02d", hundredths%100), "0"); rest != "" {
		number += w.format.decimal + rest
	}
	return w.T("unit.s", "Number", number)
}

// Span writes how long something took, in words and cut to the minute, or to the hour where it took days: 38 minutes,
// 2 hours 14 minutes, 3 days 5 hours.
func (w *Words) Span(d time.Duration) string {
	minutes := int(d / time.Minute)
	hours, minutes := minutes/60, minutes%60
	days := hours / 24
	switch {
	case days > 1 && hours%24 == 0:
		return w.N("span.days", days)
	case days > 1:
		return w.T("span.daysAndHours", "Days", w.N("span.days", days), "Hours", w.N("span.hours", hours%24))
	case hours == 0 && minutes == 0:
		return w.T("span.moment")
	case hours == 0:
		return w.N("span.minutes", minutes)
	case minutes == 0:
		return w.N("span.hours", hours)
	}
	return w.T("span.both", "Hours", w.N("span.hours", hours), "Minutes", w.N("span.minutes", minutes))
}

// Lasting writes how long something took to the second: 2 d 3 h 12 min 5 s; what is shorter than a second in milliseconds.
func (w *Words) Lasting(d time.Duration) string {
	if d > 0 && d < time.Second {
		return w.T("unit.ms", "Number", w.Number(int(d.Milliseconds())))
	}
	seconds := int(d / time.Second)
	if seconds == 0 {
		return w.T("unit.s", "Number", "0")
	}
	var parts []string
	for _, unit := range []struct {
		key string
		n   int
	}{{"unit.d", seconds / 86400}, {"unit.h", seconds / 3600 % 24}, {"unit.min", seconds / 60 % 60}, {"unit.s", seconds % 60}} {
		if unit.n > 0 {
			parts = append(parts, unbroken.Replace(w.T(unit.key, "Number", w.Number(unit.n))))
		}
	}
	return strings.Join(parts, " ")
}

// unbroken keeps a number and its unit on one line.
var unbroken = strings.NewReplacer(" ", "\u00a0")

// Date writes the day of a time, in the time's own zone: 18 May 2026.
func (w *Words) Date(t time.Time) string {
	return w.T("format.date", "Day", t.Day(), "Month", w.format.months[t.Month()-1], "Year", t.Year())
}

// DayMonth writes the day of a time without its year: 18 May.
func (w *Words) DayMonth(t time.Time) string {
	return w.T("format.dayMonth", "Day", t.Day(), "Month", w.format.months[t.Month()-1])
}

// Clock writes the time of day in a zone, and the zone: 12:34 UTC.
func (w *Words) Clock(t time.Time, zone *time.Location) string {
	t = t.In(zone)
	return w.T("format.clock", "Time", t.Format("15:04"), "Zone", zoneName(t))
}

// DateTime writes day, time of day and zone: 18 May 2026, 12:34 UTC.
func (w *Words) DateTime(t time.Time, zone *time.Location) string {
	return w.T("format.dateTime", "Date", w.Date(t.In(zone)), "Clock", w.Clock(t, zone))
}

// DayTime writes day and month, time of day and zone: 18 May, 12:34 UTC.
func (w *Words) DayTime(t time.Time, zone *time.Location) string {
	return w.T("format.dateTime", "Date", w.DayMonth(t.In(zone)), "Clock", w.Clock(t, zone))
}

// Month writes the month of a time, in the time's own zone: May 2026.
func (w *Words) Month(t time.Time) string {
	return w.T("format.month", "Month", w.format.months[t.Month()-1], "Year", t.Year())
}

// Exact writes day, time of day to the second, and zone: 18 May 2026, 12:34:56 UTC.
func (w *Words) Exact(t time.Time, zone *time.Location) string {
	t = t.In(zone)
	return w.T("format.dateTime", "Date", w.Date(t), "Clock", w.T("format.clock", "Time", t.Format("15:04:05"), "Zone", zoneName(t)))
}

// zoneName is the zone's abbreviation, or its distance from UTC where nobody made one up: CEST, UTC+3, UTC+5:30.
func zoneName(t time.Time) string {
	name, seconds := t.Zone()
	if !strings.HasPrefix(name, "+") && !strings.HasPrefix(name, "-") {
		return name
	}
	sign, minutes := "+", seconds/60
	if minutes < 0 {
		sign, minutes = "-", -minutes
	}
	if minutes%60 == 0 {
		return fmt.Sprintf("UTC%s%d", sign, minutes/60)
	}
	return fmt.Sprintf("UTC%s%d:%02d", sign, minutes/60, minutes%60)
}

// List joins names: "A", "A and B", "A, B and C".
func (w *Words) List(names []string) string {
	if len(names) == 0 {
		return ""
	}
	joined, last := names[0], len(names)-1
	for i, name := range names[1:] {
		if i+1 == last {
			joined = w.T("list.last", "Before", joined, "Name", name)
		} else {
			joined = w.T("list.more", "Before", joined, "Name", name)
		}
	}
	return joined
}
