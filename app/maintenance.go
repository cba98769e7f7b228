package app

import (
	"context"
	"slices"
	"time"

	"statusd/app/maintenance"
	"statusd/app/model"
	"statusd/app/status"
	"statusd/app/watch"
	"statusd/store"
)

// MaintenanceDraft is what a person says of a window.
type MaintenanceDraft struct {
	Title        model.Text
	Description  model.Text // may have no words
	Components   []model.ComponentID
	Start, End   time.Time
	AutoComplete bool
	Notify       bool // tell subscribers of the announcement, or of another time
}

func draftOf(m model.Maintenance) MaintenanceDraft {
	return MaintenanceDraft{
		Title: m.Title, Description: m.Description, Components: model.AffectedIDs(m.Affected),
		Start: m.Start.Time(), End: m.End.Time(), AutoComplete: m.AutoComplete, Notify: true,
	}
}

// Maintenances lists a page's windows, the latest to start first.
func (a *App) Maintenances(ctx context.Context, by model.Actor, page model.PageID, w model.Window) (out model.List[model.Maintenance], err error) {
	after, limit, err := position(w)
	if err != nil {
		return out, err
	}
	err = a.read(ctx, func(v store.View) error {
		own := v.In(by.Workspace)
		if _, err := own.Page(ctx, page); err != nil {
			return known(err)
		}
		rows, err := own.Maintenances(ctx, page, after, limit)
		out = list(rows, limit, func(m model.Maintenance) store.After { return store.After{Position: int64(m.Start), ID: int64(m.ID)} })
		return err
	})
	return out, err
}

// Maintenance finds one window.
func (a *App) Maintenance(ctx context.Context, by model.Actor, id model.MaintenanceID) (m model.Maintenance, err error) {
	err = a.read(ctx, func(v store.View) (err error) {
		m, err = v.In(by.Workspace).Maintenance(ctx, id)
		return known(err)
	})
	return m, err
}

// CreateMaintenance announces a window, and tells subscribers unless the draft says otherwise.
func (a *App) CreateMaintenance(ctx context.Context, by model.Actor, page model.PageID, fill func(*MaintenanceDraft) error) (m model.Maintenance, err error) {
	err = a.write(ctx, func(tx *store.Tx) error {
		own := tx.In(by.Workspace)
		if _, err := own.Page(ctx, page); err != nil {
			return known(err)
		}
		if !by.May(model.Editor) {
			return model.ErrForbidden
		}
		s, err := a.watch.Edit(ctx, tx)
		if err != nil {
			return err
		}
		at := s.Now().Time()
		m = model.Maintenance{ID: model.NewMaintenanceID(), Workspace: by.Workspace, Page: page, Created: at, Updated: at}
		m.State, m.Announced = maintenance.Scheduled, s.Now()
		d := MaintenanceDraft{AutoComplete: true, Notify: true}
		if err := a.fillMaintenance(ctx, own.Owned, &m, &d, fill, s.Now()); err != nil {
			return err
		}
		if err := own.AddMaintenance(ctx, m); err != nil {
			return taken(err)
		}
		if err := s.PutMaintenance(m); err != nil {
			return err
		}
		if d.Notify {
			if err := s.Tell(m, 0); err != nil {
				return err
			}
		}
		return a.audited(ctx, tx, by, maintenanceTrail.entry(nil, &m))
	})
	return m, err
}

// UpdateMaintenance changes a window, if the conditions hold: all of it while it is scheduled, texts, end and autoComplete while it is
// in progress, texts when it is over. Anything else is a model.Conflict. Another time is announced anew.
func (a *App) UpdateMaintenance(ctx context.Context, by model.Actor, id model.MaintenanceID, change func(*MaintenanceDraft) error, conditions ...Condition) (m model.Maintenance, err error) {
	err = a.writeMaintenance(ctx, by, id, conditions, func(tx *store.Tx, s *watch.Stage, old model.Maintenance) error {
		m = old
		d := draftOf(old)
		if err := a.fillMaintenance(ctx, tx.In(by.Workspace).Owned, &m, &d, change, s.Now()); err != nil {
			return err
		}
		if err := mayChange(old, m); err != nil {
			return err
		}
		e := maintenanceTrail.entry(&old, &m)
		if e.Action == "" {
			return nil
		}
		moved := m.Start != old.Start || m.End != old.End
		if moved || !m.Title.Equal(old.Title) {
			m.Sequence++
		}
		if err := a.storeMaintenance(ctx, tx, s, &m); err != nil {
			return err
		}
		if moved && m.State == maintenance.Scheduled && d.Notify {
			if err := s.Tell(m, 0); err != nil {
				return err
			}
		}
		return a.audited(ctx, tx, by, e)
	})
	return m, err
}

// mayChange says whether the state of a window allows a change of it.
func mayChange(old, m model.Maintenance) error {
	frozen := false
	switch old.State {
	case maintenance.Scheduled:
	case maintenance.InProgress:
		frozen = m.Start != old.Start || !slices.Equal(m.Affected, old.Affected)
	default:
		frozen = m.Start != old.Start || !slices.Equal(m.Affected, old.Affected) || m.End != old.End || m.AutoComplete != old.AutoComplete
	}
	if frozen {
		return inState("maintenance_frozen", old)
	}
	return nil
}

func inState(code string, m model.Maintenance) error {
	return model.Conflict{Code: code, Args: map[string]any{"State": m.State}}
}

func (a *App) storeMaintenance(ctx context.Context, tx *store.Tx, s *watch.Stage, m *model.Maintenance) error {
	m.Updated = a.touched(m.Updated)
	if err := tx.In(m.Workspace).SetMaintenance(ctx, *m); err != nil {
		return known(err)
	}
	return s.PutMaintenance(*m)
}

// fillMaintenance applies a change to a window and validates what comes out.
func (a *App) fillMaintenance(ctx context.Context, own store.Owned, m *model.Maintenance, d *MaintenanceDraft, fill func(*MaintenanceDraft) error, now status.Instant) error {
	v, err := applied(fill(d))
	if err != nil {
		return err
	}
	a.localised(&v, "title", &d.Title, maxTitle)
	d.Description = d.Description.Cleaned()
	a.texts(&v, "description", d.Description, maxBody)
	validateWindow(&v, *m, *d, now)
	m.Title, m.Description, m.AutoComplete = d.Title, d.Description, d.AutoComplete
	if m.Affected, err = affected(ctx, own, &v, m.Page, d.Components, m.Affected); err != nil {
		return err
	}
	m.Window = m.Move(status.At(d.Start), status.At(d.End), now)
	return v.Err()
}

// lateBy is how long before now a new window may have started: a form takes a while to fill in.
const lateBy = time.Minute

// farthest is the last year that a window may lie in.
const farthest = 2100

func validateWindow(v *model.Invalid, m model.Maintenance, d MaintenanceDraft, now status.Instant) {
	start, end := status.At(d.Start), status.At(d.End)
	const from, to = "scheduledStart", "scheduledEnd"
	switch {
	case v.Has(from):
	case d.Start.IsZero():
		v.Add(from, "required")
	case d.Start.Year() > farthest:
		v.Add(from, "date_range", "max", farthest)
	case m.State == maintenance.Scheduled && start != m.Start && start < now.Add(-lateBy):
		v.Add(from, "start_past")
	}
	switch {
	case v.Has(to):
	case d.End.IsZero():
		v.Add(to, "required")
	case d.End.Year() > farthest:
		v.Add(to, "date_range", "max", farthest)
	case end <= start && !v.Has(from):
		v.Add(to, "after_start")
	case end <= now && ends(m, d):
		v.Add(to, "end_past")
	}
}

// ends says that a change of a window decides on when it ends.
func ends(m model.Maintenance, d MaintenanceDraft) bool {
	if m.State.Over() {
		return false
	}
	return status.At(d.End) != m.End || m.State == maintenance.InProgress && d.AutoComplete && !m.AutoComplete
}

// The acts on a window, each a model.Conflict when its state does not allow it.

// StartMaintenance starts a window before its time.
func (a *App) StartMaintenance(ctx context.Context, by model.Actor, id model.MaintenanceID, conditions ...Condition) (model.Maintenance, error) {
	return a.step(ctx, by, id, maintenance.Start, model.MaintenanceBegun, conditions)
}

// CompleteMaintenance ends a window that is in progress.
func (a *App) CompleteMaintenance(ctx context.Context, by model.Actor, id model.MaintenanceID, conditions ...Condition) (model.Maintenance, error) {
	return a.step(ctx, by, id, maintenance.Complete, model.MaintenanceDone, conditions)
}

// CancelMaintenance calls a window off that has not started.
func (a *App) CancelMaintenance(ctx context.Context, by model.Actor, id model.MaintenanceID, conditions ...Condition) (model.Maintenance, error) {
	return a.step(ctx, by, id, maintenance.Cancel, model.MaintenanceCalledOff, conditions)
}

func (a *App) step(ctx context.Context, by model.Actor, id model.MaintenanceID, step maintenance.Step, action model.Action, conditions []Condition) (m model.Maintenance, err error) {
	err = a.writeMaintenance(ctx, by, id, conditions, func(tx *store.Tx, s *watch.Stage, old model.Maintenance) error {
		m = old
		window, ok := old.Do(step, s.Now())
		if !ok {
			return inState(stepRefused[step], old)
		}
		m.Window = window
		m.Sequence++
		if err := a.storeMaintenance(ctx, tx, s, &m); err != nil {
			return err
		}
		if err := s.Tell(m, step); err != nil {
			return err
		}
		e := maintenanceTrail.entry(&old, &m)
		e.Action = action
		return a.audited(ctx, tx, by, e)
	})
	return m, err
}

var stepRefused = map[maintenance.Step]string{
	maintenance.Start: "maintenance_start", maintenance.Complete: "maintenance_complete", maintenance.Cancel: "maintenance_cancel",
}

// DeleteMaintenance removes a window, as if it had never been announced; not one that is in progress.
func (a *App) DeleteMaintenance(ctx context.Context, by model.Actor, id model.MaintenanceID, conditions ...Condition) error {
	return a.writeMaintenance(ctx, by, id, conditions, func(tx *store.Tx, s *watch.Stage, m model.Maintenance) error {
		if m.State == maintenance.InProgress {
			return inState("maintenance_delete", m)
		}
		if err := s.DropMaintenance(m); err != nil {
			return err
		}
		if err := tx.In(by.Workspace).DeleteMaintenance(ctx, id); err != nil {
			return known(err)
		}
		return a.audited(ctx, tx, by, maintenanceTrail.entry(&m, nil))
	})
}

// writeMaintenance runs an act on a window in a transaction, for an editor, if the conditions hold.
func (a *App) writeMaintenance(ctx context.Context, by model.Actor, id model.MaintenanceID, conditions []Condition, act func(*store.Tx, *watch.Stage, model.Maintenance) error) error {
	return a.write(ctx, func(tx *store.Tx) error {
		if _, err := tx.In(by.Workspace).Maintenance(ctx, id); err != nil {
			return known(err)
		}
		if !by.May(model.Editor) {
			return model.ErrForbidden
		}
		s, err := a.watch.Edit(ctx, tx) // which may have moved the window
		if err != nil {
			return err
		}
		m, err := tx.In(by.Workspace).Maintenance(ctx, id)
		if err != nil {
			return known(err)
		}
		if err := met(conditions, m.Updated); err != nil {
			return err
		}
		return act(tx, s, m)
	})
}
