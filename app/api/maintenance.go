package api

import (
	"context"
	"net/http"

	"statusd/app"
	"statusd/app/maintenance"
	"statusd/app/model"
	"statusd/app/status"
)

// maintenanceJSON is a maintenance window as the management API shows it: as it was announced, and as it was.
type maintenanceJSON struct {
	ID             model.MaintenanceID `json:"id"`
	PageID         model.PageID        `json:"pageId"`
	Title          model.Text          `json:"title"`
	Description    model.Text          `json:"description"`
	Status         maintenance.State   `json:"status"`
	ScheduledStart seconds             `json:"scheduledStart"`
	ScheduledEnd   seconds             `json:"scheduledEnd"`
	StartedAt      seconds             `json:"startedAt"`
	EndedAt        seconds             `json:"endedAt"`
	AutoComplete   bool                `json:"autoComplete"`
	Affected       []model.ComponentID `json:"affectedComponentIds"`
	CreatedAt      seconds             `json:"createdAt"`
	UpdatedAt      seconds             `json:"updatedAt"`
}

// maintenanceFields are the fields of a window that may be written (SPEC §4 and §8). notify is of the request alone.
var maintenanceFields = fields[app.MaintenanceDraft]{
	"title":                func(d *app.MaintenanceDraft, g given) { g.localised(&d.Title) },
	"description":          func(d *app.MaintenanceDraft, g given) { g.localised(&d.Description) },
	"affectedComponentIds": func(d *app.MaintenanceDraft, g given) { g.components(&d.Components) },
	"scheduledStart":       func(d *app.MaintenanceDraft, g given) { g.moment(&d.Start) },
	"scheduledEnd":         func(d *app.MaintenanceDraft, g given) { g.moment(&d.End) },
	"autoComplete":         func(d *app.MaintenanceDraft, g given) { g.flag(&d.AutoComplete, true) },
	"notify":               func(d *app.MaintenanceDraft, g given) { g.flag(&d.Notify, true) },
}

func showMaintenance(m model.Maintenance) maintenanceJSON {
	return maintenanceJSON{
		ID: m.ID, PageID: m.Page, Title: shown(m.Title), Description: shown(m.Description), Status: m.State,
		ScheduledStart: secondsOf(m.Start), ScheduledEnd: secondsOf(m.End), StartedAt: secondsOf(m.Began), EndedAt: secondsOf(m.Ended),
		AutoComplete: m.AutoComplete, Affected: model.AffectedIDs(m.Affected), CreatedAt: seconds(m.Created), UpdatedAt: seconds(m.Updated),
	}
}

// secondsOf is an instant as JSON shows it; 0 has not come yet.
func secondsOf(at status.Instant) seconds {
	if at == 0 {
		return seconds{}
	}
	return seconds(at.Time())
}

func (a *API) createMaintenance(ctx context.Context, in call) (app.Answer, error) {
	fill, err := maintenanceFields.reader(in.body)
	if err != nil {
		return app.Answer{}, err
	}
	page, err := pageID(in)
	if err != nil {
		return app.Answer{}, err
	}
	m, err := a.App.CreateMaintenance(ctx, in.by, page, fill)
	if err != nil {
		return app.Answer{}, err
	}
	return answered(http.StatusCreated, a.location(ctx, "maintenances", m.ID), showMaintenance(m))
}
