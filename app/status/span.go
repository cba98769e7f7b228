package status

import (
	"slices"
	"time"
)

// Instant is a point of wall-clock time in unix milliseconds, as the database keeps it.
type Instant int64

// At converts a time to an Instant, cutting what is finer than a millisecond.
func At(t time.Time) Instant { return Instant(t.UnixMilli()) }

// Time converts back, in UTC.
func (i Instant) Time() time.Time { return time.UnixMilli(int64(i)).UTC() }

// Add moves an instant by a duration.
func (i Instant) Add(d time.Duration) Instant { return i + Instant(d.Milliseconds()) }

// Sub is the duration from j to i.
func (i Instant) Sub(j Instant) time.Duration { return time.Duration(i-j) * time.Millisecond }

// Interval is [From, To) of wall-clock time.
type Interval struct{ From, To Instant }

// Empty says that no instant lies in it.
func (v Interval) Empty() bool { return v.To <= v.From }

// Duration is its length; 0 when empty.
func (v Interval) Duration() time.Duration {
	if v.Empty() {
		return 0
	}
	return v.To.Sub(v.From)
}

// Clip is the part of v inside bounds; possibly empty.
func (v Interval) Clip(bounds Interval) Interval {
	return Interval{max(v.From, bounds.From), min(v.To, bounds.To)}
}

// Span is an interval in which a component was observed in one status: operational, degraded or down.
// What no span covers is no-data; maintenance is kept beside the spans, never in them.
type Span struct {
	Interval
	Status Status
}

// Track follows one component: the span that is open now, and nothing else. The zero Track has observed nothing yet.
type Track struct {
	Open Span // Open.To is not set; Open.Status NoData means that nothing is being observed since Open.From
}

// Change ends the open span at the given instant and opens the next. An instant before the open span's start counts as
// that start, so spans never overlap and none begins before the one it follows. It returns the span that was closed;
// an empty one when nothing was observed or the open span had no length.
func (t *Track) Change(at Instant, to Status) Span {
	at = max(at, t.Open.From)
	closed := Span{Interval{t.Open.From, at}, t.Open.Status}
	t.Open = Span{Interval{From: at}, to}
	if closed.Status == NoData || closed.Empty() {
		return Span{}
	}
	return closed
}

// merged returns the windows as disjoint intervals in order.
func merged(windows []Interval) []Interval {
	sorted := slices.Clone(windows)
	slices.SortFunc(sorted, func(a, b Interval) int { return int(min(max(a.From-b.From, -1), 1)) })
	out := sorted[:0]
	for _, w := range sorted {
		if w.Empty() {
			continue
		}
		if n := len(out); n > 0 && w.From <= out[n-1].To {
			out[n-1].To = max(out[n-1].To, w.To)
			continue
		}
		out = append(out, w)
	}
	return out
}
