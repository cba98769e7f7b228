package app

import (
	"cmp"
	"context"
	"slices"

	"statusd/app/model"
	"statusd/store"
)

// Firings lists the log of a restart target, newest first.
func (a *App) Firings(ctx context.Context, by model.Actor, target model.RestartTargetID, w model.Window) (model.List[model.Firing], error) {
	return a.firings(ctx, w, func(v store.View, after store.After, limit int) ([]model.Firing, error) {
		own := v.In(by.Workspace)
		if _, err := own.RestartTarget(ctx, target); err != nil {
			return nil, known(err)
		}
		return own.FiringsOfTarget(ctx, target, after, limit)
	})
}

// FiringsOfCheck lists what was fired for a check, newest first.
func (a *App) FiringsOfCheck(ctx context.Context, by model.Actor, check model.CheckID, w model.Window) (model.List[model.Firing], error) {
	return a.firings(ctx, w, func(v store.View, after store.After, limit int) ([]model.Firing, error) {
		own := v.In(by.Workspace)
		if _, err := own.Check(ctx, check); err != nil {
			return nil, known(err)
		}
		return own.FiringsOfCheck(ctx, check, after, limit)
	})
}

// NewestFirings lists what was fired last for each check of a page that is bound to a restart target, newest first.
func (a *App) NewestFirings(ctx context.Context, by model.Actor, page model.PageID) (out []model.Firing, err error) {
	err = a.read(ctx, func(v store.View) error {
		own := v.In(by.Workspace)
		if _, err := own.Page(ctx, page); err != nil {
			return known(err)
		}
		out, err = own.NewestFirings(ctx, page)
		return err
	})
	slices.SortFunc(out, func(a, b model.Firing) int {
		return cmp.Or(b.Started.Compare(a.Started), cmp.Compare(b.ID, a.ID))
	})
	return out, err
}

// NewestOfTargets is the newest firing of each of the workspace's restart targets; one that never fired is not there.
func (a *App) NewestOfTargets(ctx context.Context, by model.Actor) (map[model.RestartTargetID]model.Firing, error) {
	out := map[model.RestartTargetID]model.Firing{}
	err := a.read(ctx, func(v store.View) error {
		rows, err := v.In(by.Workspace).NewestOfTargets(ctx)
		for _, f := range rows {
			out[f.Target] = f
		}
		return err
	})
	return out, err
}

func (a *App) firings(ctx context.Context, w model.Window, read func(store.View, store.After, int) ([]model.Firing, error)) (out model.List[model.Firing], err error) {
	after, limit, err := position(w)
	if err != nil {
		return out, err
	}
	err = a.read(ctx, func(v store.View) error {
		rows, err := read(v, after, limit)
		out = list(rows, limit, func(f model.Firing) store.After {
			return store.After{Position: f.Started.UnixMilli(), ID: int64(f.ID)}
		})
		return err
	})
	return out, err
}

// FiringsOfIncident lists what was fired in an incident, newest first: for those who run the page, not for visitors.
func (a *App) FiringsOfIncident(ctx context.Context, by model.Actor, id model.IncidentID) (out []model.Firing, err error) {
	err = a.read(ctx, func(v store.View) (err error) {
		own := v.In(by.Workspace)
		if _, err := own.Incident(ctx, id); err != nil {
			return known(err)
		}
		out, err = own.FiringsOfIncident(ctx, id)
		return err
	})
	return out, err
}

// FiringTallies says what the firings of each of the workspace's targets on schedule have come to.
func (a *App) FiringTallies(ctx context.Context, by model.Actor) (out map[model.RestartTargetID]model.FiringTally, err error) {
	err = a.read(ctx, func(v store.View) (err error) {
		out, err = v.In(by.Workspace).FiringTallies(ctx)
		return err
	})
	return out, err
}
