package app

import (
	"context"
	"math"
	"slices"
	"strings"
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
func (a *App) ComponentStatus(id model.ComponentID) status.Status { return a.watch.Status(id) }

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
		if err := a.audited(ctx, tx, by, componentTrail.entry(nil, &c)); err != nil {
			return err
		}
		s, err := a.watch.Edit(ctx, tx)
		if err != nil {
			return err
		}
		return s.PutComponent(c)
	})
	return c, err
}

// UpdateComponent changes a component, if the conditions hold: change is applied to the row as it is in the transaction.
func (a *App) UpdateComponent(ctx context.Context, by model.Actor, id model.ComponentID, change func(*model.Component) error, conditions ...Condition) (c model.Component, err error) {
	err = a.write(ctx, func(tx *store.Tx) error {
		old, err := tx.In(by.Workspace).Component(ctx, id)
		if err != nil {
			return known(err)
		}
		if !by.May(model.Editor) {
			return model.ErrForbidden
		}
		if err := met(conditions, old.Updated); err != nil {
			return err
		}
		c = old
		if err := changeComponent(&c, change); err != nil {
			return err
		}
		if err := a.audited(ctx, tx, by, componentTrail.entry(&old, &c)); err != nil {
			return err
		}
		return a.storeComponent(ctx, tx, &c)
	})
	return c, err
}

// storeComponent writes a component that has changed, and lets the watch know.
func (a *App) storeComponent(ctx context.Context, tx *store.Tx, c *model.Component) error {
	c.Updated = a.touched(c.Updated)
	if err := tx.In(c.Workspace).SetComponent(ctx, *c); err != nil {
		return known(err)
	}
	s, err := a.watch.Edit(ctx, tx)
	if err != nil {
		return err
	}
	return s.PutComponent(*c)
}

// DeleteComponent removes a component; its checks stop.
func (a *App) DeleteComponent(ctx context.Context, by model.Actor, id model.ComponentID) error {
	return a.write(ctx, func(tx *store.Tx) error {
		c, err := tx.In(by.Workspace).Component(ctx, id)
		if err != nil {
			return known(err)
		}
		if !by.May(model.Editor) {
			return model.ErrForbidden
		}
		s, err := a.watch.Edit(ctx, tx)
		if err != nil {
			return err
		}
		if err := tx.In(by.Workspace).KeepName(ctx, id, c.Name); err != nil {
			return err
		}
		if err := s.DropComponent(id); err != nil {
			return err
		}
		return a.removeComponent(ctx, tx, by, c)
	})
}

// removeComponent removes the rows; the trail names the checks that went with them.
func (a *App) removeComponent(ctx context.Context, tx *store.Tx, by model.Actor, c model.Component) error {
	own := tx.In(by.Workspace)
	names, err := own.CheckNames(ctx, c.ID)
	if err != nil {
		return err
	}
	if err := own.DeleteComponent(ctx, c.ID); err != nil {
		return known(err)
	}
	e := componentTrail.entry(&c, nil)
	e.Changes = append(e.Changes, wentAlong("checks", names)...)
	return a.audited(ctx, tx, by, e)
}

// Reorder puts a page's components into the order of their ids, of which every one must be given once.
func (a *App) Reorder(ctx context.Context, by model.Actor, page model.PageID, order []model.ComponentID) error {
	return a.write(ctx, func(tx *store.Tx) error {
		own := tx.In(by.Workspace)
		p, err := own.Page(ctx, page)
		if err != nil {
			return known(err)
		}
		if !by.May(model.Editor) {
			return model.ErrForbidden
		}
		before, err := own.Components(ctx, page, store.After{}, math.MaxInt32)
		if err != nil {
			return err
		}
		after, err := ordered(before, order)
		if err != nil || slices.Equal(componentIDs(before), order) {
			return err
		}
		for i := range after {
			if after[i].Position == i+1 {
				continue
			}
			after[i].Position = i + 1
			if err := a.storeComponent(ctx, tx, &after[i]); err != nil {
				return err
			}
		}
		return a.audited(ctx, tx, by, model.Audit{
			Page: page, Action: model.ComponentsReordered, Subject: pageTrail.subject(p),
			Changes: []model.Change{{Field: "order", From: componentNames(before), To: componentNames(after)}},
		})
	})
}

// ordered brings components into the order of their ids, each of which must be there once.
func ordered(components []model.Component, order []model.ComponentID) ([]model.Component, error) {
	left := make(map[model.ComponentID]model.Component, len(components))
	for _, c := range components {
		left[c.ID] = c
	}
	out := make([]model.Component, 0, len(order))
	for _, id := range order {
		if c, ok := left[id]; ok {
			out = append(out, c)
			delete(left, id)
		}
	}
	var v model.Invalid
	if len(left) > 0 || len(out) != len(order) {
		v.Add("componentIds", "order")
	}
	return out, v.Err()
}

func componentIDs(components []model.Component) []model.ComponentID {
	out := make([]model.ComponentID, len(components))
	for i, c := range components {
		out[i] = c.ID
	}
	return out
}

func componentNames(components []model.Component) []string {
	out := make([]string, len(components))
	for i, c := range components {
		out[i] = c.Name
	}
	return out
}

func changeComponent(c *model.Component, change func(*model.Component) error) error {
	v, err := applied(change(c))
	if err != nil {
		return err
	}
	c.Description, c.Group = strings.TrimSpace(c.Description), strings.TrimSpace(c.Group)
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
	now, until := a.watch.Present()
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
		if out.Spans, err = own.SpansOf(ctx, id, seen); err != nil {
			return err
		}
		out.Maintenances, err = own.MaintainedOf(ctx, id, status.Interval{From: w.From, To: min(w.To, now)})
		out.Totals = status.Sum(out.Spans, model.Intervals(out.Maintenances), w)
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
