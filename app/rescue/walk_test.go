package rescue_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"statusd/app/rescue"
)

// diary is the model: it remembers nothing but what happened, and looks everything up in it, from the end backwards.
type diary []entry

// entry is what one check heard, what held then, and what came of it.
type entry struct {
	check  int
	target int // that the check was bound to
	now    time.Duration
	rule   rescue.Rule
	grace  bool
	inside bool // maintenance
	busy   bool // a firing of the target ran
	in     rescue.Input
	act    rescue.Act
}

// bad is a failure that is heard.
func (e entry) bad() bool {
	in, ok := e.in.(rescue.Seen)
	return ok && !in.Good && !e.inside
}

// ends says that an outage of a check ends with the entry: nothing before it counts for anything but cooldowns.
func (e entry) ends() bool {
	if _, left := e.in.(rescue.Left); left {
		return true
	}
	in, ok := e.in.(rescue.Seen)
	return ok && in.Good
}

// failures counts those of a check in a row, up to the newest entry.
func (d diary) failures(check int) (n int) {
	for i := len(d) - 1; i >= 0; i-- {
		if d[i].check != check {
			continue
		}
		if _, anew := d[i].in.(rescue.Uncovered); anew || d[i].ends() {
			return n
		}
		if d[i].bad() {
			n++
		}
	}
	return n
}

// outage is what was done for a check in the outage that goes on, on its present target; the newest entry is left out.
func (d diary) outage(check int) (fired int, gaveUp bool) {
	fires := 0
	for i := len(d) - 2; i >= 0; i-- {
		if d[i].check != check {
			continue
		}
		if _, elsewhere := d[i].in.(rescue.Rebound); elsewhere || d[i].ends() {
			break
		}
		switch d[i].act.(type) {
		case rescue.Fire:
			fires++
		case rescue.GiveUp:
			gaveUp = gaveUp || fires == 0 // and nothing was fired since
		}
	}
	return fires, gaveUp
}

// last is when a target last fired for whatever check; the newest entry is left out.
func (d diary) last(target int) (at time.Duration, ever bool) {
	for i := len(d) - 2; i >= 0; i-- {
		if _, fired := d[i].act.(rescue.Fire); fired && d[i].target == target {
			return d[i].now, true
		}
	}
	return 0, false
}

// expects says what follows from all that is written, of which the newest entry has just happened.
func (d diary) expects() rescue.Act {
	e := d[len(d)-1]
	fired, gaveUp := d.outage(e.check)
	if in, ok := e.in.(rescue.Seen); ok && in.Good && fired > 0 {
		return rescue.Recover{Firings: fired}
	}
	at, ever := d.last(e.target)
	if !e.bad() || e.grace || e.busy || d.failures(e.check) < e.rule.Threshold || ever && e.now-at < e.rule.Cooldown {
		return nil
	}
	if fired < e.rule.MaxFirings {
		return rescue.Fire{Nth: fired + 1}
	}
	if !gaveUp {
		return rescue.GiveUp{After: fired}
	}
	return nil
}

const (
	checks  = 4
	targets = 2
)

// walk is one random life of a few checks that share targets.
type walk struct {
	r       *rand.Rand
	now     time.Duration
	rules   [checks]rescue.Rule
	bound   [checks]int
	inside  [checks]bool
	states  [checks]rescue.State
	past    [targets]rescue.Past
	ends    [targets]time.Duration // of the firing that runs
	grace   bool
	badness float64
	began   time.Duration // of this process, whose monotonic clock starts at 0
}

func newWalk(seed uint64) *walk {
	w := &walk{r: rand.New(rand.NewPCG(seed, 7)), badness: 0.7}
	for k := range checks {
		w.bound[k] = w.r.IntN(targets)
		w.rules[k] = w.anyRule()
	}
	return w
}

func (w *walk) anyRule() rescue.Rule {
	return rescue.Rule{
		Threshold: []int{1, 2, 3, 5}[w.r.IntN(4)], MaxFirings: 1 + w.r.IntN(4),
		Cooldown: []time.Duration{time.Second, time.Minute, 10 * time.Minute}[w.r.IntN(3)],
	}
}

func (w *walk) mono() time.Duration { return w.now - w.began }

// step lets time pass and chooses what happens; false: nothing that a machine hears of.
func (w *walk) step() (check int, in rescue.Input, ok bool) {
	w.now += []time.Duration{0, time.Second, 20 * time.Second, 30 * time.Second, time.Minute, 7 * time.Minute}[w.r.IntN(6)]
	for i := range targets {
		if w.past[i].Running && w.ends[i] <= w.now {
			w.past[i] = w.past[i].Ended()
		}
	}
	check = w.r.IntN(checks)
	switch n := w.r.IntN(40); {
	case n < 30:
		return check, rescue.Seen{Good: w.r.Float64() >= w.badness}, true
	case n == 30:
		w.badness = []float64{0.3, 0.7, 0.95, 1}[w.r.IntN(4)]
	case n == 31:
		w.grace = !w.grace
	case n == 32:
		return check, rescue.Left{}, true
	case n == 33:
		w.bound[check] = 1 - w.bound[check]
		return check, rescue.Rebound{}, true
	case n == 34:
		w.rules[check] = w.anyRule()
	case n == 35 && !w.inside[check]:
		w.inside[check] = true
	case n <= 37 && w.inside[check]:
		w.inside[check] = false
		return check, rescue.Uncovered{}, true
	case n == 38:
		w.killed()
	}
	return 0, nil, false
}

// killed is the next process: firings that ran are interrupted, and how long ago each target fired is told by its record.
func (w *walk) killed() {
	for i, p := range w.past {
		if p.Fired {
			w.past[i] = rescue.FiredBefore(p.Rest(w.mono()).Ago, 0)
		}
	}
	w.began = w.now
}

// hear lets the machine hear of an input, and does what it wants done.
func (w *walk) hear(t *testing.T, check int, in rescue.Input) (entry, rescue.State) {
	t.Helper()
	target := w.bound[check]
	e := entry{check: check, target: target, now: w.now, rule: w.rules[check], grace: w.grace, inside: w.inside[check], busy: w.past[target].Running, in: in}
	env := rescue.Env{Rule: e.rule, Target: w.past[target].Rest(w.mono()), Grace: e.grace, Maintenance: e.inside}
	before := w.states[check]
	next, act := before.Next(env, in)
	e.act, w.states[check] = act, kept(t, next)
	if _, fired := act.(rescue.Fire); fired {
		w.past[target] = rescue.FiredNow(w.mono())
		w.ends[target] = w.now + []time.Duration{0, time.Second, 15 * time.Minute}[w.r.IntN(3)]
	}
	return e, before
}

// TestWalks lets the machine and the model hear of the same, and compares what they want done.
func TestWalks(t *testing.T) {
	walks, steps := 10_000, 100
	if testing.Short() {
		walks = 500
	}
	seen := map[string]int{}
	for seed := range uint64(walks) {
		w := newWalk(seed)
		var d diary
		for step := range steps {
			check, in, ok := w.step()
			if !ok {
				continue
			}
			e, before := w.hear(t, check, in)
			d = append(d, e)
			if want := d.expects(); e.act != want {
				t.Fatalf("walk %d, step %d: %+v before %+v: the model wants %T%+v", seed, step, e, before, want, want)
			}
			if err := d.sound(); err != nil {
				t.Fatalf("walk %d, step %d: %v: %+v", seed, step, err, e)
			}
			if e.act != nil {
				seen[reflect.TypeOf(e.act).Name()]++
			}
		}
	}
	t.Log(seen)
	for _, act := range []string{"Fire", "GiveUp", "Recover"} {
		if seen[act] < walks/10 {
			t.Errorf("the walks hardly ever saw %s: %d times", act, seen[act])
		}
	}
}

// sound says what holds of the newest firing, whatever has happened before.
func (d diary) sound() error {
	e := d[len(d)-1]
	if _, fired := e.act.(rescue.Fire); !fired {
		return nil
	}
	if at, ever := d.last(e.target); ever && e.now-at < e.rule.Cooldown {
		return fmt.Errorf("fired %v after the target last did", e.now-at)
	}
	if e.grace || e.inside || e.busy {
		return errors.New("fired in grace, in maintenance, or while a firing ran")
	}
	if n := d.failures(e.check); n < e.rule.Threshold {
		return fmt.Errorf("fired after %d failures", n)
	}
	if !e.bad() {
		return errors.New("fired without a failure")
	}
	if fired, gaveUp := d.outage(e.check); fired >= e.rule.MaxFirings {
		return fmt.Errorf("fired %d times in one outage, gave up: %v", fired+1, gaveUp)
	}
	return nil
}
