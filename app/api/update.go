package api

import (
	"context"
	"net/http"

	"statusd/app"
	"statusd/app/incident"
	"statusd/app/model"
)

// updateJSON is an entry of an incident's timeline as the management API shows it.
type updateJSON struct {
	ID         model.UpdateID   `json:"id"`
	IncidentID model.IncidentID `json:"incidentId"`
	Status     incident.Status  `json:"status"`
	Body       model.Text       `json:"body"`
	Notify     bool             `json:"notify"`
	Auto       bool             `json:"auto"`
	CreatedAt  seconds          `json:"createdAt"`
	EditedAt   seconds          `json:"editedAt"`
}

// updateFields are the fields of a new update (SPEC §8). A status of null is the one that the incident has.
var updateFields = fields[app.UpdateDraft]{
	"status": func(d *app.UpdateDraft, g given) { chosen(g, &d.Status, d.Status) },
	"body":   func(d *app.UpdateDraft, g given) { g.localised(&d.Body) },
	"notify": func(d *app.UpdateDraft, g given) { g.flag(&d.Notify, true) },
}

// bodyFields is all that can be changed of an update.
var bodyFields = fields[model.Text]{"body": func(body *model.Text, g given) { g.localised(body) }}

func showUpdate(u model.Update) updateJSON {
	return updateJSON{
		ID: u.ID, IncidentID: u.Incident, Status: u.Status, Body: shown(u.Body), Notify: u.Notify, Auto: u.Auto,
		CreatedAt: seconds(u.Created), EditedAt: seconds(u.Edited),
	}
}

func (a *API) postUpdate(ctx context.Context, in call) (app.Answer, error) {
	fill, err := updateFields.reader(in.body)
	if err != nil {
		return app.Answer{}, err
	}
	id, err := incidentID(in)
	if err != nil {
		return app.Answer{}, err
	}
	u, err := a.App.PostUpdate(ctx, in.by, id, fill)
	if err != nil {
		return app.Answer{}, err
	}
	return answered(http.StatusCreated, a.location(ctx, "updates", u.ID), showUpdate(u))
}

func (a *API) editUpdate(ctx context.Context, in call) (app.Answer, error) {
	change, err := bodyFields.reader(in.body)
	if err != nil {
		return app.Answer{}, err
	}
	id, err := updateID(in)
	if err != nil {
		return app.Answer{}, err
	}
	u, err := a.App.EditUpdate(ctx, in.by, id, change)
	return found(showUpdate(u), err)
}
