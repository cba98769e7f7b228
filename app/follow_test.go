package app_test

import (
	"testing"
	"testing/synctest"
	"time"

	"statusd/app/model"
	"statusd/probe"
)

// signals empties a channel and says how many signals were in it, and whether it is open.
func signals(c <-chan struct{}) (n int, open bool) {
	synctest.Wait()
	for {
		select {
		case _, ok := <-c:
			if !ok {
				return n, false
			}
			n++
		default:
			return n, true
		}
	}
}

func TestFollowersHearOfEveryChangeAndResultOfTheirPage(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		c := l.component("api")
		k := l.check(c)
		other, err := l.a.CreatePage(bg, l.by, func(p *model.Page) error { p.Name, p.Slug = "other", "other"; return nil })
		l.must(err)
		mine, stop := l.a.Follow(l.page)
		second, stopSecond := l.a.Follow(l.page)
		theirs, stopTheirs := l.a.Follow(other)
		defer stop()
		defer stopTheirs()
		for _, act := range []struct { // in this order: a status is told at once only when it changes
			name string
			do   func()
		}{
			{"a status", func() { l.feed(k, probe.Down, 0) }},
			{"results that change nothing", func() {
				for range 5 {
					l.feed(k, probe.Down, 0)
				}
				l.pass(2 * time.Second)
			}},
			{"a page", func() {
				_, err := l.a.UpdatePage(bg, l.by, l.page.ID, func(p *model.Page) error { p.Name = "n"; return nil })
				l.must(err)
			}},
			{"a component", func() { l.component("web") }},
			{"a check", func() {
				_, err := l.a.UpdateCheck(bg, l.by, k.ID, func(k *model.Check) error { k.Name = "n"; return nil })
				l.must(err)
			}},
		} {
			signals(mine)
			act.do()
			if n, open := signals(mine); n != 1 || !open {
				t.Errorf("%s: %d signals, open %v", act.name, n, open)
			}
			k, err = l.a.Check(bg, l.by, k.ID)
			l.must(err)
		}
		if n, _ := signals(second); n != 1 {
			t.Errorf("one that listened to nothing has %d signals", n)
		}
		if n, _ := signals(theirs); n != 0 {
			t.Errorf("another page's follower has %d signals", n)
		}
		stopSecond()
		stopSecond()
		if _, open := signals(second); open {
			t.Error("open after stop")
		}
		l.feed(k, probe.Operational, 0)
		if n, open := signals(mine); n != 1 || !open {
			t.Errorf("after another has left: %d signals, open %v", n, open)
		}
	})
}

func TestNothingIsToldOfWhatWasNotCommittedOrNotSeen(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		c := l.component("api")
		k := l.check(c)
		mine, stop := l.a.Follow(l.page)
		defer stop()
		if _, err := l.a.UpdateComponent(bg, l.by, c.ID, func(c *model.Component) error { c.Name = ""; return nil }); err == nil {
			t.Error("taken")
		}
		old := k
		old.Version-- // a look with an older version of the check
		l.a.Feed(old, probe.Result{At: time.Now(), Outcome: probe.Down})
		l.pass(10 * time.Second)
		if n, _ := signals(mine); n != 0 {
			t.Errorf("%d signals", n)
		}
	})
}

func TestFollowingEndsWhenAppStops(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		mine, stop := l.a.Follow(l.page)
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			for range mine {
			}
		}()
		l.must(l.a.Stop(bg))
		<-ended
		stop()
		late, stopLate := l.a.Follow(l.page)
		if _, open := signals(late); open {
			t.Error("one that came too late would wait for ever")
		}
		stopLate()
	})
}
