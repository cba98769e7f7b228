package app

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"statusd/app/model"
	"statusd/store"
)

// RestartKeys judge what the host of an SSH target is called with, when it is saved: nil when it is good, else what is wrong with which
// field. The zero RestartKeys take everything.
type RestartKeys struct {
	Private func(key, passphrase model.Secret) *model.Problem // of "privateKey" or "passphrase"
	Host    func(text string) *model.Problem                  // of "hostKey"
}

// RestartTargets lists the workspace's restart targets by creation.
func (a *App) RestartTargets(ctx context.Context, by model.Actor, w model.Window) (out model.List[model.RestartTarget], err error) {
	after, limit, err := position(w)
	if err != nil {
		return out, err
	}
	err = a.read(ctx, func(v store.View) error {
		rows, err := v.In(by.Workspace).RestartTargets(ctx, after, limit)
		out = list(rows, limit, func(r model.RestartTarget) store.After {
			return store.After{Position: r.Created.UnixMilli(), ID: int64(r.ID)}
		})
		return err
	})
	return out, err
}

// RestartTarget finds one restart target.
func (a *App) RestartTarget(ctx context.Context, by model.Actor, id model.RestartTargetID) (r model.RestartTarget, err error) {
	err = a.read(ctx, func(v store.View) (err error) {
		r, err = v.In(by.Workspace).RestartTarget(ctx, id)
		return known(err)
	})
	return r, err
}

// BoundChecks lists the checks that are bound to a restart target, by page and name.
func (a *App) BoundChecks(ctx context.Context, by model.Actor, id model.RestartTargetID) (out []model.BoundCheck, err error) {
	err = a.read(ctx, func(v store.View) (err error) {
		own := v.In(by.Workspace)
		if _, err := own.RestartTarget(ctx, id); err != nil {
			return known(err)
		}
		out, err = own.BoundChecks(ctx, id)
		return err
	})
	return out, err
}

// CountBound says how many checks are bound to each of the workspace's restart targets; one to which none is, is not there.
func (a *App) CountBound(ctx context.Context, by model.Actor) (out map[model.RestartTargetID]int, err error) {
	err = a.read(ctx, func(v store.View) (err error) {
		out, err = v.In(by.Workspace).CountBound(ctx)
		return err
	})
	return out, err
}

// CreateRestartTarget makes a restart target of a type, with the defaults of that type under what is filled in.
func (a *App) CreateRestartTarget(ctx context.Context, by model.Actor, kind model.TargetType, fill func(*model.RestartTarget) error) (r model.RestartTarget, err error) {
	if !by.May(model.Editor) {
		return r, model.ErrForbidden
	}
	err = a.write(ctx, func(tx *store.Tx) error {
		r = model.NewRestartTarget(kind)
		r.ID, r.Workspace = model.NewRestartTargetID(), by.Workspace
		r.Created = a.Now().UTC().Truncate(time.Millisecond)
		r.Updated = r.Created
		if err := a.changeRestartTarget(&r, fill); err != nil {
			return err
		}
		if err := tx.In(by.Workspace).AddRestartTarget(ctx, r); err != nil {
			return taken(err)
		}
		return a.audited(ctx, tx, by, restartTrail.entry(nil, &r))
	})
	return r, err
}

// UpdateRestartTarget changes a restart target, if the conditions hold: change is applied to the row as it is in the transaction. A key
// that the host showed is forgotten when the target leads to another host, when a key is given, and when change forgets it.
func (a *App) UpdateRestartTarget(ctx context.Context, by model.Actor, id model.RestartTargetID, change func(*model.RestartTarget) error, conditions ...Condition) (r model.RestartTarget, err error) {
	err = a.writeRestartTarget(ctx, by, id, func(tx *store.Tx, old model.RestartTarget) error {
		if err := met(conditions, old.Updated); err != nil {
			return err
		}
		r = old
		if err := a.changeRestartTarget(&r, change); err != nil {
			return err
		}
		e := restartTrail.entry(&old, &r)
		if e.Action == "" {
			return nil
		}
		r.Updated = a.touched(old.Updated)
		if err := tx.In(by.Workspace).SetRestartTarget(ctx, r); err != nil {
			return known(err)
		}
		return a.audited(ctx, tx, by, e)
	})
	return r, err
}

// DeleteRestartTarget removes a restart target with its log. While checks are bound to it, it is a model.Conflict that names them.
func (a *App) DeleteRestartTarget(ctx context.Context, by model.Actor, id model.RestartTargetID) error {
	return a.writeRestartTarget(ctx, by, id, func(tx *store.Tx, r model.RestartTarget) error {
		own := tx.In(by.Workspace)
		err := own.DeleteRestartTarget(ctx, id)
		if errors.Is(err, store.ErrHeld) {
			bound, err := own.BoundChecks(ctx, id)
			if err != nil {
				return err
			}
			return model.Conflict{Code: "target_bound", Args: map[string]any{"Checks": namesOf(bound)}}
		}
		if err != nil {
			return known(err)
		}
		tx.AfterCommit(func() { a.watch.ForgetTarget(id) })
		return a.audited(ctx, tx, by, restartTrail.entry(&r, nil))
	})
}

// mostNamed is how many checks a sentence names.
const mostNamed = 10

// namesOf names checks with their pages.
func namesOf(bound []model.BoundCheck) string {
	var names []string
	for _, c := range bound[:min(len(bound), mostNamed)] {
		names = append(names, fmt.Sprintf("%s (%s)", c.Name, c.PageName))
	}
	if len(bound) > mostNamed {
		names = append(names, "…")
	}
	return strings.Join(names, ", ")
}

// writeRestartTarget runs an act on a restart target in a transaction, for an editor.
func (a *App) writeRestartTarget(ctx context.Context, by model.Actor, id model.RestartTargetID, act func(*store.Tx, model.RestartTarget) error) error {
	return a.write(ctx, func(tx *store.Tx) error {
		r, err := tx.In(by.Workspace).RestartTarget(ctx, id)
		if err != nil {
			return known(err)
		}
		if !by.May(model.Editor) {
			return model.ErrForbidden
		}
		return act(tx, r)
	})
}

// bindable refuses to bind a check to a restart target that the workspace does not have.
func bindable(ctx context.Context, own store.Owned, b model.Binding) error {
	if !b.Bound() {
		return nil
	}
	_, err := own.RestartTarget(ctx, b.Target)
	if errors.Is(err, store.ErrNone) {
		var v model.Invalid
		v.Add("restart.targetId", "unknown_target")
		return v
	}
	return err
}
