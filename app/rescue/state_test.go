package rescue_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"statusd/app/rescue"
)

// rules is what SPEC §5 says, sentence by sentence, as scripts. A line is a time in minutes and seconds, what holds then, an input, and
// after an arrow what follows. Checks a, b and c are bound to one target, d to another: a and d have threshold 3, b 2, c 1, and all a
// cooldown of 10 minutes and 3 firings an outage.
var rules = []struct{ name, script string }{
	{"it fires when a check has failed as often in a row as its threshold", `
		0:00 bad a
		0:30 bad a
		1:00 bad a -> a fires 1`},
	{"failures that are not in a row do not", `
		0:00 bad a
		0:30 bad a
		1:00 good a
		1:30 bad a
		2:00 bad a
		2:30 good a
		3:00 bad a`},
	{"a threshold of 1 fires at once", `
		0:00 bad c -> c fires 1`},
	{"it fires again after a further failure and the cooldown", `
		0:00 bad c -> c fires 1
		9:59 bad c
		10:00 bad c -> c fires 2`},
	{"the cooldown alone does not fire: it takes a further failure", `
		0:00 bad c -> c fires 1
		30:00 good c -> c recovers 1`},
	{"the threshold is for the first firing of an outage; afterwards one failure is enough", `
		0:00 bad a
		0:30 bad a
		1:00 bad a -> a fires 1
		11:00 bad a -> a fires 2`},
	{"the cooldown is the target's, for whatever check it fired", `
		0:00 bad c -> c fires 1
		0:10 bad b
		0:40 bad b
		9:50 bad b
		10:20 bad b -> b fires 1
		10:30 bad c`},
	{"another target has a cooldown of its own", `
		0:00 bad c -> c fires 1
		0:10 bad d
		0:40 bad d
		1:10 bad d -> d fires 1`},
	{"a cooldown does not end with an outage", `
		0:00 bad c -> c fires 1
		1:00 good c -> c recovers 1
		2:00 bad c
		10:00 bad c -> c fires 1`},
	{"it fires at most so many times in one outage, then it is said once that it gave up", `
		0:00 bad c -> c fires 1
		10:00 bad c -> c fires 2
		20:00 bad c -> c fires 3
		20:30 bad c
		29:59 bad c
		30:00 bad c -> c gives up after 3
		30:30 bad c
		40:00 bad c
		90:00 bad c`},
	{"an outage ends with a good outcome, and the next one may fire as often again", `
		0:00 bad c -> c fires 1
		10:00 bad c -> c fires 2
		20:00 bad c -> c fires 3
		30:00 bad c -> c gives up after 3
		31:00 good c -> c recovers 3
		32:00 bad c -> c fires 1`},
	{"the firings of one check do not count for another", `
		0:00 bad c -> c fires 1
		10:00 bad c -> c fires 2
		20:00 bad c -> c fires 3
		20:10 bad b
		30:00 bad b -> b fires 1
		30:10 bad c
		40:00 bad c -> c gives up after 3`},
	{"when a person allows more, it goes on, and gives up anew", `
		0:00 bad c -> c fires 1
		10:00 bad c -> c fires 2
		20:00 bad c -> c fires 3
		30:00 bad c -> c gives up after 3
		31:00 max 4 bad c -> c fires 4
		41:00 max 4 bad c -> c gives up after 4
		51:00 max 4 bad c`},
	{"one that ends well is proof that it helped, and is said once", `
		0:00 bad c -> c fires 1
		0:42 good c -> c recovers 1
		1:12 good c`},
	{"an outage that ended before it fired is no proof", `
		0:00 bad a
		0:30 good a`},
	{"it never fires in maintenance, where failures are not heard", `
		0:00 bad a
		0:30 bad a
		0:40 maintenance bad a
		1:10 maintenance bad a
		1:40 maintenance bad c`},
	{"nor gives up", `
		0:00 bad c -> c fires 1
		10:00 bad c -> c fires 2
		20:00 bad c -> c fires 3
		30:00 maintenance bad c`},
	{"at the end of maintenance failures count anew", `
		0:00 bad a
		0:30 bad a
		0:40 maintenance bad a
		5:00 uncovered a
		5:10 bad a
		5:40 bad a
		6:10 bad a -> a fires 1`},
	{"but the firings of the outage stay, which only a good outcome ends", `
		0:00 bad c -> c fires 1
		10:00 bad c -> c fires 2
		20:00 bad c -> c fires 3
		21:00 uncovered c
		31:00 bad c -> c gives up after 3
		32:00 uncovered c
		42:00 bad c`},
	{"a good outcome in maintenance is a good outcome", `
		0:00 bad c -> c fires 1
		1:00 maintenance good c -> c recovers 1
		2:00 uncovered c
		10:00 bad c -> c fires 1`},
	{"in the grace of a start failures count but fire nothing", `
		0:00 grace bad a
		0:30 grace bad a
		0:50 grace bad a
		1:20 bad a -> a fires 1`},
	{"nor is it given up in it", `
		0:00 bad c -> c fires 1
		10:00 bad c -> c fires 2
		20:00 bad c -> c fires 3
		30:00 grace bad c
		30:30 bad c -> c gives up after 3`},
	{"a check that is disabled, deleted, unbound or looks elsewhere is forgotten", `
		0:00 bad a
		0:30 bad a
		0:40 left a
		1:00 bad a
		1:30 bad a
		2:00 bad a -> a fires 1
		2:10 left a
		2:40 good a`},
	{"but the cooldown of the target is not", `
		0:00 bad c -> c fires 1
		0:10 left c
		0:20 bad c
		10:00 bad c -> c fires 1`},
	{"a check that is bound to another target keeps its failures and begins its firings anew", `
		0:00 bad c -> c fires 1
		10:00 bad c -> c fires 2
		20:00 bad c -> c fires 3
		30:00 bad c -> c gives up after 3
		30:10 rebound c
		40:00 bad c -> c fires 1`},
	{"a firing by hand neither counts nor starts a cooldown", `
		0:00 bad a
		0:10 by hand a
		0:30 bad a
		1:00 bad a -> a fires 1
		2:00 by hand a
		11:00 bad a -> a fires 2`},
	{"while a firing runs there is no second one, whatever the cooldown", `
		0:00 bad c -> c fires 1
		10:00 running bad c
		10:30 running bad c
		11:00 bad c -> c fires 2`},
	{"a firing that a kill has cut off counts for the cooldown and for the outage", `
		0:00 bad c -> c fires 1
		1:00 restart
		9:59 bad c
		10:00 bad c -> c fires 2
		10:01 restart
		20:00 bad c -> c fires 3
		30:00 bad c -> c gives up after 3`},
}

// bound is how the checks of the scripts are bound.
var bound = map[string]struct {
	target    string
	threshold int
}{"a": {"t", 3}, "b": {"t", 2}, "c": {"t", 1}, "d": {"u", 3}}

const cooldown = 10 * time.Minute

// stage is what the one who carries out the acts remembers.
type stage struct {
	states map[string]rescue.State
	past   map[string]rescue.Past
}

// TestRules plays the scripts.
func TestRules(t *testing.T) {
	for _, rule := range rules {
		t.Run(rule.name, func(t *testing.T) {
			s := &stage{map[string]rescue.State{}, map[string]rescue.Past{}}
			for line := range strings.Lines(rule.script) {
				line = strings.TrimSpace(line)
				if line == "" {
					continue
				}
				input, want, _ := strings.Cut(line, " -> ")
				if got := s.play(t, strings.Fields(input)); got != want {
					t.Fatalf("%s: got %q\n%+v", line, got, s)
				}
			}
		})
	}
}

// play reads a line of a script and says what follows.
func (s *stage) play(t *testing.T, words []string) string {
	t.Helper()
	var m, sec int
	if _, err := fmt.Sscanf(words[0], "%d:%d", &m, &sec); err != nil {
		t.Fatal(words[0], err)
	}
	now := time.Duration(m)*time.Minute + time.Duration(sec)*time.Second
	check := words[len(words)-1]
	env := rescue.Env{Rule: rescue.Rule{Threshold: bound[check].threshold, Cooldown: cooldown, MaxFirings: 3}}
	env.Target = s.past[bound[check].target].Rest(now)
	for words = words[1:]; ; words = words[1:] {
		switch words[0] {
		case "grace":
			env.Grace = true
		case "maintenance":
			env.Maintenance = true
		case "running":
			env.Target.Running = true
		case "max":
			words = words[1:]
			fmt.Sscan(words[0], &env.MaxFirings)
		case "by": // the machine does not hear of it
			return ""
		case "restart":
			s.restart(now)
			return ""
		case "good", "bad":
			return s.hear(t, env, check, now, rescue.Seen{Good: words[0] == "good"})
		case "uncovered":
			return s.hear(t, env, check, now, rescue.Uncovered{})
		case "rebound":
			return s.hear(t, env, check, now, rescue.Rebound{})
		case "left":
			return s.hear(t, env, check, now, rescue.Left{})
		default:
			t.Fatalf("unknown words %v", words)
		}
	}
}

// hear feeds the machine of a check, and does what it wants done: a firing ends at once.
func (s *stage) hear(t *testing.T, env rescue.Env, check string, now time.Duration, in rescue.Input) string {
	t.Helper()
	next, act := s.states[check].Next(env, in)
	s.states[check] = kept(t, next)
	switch act := act.(type) {
	case rescue.Fire:
		s.past[bound[check].target] = rescue.FiredNow(now).Ended()
		return fmt.Sprintf("%s fires %d", check, act.Nth)
	case rescue.GiveUp:
		return fmt.Sprintf("%s gives up after %d", check, act.After)
	case rescue.Recover:
		return fmt.Sprintf("%s recovers %d", check, act.Firings)
	}
	return ""
}

// restart is another process: of the past it has what is recorded.
func (s *stage) restart(now time.Duration) {
	for target, p := range s.past {
		s.past[target] = rescue.FiredBefore(p.Rest(now).Ago, now)
	}
}

// kept is a state as the database gives it back.
func kept(t *testing.T, s rescue.State) (read rescue.State) {
	t.Helper()
	text, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &read); err != nil || read != s {
		t.Fatalf("%s became %+v, %v", text, read, err)
	}
	if s.IsZero() != (string(text) == "{}") {
		t.Fatalf("%s is kept as %v", text, s.IsZero())
	}
	return read
}

func TestAClockThatIsBehindItsRecordDoesNotShortenACooldown(t *testing.T) {
	p := rescue.FiredBefore(-time.Hour, time.Minute)
	if got := p.Rest(time.Minute); got.Ago != 0 || !got.Fired || got.Running {
		t.Errorf("%+v", got)
	}
	if got := p.Rest(11 * time.Minute); got.Ago != cooldown {
		t.Errorf("%+v", got)
	}
}

func TestATargetThatIsDownForAYearWritesNoNewState(t *testing.T) {
	var s rescue.State
	env := rescue.Env{Rule: rescue.Rule{Threshold: 100, Cooldown: time.Second, MaxFirings: 1}}
	acts := 0
	for range 100 {
		var act rescue.Act
		if s, act = s.Next(env, rescue.Seen{}); act != nil {
			acts++
		}
	}
	if acts != 1 {
		t.Fatalf("%d acts at a threshold of 100", acts)
	}
	s, _ = s.Next(env, rescue.Seen{}) // gives up
	if next, act := s.Next(env, rescue.Seen{}); next != s || act != nil {
		t.Errorf("%+v became %+v, %v", s, next, act)
	}
}
