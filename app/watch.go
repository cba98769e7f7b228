package app

import (
	"context"
	"sync"
	"time"

	"statusd/app/model"
	"statusd/app/status"
	"statusd/probe"
	"statusd/store"
)

// watch is what the process knows of every check and component right now: a cache of rows, changed only after the transaction
// that changed the rows was committed.
type watch struct {
	app *App

	mu         sync.RWMutex
	toldBehind time.Duration // when, on the monotonic clock; 0: never
	loaded     bool          // false for a command, and before Start: then nothing is watched
	ruler      *status.Ruler
	lookedFrom time.Time      // when the latest gap was noticed: a look that began before it was asleep in between, and is no outcome
	nextStale  status.Instant // no outcome grows too old before it
	components map[model.ComponentID]*watched
	checks     map[model.CheckID]*looked

	staged *stage // of the transaction that is running; touched within transactions only, of which there is one at a time
	heard  heard
}

// watched is a component: its span that is open, and the checks that decide on it.
type watched struct {
	model.Component
	track  status.Track
	moved  status.Instant // when one of its checks last changed its status: what comes in late changes nothing before it
	checks map[model.CheckID]bool
}

// looked is a check and what it showed last.
type looked struct {
	model.Check
	latest model.Latest
	at     status.Instant // of latest, on the ruler
	stale  bool           // latest has been found too old, once and for all
}

// staleAt is when the latest outcome stops counting.
func (l *looked) staleAt() status.Instant { return l.at.Add(l.StaleAfter()) }

// status is what the check says at an instant.
func (l *looked) status(at status.Instant) status.Status {
	if l.latest.At.IsZero() || l.stale || at >= l.staleAt() {
		return status.NoData
	}
	return l.latest.Status
}

func newWatch(a *App) *watch {
	ruler, _ := status.NewRuler(0, a.wall(), a.mono())
	return &watch{
		app:        a,
		ruler:      ruler,
		components: map[model.ComponentID]*watched{},
		checks:     map[model.CheckID]*looked{},
	}
}

// load reads what an earlier run left, closes the spans that it left open at its last sign of life, and opens today's. The watch
// knows nothing until all of it is committed.
func (w *watch) load(ctx context.Context) error {
	return w.app.Store.Write(ctx, store.Synced, func(tx *store.Tx) error {
		found := &watch{app: w.app, components: map[model.ComponentID]*watched{}, checks: map[model.CheckID]*looked{}}
		if err := found.read(ctx, tx); err != nil {
			return err
		}
		tx.AfterCommit(func() {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.loaded, w.ruler, w.components, w.checks = true, found.ruler, found.components, found.checks
		})
		return nil
	})
}

// read fills a blank watch.
func (w *watch) read(ctx context.Context, tx *store.Tx) error {
	if err := w.loadRows(ctx, tx.View); err != nil {
		return err
	}
	last, err := tx.LastAlive(ctx)
	if err != nil {
		return err
	}
	if err := w.loadOpen(ctx, tx, last); err != nil {
		return err
	}
	var reading status.Reading
	w.ruler, reading = status.NewRuler(last, w.app.wall(), w.app.mono())
	w.tell(reading)
	if err := w.loadLatest(ctx, tx.View, reading.Now); err != nil {
		return err
	}
	for _, c := range w.components {
		if err := w.reopen(ctx, tx, c, reading.Now); err != nil {
			return err
		}
	}
	return tx.SeenAlive(ctx, reading.Now)
}

func (w *watch) loadRows(ctx context.Context, v store.View) error {
	components, err := v.EveryComponent(ctx)
	if err != nil {
		return err
	}
	checks, err := v.EveryCheck(ctx)
	if err != nil {
		return err
	}
	for _, c := range components {
		w.components[c.ID] = &watched{Component: c, checks: map[model.CheckID]bool{}}
	}
	for _, c := range checks {
		w.checks[c.ID] = &looked{Check: c}
		w.components[c.Component].checks[c.ID] = true
	}
	return nil
}

// loadOpen ends the spans of an earlier run where its last sign of life was.
func (w *watch) loadOpen(ctx context.Context, tx *store.Tx, last status.Instant) error {
	open, err := tx.OpenSpans(ctx)
	if err != nil {
		return err
	}
	for _, s := range open {
		if err := tx.SpanClosed(ctx, s.Component, max(last, s.From)); err != nil {
			return err
		}
	}
	return nil
}

// loadLatest finds the outcomes that may still count.
func (w *watch) loadLatest(ctx context.Context, v store.View, now status.Instant) error {
	var longest time.Duration
	for _, l := range w.checks {
		longest = max(longest, l.StaleAfter())
	}
	latest, err := v.LatestResults(ctx, now.Add(-longest))
	if err != nil {
		return err
	}
	for id, found := range latest {
		if l := w.checks[id]; l != nil && found.At.After(l.JudgedFrom) { // at the very instant of a change it may have been the old target
			l.latest, l.at = found, min(status.At(found.At), now)
		}
	}
	return nil
}

// reopen begins a component's span at an instant, with what its checks say.
func (w *watch) reopen(ctx context.Context, tx *store.Tx, c *watched, now status.Instant) error {
	c.track = status.Track{Open: status.Span{Interval: status.Interval{From: now}, Status: w.statusOf(c, now)}}
	if c.track.Open.Status == status.NoData {
		return nil
	}
	return tx.SpanOpened(ctx, c.ID, now, c.track.Open.Status)
}

// statusOf is what a component's checks say at an instant, leaving maintenance aside.
func (w *watch) statusOf(c *watched, at status.Instant) status.Status {
	var checks []status.Status
	for id := range c.checks {
		if l := w.checks[id]; l.Enabled {
			checks = append(checks, l.status(at))
		}
	}
	return status.Component(checks, c.ManualStatus, false)
}

// scheduleAll hands every enabled check to the scheduler.
func (w *watch) scheduleAll() {
	for _, c := range w.everyCheck() {
		w.schedule(c)
	}
}

func (w *watch) everyCheck() []model.Check {
	w.mu.RLock()
	defer w.mu.RUnlock()
	out := make([]model.Check, 0, len(w.checks))
	for _, l := range w.checks {
		out = append(out, l.Check)
	}
	return out
}

// glance reads the clock without recording anything: whoever keeps results in memory because the disk takes none has been
// looking all the time. What can only be believed together with a record of it, a gap or a cut, waits for that record.
func (w *watch) glance() {
	w.mu.Lock()
	defer w.mu.Unlock()
	ruler := w.ruler.Clone()
	if reading := ruler.Read(w.app.wall(), w.app.mono()); reading.Cut == 0 && reading.Gap.Empty() {
		w.ruler = ruler
	}
}

// schedule makes the scheduler probe a check as it is now, or not at all.
func (w *watch) schedule(c model.Check) {
	key := probe.Key(c.ID)
	if !c.Enabled {
		w.heard.forget(c.ID)
		w.app.scheduler.Remove(key)
		return
	}
	w.heard.from(c.ID, w.app.mono())
	w.app.scheduler.Put(probe.Entry{Key: key, Interval: c.Interval, Run: func(ctx context.Context) { w.app.look(ctx, c) }})
}

func (w *watch) tell(r status.Reading) {
	log := w.app.Log
	switch {
	case r.Cut != 0:
		log.Warn("the clock was set back: what was recorded after it is taken back", "now", r.Now.Time())
	case r.Behind:
		w.tellBehind(r.Now)
	case !r.Gap.Empty():
		log.Info("nobody was looking: no data", "from", r.Gap.From.Time(), "to", r.Gap.To.Time())
	}
}

// worthTelling is how far the clock may be behind before people should know: clocks are corrected by less every day.
const worthTelling = time.Minute

// tellBehind warns, every so often, that time stands still.
func (w *watch) tellBehind(recorded status.Instant) {
	now := w.app.mono()
	if recorded.Sub(w.app.wall()) < worthTelling || w.toldBehind != 0 && now-w.toldBehind < time.Hour {
		return
	}
	w.toldBehind = now
	w.app.Log.Warn("the clock is behind what is recorded: time stands still until it has caught up; is it right?",
		"recorded", recorded.Time(), "clock", w.app.wall().Time())
}

// wall reads the wall clock.
func (a *App) wall() status.Instant { return status.At(a.Now()) }

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
