package app_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"statusd/app"
	"statusd/app/model"
	"statusd/probe/restart"
	"statusd/store/storetest"
)

// TestWhatIsCalledByHandIsNotCalledOnScheduleMeanwhile: two restarts of one service at once may leave it down.
func TestWhatIsCalledByHandIsNotCalledOnScheduleMeanwhile(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		b := l.rings()
		k, r := l.hook(nil)
		b.takes = 3 * time.Minute
		_, err := l.a.TestFire(bg, l.by, r.ID)
		l.must(err)
		if l.bad(k, 5); b.times() != 1 {
			t.Errorf("called %d times at once", b.times())
		}
		if l.bad(k, 2); b.times() != 2 {
			t.Errorf("called %d times, once nobody calls it", b.times())
		}
	})
}

// TestFollowersHearOfEveryFiringOfTheirWorkspace: its targets are on the screens of all its pages.
func TestFollowersHearOfEveryFiringOfTheirWorkspace(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		b := l.rings()
		k, r := l.hook(nil)
		other, err := l.a.CreatePage(bg, l.by, func(p *model.Page) error { p.Name, p.Slug = "other", "other"; return nil })
		l.must(err)
		beside, stop := l.a.Follow(other)
		defer stop()
		foreign := other
		foreign.ID, foreign.Workspace = model.NewPageID(), model.NewWorkspaceID()
		elsewhere, stopElsewhere := l.a.Follow(foreign)
		defer stopElsewhere()
		hears := func(what string) {
			t.Helper()
			if n, _ := signals(beside); n != 1 {
				t.Errorf("%s: %d signals", what, n)
			}
		}
		b.takes = 40 * time.Second
		_, err = l.a.TestFire(bg, l.by, r.ID)
		l.must(err)
		hears("it begins by hand")
		l.pass(21 * time.Second)
		hears("it ends by hand")
		l.bad(k, 3)
		hears("it begins on schedule")
		l.bad(k, 1)
		hears("it ends on schedule")
		l.good(k, 1)
		hears("the proof")
		if n, _ := signals(elsewhere); n != 0 {
			t.Errorf("another workspace hears %d signals", n)
		}
	})
}

// TestAHostKeyThatIsTakenOnTrustIsRecorded with who was there.
func TestAHostKeyThatIsTakenOnTrustIsRecorded(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		b := l.rings()
		_, k := l.checks("api", "login")
		r, err := l.newTarget(model.RestartSSH)
		l.must(err)
		l.bind(&k[0], r.ID, func(b *model.Binding) { b.Threshold, b.Cooldown = 1, time.Minute })
		b.says = model.Called{Outcome: model.FiringSucceeded, HostKey: "ssh-ed25519 AAAA"}
		before := len(l.audit(0))
		l.bad(k[0], 5)
		trail := l.audit(0)[before:]
		if len(trail) != 1 || trail[0].Action != model.RestartTargetChanged || trail[0].By != (model.Who{Kind: model.BySystem}) || b.times() < 2 {
			t.Fatalf("%+v after %d calls", trail, b.times())
		}
		same(t, trail[0].Changes, []model.Change{{Field: "seenHostKey", To: "ssh-ed25519 AAAA"}})
	})
}

// TestATargetThatCannotBeReadIsNotCalledAndTheLogSaysThat.
func TestATargetThatCannotBeReadIsNotCalledAndTheLogSaysThat(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		b := l.rings()
		k, _ := l.hook(func(b *model.Binding) { b.Threshold = 1 })
		storetest.Exec(t, l.dir, `UPDATE restart_targets SET secrets = x'00'`)
		l.bad(k, 1)
		log, err := l.a.FiringsOfCheck(bg, l.by, k.ID, model.Window{})
		l.must(err)
		if f := log.Items[0]; b.times() != 0 || f.Outcome != model.FiringFailed || f.Reason != string(restart.NotRead) {
			t.Errorf("called %d times, %+v", b.times(), f)
		}
	})
}

// TestAKillBeforeTheAnswerOfATestHasItDoneOnce: the repeat finds what the request has led to.
func TestAKillBeforeTheAnswerOfATestHasItDoneOnce(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		b := l.rings()
		_, r := l.hook(nil)
		by := l.token()
		ask := func(key string) model.FiringOutcome {
			var f model.Firing
			_, err := l.a.Replay(bg, by, key, []byte("POST test"), func(ctx context.Context) (_ app.Answer, err error) {
				f, err = l.a.TestFire(ctx, by, r.ID)
				return app.Answer{Status: 200}, err
			})
			if err != nil && b.takes == 0 {
				t.Error(err)
			}
			return f.Outcome
		}
		b.takes = time.Hour
		go ask("k")
		l.pass(time.Second)
		l.crash()
		synctest.Wait()
		l.reopen()
		b.takes = 0
		if got := ask("k"); got != model.FiringInterrupted || b.times() != 1 {
			t.Errorf("the repeat finds one that is %v, after %d calls", got, b.times())
		}
		if got := ask("another"); got != model.FiringSucceeded || b.times() != 2 {
			t.Errorf("another request: %v, after %d calls", got, b.times())
		}
		l.jump(25 * time.Hour) // the key is free again
		l.beat()
		if got := ask("k"); got != model.FiringSucceeded || b.times() != 3 {
			t.Errorf("a day later: %v, after %d calls", got, b.times())
		}
	})
}
