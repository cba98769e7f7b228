package incident_test

import (
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"statusd/app/incident"
	"statusd/app/status"
)

// diary is the model: it remembers nothing but what happened, and looks everything up in it, from the end backwards.
type diary struct {
	resolveAfter time.Duration
	entries      []entry
}

// entry is an input, what held then, and what came of it.
type entry struct {
	env     incident.Env
	in      incident.Input
	acts    []incident.Act
	before  incident.Status
	covered bool // before it
	failing bool // something did, once the input had been heard of
}

// since finds the newest entry before a place of which f is true, -1 when there is none.
func (d *diary) since(end int, f func(i int) bool) int {
	for i := end - 1; i >= 0; i-- {
		if f(i) {
			return i
		}
	}
	return -1
}

// at is when an entry was, which no clock that was set back later lets be in the future.
func (d *diary) at(i int, at status.Instant) status.Instant {
	for _, e := range d.entries[i:] {
		if back, ok := e.in.(incident.SetBack); ok {
			at = min(at, back.To)
		}
	}
	return at
}

// covered says that maintenance covers the component after the first entries.
func (d *diary) covered(end int) bool {
	if end < len(d.entries) && end > 0 {
		return d.entries[end].covered
	}
	i := d.since(end, func(i int) bool {
		switch d.entries[i].in.(type) {
		case incident.Covered, incident.Uncovered:
			return true
		}
		return false
	})
	if i < 0 {
		return false
	}
	_, yes := d.entries[i].in.(incident.Covered)
	return yes
}

// status is that of the open incident after the first entries.
func (d *diary) status(end int) incident.Status {
	for i := end - 1; i >= 0; i-- {
		for _, act := range slices.Backward(d.entries[i].acts) {
			switch act.(type) {
			case incident.Open, incident.Relapse:
				return incident.Investigating
			case incident.Recover:
				return incident.Monitoring
			case incident.Resolve:
				return 0
			}
		}
		switch in := d.entries[i].in.(type) {
		case incident.Ended:
			return 0
		case incident.Moved:
			if in.To == incident.Resolved {
				return 0
			}
			return in.To
		}
	}
	return 0
}

// moved says that an entry is a person's act that changed something.
func (d *diary) moved(i int) (to incident.Status, yes bool) {
	in, ok := d.entries[i].in.(incident.Moved)
	return in.To, ok && in.To != d.entries[i].before
}

// heard is an outcome outside maintenance.
func (d *diary) heard(i int) (incident.Seen, bool) {
	in, ok := d.entries[i].in.(incident.Seen)
	return in, ok && !d.covered(i)
}

// anew says that counting began anew with an entry.
func (d *diary) anew(i int) bool {
	if _, ok := d.entries[i].in.(incident.Uncovered); ok {
		return true
	}
	to, ok := d.moved(i)
	return ok && to != incident.Resolved
}

// failures are the outcomes of a check that count against it, newest first, and whether it fails at all.
func (d *diary) failures(k incident.Key) (bad []int, failing bool) {
	counting := true
	for i := len(d.entries) - 1; i >= 0; i-- {
		if left, ok := d.entries[i].in.(incident.Left); ok && left.Check == k {
			break
		}
		counting = counting && !d.anew(i)
		if in, ok := d.heard(i); ok && in.Check == k {
			if in.Good {
				break
			}
			failing = true
			if counting {
				bad = append(bad, i)
			}
		}
	}
	return bad, failing
}

func (d *diary) failing() bool {
	for k := range incident.Key(4) {
		if _, failing := d.failures(k); failing {
			return true
		}
	}
	return false
}

// reached says that a check has failed as often as the newest of its failures asks for.
func (d *diary) reached(k incident.Key) (first status.Instant, yes bool) {
	bad, _ := d.failures(k)
	if len(bad) == 0 {
		return 0, false
	}
	newest, _ := d.heard(bad[0])
	oldest := bad[len(bad)-1]
	in, _ := d.heard(oldest)
	return d.at(oldest, in.At), newest.Threshold > 0 && len(bad) >= newest.Threshold
}

// muted says that a person ended an incident while something failed, and something has failed ever since, or nobody could hear.
func (d *diary) muted() bool {
	end := d.since(len(d.entries), func(i int) bool {
		_, deleted := d.entries[i].in.(incident.Ended)
		_, moved := d.moved(i)
		return deleted || moved
	})
	if end < 0 || !d.entries[end].failing {
		return false
	}
	if to, moved := d.moved(end); moved && to != incident.Resolved {
		return false
	}
	for i := end; i < len(d.entries); i++ {
		if !d.entries[i].failing && !d.covered(i+1) {
			return false
		}
	}
	return true
}

// chapter is where the open incident began, was reopened, or relapsed last: since then it has named checks.
func (d *diary) chapter() int {
	return d.since(len(d.entries), func(i int) bool {
		to, moved := d.moved(i)
		if moved && d.entries[i].before == 0 && to != incident.Resolved {
			return true
		}
		return slices.ContainsFunc(d.entries[i].acts, func(a incident.Act) bool {
			switch a.(type) {
			case incident.Open, incident.Relapse:
				return true
			}
			return false
		})
	})
}

// named says that people were told that a check is among those that fail.
func (d *diary) named(k incident.Key) bool {
	begin := d.chapter()
	for i := len(d.entries) - 1; i >= max(begin, 0); i-- {
		if in, ok := d.entries[i].in.(incident.Left); ok && in.Check == k && i > begin {
			return false
		}
		for _, act := range d.entries[i].acts {
			switch act := act.(type) {
			case incident.Open:
				return slices.Contains(act.Checks, k)
			case incident.Relapse:
				return act.Check == k
			case incident.Join:
				if act.Check == k {
					return true
				}
			}
		}
	}
	if begin < 0 {
		return false
	}
	then := diary{entries: d.entries[:begin+1]} // a person reopened it, who knew what failed
	_, failed := then.failures(k)
	return failed
}

func (d *diary) relapses() (n int) {
	for i := len(d.entries) - 1; i >= 0; i-- {
		for _, act := range d.entries[i].acts {
			switch act.(type) {
			case incident.Open:
				return n
			case incident.Relapse:
				n++
			}
		}
		if to, moved := d.moved(i); moved && d.entries[i].before == 0 && to != incident.Resolved {
			return n
		}
	}
	return n
}

// held says that a person put the incident back while all was good, and nothing has failed since.
func (d *diary) held() bool {
	i := d.since(len(d.entries), func(i int) bool { _, moved := d.moved(i); return moved })
	if i < 0 || d.entries[i].failing {
		return false
	}
	to, _ := d.moved(i)
	for j := i + 1; j < len(d.entries); j++ {
		if in, ok := d.heard(j); ok && !in.Good {
			return false
		}
	}
	return to < incident.Monitoring
}

// upset is the newest entry that restarted the good time.
func (d *diary) upset() int {
	return d.since(len(d.entries), func(i int) bool {
		switch in := d.entries[i].in.(type) {
		case incident.Covered, incident.Uncovered, incident.Ended:
			return true
		case incident.Seen:
			return !in.Good && !d.covered(i)
		}
		_, moved := d.moved(i)
		return moved || slices.Contains(d.entries[i].acts, incident.Act(incident.Resolve{}))
	})
}

// good is how long all has been good, and how many good outcomes were seen in it.
func (d *diary) good() (total time.Duration, probes int) {
	begin := max(d.upset(), 0)
	running := false
	var from status.Instant
	for i := begin; i < len(d.entries); i++ {
		e := d.entries[i]
		if in, ok := d.heard(i); ok && in.Good && !e.failing {
			probes++
		}
		if running {
			stop := status.Instant(-1)
			switch in := e.in.(type) {
			case incident.SetBack:
				from = min(from, in.To)
			case incident.Paused:
				if !in.Empty() {
					total += max(0, in.From.Sub(from))
					from = max(from, in.To)
				}
			case incident.Lost:
				stop = in.At
			}
			if stop >= 0 {
				total += max(0, stop.Sub(from))
				running = false
			}
		}
		if e.failing || d.covered(i+1) {
			running = false
			continue
		}
		switch {
		case e.env.Unseen && running:
			total += max(0, e.env.Now.Sub(from))
			running = false
		case !e.env.Unseen && !running:
			running, from = true, e.env.Now
		}
	}
	if last := len(d.entries) - 1; running && last >= 0 {
		total += d.entries[last].env.Now.Sub(from)
	}
	return total, probes
}

// hear writes an input down and says what follows from all that is written.
func (d *diary) hear(env incident.Env, in incident.Input) []incident.Act {
	n := len(d.entries)
	d.entries = append(d.entries, entry{env: env, in: in, before: d.status(n), covered: d.covered(n)})
	e := &d.entries[n]
	e.failing = d.failing()
	if in, ok := d.heard(n); ok && !in.Good {
		if _, reached := d.reached(in.Check); reached && !env.Grace && !d.muted() {
			e.acts = d.struck(in.Check, e.before)
		}
	}
	if d.covered(n+1) || e.failing {
		return e.acts
	}
	good, probes := d.good()
	calm := time.Duration(0)
	if r := d.relapses(); r >= 2 {
		calm = min(time.Duration(r-1)*d.resolveAfter/6, d.resolveAfter/2)
	}
	if s := d.status(n + 1); s != 0 && s < incident.Monitoring && !d.held() && good >= calm {
		e.acts = append(e.acts, incident.Recover{})
	}
	if d.status(n+1) != 0 && good >= d.resolveAfter && (probes >= 2 || env.Blind) {
		e.acts = append(e.acts, incident.Resolve{})
	}
	return e.acts
}

func (d *diary) struck(k incident.Key, now incident.Status) []incident.Act {
	switch {
	case now == 0:
		open := incident.Open{}
		for k := range incident.Key(4) {
			if first, reached := d.reached(k); reached {
				open.Checks = append(open.Checks, k)
				if open.Since == 0 || first < open.Since {
					open.Since = first
				}
			}
		}
		return []incident.Act{open}
	case now == incident.Monitoring:
		return []incident.Act{incident.Relapse{Check: k}}
	case !d.named(k):
		return []incident.Act{incident.Join{Check: k}}
	}
	return nil
}

// walk is one random life of a component.
type walk struct {
	r          *rand.Rand
	now        status.Instant
	thresholds [4]int
	grace      bool
	blind      bool
	unseen     bool
	covered    bool
	bad        float64 // how likely a failure is
}

// next chooses an input.
func (w *walk) next(s incident.State) incident.Input {
	before := w.now
	w.now = w.now.Add([]time.Duration{0, time.Second, 30 * time.Second, 30 * time.Second, 2 * time.Minute, 11 * time.Minute}[w.r.IntN(6)])
	k := incident.Key(w.r.IntN(4))
	if w.r.IntN(8) == 0 {
		w.bad = []float64{0, 0.2, 0.5, 0.9}[w.r.IntN(4)]
	}
	switch n := w.r.IntN(40); {
	case n < 22:
		return incident.Seen{Check: k, Good: w.r.Float64() >= w.bad, At: before + (w.now-before)/2, Threshold: w.thresholds[k]}
	case n < 24:
		return incident.Left{Check: k}
	case n == 24:
		off := status.Interval{From: before, To: w.now}
		if w.r.IntN(3) == 0 {
			off.From -= 3000
		}
		return incident.Paused{Interval: off}
	case n == 25:
		w.now = before.Add(-time.Duration(w.r.IntN(300)) * time.Second)
		return incident.SetBack{To: w.now}
	case n == 26 || w.covered && n < 29:
		w.covered = !w.covered
		if w.covered {
			return incident.Covered{}
		}
		return incident.Uncovered{}
	case n == 29:
		w.grace = !w.grace
	case n == 30:
		w.blind, w.unseen = !w.blind, false
	case n == 31:
		w.unseen = !w.unseen && !w.blind
		if w.unseen {
			return incident.Lost{At: w.now - status.Instant(w.r.IntN(4000))}
		}
	case n < 34:
		return incident.Moved{To: incident.Statuses()[w.r.IntN(4)]}
	case n == 34:
		return incident.Ended{}
	case n == 35: // exactly when something is due
		if due, ok := s.Due(w.env(30 * time.Minute)); ok && due > before && !w.unseen {
			w.now = due
		}
	}
	return incident.Passed{}
}

func (w *walk) env(resolveAfter time.Duration) incident.Env {
	return incident.Env{Rules: incident.Rules{ResolveAfter: resolveAfter}, Now: w.now, Grace: w.grace, Blind: w.blind, Unseen: w.unseen}
}

// TestWalks lets the machine and the model hear of the same, and compares what they want done.
func TestWalks(t *testing.T) {
	walks, steps := 10_000, 100
	if testing.Short() {
		walks = 500
	}
	seen := map[string]int{}
	for seed := range uint64(walks) {
		r := rand.New(rand.NewPCG(seed, 3))
		w := &walk{r: r, now: zero, bad: 0.5}
		for k := range w.thresholds {
			w.thresholds[k] = []int{1, 2, 3, 0}[r.IntN(4)]
		}
		d := &diary{resolveAfter: 30 * time.Minute}
		var s incident.State
		for step := range steps {
			in := w.next(s)
			if in, ok := in.(incident.Moved); ok && in.To == incident.Resolved && s.Status == 0 {
				continue // a person can comment on one that is over; nobody is told
			}
			env := w.env(d.resolveAfter)
			promised(t, s, env)
			kept := copied(s)
			next, got := s.Next(env, in)
			if !reflect.DeepEqual(s, kept) {
				t.Fatalf("walk %d, step %d: %T changed the state that it was asked of", seed, step, in)
			}
			spoil(s.Checks)
			want := d.hear(env, in)
			if !reflect.DeepEqual(got, want) && len(got)+len(want) > 0 {
				t.Fatalf("walk %d, step %d: %T%+v in %+v: got %v, the model %v\nbefore %+v\nafter  %+v", seed, step, in, in, env, got, want, kept, next)
			}
			s = next
			sound(t, kept, s, env, in, got, d)
			for _, act := range got {
				seen[reflect.TypeOf(act).Name()]++
			}
		}
	}
	t.Log(seen)
	for _, act := range []string{"Open", "Join", "Relapse", "Recover", "Resolve"} {
		if seen[act] < walks/20 {
			t.Errorf("the walks hardly ever saw %s: %d times", act, seen[act])
		}
	}
}

// copied shares no memory with a state.
func copied(s incident.State) incident.State {
	s.Checks = maps.Clone(s.Checks)
	return s
}

// spoil makes whoever still uses the map see nonsense.
func spoil(checks map[incident.Key]incident.Check) {
	for k := range checks {
		checks[k] = incident.Check{Failures: 77, Named: true}
	}
	if checks != nil {
		checks[99] = incident.Check{Failures: 77}
	}
}

// sound says what holds whatever has happened.
func sound(t *testing.T, before, after incident.State, env incident.Env, in incident.Input, acts []incident.Act, d *diary) {
	t.Helper()
	open := before.Status
	for _, act := range acts {
		switch act := act.(type) {
		case incident.Open:
			if open != 0 || env.Grace || before.Covered || before.Muted || len(act.Checks) == 0 || act.Since > env.Now {
				t.Fatalf("opened: %+v, %+v, %+v", act, before, env)
			}
			open = incident.Investigating
		case incident.Relapse, incident.Join:
			if open == 0 || env.Grace || before.Covered {
				t.Fatalf("%T: %+v", act, before)
			}
			open = incident.Investigating
		case incident.Recover:
			if open == 0 && after.Status == 0 || after.Failing() || after.Covered {
				t.Fatalf("recovered: %+v, %+v", before, after)
			}
		case incident.Resolve:
			if good, probes := d.goodBefore(); after.Failing() || after.Covered || good < d.resolveAfter || probes < 2 && !env.Blind {
				t.Fatalf("resolved after %v and %d probes: %+v, %+v", good, probes, before, after)
			}
			open = 0
		}
	}
	if _, ok := in.(incident.Passed); ok && before.Covered && len(acts) > 0 {
		t.Fatalf("%v in maintenance", acts)
	}
	if len(acts) > 0 || len(d.entries)%8 == 0 { // reading JSON takes longer than all the rest
		kept(t, after)
	}
}

// goodBefore is good as it was when the newest entry's acts were decided on.
func (d *diary) goodBefore() (time.Duration, int) {
	last := len(d.entries) - 1
	then := diary{resolveAfter: d.resolveAfter, entries: slices.Clone(d.entries)}
	then.entries[last].acts = nil
	return then.good()
}

// promised says that Due tells exactly when Passed acts.
func promised(t *testing.T, s incident.State, env incident.Env) {
	t.Helper()
	if env.Unseen {
		return // good time stands still: what is due is not
	}
	s, _ = s.Next(env, incident.Passed{})
	due, ok := s.Due(env)
	at := func(now status.Instant) int {
		env.Now = now
		_, acts := s.Next(env, incident.Passed{})
		return len(acts)
	}
	if !ok {
		if n := at(env.Now.Add(10_000 * time.Hour)); n > 0 {
			t.Fatalf("nothing is due of %+v, and something happens", s)
		}
		return
	}
	if due <= env.Now || at(due-1) > 0 || at(due) == 0 {
		t.Fatalf("due at %d, now %d: %+v", due, env.Now, s)
	}
}
