package store

import (
	"context"
	"encoding/json"
	"slices"

	"statusd/app/incident"
	"statusd/app/model"
	"statusd/app/status"
)

// affected are the components of a row as one JSON text: ids and the names that they have now, or had last.
func affected(table, owner string) string {
	return `(
	SELECT json_group_array(json_array(own.component_id, coalesce(components.name, own.name)))
	FROM ` + table + ` AS own
	LEFT JOIN components ON components.id = own.component_id
	WHERE own.` + owner + `)`
}

var incidentColumns = `incidents.id, incidents.workspace_id, incidents.page_id, title, impact, status, source, incidents.component_id, started_at, resolved_at,
	incidents.created_at, incidents.updated_at, ` + affected("incident_components", "incident_id = incidents.id")

func scanIncident(_ View, row scanner) (i model.Incident, err error) {
	var title, about string
	var started, resolved, created, updated int64
	if err := row.Scan(&i.ID, &i.Workspace, &i.Page, &title, &i.Impact, &i.Status, &i.Source, &i.Component, &started, &resolved, &created, &updated, &about); err != nil {
		return i, err
	}
	i.Started, i.Resolved, i.Created, i.Updated = millis(started), millis(resolved), millis(created), millis(updated)
	if i.Title, err = fromJSON[model.Text](title); err != nil {
		return i, err
	}
	i.Affected, err = readAffected(about)
	return i, err
}

// affectedRow is one pair of them.
type affectedRow struct{ model.Affected }

// UnmarshalJSON reads [id, name].
func (r *affectedRow) UnmarshalJSON(text []byte) error {
	var id int64
	pair := []any{&id, &r.Name}
	err := json.Unmarshal(text, &pair)
	r.ID = model.ComponentID(id)
	return err
}

// readAffected reads what affected selects, by name.
func readAffected(text string) ([]model.Affected, error) {
	rows, err := fromJSON[[]affectedRow](text)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	out := make([]model.Affected, len(rows))
	for i, r := range rows {
		out[i] = r.Affected
	}
	slices.SortFunc(out, model.Affected.Compare)
	return out, nil
}

// Incident finds an incident of the workspace.
func (o Owned) Incident(ctx context.Context, id model.IncidentID) (model.Incident, error) {
	return one(ctx, o.View, scanIncident, `
		SELECT `+incidentColumns+`
		FROM incidents
		WHERE workspace_id = $1 AND id = $2`, o.workspace, id)
}

// Incidents lists a page's incidents, newest first.
func (o Owned) Incidents(ctx context.Context, page model.PageID, after After, limit int) ([]model.Incident, error) {
	return query(ctx, o.View, scanIncident, `
		SELECT `+incidentColumns+`
		FROM incidents
		WHERE workspace_id = $1 AND page_id = $2 AND ($3 = 0 OR started_at < $3 OR started_at = $3 AND id < $4)
		ORDER BY started_at DESC, id DESC
		LIMIT $5`, o.workspace, page, after.Position, after.ID, limit)
}

// OpenIncidents lists the incidents of a page that are not resolved, newest first.
func (v View) OpenIncidents(ctx context.Context, page model.PageID) ([]model.Incident, error) {
	return query(ctx, v, scanIncident, `
		SELECT `+incidentColumns+`
		FROM incidents
		WHERE page_id = $1 AND resolved_at = 0
		ORDER BY started_at DESC, id DESC`, page)
}

// PastIncidents lists the incidents of a page that were resolved in an interval, newest first.
func (v View) PastIncidents(ctx context.Context, page model.PageID, within status.Interval, limit int) ([]model.Incident, error) {
	return query(ctx, v, scanIncident, `
		SELECT `+incidentColumns+`
		FROM incidents
		WHERE page_id = $1 AND resolved_at >= $2 AND resolved_at < $3 AND resolved_at > 0
		ORDER BY started_at DESC, id DESC
		LIMIT $4`, page, within.From, within.To, limit)
}

// IncidentsStarted lists the incidents of a page that began in an interval, open ones too, newest first.
func (v View) IncidentsStarted(ctx context.Context, page model.PageID, within status.Interval) ([]model.Incident, error) {
	return query(ctx, v, scanIncident, `
		SELECT `+incidentColumns+`
		FROM incidents
		WHERE page_id = $1 AND started_at >= $2 AND started_at < $3
		ORDER BY started_at DESC, id DESC`, page, within.From, within.To)
}

// FirstIncident is when the oldest incident of a page began; ErrNone when there has been none.
func (v View) FirstIncident(ctx context.Context, page model.PageID) (status.Instant, error) {
	return one(ctx, v, scanInstant, `
		SELECT started_at
		FROM incidents
		WHERE page_id = $1
		ORDER BY started_at
		LIMIT 1`, page)
}

func scanInstant(_ View, row scanner) (at status.Instant, err error) {
	err = row.Scan(&at)
	return at, err
}

// AutoIncident finds the open automatic incident of a component; ErrNone when there is none.
func (v View) AutoIncident(ctx context.Context, c model.ComponentID) (model.Incident, error) {
	return one(ctx, v, scanIncident, `
		SELECT `+incidentColumns+`
		FROM incidents
		WHERE component_id = $1 AND component_id <> 0 AND resolved_at = 0`, c)
}

// AddIncident writes a new incident with what it is about.
func (o OwnedTx) AddIncident(ctx context.Context, i model.Incident) error {
	if err := o.tx.exec(ctx, `
		INSERT INTO incidents (id, workspace_id, page_id, title, impact, status, source, component_id, started_at, resolved_at, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
		i.ID, o.workspace, i.Page, asJSON(i.Title), i.Impact, i.Status, i.Source, i.Component,
		toMillis(i.Started), toMillis(i.Resolved), toMillis(i.Created), toMillis(i.Updated)); err != nil {
		return err
	}
	return o.setIncidentComponents(ctx, i)
}

// SetIncident writes an incident's fields and what it is about.
func (o OwnedTx) SetIncident(ctx context.Context, i model.Incident) error {
	if err := o.tx.execOne(ctx, `
		UPDATE incidents
		SET title = $1, impact = $2, status = $3, resolved_at = $4, updated_at = $5
		WHERE workspace_id = $6 AND id = $7`,
		asJSON(i.Title), i.Impact, i.Status, toMillis(i.Resolved), toMillis(i.Updated), o.workspace, i.ID); err != nil {
		return err
	}
	return o.setIncidentComponents(ctx, i)
}

func (o OwnedTx) setIncidentComponents(ctx context.Context, i model.Incident) error {
	if err := o.tx.exec(ctx, `DELETE FROM incident_components WHERE incident_id = $1`, i.ID); err != nil {
		return err
	}
	for _, a := range i.Affected {
		if err := o.tx.exec(ctx, `
			INSERT INTO incident_components (incident_id, component_id, name)
			VALUES ($1, $2, $3)`, i.ID, a.ID, a.Name); err != nil {
			return err
		}
	}
	return nil
}

// DeleteIncident removes an incident with its timeline.
func (o OwnedTx) DeleteIncident(ctx context.Context, id model.IncidentID) error {
	return o.tx.execOne(ctx, `DELETE FROM incidents WHERE workspace_id = $1 AND id = $2`, o.workspace, id)
}

// KeepName writes down what a component is called wherever it is named, before it goes.
func (o OwnedTx) KeepName(ctx context.Context, id model.ComponentID, name string) error {
	for _, table := range []string{"incident_components", "maintenance_components"} {
		if err := o.tx.exec(ctx, `UPDATE `+table+` SET name = $1 WHERE component_id = $2`, name, id); err != nil {
			return err
		}
	}
	return nil
}

// Remembered is what is remembered of a component's automatic incidents.
type Remembered struct {
	Component model.ComponentID
	Incident  model.IncidentID // 0: none is open
	State     incident.State
}

func scanRemembered(_ View, row scanner) (r Remembered, err error) {
	var text string
	if err := row.Scan(&r.Component, &r.Incident, &text); err != nil {
		return r, err
	}
	r.State, err = fromJSON[incident.State](text)
	return r, err
}

// EveryRemembered lists what is remembered of all components.
func (v View) EveryRemembered(ctx context.Context) ([]Remembered, error) {
	return query(ctx, v, scanRemembered, `
		SELECT component_id, incident_id, state
		FROM component_states`)
}

// Remember writes what is to be remembered of a component; nothing is kept of one of which there is nothing to say.
func (tx *Tx) Remember(ctx context.Context, r Remembered) error {
	if r.State.IsZero() {
		return tx.exec(ctx, `DELETE FROM component_states WHERE component_id = $1`, r.Component)
	}
	return tx.exec(ctx, `
		INSERT INTO component_states (component_id, incident_id, state)
		VALUES ($1, $2, $3)
		ON CONFLICT (component_id) DO UPDATE SET incident_id = excluded.incident_id, state = excluded.state`,
		r.Component, r.Incident, asJSON(r.State))
}
