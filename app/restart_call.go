package app

import (
	"context"
	"errors"
	"time"

	"statusd/app/model"
	"statusd/app/status"
	"statusd/probe/restart"
	"statusd/store"
)

// SSHKeys judge private keys and host keys as those who call the host will.
var SSHKeys = RestartKeys{
	Private: func(key, passphrase model.Secret) *model.Problem {
		_, err := restart.ParsePrivateKey(restart.Secret(key.Reveal()), restart.Secret(passphrase.Reveal()))
		why, bad := errors.AsType[*restart.Invalid](err)
		if !bad {
			return nil
		}
		field := "privateKey"
		if why.Reason.Code == restart.PassphraseNeeded || why.Reason.Code == restart.PassphraseWrong {
			field = "passphrase"
		}
		return &model.Problem{Field: field, Code: "key", Args: map[string]any{"Reason": why.Reason}}
	},
	Host: func(text string) *model.Problem {
		why, bad := errors.AsType[*restart.Invalid](restart.ParseHostKey(text))
		if !bad {
			return nil
		}
		return &model.Problem{Field: "hostKey", Code: "key", Args: map[string]any{"Reason": why.Reason}}
	},
}

// callable is a restart target as it is called.
func callable(r model.RestartTarget) restart.Target {
	switch r.Type {
	case model.RestartHTTP:
		return restart.HTTP{
			URL: r.HTTP.URL, Method: r.HTTP.Method, HeaderName: r.HTTP.AuthHeaderName, HeaderValue: restart.Secret(r.HTTP.AuthHeaderValue.Reveal()),
			Body: r.HTTP.Body.Reveal(), StatusMin: r.HTTP.ExpectedStatusMin, StatusMax: r.HTTP.ExpectedStatusMax, Timeout: r.Timeout,
		}
	case model.RestartSSH:
		return sshTarget(r)
	default:
		return coolifyTarget(r)
	}
}

func sshTarget(r model.RestartTarget) restart.SSH {
	s := restart.SSH{
		Host: r.SSH.Host, Port: r.SSH.Port, User: r.SSH.User, PrivateKey: restart.Secret(r.SSH.PrivateKey.Reveal()),
		Passphrase: restart.Secret(r.SSH.Passphrase.Reveal()), Command: r.SSH.Command, HostKey: r.SSH.HostKey, Timeout: r.Timeout,
	}
	if s.HostKey == "" {
		s.HostKey = r.SSH.Seen
	}
	return s
}

func coolifyTarget(r model.RestartTarget) restart.Coolify {
	return restart.Coolify{
		BaseURL: r.Coolify.BaseURL, Token: restart.Secret(r.Coolify.APIToken.Reveal()), UUID: r.Coolify.ResourceUUID, Force: r.Coolify.Force,
	}
}

// checkable is a restart target whose connection can be checked without an effect; false: it has none.
func checkable(r model.RestartTarget) (restart.Checkable, bool) {
	switch r.Type {
	case model.RestartSSH:
		return sshTarget(r), true
	case model.RestartCoolify:
		return coolifyTarget(r), true
	}
	return nil, false
}

var firingOutcomes = map[restart.Outcome]model.FiringOutcome{
	restart.Success: model.FiringSucceeded, restart.Failed: model.FiringFailed, restart.Interrupted: model.FiringInterrupted,
}

// call calls a restart target.
func (a *App) call(ctx context.Context, r model.RestartTarget) model.Called {
	if a.CallTarget != nil {
		return a.CallTarget(ctx, r)
	}
	f := a.firer.Fire(ctx, callable(r))
	out := model.Called{
		Outcome: firingOutcomes[f.Outcome], ExitCode: f.ExitCode, Output: f.Output, Reason: f.Reason.Encode(), Took: f.Took, HostKey: f.HostKey,
	}
	if f.StatusCode != nil {
		out.StatusCode = *f.StatusCode
	}
	return out
}

// testPatience is how long a person waits for the outcome of a test; after that the log has it.
const testPatience = 20 * time.Second

// testAgain is after how long an outcome is written again that could not be.
const testAgain = 5 * time.Second

// TestFire calls an HTTP target by hand: without threshold or cooldown, and it starts none. The firing it returns still runs when it
// takes long; one that a request has led to already is returned as it is, and nothing is called. SSH and Coolify targets are a
// model.Conflict: they fire on schedule alone, see CheckConnection; and so is a target that runs.
func (a *App) TestFire(ctx context.Context, by model.Actor, id model.RestartTargetID) (f model.Firing, err error) {
	var target model.RestartTarget
	err = a.writeRestartTarget(ctx, by, id, func(tx *store.Tx, r model.RestartTarget) error {
		if r.Type != model.RestartHTTP {
			return model.Conflict{Code: "target_scheduled_only"}
		}
		if f, err = a.repeatedFiring(ctx, tx, by); err != nil || f.ID != 0 {
			return err
		}
		if err := idle(ctx, tx, id); err != nil {
			return err
		}
		target = r
		f = model.Firing{
			ID: model.NewFiringID(), Workspace: by.Workspace, Target: id, Trigger: model.ByTest,
			Started: a.Now().UTC().Truncate(time.Millisecond), Outcome: model.FiringRuns,
		}
		if err := tx.In(by.Workspace).AddFiring(ctx, f); err != nil {
			return err
		}
		if hash := requested(ctx); hash != nil {
			if err := tx.AskedBy(ctx, f.ID, hash); err != nil {
				return err
			}
		}
		tx.AfterCommit(func() { a.watch.CalledByHand(f, true) })
		return a.audited(ctx, tx, by, model.Audit{Action: model.RestartTargetTested, Subject: restartTrail.subject(r)})
	})
	if err != nil || target.ID == 0 {
		return f, err
	}
	ended := make(chan model.Firing, 1)
	a.running.Go(func() { ended <- a.test(context.WithoutCancel(ctx), f, target) })
	select {
	case f = <-ended:
	case <-time.After(testPatience):
	case <-ctx.Done():
	}
	return f, nil
}

// repeatedFiring is what a request has led to before a kill kept its answer from being written; zero for nothing.
func (a *App) repeatedFiring(ctx context.Context, tx *store.Tx, by model.Actor) (model.Firing, error) {
	hash := requested(ctx)
	if hash == nil {
		return model.Firing{}, nil
	}
	f, err := tx.In(by.Workspace).FiringFor(ctx, hash, status.At(a.Now().Add(-keepAnswers)))
	if errors.Is(err, store.ErrNone) {
		return model.Firing{}, nil
	}
	return f, err
}

// idle refuses a target that is being called.
func idle(ctx context.Context, tx *store.Tx, id model.RestartTargetID) error {
	running, err := tx.RunningFirings(ctx)
	for _, f := range running {
		if f.Target == id {
			return model.Conflict{Code: "target_runs"}
		}
	}
	return err
}

// test calls a target by hand and records what came of it. A stop of the process cuts the call off, which is recorded.
func (a *App) test(ctx context.Context, f model.Firing, target model.RestartTarget) model.Firing {
	calling, cancel := context.WithCancel(ctx)
	defer cancel()
	if a.work != nil {
		defer context.AfterFunc(a.work, cancel)()
	}
	f = f.Ended(a.call(calling, target))
	for {
		err := a.write(ctx, func(tx *store.Tx) error {
			tx.AfterCommit(func() { a.watch.CalledByHand(f, false) })
			if err := tx.FinishFiring(ctx, f); !errors.Is(err, store.ErrNone) { // none: somebody deleted the target
				return err
			}
			return nil
		})
		if err == nil {
			return f
		}
		a.Log.Error("what came of a test of a restart target could not be written; it is tried again", "firing", f.ID, "err", err)
		select {
		case <-calling.Done(): // the next start finds it
			return f
		case <-time.After(testAgain):
		}
	}
}

// CheckConnection signs in to an SSH or Coolify target and starts nothing. The key that an SSH host shows is kept when none is known, as
// at the first call. An HTTP target is a model.Conflict: it is tested by firing it.
func (a *App) CheckConnection(ctx context.Context, by model.Actor, id model.RestartTargetID) (out model.Connection, err error) {
	if !by.May(model.Editor) {
		_, err := a.RestartTarget(ctx, by, id)
		return out, errors.Join(err, model.ErrForbidden)
	}
	r, err := a.RestartTarget(ctx, by, id)
	if err != nil {
		return out, err
	}
	t, ok := checkable(r)
	if !ok {
		return out, model.Conflict{Code: "target_has_no_connection"}
	}
	c := a.firer.Check(ctx, t)
	out = model.Connection{OK: c.OK, Detail: c.Detail.Encode(), HostKey: c.HostKey, Fingerprint: c.Fingerprint}
	if !c.OK || c.HostKey == "" {
		return out, nil
	}
	return out, a.write(ctx, func(tx *store.Tx) error { return a.sawHostKey(ctx, tx, by, r, c.HostKey) })
}

// sawHostKey keeps the key that the host of a target has shown, unless one is known: on the word of whoever was first to sign in there.
func (a *App) sawHostKey(ctx context.Context, tx *store.Tx, by model.Actor, r model.RestartTarget, key string) error {
	first, err := tx.SawHostKey(ctx, r, key, a.Now().UTC().Truncate(time.Millisecond))
	if err != nil || !first {
		return err
	}
	seen := r
	seen.SSH.Seen = key
	return a.audited(ctx, tx, by, restartTrail.entry(&r, &seen))
}

// GivenUp lists the checks of a page whose restart target has fired as often as it may in this outage, in vain.
func (a *App) GivenUp(ctx context.Context, by model.Actor, page model.PageID) ([]model.CheckID, error) {
	if _, err := a.Page(ctx, by, page); err != nil {
		return nil, err
	}
	return a.watch.GivenUp(page), nil
}
