package app_test

import (
	"strings"
	"testing"
	"time"

	"statusd/app"
	"statusd/app/model"
	"statusd/app/status"
	"statusd/probe"
	"statusd/store/storetest"
)

// The tests below let something happen between two beats, which fall on whole multiples of five seconds, so that nobody but the
// code under test can have noticed what came before.

func TestAnEndBetweenBeatsKeepsItsInstantInAnEdit(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		c := l.component("api")
		k := l.check(c)
		from := l.now()
		l.pass(3 * time.Second)
		l.feed(k, probe.Down, 0)
		l.pass(71 * time.Second)
		_, err := l.a.UpdateComponent(bg, l.by, c.ID, func(c *model.Component) error { c.Name = "renamed"; return nil })
		l.must(err)
		same(t, l.spans(c.ID, from), []status.Span{span(from, 3, 73, status.Down)})
	})
}

func TestAnEndBetweenBeatsKeepsItsInstantBesideAnOutcome(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		c := l.component("api")
		a, b := l.check(c), l.check(c)
		from := l.now()
		l.pass(3 * time.Second)
		l.feed(a, probe.Down, 0)
		l.pass(37 * time.Second)
		l.feed(b, probe.Operational, 0)
		l.pass(34 * time.Second)
		l.feed(b, probe.Degraded, 0)
		l.pass(2 * time.Second)
		same(t, l.spans(c.ID, from), []status.Span{span(from, 3, 73, status.Down), span(from, 73, 74, status.Operational), span(from, 74, 76, status.Degraded)})
	})
}

func TestAnEndThatNobodyCouldWriteComesBeforeTheGap(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		c := l.component("api")
		k := l.check(c)
		from := l.now()
		l.pass(3 * time.Second)
		l.feed(k, probe.Operational, 0)
		l.pass(68 * time.Second)
		heal, healLife := storetest.Break(t, l.dir, "spans"), storetest.Break(t, l.dir, "life")
		l.pass(6 * time.Second) // a beat that looks at the clock and can write nothing
		healLife()
		heal()
		l.jump(time.Hour)
		l.beat()
		same(t, l.spans(c.ID, from), []status.Span{span(from, 3, 73, status.Operational)})
		l.whole()
	})
}

func TestALateOutcomeChangesNothingBeforeANewerOne(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		c := l.component("api")
		a, b := l.check(c), l.check(c)
		from := l.now()
		l.feed(a, probe.Degraded, 0)
		l.feed(b, probe.Down, 0)
		l.pass(10 * time.Second)
		l.feed(a, probe.Operational, 0)
		l.pass(time.Second)
		l.feed(b, probe.Operational, 3*time.Second) // it saw at 8 what a saw at 10: before that, a is on record as degraded
		l.pass(2 * time.Second)
		same(t, l.spans(c.ID, from), []status.Span{span(from, 0, 10, status.Down), span(from, 10, 13, status.Operational)})
	})
}

func TestAnOutcomeOfAClockThatWasAheadGrowsTooOldToo(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		c := l.component("api")
		k := l.check(c)
		l.beat()
		l.jump(time.Hour)
		l.beat()
		l.pass(time.Second)
		l.feed(k, probe.Down, 0)
		l.pass(time.Second)
		l.beat()
		l.jump(-time.Hour)
		from := l.now()
		l.beat()
		l.pass(90 * time.Second)
		same(t, l.spans(c.ID, from), []status.Span{span(from, 0, 70, status.Down)})
	})
}

func TestAShorterIntervalLetsAnOutcomeGrowTooOldSooner(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		c := l.component("api")
		k := l.check(c)
		interval := func(d time.Duration) {
			var err error
			k, err = l.a.UpdateCheck(bg, l.by, k.ID, func(k *model.Check) error { k.Interval = d; return nil })
			l.must(err)
		}
		interval(time.Hour)
		l.beat()
		from := l.now()
		l.feed(k, probe.Operational, 0)
		l.pass(10 * time.Second)
		interval(30 * time.Second)
		l.pass(90 * time.Second)
		same(t, l.spans(c.ID, from), []status.Span{span(from, 0, 70, status.Operational)})
		later := int(l.now()-from) / 1000
		l.feed(k, probe.Operational, 0)
		l.pass(65 * time.Second)
		l.beat()
		l.pass(2 * time.Second)
		interval(10 * time.Minute) // and a longer one lets it live
		l.pass(20 * time.Second)
		if got := l.spans(c.ID, from); len(got) != 2 || got[1] != span(from, later, later+87, status.Operational) {
			t.Errorf("%v", got)
		}
	})
}

func TestPasswords(t *testing.T) {
	hash := app.HashPassword("correct horse")
	if !app.PasswordMatches(hash, "correct horse") || app.PasswordMatches(hash, "correct horsE") || app.PasswordMatches("", "") || app.PasswordMatches("x", "x") {
		t.Error("a hash knows its own password and no other")
	}
	if strings.Contains(hash, "correct") || hash == app.HashPassword("correct horse") {
		t.Error("a hash is salted")
	}
}
