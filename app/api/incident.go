package api

import (
	"context"
	"net/http"

	"statusd/app"
	"statusd/app/incident"
	"statusd/app/model"
)

// incidentJSON is an incident as the management API shows it.
type incidentJSON struct {
	ID         model.IncidentID    `json:"id"`
	PageID     model.PageID        `json:"pageId"`
	Title      model.Text          `json:"title"`
	Impact     incident.Impact     `json:"impact"`
	Status     incident.Status     `json:"status"`
	Source     incident.Source     `json:"source"`
	Affected   []model.ComponentID `json:"affectedComponentIds"`
	StartedAt  seconds             `json:"startedAt"`
	ResolvedAt seconds             `json:"resolvedAt"`
	CreatedAt  seconds             `json:"createdAt"`
	UpdatedAt  seconds             `json:"updatedAt"`
	Updates    []updateJSON        `json:"updates"`
}

// incidentFields are the fields of an incident that may be changed (SPEC §8). Its status changes with an update alone.
var incidentFields = fields[app.IncidentEdit]{
	"title":                func(e *app.IncidentEdit, g given) { g.localised(&e.Title) },
	"impact":               func(e *app.IncidentEdit, g given) { chosen(g, &e.Impact, incident.Minor) },
	"affectedComponentIds": func(e *app.IncidentEdit, g given) { g.components(&e.Components) },
	"status":               func(_ *app.IncidentEdit, g given) { g.refuse("status_by_update") },
}

// newIncident are the fields of a new incident: its own and those of its first update.
var newIncident = together(
	part(incidentFields, func(d *app.IncidentDraft) *app.IncidentEdit { return &d.IncidentEdit }),
	part(updateFields, func(d *app.IncidentDraft) *app.UpdateDraft { return &d.UpdateDraft }),
)

func showIncident(t model.Timeline) incidentJSON {
	return incidentJSON{
		ID: t.ID, PageID: t.Page, Title: shown(t.Title), Impact: t.Impact, Status: t.Status, Source: t.Source,
		Affected: model.AffectedIDs(t.Affected), StartedAt: seconds(t.Started), ResolvedAt: seconds(t.Resolved),
		CreatedAt: seconds(t.Created), UpdatedAt: seconds(t.Updated), Updates: each(t.Updates, showUpdate),
	}
}

func (a *API) createIncident(ctx context.Context, in call) (app.Answer, error) {
	fill, err := newIncident.reader(in.body)
	if err != nil {
		return app.Answer{}, err
	}
	page, err := pageID(in)
	if err != nil {
		return app.Answer{}, err
	}
	t, err := a.App.CreateIncident(ctx, in.by, page, fill)
	if err != nil {
		return app.Answer{}, err
	}
	return answered(http.StatusCreated, a.location(ctx, "incidents", t.ID), showIncident(t))
}
