package app

import (
	"context"
	"errors"

	"statusd/app/incident"
	"statusd/app/model"
	"statusd/app/watch"
	"statusd/store"
)

// IncidentDraft is what a person says of a new incident.
type IncidentDraft struct {
	IncidentEdit
	UpdateDraft
}

// IncidentEdit is what can be changed of an incident beside its timeline.
type IncidentEdit struct {
	Title      model.Text
	Impact     incident.Impact
	Components []model.ComponentID // affected; none: it concerns everybody
}

// Incidents lists a page's incidents, newest first.
func (a *App) Incidents(ctx context.Context, by model.Actor, page model.PageID, w model.Window) (out model.List[model.Timeline], err error) {
	after, limit, err := position(w)
	if err != nil {
		return out, err
	}
	err = a.read(ctx, func(v store.View) error {
		own := v.In(by.Workspace)
		if _, err := own.Page(ctx, page); err != nil {
			return known(err)
		}
		rows, err := own.Incidents(ctx, page, after, limit)
		if err != nil {
			return err
		}
		all, err := timelines(ctx, v, rows)
		out = list(all, limit, func(t model.Timeline) store.After {
			return store.After{Position: t.Started.UnixMilli(), ID: int64(t.ID)}
		})
		return err
	})
	return out, err
}

// Incident finds one incident with its timeline.
func (a *App) Incident(ctx context.Context, by model.Actor, id model.IncidentID) (t model.Timeline, err error) {
	err = a.read(ctx, func(v store.View) error {
		i, err := v.In(by.Workspace).Incident(ctx, id)
		if err != nil {
			return known(err)
		}
		t, err = timeline(ctx, v, i)
		return err
	})
	return t, err
}

func timeline(ctx context.Context, v store.View, i model.Incident) (model.Timeline, error) {
	all, err := timelines(ctx, v, []model.Incident{i})
	if err != nil {
		return model.Timeline{}, err
	}
	return all[0], nil
}

// CreateIncident opens an incident of a page with its first update, and tells subscribers unless the draft says otherwise.
func (a *App) CreateIncident(ctx context.Context, by model.Actor, page model.PageID, fill func(*IncidentDraft) error) (t model.Timeline, err error) {
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
		d := IncidentDraft{UpdateDraft: UpdateDraft{Status: incident.Investigating, Notify: true}}
		d.Impact = incident.Minor
		at := s.Now().Time()
		i := model.Incident{ID: model.NewIncidentID(), Workspace: by.Workspace, Page: page, Source: incident.Manual, Started: at, Created: at, Updated: at}
		if err := a.fillIncident(ctx, own.Owned, &i, &d, fill); err != nil {
			return err
		}
		if err := own.AddIncident(ctx, i); err != nil {
			return taken(err)
		}
		u, err := s.Post(&i, d.update())
		if err != nil {
			return err
		}
		t = model.Timeline{Incident: i, Updates: []model.Update{u}}
		e := incidentTrail.entry(nil, &i)
		e.Changes = append(e.Changes, updateTrail.entry(nil, &u).Changes...)
		return a.audited(ctx, tx, by, e)
	})
	return t, err
}

// fillIncident applies a draft to a new incident and validates all of it.
func (a *App) fillIncident(ctx context.Context, own store.Owned, i *model.Incident, d *IncidentDraft, fill func(*IncidentDraft) error) error {
	v, err := applied(fill(d))
	if err != nil {
		return err
	}
	if err := a.editIncident(ctx, own, &v, i, d.IncidentEdit); err != nil {
		return err
	}
	a.validateUpdate(&v, &d.UpdateDraft)
	i.Status = d.Status
	return v.Err()
}

// editIncident writes an edit into an incident, and into v what is wrong with it.
func (a *App) editIncident(ctx context.Context, own store.Owned, v *model.Invalid, i *model.Incident, e IncidentEdit) (err error) {
	a.localised(v, "title", &e.Title, maxTitle)
	if !e.Impact.Valid() && !v.Has("impact") {
		v.Add("impact", "choice", "choices", "minor, major, critical")
	}
	i.Title, i.Impact = e.Title, e.Impact
	i.Affected, err = affected(ctx, own, v, i.Page, e.Components, i.Affected)
	return err
}

// UpdateIncident changes what stands above an incident's timeline, if the conditions hold. It tells nobody.
func (a *App) UpdateIncident(ctx context.Context, by model.Actor, id model.IncidentID, change func(*IncidentEdit) error, conditions ...Condition) (t model.Timeline, err error) {
	err = a.writeIncident(ctx, by, id, conditions, func(tx *store.Tx, s *watch.Stage, i *model.Incident) error {
		old := *i
		e := IncidentEdit{Title: i.Title, Impact: i.Impact, Components: model.AffectedIDs(i.Affected)}
		v, err := applied(change(&e))
		if err != nil {
			return err
		}
		if err := a.editIncident(ctx, tx.In(by.Workspace).Owned, &v, i, e); err != nil {
			return err
		}
		if err := v.Err(); err != nil {
			return err
		}
		if e := incidentTrail.entry(&old, i); e.Action != "" {
			if err := errors.Join(s.Arrange(i, i.Status), a.audited(ctx, tx, by, e)); err != nil {
				return known(err)
			}
		}
		t, err = timeline(ctx, tx.View, *i)
		return err
	})
	return t, err
}

// DeleteIncident removes an incident with its timeline, as if it had never been told.
func (a *App) DeleteIncident(ctx context.Context, by model.Actor, id model.IncidentID, conditions ...Condition) error {
	return a.writeIncident(ctx, by, id, conditions, func(tx *store.Tx, s *watch.Stage, i *model.Incident) error {
		if i.Component != 0 && i.Open() {
			if err := s.Ended(*i); err != nil {
				return err
			}
		}
		s.Touch(i.Page)
		if err := tx.In(by.Workspace).DeleteIncident(ctx, id); err != nil {
			return known(err)
		}
		return a.audited(ctx, tx, by, incidentTrail.entry(i, nil))
	})
}

// writeIncident runs an act on an incident in a transaction, for an editor, if the conditions hold.
func (a *App) writeIncident(ctx context.Context, by model.Actor, id model.IncidentID, conditions []Condition, act func(*store.Tx, *watch.Stage, *model.Incident) error) error {
	return a.write(ctx, func(tx *store.Tx) error {
		if _, err := tx.In(by.Workspace).Incident(ctx, id); err != nil {
			return known(err)
		}
		if !by.May(model.Editor) {
			return model.ErrForbidden
		}
		s, err := a.watch.Edit(ctx, tx) // which may have moved the incident
		if err != nil {
			return err
		}
		i, err := tx.In(by.Workspace).Incident(ctx, id)
		if err != nil {
			return known(err)
		}
		if err := met(conditions, i.Updated); err != nil {
			return err
		}
		return act(tx, s, &i)
	})
}

// alone refuses to open an automatic incident while another one of its component is.
func alone(ctx context.Context, tx *store.Tx, i model.Incident) error {
	other, err := tx.AutoIncident(ctx, i.Component)
	if errors.Is(err, store.ErrNone) || err == nil && other.ID == i.ID {
		return nil
	}
	if err != nil {
		return err
	}
	return model.Conflict{Code: "another_open", Args: map[string]any{"Title": other.Title.In(model.DefaultLanguage)}}
}
