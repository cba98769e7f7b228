package app_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"statusd/app"
	"statusd/app/incident"
	"statusd/app/model"
	"statusd/probe"
	"statusd/store/storetest"
)

// scene is a page whose hour and a half is written down: what each check shows every half a minute, and what people do when.
type scene struct {
	l      *lab
	checks []model.Check
	told   told
}

// looks are what the checks show in a piece of the script: x is down, o is good, and the last of them goes on. The names say what
// becomes of them.
var looks = []struct{ component, check, shows string }{
	{"falls and stands up", "a", "ooxxxxxo"},
	{"falls in two steps", "b", "oxxxxxxxxoooooooo"},
	{"falls in two steps", "c", "ooooxxxxxxxxxooooo"},
	{"relapses", "d", "xxxxoxxxoxxxoooooooooooooooooooooooooooooooooooxxxo"},
	{"is muted", "e", "xxxxxxxxxxxxxxxxxxxxoxxxxo"},
	{"is deleted while it fails", "f", "oooxxxxxxxxxxxxxxo"},
	{"is worked on", "g", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxo"},
	{"is worked on twice", "h", "oooooooooooooooooooooooooooooxxxxxxxxxxxxxxxxxxxxo"},
	{"is put back", "i", "xxxoooooooo"},
	{"never falls", "j", "xxoxxoxxoxxoxxoxxoxxoxxoxxo"},
}

// set builds the page.
func set(l *lab) *scene {
	s := &scene{l: l}
	l.hasty()
	components := map[string]model.Component{}
	for _, look := range looks {
		c, ok := components[look.component]
		if !ok {
			c = l.component(look.component)
			components[look.component] = c
		}
		k, err := l.a.CreateCheck(bg, l.by, c.ID, func(k *model.Check) error { k.Name, k.URL = look.check, "http://127.0.0.1:1/"; return nil })
		l.must(err)
		s.checks = append(s.checks, k)
	}
	l.plan(4*time.Minute+10*time.Second, 20*time.Minute+10*time.Second, components["is worked on"], components["is worked on twice"])
	l.plan(15*time.Minute+10*time.Second, 22*time.Minute+10*time.Second, components["is worked on twice"])
	l.plan(70*time.Minute+10*time.Second, 80*time.Minute+10*time.Second) // everybody's; with a reminder
	return s
}

// openOf is the incident of a component that is open.
func (s *scene) openOf(component string) (model.Timeline, bool) {
	s.l.t.Helper()
	for _, i := range s.l.open() {
		if i.Affected[0].Name == component {
			return i, true
		}
	}
	return model.Timeline{}, false
}

// people do what they do in a half minute of the script.
func (s *scene) people(n int) {
	l := s.l
	l.t.Helper()
	must := func(component string) model.IncidentID {
		i, ok := s.openOf(component)
		if !ok {
			l.t.Fatalf("%d: no incident of the one that %s", n, component)
		}
		return i.ID
	}
	switch n {
	case 6:
		l.must(l.post(must("is muted"), incident.Resolved))
	case 8:
		l.must(l.a.DeleteIncident(bg, l.by, must("is deleted while it fails")))
	case 10:
		l.must(l.post(must("is put back"), incident.Investigating))
	case 12:
		_, err := l.a.CreateIncident(bg, l.by, l.page.ID, func(d *app.IncidentDraft) error {
			d.Title, d.Body = model.Text{"en": "by hand"}, model.Text{"en": "all by hand"}
			return nil
		})
		l.must(err)
	}
}

// play plays the script; between runs somewhere in each of its half minutes, and says for how long the process was off.
func (s *scene) play(minutes int, between func() time.Duration) []string {
	l := s.l
	l.t.Helper()
	for n := range 2 * minutes {
		for i, look := range looks {
			o := probe.Operational
			if look.shows[min(n, len(look.shows)-1)] == 'x' {
				o = probe.Down
			}
			l.feed(s.checks[i], o, 0)
		}
		l.pass(2 * time.Second)
		s.people(n)
		off := between()
		l.pass(28*time.Second - off)
	}
	l.consistent()
	out := []string{}
	for _, e := range l.events() {
		out = append(out, s.told.of(l, e)+" "+strings.Join(s.names(e), ","))
	}
	return out
}

func (s *scene) names(e model.Event) (names []string) {
	s.l.t.Helper()
	for _, id := range e.Components {
		c, err := s.l.a.Component(bg, s.l.by, id)
		s.l.must(err)
		names = append(names, c.Name)
	}
	return names
}

// TestRestartsTellNobodyAnything: 200 restarts, half of them crashes, with incidents open, components muted and windows in
// progress. What subscribers are told is what they are told without, in the same order. RELIABILITY B6.
func TestRestartsTellNobodyAnything(t *testing.T) {
	const minutes = 90
	var want []string
	var when []time.Time
	bubble(t, func(t *testing.T, l *lab) {
		want = set(l).play(minutes, func() time.Duration { return 0 })
		for _, e := range l.events() {
			when = append(when, e.At)
		}
	})
	t.Log(strings.Join(want, "\n"))
	if len(want) < 40 {
		t.Errorf("the script tells of %d events only", len(want))
	}
	restarts := 0
	bubble(t, func(t *testing.T, l *lab) {
		r := rand.New(rand.NewPCG(1, 6))
		got := set(l).play(minutes, func() time.Duration {
			var slept time.Duration
			for range 1 + r.IntN(2) {
				if restarts >= storetest.Some(200, 30) {
					break
				}
				some := time.Duration(1+r.IntN(9)) * time.Second
				l.pass(some)
				slept += some
				restarts++
				l.restart(r)
			}
			return slept
		})
		same(t, got, want)
		for i, e := range l.events() {
			if i < len(when) && !e.At.Equal(when[i]) {
				t.Errorf("event %d, %s, was %v later", i, want[i], e.At.Sub(when[i]))
				break
			}
		}
	})
	if restarts < storetest.Some(200, 30) {
		t.Errorf("%d restarts", restarts)
	}
}

// restart ends the process, one way or another, and begins the next one at once.
func (l *lab) restart(r *rand.Rand) {
	l.beat()
	if r.IntN(2) == 0 {
		l.crash()
	} else {
		l.stop()
	}
	l.reopen()
}

// TestTimeOffPostponesAndChangesNothingElse: the same with pauses, after which each subject has had the same told of it.
func TestTimeOffPostponesAndChangesNothingElse(t *testing.T) {
	const minutes = 100
	bySubject := func(all []string) map[string][]string {
		out := map[string][]string{}
		for _, words := range all {
			_, about, _ := strings.Cut(words, " ")
			what, names, _ := strings.Cut(about, " ")
			if strings.HasPrefix(what, "incident") {
				_, names, _ = strings.Cut(names, " ") // the first word is the status
			}
			out[names] = append(out[names], about)
		}
		return out
	}
	var want []string
	bubble(t, func(t *testing.T, l *lab) { want = set(l).play(minutes, func() time.Duration { return 0 }) })
	for seed := range uint64(1) {
		bubble(t, func(t *testing.T, l *lab) {
			r := rand.New(rand.NewPCG(seed, 7))
			got := set(l).play(minutes, func() time.Duration {
				if r.IntN(8) > 0 {
					return 0
				}
				off := time.Duration(1+r.IntN(25)) * time.Second
				l.crash()
				l.pass(off)
				l.reopen()
				return off
			})
			same(t, bySubject(got), bySubject(want))
			if t.Failed() {
				t.Log(fmt.Sprint("seed ", seed))
			}
		})
	}
}
