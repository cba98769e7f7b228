package app

import (
	"context"

	"statusd/app/model"
	"statusd/app/snapshot"
	"statusd/app/status"
	"statusd/probe"
	"statusd/store"
)

// LookWith replaces the prober, before Start.
func (a *App) LookWith(f func(context.Context, probe.Target) (probe.Result, error)) { a.lookAt = f }

// Feed hands a result to the observer as a probe of the check does.
func (a *App) Feed(c model.Check, r probe.Result) {
	a.watch.heard.at(c.ID, a.mono())
	a.observer.in <- observed{check: c.ID, version: c.Version, Result: r}
}

// Remembered is what memory says is open: the status of each component and since when.
func (a *App) Remembered() map[model.ComponentID]status.Span {
	a.watch.mu.RLock()
	defer a.watch.mu.RUnlock()
	out := map[model.ComponentID]status.Span{}
	for id, c := range a.watch.components {
		if c.track.Open.Status != status.NoData {
			out[id] = c.track.Open
		}
	}
	return out
}

// FoldHours and Forget are what the calendar does at its times.
func (a *App) FoldHours(ctx context.Context) error { return a.foldHours(ctx) }

// Forget is what the calendar does every hour.
func (a *App) Forget(ctx context.Context) error { return a.forget(ctx) }

// Gather reads a page's facts, cold.
func (a *App) Gather(ctx context.Context, slug string) (snapshot.Facts, error) {
	return a.gather(ctx, slug)
}

// Observe commits results as the observer does.
func (a *App) Observe(ctx context.Context, checks []model.Check, r probe.Result) error {
	in := make([]observed, len(checks))
	for i, c := range checks {
		in[i] = observed{check: c.ID, version: c.Version, Result: r}
	}
	return a.Store.Write(ctx, store.Relaxed, func(tx *store.Tx) error { return a.observe(ctx, tx, in) })
}

// HashPassword and PasswordMatches are what accounts use.
var (
	HashPassword    = hashPassword
	PasswordMatches = passwordMatches
)
