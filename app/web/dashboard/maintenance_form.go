package dashboard

import (
	"net/url"

	"statusd/app"
	"statusd/app/maintenance"
	"statusd/app/model"
	"statusd/app/web/view"
)

// windowForm is where a maintenance window is announced or changed. What its state does not let change any more is not in it.
type windowForm struct {
	frame
	Form           *form
	Title, Back    string
	Action, Submit string
	Name, About    wording
	Affected       view.Field   // without a name: fixed
	Start          view.Field   // without a name: fixed
	End            view.Field   // without a name: fixed
	Twice          string       // what is done about times that come twice; "" where none do
	Auto           view.Field   // without a name: fixed
	Notify         *notifyField // nil: nobody would be told
	Note           string       // what is fixed, and why; "" for nothing
	Remind         string       // when people are reminded; "" when they are not
}

const fieldStart, fieldEnd = "scheduledStart", "scheduledEnd"

func (s *Site) newMaintenance(v *visit) error {
	values := url.Values{"autoComplete": {"on"}, "notify": {"on"}}
	values["component"] = v.c.QueryParams()["component"]
	return s.showNewMaintenance(v, v.filled(values))
}

func (s *Site) showNewMaintenance(v *visit, f *form) error {
	page, err := s.windowFields(v, f, model.Maintenance{Window: maintenance.Window{State: maintenance.Scheduled}})
	if err != nil {
		return err
	}
	page.Title, page.Submit = v.t("maintenance.new"), v.t("maintenance.schedule")
	page.Action, page.Back = s.paths.Manage(v.page, "/maintenance/new"), s.paths.Manage(v.page, "/maintenance")
	page.frame = s.pageFrame(v, "maintenance", page.Title)
	return v.render(f.code(), "dashboard/maintenance/form.html", page)
}

// windowFields makes the fields of a window that its state lets change.
func (s *Site) windowFields(v *visit, f *form, m model.Maintenance) (page windowForm, err error) {
	page = windowForm{
		Form: f, Name: f.wording("title", "field.title", "field.maintenance.title.help"),
		About: f.body("description", "field.maintenance.description", "field.maintenance.description.help", 5),
	}
	page.About.Optional = v.t("form.optional")
	if m.State.Over() {
		page.Note = v.t("maintenance.fixed.over")
		return page, nil
	}
	page.End = f.timeField(fieldEnd, "field.end")
	page.Auto = f.field("autoComplete", "field.autoComplete", "field.autoComplete.help")
	if m.State == maintenance.InProgress {
		page.Note = v.t("maintenance.fixed.now")
		return page, nil
	}
	page.Start = f.timeField(fieldStart, "field.start")
	if change, ok := turnsBack(s.App.Now(), v.zone()); ok {
		page.Twice = v.t("maintenance.twice", "Date", v.words.Date(change))
	}
	page.Remind = s.remindWords(v)
	if page.Affected, err = s.affectedField(v, f, m.Affected); err != nil {
		return page, err
	}
	return page, s.addWindowNotify(v, f, &page, m)
}

func (s *Site) addWindowNotify(v *visit, f *form, page *windowForm, m model.Maintenance) error {
	components, err := f.ticked()
	if err != nil {
		return err
	}
	label := "field.notify"
	if m.ID != 0 {
		label = "field.notify.moved"
	}
	n, err := s.notifyField(v, f, label, model.TopicMaintenance, components, false)
	page.Notify = &n
	return err
}

// timeField is a time of the page's zone, which its label names.
func (f *form) timeField(name, label string) view.Field {
	field := f.field(name, label, "")
	field.Type, field.Label = "datetime-local", f.v.t("field.inZone", "Field", field.Label, "Zone", f.v.zone().String())
	f.labels[name] = field.Label
	return field
}

// remindWords says when people are reminded of a start; "" when they are not.
func (s *Site) remindWords(v *visit) string {
	if s.App.MaintenanceReminder <= 0 {
		return ""
	}
	return v.t("maintenance.reminder", "Span", v.words.Span(s.App.MaintenanceReminder))
}

// typedWindow writes what was typed over a draft. What the form has no field for stays as it is.
func (f *form) typedWindow(components []model.ComponentID) func(*app.MaintenanceDraft) error {
	return func(d *app.MaintenanceDraft) error {
		var wrong model.Invalid
		d.Title, d.Description = f.text("title"), f.text("description")
		if f.values.Has(fieldStart) {
			d.Start, d.Components, d.Notify = f.instant(&wrong, fieldStart, d.Start), components, f.has("notify")
		}
		if f.values.Has(fieldEnd) {
			d.End, d.AutoComplete = f.instant(&wrong, fieldEnd, d.End), f.has("autoComplete")
		}
		return wrong.Err()
	}
}

func (s *Site) createMaintenance(v *visit) error {
	f, err := v.posted()
	if err != nil {
		return err
	}
	if f.previewed() {
		return s.showNewMaintenance(v, f)
	}
	components, err := f.ticked()
	if err != nil {
		return err
	}
	m, err := s.App.CreateMaintenance(v.c.Request().Context(), v.actor, v.page.ID, f.typedWindow(components))
	if f.refuseText(err, "title") {
		return s.showNewMaintenance(v, f)
	}
	if err != nil {
		return err
	}
	return v.goTo(s.paths.ManageMaintenance(v.page, m.ID, ""), "maintenance-scheduled")
}

func (s *Site) maintenanceForm(v *visit, m model.Maintenance) error {
	values, zone := seenAt(m.Updated), v.zone()
	setText(values, "title", m.Title)
	setText(values, "description", m.Description)
	values.Set(fieldStart, localText(m.Start.Time(), zone))
	values.Set(fieldEnd, localText(m.End.Time(), zone))
	values["component"] = affectedValues(m.Affected)
	values.Set("notify", "on")
	if m.AutoComplete {
		values.Set("autoComplete", "on")
	}
	return s.showMaintenanceForm(v, v.filled(values), m)
}

func (s *Site) showMaintenanceForm(v *visit, f *form, m model.Maintenance) error {
	page, err := s.windowFields(v, f, m)
	if err != nil {
		return err
	}
	page.Title, page.Submit = v.t("maintenance.edit"), v.t("form.save")
	page.Action, page.Back = s.paths.ManageMaintenance(v.page, m.ID, "/edit"), s.paths.ManageMaintenance(v.page, m.ID, "")
	page.frame = s.pageFrame(v, "maintenance", page.Title)
	return v.render(f.code(), "dashboard/maintenance/form.html", page)
}

func (s *Site) saveMaintenance(v *visit, m model.Maintenance) error {
	f, err := v.posted()
	if err != nil {
		return err
	}
	if f.previewed() {
		return s.showMaintenanceForm(v, f, m)
	}
	components, err := f.ticked()
	if err != nil {
		return err
	}
	_, err = s.App.UpdateMaintenance(v.c.Request().Context(), v.actor, m.ID, f.typedWindow(components), app.IfUnchangedSince(f.seen()))
	if f.refuseText(err, "title") {
		return s.showMaintenanceForm(v, f, m)
	}
	if err != nil {
		return err
	}
	return v.goTo(s.paths.ManageMaintenance(v.page, m.ID, ""), "maintenance-saved")
}
