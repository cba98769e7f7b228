package store_test

import (
	"errors"
	"testing"
	"time"

	"statusd/app/model"
	"statusd/app/rescue"
	"statusd/app/status"
	"statusd/store"
	"statusd/store/storetest"
)

// targetsOf are restart targets of a world, one of each type with something in every field, not stored yet.
func targetsOf(w storetest.World) []model.RestartTarget {
	at := storetest.Began
	target := func(kind model.TargetType) model.RestartTarget {
		return model.RestartTarget{ID: model.NewRestartTargetID(), Workspace: w.Workspace.ID, Name: "Ünï '; -- " + kind.String(), Type: kind, Created: at, Updated: at.Add(time.Minute)}
	}
	http, ssh, coolify := target(model.RestartHTTP), target(model.RestartSSH), target(model.RestartCoolify)
	http.Timeout = 1500 * time.Millisecond
	http.HTTP = model.HTTPTarget{
		URL: "https://x/?a=b", Method: "GET", AuthHeaderName: "X-Key", AuthHeaderValue: "canary-header", Body: "canary-body\xff\x00",
		ExpectedStatusMin: 200, ExpectedStatusMax: 204,
	}
	ssh.Timeout = time.Minute
	ssh.SSH = model.SSHTarget{
		Host: "db.internal", Port: 2222, User: "deploy", PrivateKey: "canary-key", Passphrase: "canary-passphrase", Command: "docker restart api",
		HostKey: "SHA256:abc", Seen: "ssh-ed25519 AAAA", SeenAt: at.Add(time.Hour),
	}
	coolify.Coolify = model.CoolifyTarget{BaseURL: "https://coolify.example", APIToken: "canary-token", ResourceUUID: "abc", Force: true}
	return []model.RestartTarget{http, ssh, coolify}
}

// targeted is a store with a world and its targets, the check "health" bound to the first.
func targeted(t *testing.T) (*store.Store, storetest.World, []model.RestartTarget) {
	t.Helper()
	s := storetest.New(t)
	w := storetest.Fill(t, s, "acme", "api: health other")
	targets := targetsOf(w)
	storetest.Write(t, s, func(tx *store.Tx) error {
		own := tx.In(w.Workspace.ID)
		for i, r := range targets {
			r.Created = r.Created.Add(time.Duration(i) * time.Second)
			targets[i] = r
			if err := own.AddRestartTarget(bg, r); err != nil {
				return err
			}
		}
		k := w.Check("health")
		k.Restart = model.NewBinding(targets[0].ID)
		return own.SetCheck(bg, k)
	})
	return s, w, targets
}

func TestRestartTargetsRoundTrip(t *testing.T) {
	s, w, targets := targeted(t)
	list := func() []model.RestartTarget {
		return get(t, s, func(v store.View) ([]model.RestartTarget, error) {
			return v.In(w.Workspace.ID).RestartTargets(bg, store.After{}, 10)
		})
	}
	same(t, list(), targets)
	for i, r := range targets {
		same(t, get(t, s, func(v store.View) (model.RestartTarget, error) { return v.In(w.Workspace.ID).RestartTarget(bg, r.ID) }), r)
		same(t, get(t, s, func(v store.View) (model.RestartTarget, error) { return v.AnyRestartTarget(bg, r.ID) }), r)
		r.Name, r.Updated = "other", r.Updated.Add(time.Hour)
		r.HTTP.AuthHeaderValue, r.HTTP.Body, r.SSH.Passphrase, r.SSH.Seen, r.SSH.SeenAt, r.Coolify.APIToken = "", "", "", "", time.Time{}, ""
		targets[i] = r
		storetest.Write(t, s, func(tx *store.Tx) error { return tx.In(w.Workspace.ID).SetRestartTarget(bg, r) })
	}
	same(t, list(), targets)
	if n := storetest.Number(t, s.Dir(), `SELECT count(*) FROM restart_targets WHERE secrets IS NOT NULL`); n != 1 {
		t.Errorf("%d targets have secrets, of which one has", n)
	}
	walk(t, 3, func(a store.After, n int) ([][2]int64, error) {
		rows := get(t, s, func(v store.View) ([]model.RestartTarget, error) {
			return v.In(w.Workspace.ID).RestartTargets(bg, a, n)
		})
		return keys(rows, func(r model.RestartTarget) [2]int64 { return [2]int64{r.Created.UnixMilli(), int64(r.ID)} }), nil
	})
}

func TestTheTypeOfARestartTargetStays(t *testing.T) {
	s, w, targets := targeted(t)
	r := targets[0]
	r.Type = model.RestartSSH
	if err := s.Write(bg, store.Relaxed, func(tx *store.Tx) error { return tx.In(w.Workspace.ID).SetRestartTarget(bg, r) }); !errors.Is(err, store.ErrNone) {
		t.Errorf("%v", err)
	}
}

func TestATargetThatACheckIsBoundToStays(t *testing.T) {
	s, w, targets := targeted(t)
	remove := func(id model.RestartTargetID) error {
		return s.Write(bg, store.Relaxed, func(tx *store.Tx) error { return tx.In(w.Workspace.ID).DeleteRestartTarget(bg, id) })
	}
	bound := func() []model.BoundCheck {
		return get(t, s, func(v store.View) ([]model.BoundCheck, error) {
			return v.In(w.Workspace.ID).BoundChecks(bg, targets[0].ID)
		})
	}
	count := func() map[model.RestartTargetID]int {
		return get(t, s, func(v store.View) (map[model.RestartTargetID]int, error) { return v.In(w.Workspace.ID).CountBound(bg) })
	}
	k := w.Check("health")
	same(t, count(), map[model.RestartTargetID]int{targets[0].ID: 1})
	same(t, bound(), []model.BoundCheck{{ID: k.ID, Name: "health", Page: w.Page.ID, PageName: w.Page.Name}})
	if err := remove(targets[0].ID); !errors.Is(err, store.ErrHeld) {
		t.Errorf("bound: %v", err)
	}
	if err := remove(targets[1].ID); err != nil {
		t.Errorf("not bound: %v", err)
	}
	storetest.Write(t, s, func(tx *store.Tx) error { return tx.In(w.Workspace.ID).SetCheck(bg, k) })
	same(t, bound(), []model.BoundCheck(nil))
	same(t, count(), map[model.RestartTargetID]int{})
	if err := errors.Join(remove(targets[0].ID), remove(targets[2].ID)); err != nil {
		t.Error(err)
	}
}

func TestAWorkspaceWithARestartTargetStays(t *testing.T) {
	s, w, _ := targeted(t)
	err := s.Write(bg, store.Relaxed, func(tx *store.Tx) error {
		return errors.Join(tx.In(w.Workspace.ID).DeletePage(bg, w.Page.ID), tx.DeleteWorkspace(bg, w.Workspace.ID))
	})
	if !errors.Is(err, store.ErrHeld) {
		t.Errorf("%v", err)
	}
}

func TestSecretsOfARestartTargetBelongToItsRow(t *testing.T) {
	s, w, targets := targeted(t)
	storetest.Exec(t, s.Dir(), `UPDATE restart_targets SET secrets = (SELECT secrets FROM restart_targets WHERE type = 3) WHERE type = 1`)
	err := s.Read(bg, func(v store.View) error { _, err := v.In(w.Workspace.ID).RestartTarget(bg, targets[0].ID); return err })
	if err == nil {
		t.Error("secrets that were moved to another row open")
	}
}

func TestAnotherWorkspaceSeesNoRestartTarget(t *testing.T) {
	s, w, targets := targeted(t)
	other := storetest.Fill(t, s, "evil", "x: y")
	f := firing(w, targets[0], 1)
	storetest.Write(t, s, func(tx *store.Tx) error { return tx.In(w.Workspace.ID).AddFiring(bg, f) })
	storetest.Read(t, s, func(v store.View) error {
		o := v.In(other.Workspace.ID)
		_, err1 := o.RestartTarget(bg, targets[0].ID)
		_, err2 := o.Firing(bg, f.ID)
		if !errors.Is(err1, store.ErrNone) || !errors.Is(err2, store.ErrNone) {
			t.Errorf("%v %v", err1, err2)
		}
		list, err1 := o.RestartTargets(bg, store.After{}, 9)
		bound, err2 := o.BoundChecks(bg, targets[0].ID)
		ofTarget, err3 := o.FiringsOfTarget(bg, f.Target, store.After{}, 9)
		ofCheck, err4 := o.FiringsOfCheck(bg, f.Check, store.After{}, 9)
		ofIncident, err5 := o.FiringsOfIncident(bg, f.Incident)
		tallies, err6 := o.FiringTallies(bg)
		counts, err7 := o.CountBound(bg)
		if len(list)+len(bound)+len(ofTarget)+len(ofCheck)+len(ofIncident)+len(tallies)+len(counts) > 0 {
			t.Errorf("lists: %v %v %v %v %v %v %v", list, bound, ofTarget, ofCheck, ofIncident, tallies, counts)
		}
		return errors.Join(err1, err2, err3, err4, err5, err6, err7)
	})
	bound := other.Check("y")
	bound.Restart = model.NewBinding(targets[0].ID)
	fresh := storetest.NewCheck(other.Component("x"), "z")
	fresh.Restart = bound.Restart
	stolen := firing(other, targets[0], 2)
	for name, f := range map[string]func(store.OwnedTx) error{
		"set target":    func(o store.OwnedTx) error { return o.SetRestartTarget(bg, targets[0]) },
		"delete target": func(o store.OwnedTx) error { return o.DeleteRestartTarget(bg, targets[2].ID) },
		"bind a check":  func(o store.OwnedTx) error { return o.SetCheck(bg, bound) },
		"add one bound": func(o store.OwnedTx) error { return o.AddCheck(bg, fresh) },
		"fire":          func(o store.OwnedTx) error { return o.AddFiring(bg, stolen) },
	} {
		if err := s.Write(bg, store.Relaxed, func(tx *store.Tx) error { return f(tx.In(other.Workspace.ID)) }); !errors.Is(err, store.ErrNone) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAHostKeyIsSeenOnce(t *testing.T) {
	s, w, targets := targeted(t)
	r := targets[1]
	see := func(key string) (first bool) {
		storetest.Write(t, s, func(tx *store.Tx) (err error) {
			first, err = tx.SawHostKey(bg, r, key, storetest.Began)
			return err
		})
		return first
	}
	if see("another") {
		t.Error("one that was given is overwritten")
	}
	r.SSH.HostKey, r.SSH.Seen, r.SSH.SeenAt = "", "", time.Time{}
	storetest.Write(t, s, func(tx *store.Tx) error { return tx.In(w.Workspace.ID).SetRestartTarget(bg, r) })
	if !see("first") || see("second") {
		t.Error("the first is not the one that stays")
	}
	r.SSH.Seen, r.SSH.SeenAt = "first", storetest.Began
	same(t, get(t, s, func(v store.View) (model.RestartTarget, error) { return v.AnyRestartTarget(bg, r.ID) }), r)
}

func TestWhatIsRememberedOfABoundCheckRoundTrips(t *testing.T) {
	s, w, _ := targeted(t)
	k := w.Check("health").ID
	remember := func(state rescue.State) []store.Rescued {
		storetest.Write(t, s, func(tx *store.Tx) error { return tx.RememberRescued(bg, store.Rescued{Check: k, State: state}) })
		return get(t, s, func(v store.View) ([]store.Rescued, error) { return v.EveryRescued(bg) })
	}
	for _, state := range []rescue.State{{Failures: 1}, {Failures: 100, Fired: 5, GaveUp: true}} {
		same(t, remember(state), []store.Rescued{{Check: k, State: state}})
	}
	same(t, remember(rescue.State{}), []store.Rescued(nil))
	remember(rescue.State{Failures: 1})
	storetest.Write(t, s, func(tx *store.Tx) error { return tx.In(w.Workspace.ID).DeleteCheck(bg, k) })
	same(t, get(t, s, func(v store.View) ([]store.Rescued, error) { return v.EveryRescued(bg) }), []store.Rescued(nil))
}

// firing is one of a target for the world's first check, so many minutes after it began.
func firing(w storetest.World, r model.RestartTarget, minutes int) model.Firing {
	k := w.Checks[0]
	return model.Firing{
		ID: model.NewFiringID(), Workspace: w.Workspace.ID, Target: r.ID, Check: k.ID, CheckName: k.Name, Page: k.Page, Incident: 7,
		Trigger: model.BySchedule, Started: storetest.Began.Add(time.Duration(minutes) * time.Minute), Outcome: model.FiringRuns,
	}
}

func minute(minutes int) time.Time { return storetest.Began.Add(time.Duration(minutes) * time.Minute) }

func instant(minutes int) status.Instant { return status.At(minute(minutes)) }
