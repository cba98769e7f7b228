package app

import (
	"context"
	"maps"

	"statusd/app/model"
	"statusd/app/status"
	"statusd/app/watch"
	"statusd/probe"
	"statusd/store"
)

// TryCheck probes a check once as it would be after a change, and keeps neither the change nor the result. A zero id tries a check
// that does not exist yet; else fill starts from what is stored, secrets included.
func (a *App) TryCheck(ctx context.Context, by model.Actor, id model.CheckID, fill func(*model.Check) error) (probe.Result, error) {
	if !by.May(model.Editor) {
		return probe.Result{}, model.ErrForbidden
	}
	c := model.NewCheck()
	if id != 0 {
		stored, err := a.Check(ctx, by, id)
		if err != nil {
			return probe.Result{}, err
		}
		c = stored
		c.Headers = maps.Clone(stored.Headers)
	}
	if err := a.changeCheck(&c, fill); err != nil {
		return probe.Result{}, err
	}
	return a.watch.Look(ctx, c)
}

// RunCheck probes a check now, for a person to see. The result is kept as a manual one and never judged.
func (a *App) RunCheck(ctx context.Context, by model.Actor, id model.CheckID) (model.Result, error) {
	_, kept, err := a.RunCheckFully(ctx, by, id)
	return kept, err
}

// RunCheckFully is RunCheck, and tells besides what is kept everything that the probe found.
func (a *App) RunCheckFully(ctx context.Context, by model.Actor, id model.CheckID) (found probe.Result, kept model.Result, err error) {
	c, err := a.Check(ctx, by, id)
	if err != nil {
		return found, kept, err
	}
	if !by.May(model.Editor) {
		return found, kept, model.ErrForbidden
	}
	if found, err = a.watch.Look(ctx, c); err != nil {
		return found, kept, err
	}
	return found, a.watch.TakeManual(c, found), nil
}

// StatusOf is the status that an outcome means.
func StatusOf(o probe.Outcome) status.Status { return watch.StatusOf(o) }

// CreateService makes a component with its first check, both or neither.
func (a *App) CreateService(ctx context.Context, by model.Actor, page model.PageID,
	component func(*model.Component) error, check func(*model.Check) error) (c model.Component, ch model.Check, err error) {
	err = a.write(ctx, func(tx *store.Tx) error {
		ctx := context.WithValue(ctx, joined{}, tx)
		var made error
		if c, made = a.CreateComponent(ctx, by, page, component); made != nil {
			if _, ok := model.AsInvalid(made); !ok {
				return made
			}
			return both(made, a.checkOnly(check))
		}
		ch, made = a.CreateCheck(ctx, by, c.ID, check)
		return made
	})
	return c, ch, err
}

// checkOnly says what is wrong with a check that cannot be made yet, so that one try tells everything.
func (a *App) checkOnly(fill func(*model.Check) error) error {
	c := model.NewCheck()
	return a.changeCheck(&c, fill)
}

// both joins what is wrong with two things.
func both(first, second error) error {
	one, _ := model.AsInvalid(first)
	two, ok := model.AsInvalid(second)
	if second != nil && !ok {
		return second
	}
	return append(one, two...)
}

// PageStatus is the worst of the page's components right now (SPEC §2).
func (a *App) PageStatus(page model.PageID) status.Status {
	components := a.watch.Recorded(page)
	statuses := make([]status.Status, len(components))
	for i, c := range components {
		statuses[i] = c.Status
	}
	return status.Overall(statuses)
}
