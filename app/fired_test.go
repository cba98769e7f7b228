package app_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"statusd/app/model"
	"statusd/probe"
	"statusd/probe/restart"
	"statusd/store/storetest"
)

// bell is what restart targets ring, instead of something that restarts.
type bell struct {
	mu    sync.Mutex
	rung  []time.Time   // on the wall clock
	takes time.Duration // a call
	says  model.Called
	at    func(model.RestartTarget) // when it rings; nil: nothing
}

func (b *bell) ring(ctx context.Context, l *lab, r model.RestartTarget) model.Called {
	b.mu.Lock()
	b.rung = append(b.rung, l.wall())
	at := b.at
	b.mu.Unlock()
	if at != nil {
		at(r)
	}
	began := time.Now()
	select {
	case <-time.After(b.takes):
	case <-ctx.Done():
		return model.Called{Outcome: model.FiringInterrupted, Reason: string(restart.BrokenOff), Took: time.Since(began)}
	}
	out := b.says
	out.Took = time.Since(began)
	return out
}

func (b *bell) times() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.rung)
}

// rings lets targets ring a bell from now on, and starts have no grace.
func (l *lab) rings() *bell {
	l.t.Helper()
	b := &bell{says: model.Called{Outcome: model.FiringSucceeded, StatusCode: 204}}
	l.config.CallTarget = func(ctx context.Context, r model.RestartTarget) model.Called { return b.ring(ctx, l, r) }
	l.hasty()
	return b
}

// bind binds a check to a target.
func (l *lab) bind(k *model.Check, to model.RestartTargetID, change func(*model.Binding)) {
	l.t.Helper()
	var err error
	*k, err = l.a.UpdateCheck(bg, l.by, k.ID, func(k *model.Check) error {
		k.Restart = model.NewBinding(to)
		if change != nil {
			change(&k.Restart)
		}
		return nil
	})
	l.must(err)
}

// fired is the log of a target, oldest first.
func (l *lab) fired(id model.RestartTargetID) []model.Firing {
	l.t.Helper()
	out, err := l.a.Firings(bg, l.by, id, model.Window{Limit: 100})
	l.must(err)
	slices.Reverse(out.Items)
	return out.Items
}

// hook is a check of a component of its own and an HTTP target, bound.
func (l *lab) hook(change func(*model.Binding)) (model.Check, model.RestartTarget) {
	l.t.Helper()
	r, err := l.newTarget(model.RestartHTTP)
	l.must(err)
	_, k := l.checks("api", "login")
	l.bind(&k[0], r.ID, change)
	return k[0], r
}

// TestACheckThatKeepsFailingFiresItsTarget: recorded first, called once, with the proof, on the timeline of its incident.
func TestACheckThatKeepsFailingFiresItsTarget(t *testing.T) {
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, l *lab) {
				b := l.rings()
				k, r := l.hook(nil)
				b.at = func(got model.RestartTarget) {
					if log := l.fired(r.ID); len(log) != 1 || log[0].Outcome != model.FiringRuns || got.HTTP != r.HTTP {
						t.Errorf("when it is called there is %+v of %+v", log, got)
					}
				}
				b.takes = 2 * time.Second
				for n := range 3 {
					if b.times() != 0 {
						t.Fatalf("it is called after %d failures", n)
					}
					l.feed(k, probe.Down, 0)
					l.pass(10 * time.Second)
					end(l)
				}
				l.feed(k, probe.Down, 0)
				l.pass(32 * time.Second)
				end(l)
				l.feed(k, probe.Operational, 0)
				end(l)
				log := l.fired(r.ID)
				if b.times() != 1 || len(log) != 1 {
					t.Fatalf("called %d times, %+v", b.times(), log)
				}
				f := log[0]
				if proof, ok := f.RecoveredAfter(); !ok || proof != 42*time.Second {
					t.Errorf("the proof: %v %v", proof, ok)
				}
				if f.Outcome != model.FiringSucceeded || f.StatusCode != 204 || f.Duration != 2*time.Second || f.Trigger != model.BySchedule || f.CheckName != "login" || !f.GaveUp.IsZero() {
					t.Errorf("%+v", f)
				}
				on, err := l.a.FiringsOfIncident(bg, l.by, l.one().ID)
				l.must(err)
				same(t, on, log)
			})
		})
	}
}

func TestWhatWasFiredBeforeItsIncidentOpenedStandsOnItsTimeline(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		l.rings()
		k, r := l.hook(func(b *model.Binding) { b.Threshold = 2 })
		l.bad(k, 2)
		if log := l.fired(r.ID); len(log) != 1 || log[0].Incident != 0 || len(l.open()) != 0 {
			t.Fatalf("%+v", log)
		}
		l.bad(k, 1)
		if log := l.fired(r.ID); log[0].Incident != l.one().ID {
			t.Errorf("%+v", log)
		}
	})
}

func TestItGivesUpOnceAndSaysSo(t *testing.T) {
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, l *lab) {
				b := l.rings()
				b.says = model.Called{Outcome: model.FiringFailed, Reason: "ssh_closed"}
				k, r := l.hook(func(b *model.Binding) { b.Threshold, b.Cooldown, b.MaxFirings = 1, time.Minute, 2 })
				for range 10 {
					l.feed(k, probe.Down, 0)
					l.pass(30 * time.Second)
					end(l)
				}
				log := l.fired(r.ID)
				if b.times() != 2 || len(log) != 2 || !log[0].GaveUp.IsZero() || log[1].GaveUp.IsZero() {
					t.Fatalf("called %d times, %+v", b.times(), log)
				}
				given, err := l.a.GivenUp(bg, l.by, l.page.ID)
				if l.must(err); !slices.Equal(given, []model.CheckID{k.ID}) {
					t.Errorf("given up: %v", given)
				}
				if _, err := l.a.GivenUp(bg, model.Actor{Workspace: 1}, l.page.ID); !errors.Is(err, model.ErrNotFound) {
					t.Errorf("another workspace: %v", err)
				}
				l.feed(k, probe.Operational, 0)
				end(l)
				if given, _ := l.a.GivenUp(bg, l.by, l.page.ID); len(given) != 0 {
					t.Errorf("still given up: %v", given)
				}
				for _, f := range l.fired(r.ID) {
					if f.Recovered.IsZero() {
						t.Errorf("%+v", f)
					}
				}
				tallies, err := l.a.FiringTallies(bg, l.by)
				l.must(err)
				same(t, tallies[r.ID], model.FiringTally{Firings: 2, Last: log[1].Started})
			})
		})
	}
}

func TestInMaintenanceAndInTheGraceOfAStartNothingIsFired(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		b := l.rings()
		k, r := l.hook(nil)
		c, err := l.a.Component(bg, l.by, k.Component)
		l.must(err)
		l.plan(time.Second, 10*time.Minute, c)
		l.pass(2 * time.Second)
		l.bad(k, 10)
		if len(l.fired(r.ID)) != 0 {
			t.Fatal("in maintenance")
		}
		l.pass(10 * time.Minute)
		l.bad(k, 2)
		if len(l.fired(r.ID)) != 0 {
			t.Fatal("what failed in maintenance counts")
		}
		l.config.StartupGrace = time.Minute
		l.stop()
		l.reopen()
		l.feed(k, probe.Down, 0)
		if l.pass(59 * time.Second); len(l.fired(r.ID)) != 0 {
			t.Fatal("in the grace of a start")
		}
		l.pass(time.Second)
		l.feed(k, probe.Down, 0)
		if len(l.fired(r.ID)) != 1 || b.times() != 1 {
			t.Error("not after it")
		}
	})
}

func TestAnEditForgetsWhatWasCounted(t *testing.T) {
	for name, edit := range map[string]func(l *lab, k *model.Check, other model.RestartTargetID){
		"disabled": func(l *lab, k *model.Check, _ model.RestartTargetID) {
			for _, on := range []bool{false, true} {
				var err error
				*k, err = l.a.UpdateCheck(bg, l.by, k.ID, func(k *model.Check) error { k.Enabled = on; return nil })
				l.must(err)
			}
		},
		"looks elsewhere": func(l *lab, k *model.Check, _ model.RestartTargetID) {
			var err error
			*k, err = l.a.UpdateCheck(bg, l.by, k.ID, func(k *model.Check) error { k.URL = "http://127.0.0.1:2/"; return nil })
			l.must(err)
		},
		"unbound and bound": func(l *lab, k *model.Check, _ model.RestartTargetID) {
			was := k.Restart
			l.bind(k, 0, nil)
			l.bind(k, was.Target, func(b *model.Binding) { *b = was })
		},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, l *lab) {
				b := l.rings()
				k, r := l.hook(nil)
				l.bad(k, 2)
				edit(l, &k, r.ID)
				if l.bad(k, 2); b.times() != 0 {
					t.Error("what was counted before still counts")
				}
				if l.bad(k, 1); b.times() != 1 {
					t.Errorf("called %d times", b.times())
				}
			})
		})
	}
}

// TestAnotherTargetHasAnOutageOfItsOwn: what is bound anew has fired nothing yet, and its failures count.
func TestAnotherTargetHasAnOutageOfItsOwn(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		b := l.rings()
		k, r := l.hook(func(b *model.Binding) { b.MaxFirings = 1 })
		l.bad(k, 3)
		other, err := l.newTarget(model.RestartHTTP, func(r *model.RestartTarget) { r.Name = "other" })
		l.must(err)
		l.bind(&k, other.ID, func(b *model.Binding) { b.MaxFirings = 1 })
		l.bad(k, 1)
		if len(l.fired(r.ID)) != 1 || len(l.fired(other.ID)) != 1 || b.times() != 2 {
			t.Errorf("%d and %d", len(l.fired(r.ID)), len(l.fired(other.ID)))
		}
	})
}

// TestACallThatIsCutOff: a stop says so at once, a kill at the next start; either counts for the cooldown, and nothing is called twice.
func TestACallThatIsCutOff(t *testing.T) {
	for name, end := range map[string]func(*lab){"stop": (*lab).stop, "kill": (*lab).crash} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, l *lab) {
				b := l.rings()
				b.takes = time.Minute
				k, r := l.hook(func(b *model.Binding) { b.Cooldown = 5 * time.Minute })
				l.bad(k, 3)
				end(l)
				l.reopen()
				if log := l.fired(r.ID); len(log) != 1 || log[0].Outcome != model.FiringInterrupted || log[0].Reason != string(restart.BrokenOff) {
					t.Fatalf("%+v", log)
				}
				for range 9 {
					l.feed(k, probe.Down, 0)
					l.pass(30 * time.Second)
				}
				if b.times() != 1 {
					t.Fatal("within the cooldown")
				}
				l.pass(30 * time.Second)
				if l.feed(k, probe.Down, 0); b.times() != 2 || len(l.fired(r.ID)) != 2 {
					t.Errorf("called %d times", b.times())
				}
			})
		})
	}
}

// TestWhatCannotBeRecordedIsNotCalled, and an outcome that cannot be is written later.
func TestWhatCannotBeRecordedIsNotCalled(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		b := l.rings()
		k, r := l.hook(nil)
		l.bad(k, 2)
		heal := storetest.Break(t, l.dir, "firings")
		l.feed(k, probe.Down, 0)
		if l.pass(8 * time.Second); b.times() != 0 {
			t.Error("called without a record")
		}
		heal()
		b.at = func(model.RestartTarget) { heal = storetest.Break(t, l.dir, "firings") }
		if l.pass(8 * time.Second); b.times() != 1 {
			t.Errorf("called %d times", b.times())
		}
		heal()
		if l.pass(6 * time.Second); len(l.fired(r.ID)) != 1 || l.fired(r.ID)[0].Outcome != model.FiringSucceeded {
			t.Errorf("%+v", l.fired(r.ID))
		}
	})
}

func TestTheHostKeyOfTheFirstCallIsKept(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		b := l.rings()
		k, _ := l.hook(nil)
		host, err := l.newTarget(model.RestartSSH)
		l.must(err)
		l.bind(&k, host.ID, nil)
		b.says = model.Called{Outcome: model.FiringSucceeded, HostKey: "ssh-ed25519 AAAA"}
		l.bad(k, 3)
		got, err := l.a.RestartTarget(bg, l.by, host.ID)
		if l.must(err); got.SSH.Seen != "ssh-ed25519 AAAA" || got.SSH.SeenAt.IsZero() {
			t.Errorf("%+v", got.SSH)
		}
	})
}

func TestAClockThatIsSetBackLeavesNoFiringInTheFuture(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		b := l.rings()
		k, r := l.hook(nil)
		l.jump(24 * time.Hour)
		l.beat()
		l.bad(k, 3)
		l.feed(k, probe.Operational, 0)
		l.jump(-24 * time.Hour)
		l.beat()
		for _, f := range l.fired(r.ID) {
			if f.Started.After(l.wall()) || f.Recovered.After(l.wall()) {
				t.Errorf("%+v at %v", f, l.wall())
			}
		}
		if l.bad(k, 5); b.times() != 1 {
			t.Error("the cooldown is over with the clock")
		}
		l.pass(10 * time.Minute)
		if l.bad(k, 3); b.times() != 2 {
			t.Error("the cooldown does not end")
		}
	})
}

// TestAFiringByHand: of an HTTP target, counted for nothing; one that takes long is answered before it ends.
func TestAFiringByHand(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		b := l.rings()
		k, r := l.hook(func(b *model.Binding) { b.Threshold = 1 })
		b.takes = time.Second
		f, err := l.a.TestFire(bg, l.by, r.ID)
		l.must(err)
		if f.Outcome != model.FiringSucceeded || f.Trigger != model.ByTest || f.Check != 0 || f.StatusCode != 204 || f.Duration != time.Second {
			t.Errorf("%+v", f)
		}
		same(t, l.fired(r.ID), []model.Firing{f})
		if trail := l.trail(0); trail[len(trail)-1] != "restart_target.tested hook: []" {
			t.Errorf("recorded: %q", trail)
		}
		if tallies, _ := l.a.FiringTallies(bg, l.by); len(tallies) != 0 {
			t.Errorf("it counts: %+v", tallies)
		}
		if l.bad(k, 1); b.times() != 2 {
			t.Error("it has started a cooldown")
		}
		b.takes = 25 * time.Second
		if f, err = l.a.TestFire(bg, l.by, r.ID); err != nil || f.Outcome != model.FiringRuns {
			t.Errorf("%+v %v", f, err)
		}
		if _, err := l.a.TestFire(bg, l.by, r.ID); conflict(err) != "target_runs" {
			t.Errorf("while it runs: %v", err)
		}
		l.pass(6 * time.Second)
		if log := l.fired(r.ID); len(log) != 3 || log[2].Outcome != model.FiringSucceeded {
			t.Errorf("%+v", log)
		}
	})
}

// TestAStopCutsAFiringByHandOff and says so, as long as it takes no longer than that.
func TestAStopCutsAFiringByHandOff(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		b := l.rings()
		_, r := l.hook(nil)
		b.takes = time.Hour
		_, err := l.a.TestFire(bg, l.by, r.ID)
		l.must(err)
		l.stop()
		l.reopen()
		if log := l.fired(r.ID); log[0].Outcome != model.FiringInterrupted || log[0].Reason != "broken_off" {
			t.Errorf("%+v", log)
		}
	})
}

func TestWhoMayFireByHandAndWhat(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		b := l.rings()
		for kind, want := range map[model.TargetType]string{model.RestartSSH: "target_scheduled_only", model.RestartCoolify: "target_scheduled_only"} {
			r, err := l.newTarget(kind)
			l.must(err)
			if _, err := l.a.TestFire(bg, l.by, r.ID); conflict(err) != want {
				t.Errorf("%s: %v", kind, err)
			}
		}
		r, err := l.newTarget(model.RestartHTTP)
		l.must(err)
		if _, err := l.a.CheckConnection(bg, l.by, r.ID); conflict(err) != "target_has_no_connection" {
			t.Errorf("%v", err)
		}
		viewer, stranger := l.by, model.Actor{Workspace: 1, Role: model.Owner}
		viewer.Role, viewer.Admin = model.Viewer, false
		for who, want := range map[*model.Actor]error{&viewer: model.ErrForbidden, &stranger: model.ErrNotFound} {
			_, fire := l.a.TestFire(bg, *who, r.ID)
			_, check := l.a.CheckConnection(bg, *who, r.ID)
			if !errors.Is(fire, want) || !errors.Is(check, want) {
				t.Errorf("%v: %v, %v", want, fire, check)
			}
		}
		if b.times() != 0 || len(l.fired(r.ID)) != 0 {
			t.Error("something was fired")
		}
	})
}

// TestNothingEverFiresTwiceForOneTrigger walks at random over outcomes, maintenance, edits, stops and kills, of three checks that share
// a target and one that has another.
func TestNothingEverFiresTwiceForOneTrigger(t *testing.T) {
	for seed := range uint64(storetest.Some(12, 4)) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			bubble(t, func(t *testing.T, l *lab) { newRescueWalk(l, rand.New(rand.NewPCG(seed, 11))).walk(300) })
		})
	}
}

// rescueWalk is a walk, and the plainest account of it.
type rescueWalk struct {
	l        *lab
	r        *rand.Rand
	b        *bell
	targets  [2]model.RestartTarget
	parts    []model.Component
	checks   []model.Check
	failed   map[model.CheckID]int // in a row, heard outside of maintenance
	covered  time.Time             // until when everything is in maintenance
	cooldown time.Duration
}

func newRescueWalk(l *lab, r *rand.Rand) *rescueWalk {
	w := &rescueWalk{l: l, r: r, b: l.rings(), failed: map[model.CheckID]int{}, cooldown: 2 * time.Minute}
	w.b.takes = 3 * time.Second
	for i := range w.targets {
		var err error
		w.targets[i], err = l.newTarget(model.RestartHTTP, func(r *model.RestartTarget) { r.Name = fmt.Sprint(i) })
		l.must(err)
	}
	for i, target := range []int{0, 0, 0, 1} {
		c, k := l.checks(fmt.Sprintf("c%d", i), "k")
		w.parts = append(w.parts, c)
		l.bind(&k[0], w.targets[target].ID, func(b *model.Binding) { b.Threshold, b.Cooldown, b.MaxFirings = 2, w.cooldown, 3 })
		w.checks = append(w.checks, k[0])
	}
	return w
}

func (w *rescueWalk) walk(steps int) {
	l := w.l
	for range steps {
		switch w.r.IntN(12) {
		case 0:
			if w.r.IntN(4) == 0 && l.wall().After(w.covered) {
				w.covered = l.wall().Add(3 * time.Minute)
				l.plan(time.Second, 3*time.Minute, w.parts...)
				l.pass(2 * time.Second)
				clear(w.failed)
			}
		case 1:
			l.restart(w.r)
		case 2:
			i := w.r.IntN(len(w.checks))
			was := w.checks[i].Restart
			l.bind(&w.checks[i], 0, nil)
			l.bind(&w.checks[i], was.Target, func(b *model.Binding) { *b = was })
			w.failed[w.checks[i].ID] = 0
		default:
			w.look(w.checks[w.r.IntN(len(w.checks))])
		}
		l.pass(time.Duration(1+w.r.IntN(20)) * time.Second)
	}
	l.pass(5 * time.Second)
	w.check()
}

// look lets a check be looked at, and says what may follow.
func (w *rescueWalk) look(k model.Check) {
	before := w.b.times()
	if w.r.IntN(4) == 0 {
		w.l.feed(k, probe.Operational, 0)
		w.failed[k.ID] = 0
	} else {
		w.l.feed(k, probe.Down, 0)
		if !w.l.wall().Before(w.covered) {
			w.failed[k.ID]++
		}
	}
	if fired := w.b.times() - before; fired > 1 || fired == 1 && w.failed[k.ID] < 2 {
		w.l.t.Fatalf("%d calls after %d failures in a row, covered until %v, at %v", fired, w.failed[k.ID], w.covered, w.l.wall())
	}
}

// check compares the log with what was called.
func (w *rescueWalk) check() {
	t := w.l.t
	logged := 0
	for _, target := range w.targets {
		log := w.l.fired(target.ID)
		logged += len(log)
		for i, f := range log {
			if i > 0 && f.Started.Sub(log[i-1].Started) < w.cooldown {
				t.Errorf("two firings within %v", f.Started.Sub(log[i-1].Started))
			}
			if f.Outcome == model.FiringRuns {
				t.Errorf("it still runs: %+v", f)
			}
		}
	}
	if logged == 0 || w.b.times() != logged {
		t.Errorf("%d calls, %d in the log", w.b.times(), logged)
	}
	t.Log(logged, "firings")
}

// TestAHostKeyBelongsToTheHostThatShowedIt: the target leads to another host by the time its call ends.
func TestAHostKeyBelongsToTheHostThatShowedIt(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		b := l.rings()
		r, err := l.newTarget(model.RestartSSH)
		l.must(err)
		_, k := l.checks("api", "login")
		l.bind(&k[0], r.ID, func(b *model.Binding) { b.Threshold = 1 })
		b.says = model.Called{Outcome: model.FiringSucceeded, HostKey: "ssh-ed25519 AAAA"}
		b.at = func(model.RestartTarget) {
			_, err := l.a.UpdateRestartTarget(bg, l.by, r.ID, func(r *model.RestartTarget) error { r.SSH.Host = "elsewhere"; return nil })
			l.must(err)
		}
		l.bad(k[0], 1)
		got, err := l.a.RestartTarget(bg, l.by, r.ID)
		if l.must(err); got.SSH.Seen != "" || b.times() != 1 {
			t.Errorf("%+v", got.SSH)
		}
	})
}

// TestNothingIsFiredForWhatIsKnownToBeGood: the disk takes the failure and the good outcome behind it together.
func TestNothingIsFiredForWhatIsKnownToBeGood(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		b := l.rings()
		k, _ := l.hook(nil)
		l.bad(k, 2)
		heal := storetest.Break(t, l.dir, "firings")
		l.bad(k, 1)
		l.good(k, 1)
		heal()
		if l.pass(30 * time.Second); b.times() != 0 {
			t.Error("it fires for a check that is good")
		}
	})
}

// TestFailuresAroundABlindTimeAreNotInARow, whether the process was off or the check disabled by nobody: what was seen is too old.
func TestFailuresAroundABlindTimeAreNotInARow(t *testing.T) {
	for name, blind := range map[string]func(*lab){
		"off":          func(l *lab) { l.stop(); l.pass(8 * time.Hour); l.reopen() },
		"sees nothing": func(l *lab) { l.pass(8 * time.Hour) },
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, l *lab) {
				b := l.rings()
				k, _ := l.hook(nil)
				l.bad(k, 2)
				blind(l)
				if l.bad(k, 2); b.times() != 0 {
					t.Error("it fires for failures that are hours apart")
				}
				if l.bad(k, 1); b.times() != 1 {
					t.Errorf("it fires %d times", b.times())
				}
			})
		})
	}
}

// TestATestThatCannotBeWrittenIsWrittenLater, and its target can be tested again.
func TestATestThatCannotBeWrittenIsWrittenLater(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		b := l.rings()
		_, r := l.hook(nil)
		var heal func()
		b.at = func(model.RestartTarget) { heal = storetest.Break(t, l.dir, "firings") }
		f, err := l.a.TestFire(bg, l.by, r.ID)
		if l.must(err); f.Outcome != model.FiringRuns {
			t.Errorf("it says more than is written: %+v", f)
		}
		b.at = nil
		heal()
		l.pass(10 * time.Second)
		if log := l.fired(r.ID); log[0].Outcome != model.FiringSucceeded {
			t.Errorf("%+v", log)
		}
		_, err = l.a.TestFire(bg, l.by, r.ID)
		l.must(err)
	})
}
