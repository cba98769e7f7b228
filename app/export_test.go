package app

import (
	"context"

	"statusd/app/model"
	"statusd/app/status"
	"statusd/probe"
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
