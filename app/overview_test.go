package app_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"statusd/app"
	"statusd/app/model"
	"statusd/app/status"
	"statusd/probe"
)

func (l *lab) overview() model.Overview {
	l.t.Helper()
	o, err := l.a.Overview(bg, l.by, l.page.ID)
	l.must(err)
	return o
}

func (l *lab) recent(limit int) []model.Turn {
	l.t.Helper()
	out, err := l.a.Recent(bg, l.by, l.page.ID, limit)
	l.must(err)
	return out
}

// keep lets a check show the same for a while, every half a minute.
func (l *lab) keep(k model.Check, o probe.Outcome, d time.Duration) {
	for end := time.Now().Add(d); time.Now().Before(end); l.pass(30 * time.Second) {
		l.feed(k, o, 0)
	}
}

func TestTheOverviewShowsWhatIsAndWhatWas(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		api, web := l.component("api"), l.component("web")
		k := l.check(api)
		l.pass(time.Second) // checks are in the order of their creation
		off, err := l.a.CreateCheck(bg, l.by, api.ID, func(k *model.Check) error {
			k.Name, k.URL, k.Enabled = "off", "http://127.0.0.1:1/", false
			return nil
		})
		l.must(err)
		l.keep(k, probe.Operational, 30*time.Minute)
		fell := l.now()
		why := probe.Reason{Code: "status", Args: []string{"503", "200-299"}}
		r := probe.Result{At: time.Now(), Outcome: probe.Down, Latency: 7 * time.Millisecond, StatusCode: 503, Reason: why, Phases: probe.Phases{DNS: time.Millisecond, TLS: 2 * time.Millisecond}}
		l.a.Feed(k, r)
		l.pass(10 * time.Second)
		o := l.overview()
		got := o.Components[0]
		if o.Page.ID != l.page.ID || o.Status != status.Down || o.Counts[status.Down] != 1 || o.Counts[status.NoData] != 1 || len(o.Components) != 2 || status.At(o.Since) != fell || status.At(o.Checked) != fell {
			t.Errorf("got %+v", o)
		}
		if got.ID != api.ID || got.Status != status.Down || status.At(got.Since) != fell || got.Latency != 0 || len(got.Checks) != 2 {
			t.Errorf("got %+v", got)
		}
		want := model.Latest{At: fell.Time(), Status: status.Down, Latency: 7 * time.Millisecond, StatusCode: 503, Reason: why.Encode(), Phases: model.Phases{DNS: time.Millisecond, TLS: 2 * time.Millisecond}}
		same(t, got.Checks[0].Latest, want)
		if got.Checks[1].ID != off.ID || got.Checks[1].Status != status.NoData || got.Checks[1].Recent != nil {
			t.Errorf("a disabled check shows %+v", got.Checks[1])
		}
		for _, r := range model.AllRanges() {
			u := got.Uptime(r)
			share := int((30*time.Minute + 10*time.Second) * 10000 / r.Back())
			if !u.Known || u.Hundredths != 9944 || u.Share != share || u.Down != 10*time.Second || u.Window.Duration() != r.Back() {
				t.Errorf("%v: %+v, want a share of %d", r, u, share)
			}
		}
		if lowest, ok := o.Lowest(model.Day); !ok || lowest.ID != api.ID {
			t.Errorf("lowest: %v %v", lowest.Name, ok)
		}
		if other := o.Components[1]; other.ID != web.ID || other.Status != status.NoData || other.Uptime(model.Day).Known || !other.Since.Equal(web.Created) {
			t.Errorf("a component without checks is %+v", other)
		}
	})
}

func TestTheSparklineHasTheMeanOfTheChecks(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		c := l.component("api")
		a := l.check(c)
		l.pass(time.Second)
		b := l.check(c)
		l.keep(a, probe.Operational, 20*time.Minute) // 20 ms each
		for range 40 {
			l.a.Feed(b, probe.Result{At: time.Now(), Outcome: probe.Degraded, Latency: 60 * time.Millisecond, StatusCode: 200})
			l.pass(30 * time.Second)
		}
		l.pass(time.Hour)
		l.must(l.a.FoldHours(bg))
		got := l.overview().Components[0]
		sum := func(list []time.Duration) (total time.Duration) {
			for _, d := range list {
				total += d
			}
			return total
		}
		if len(got.Recent) != 24 || sum(got.Recent) != 40*time.Millisecond || sum(got.Checks[0].Recent) != 20*time.Millisecond || sum(got.Checks[1].Recent) != 60*time.Millisecond {
			t.Errorf("got %v, %v and %v", got.Recent, got.Checks[0].Recent, got.Checks[1].Recent)
		}
	})
}

func TestRecentChangesAreNewestFirstAndLeaveOutRestarts(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		api, web := l.component("api"), l.component("web")
		a := l.check(api)
		first := l.now()
		l.keep(a, probe.Operational, time.Minute)
		l.keep(a, probe.Down, 2*time.Minute)
		at := l.now()
		l.keep(a, probe.Operational, time.Minute)
		l.stop()
		l.pass(time.Minute)
		l.reopen()
		l.feed(a, probe.Operational, 0)
		l.pass(time.Second)
		set := l.now()
		_, err := l.a.UpdateComponent(bg, l.by, web.ID, func(c *model.Component) error { c.ManualStatus = status.Degraded; return nil })
		l.must(err)
		l.pass(time.Second)
		up, down, none := status.Operational, status.Down, status.NoData
		turn := func(c model.Component, at status.Instant, from, to status.Status, lasted time.Duration) model.Turn {
			return model.Turn{Component: c.ID, Name: c.Name, Change: status.Change{At: at, From: from, To: to, Lasted: lasted}}
		}
		fall := turn(api, at.Add(-2*time.Minute), up, down, time.Minute)
		fall.Reason = probe.Reason{Code: "status", Args: []string{"503"}}.Encode()
		want := []model.Turn{
			turn(web, set, none, status.Degraded, 0),
			turn(api, at, down, up, 2*time.Minute),
			fall,
			turn(api, first, none, up, 0),
		}
		same(t, l.recent(0), want)
		same(t, l.recent(2), want[:2])
		if o := l.overview(); status.At(o.Components[0].Since) != at {
			t.Errorf("operational since %v, want %v: a restart is no change", o.Components[0].Since, at.Time())
		}
		if _, err := l.a.Recent(bg, l.by, l.page.ID, app.MaxLimit+1); err == nil {
			t.Error("a limit without limit")
		}
		other, err := l.a.CreatePage(bg, l.by, func(p *model.Page) error { p.Name, p.Slug = "other", "other"; return nil })
		l.must(err)
		if got, err := l.a.Recent(bg, l.by, other.ID, 0); err != nil || len(got) != 0 {
			t.Errorf("another page has %v, %v", got, err)
		}
	})
}

func TestRecentReadsABoundedPartOfALongLife(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		c := l.component("api")
		for i := range 30 {
			_, err := l.a.UpdateComponent(bg, l.by, c.ID, func(c *model.Component) error {
				c.ManualStatus = []status.Status{status.Operational, status.Down}[i%2]
				return nil
			})
			l.must(err)
			l.pass(10 * time.Second)
			l.beat()
		}
		got := l.recent(3)
		if len(got) != 3 || got[0].To != status.Down || got[0].Lasted != 10*time.Second || got[2].Lasted != 10*time.Second {
			t.Errorf("got %+v", got)
		}
		if all := l.recent(0); len(all) != 30 {
			t.Errorf("%d of 30", len(all))
		}
	})
}

func (l *lab) latency(c model.ComponentID, r model.Range) model.Latencies {
	l.t.Helper()
	out, err := l.a.Latency(bg, l.by, c, r)
	l.must(err)
	if n := int(r.Back() / out.Step); n > 300 || out.Window.From%status.Instant(out.Step.Milliseconds()) != 0 || out.Range != r {
		l.t.Errorf("%v: %d steps from %v", r, n, out.Window.From.Time())
	}
	return out
}

func TestLatencyOverEveryRangeIsTheSame(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		c := l.component("api")
		k := l.check(c)
		l.pass(l.now().Time().Truncate(24 * time.Hour).Add(24*time.Hour + 9*time.Hour).Sub(l.now().Time())) // 9 h of a day
		l.keep(k, probe.Operational, time.Hour)
		l.must(l.a.FoldHours(bg))
		fell := l.now()
		l.keep(k, probe.Down, 10*time.Minute)
		l.keep(k, probe.Operational, 10*time.Minute) // not folded yet
		for _, r := range model.AllRanges() {
			got := l.latency(c.ID, r)
			same(t, got.Down, []status.Interval{{From: fell, To: fell.Add(10 * time.Minute)}})
			if len(got.Series) != 1 || got.Series[0].Check != k.ID {
				t.Fatalf("%v: %v", r, got.Series)
			}
			var answered, failed, gaps int
			for _, p := range got.Series[0].Points {
				answered += p.Answered
				failed += p.Failed
				if p.Answered == 0 {
					gaps++
				} else if p.Mean != 20*time.Millisecond || p.Slowest != 20*time.Millisecond {
					t.Errorf("%v: %+v", r, p)
				}
			}
			if answered != 120+20 || failed != 20 || gaps != map[model.Range]int{model.Day: 2}[r] {
				t.Errorf("%v: %d answered, %d failed, %d gaps: %v", r, answered, failed, gaps, got.Series[0].Points)
			}
		}
	})
}

func TestACheckThatLooksSeldomHasNoGapsBetweenLooks(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		c := l.component("api")
		k, err := l.a.CreateCheck(bg, l.by, c.ID, func(k *model.Check) error {
			k.Name, k.URL, k.Interval = "k", "http://127.0.0.1:1/", 30*time.Minute
			return nil
		})
		l.must(err)
		look := func(after time.Duration) {
			l.feed(k, probe.Operational, 0)
			l.pass(after)
		}
		look(30 * time.Minute)
		look(2 * time.Hour) // it was off
		look(time.Minute)
		gaps := ""
		for _, p := range l.latency(c.ID, model.Day).Series[0].Points {
			gaps += fmt.Sprint(p.Answered)
		}
		if gaps != "1101" {
			t.Errorf("answered %s", gaps)
		}
	})
}

func TestResultsOfFailuresGoOnWhereTheyStopped(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		k := l.check(l.component("api"))
		var want []time.Time
		for i := range 40 {
			o := probe.Operational
			if i%3 == 0 {
				o = probe.Down
				want = append([]time.Time{l.now().Time()}, want...)
			}
			l.feed(k, o, 0)
			l.pass(10 * time.Minute)
		}
		l.must(l.a.FoldHours(bg))
		var got []time.Time
		wanted := model.Wanted{Window: model.Window{Limit: 4}, Failed: true}
		for {
			page, err := l.a.Results(bg, l.by, k.ID, wanted)
			l.must(err)
			for _, r := range page.Items {
				if r.Status != status.Down || len(page.Items) > 4 {
					t.Errorf("got %+v", r)
				}
				got = append(got, r.At)
			}
			if wanted.Cursor = page.Next; page.Next == "" {
				break
			}
		}
		same(t, got, want)
		for _, cursor := range []string{"x", "MS4y", "OTk5OTk5OTk5OTk5OTk5OTk5OS4x", "\x00"} {
			wanted.Cursor = cursor
			if _, err := l.a.Results(bg, l.by, k.ID, wanted); cursor != "MS4y" && err == nil {
				t.Errorf("cursor %q is taken", cursor)
			}
		}
	})
}

func TestFailuresOfADayAreToldOnceForEachReason(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		api, web := l.component("api"), l.component("web")
		a, b := l.check(api), l.check(web)
		fail := func(k model.Check, code string) time.Time {
			at := time.Now()
			l.a.Feed(k, probe.Result{At: at, Outcome: probe.Down, StatusCode: 500, Reason: probe.Reason{Code: "status", Args: []string{code, "200-299"}}})
			l.pass(10 * time.Second)
			return l.wall().Add(-10 * time.Second)
		}
		fail(a, "599")
		l.keep(a, probe.Operational, 25*time.Hour)
		fail(a, "500")
		fail(a, "500")
		first := fail(a, "500")
		l.keep(a, probe.Operational, 2*time.Hour)
		l.must(l.a.FoldHours(bg))
		second, third := fail(a, "502"), fail(b, "500")
		want := []time.Time{third, second, first}
		got, err := l.a.Failures(bg, l.by, l.page.ID, 8)
		l.must(err)
		if len(got) != 3 || got[0].Component != web.ID || got[1].Check != a.ID || got[2].Name != a.Name {
			t.Fatalf("got %+v", got)
		}
		for i, f := range got {
			if f.At.Sub(want[i]).Abs() > time.Second || f.Status != status.Down || f.Reason == "" {
				t.Errorf("failure %d: %+v, want at %v", i, f, want[i])
			}
		}
		if got, err := l.a.Failures(bg, l.by, l.page.ID, 1); err != nil || len(got) != 1 {
			t.Errorf("%d failures, %v", len(got), err)
		}
		stranger := model.Actor{Workspace: model.NewWorkspaceID(), Role: model.Owner}
		if _, err := l.a.Failures(bg, stranger, l.page.ID, 8); !errors.Is(err, model.ErrNotFound) {
			t.Errorf("a stranger gets %v", err)
		}
		if _, err := l.a.SpansBack(bg, stranger, api.ID, model.Day); !errors.Is(err, model.ErrNotFound) {
			t.Errorf("a stranger gets %v", err)
		}
	})
}

func TestTheSpansBehindAFigureGiveTheFigure(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		c := l.component("api")
		k := l.check(c)
		l.keep(k, probe.Operational, 20*time.Minute)
		l.keep(k, probe.Down, 3*time.Minute)
		l.keep(k, probe.Degraded, 5*time.Minute)
		now := l.overview().Components[0]
		for _, r := range model.AllRanges() {
			got, err := l.a.SpansBack(bg, l.by, c.ID, r)
			l.must(err)
			if h, known := got.Totals.Uptime(); !known || h != now.Uptime(r).Hundredths || got.Window != now.Uptime(r).Window {
				t.Errorf("%v: %d over %v, the overview has %+v", r, h, got.Window, now.Uptime(r))
			}
		}
	})
}
