package app

import (
	"context"
	"slices"
	"time"

	"statusd/app/incident"
	"statusd/app/model"
	"statusd/app/watch"
	"statusd/store"
)

// UpdateDraft is what a person says in an update.
type UpdateDraft struct {
	Status incident.Status
	Body   model.Text
	Notify bool // tell subscribers
}

func (d UpdateDraft) update() model.Update {
	return model.Update{Status: d.Status, Body: d.Body, Notify: d.Notify}
}

func (a *App) validateUpdate(v *model.Invalid, d *UpdateDraft) {
	if !d.Status.Valid() && !v.Has("status") {
		v.Add("status", "choice", "choices", "investigating, identified, monitoring, resolved")
	}
	a.localised(v, "body", &d.Body, maxBody)
}

// Updates lists an incident's timeline, newest first.
func (a *App) Updates(ctx context.Context, by model.Actor, id model.IncidentID, w model.Window) (out model.List[model.Update], err error) {
	after, limit, err := position(w)
	if err != nil {
		return out, err
	}
	t, err := a.Incident(ctx, by, id)
	rows := older(t.Updates, after)
	left := int64(len(rows) - limit + 1)
	return list(rows[:min(len(rows), limit)], limit, func(u model.Update) store.After { return store.After{Position: left, ID: int64(u.ID)} }), err
}

// older are the updates of a timeline behind one, which may be gone; its position is how many they were.
func older(timeline []model.Update, than store.After) []model.Update {
	if than == (store.After{}) {
		return timeline
	}
	if i := slices.IndexFunc(timeline, func(u model.Update) bool { return int64(u.ID) == than.ID }); i >= 0 {
		return timeline[i+1:]
	}
	return timeline[max(0, int64(len(timeline))-max(0, than.Position)):]
}

// Update finds one update.
func (a *App) Update(ctx context.Context, by model.Actor, id model.UpdateID) (u model.Update, err error) {
	err = a.read(ctx, func(v store.View) (err error) {
		u, err = v.In(by.Workspace).Update(ctx, id)
		return known(err)
	})
	return u, err
}

// PostUpdate appends to an incident's timeline, if the conditions hold: a step of its status, or a comment. A draft begins with the
// status that the incident has. Reopening an automatic incident while another one of its component is open is a model.Conflict.
func (a *App) PostUpdate(ctx context.Context, by model.Actor, id model.IncidentID, fill func(*UpdateDraft) error, conditions ...Condition) (u model.Update, err error) {
	err = a.writeIncident(ctx, by, id, conditions, func(tx *store.Tx, s *watch.Stage, i *model.Incident) error {
		d := UpdateDraft{Status: i.Status, Notify: true}
		v, err := applied(fill(&d))
		if err != nil {
			return err
		}
		a.validateUpdate(&v, &d)
		if err := v.Err(); err != nil {
			return err
		}
		if err := a.mayMove(ctx, tx, *i, d.Status); err != nil {
			return err
		}
		before := i.Status
		if u, err = s.Post(i, d.update()); err != nil {
			return err
		}
		if err := moved(s, *i, before); err != nil {
			return err
		}
		return a.audited(ctx, tx, by, updateEntry(model.UpdatePosted, *i, nil, &u))
	})
	return u, err
}

// mayMove says whether an incident may get a status.
func (a *App) mayMove(ctx context.Context, tx *store.Tx, i model.Incident, to incident.Status) error {
	if i.Component == 0 || i.Open() || to == incident.Resolved {
		return nil
	}
	return alone(ctx, tx, i)
}

// moved tells the machine of an automatic incident what a person has done with it.
func moved(s *watch.Stage, i model.Incident, before incident.Status) error {
	if i.Component == 0 || i.Status == before {
		return nil
	}
	return s.Moved(i)
}

// EditUpdate changes the words of an update, and tells nobody.
func (a *App) EditUpdate(ctx context.Context, by model.Actor, id model.UpdateID, change func(*model.Text) error) (u model.Update, err error) {
	err = a.writeUpdate(ctx, by, id, func(tx *store.Tx, s *watch.Stage, i *model.Incident, old model.Update) error {
		u = old
		u.Body = old.Body.Cleaned()
		v, err := applied(change(&u.Body))
		if err != nil {
			return err
		}
		a.localised(&v, "body", &u.Body, maxBody)
		if err := v.Err(); err != nil {
			return err
		}
		if u.Body.Equal(old.Body) {
			return nil
		}
		u.Edited = s.Now().Time()
		if err := tx.SetUpdate(ctx, u); err != nil {
			return known(err)
		}
		if err := s.Arrange(i, i.Status); err != nil {
			return err
		}
		return a.audited(ctx, tx, by, updateEntry(model.UpdateChanged, *i, &old, &u))
	})
	return u, err
}

// DeleteUpdate removes an update; its incident has the status of the newest one that is left. The only one cannot go.
func (a *App) DeleteUpdate(ctx context.Context, by model.Actor, id model.UpdateID) error {
	return a.writeUpdate(ctx, by, id, func(tx *store.Tx, s *watch.Stage, i *model.Incident, u model.Update) error {
		if err := tx.DeleteUpdate(ctx, id); err != nil {
			return known(err)
		}
		left, err := tx.In(by.Workspace).Updates(ctx, i.ID)
		if err != nil {
			return err
		}
		if len(left) == 0 {
			return model.Conflict{Code: "last_update"}
		}
		before, newest := i.Status, left[0]
		if err := a.mayMove(ctx, tx, *i, newest.Status); err != nil {
			return err
		}
		if newest.Status == incident.Resolved {
			i.Resolved = resolvedBy(left)
		}
		if err := s.Arrange(i, newest.Status); err != nil {
			return err
		}
		if err := moved(s, *i, before); err != nil {
			return err
		}
		return a.audited(ctx, tx, by, updateEntry(model.UpdateDeleted, *i, &u, nil))
	})
}

// resolvedBy is when an incident was resolved for good, by its updates, newest first, of which the newest says that it is.
func resolvedBy(updates []model.Update) (at time.Time) {
	for _, u := range updates {
		if u.Status != incident.Resolved {
			break
		}
		at = u.Created
	}
	return at
}

// writeUpdate runs an act on an update and its incident in a transaction, for an editor.
func (a *App) writeUpdate(ctx context.Context, by model.Actor, id model.UpdateID, act func(*store.Tx, *watch.Stage, *model.Incident, model.Update) error) error {
	return a.write(ctx, func(tx *store.Tx) error {
		u, err := tx.In(by.Workspace).Update(ctx, id)
		if err != nil {
			return known(err)
		}
		return a.writeIncident(within(ctx, tx), by, u.Incident, nil, func(tx *store.Tx, s *watch.Stage, i *model.Incident) error {
			return act(tx, s, i, u)
		})
	})
}
