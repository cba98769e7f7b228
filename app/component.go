package app

import (
	"context"
	"time"

	"statusd/app/model"
	"statusd/app/status"
	"statusd/store"
)

// Components lists a page's components in their order.
func (a *App) Components(ctx context.Context, by model.Actor, page model.PageID, w model.Window) (out model.List[model.Component], err error) {
	after, limit, err := position(w)
	if err != nil {
		return out, err
	}
	err = a.read(ctx, func(v store.View) error {
		own := v.In(by.Workspace)
		if _, err := own.Page(ctx, page); err != nil {
			return known(err)
		}
		rows, err := own.Components(ctx, page, after, limit)
		out = list(rows, limit, func(c model.Component) store.After { return store.After{Position: int64(c.Position), ID: int64(c.ID)} })
		return err
	})
	return out, err
}

// Component finds one component.
func (a *App) Component(ctx context.Context, by model.Actor, id model.ComponentID) (c model.Component, err error) {
	err = a.read(ctx, func(v store.View) (err error) {
		c, err = v.In(by.Workspace).Component(ctx, id)
		return known(err)
	})
	return c, err
}

// ComponentStatus is what a component is said to be right now.
func (a *App) ComponentStatus(id model.ComponentID) status.Status {
	a.watch.mu.RLock()
	defer a.watch.mu.RUnlock()
	if c := a.watch.components[id]; c != nil {
		return c.track.Open.Status
	}
	return status.NoData
}

// CreateComponent makes a component at the end of a page, unless fill gives it another position.
func (a *App) CreateComponent(ctx context.Context, by model.Actor, page model.PageID, fill func(*model.Component) error) (c model.Component, err error) {
	err = a.write(ctx, func(tx *store.Tx) error {
		own := tx.In(by.Workspace)
		if _, err := own.Page(ctx, page); err != nil {
			return known(err)
		}
		if !by.May(model.Editor) {
			return model.ErrForbidden
		}
		position, err := own.NextPosition(ctx, page)
		if err != nil {
			return err
		}
		now := a.Now().UTC().Truncate(time.Millisecond)
		c = model.Component{ID: model.NewComponentID(), Workspace: by.Workspace, Page: page, Position: position, Created: now, Updated: now}
		if err := changeComponent(&c, fill); err != nil {
			return err
		}
		if err := own.AddComponent(ctx, c); err != nil {
			return taken(err)
		}
		s, err := a.watch.edit(ctx, tx)
		if err != nil {
			return err
		}
		return s.putComponent(c)
	})
	return c, err
}

// UpdateComponent changes a component: change is applied to the row as it is in the transaction.
func (a *App) UpdateComponent(ctx context.Context, by model.Actor, id model.ComponentID, change func(*model.Component) error) (c model.Component, err error) {
	err = a.write(ctx, func(tx *store.Tx) error {
		own := tx.In(by.Workspace)
		if c, err = own.Component(ctx, id); err != nil {
			return known(err)
		}
		if !by.May(model.Editor) {
			return model.ErrForbidden
		}
		if err := changeComponent(&c, change); err != nil {
			return err
		}
		c.Updated = a.Now().UTC().Truncate(time.Millisecond)
		if err := own.SetComponent(ctx, c); err != nil {
			return known(err)
		}
		s, err := a.watch.edit(ctx, tx)
		if err != nil {
			return err
		}
		return s.putComponent(c)
	})
	return c, err
}

// DeleteComponent removes a component; its checks stop.
func (a *App) DeleteComponent(ctx context.Context, by model.Actor, id model.ComponentID) error {
	return a.write(ctx, func(tx *store.Tx) error {
		own := tx.In(by.Workspace)
		if _, err := own.Component(ctx, id); err != nil {
			return known(err)
		}
		if !by.May(model.Editor) {
			return model.ErrForbidden
		}
		s, err := a.watch.edit(ctx, tx)
		if err != nil {
			return err
		}
		s.dropComponent(id)
		return known(own.DeleteComponent(ctx, id))
	})
}

func changeComponent(c *model.Component, change func(*model.Component) error) error {
	v, err := applied(change(c))
	if err != nil {
		return err
	}
	named(&v, "name", c.Name, 80)
	oneLine(&v, "description", c.Description, 200)
	oneLine(&v, "group", c.Group, 80)
	between(&v, "position", int64(c.Position), 0, 1_000_000)
	if c.ManualStatus == status.Maintenance && !v.Has("manualStatus") {
		v.Add("manualStatus", "choice", "choices", "operational, degraded, down")
	}
	return v.Err()
}

// Spans shows what a component's uptime over a window was computed from: what was observed, clipped to the window.
func (a *App) Spans(ctx context.Context, by model.Actor, id model.ComponentID, w status.Interval) (out model.Spans, err error) {
	now, until := a.present()
	if w.To == 0 {
		w.To = now
	}
	if w.From == 0 {
		w.From = w.To.Add(-24 * time.Hour)
	}
	out.Window = w
	err = a.read(ctx, func(v store.View) error {
		own := v.In(by.Workspace)
		if _, err := own.Component(ctx, id); err != nil {
			return known(err)
		}
		if err := checkWindow(w); err != nil {
			return err
		}
		seen := status.Interval{From: w.From, To: min(w.To, until)} // the open span reaches no further
		out.Spans, err = own.SpansOf(ctx, id, seen)
		out.Totals = status.Sum(out.Spans, nil, w)
		return err
	})
	return out, err
}

// maxWindow is how far apart the ends of an asked window may be: spans are kept for 400 days.
const maxWindow = 400 * 24 * time.Hour

func checkWindow(w status.Interval) error {
	var v model.Invalid
	switch {
	case w.Empty():
		v.Add("to", "after_from")
	case w.Duration() > maxWindow:
		v.Add("from", "window", "days", 400)
	}
	return v.Err()
}
