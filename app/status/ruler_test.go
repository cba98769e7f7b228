package status

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"testing"
	"time"
)

func TestTrackGivesBackWhatItClosed(t *testing.T) {
	var track Track
	for i, step := range []struct {
		at   Instant
		to   Status
		want Span
	}{
		{100, Operational, Span{}},                                // nothing was observed before
		{200, Down, Span{Interval{100, 200}, Operational}},        //
		{200, Degraded, Span{}},                                   // no length
		{150, Operational, Span{}},                                // before the open span: counts as its start
		{300, NoData, Span{Interval{200, 300}, Operational}},      //
		{400, Operational, Span{}},                                // no data is no span
		{500, Operational, Span{Interval{400, 500}, Operational}}, // the same again is a new span
	} {
		if got := track.Change(step.at, step.to); got != step.want {
			t.Errorf("step %d: %v, want %v", i, got, step.want)
		}
	}
	if want := (Span{Interval{From: 500}, Operational}); track.Open != want {
		t.Errorf("open %v, want %v", track.Open, want)
	}
}

func TestRulerReadings(t *testing.T) {
	const s, h = Instant(1000), Instant(3_600_000)
	origin := 1_800_000 * s
	type step struct {
		wall Instant // since origin
		mono time.Duration
		want string
	}
	for name, steps := range map[string][]step{
		"beats":                  {{5 * s, 5 * time.Second, "5"}, {20 * s, 20 * time.Second, "20"}, {20 * s, 20 * time.Second, "20"}},
		"pause":                  {{5 * s, 5 * time.Second, "5"}, {21 * s, 21 * time.Second, "21 gap 5-21"}},
		"correction of a second": {{5 * s, 5 * time.Second, "5"}, {4 * s, 6 * time.Second, "5 behind"}, {6 * s, 8 * time.Second, "6"}},
		"correction after a gap loses nothing": {{h, 5 * time.Second, "3600 gap 0-3600"}, {h + 100*s, 10 * time.Second, "3700 gap 3600-3700"},
			{h + 90*s, 11 * time.Second, "3700 behind"}, {h + 101*s, 22 * time.Second, "3701"}},
		"an hour ahead by mistake": {{5 * s, 5 * time.Second, "5"}, {h + 10*s, 10 * time.Second, "3610 gap 5-3610"},
			{h + 15*s, 15 * time.Second, "3615"}, {20 * s, 20 * time.Second, "20 cut"}, {25 * s, 25 * time.Second, "25"}},
		"set back within the gap's hour": {{h, 0, "3600 gap 0-3600"}, {0, time.Hour, "0 cut"}},
		"set back too late":              {{h, 0, "3600 gap 0-3600"}, {0, time.Hour + 1, "3600 behind"}},
		"set back behind what was there": {{h, 0, "3600 gap 0-3600"}, {-s, time.Second, "3600 behind"}},
		"set back without a gap":         {{5 * s, 5 * time.Second, "5"}, {-h, 6 * time.Second, "5 behind"}, {10 * s, 7 * time.Second, "10"}},
	} {
		t.Run(name, func(t *testing.T) {
			r, _ := NewRuler(0, origin, 0)
			for i, step := range steps {
				if got := told(r.Read(origin+step.wall, step.mono), origin); got != step.want {
					t.Fatalf("step %d: %s, want %s", i, got, step.want)
				}
			}
		})
	}
}

func told(r Reading, origin Instant) string {
	out := fmt.Sprint((r.Now - origin) / 1000)
	if !r.Gap.Empty() {
		out += fmt.Sprintf(" gap %d-%d", (r.Gap.From-origin)/1000, (r.Gap.To-origin)/1000)
	}
	if r.Cut != 0 {
		out += " cut"
	}
	if r.Behind {
		out += " behind"
	}
	return out
}

func TestRulerBeginsWhereTheLastRunEnded(t *testing.T) {
	for _, tt := range []struct {
		last, wall Instant
		want       string
	}{
		{0, 5000, "5"}, {5000, 5000, "5"}, {5000, 6000, "6 gap 5-6"}, {5000, 4000, "5 behind"}, {5000, 90_000_000, "90000 gap 5-90000"},
	} {
		r, reading := NewRuler(tt.last, tt.wall, 0)
		if got := told(reading, 0); got != tt.want || r.Last() != reading.Now {
			t.Errorf("last %d, wall %d: %s (last %d), want %s", tt.last, tt.wall, got, r.Last(), tt.want)
		}
	}
}

func TestRulerIsSettledAfterAnHour(t *testing.T) {
	r, _ := NewRuler(1000, 2000, 0)
	if r.Settled(0) || r.Settled(Undo) || !r.Settled(Undo+1) {
		t.Error("a start with a gap settles after an hour")
	}
	if first, _ := NewRuler(0, 2000, 0); !first.Settled(0) {
		t.Error("a first start has nothing to undo")
	}
}

func TestRulerCloneIsIndependent(t *testing.T) {
	r, _ := NewRuler(1000, 100_000, 0)
	c := r.Clone()
	c.Read(500_000, time.Second)
	c.Read(200_000, 2*time.Second)
	if r.Last() != 100_000 || len(r.marks) != 1 {
		t.Errorf("the original moved: %v", r)
	}
	if got := r.Read(2000, 2*Undo); !got.Behind {
		t.Errorf("the original's mark is %v", got)
	}
}

// recorder keeps a component's spans by Track and Ruler, as app does.
type recorder struct {
	ruler *Ruler
	track Track
	spans []Span
	now   Instant
}

func (k *recorder) take(r Reading, then Status) {
	k.now = r.Now
	switch {
	case r.Cut != 0:
		kept := k.spans[:0]
		for _, s := range k.spans {
			if s.Interval = s.Clip(Interval{s.From, r.Cut}); !s.Empty() {
				kept = append(kept, s)
			}
		}
		k.spans = kept
		if open := k.track.Open; open.From < r.Cut {
			k.close(r.Cut, NoData)
		}
		k.track = Track{Open: Span{Interval{From: r.Cut}, then}}
	case !r.Gap.Empty():
		k.close(r.Gap.From, NoData)
		k.close(r.Gap.To, then)
	}
}

func (k *recorder) close(at Instant, to Status) {
	if s := k.track.Change(at, to); !s.Empty() {
		k.spans = append(k.spans, s)
	}
}

// tape is the model: what was seen in each second of the wall clock, and the documented rules applied to it one by one.
type tape struct {
	seen  map[int]Status
	last  int
	marks []tapeMark
}

type tapeMark struct{ from, mono int }

func (m *tape) read(wall, mono int, before Status) {
	switch back := m.last - wall; {
	case wall-m.last > 15:
		m.marks = append(m.marks, tapeMark{m.last, mono})
		m.last = wall
	case back <= 0:
		for ; m.last < wall; m.last++ {
			if before != NoData {
				m.seen[m.last] = before
			}
		}
	case back > 15:
		for _, mark := range m.marks {
			if mono-mark.mono <= 3600 && mark.from <= wall {
				for at := range m.seen {
					if at >= wall {
						delete(m.seen, at)
					}
				}
				m.last = wall
				return
			}
		}
	}
}

// TestRandomWalkOfClocks lets statuses change at random while the wall clock jumps and the process stops and starts.
func TestRandomWalkOfClocks(t *testing.T) {
	far := func(year int) int { return int(time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC).Unix()) }
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 7))
		wall, mono := far(2026), 0
		k, m := &recorder{}, &tape{seen: map[int]Status{}, last: wall}
		begin := func(last int) {
			var reading Reading
			k.ruler, reading = NewRuler(Instant(last)*1000, Instant(wall)*1000, time.Duration(mono)*time.Second)
			k.now = reading.Now
			k.track = Track{Open: Span{Interval: Interval{From: reading.Now}}}
		}
		begin(0)
		earlier := map[int]Status{}
		for step := range 400 {
			switch jump := r.IntN(60); jump { // what happens before the next look at the clock
			case 0, 1:
				wall += []int{-1, 1}[jump]
			case 2, 3:
				wall += []int{-3600, 3600}[jump-2]
			case 4, 5:
				wall += []int{-86400, 86400}[jump-4]
			case 6:
				if seed%5 == 0 {
					wall = far(1970) + r.IntN(1000)
				}
			case 7:
				if seed%5 == 0 {
					wall = far(2038) + r.IntN(1000)
				}
			case 8, 9: // the clock is put right
				wall = far(2026) + mono
			case 10:
				wall += 8 * 3600 // suspended: the monotonic clock stands still
			case 11: // killed and started again later
				down := r.IntN(600)
				wall, mono = wall+down, mono+down
				// The last sign of life ends what was open.
				k.close(k.now, NoData)
				m.marks = nil
				if wall > m.last {
					m.marks = []tapeMark{{m.last, mono}}
				}
				last := m.last
				m.last = max(wall, last)
				begin(last)
				maps.Copy(earlier, m.seen)
			default:
				d := []int{0, 1, 1, 5, 5, 5, 14, 15, 16, 20}[r.IntN(10)]
				wall, mono = wall+d, mono+d
			}
			before := k.track.Open.Status
			reading := k.ruler.Read(Instant(wall)*1000, time.Duration(mono)*time.Second)
			m.read(wall, mono, before)
			k.take(reading, before)
			if int(k.now/1000) != m.last {
				t.Fatalf("seed %d step %d: ruler says %v, the rules say %v", seed, step, k.now.Time(), time.Unix(int64(m.last), 0).UTC())
			}
			if r.IntN(3) == 0 {
				k.close(k.now, []Status{NoData, Operational, Degraded, Down}[r.IntN(4)])
			}
			if step%20 == 19 || step == 399 {
				compare(t, fmt.Sprintf("seed %d step %d", seed, step), k, m, earlier)
			}
		}
	}
}

func compare(t *testing.T, where string, k *recorder, m *tape, earlier map[int]Status) {
	t.Helper()
	spans := append([]Span(nil), k.spans...)
	if open := k.track.Open; open.Status != NoData && open.From < k.now {
		spans = append(spans, Span{Interval{open.From, k.now}, open.Status})
	}
	got := map[int]Status{}
	for i, s := range spans {
		if s.Empty() || i > 0 && s.From < spans[i-1].To {
			t.Fatalf("%s: span %d is %v, before it %v", where, i, s, spans[max(i-1, 0)])
		}
		for at := int(s.From / 1000); at < int(s.To/1000); at++ {
			got[at] = s.Status
		}
	}
	if !maps.Equal(got, m.seen) {
		t.Fatalf("%s: %d seconds on record, the model has %d", where, len(got), len(m.seen))
	}
	for at, s := range earlier {
		if got[at] != s {
			t.Fatalf("%s: an earlier run saw %v at %d, now it reads %v", where, s, at, got[at])
		}
	}
}
