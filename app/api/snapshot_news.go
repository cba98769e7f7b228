package api

import (
	"statusd/app/incident"
	"statusd/app/maintenance"
	"statusd/app/model"
)

// publicIncident is an open incident as the snapshot shows it, in one language.
type publicIncident struct {
	ID        model.IncidentID    `json:"id"`
	Title     string              `json:"title"`
	Status    incident.Status     `json:"status"`
	Impact    incident.Impact     `json:"impact"`
	Affected  []model.ComponentID `json:"affectedComponentIds"`
	StartedAt seconds             `json:"startedAt"`
	Updates   []publicUpdate      `json:"updates"`
}

// publicUpdate is an entry of a timeline; its body is Markdown, as it was written.
type publicUpdate struct {
	ID        model.UpdateID  `json:"id"`
	Status    incident.Status `json:"status"`
	Body      string          `json:"body"`
	CreatedAt seconds         `json:"createdAt"`
}

// publicPast is an incident that is over.
type publicPast struct {
	ID         model.IncidentID    `json:"id"`
	Title      string              `json:"title"`
	Impact     incident.Impact     `json:"impact"`
	StartedAt  seconds             `json:"startedAt"`
	ResolvedAt seconds             `json:"resolvedAt"`
	Affected   []model.ComponentID `json:"affectedComponentIds"`
}

// publicMaintenance is a window that is scheduled or in progress.
type publicMaintenance struct {
	ID             model.MaintenanceID `json:"id"`
	Title          string              `json:"title"`
	Description    *string             `json:"description"` // Markdown, as it was written
	Status         maintenance.State   `json:"status"`
	ScheduledStart seconds             `json:"scheduledStart"`
	ScheduledEnd   seconds             `json:"scheduledEnd"`
	Affected       []model.ComponentID `json:"affectedComponentIds"`
}

func showPublicIncident(t model.Timeline, lang string) publicIncident {
	return publicIncident{
		ID: t.ID, Title: t.Title.In(lang), Status: t.Status, Impact: t.Impact, Affected: model.AffectedIDs(t.Affected), StartedAt: seconds(t.Started),
		Updates: each(t.Updates, func(u model.Update) publicUpdate {
			return publicUpdate{ID: u.ID, Status: u.Status, Body: u.Body.In(lang), CreatedAt: seconds(u.Created)}
		}),
	}
}

func showPast(t model.Timeline, lang string) publicPast {
	return publicPast{
		ID: t.ID, Title: t.Title.In(lang), Impact: t.Impact, StartedAt: seconds(t.Started), ResolvedAt: seconds(t.Resolved),
		Affected: model.AffectedIDs(t.Affected),
	}
}

func showPublicMaintenance(m model.Maintenance, lang string) publicMaintenance {
	return publicMaintenance{
		ID: m.ID, Title: m.Title.In(lang), Description: orNull(m.Description.In(lang)), Status: m.State,
		ScheduledStart: secondsOf(m.Start), ScheduledEnd: secondsOf(m.End), Affected: model.AffectedIDs(m.Affected),
	}
}
