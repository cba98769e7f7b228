package store_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"statusd/app/model"
	"statusd/app/status"
	"statusd/store"
	"statusd/store/storetest"
)

// fired is a store with firings of its first target: so many minutes after it began, for the first check on schedule.
func fired(t *testing.T, minutes ...int) (*store.Store, storetest.World, []model.Firing) {
	t.Helper()
	s, w, targets := targeted(t)
	var all []model.Firing
	storetest.Write(t, s, func(tx *store.Tx) error {
		for _, m := range minutes {
			f := firing(w, targets[0], m)
			all = append(all, f)
			if err := tx.In(w.Workspace.ID).AddFiring(bg, f); err != nil {
				return err
			}
		}
		return nil
	})
	return s, w, all
}

// log reads all firings of the target of some, oldest first.
func log(t *testing.T, s *store.Store, w storetest.World, of []model.Firing) []model.Firing {
	t.Helper()
	out := get(t, s, func(v store.View) ([]model.Firing, error) {
		return v.In(w.Workspace.ID).FiringsOfTarget(bg, of[0].Target, store.After{}, 100)
	})
	slices.Reverse(out)
	return out
}

func TestFiringsRoundTrip(t *testing.T) {
	s, w, all := fired(t, 1, 2)
	same(t, log(t, s, w, all), all)
	three := 3
	all[0].Duration, all[0].Outcome, all[0].StatusCode, all[0].Output, all[0].Reason = 1200*time.Millisecond, model.FiringFailed, 503, "ünï\x00", "status 503"
	all[1].Duration, all[1].Outcome, all[1].ExitCode = time.Second, model.FiringFailed, &three
	storetest.Write(t, s, func(tx *store.Tx) error {
		return errors.Join(tx.FinishFiring(bg, all[0]), tx.FinishFiring(bg, all[1]))
	})
	same(t, log(t, s, w, all), all)
	own := func(v store.View) store.Owned { return v.In(w.Workspace.ID) }
	newest := []model.Firing{all[1], all[0]}
	same(t, get(t, s, func(v store.View) ([]model.Firing, error) {
		return own(v).FiringsOfCheck(bg, all[0].Check, store.After{}, 9)
	}), newest)
	same(t, get(t, s, func(v store.View) ([]model.Firing, error) { return own(v).FiringsOfIncident(bg, 7) }), newest)
	same(t, get(t, s, func(v store.View) ([]model.Firing, error) { return own(v).NewestOfTargets(bg) }), newest[:1])
	same(t, get(t, s, func(v store.View) ([]model.Firing, error) { return own(v).NewestFirings(bg, w.Page.ID) }), newest[:1])
	storetest.Exec(t, s.Dir(), `UPDATE checks SET restart_target_id = NULL`)
	same(t, get(t, s, func(v store.View) ([]model.Firing, error) { return own(v).NewestFirings(bg, w.Page.ID) }), []model.Firing(nil))
	same(t, get(t, s, func(v store.View) (model.Firing, error) { return own(v).Firing(bg, all[0].ID) }), all[0])
	same(t, get(t, s, func(v store.View) ([]model.Firing, error) {
		return own(v).FiringsOfTarget(bg, all[0].Target, store.After{Position: all[1].Started.UnixMilli(), ID: int64(all[1].ID)}, 9)
	}), all[:1])
}

func TestAFiringEndsOnce(t *testing.T) {
	s, w, all := fired(t, 1)
	all[0].Outcome, all[0].Duration = model.FiringSucceeded, time.Second
	storetest.Write(t, s, func(tx *store.Tx) error { return tx.FinishFiring(bg, all[0]) })
	late := all[0]
	late.Outcome = model.FiringFailed
	if err := s.Write(bg, store.Relaxed, func(tx *store.Tx) error { return tx.FinishFiring(bg, late) }); !errors.Is(err, store.ErrNone) {
		t.Errorf("%v", err)
	}
	same(t, log(t, s, w, all), all)
}

func TestFiringsThatAKillHasCutOffAreInterruptedAndCount(t *testing.T) {
	s, w, all := fired(t, 1, 2)
	all[0].Outcome = model.FiringSucceeded
	storetest.Write(t, s, func(tx *store.Tx) error { return tx.FinishFiring(bg, all[0]) })
	same(t, get(t, s, func(v store.View) ([]model.Firing, error) { return v.RunningFirings(bg) }), all[1:])
	storetest.Write(t, s, func(tx *store.Tx) error { return tx.InterruptFirings(bg, "broken_off") })
	all[1].Outcome, all[1].Reason = model.FiringInterrupted, "broken_off"
	same(t, log(t, s, w, all), all)
	same(t, get(t, s, func(v store.View) ([]model.Firing, error) { return v.RunningFirings(bg) }), []model.Firing(nil))
	same(t, get(t, s, func(v store.View) (map[model.RestartTargetID]status.Instant, error) { return v.LastFirings(bg) }),
		map[model.RestartTargetID]status.Instant{all[0].Target: instant(2)})
}

func TestAFiringByHandCountsForNothing(t *testing.T) {
	s, w, all := fired(t, 1)
	hand := firing(w, model.RestartTarget{ID: all[0].Target}, 5)
	hand.Check, hand.CheckName, hand.Page, hand.Incident, hand.Trigger, hand.Outcome = 0, "", 0, 0, model.ByTest, model.FiringSucceeded
	storetest.Write(t, s, func(tx *store.Tx) error {
		return errors.Join(tx.In(w.Workspace.ID).AddFiring(bg, hand), tx.FiringsRecovered(bg, 0, 9, minute(6)), tx.FiringsGaveUp(bg, 0, minute(6)))
	})
	same(t, log(t, s, w, all), append(all, hand))
	same(t, get(t, s, func(v store.View) (map[model.RestartTargetID]status.Instant, error) { return v.LastFirings(bg) }),
		map[model.RestartTargetID]status.Instant{all[0].Target: instant(1)})
	same(t, get(t, s, func(v store.View) (map[model.RestartTargetID]model.FiringTally, error) {
		return v.In(w.Workspace.ID).FiringTallies(bg)
	}), map[model.RestartTargetID]model.FiringTally{all[0].Target: {Last: minute(1)}})
}

func TestTheProofStandsOnTheFiringsOfItsOutage(t *testing.T) {
	s, w, all := fired(t, 1, 11, 21)
	storetest.Write(t, s, func(tx *store.Tx) error {
		return errors.Join(tx.FiringsRecovered(bg, all[0].Check, 2, minute(22)), tx.FiringsRecovered(bg, all[0].Check, 2, minute(30)),
			tx.FiringsRecovered(bg, w.Checks[1].ID, 9, minute(31)))
	})
	all[1].Recovered, all[2].Recovered = minute(22), minute(22)
	all[1].Again = true
	got := log(t, s, w, all)
	same(t, got, all)
	if after, ok := got[2].RecoveredAfter(); after != time.Minute || !ok {
		t.Errorf("%v %v", after, ok)
	}
	if _, ok := got[0].RecoveredAfter(); ok {
		t.Error("of one of an earlier outage nobody knows")
	}
}

func TestGivingUpStandsOnTheLastFiring(t *testing.T) {
	s, w, all := fired(t, 1, 11)
	storetest.Write(t, s, func(tx *store.Tx) error { return tx.FiringsGaveUp(bg, all[0].Check, minute(21)) })
	all[1].GaveUp = minute(21)
	same(t, log(t, s, w, all), all)
}

func TestTheTallyCountsWhatHasEnded(t *testing.T) {
	s, w, all := fired(t, 1, 2, 3, 4)
	for i, o := range []model.FiringOutcome{model.FiringSucceeded, model.FiringFailed, model.FiringSucceeded} {
		all[i].Outcome = o
		storetest.Write(t, s, func(tx *store.Tx) error { return tx.FinishFiring(bg, all[i]) })
	}
	storetest.Write(t, s, func(tx *store.Tx) error { return tx.FiringsRecovered(bg, all[0].Check, 2, minute(5)) })
	tallies := func() map[model.RestartTargetID]model.FiringTally {
		return get(t, s, func(v store.View) (map[model.RestartTargetID]model.FiringTally, error) {
			return v.In(w.Workspace.ID).FiringTallies(bg)
		})
	}
	got := tallies()
	same(t, got, map[model.RestartTargetID]model.FiringTally{all[0].Target: {Firings: 3, Succeeded: 2, Last: minute(4)}})
	all[3].Outcome = model.FiringFailed
	storetest.Write(t, s, func(tx *store.Tx) error { return tx.FinishFiring(bg, all[3]) })
	same(t, tallies(), map[model.RestartTargetID]model.FiringTally{all[0].Target: {Firings: 4, Succeeded: 2, Recovered: 1, Last: minute(4)}})
	if rate, ok := got[all[0].Target].SuccessRate(); rate < 0.66 || rate > 0.67 || !ok {
		t.Errorf("%v %v", rate, ok)
	}
}

func TestWhatWasFiredBeforeAnIncidentOpensComesOntoItsTimeline(t *testing.T) {
	s, w, all := fired(t, 1, 2)
	storetest.Exec(t, s.Dir(), `UPDATE firings SET incident_id = 0`)
	i := model.Incident{ID: model.NewIncidentID(), Workspace: w.Workspace.ID, Component: w.Component("api").ID, Started: minute(2)}
	storetest.Write(t, s, func(tx *store.Tx) error { return tx.AttachFirings(bg, i) })
	all[0].Incident, all[1].Incident = 0, i.ID
	same(t, log(t, s, w, all), all)
}

func TestFiringsOutliveTheirCheckAndGoWithTheirTarget(t *testing.T) {
	s, w, all := fired(t, 1)
	k := w.Check("health")
	k.Name, k.Restart = "renamed", model.NewBinding(all[0].Target)
	storetest.Write(t, s, func(tx *store.Tx) error { return tx.In(w.Workspace.ID).SetCheck(bg, k) })
	all[0].CheckName = "renamed"
	same(t, log(t, s, w, all), all)
	storetest.Write(t, s, func(tx *store.Tx) error { return tx.In(w.Workspace.ID).DeletePage(bg, w.Page.ID) })
	all[0].CheckName = "health"
	same(t, log(t, s, w, all), all)
	storetest.Write(t, s, func(tx *store.Tx) error { return tx.In(w.Workspace.ID).DeleteRestartTarget(bg, all[0].Target) })
	same(t, log(t, s, w, all), []model.Firing(nil))
}

func TestFiringsGoAfterTheirTimeUnlessTheyRun(t *testing.T) {
	s, w, all := fired(t, 1, 2, 3)
	all[1].Outcome, all[2].Outcome = model.FiringFailed, model.FiringFailed
	storetest.Write(t, s, func(tx *store.Tx) error {
		return errors.Join(tx.FinishFiring(bg, all[1]), tx.FinishFiring(bg, all[2]), tx.ForgetFirings(bg, instant(3)))
	})
	same(t, log(t, s, w, all), []model.Firing{all[0], all[2]})
}

func TestAClockThatIsSetBackLeavesNoFiringInTheFuture(t *testing.T) {
	s, w, all := fired(t, 1, 27, 30)
	storetest.Write(t, s, func(tx *store.Tx) error {
		return errors.Join(tx.FiringsRecovered(bg, all[0].Check, 2, minute(31)), tx.FiringsGaveUp(bg, all[0].Check, minute(31)), tx.FiringsCutBack(bg, instant(20)))
	})
	all[1].Started, all[1].Recovered, all[1].Again = minute(16), minute(20), true
	all[2].Started, all[2].Recovered, all[2].GaveUp = minute(19), minute(20), minute(20)
	same(t, log(t, s, w, all), all)
}

func TestLogsOfFiringsAreReadAsRanges(t *testing.T) {
	s := storetest.New(t)
	numbers := strings.NewReplacer("$1", "1", "$2", "2", "$3", "3", "$4", "4", "$5", "5")
	for _, text := range store.FiringQueries {
		for _, step := range storetest.Plan(t, s.Dir(), numbers.Replace(text)) {
			if strings.Contains(step, "SCAN firings") && !strings.Contains(step, "firings_running") || strings.Contains(step, "TEMP B-TREE") {
				t.Errorf("%s\n%s", text, step)
			}
		}
	}
}
