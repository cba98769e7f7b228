package app_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"statusd/app"
	"statusd/app/model"
	"statusd/app/status"
	"statusd/probe"
	"statusd/store/storetest"
)

func TestAnOutcomeGrowsTooOldAtItsInstantAndOnce(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		c := l.component("api")
		k := l.check(c)
		l.pass(3 * time.Second)
		from := l.now()
		l.feed(k, probe.Operational, 0)
		l.pass(69*time.Second + 999*time.Millisecond)
		if got := l.a.ComponentStatus(c.ID); got != status.Operational {
			t.Errorf("just before: %v", got)
		}
		l.pass(5*time.Second + time.Millisecond) // within a beat it is noticed
		if got := l.a.ComponentStatus(c.ID); got != status.NoData {
			t.Errorf("noticed: %v", got)
		}
		l.pass(time.Minute)
		same(t, l.spans(c.ID, from), []status.Span{span(from, 0, 70, status.Operational)})
		later := int(l.now()-from) / 1000
		l.feed(k, probe.Operational, 0)
		l.pass(2 * time.Second)
		same(t, l.spans(c.ID, from), []status.Span{span(from, 0, 70, status.Operational), span(from, later, later+2, status.Operational)})
		l.whole()
	})
}

func TestAnEditDoesNotMoveTheEndOfAnOutcome(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		c := l.component("api")
		k := l.check(c)
		from := l.now()
		l.feed(k, probe.Down, 0)
		l.pass(71 * time.Second) // too old for a second, and perhaps nobody has noticed
		_, err := l.a.UpdateComponent(bg, l.by, c.ID, func(c *model.Component) error { c.Name = "renamed"; return nil })
		l.must(err)
		same(t, l.spans(c.ID, from), []status.Span{span(from, 0, 70, status.Down)})
	})
}

func TestResultsOfAnOlderVersionAreDropped(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		c := l.component("api")
		old := l.check(c)
		l.feed(old, probe.Operational, 0)
		l.pass(10 * time.Second)
		from := l.now()
		now, err := l.a.UpdateCheck(bg, l.by, old.ID, func(k *model.Check) error { k.URL += "elsewhere"; return nil })
		l.must(err)
		if got := l.a.ComponentStatus(c.ID); got != status.NoData {
			t.Errorf("after the change: %v", got)
		}
		l.feed(old, probe.Down, time.Second)
		l.pass(2 * time.Second)
		same(t, l.spans(c.ID, from), []status.Span(nil))
		renamed, err := l.a.UpdateCheck(bg, l.by, old.ID, func(k *model.Check) error { k.Name = "other"; return nil })
		l.must(err)
		l.feed(now, probe.Down, time.Second) // a look of before the renaming, too
		l.feed(renamed, probe.Degraded, 0)
		l.pass(3 * time.Second)
		same(t, l.spans(c.ID, from), []status.Span{span(from, 2, 5, status.Degraded)})
		results, err := l.results(old.ID)
		if err != nil || len(results) != 2 {
			t.Errorf("%d results, %v", len(results), err)
		}
		l.must(l.a.DeleteCheck(bg, l.by, old.ID))
		l.feed(renamed, probe.Operational, 0)
		l.pass(2 * time.Second)
		if got := l.a.ComponentStatus(c.ID); got != status.NoData {
			t.Errorf("after the end: %v", got)
		}
	})
}

// TestTwoTargetsWhileTimeStandsStill: an outcome of the first must not count for the second, though both changes have one instant.
func TestTwoTargetsWhileTimeStandsStill(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		c := l.component("api")
		k := l.check(c)
		l.beat()
		l.jump(-10 * time.Second)
		for range 2 {
			var err error
			k, err = l.a.UpdateCheck(bg, l.by, k.ID, func(k *model.Check) error { k.URL += "x"; return nil })
			l.must(err)
			if got := l.a.ComponentStatus(c.ID); got != status.NoData {
				t.Errorf("after a change of target: %v", got)
			}
			l.feed(k, probe.Down, 0)
			if got := l.a.ComponentStatus(c.ID); got != status.Down {
				t.Errorf("after its first outcome: %v", got)
			}
		}
	})
}

// TestWhileTheDiskTakesNothing: memory and database stay equal, nothing is lost, and what was seen in the meantime is written
// with its own instants, without a gap.
func TestWhileTheDiskTakesNothing(t *testing.T) {
	for _, broken := range []string{"segments", "spans", "commit"} {
		t.Run(broken, func(t *testing.T) {
			bubble(t, func(t *testing.T, l *lab) {
				c := l.component("api")
				k := l.check(c)
				l.beat()
				from := l.now()
				l.feed(k, probe.Operational, 0)
				l.pass(2 * time.Second)
				var heal []func()
				if broken == "commit" {
					heal = append(heal, storetest.BreakCommit(t, l.dir, "segments"))
				} else {
					heal = append(heal, storetest.Break(t, l.dir, broken))
				}
				if broken != "spans" { // a sign of life would be one all the same
					heal = append(heal, storetest.Break(t, l.dir, "life"))
				}
				for i := range 12 { // a minute and more: four times the longest gap
					l.pass(6 * time.Second)
					o := probe.Operational
					if i >= 5 {
						o = probe.Down
					}
					l.feed(k, o, 0)
					l.whole()
				}
				if got := l.a.ComponentStatus(c.ID); got != status.Operational {
					t.Errorf("what is not written is not said: %v", got)
				}
				if broken != "spans" {
					if err := l.a.Ready(bg); err == nil || !strings.Contains(err.Error(), "does not take writes") {
						t.Errorf("ready: %v", err)
					}
				}
				for _, f := range slices.Backward(heal) {
					f()
				}
				l.pass(6 * time.Second)
				same(t, l.spans(c.ID, from), []status.Span{span(from, 0, 38, status.Operational), span(from, 38, 80, status.Down)})
				results, err := l.results(k.ID)
				if err != nil || len(results) != 13 {
					t.Fatalf("%d results, %v", len(results), err)
				}
				for i, r := range results[:12] {
					if want := from.Add(time.Duration(74-6*i) * time.Second); status.At(r.At) != want {
						t.Errorf("result %d at %v, want %v", i, r.At, want.Time())
					}
				}
				l.whole()
				l.must(l.a.Ready(bg))
			})
		})
	}
}

func TestAnEditThatFailsChangesNothing(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		c := l.component("api")
		k := l.check(c)
		l.feed(k, probe.Down, 0)
		move := func() error {
			_, err := l.a.UpdateCheck(bg, l.by, k.ID, func(k *model.Check) error { k.URL += "x"; return nil })
			return err
		}
		remove := func() error { return l.a.DeleteComponent(bg, l.by, c.ID) }
		add := func() error {
			_, err := l.a.CreateComponent(bg, l.by, l.page.ID, func(c *model.Component) error { c.Name, c.ManualStatus = "m", status.Down; return nil })
			return err
		}
		for table, edits := range map[string][]func() error{
			"spans": {move, remove, add}, "components": {remove, add}, "checks": {move, remove}, "life": {move, remove, add},
		} {
			for i, edit := range edits {
				heal := storetest.Break(t, l.dir, table)
				if edit() == nil {
					t.Errorf("%s: edit %d went through", table, i)
				}
				heal()
				l.whole()
				if got := l.a.ComponentStatus(c.ID); got != status.Down {
					t.Errorf("%s: edit %d left %v", table, i, got)
				}
			}
		}
		heal := storetest.BreakCommit(t, l.dir, "life")
		for _, edit := range []func() error{move, remove, add} {
			if edit() == nil {
				t.Error("a commit that fails went through")
			}
			l.whole()
		}
		heal()
		l.must(move())
		l.whole()
	})
}

func TestEightHoursAsleepAreNoData(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		c := l.component("api")
		k := l.check(c)
		l.pass(5 * time.Second) // a beat
		from := l.now()
		l.feed(k, probe.Operational, 0)
		l.pass(5 * time.Second)
		began := time.Now() // a look is going on when the lid closes
		l.pass(time.Second)
		l.beat()
		l.jump(8 * time.Hour) // the monotonic clock stands still in the meantime
		snap, err := l.a.Snapshot(bg, slug)
		l.must(err)
		if d := snap.Facts.Components[0].Days; d[88].Operational+d[89].Operational > 6*time.Second {
			t.Errorf("before anything is recorded after waking, the night counts as seen: %v", d[88:])
		}
		l.a.Feed(k, probe.Result{At: began, Outcome: probe.Down, Reason: probe.Reason{Code: "timeout"}})
		l.pass(2 * time.Second)
		if got := l.a.ComponentStatus(c.ID); got == status.Down {
			t.Error("a look that slept reads as an outage")
		}
		wake := int(l.now()-from) / 1000
		l.feed(k, probe.Operational, 0)
		l.pass(3 * time.Second)
		same(t, l.spans(c.ID, from), []status.Span{span(from, 0, 6, status.Operational), span(from, wake, wake+3, status.Operational)})
		l.whole()
	})
}

func TestAClockInTheYear2038CostsNothingButItsOwnMinutes(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		c := l.component("api")
		k := l.check(c)
		l.beat()
		from := l.now()
		l.feed(k, probe.Operational, 0)
		l.pass(10 * time.Second)
		l.beat()
		l.jump(12 * 365 * 24 * time.Hour)
		for range 10 {
			l.pass(10 * time.Second)
			l.feed(k, probe.Down, 0)
		}
		l.must(l.a.FoldHours(bg))
		l.must(l.a.Forget(bg))
		l.jump(-12 * 365 * 24 * time.Hour)
		l.pass(6 * time.Second)
		seconds := int(l.now()-from) / 1000
		spans := l.spans(c.ID, from)
		if len(spans) != 2 || spans[0] != span(from, 0, 10, status.Operational) || spans[1].Status != status.Down || spans[1].To > l.now() {
			t.Errorf("%v", spans)
		}
		l.feed(k, probe.Operational, 0)
		l.pass(time.Second)
		if got := l.spans(c.ID, from.Add(time.Duration(seconds)*time.Second)); len(got) != 1 || got[0].Status != status.Operational {
			t.Errorf("%v", got)
		}
		results, err := l.results(k.ID)
		if err != nil || len(results) != 3 { // before it, after it, and the last one, which was written by the right clock
			t.Errorf("%d results are left: %v, %v", len(results), results, err)
		}
		l.crash()
		l.reopen()
		if got := l.a.ComponentStatus(c.ID); got != status.Operational {
			t.Errorf("after a restart: %v", got)
		}
		l.whole()
	})
}

func TestARunByHandIsShownAndNeverJudged(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		c := l.component("api")
		k := l.check(c)
		sick := false
		l.stop()
		l.s = storetest.Open(t, l.dir)
		byHand := false
		l.beginWith(func(context.Context, probe.Target) (probe.Result, error) {
			if !byHand {
				return probe.Result{}, errors.New("cut off")
			}
			return probe.Result{At: time.Now(), Outcome: probe.Down, Sick: sick, Reason: probe.Reason{Code: "x"}}, nil
		})
		l.pass(time.Second)
		byHand = true
		got, err := l.a.RunCheck(bg, l.by, k.ID)
		if err != nil || got.Status != status.Down || !got.Manual {
			t.Errorf("%v, %v", got, err)
		}
		sick = true
		if got, err = l.a.RunCheck(bg, l.by, k.ID); err != nil || got.Status != status.NoData {
			t.Errorf("statusd could not see: %v, %v", got, err)
		}
		if _, err := l.a.RunCheck(bg, model.Actor{Workspace: l.by.Workspace, Role: model.Viewer}, k.ID); !errors.Is(err, model.ErrForbidden) {
			t.Errorf("a viewer: %v", err)
		}
		_, err = l.a.UpdateCheck(bg, l.by, k.ID, func(k *model.Check) error { k.URL = "http://127.0.0.1:2/"; return nil })
		l.must(err) // what was shown is kept, although it is of the check as it was
		l.pass(2 * time.Second)
		results, err := l.results(k.ID)
		if err != nil || len(results) != 2 || !results[0].Manual || l.a.ComponentStatus(c.ID) != status.NoData {
			t.Errorf("%v, %v, %v", results, err, l.a.ComponentStatus(c.ID))
		}
	})
}

// TestATargetThatHangsIsDownAllTheTime, also when a probe with all its attempts takes longer than the interval: its results are old when
// they come, and turns are passed over.
func TestATargetThatHangsIsDownAllTheTime(t *testing.T) {
	for _, row := range []struct {
		timeout time.Duration
		retries int
	}{{10 * time.Second, 1}, {10 * time.Second, 2}, {20 * time.Second, 3}, {29 * time.Second, 5}} {
		t.Run(fmt.Sprint(row), func(t *testing.T) {
			bubble(t, func(t *testing.T, l *lab) {
				c := l.component("api")
				k, err := l.a.CreateCheck(bg, l.by, c.ID, func(k *model.Check) error {
					k.Name, k.URL, k.Timeout, k.Retries = "k", "http://127.0.0.1:1/", row.timeout, row.retries
					return nil
				})
				l.must(err)
				l.stop()
				l.s = storetest.Open(t, l.dir)
				hangs := time.Now().Add(5 * time.Minute)
				l.beginWith(func(ctx context.Context, _ probe.Target) (probe.Result, error) {
					r := probe.Result{At: time.Now(), Outcome: probe.Operational, StatusCode: 200}
					if r.At.Before(hangs) {
						return r, nil
					}
					r.Outcome, r.Reason = probe.Down, probe.Reason{Code: "timeout"}
					select {
					case <-time.After(k.Timeout + time.Duration(k.Retries)*(k.Timeout+k.RetryPause())):
						return r, nil
					case <-ctx.Done():
						return r, ctx.Err()
					}
				})
				var seen []status.Status
				for range 600 { // 25 minutes
					l.pass(2500 * time.Millisecond)
					if s := l.a.ComponentStatus(c.ID); len(seen) == 0 || seen[len(seen)-1] != s {
						seen = append(seen, s)
					}
				}
				if seen[0] == status.NoData { // before the first look
					seen = seen[1:]
				}
				same(t, seen, []status.Status{status.Operational, status.Down})
				spans, err := l.a.Spans(bg, l.by, c.ID, status.Interval{})
				l.must(err)
				if n := len(spans.Spans); n != 2 || spans.Spans[1].Status != status.Down || spans.Spans[0].To != spans.Spans[1].From {
					t.Errorf("%v", spans.Spans)
				}
			})
		})
	}
}

// TestTheWholeRoad lets the scheduler look at a target that is down for a while.
func TestTheWholeRoad(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		c := l.component("api")
		from, began := l.now(), time.Now()
		l.stop()
		l.s = storetest.Open(t, l.dir)
		l.beginWith(func(context.Context, probe.Target) (probe.Result, error) {
			r := probe.Result{At: time.Now(), Outcome: probe.Operational, StatusCode: 200}
			if since := time.Since(began); since >= 4*time.Minute && since < 8*time.Minute {
				r.Outcome = probe.Down
			}
			time.Sleep(50 * time.Millisecond)
			return r, nil
		})
		l.check(c)
		l.pass(15 * time.Minute)
		spans := l.spans(c.ID, from)
		if len(spans) != 3 || spans[1].Status != status.Down || spans[1].Duration() != 4*time.Minute || spans[2].From != spans[1].To {
			t.Errorf("%v", spans)
		}
		l.whole()
		l.must(l.a.Ready(bg))
	})
}

func TestReadySaysWhyNot(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		k := l.check(l.component("api"))
		l.must(l.a.Ready(bg))
		patience := 3*k.Interval + 2*k.Timeout + k.RetryPause()
		l.pass(patience)
		l.must(l.a.Ready(bg))
		l.pass(time.Second)
		if err := l.a.Ready(bg); err == nil || !strings.Contains(err.Error(), k.ID.String()) {
			t.Errorf("a silent check: %v", err)
		}
		l.feed(k, probe.Down, 0)
		l.must(l.a.Ready(bg)) // heard of is enough
		l.pass(patience + time.Second)
		if l.a.Ready(bg) == nil {
			t.Error("silent again")
		}
		_, err := l.a.UpdateCheck(bg, l.by, k.ID, func(k *model.Check) error { k.Enabled = false; return nil })
		l.must(err)
		l.must(l.a.Ready(bg))
		l.must(l.a.Stop(bg))
		if l.a.Ready(bg) == nil {
			t.Error("ready after its end")
		}
		l.begin()
	})
}

func TestTheCalendarForgetsWhenTheClockIsBelieved(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		k := l.check(l.component("api"))
		l.feed(k, probe.Operational, 0)
		l.pass(2 * time.Second)
		l.jump(9 * 24 * time.Hour)
		l.beat()
		l.must(l.a.FoldHours(bg))
		if n := storetest.Number(t, l.dir, `SELECT count(*) FROM packs`); n != 1 {
			t.Fatalf("%d packs", n)
		}
		l.must(l.a.Forget(bg))
		if n := storetest.Number(t, l.dir, `SELECT count(*) FROM packs`); n != 1 {
			t.Error("a clock of a minute's standing cost a week of results")
		}
		l.pass(2*time.Hour + 5*time.Minute) // the calendar's own hour comes
		if n := storetest.Number(t, l.dir, `SELECT count(*) FROM packs WHERE hour < `+"(SELECT max(seen_at) / 3600000 - 168 FROM life)"); n != 0 {
			t.Errorf("%d packs are left", n)
		}
	})
}

func TestUseCasesInOneTransactionSeeEachOther(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		_, token, err := l.a.CreateToken(bg, app.NewToken{Name: "ci", Role: model.Owner})
		l.must(err)
		by := l.by
		by.Token = token.ID
		var c model.Component
		_, err = l.a.Once(bg, by, "key", []byte("f"), func(ctx context.Context) (app.Answer, error) {
			if c, err = l.a.CreateComponent(ctx, by, l.page.ID, func(c *model.Component) error { c.Name = "new"; return nil }); err != nil {
				return app.Answer{}, err
			}
			if _, err = l.a.CreateCheck(ctx, by, c.ID, func(k *model.Check) error { k.Name, k.URL = "k", "http://x/"; return nil }); err != nil {
				return app.Answer{}, err
			}
			_, err = l.a.UpdateComponent(ctx, by, c.ID, func(c *model.Component) error { c.Group = "g"; return nil })
			return app.Answer{Status: 201}, err
		})
		l.must(err)
		snap, err := l.a.Snapshot(bg, slug)
		if err != nil || len(snap.Facts.Components) != 1 || len(snap.Facts.Components[0].Checks) != 1 || snap.Facts.Components[0].Group != "g" {
			t.Errorf("%v, %v", snap, err)
		}
		_, err = l.a.Once(bg, by, "other", []byte("f"), func(ctx context.Context) (app.Answer, error) {
			made, err := l.a.CreateComponent(ctx, by, l.page.ID, func(c *model.Component) error { c.Name, c.ManualStatus = "gone", status.Down; return nil })
			l.must(err)
			_ = made
			return app.Answer{}, l.a.DeletePage(ctx, by, l.page.ID)
		})
		l.must(err)
		l.whole()
		if n := storetest.Number(t, l.dir, `SELECT count(*) FROM components`); n != 0 || len(l.a.Remembered(l.page.ID)) != 0 {
			t.Errorf("%d components are left, memory knows of %v", n, l.a.Remembered(l.page.ID))
		}
	})
}

func TestManyAtOnceLeaveMemoryAndDatabaseEqual(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		c := l.component("api")
		var ends []chan struct{}
		for i := range 8 {
			end := make(chan struct{})
			ends = append(ends, end)
			go func() {
				defer close(end)
				for n := range 10 {
					s := []status.Status{status.Operational, status.Degraded, status.Down, status.NoData}[(i+n)%4]
					_, err := l.a.UpdateComponent(bg, l.by, c.ID, func(c *model.Component) error { c.ManualStatus, c.Position = s, i; return nil })
					if err != nil {
						t.Error(err)
					}
					if _, err := l.a.Snapshot(bg, slug); err != nil {
						t.Error(err)
					}
					_ = l.a.Ready(bg)
				}
			}()
		}
		for _, end := range ends {
			<-end
		}
		l.whole()
		row, err := l.a.Component(bg, l.by, c.ID)
		l.must(err)
		snap, err := l.a.Snapshot(bg, slug)
		l.must(err)
		if got := snap.Facts.Components[0].Status; got != row.ManualStatus || l.a.ComponentStatus(c.ID) != row.ManualStatus {
			t.Errorf("the page says %v, the row %v", got, row.ManualStatus)
		}
	})
}
