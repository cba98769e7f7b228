package incident_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"statusd/app/incident"
	"statusd/app/status"
)

// rules is what SPEC §3 says, sentence by sentence, as scripts. A line is a time in minutes and seconds, an input, and after an
// arrow the acts that follow. Check a and b have the default threshold, c one of 1, n none.
var rules = []struct{ name, script string }{
	{"three consecutive failures open it, and it began with the first", `
		0:00 bad a
		0:30 bad a
		1:00 bad a -> open a since 0:00`},
	{"failures that are not consecutive do not", `
		0:00 bad a
		0:30 bad a
		1:00 good a
		1:30 bad a
		2:00 bad a
		2:30 good a
		3:00 bad a`},
	{"failures of two checks are not added up", `
		0:00 bad a
		0:01 bad b
		0:30 bad a
		0:31 bad b`},
	{"a threshold of 1 opens it at once", `
		0:00 bad c -> open c since 0:00`},
	{"a check without a threshold opens none", `
		0:00 bad n
		9:00 bad n
		9:30 bad n
		10:00 bad n
		10:30 bad n`},
	{"a second failing check joins with an update, once", `
		0:00 bad a
		0:01 bad b
		0:30 bad a
		1:00 bad a -> open a since 0:00
		1:01 bad b
		1:31 bad b -> join b
		2:01 bad b
		2:30 bad a`},
	{"one that joined, was good and fails again is known already", `
		0:00 bad c -> open c since 0:00
		0:01 bad b
		0:31 bad b
		1:01 bad b -> join b
		1:31 good b
		2:01 bad b
		2:31 bad b
		3:01 bad b`},
	{"when no check fails any more it goes on to monitoring", `
		0:00 bad c -> open c since 0:00
		0:01 bad b
		0:30 good c
		0:31 bad b
		1:01 good b -> recover`},
	{"a check without a threshold that fails is a failing check too", `
		0:00 bad n
		0:01 bad c -> open c since 0:01
		0:30 good c
		1:00 bad n
		1:30 good n -> recover`},
	{"after 30 minutes of good operation it is resolved", `
		0:00 bad c -> open c since 0:00
		0:30 good c -> recover
		1:00 good c
		30:29 pass
		30:30 pass -> resolve
		60:30 pass`},
	{"but not before two good probes", `
		0:00 bad c -> open c since 0:00
		1:00 good c -> recover
		31:00 pass
		61:00 good c -> resolve`},
	{"a failure in between restarts the 30 minutes", `
		0:00 bad a
		0:30 bad a
		1:00 bad a -> open a since 0:00
		1:30 good a -> recover
		2:00 good a
		20:00 bad a
		20:30 good a
		21:00 good a
		31:30 pass
		50:29 pass
		50:30 pass -> resolve`},
	{"as many failures as open one put it back to investigating", `
		0:00 bad a
		0:30 bad a
		1:00 bad a -> open a since 0:00
		1:30 good a -> recover
		2:00 bad a
		2:30 bad a
		3:00 bad a -> relapse a
		3:30 bad a
		4:00 good a -> recover`},
	{"after a relapse another check joins anew", `
		0:00 bad c -> open c since 0:00
		0:01 bad b
		0:31 bad b
		1:01 bad b -> join b
		1:30 good c
		1:31 good b -> recover
		2:00 bad c -> relapse c
		2:01 bad b
		2:31 bad b
		3:01 bad b -> join b`},
	{"a time that statusd was off counts neither way", `
		0:00 bad c -> open c since 0:00
		0:30 good c -> recover
		1:00 good c
		40:00 off since 10:30
		40:30 good c
		59:59 pass
		60:00 pass -> resolve`},
	{"nor does it forget failures", `
		0:00 bad a
		0:30 bad a
		40:00 off since 0:31
		40:01 bad a -> open a since 0:00`},
	{"good time stands still while an outcome is too old", `
		0:00 bad c -> open c since 0:00
		0:30 good c -> recover
		1:00 good c
		2:13 lost since 2:10
		40:00 unseen pass
		50:00 unseen good c
		51:00 good c
		79:19 pass
		79:20 pass -> resolve`},
	{"a person who resolves it while a check fails mutes the component until all have been good once", `
		0:00 bad c -> open c since 0:00
		1:00 move resolved
		1:30 bad c
		2:00 bad a
		2:30 good c
		3:00 bad a
		3:30 bad a
		4:00 good a
		4:30 bad c -> open c since 4:30`},
	{"and one who deletes it as well", `
		0:00 bad c -> open c since 0:00
		1:00 delete
		1:30 bad c
		2:00 good c
		2:30 bad c -> open c since 2:30`},
	{"a person who resolves it while nothing fails mutes nothing", `
		0:00 bad c -> open c since 0:00
		1:00 good c -> recover
		1:30 move resolved
		2:00 bad c -> open c since 2:00`},
	{"the check that kept it muted is disabled", `
		0:00 bad c -> open c since 0:00
		1:00 move resolved
		1:30 left c
		2:00 bad a
		2:30 bad a
		3:00 bad a -> open a since 2:00`},
	{"a failing check that leaves is as good as good", `
		0:00 bad c -> open c since 0:00
		0:01 bad b
		1:00 left c
		1:30 good b -> recover`},
	{"the last one leaves: 30 minutes later it is resolved, without good probes", `
		0:00 bad c -> open c since 0:00
		1:00 blind left c -> recover
		30:59 blind pass
		31:00 blind pass -> resolve`},
	{"a good check that leaves is nothing", `
		0:00 bad c -> open c since 0:00
		1:00 left a`},
	{"in maintenance nothing opens", `
		0:00 bad a
		0:30 bad a
		0:40 covered
		1:00 bad a
		1:30 bad a
		2:00 bad c
		3:00 uncovered
		3:30 bad a
		4:00 bad a
		4:30 bad a -> open a since 3:30`},
	{"nor joins, nor relapses, nor resolves", `
		0:00 bad c -> open c since 0:00
		0:01 covered
		0:30 bad b
		1:00 bad b
		1:30 bad b
		2:00 good c
		2:30 good b
		3:00 uncovered
		4:00 good c -> recover
		4:30 good c
		5:00 covered
		5:30 bad c
		60:00 pass
		61:00 uncovered
		61:30 good c
		62:00 good c
		90:59 pass
		91:00 pass -> resolve`},
	{"what fails over a maintenance keeps the incident where it is until it is good", `
		0:00 bad c -> open c since 0:00
		1:00 covered
		2:00 uncovered
		40:00 pass
		41:00 bad c
		42:00 good c -> recover`},
	{"a check that leaves in maintenance is missed only afterwards", `
		0:00 bad c -> open c since 0:00
		1:00 covered
		2:00 left c
		3:00 uncovered -> recover`},
	{"maintenance does not end a mute", `
		0:00 bad c -> open c since 0:00
		1:00 move resolved
		2:00 covered
		3:00 good c
		4:00 uncovered
		5:00 bad c
		6:00 good c
		7:00 bad c -> open c since 7:00`},
	{"in the grace of a start failures count but open nothing", `
		0:00 grace bad a
		0:30 grace bad a
		1:00 grace bad a
		1:01 pass
		1:30 bad a -> open a since 0:00`},
	{"nor do they join or relapse", `
		0:00 bad c -> open c since 0:00
		1:00 grace bad b
		1:10 grace bad b
		1:20 grace bad b
		2:00 grace good b
		2:01 grace good c -> recover
		2:10 grace bad c
		2:20 bad c -> relapse c`},
	{"an open one goes on to monitoring and is resolved in the grace", `
		0:00 bad c -> open c since 0:00
		1:00 grace good c -> recover
		1:30 grace good c
		31:00 grace pass -> resolve`},
	{"all checks that have reached their threshold in the grace open it together", `
		0:00 grace bad a
		0:01 grace bad c
		0:30 grace bad a
		1:00 grace bad a
		1:31 bad c -> open a c since 0:00`},
	{"a person moves it on while a check fails: only time and the check move it further", `
		0:00 bad c -> open c since 0:00
		1:00 move identified
		1:30 bad c
		2:00 good c -> recover`},
	{"a person moves it to monitoring while a check fails: it relapses when that fails as often again", `
		0:00 bad a
		0:30 bad a
		1:00 bad a -> open a since 0:00
		1:10 move monitoring
		1:30 bad a
		2:00 bad a
		2:30 bad a -> relapse a`},
	{"a person puts it back while all is good: it stays there until it has been good for long", `
		0:00 bad c -> open c since 0:00
		1:00 good c -> recover
		1:30 good c
		10:00 move investigating
		10:30 good c
		11:00 good c
		39:59 pass
		40:00 pass -> resolve`},
	{"or until a check has failed again", `
		0:00 bad c -> open c since 0:00
		1:00 good c -> recover
		10:00 move investigating
		11:00 bad c
		11:30 good c -> recover`},
	{"a comment changes nothing", `
		0:00 bad c -> open c since 0:00
		1:00 good c -> recover
		1:30 good c
		20:00 move monitoring
		31:00 pass -> resolve`},
	{"one that a person reopens is resolved after 30 good minutes, as any other", `
		0:00 bad c -> open c since 0:00
		1:00 good c -> recover
		1:30 good c
		31:00 pass -> resolve
		40:00 move investigating
		40:30 good c
		41:00 good c
		69:59 pass
		70:00 pass -> resolve`},
	{"one that a person reopens while a check fails is no longer muted, and knows what fails", `
		0:00 bad c -> open c since 0:00
		1:00 move resolved
		2:00 move identified
		2:30 bad c
		3:00 good c -> recover
		3:30 bad c -> relapse c`},
	{"a clock that was ahead is set back", `
		0:00 bad a
		60:00 bad a
		1:00 set back
		1:30 bad a -> open a since 0:00
		2:00 good a -> recover
		2:30 good a
		32:00 pass -> resolve`},
	{"and lets nothing have begun later than now", `
		60:00 bad a
		60:30 bad a
		1:00 set back
		1:30 bad a -> open a since 1:00`},
}

var thresholds = map[string]int{"a": 3, "b": 3, "c": 1, "n": 0}

var keys = map[string]incident.Key{"a": 1, "b": 2, "c": 3, "n": 4}

// TestRules plays the scripts.
func TestRules(t *testing.T) {
	for _, rule := range rules {
		t.Run(rule.name, func(t *testing.T) {
			var s incident.State
			for line := range strings.Lines(rule.script) {
				line = strings.TrimSpace(line)
				if line == "" {
					continue
				}
				input, want, _ := strings.Cut(line, " -> ")
				env, in := parse(t, strings.Fields(input))
				var acts []incident.Act
				s, acts = s.Next(env, in)
				if got := told(acts); got != want {
					t.Fatalf("%s: got %q\n%+v", line, got, s)
				}
				kept(t, s)
			}
		})
	}
}

// parse reads a line of a script.
func parse(t *testing.T, words []string) (incident.Env, incident.Input) {
	t.Helper()
	env := incident.Env{Rules: incident.Rules{ResolveAfter: 30 * time.Minute}, Now: instant(t, words[0])}
	for words = words[1:]; ; words = words[1:] {
		switch words[0] {
		case "grace":
			env.Grace = true
		case "blind":
			env.Blind = true
		case "unseen":
			env.Unseen = true
		case "good", "bad":
			return env, incident.Seen{Check: keys[words[1]], Good: words[0] == "good", At: env.Now, Threshold: thresholds[words[1]]}
		case "left":
			return env, incident.Left{Check: keys[words[1]]}
		case "off":
			return env, incident.Paused{Interval: status.Interval{From: instant(t, words[2]), To: env.Now}}
		case "lost":
			env.Unseen = true
			return env, incident.Lost{At: instant(t, words[2])}
		case "set":
			return env, incident.SetBack{To: env.Now}
		case "covered":
			return env, incident.Covered{}
		case "uncovered":
			return env, incident.Uncovered{}
		case "delete":
			return env, incident.Ended{}
		case "move":
			var to incident.Status
			if err := to.UnmarshalText([]byte(words[1])); err != nil {
				t.Fatal(err)
			}
			return env, incident.Moved{To: to}
		case "pass":
			return env, incident.Passed{}
		default:
			t.Fatalf("unknown words %v", words)
		}
	}
}

// zero is when the scripts begin.
const zero = status.Instant(1_700_000_000_000)

func instant(t *testing.T, text string) status.Instant {
	t.Helper()
	var m, s int
	if _, err := fmt.Sscanf(text, "%d:%d", &m, &s); err != nil {
		t.Fatal(text, err)
	}
	return zero.Add(time.Duration(m)*time.Minute + time.Duration(s)*time.Second)
}

// told writes acts as the scripts do.
func told(acts []incident.Act) string {
	name := func(k incident.Key) string {
		for name, key := range keys {
			if key == k {
				return name
			}
		}
		return fmt.Sprint(k)
	}
	var out []string
	for _, act := range acts {
		switch act := act.(type) {
		case incident.Open:
			words := "open"
			for _, k := range act.Checks {
				words += " " + name(k)
			}
			since := int(act.Since.Sub(zero) / time.Second)
			out = append(out, fmt.Sprintf("%s since %d:%02d", words, since/60, since%60))
		case incident.Join:
			out = append(out, "join "+name(act.Check))
		case incident.Relapse:
			out = append(out, "relapse "+name(act.Check))
		case incident.Recover:
			out = append(out, "recover")
		case incident.Resolve:
			out = append(out, "resolve")
		}
	}
	return strings.Join(out, ", ")
}

// kept says that a state survives the database, and that one of which nothing is kept has nothing to say.
func kept(t *testing.T, s incident.State) {
	t.Helper()
	text, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	var read incident.State
	if err := json.Unmarshal(text, &read); err != nil || !read.Equal(s) {
		t.Fatalf("%s became %+v, %v", text, read, err)
	}
	if s.IsZero() && !s.Equal(incident.State{}) {
		t.Fatalf("nothing is kept of %+v", s)
	}
}

// TestEqualSeesEveryField: what Equal overlooks would not be written.
func TestEqualSeesEveryField(t *testing.T) {
	check := func(c incident.Check) incident.State {
		return incident.State{Status: incident.Investigating, Checks: map[incident.Key]incident.Check{1: c}}
	}
	all := []incident.State{
		{}, {Status: 1}, {Status: 2}, {Muted: true}, {Held: true}, {Covered: true}, {Relapses: 1}, {Good: 1}, {Since: 1}, {Probes: 1},
		check(incident.Check{Failures: 1}), check(incident.Check{First: 1}), check(incident.Check{Threshold: 1}),
		check(incident.Check{Suspect: true}), check(incident.Check{Named: true}),
	}
	for i, a := range all {
		for j, b := range all {
			if a.Equal(b) != (i == j) {
				t.Errorf("%+v and %+v", a, b)
			}
		}
	}
}

// TestAFlappingComponentIsToldOfEverMoreSlowly finds the worst pattern of flapping by always failing as soon as it is told that
// all is well again, and being good for just as long as it takes to be told so. RELIABILITY B7.
func TestAFlappingComponentIsToldOfEverMoreSlowly(t *testing.T) {
	const interval = 30 * time.Second
	for _, threshold := range []int{1, 3} {
		var s incident.State
		var told []time.Duration
		env := incident.Env{Rules: incident.Rules{ResolveAfter: 30 * time.Minute}}
		for since := time.Duration(0); since < time.Hour; since += interval {
			env.Now = zero.Add(since)
			good := s.Status == incident.Investigating && reached(s, threshold)
			good = good || s.Status == incident.Investigating && !s.Failing()
			var acts []incident.Act
			s, acts = s.Next(env, incident.Seen{Check: 1, Good: good, At: env.Now, Threshold: threshold})
			for range acts {
				told = append(told, since)
			}
		}
		t.Logf("threshold %d: %d updates in the worst hour, at %v", threshold, len(told), told)
		if len(told) > 14 {
			t.Errorf("threshold %d: %d updates in an hour", threshold, len(told))
		}
	}
}

func reached(s incident.State, threshold int) bool { return s.Checks[1].Failures >= threshold }

// TestATargetThatGoesToAndFroIsLeftAlone: flapping at a steady pace, which is what targets do, ends in one open incident.
func TestATargetThatGoesToAndFroIsLeftAlone(t *testing.T) {
	const interval = 30 * time.Second
	worst := 0
	for bad := 1; bad <= 20; bad++ {
		for good := 1; good <= 20; good++ {
			var s incident.State
			env := incident.Env{Rules: incident.Rules{ResolveAfter: 30 * time.Minute}}
			n := 0
			for i := range 120 {
				env.Now = zero.Add(time.Duration(i) * interval)
				var acts []incident.Act
				s, acts = s.Next(env, incident.Seen{Check: 1, Good: i%(bad+good) >= bad, At: env.Now, Threshold: 3})
				n += len(acts)
			}
			if bad < 3 && n > 0 {
				t.Errorf("%d bad and %d good: %d updates, though it never fails three times", bad, good, n)
			}
			worst = max(worst, n)
		}
	}
	t.Logf("%d updates in the worst hour of a steady pace", worst)
	if worst > 9 {
		t.Errorf("%d updates in an hour", worst)
	}
}
