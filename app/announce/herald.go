package announce

import (
	"bytes"
	"encoding/json"
	"time"

	"statusd/app/incident"
	"statusd/app/locale"
	"statusd/app/maintenance"
	"statusd/app/model"
)

// Herald words events in every language that there is.
type Herald struct {
	languages []string
	words     *locale.Bundle
	mail      *stationery // nil: it writes no letters
}

// New makes a Herald. Without words, which a command never needs, what statusd itself writes is the name of the component.
func New(languages []string, words *locale.Bundle) *Herald {
	return &Herald{languages: languages, words: words}
}

// payload is what every event has in common, as webhooks carry it. Source: reference, "Webhook signup example".
type payload struct {
	Event     string `json:"event"`
	PageSlug  string `json:"pageSlug"`
	Data      any    `json:"data"`
	Timestamp string `json:"timestamp"` // with milliseconds
}

type incidentData struct {
	IncidentID  model.IncidentID    `json:"incidentId"`
	Title       model.Text          `json:"incidentTitle"`
	Impact      incident.Impact     `json:"impact"`
	AffectedIDs []model.ComponentID `json:"affectedComponentIds"`
	Update      updateData          `json:"update"`
}

type updateData struct {
	ID        model.UpdateID  `json:"id"`
	Status    incident.Status `json:"status"`
	Body      model.Text      `json:"body"`
	CreatedAt string          `json:"createdAt"`
}

type maintenanceData struct {
	ID          model.MaintenanceID `json:"maintenanceId"`
	Title       model.Text          `json:"title"`
	Description model.Text          `json:"description"`
	Status      maintenance.State   `json:"status"`
	Start       string              `json:"scheduledStart"`
	End         string              `json:"scheduledEnd"`
	AffectedIDs []model.ComponentID `json:"affectedComponentIds"`
}

const withMillis = "2006-01-02T15:04:05.000Z"

// Incident is the event that an update of an incident is, at a time.
func (h *Herald) Incident(page model.Page, i model.Incident, u model.Update, at time.Time) (model.Event, error) {
	e := model.Event{
		Workspace: page.Workspace, Page: page.ID, Type: model.IncidentUpdated, Subject: int64(i.ID),
		Auto: i.Source == incident.Auto, Components: model.AffectedIDs(i.Affected), At: at,
	}
	if u.Status == incident.Resolved {
		e.Type = model.IncidentResolved
	}
	return written(page, e, incidentData{
		IncidentID: i.ID, Title: i.Title.Filled(h.languages), Impact: i.Impact, AffectedIDs: e.Components,
		Update: updateData{u.ID, u.Status, u.Body.Filled(h.languages), u.Created.UTC().Format(time.RFC3339)},
	})
}

// eventOf says as what a step of a window is told.
var eventOf = map[maintenance.Step]model.EventType{
	maintenance.Remind:   model.MaintenanceReminder,
	maintenance.Start:    model.MaintenanceStarted,
	maintenance.Complete: model.MaintenanceCompleted,
	maintenance.Cancel:   model.MaintenanceCancelled,
}

// Maintenance is the event that a step of a window is, at a time; without a step it is the announcement.
func (h *Herald) Maintenance(page model.Page, m model.Maintenance, step maintenance.Step, at time.Time) (model.Event, error) {
	e := model.Event{
		Workspace: page.Workspace, Page: page.ID, Type: model.MaintenanceScheduled, Subject: int64(m.ID),
		Components: model.AffectedIDs(m.Affected), At: at,
	}
	if t, ok := eventOf[step]; ok {
		e.Type = t
	}
	return written(page, e, maintenanceData{
		ID: m.ID, Title: m.Title.Filled(h.languages), Description: m.Description.Filled(h.languages), Status: m.State,
		Start: m.Start.Time().Format(time.RFC3339), End: m.End.Time().Format(time.RFC3339), AffectedIDs: e.Components,
	})
}

func written(page model.Page, e model.Event, data any) (model.Event, error) {
	var body bytes.Buffer
	enc := json.NewEncoder(&body)
	enc.SetEscapeHTML(false)
	err := enc.Encode(payload{e.Type.String(), page.Slug, data, e.At.UTC().Format(withMillis)})
	e.Payload = bytes.TrimSpace(body.Bytes())
	return e, err
}
