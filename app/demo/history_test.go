package demo

import (
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"statusd/app/model"
	"statusd/app/status"
)

// moments are instants at which a demo may begin: around midnight, and across a change of the clocks.
var moments = []time.Time{
	time.Date(2026, 5, 18, 14, 3, 27, 0, time.UTC),
	time.Date(2026, 5, 18, 0, 0, 0, 0, time.UTC),
	time.Date(2026, 5, 17, 23, 59, 59, int(999*time.Millisecond), time.UTC),
	time.Date(2027, 3, 28, 1, 0, 0, 0, time.UTC),
}

// eachPast goes over the history of every component at every moment.
func eachPast(t *testing.T, f func(t *testing.T, p *past)) {
	for _, now := range moments {
		number := uint64(0)
		for _, c := range companies {
			for _, s := range c.services {
				n := number
				number++
				t.Run(fmt.Sprint(now.Format(time.DateTime), " ", s.name), func(t *testing.T) { f(t, newPast(s, n, status.At(now))) })
			}
		}
	}
}

func TestSpansAreInOrderAndDoNotOverlap(t *testing.T) {
	eachPast(t, func(t *testing.T, p *past) {
		last := p.from
		for _, s := range p.spans {
			if s.Empty() || s.From < last || s.To > p.now {
				t.Errorf("%v to %v after %v", s.From.Time(), s.To.Time(), last.Time())
			}
			last = s.To
		}
		if last != p.now {
			t.Errorf("the history ends at %v, now is %v", last.Time(), p.now.Time())
		}
	})
}

func TestUptimeIsPlausible(t *testing.T) {
	eachPast(t, func(t *testing.T, p *past) {
		for _, n := range []int{7, 30, days} {
			w := status.Interval{From: p.now.Add(-time.Duration(n) * day), To: p.now}
			if up, ok := status.Sum(p.spans, nil, w).Uptime(); !ok || up < 9500 {
				t.Errorf("uptime of %d days: %d hundredths of a percent", n, up)
			}
		}
		if up, _ := status.Sum(p.spans, nil, status.Interval{From: p.from, To: p.now}).Uptime(); p.outages > 0 && up == 10_000 {
			t.Error("it had outages, and its uptime is 100 %")
		}
	})
}

func TestTheSameMomentGivesTheSameHistory(t *testing.T) {
	eachPast(t, func(t *testing.T, p *past) {
		again := newPast(p.service, p.number, p.now)
		if !reflect.DeepEqual(p.spans, again.spans) {
			t.Error("other spans")
		}
		for k := range p.checks {
			if !reflect.DeepEqual(p.hours(k), again.hours(k)) || !reflect.DeepEqual(p.results(k), again.results(k)) {
				t.Errorf("check %d was seen otherwise", k)
			}
		}
	})
}

func TestResultsAndHoursAgreeWithTheSpans(t *testing.T) {
	eachPast(t, func(t *testing.T, p *past) {
		for k := range p.checks {
			hours, results := p.hours(k), p.results(k)
			if first, last := hours[0].From, hours[len(hours)-1].From; first != p.from || last.Add(time.Hour) != p.cutover() {
				t.Errorf("hours from %v to %v", first.Time(), last.Time())
			}
			for _, h := range hours {
				if mean := h.Mean(); mean > 0 && (mean > h.Slowest || mean >= slowAfter && h.Degraded == 0) {
					t.Errorf("hour %v: mean %v, slowest %v, %d degraded", h.From.Time(), mean, h.Slowest, h.Degraded)
				}
			}
			for _, r := range results {
				slow := r.Latency > slowAfter
				if slow != (r.Status == status.Degraded) || (r.Reason != "") != (r.Status == status.Down) {
					t.Fatalf("%+v", r)
				}
			}
			newest := results[len(results)-1]
			if want := p.seenBy(k)[len(p.spans)-1].Status; p.now.Time().Sub(newest.At) > interval || newest.Status != want {
				t.Errorf("the newest result is %+v, the status %v", newest, want)
			}
		}
	})
}

// watched is what a visitor can see of all components, at a moment after the start.
func watched(since time.Duration) (out []status.Status) {
	for _, s := range companies[0].services {
		worst := status.Operational
		for _, l := range s.checks {
			switch extra, down := l.mood(since); {
			case down:
				worst = max(worst, status.Down)
			case time.Duration(1.25*float64(l.usual)*(1+s.trend))+extra > slowAfter:
				worst = max(worst, status.Degraded)
			}
		}
		out = append(out, worst)
	}
	return out
}

func TestFiringsKeepToTheirRule(t *testing.T) {
	all := 0
	eachPast(t, func(t *testing.T, p *past) {
		for k := range p.checks {
			var last model.Firing
			for _, f := range p.firings(k) {
				down := slices.ContainsFunc(p.spans, func(s status.Span) bool {
					at := status.At(f.Started)
					return s.Status == status.Down && s.From.Add(2*interval) <= at && at < s.To && s.To.Time().Equal(f.Recovered)
				})
				if !down || f.Started.Sub(last.Started) < cooldown || (f.Outcome == model.FiringFailed) != (f.Reason != "") {
					t.Errorf("check %d: %+v after %v", k, f, last.Started)
				}
				last = f
				all++
			}
		}
	})
	if all == 0 {
		t.Error("nothing was ever fired")
	}
}

func TestSomethingChangesWithinAMinute(t *testing.T) {
	for begin := time.Duration(0); begin < time.Hour; begin += time.Second {
		first, changed := watched(begin), false
		for since := begin; since <= begin+50*time.Second; since += time.Second { // a look in ten seconds notices
			changed = changed || !reflect.DeepEqual(watched(since), first)
		}
		if !changed {
			t.Fatalf("nothing happens from %v on", begin)
		}
	}
}

func TestTheDemoGoesOnAsItsHistoryEnds(t *testing.T) {
	now := status.At(moments[0])
	for i, s := range companies[0].services {
		spans := newPast(s, uint64(i), now).spans
		if got, want := watched(0)[i], spans[len(spans)-1].Status; got != want {
			t.Errorf("%s was %v and is %v", s.name, want, got)
		}
	}
}
