package app_test

import (
	"errors"
	"testing"
	"time"

	"statusd/app/incident"
	"statusd/app/model"
	"statusd/store"
)

func TestAFiringStandsInTheLogsOfItsTargetItsCheckAndItsIncident(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		r, err := l.newTarget(model.RestartHTTP)
		l.must(err)
		k := l.check(l.component("api"))
		i := model.Incident{
			ID: model.NewIncidentID(), Page: l.page.ID, Title: model.Text{"en": "x"}, Impact: incident.Major, Status: incident.Resolved,
			Started: l.wall(), Created: l.wall(), Updated: l.wall(), Resolved: l.wall(),
		}
		var want []model.Firing
		for n := range 3 {
			want = append(want, model.Firing{
				ID: model.NewFiringID(), Workspace: l.by.Workspace, Target: r.ID, Check: k.ID, CheckName: k.Name, Page: l.page.ID, Incident: i.ID,
				Trigger: model.BySchedule, Started: l.wall().Add(-time.Duration(n) * time.Hour).UTC(), Outcome: model.FiringSucceeded, Duration: time.Second,
			})
		}
		l.must(l.s.Write(bg, store.Relaxed, func(tx *store.Tx) error {
			own := tx.In(l.by.Workspace)
			return errors.Join(own.AddIncident(bg, i), own.AddFiring(bg, want[0]), own.AddFiring(bg, want[1]), own.AddFiring(bg, want[2]))
		}))
		ofTarget, err := l.a.Firings(bg, l.by, r.ID, model.Window{Limit: 2})
		l.must(err)
		same(t, ofTarget.Items, want[:2])
		rest, err := l.a.Firings(bg, l.by, r.ID, model.Window{Limit: 2, Cursor: ofTarget.Next})
		l.must(err)
		same(t, rest.Items, want[2:])
		ofCheck, err := l.a.FiringsOfCheck(bg, l.by, k.ID, model.Window{})
		l.must(err)
		same(t, ofCheck.Items, want)
		ofIncident, err := l.a.FiringsOfIncident(bg, l.by, i.ID)
		l.must(err)
		same(t, ofIncident, want)
		if _, err := l.a.FiringsOfIncident(bg, model.Actor{Workspace: 1, Role: model.Owner}, i.ID); !errors.Is(err, model.ErrNotFound) {
			t.Errorf("another workspace: %v", err)
		}
		tallies, err := l.a.FiringTallies(bg, l.by)
		l.must(err)
		same(t, tallies, map[model.RestartTargetID]model.FiringTally{r.ID: {Firings: 3, Succeeded: 3, Last: want[0].Started}})
	})
}
