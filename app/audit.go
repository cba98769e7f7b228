package app

import (
	"context"
	"errors"
	"time"

	"statusd/app/model"
	"statusd/app/status"
	"statusd/store"
)

// AuditFilter says which part of the audit trail is wanted.
type AuditFilter struct {
	Page   model.PageID // 0: the whole workspace
	Window model.Window
}

// Audit lists what was done, newest first. The trail of a page that is gone is there as long as it is kept. That of the whole
// workspace names members and tokens, so it is for an owner.
func (a *App) Audit(ctx context.Context, by model.Actor, f AuditFilter) (out model.List[model.Audit], err error) {
	if f.Page == 0 && !by.May(model.Owner) {
		return out, model.ErrForbidden
	}
	after, limit, err := position(f.Window)
	if err != nil {
		return out, err
	}
	err = a.read(ctx, func(v store.View) error {
		own := v.In(by.Workspace)
		if err := traceable(ctx, own, f.Page); err != nil {
			return err
		}
		rows, err := own.Audit(ctx, f.Page, after, limit)
		out = list(rows, limit, func(e model.Audit) store.After { return store.After{ID: e.Seq} })
		return err
	})
	return out, err
}

// traceable says whether there is a page, or a trail that one has left.
func traceable(ctx context.Context, own store.Owned, page model.PageID) error {
	if page == 0 {
		return nil
	}
	_, err := own.Page(ctx, page)
	if !errors.Is(err, store.ErrNone) {
		return err
	}
	left, err := own.Audit(ctx, page, store.After{}, 1)
	if err == nil && len(left) == 0 {
		return model.ErrNotFound
	}
	return err
}

// audited records what an actor did in its workspace, in the transaction that does it. An entry without an action is of a
// change that changed nothing, and not recorded. Actor and time are filled in here.
func (a *App) audited(ctx context.Context, tx *store.Tx, by model.Actor, e model.Audit) error {
	if e.Action == "" {
		return nil
	}
	e.By, e.At = by.Who(), a.Now()
	return tx.In(by.Workspace).AddAudit(ctx, e)
}

// forgetAudit removes what has been kept long enough.
func (a *App) forgetAudit(ctx context.Context, now status.Instant) error {
	return a.Store.Write(ctx, store.Relaxed, func(tx *store.Tx) error { return tx.ForgetAudit(ctx, now.Add(-keepAudit)) })
}

// Condition is what must hold for a change to be made.
type Condition struct{ seen time.Time }

// IfUnchangedSince is the condition that nobody has changed the row since it was shown: updated is the Updated that it had then.
// Otherwise the change is refused with the model.Conflict "stale".
func IfUnchangedSince(updated time.Time) Condition { return Condition{updated} }

// met holds conditions against the Updated of the row as it is in the transaction.
func met(conditions []Condition, updated time.Time) error {
	for _, c := range conditions {
		if c.seen.UnixMilli() != updated.UnixMilli() { // as forms carry it
			return model.Conflict{Code: "stale"}
		}
	}
	return nil
}

// touched is the Updated of a row that changes now: never one that it had before, however fast the changes follow and wherever
// the clock stands.
func (a *App) touched(before time.Time) time.Time {
	now := a.Now().UTC().Truncate(time.Millisecond)
	if !now.After(before) {
		return before.Add(time.Millisecond)
	}
	return now
}
