package dashboard_test

import (
	"time"

	"statusd/app/model"
	"statusd/probe/probetest"
	"statusd/store"
)

// target makes an HTTP target of a workspace.
func (l *lab) target(by model.Actor, url string) model.RestartTarget {
	l.t.Helper()
	r, err := l.app.CreateRestartTarget(l.t.Context(), by, model.RestartHTTP, func(r *model.RestartTarget) error {
		r.Name, r.HTTP.URL = "Restart hook", url
		return nil
	})
	l.must(err)
	return r
}

// targetOf is the newest target of a workspace, made when there is none.
func (l *lab) targetOf(by model.Actor) string {
	l.t.Helper()
	list, err := l.app.RestartTargets(l.t.Context(), by, model.Window{})
	l.must(err)
	if n := len(list.Items); n > 0 {
		return list.Items[n-1].ID.String()
	}
	return l.target(by, "http://127.0.0.1:9/restart").ID.String()
}

// bind binds a check to a target.
func (l *lab) bind(by model.Actor, id model.CheckID, to model.RestartTargetID) model.Check {
	l.t.Helper()
	c, err := l.app.UpdateCheck(l.t.Context(), by, id, func(c *model.Check) error { c.Restart = model.NewBinding(to); return nil })
	l.must(err)
	return c
}

// fired writes a firing of a target as it would stand in its log.
func (l *lab) fired(r model.RestartTarget, f model.Firing) model.Firing {
	l.t.Helper()
	f.ID, f.Workspace, f.Target = model.NewFiringID(), r.Workspace, r.ID
	if f.Started.IsZero() {
		f.Started = l.app.Now().UTC().Add(-time.Hour)
	}
	l.must(l.store.Write(l.t.Context(), store.Synced, func(tx *store.Tx) error { return tx.In(r.Workspace).AddFiring(l.t.Context(), f) }))
	return f
}

// forCheck is a firing for a check, so long ago.
func (l *lab) forCheck(c model.Check, ago time.Duration, change func(*model.Firing)) model.Firing {
	f := model.Firing{Trigger: model.BySchedule, Check: c.ID, CheckName: c.Name, Page: c.Page, Started: l.app.Now().UTC().Add(-ago), Outcome: model.FiringSucceeded}
	change(&f)
	return f
}

// rescued gives a workspace a target of each type, the first of which is bound to a check, and each a log of everything that can be in one.
func (l *lab) rescued(by model.Actor, c model.Check, incident model.IncidentID) (http, ssh, coolify model.RestartTarget) {
	l.t.Helper()
	ctx := l.t.Context()
	key, host := probetest.SSHKey(l.t, "")
	ssh, err := l.app.CreateRestartTarget(ctx, by, model.RestartSSH, func(r *model.RestartTarget) error {
		r.Name, r.SSH.Host, r.SSH.User, r.SSH.Command, r.SSH.PrivateKey = "api-1 restart", "api-1.internal", "deploy", "docker restart api-server", model.Secret(key)
		return nil
	})
	l.must(err)
	l.must(l.store.Write(ctx, store.Synced, func(tx *store.Tx) error {
		_, err := tx.SawHostKey(ctx, ssh, host, l.app.Now().UTC().Add(-2*time.Hour))
		return err
	}))
	http = l.target(by, "http://127.0.0.1:9/restart")
	coolify, err = l.app.CreateRestartTarget(ctx, by, model.RestartCoolify, func(r *model.RestartTarget) error {
		r.Name, r.Coolify.BaseURL, r.Coolify.APIToken, r.Coolify.ResourceUUID = "Coolify: web", "http://coolify.internal", "12|abc", "k8s0wkg4ggcs8ww0o4o8s0cc"
		return nil
	})
	l.must(err)
	l.bind(by, c.ID, ssh.ID)
	exit := func(n int) *int { return &n }
	for _, f := range []model.Firing{
		l.forCheck(c, 50*time.Hour, func(f *model.Firing) {
			f.ExitCode, f.Duration, f.Recovered, f.Output = exit(0), 4100*time.Millisecond, f.Started.Add(42*time.Second), "api-server\n"
		}),
		l.forCheck(c, 26*time.Hour, func(f *model.Firing) {
			f.Outcome, f.ExitCode, f.Duration, f.GaveUp = model.FiringFailed, exit(1), 800*time.Millisecond, f.Started.Add(time.Minute)
			f.Reason, f.Output = "ssh_exit|1", "Error response from daemon: No such container: api-server\n"
		}),
		l.forCheck(c, 25*time.Hour, func(f *model.Firing) { f.Outcome = model.FiringInterrupted }),
		l.forCheck(c, 40*time.Minute, func(f *model.Firing) {
			f.ExitCode, f.Duration, f.Recovered, f.Output, f.Incident = exit(0), 3900*time.Millisecond, f.Started.Add(71*time.Second), "api-server\n", incident
		}),
	} {
		l.fired(ssh, f)
	}
	l.fired(http, model.Firing{Trigger: model.ByTest, Outcome: model.FiringSucceeded, StatusCode: 200, Duration: 1200 * time.Millisecond, Output: `{"restarted":true}`})
	return http, ssh, coolify
}

// givesUp lets a check fail for real, and a target be fired for it once, in vain.
func (st *stage) givesUp(c model.Check, r model.RestartTarget) {
	st.t.Helper()
	_, err := st.app.UpdateCheck(st.t.Context(), st.by, c.ID, func(c *model.Check) error {
		c.Enabled, c.Interval, c.Timeout, c.Retries = true, time.Second, 500*time.Millisecond, 0
		c.Restart = model.Binding{Target: r.ID, Threshold: 1, Cooldown: time.Second, MaxFirings: 1}
		return nil
	})
	st.must(err)
	probetest.Eventually(st.t, "it is given up", func() bool {
		ids, err := st.app.GivenUp(st.t.Context(), st.by, st.page.ID)
		return err == nil && len(ids) == 1
	})
}
