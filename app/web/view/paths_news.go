package view

import (
	"net/url"

	"statusd/app/model"
)

// ManageIncident is an incident in the dashboard.
func (p Paths) ManageIncident(page model.Page, id model.IncidentID, rest string) string {
	return p.Manage(page, "/incidents/"+id.String()+rest)
}

// ManageUpdate is an update of an incident's timeline in the dashboard.
func (p Paths) ManageUpdate(page model.Page, u model.Update, rest string) string {
	return p.ManageIncident(page, u.Incident, "/updates/"+u.ID.String()+rest)
}

// ManageMaintenance is a maintenance window in the dashboard.
func (p Paths) ManageMaintenance(page model.Page, id model.MaintenanceID, rest string) string {
	return p.Manage(page, "/maintenance/"+id.String()+rest)
}

// ManageAfter is a list of a page's tab from a cursor on.
func (p Paths) ManageAfter(page model.Page, rest, cursor string) string {
	return p.Manage(page, rest) + "?" + url.Values{"cursor": {cursor}}.Encode()
}

// Reach says how many subscribers of a topic hear of components; the components are added to the query.
func (p Paths) Reach(page model.Page, topic model.Topic) string {
	return p.Manage(page, "/reach") + "?" + url.Values{"topic": {topic.String()}}.Encode()
}

// Markdown shows what becomes of a text.
func (p Paths) Markdown(page model.Page) string { return p.Manage(page, "/markdown") }
