package status

import "time"

// Totals is how long a component was in each state within a window of time. Maintenance covers whatever was observed under it.
type Totals struct {
	Operational, Degraded, Down time.Duration // outside maintenance
	Maintenance                 time.Duration
	NoData                      time.Duration // outside maintenance
}

// Sum adds up what was observed in [from, to): spans and maintenance windows laid over each other.
// Spans must be in order and must not overlap; windows may be in any order and may overlap.
func Sum(spans []Span, windows []Interval, bounds Interval) Totals {
	if bounds.Empty() {
		return Totals{}
	}
	covers := merged(windows)
	var t Totals
	for _, w := range covers {
		t.Maintenance += w.Clip(bounds).Duration()
	}
	for _, s := range spans {
		part := s.Clip(bounds)
		t.add(s.Status, part.Duration()-overlap(part, covers))
	}
	t.NoData = bounds.Duration() - t.Maintenance - t.Operational - t.Degraded - t.Down
	return t
}

func (t *Totals) add(s Status, d time.Duration) {
	switch s {
	case Operational:
		t.Operational += d
	case Degraded:
		t.Degraded += d
	case Down:
		t.Down += d
	}
}

// overlap is how much of v the disjoint, ordered covers hide.
func overlap(v Interval, covers []Interval) time.Duration {
	if v.Empty() {
		return 0
	}
	var hidden time.Duration
	for _, w := range covers {
		if w.From >= v.To {
			break
		}
		hidden += w.Clip(v).Duration()
	}
	return hidden
}

// Known is the time that counts: observed, outside maintenance.
func (t Totals) Known() time.Duration { return t.Operational + t.Degraded + t.Down }

// Uptime is (operational + degraded) / known in hundredths of a percent, 0 to 10000, cut and not rounded, so that nothing
// below 100 % ever reads 100 %. It is false when nothing is known.
func (t Totals) Uptime() (hundredths int, ok bool) {
	known := t.Known().Milliseconds()
	if known == 0 {
		return 0, false
	}
	up := (t.Operational + t.Degraded).Milliseconds()
	return int(up * 10000 / known), true
}

// Worst is what a strip of days shows for the window: the worst that was seen outside maintenance; maintenance when
// nothing else is known; no-data when nothing is.
func (t Totals) Worst() Status {
	switch {
	case t.Down > 0:
		return Down
	case t.Degraded > 0:
		return Degraded
	case t.Operational > 0:
		return Operational
	case t.Maintenance > 0:
		return Maintenance
	}
	return NoData
}

// HistoryDays is how many days a page shows.
const HistoryDays = 90

const dayMillis = Instant(24 * time.Hour / time.Millisecond)

// Day is one UTC day of a component.
type Day struct {
	From Instant // midnight
	Totals
}

// DayOf is the midnight (UTC) that begins the instant's day.
func DayOf(at Instant) Instant {
	d := at - at%dayMillis
	if d > at { // before 1970 the remainder is negative
		d -= dayMillis
	}
	return d
}

// Days sums each of the last n days, oldest first, the last one ending at now. Spans must be in order and must not overlap.
func Days(spans []Span, windows []Interval, n int, now Instant) []Day {
	covers := merged(windows)
	days := make([]Day, n)
	first := DayOf(now) - Instant(n-1)*dayMillis
	next := 0
	for i := range days {
		from := first + Instant(i)*dayMillis
		bounds := Interval{from, min(from+dayMillis, now)}
		for next < len(spans) && spans[next].To <= bounds.From {
			next++
		}
		end := next
		for end < len(spans) && spans[end].From < bounds.To {
			end++
		}
		days[i] = Day{from, Sum(spans[next:end], covers, bounds)}
	}
	return days
}
