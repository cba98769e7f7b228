package watch

import (
	"context"
	"errors"
	"time"

	"statusd/app/model"
	"statusd/app/rescue"
	"statusd/app/status"
	"statusd/store"
)

// load reads what an earlier run left, closes the spans that it left open at its last sign of life, and opens today's. The watch
// knows nothing until all of it is committed.
func (w *Watch) load(ctx context.Context) error {
	return w.cfg.Store.Write(ctx, store.Synced, func(tx *store.Tx) error {
		found := &Watch{
			cfg: w.cfg, began: w.began, components: map[model.ComponentID]*watched{}, checks: map[model.CheckID]*looked{},
			windows: map[model.MaintenanceID]model.Maintenance{}, targets: map[model.RestartTargetID]rescue.Past{},
		}
		if err := found.read(ctx, tx); err != nil {
			return err
		}
		tx.AfterCommit(func() {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.loaded, w.ruler = true, found.ruler
			w.components, w.checks, w.windows, w.targets = found.components, found.checks, found.windows, found.targets
		})
		return nil
	})
}

// read fills a blank watch.
func (w *Watch) read(ctx context.Context, tx *store.Tx) error {
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
	w.ruler, reading = status.NewRuler(last, w.wall(), w.mono())
	w.tell(reading)
	if err := w.loadLatest(ctx, tx.View, reading.Now); err != nil {
		return err
	}
	if err := w.loadFirings(ctx, tx, reading.Now); err != nil {
		return err
	}
	for _, c := range w.components {
		if err := w.reopen(ctx, tx, c, reading.Now); err != nil {
			return err
		}
	}
	if err := w.resume(ctx, tx, status.Interval{From: last, To: reading.Now}); err != nil {
		return err
	}
	return tx.SeenAlive(ctx, reading.Now)
}

func (w *Watch) loadRows(ctx context.Context, v store.View) error {
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
	return errors.Join(w.loadRemembered(ctx, v), w.loadRescued(ctx, v), w.loadWindows(ctx, v))
}

// loadOpen ends the spans of an earlier run where its last sign of life was.
func (w *Watch) loadOpen(ctx context.Context, tx *store.Tx, last status.Instant) error {
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
func (w *Watch) loadLatest(ctx context.Context, v store.View, now status.Instant) error {
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
func (w *Watch) reopen(ctx context.Context, tx *store.Tx, c *watched, now status.Instant) error {
	c.track = status.Track{Open: status.Span{Interval: status.Interval{From: now}, Status: w.statusOf(c, now)}}
	if c.track.Open.Status == status.NoData {
		return nil
	}
	return tx.SpanOpened(ctx, c.ID, now, c.track.Open.Status)
}

// statusOf is what a component's checks say at an instant, leaving maintenance aside.
func (w *Watch) statusOf(c *watched, at status.Instant) status.Status {
	var checks []status.Status
	for id := range c.checks {
		if l := w.checks[id]; l.Enabled {
			checks = append(checks, l.status(at))
		}
	}
	return status.Component(checks, c.ManualStatus, false)
}
