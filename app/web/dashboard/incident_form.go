package dashboard

import (
	"net/url"

	"statusd/app"
	"statusd/app/incident"
	"statusd/app/model"
	"statusd/app/web/view"
)

// incidentForm is where an incident is opened, with its first message, or what stands above its timeline is changed.
type incidentForm struct {
	frame
	Form             *form
	Title, Back      string
	Action, Submit   string
	Name             wording
	Impact, Affected view.Field
	First            *updateFields // nil: the timeline has its own forms
}

// updateFields are the fields of an update.
type updateFields struct {
	Status view.Field
	Body   wording
	Notify notifyField
}

func (s *Site) newIncident(v *visit) error {
	values := url.Values{"impact": {incident.Minor.String()}, "status": {incident.Investigating.String()}, "notify": {"on"}}
	values["component"] = v.c.QueryParams()["component"]
	return s.showNewIncident(v, v.filled(values))
}

func (s *Site) showNewIncident(v *visit, f *form) error {
	page, err := s.incidentFields(v, f, nil)
	if err != nil {
		return err
	}
	ids, err := f.ticked()
	if err != nil {
		return err
	}
	page.First = &updateFields{
		Status: f.statusField(incident.Investigating, incident.Identified, incident.Monitoring), Body: f.body("body", "field.message", "field.message.help", 6),
	}
	if page.First.Notify, err = s.notifyField(v, f, "field.notify", model.TopicIncidents, ids, false); err != nil {
		return err
	}
	page.Title, page.Submit = v.t("incident.new"), v.t("incident.publish")
	page.Action, page.Back = s.paths.Manage(v.page, "/incidents/new"), s.paths.Manage(v.page, "/incidents")
	page.frame = s.pageFrame(v, "incidents", page.Title)
	return v.render(f.code(), "dashboard/incidents/form.html", page)
}

// incidentFields makes those of the head of an incident; before are the components that it names already.
func (s *Site) incidentFields(v *visit, f *form, before []model.Affected) (page incidentForm, err error) {
	page.Form, page.Name = f, f.wording("title", "field.title", "field.title.help")
	var options []view.Option
	for _, i := range incident.Impacts() {
		options = append(options, view.Option{Value: i.String(), Label: v.t("incident.impact." + i.String())})
	}
	page.Impact = f.choice(f.field("impact", "field.impact", ""), options...)
	page.Affected, err = s.affectedField(v, f, before)
	return page, err
}

func (f *form) statusField(statuses ...incident.Status) view.Field {
	options := make([]view.Option, len(statuses))
	for i, one := range statuses {
		options[i] = view.Option{Value: one.String(), Label: f.v.t("incident.status." + one.String())}
	}
	return f.choice(f.field("status", "field.status", ""), options...)
}

// typedHead reads what stands above a timeline. An impact that is none is for the use case to refuse.
func (f *form) typedHead(components []model.ComponentID) func(*app.IncidentEdit) error {
	return func(e *app.IncidentEdit) error {
		e.Title, e.Components = f.text("title"), components
		_ = e.Impact.UnmarshalText([]byte(f.get("impact")))
		return nil
	}
}

// typedUpdate writes what was typed over a draft. A status that is none is for the use case to refuse.
func (f *form) typedUpdate(d *app.UpdateDraft) error {
	_ = d.Status.UnmarshalText([]byte(f.get("status")))
	d.Body, d.Notify = f.text("body"), f.has("notify")
	return nil
}

func (s *Site) createIncident(v *visit) error {
	f, err := v.posted()
	if err != nil {
		return err
	}
	if f.previewed() {
		return s.showNewIncident(v, f)
	}
	components, err := f.ticked()
	if err != nil {
		return err
	}
	t, err := s.App.CreateIncident(v.c.Request().Context(), v.actor, v.page.ID, func(d *app.IncidentDraft) error {
		_ = f.typedHead(components)(&d.IncidentEdit)
		return f.typedUpdate(&d.UpdateDraft)
	})
	if f.refuseText(err, "title", "body") {
		return s.showNewIncident(v, f)
	}
	if err != nil {
		return err
	}
	return v.goTo(s.paths.ManageIncident(v.page, t.ID, ""), "incident-published")
}

func (s *Site) incidentForm(v *visit, t model.Timeline) error {
	values := seenAt(t.Updated)
	setText(values, "title", t.Title)
	values.Set("impact", t.Impact.String())
	values["component"] = affectedValues(t.Affected)
	return s.showIncidentForm(v, v.filled(values), t)
}

func (s *Site) showIncidentForm(v *visit, f *form, t model.Timeline) error {
	page, err := s.incidentFields(v, f, t.Affected)
	if err != nil {
		return err
	}
	page.Title, page.Submit = v.t("incident.edit"), v.t("form.save")
	page.Action, page.Back = s.paths.ManageIncident(v.page, t.ID, "/edit"), s.paths.ManageIncident(v.page, t.ID, "")
	page.frame = s.pageFrame(v, "incidents", page.Title)
	return v.render(f.code(), "dashboard/incidents/form.html", page)
}

func (s *Site) saveIncident(v *visit, t model.Timeline) error {
	f, err := v.posted()
	if err != nil {
		return err
	}
	components, err := f.ticked()
	if err != nil {
		return err
	}
	_, err = s.App.UpdateIncident(v.c.Request().Context(), v.actor, t.ID, f.typedHead(components), app.IfUnchangedSince(f.seen()))
	if f.refuseText(err, "title") {
		return s.showIncidentForm(v, f, t)
	}
	if err != nil {
		return err
	}
	return v.goTo(s.paths.ManageIncident(v.page, t.ID, ""), "incident-saved")
}

func (s *Site) askDeleteIncident(v *visit, t model.Timeline) error {
	return s.incidentDeletion(v, v.filled(seenAt(t.Updated)), t)
}

func (s *Site) incidentDeletion(v *visit, f *form, t model.Timeline) error {
	title := v.line(t.Title).Text
	return s.ask(v, deletion{
		frame: s.pageFrame(v, "incidents", v.t("incident.delete")), Form: f,
		Title: v.t("delete.named", "Name", view.InSentence(title)), Text: v.t("incident.delete.text"),
		Lost: []string{v.n("incident.delete.updates", len(t.Updates))}, Typed: f.typedName(title),
		Action: s.paths.ManageIncident(v.page, t.ID, "/delete"), Back: s.paths.ManageIncident(v.page, t.ID, ""), Submit: v.t("incident.delete"),
	})
}

func (s *Site) deleteIncident(v *visit, t model.Timeline) error {
	f, err := v.posted()
	if err != nil {
		return err
	}
	if !f.confirmed(v.line(t.Title).Text) {
		return s.incidentDeletion(v, f, t)
	}
	err = s.App.DeleteIncident(v.c.Request().Context(), v.actor, t.ID, app.IfUnchangedSince(f.seen()))
	if f.refuse(err) {
		return s.incidentDeletion(v, f, t)
	}
	if err != nil {
		return err
	}
	return v.goTo(s.paths.Manage(v.page, "/incidents"), "incident-deleted")
}
