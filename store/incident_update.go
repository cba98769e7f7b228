package store

import (
	"context"

	"statusd/app/model"
)

const updateColumns = `incident_updates.id, incident_updates.incident_id, incidents.page_id, incident_updates.status, body, notify, auto,
	incident_updates.created_at, edited_at`

func scanUpdate(_ View, row scanner) (u model.Update, err error) {
	var body string
	var created, edited int64
	if err := row.Scan(&u.ID, &u.Incident, &u.Page, &u.Status, &body, &u.Notify, &u.Auto, &created, &edited); err != nil {
		return u, err
	}
	u.Created, u.Edited = millis(created), millis(edited)
	u.Body, err = fromJSON[model.Text](body)
	return u, err
}

// Updates lists an incident's timeline, newest first.
func (o Owned) Updates(ctx context.Context, id model.IncidentID) ([]model.Update, error) {
	return query(ctx, o.View, scanUpdate, `
		SELECT `+updateColumns+`
		FROM incident_updates
		JOIN incidents ON incidents.id = incident_updates.incident_id
		WHERE workspace_id = $1 AND incident_id = $2
		ORDER BY seq DESC`, o.workspace, id)
}

// Timelines lists the updates of several incidents, newest first.
func (v View) Timelines(ctx context.Context, ids []model.IncidentID) (map[model.IncidentID][]model.Update, error) {
	rows, err := query(ctx, v, scanUpdate, `
		SELECT `+updateColumns+`
		FROM incident_updates
		JOIN incidents ON incidents.id = incident_updates.incident_id
		WHERE incident_id IN (
			SELECT value
			FROM json_each($1))
		ORDER BY incident_id, seq DESC`, asJSON(numbersOf(ids)))
	out := make(map[model.IncidentID][]model.Update, len(ids))
	for _, u := range rows {
		out[u.Incident] = append(out[u.Incident], u)
	}
	return out, err
}

func numbersOf[K any](ids []model.ID[K]) []int64 {
	out := make([]int64, len(ids))
	for i, id := range ids {
		out[i] = int64(id)
	}
	return out
}

// Update finds an update of the workspace.
func (o Owned) Update(ctx context.Context, id model.UpdateID) (model.Update, error) {
	return one(ctx, o.View, scanUpdate, `
		SELECT `+updateColumns+`
		FROM incident_updates
		JOIN incidents ON incidents.id = incident_updates.incident_id
		WHERE workspace_id = $1 AND incident_updates.id = $2`, o.workspace, id)
}

// AddUpdate writes a new update, which is the newest of its incident.
func (tx *Tx) AddUpdate(ctx context.Context, u model.Update) error {
	return tx.exec(ctx, `
		INSERT INTO incident_updates (id, incident_id, seq, status, body, notify, auto, created_at, edited_at)
		VALUES ($1, $2, (
			SELECT coalesce(max(earlier.seq) + 1, 1)
			FROM incident_updates AS earlier
			WHERE earlier.incident_id = $2), $3, $4, $5, $6, $7, $8)`,
		u.ID, u.Incident, u.Status, asJSON(u.Body), u.Notify, u.Auto, toMillis(u.Created), toMillis(u.Edited))
}

// SetUpdate writes an update's words.
func (tx *Tx) SetUpdate(ctx context.Context, u model.Update) error {
	return tx.execOne(ctx, `UPDATE incident_updates SET body = $1, edited_at = $2 WHERE id = $3`, asJSON(u.Body), toMillis(u.Edited), u.ID)
}

// DeleteUpdate removes an update.
func (tx *Tx) DeleteUpdate(ctx context.Context, id model.UpdateID) error {
	return tx.execOne(ctx, `DELETE FROM incident_updates WHERE id = $1`, id)
}
