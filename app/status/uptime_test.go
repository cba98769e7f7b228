package status

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"
)

// slow is the arithmetic as a child would do it: look at every instant on its own.
func slow(spans []Span, windows []Interval, bounds Interval, step time.Duration) Totals {
	var t Totals
	for at := bounds.From; at < bounds.To; at = at.Add(step) {
		switch s := seenAt(spans, at); {
		case within(windows, at):
			t.Maintenance += step
		case s == Operational:
			t.Operational += step
		case s == Degraded:
			t.Degraded += step
		case s == Down:
			t.Down += step
		default:
			t.NoData += step
		}
	}
	return t
}

func seenAt(spans []Span, at Instant) Status {
	for _, s := range spans {
		if s.From <= at && at < s.To {
			return s.Status
		}
	}
	return NoData
}

func within(windows []Interval, at Instant) bool {
	for _, w := range windows {
		if w.From <= at && at < w.To {
			return true
		}
	}
	return false
}

// history invents spans in order and windows in any order, in units of step from an origin.
func history(r *rand.Rand, origin Instant, length int, step time.Duration) ([]Span, []Interval) {
	at := func(n int) Instant { return origin + Instant(n)*Instant(step.Milliseconds()) }
	var spans []Span
	for n := r.IntN(length); n < length; {
		end := n + r.IntN(length/2+1) // possibly empty, possibly behind the end
		spans = append(spans, Span{Interval{at(n), at(end)}, []Status{Operational, Degraded, Down}[r.IntN(3)]})
		n = end + r.IntN(3)*r.IntN(length/3+1)
		if r.IntN(8) == 0 {
			break
		}
	}
	var windows []Interval
	for range r.IntN(5) {
		from := r.IntN(2*length) - length/2
		windows = append(windows, Interval{at(from), at(from + r.IntN(length) - 3)}) // possibly empty or turned around
	}
	return spans, windows
}

func TestSumEqualsLookingAtEveryMillisecond(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 1))
	for i := range 10_000 {
		origin := Instant(r.Int64N(2_000_000_000_000))
		spans, windows := history(r, origin, 60, time.Millisecond)
		from := origin + Instant(r.IntN(60)-10)
		bounds := Interval{from, from + Instant(r.IntN(80)-5)}
		got, want := Sum(spans, windows, bounds), slow(spans, windows, bounds, time.Millisecond)
		if got != want {
			t.Fatalf("history %d: Sum(%v, %v, %v)\n got %+v\nwant %+v", i, spans, windows, bounds, got, want)
		}
		if got.Worst() != slowWorst(want) {
			t.Fatalf("history %d: worst of %+v is %v", i, got, got.Worst())
		}
	}
}

func slowWorst(t Totals) Status {
	for _, one := range []struct {
		d time.Duration
		s Status
	}{{t.Down, Down}, {t.Degraded, Degraded}, {t.Operational, Operational}, {t.Maintenance, Maintenance}} {
		if one.d > 0 {
			return one.s
		}
	}
	return NoData
}

func TestDaysEqualLookingAtEverySecond(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 1))
	const minutes = 4 * 24 * 60
	for i := range 200 {
		now := At(time.Date(2026, 3, 29, 0, 0, 0, 0, time.UTC)) + Instant(r.IntN(24*60))*60_000
		spans, windows := history(r, now-minutes*60_000, minutes, time.Minute)
		n := 1 + r.IntN(4)
		days := Days(spans, windows, n, now)
		if len(days) != n || days[n-1].From != DayOf(now) {
			t.Fatalf("history %d: %d days, the last from %v", i, len(days), days[len(days)-1].From.Time())
		}
		for j, d := range days {
			from := DayOf(now) - Instant(n-1-j)*dayMillis
			want := slow(spans, windows, Interval{from, min(from+dayMillis, now)}, time.Minute)
			if d.From != from || d.Totals != want {
				t.Fatalf("history %d, day %d\n got %+v\nwant %+v", i, j, d, want)
			}
		}
	}
}

func TestDaysAreSumsToTheMillisecond(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 1))
	for i := range 10_000 {
		now := Instant(r.Int64N(2_000_000_000_000)) + 10*dayMillis
		spans, windows := history(r, now-5*dayMillis, 50_000, 7919*time.Millisecond)
		var all Totals
		for _, d := range Days(spans, windows, 7, now) {
			want := Sum(spans, windows, Interval{d.From, min(d.From+dayMillis, now)})
			if d.Totals != want {
				t.Fatalf("history %d: day %v\n got %+v\nwant %+v", i, d.From.Time(), d.Totals, want)
			}
			all.Operational, all.Degraded, all.Down = all.Operational+d.Operational, all.Degraded+d.Degraded, all.Down+d.Down
			all.Maintenance, all.NoData = all.Maintenance+d.Maintenance, all.NoData+d.NoData
		}
		if want := Sum(spans, windows, Interval{DayOf(now) - 6*dayMillis, now}); all != want {
			t.Fatalf("history %d: the days add up to %+v, the week is %+v", i, all, want)
		}
	}
}

func TestDayOfIsMidnightUTC(t *testing.T) {
	for at, want := range map[string]string{
		"2026-03-29T00:00:00Z": "2026-03-29T00:00:00Z", "2026-03-29T23:59:59.999Z": "2026-03-29T00:00:00Z",
		"1970-01-01T00:00:00Z": "1970-01-01T00:00:00Z", "1969-12-31T23:59:59.999Z": "1969-12-31T00:00:00Z",
		"2038-01-19T03:14:08Z": "2038-01-19T00:00:00Z", "1969-12-31T00:00:00Z": "1969-12-31T00:00:00Z",
	} {
		in, _ := time.Parse(time.RFC3339, at)
		if got := DayOf(At(in)).Time().Format(time.RFC3339); got != want {
			t.Errorf("DayOf(%s) = %s, want %s", at, got, want)
		}
	}
}

func TestUptimeIsCutNotRounded(t *testing.T) {
	for _, tt := range []struct {
		up, down time.Duration
		want     int
		ok       bool
	}{
		{0, 0, 0, false},
		{time.Millisecond, 0, 10_000, true},
		{0, time.Millisecond, 0, true},
		{99_999 * time.Second, time.Second, 9_999, true},                     // 99.999
		{400*24*time.Hour - time.Millisecond, time.Millisecond, 9_999, true}, // 99.9999999971
		{2 * time.Second, time.Second, 6_666, true},
		{999_949 * time.Millisecond, 51 * time.Millisecond, 9_999, true}, // 99.9949
		{time.Millisecond, 9_999 * time.Millisecond, 1, true},
		{time.Millisecond, 10_000 * time.Millisecond, 0, true},
	} {
		got, ok := Totals{Operational: tt.up / 2, Degraded: tt.up - tt.up/2, Down: tt.down, NoData: time.Hour, Maintenance: time.Hour}.Uptime()
		if got != tt.want || ok != tt.ok {
			t.Errorf("up %v, down %v: %d %v, want %d %v", tt.up, tt.down, got, ok, tt.want, tt.ok)
		}
	}
}

// TestSpreadsheet is worked out by hand: an hour, one letter a minute-wide column group. o operational, g degraded, d down,
// . nothing; below it the windows as m. Each letter is five minutes.
func TestSpreadsheet(t *testing.T) {
	for _, tt := range []struct {
		seen, windows string
		want          string // operational degraded down maintenance no-data (minutes), uptime, worst
	}{
		{"oooooooooooo", "            ", "60 0 0 0 0 10000 operational"},
		{"dddddddddddd", "            ", "0 0 60 0 0 0 down"},
		{"............", "            ", "0 0 0 0 60 - no-data"},
		{"............", "mmmmmmmmmmmm", "0 0 0 60 0 - maintenance"},
		{"dddddddddddd", "mmmmmmmmmmmm", "0 0 0 60 0 - maintenance"},
		{"oooooodddddd", "            ", "30 0 30 0 0 5000 down"},
		{"oooooodddddd", "      mmmmmm", "30 0 0 30 0 10000 operational"},
		{"oooooodddddd", "mmmmmm      ", "0 0 30 30 0 0 down"},
		{"gggggggggggg", "            ", "0 60 0 0 0 10000 degraded"},
		{"oooooooooood", "            ", "55 0 5 0 0 9166 down"},
		{"ooooooooood.", "            ", "50 0 5 0 5 9090 down"},
		{"o..........d", "            ", "5 0 5 0 50 5000 down"},
		{"oogg..dd..oo", "            ", "20 10 10 0 20 7500 down"},
		{"oogg..dd..oo", "     mmmm   ", "20 10 0 20 10 10000 degraded"},
		{"oogg..dd..oo", "  mm        ", "20 0 10 10 20 6666 down"},
		{"dooooooooooo", "m           ", "55 0 0 5 0 10000 operational"},
		{"dooooooooooo", "mm          ", "50 0 0 10 0 10000 operational"},
		{"odododododod", "            ", "30 0 30 0 0 5000 down"},
		{"odododododod", " m m m m m m", "30 0 0 30 0 10000 operational"},
		{"odododododod", "m m m m m m ", "0 0 30 30 0 0 down"},
		{"g.g.g.g.g.gd", "            ", "0 30 5 0 25 8571 down"},
		{"....ooo.....", "mmmm    mmmm", "15 0 0 40 5 10000 operational"},
	} {
		bounds := Interval{0, Instant(len(tt.seen)) * 300_000}
		got := Sum(drawn(tt.seen), intervals(drawn(tt.windows)), bounds)
		uptime := "-"
		if u, ok := got.Uptime(); ok {
			uptime = fmt.Sprint(u)
		}
		minutes := func(d time.Duration) int { return int(d / time.Minute) }
		line := fmt.Sprintf("%d %d %d %d %d %s %v", minutes(got.Operational), minutes(got.Degraded), minutes(got.Down),
			minutes(got.Maintenance), minutes(got.NoData), uptime, got.Worst())
		if line != tt.want {
			t.Errorf("\n%s\n%s\n got %s\nwant %s", tt.seen, tt.windows, line, tt.want)
		}
	}
}

func drawn(picture string) []Span {
	letters := map[byte]Status{'o': Operational, 'g': Degraded, 'd': Down, 'm': Maintenance}
	var spans []Span
	for i := range len(picture) {
		if s, ok := letters[picture[i]]; ok {
			spans = append(spans, Span{Interval{Instant(i) * 300_000, Instant(i+1) * 300_000}, s})
		}
	}
	return spans
}

func intervals(spans []Span) (out []Interval) {
	for _, s := range spans {
		out = append(out, s.Interval)
	}
	return out
}

func TestSumLeavesItsArgumentsAlone(t *testing.T) {
	windows := []Interval{{50, 60}, {10, 30}, {20, 40}}
	spans := []Span{{Interval{0, 100}, Down}}
	Sum(spans, windows, Interval{0, 100})
	Days(spans, windows, 2, 100)
	if !reflect.DeepEqual(windows, []Interval{{50, 60}, {10, 30}, {20, 40}}) || len(spans) != 1 || spans[0].To != 100 {
		t.Errorf("changed: %v %v", windows, spans)
	}
}

func BenchmarkDays90(b *testing.B) {
	spans := make([]Span, 0, 900)
	now := Instant(1_800_000_000_000)
	for i := range 900 {
		from := now - 90*dayMillis + Instant(i)*dayMillis/10
		spans = append(spans, Span{Interval{from, from + dayMillis/10 - 1}, All()[1+2*(i%2)]})
	}
	b.ReportAllocs()
	for b.Loop() {
		Days(spans, nil, HistoryDays, now)
	}
}
