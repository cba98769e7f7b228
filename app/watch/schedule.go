package watch

import (
	"context"

	"statusd/app/model"
	"statusd/probe"
)

// scheduleAll hands every enabled check to the scheduler.
func (w *Watch) scheduleAll() {
	for _, c := range w.everyCheck() {
		w.schedule(c)
	}
}

func (w *Watch) everyCheck() []model.Check {
	w.mu.RLock()
	defer w.mu.RUnlock()
	out := make([]model.Check, 0, len(w.checks))
	for _, l := range w.checks {
		out = append(out, l.Check)
	}
	return out
}

// schedule makes the scheduler probe a check as it is now, or not at all.
func (w *Watch) schedule(c model.Check) {
	if !c.Enabled {
		w.unschedule(c.ID)
		return
	}
	w.heard.from(c.ID, w.mono())
	w.scheduler.Put(probe.Entry{Key: probe.Key(c.ID), Interval: c.Interval, Run: func(ctx context.Context) { w.look(ctx, c) }})
}

// unschedule stops the probes of a check.
func (w *Watch) unschedule(id model.CheckID) {
	w.heard.forget(id)
	w.scheduler.Remove(probe.Key(id))
}

// Stats is what the scheduler is doing.
func (w *Watch) Stats() probe.Stats { return w.scheduler.Stats() }

// Look probes a check once and records nothing.
func (w *Watch) Look(ctx context.Context, c model.Check) (probe.Result, error) {
	return w.cfg.LookAt(ctx, target(c))
}

// target is what the prober needs to know of a check.
func target(c model.Check) probe.Target {
	headers := make(map[string]string, len(c.Headers))
	for name, value := range c.Headers {
		headers[name] = value.Reveal()
	}
	return probe.Target{
		URL:                c.URL,
		Method:             c.Method,
		Headers:            headers,
		Body:               c.Body.Reveal(),
		ExpectedStatusMin:  c.ExpectedStatusMin,
		ExpectedStatusMax:  c.ExpectedStatusMax,
		BodyContains:       c.ExpectedBodyContains,
		Timeout:            c.Timeout,
		DegradedAfter:      c.DegradedLatency,
		InsecureSkipVerify: c.InsecureSkipVerify,
		FollowRedirects:    c.FollowRedirects,
		Retries:            c.Retries,
		RetryPause:         c.RetryPause(),
	}
}
