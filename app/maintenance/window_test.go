package maintenance_test

import (
	"encoding/json"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"statusd/app/maintenance"
	"statusd/app/status"
)

func TestWords(t *testing.T) {
	want := []string{"", "scheduled", "in_progress", "completed", "cancelled", "State(5)"}
	for n, word := range want {
		s := maintenance.State(n)
		if text, err := json.Marshal(s); s.String() != word || err != nil || string(text) != `"`+word+`"` {
			t.Errorf("%d is %v, %s, %v", n, s, text, err)
		}
		if over := s.Over(); over != (word == "completed" || word == "cancelled") {
			t.Errorf("%s is over: %v", word, over)
		}
	}
	if !slices.Equal(maintenance.States(), []maintenance.State{1, 2, 3, 4}) {
		t.Error(maintenance.States())
	}
}

const (
	zero   = status.Instant(1_700_000_000_000)
	hour   = status.Instant(3_600_000)
	minute = status.Instant(60_000)
	lead   = time.Hour
)

// planned is a window of two hours that was announced a day ahead.
func planned() maintenance.Window {
	return maintenance.Window{AutoComplete: true, State: maintenance.Scheduled}.Move(zero+24*hour, zero+26*hour, zero)
}

// told lets time pass in one step after another and says what came of it, and when.
func told(w *maintenance.Window, until status.Instant) (steps []maintenance.Step, at []status.Instant) {
	for {
		due, ok := w.Due(lead)
		if !ok || due > until {
			return steps, at
		}
		next, step := w.Pass(due, lead)
		if *w = next; step != 0 {
			steps, at = append(steps, step), append(at, due)
		}
	}
}

func TestAWindowRunsByItself(t *testing.T) {
	w := planned()
	steps, at := told(&w, zero+100*hour)
	if !slices.Equal(steps, []maintenance.Step{maintenance.Remind, maintenance.Start, maintenance.Complete}) ||
		!slices.Equal(at, []status.Instant{zero + 23*hour, zero + 24*hour, zero + 26*hour}) {
		t.Errorf("%v at %v", steps, at)
	}
	if w.State != maintenance.Completed || w.Began != zero+24*hour || w.Ended != zero+26*hour {
		t.Errorf("%+v", w)
	}
}

func TestOneThatDoesNotCompleteByItselfTakesLonger(t *testing.T) {
	w := planned()
	w.AutoComplete = false
	if steps, _ := told(&w, zero+100*hour); len(steps) != 2 || w.State != maintenance.InProgress {
		t.Fatalf("%v, %+v", steps, w)
	}
	for at, want := range map[status.Instant]bool{zero + 25*hour: false, zero + 26*hour: false, zero + 26*hour + 1: true, zero + 99*hour: true} {
		if w.Overrun(at) != want {
			t.Errorf("at %d h it takes longer: %v", (at-zero)/hour, !want)
		}
	}
	w, ok := w.Do(maintenance.Complete, zero+30*hour)
	if !ok || w.Overrun(zero+99*hour) || w.Actual(zero+99*hour) != (status.Interval{From: zero + 24*hour, To: zero + 30*hour}) {
		t.Errorf("%v, %+v", ok, w)
	}
}

func TestReminders(t *testing.T) {
	start := zero + 24*hour
	for name, c := range map[string]struct {
		announced, start status.Instant
		lead             time.Duration
		at               status.Instant // of the reminder; 0: none
	}{
		"a day ahead":                    {zero, start, lead, start - hour},
		"just in time":                   {start - hour, start, lead, start - hour},
		"a moment too late":              {start - hour + 1, start, lead, 0},
		"half an hour ahead":             {start - 30*minute, start, lead, 0},
		"half an hour, which is enough":  {start - 30*minute, start, 15 * time.Minute, start - 15*minute},
		"no reminders at all":            {zero, start, -1, 0},
		"a start that was when it began": {start, start, lead, 0},
	} {
		w := maintenance.Window{State: maintenance.Scheduled, AutoComplete: true}.Move(c.start, c.start+hour, c.announced)
		var at status.Instant
		for now := c.announced; now < c.start; now += minute / 2 {
			next, step := w.Pass(now, c.lead)
			if w = next; step == maintenance.Remind {
				if at != 0 {
					t.Errorf("%s: twice", name)
				}
				at = now
			}
		}
		if at != c.at {
			t.Errorf("%s: at %d, want %d", name, at-c.start, c.at-c.start)
		}
		if _, step := w.Pass(c.start, c.lead); step != maintenance.Start {
			t.Errorf("%s: then %v", name, step)
		}
	}
}

func TestAMovedWindowGetsItsReminderAnew(t *testing.T) {
	w := planned()
	w, _ = w.Pass(zero+23*hour, lead)
	moved := w.Move(w.Start+24*hour, w.End+24*hour, zero+23*hour+1)
	if steps, at := told(&moved, zero+100*hour); len(steps) != 3 || at[0] != zero+47*hour {
		t.Errorf("a day later: %v at %v", steps, at)
	}
	longer := w.Move(w.Start, w.End+hour, zero+23*hour+1)
	if steps, _ := told(&longer, zero+100*hour); len(steps) != 2 {
		t.Errorf("an hour longer, within the hour: %v", steps)
	}
	same := w.Move(w.Start, w.End, zero+23*hour+1)
	if same != w {
		t.Errorf("not moved at all: %+v", same)
	}
}

// TestWhatWasMissedIsMadeUpFor: nobody was there for a while.
func TestWhatWasMissedIsMadeUpFor(t *testing.T) {
	for _, c := range []struct {
		name string
		back status.Instant
		want []maintenance.Step
		w    maintenance.Window
	}{
		{"back before the start: the reminder is late", zero + 23*hour + 30*minute, []maintenance.Step{maintenance.Remind}, planned()},
		{"back within it: it starts, and nobody is reminded", zero + 25*hour, []maintenance.Step{maintenance.Start}, planned()},
		{"back at its end: one event", zero + 26*hour, []maintenance.Step{maintenance.Complete}, planned()},
		{"back after its end: one event", zero + 99*hour, []maintenance.Step{maintenance.Complete}, planned()},
		{"back after its end, which is not its own: it starts", zero + 99*hour, []maintenance.Step{maintenance.Start}, func() maintenance.Window {
			w := planned()
			w.AutoComplete = false
			return w
		}()},
	} {
		w := c.w
		var steps []maintenance.Step
		for {
			next, step := w.Pass(c.back, lead)
			if next == w {
				break
			}
			w, steps = next, append(steps, step)
		}
		if !slices.Equal(steps, c.want) {
			t.Errorf("%s: %v", c.name, steps)
		}
		if w.State != maintenance.Scheduled && w.Began != w.Start || w.State == maintenance.Completed && w.Ended != w.End {
			t.Errorf("%s: it was at %d to %d", c.name, w.Began, w.Ended)
		}
	}
}

// TestWhoMayDoWhatWhen: each act in each state.
func TestWhoMayDoWhatWhen(t *testing.T) {
	allowed := map[maintenance.State]maintenance.State{maintenance.Scheduled: maintenance.InProgress, maintenance.InProgress: maintenance.Completed}
	for _, state := range maintenance.States() {
		for step, to := range map[maintenance.Step]maintenance.State{
			maintenance.Start: maintenance.InProgress, maintenance.Complete: maintenance.Completed, maintenance.Cancel: maintenance.Cancelled,
			maintenance.Remind: 0, 0: 0,
		} {
			w := planned()
			w.State = state
			got, ok := w.Do(step, zero+hour)
			want := allowed[state] == to && to != 0 || state == maintenance.Scheduled && to == maintenance.Cancelled
			if ok != want || !ok && got != w || ok && got.State != to {
				t.Errorf("step %d of one that is %v: %v, %+v", step, state, ok, got)
			}
		}
	}
}

func TestAnEndBeforeTheBeginningIsNone(t *testing.T) {
	w, _ := planned().Do(maintenance.Start, zero+hour)
	if w, _ = w.Do(maintenance.Complete, zero); w.Ended != w.Began { // a clock was set back
		t.Errorf("%+v", w)
	}
	late := maintenance.Window{State: maintenance.Scheduled, AutoComplete: true}.Move(zero, zero+minute/2, zero+minute)
	late, step := late.Pass(zero+minute, lead)
	if step != maintenance.Complete || late.Began != zero+minute || late.Ended != zero+minute {
		t.Errorf("announced after its end: %v, %+v", step, late)
	}
}

func TestActualTime(t *testing.T) {
	now := zero + 30*hour
	scheduled := planned()
	cancelled, _ := scheduled.Do(maintenance.Cancel, zero)
	running, _ := scheduled.Do(maintenance.Start, zero+20*hour)
	over, _ := running.Do(maintenance.Complete, zero+29*hour)
	for _, c := range []struct {
		w    maintenance.Window
		want status.Interval
	}{
		{scheduled, status.Interval{}}, {cancelled, status.Interval{}},
		{running, status.Interval{From: zero + 20*hour, To: now}}, {over, status.Interval{From: zero + 20*hour, To: zero + 29*hour}},
	} {
		if got := c.w.Actual(now); got != c.want {
			t.Errorf("%v: %v", c.w.State, got)
		}
	}
	if got := running.Actual(zero); !got.Empty() || got.From > got.To {
		t.Errorf("before it began: %v", got)
	}
}

// clerk is the model: a list of what was done and of what was told, looked through every second.
type clerk struct {
	auto         bool
	start, end   status.Instant
	announced    status.Instant
	began, ended status.Instant
	cancelled    bool
	warned       bool
}

// look is what a clerk does who looks at the clock; it may be long since the last time.
func (c *clerk) look(now status.Instant) (steps []maintenance.Step) {
	if c.cancelled || c.ended != 0 {
		return nil
	}
	if c.began == 0 && now >= c.start {
		c.began = c.start
		if c.announced > c.start {
			c.began = c.announced
		}
		if !c.auto || now < c.end {
			return []maintenance.Step{maintenance.Start}
		}
	}
	if c.began != 0 && c.auto && now >= c.end {
		c.ended = c.end
		if c.began > c.end {
			c.ended = c.began
		}
		return []maintenance.Step{maintenance.Complete}
	}
	if hourBefore := c.start - hour; c.began == 0 && now >= hourBefore && !c.warned {
		c.warned = true
		if c.announced <= hourBefore {
			return []maintenance.Step{maintenance.Remind}
		}
	}
	return nil
}

// TestWalks compares windows with the clerk's: time passes in leaps, people start, complete, cancel and move.
func TestWalks(t *testing.T) {
	counts := map[maintenance.Step]int{}
	for seed := range uint64(20_000) {
		r := rand.New(rand.NewPCG(seed, 5))
		now := zero
		some := func() status.Instant { return status.Instant(r.IntN(240)) * minute }
		w := maintenance.Window{State: maintenance.Scheduled, AutoComplete: r.IntN(4) > 0}
		start := now + some()
		end := start + minute + some()
		w = w.Move(start, end, now)
		c := &clerk{auto: w.AutoComplete, start: start, end: end, announced: now}
		for range 20 {
			if due, ok := w.Due(lead); ok && r.IntN(2) == 0 && due > now {
				now = due
			} else {
				now += some() / 4
			}
			var got []maintenance.Step
			for {
				due, ok := w.Due(lead)
				next, step := w.Pass(now, lead)
				if (next != w) != (ok && due <= now) {
					t.Fatalf("walk %d: due at %d, %v, now %d, and it became %+v of %+v", seed, due, ok, now, next, w)
				}
				if next == w {
					break
				}
				if w = next; step != 0 {
					got = append(got, step)
					counts[step]++
				}
			}
			var want []maintenance.Step
			for more := c.look(now); len(more) > 0; more = c.look(now) {
				want = append(want, more...)
			}
			if !slices.Equal(got, want) {
				t.Fatalf("walk %d: got %v, want %v, at %d: %+v", seed, got, want, now-zero, w)
			}
			act(r, &w, c, now, some)
			agree(t, seed, w, c)
		}
	}
	for step := maintenance.Remind; step <= maintenance.Complete; step++ {
		if counts[step] < 1000 {
			t.Errorf("step %d was seen %d times", step, counts[step])
		}
	}
}

// act is what a person does now and then.
func act(r *rand.Rand, w *maintenance.Window, c *clerk, now status.Instant, some func() status.Instant) {
	scheduled := c.began == 0 && !c.cancelled
	switch r.IntN(12) {
	case 0:
		next, ok := w.Do(maintenance.Start, now)
		if *w = next; ok {
			c.began = now
		}
	case 1:
		next, ok := w.Do(maintenance.Complete, now)
		if *w = next; ok {
			c.ended = now
		}
	case 2:
		if r.IntN(3) == 0 {
			*w, _ = w.Do(maintenance.Cancel, now)
			c.cancelled = c.cancelled || scheduled
		}
	case 3, 4: // another time, or in progress another end
		start, end := c.start, c.end
		switch {
		case scheduled:
			start = now + some()
			end = start + minute + some()
		case c.began != 0 && c.ended == 0:
			end = now + minute + some()
		}
		if scheduled && (start != c.start || end != c.end) {
			c.announced, c.warned = now, false
		}
		*w = w.Move(start, end, now)
		c.start, c.end = start, end
	case 5:
		if w.State == maintenance.Scheduled {
			w.AutoComplete = !w.AutoComplete
			c.auto = w.AutoComplete
		}
	}
}

func agree(t *testing.T, seed uint64, w maintenance.Window, c *clerk) {
	t.Helper()
	want := maintenance.Scheduled
	switch {
	case c.cancelled:
		want = maintenance.Cancelled
	case c.ended != 0:
		want = maintenance.Completed
	case c.began != 0:
		want = maintenance.InProgress
	}
	if w.State != want || w.Began != c.began || w.Ended != c.ended || w.Ended != 0 && w.Ended < w.Began {
		t.Fatalf("walk %d: %+v, the clerk has %+v", seed, w, *c)
	}
}

// TestAClockThatWasAhead was set back: nothing has happened later than now, and nobody is reminded twice.
func TestAClockThatWasAhead(t *testing.T) {
	back := zero + 10*minute
	for name, c := range map[string]struct{ before, want maintenance.Window }{
		"announced before it, and reminded of": {
			maintenance.Window{State: maintenance.Scheduled, Announced: zero, Start: zero + hour, End: zero + 2*hour, Reminded: true},
			maintenance.Window{State: maintenance.Scheduled, Announced: zero, Start: zero + hour, End: zero + 2*hour, Reminded: true},
		},
		"announced in the future, too late as it seemed": {
			maintenance.Window{State: maintenance.Scheduled, Announced: zero + 3*hour, Start: zero + 3*hour + minute, End: zero + 4*hour, Reminded: true},
			maintenance.Window{State: maintenance.Scheduled, Announced: back, Start: zero + 3*hour + minute, End: zero + 4*hour},
		},
		"announced in the future, and reminded of": {
			maintenance.Window{State: maintenance.Scheduled, Announced: zero + hour, Start: zero + 3*hour, End: zero + 4*hour, Reminded: true},
			maintenance.Window{State: maintenance.Scheduled, Announced: back, Start: zero + 3*hour, End: zero + 4*hour, Reminded: true},
		},
		"in progress": {
			maintenance.Window{State: maintenance.InProgress, Start: zero + hour, End: zero + 2*hour, Began: zero + hour},
			maintenance.Window{State: maintenance.InProgress, Start: zero + hour, End: zero + 2*hour, Began: back},
		},
		"over": {
			maintenance.Window{State: maintenance.Completed, Start: zero, End: zero + 2*hour, Began: zero, Ended: zero + 2*hour},
			maintenance.Window{State: maintenance.Completed, Start: zero, End: zero + 2*hour, Began: zero, Ended: back},
		},
	} {
		if got := c.before.CutBack(back, lead); got != c.want {
			t.Errorf("%s: %+v", name, got)
		}
	}
}
