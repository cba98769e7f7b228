package app

import (
	"time"

	"statusd/app/model"
	"statusd/app/status"
)

var incidentTrail = trail[model.Incident]{
	created: model.IncidentCreated, changed: model.IncidentChanged, deleted: model.IncidentDeleted,
	page: func(i model.Incident) model.PageID { return i.Page },
	subject: func(i model.Incident) model.Subject {
		return model.Subject{Kind: model.SubjectIncident, ID: i.ID.String(), Name: i.Title.In(model.DefaultLanguage)}
	},
	fields: []traced[model.Incident]{
		{"impact", func(i model.Incident) any { return i.Impact.String() }},
		{"affectedComponentIds", func(i model.Incident) any { return affectedNames(i.Affected) }},
	},
	texts: []worded[model.Incident]{{"title", func(i model.Incident) model.Text { return i.Title }}},
}

var updateTrail = trail[model.Update]{
	subject: func(model.Update) model.Subject { return model.Subject{} }, // its incident, which updateEntry fills in
	fields: []traced[model.Update]{
		{"status", func(u model.Update) any { return u.Status.String() }},
		{"notify", func(u model.Update) any { return u.Notify }},
	},
	texts: []worded[model.Update]{{"body", func(u model.Update) model.Text { return u.Body }}},
}

// updateEntry is what an act on an update comes to.
func updateEntry(action model.Action, i model.Incident, from, to *model.Update) model.Audit {
	e := updateTrail.entry(from, to)
	if from != nil && to != nil && len(e.Changes) == 0 {
		return model.Audit{}
	}
	e.Action, e.Page, e.Subject = action, i.Page, incidentTrail.subject(i)
	return e
}

var maintenanceTrail = trail[model.Maintenance]{
	created: model.MaintenanceCreated, changed: model.MaintenanceChanged, deleted: model.MaintenanceDeleted,
	page: func(m model.Maintenance) model.PageID { return m.Page },
	subject: func(m model.Maintenance) model.Subject {
		return model.Subject{Kind: model.SubjectMaintenance, ID: m.ID.String(), Name: m.Title.In(model.DefaultLanguage)}
	},
	fields: []traced[model.Maintenance]{
		{"status", func(m model.Maintenance) any { return m.State.String() }},
		{"scheduledStart", func(m model.Maintenance) any { return utc(m.Start) }},
		{"scheduledEnd", func(m model.Maintenance) any { return utc(m.End) }},
		{"autoComplete", func(m model.Maintenance) any { return m.AutoComplete }},
		{"affectedComponentIds", func(m model.Maintenance) any { return affectedNames(m.Affected) }},
	},
	texts: []worded[model.Maintenance]{
		{"title", func(m model.Maintenance) model.Text { return m.Title }},
		{"description", func(m model.Maintenance) model.Text { return m.Description }},
	},
}

// affectedNames are the names of components, by which people read the trail; nil for none.
func affectedNames(list []model.Affected) any {
	if len(list) == 0 {
		return nil
	}
	out := make([]string, len(list))
	for i, a := range list {
		out[i] = a.Name
	}
	return out
}

func utc(at status.Instant) any { return at.Time().Format(time.RFC3339) }

// subscriberSubject names a subscriber by its channel: the trail outlives it, and its address must not.
func subscriberSubject(s model.Subscriber) model.Subject {
	return model.Subject{Kind: model.SubjectSubscriber, ID: s.ID.String(), Name: s.Channel.String()}
}
