package store

import (
	"context"

	"statusd/app/model"
	"statusd/app/status"
)

var maintenanceColumns = `maintenances.id, maintenances.workspace_id, maintenances.page_id, title, maintenances.description, state, auto_complete,
	start_at, end_at, began_at, ended_at, announced_at, reminded, sequence, maintenances.created_at, maintenances.updated_at, ` +
	affected("maintenance_components", "maintenance_id = maintenances.id")

func scanMaintenance(_ View, row scanner) (m model.Maintenance, err error) {
	var title, description, about string
	var created, updated int64
	if err := row.Scan(&m.ID, &m.Workspace, &m.Page, &title, &description, &m.State, &m.AutoComplete,
		&m.Start, &m.End, &m.Began, &m.Ended, &m.Announced, &m.Reminded, &m.Sequence, &created, &updated, &about); err != nil {
		return m, err
	}
	m.Created, m.Updated = millis(created), millis(updated)
	if m.Title, err = fromJSON[model.Text](title); err != nil {
		return m, err
	}
	if m.Description, err = fromJSON[model.Text](description); err != nil {
		return m, err
	}
	m.Affected, err = readAffected(about)
	return m, err
}

// Maintenance finds a window of the workspace.
func (o Owned) Maintenance(ctx context.Context, id model.MaintenanceID) (model.Maintenance, error) {
	return one(ctx, o.View, scanMaintenance, `
		SELECT `+maintenanceColumns+`
		FROM maintenances
		WHERE workspace_id = $1 AND id = $2`, o.workspace, id)
}

// Maintenances lists a page's windows, the latest to start first.
func (o Owned) Maintenances(ctx context.Context, page model.PageID, after After, limit int) ([]model.Maintenance, error) {
	return query(ctx, o.View, scanMaintenance, `
		SELECT `+maintenanceColumns+`
		FROM maintenances
		WHERE workspace_id = $1 AND page_id = $2 AND ($3 = 0 OR start_at < $3 OR start_at = $3 AND id < $4)
		ORDER BY start_at DESC, id DESC
		LIMIT $5`, o.workspace, page, after.Position, after.ID, limit)
}

// LiveMaintenances lists the windows of all workspaces that are scheduled or in progress, for the one who watches them.
func (v View) LiveMaintenances(ctx context.Context) ([]model.Maintenance, error) {
	return query(ctx, v, scanMaintenance, `
		SELECT `+maintenanceColumns+`
		FROM maintenances
		WHERE state <= 2
		ORDER BY start_at, id`)
}

// UpcomingMaintenances lists a page's windows that are scheduled or in progress, soonest first.
func (v View) UpcomingMaintenances(ctx context.Context, page model.PageID) ([]model.Maintenance, error) {
	return query(ctx, v, scanMaintenance, `
		SELECT `+maintenanceColumns+`
		FROM maintenances
		WHERE page_id = $1 AND state <= 2
		ORDER BY start_at, id`, page)
}

// MaintenancesTouching lists a page's windows, whatever became of them, that were announced for some part of an interval or took
// place in it, soonest first.
func (v View) MaintenancesTouching(ctx context.Context, page model.PageID, within status.Interval) ([]model.Maintenance, error) {
	return query(ctx, v, scanMaintenance, `
		SELECT `+maintenanceColumns+`
		FROM maintenances
		WHERE page_id = $1 AND (start_at < $3 OR began_at BETWEEN 1 AND $3 - 1) AND (end_at > $2 OR ended_at > $2 OR state = 2)
		ORDER BY start_at, id`, page, within.From, within.To)
}

// covering is an interval of actual maintenance and the component that it covered.
type covering struct {
	component model.ComponentID
	model.Maintained
}

func scanCovering(_ View, row scanner) (c covering, err error) {
	err = row.Scan(&c.component, &c.ID, &c.From, &c.To)
	return c, err
}

// actual are windows that have begun and touch [$1, $2); one in progress reaches to $2.
const actual = `
	SELECT maintenance_components.component_id, maintenances.id, began_at, CASE WHEN ended_at = 0 THEN $2 ELSE ended_at END
	FROM maintenances
	JOIN maintenance_components ON maintenance_components.maintenance_id = maintenances.id
	WHERE began_at > 0 AND began_at < $2 AND (ended_at = 0 OR ended_at > $1)`

// PageMaintained returns, for every component of a page, the actual maintenance that touches an interval, by beginning.
func (v View) PageMaintained(ctx context.Context, page model.PageID, w status.Interval) (map[model.ComponentID][]model.Maintained, error) {
	return maintained(ctx, v, actual+` AND page_id = $3 ORDER BY began_at, maintenances.id`, w, page)
}

// MaintainedOf returns the same for one component.
func (o Owned) MaintainedOf(ctx context.Context, c model.ComponentID, w status.Interval) ([]model.Maintained, error) {
	all, err := maintained(ctx, o.View, actual+` AND workspace_id = $3 AND component_id = $4 ORDER BY began_at, maintenances.id`, w, o.workspace, c)
	return all[c], err
}

func maintained(ctx context.Context, v View, sqlText string, w status.Interval, args ...any) (map[model.ComponentID][]model.Maintained, error) {
	rows, err := query(ctx, v, scanCovering, sqlText, append([]any{w.From, w.To}, args...)...)
	out := map[model.ComponentID][]model.Maintained{}
	for _, c := range rows {
		if c.Interval = c.Clip(w); !c.Empty() {
			out[c.component] = append(out[c.component], c.Maintained)
		}
	}
	return out, err
}

// AddMaintenance writes a new window with what it is about.
func (o OwnedTx) AddMaintenance(ctx context.Context, m model.Maintenance) error {
	if err := o.tx.exec(ctx, `
		INSERT INTO maintenances (id, workspace_id, page_id, title, description, state, auto_complete, start_at, end_at, began_at, ended_at,
			announced_at, reminded, sequence, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`,
		m.ID, o.workspace, m.Page, asJSON(m.Title), asJSON(m.Description), m.State, m.AutoComplete, m.Start, m.End, m.Began, m.Ended,
		m.Announced, m.Reminded, m.Sequence, toMillis(m.Created), toMillis(m.Updated)); err != nil {
		return err
	}
	return o.setMaintenanceComponents(ctx, m)
}

// SetMaintenance writes a window's fields and what it is about.
func (o OwnedTx) SetMaintenance(ctx context.Context, m model.Maintenance) error {
	if err := o.tx.execOne(ctx, `
		UPDATE maintenances
		SET title = $1, description = $2, state = $3, auto_complete = $4, start_at = $5, end_at = $6, began_at = $7, ended_at = $8,
			announced_at = $9, reminded = $10, sequence = $11, updated_at = $12
		WHERE workspace_id = $13 AND id = $14`,
		asJSON(m.Title), asJSON(m.Description), m.State, m.AutoComplete, m.Start, m.End, m.Began, m.Ended,
		m.Announced, m.Reminded, m.Sequence, toMillis(m.Updated), o.workspace, m.ID); err != nil {
		return err
	}
	return o.setMaintenanceComponents(ctx, m)
}

func (o OwnedTx) setMaintenanceComponents(ctx context.Context, m model.Maintenance) error {
	if err := o.tx.exec(ctx, `DELETE FROM maintenance_components WHERE maintenance_id = $1`, m.ID); err != nil {
		return err
	}
	for _, a := range m.Affected {
		if err := o.tx.exec(ctx, `
			INSERT INTO maintenance_components (maintenance_id, component_id, name)
			VALUES ($1, $2, $3)`, m.ID, a.ID, a.Name); err != nil {
			return err
		}
	}
	return nil
}

// DeleteMaintenance removes a window.
func (o OwnedTx) DeleteMaintenance(ctx context.Context, id model.MaintenanceID) error {
	return o.tx.execOne(ctx, `DELETE FROM maintenances WHERE workspace_id = $1 AND id = $2`, o.workspace, id)
}

// MaintenancesCutBack lets no window have begun or ended later than an instant.
func (tx *Tx) MaintenancesCutBack(ctx context.Context, to status.Instant) error {
	return tx.exec(ctx, `
		UPDATE maintenances
		SET began_at = min(began_at, $1), ended_at = min(ended_at, $1)
		WHERE began_at > $1 OR ended_at > $1`, to)
}
