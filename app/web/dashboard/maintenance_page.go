package dashboard

import (
	"context"

	"statusd/app"
	"statusd/app/maintenance"
	"statusd/app/model"
	"statusd/app/web/view"
)

// windowPage is one maintenance window.
type windowPage struct {
	frame
	liveness
	windowRow
	May          bool
	Back         string // URL
	Edit, Delete string // URLs; Delete is "" while that cannot be
	About        passage
	Announced    times
	Actual       *times // nil: it has not begun
	Facts        []fact
	Remind       string // when people are reminded, or were; "" for never
	Zone         string
}

func (s *Site) maintenance(v *visit, m model.Maintenance) error {
	here := func(rest string) string { return s.paths.ManageMaintenance(v.page, m.ID, rest) }
	page := windowPage{
		windowRow: s.windowRow(v, m), May: v.actor.May(model.Editor), Back: s.paths.Manage(v.page, "/maintenance"), Edit: here("/edit"),
		About: v.passage(m.Description), Announced: v.times(m.Start, m.End), Zone: v.t("page.zone", "Zone", v.zone()),
	}
	page.frame, page.liveness = s.pageFrame(v, "maintenance", page.windowRow.Title.Text), s.following(v, here(""))
	if m.State != maintenance.InProgress {
		page.Delete = here("/delete")
	}
	if m.Began != 0 {
		actual := times{From: v.exact(m.Began.Time())}
		if m.Ended != 0 {
			actual.To = v.exact(m.Ended.Time())
		}
		page.Actual = &actual
	}
	if m.State == maintenance.Scheduled && !m.Reminded {
		page.Remind = s.remindWords(v)
	}
	page.Facts = []fact{
		{v.t("field.affected"), page.Affected}, {v.t("maintenance.lasts"), page.Lasts},
		{v.t("maintenance.ends"), v.t("maintenance.ends." + byItself(m.AutoComplete))},
	}
	return v.show("dashboard/maintenance/window.html", page)
}

// byItself is the key of how a window ends.
func byItself(auto bool) string {
	if auto {
		return "itself"
	}
	return "hand"
}

// windowStep is an act on a window: the end of its address, and the use case.
type windowStep struct {
	path  string
	step  maintenance.Step
	quiet bool // it is not what one usually wants
	do    func(*app.App, context.Context, model.Actor, model.MaintenanceID, ...app.Condition) (model.Maintenance, error)
	done  string
}

var windowSteps = []windowStep{
	{"start", maintenance.Start, false, (*app.App).StartMaintenance, "maintenance-started"},
	{"complete", maintenance.Complete, false, (*app.App).CompleteMaintenance, "maintenance-completed"},
	{"cancel", maintenance.Cancel, true, (*app.App).CancelMaintenance, "maintenance-cancelled"},
}

// windowQuestion asks before a step, which subscribers are told of.
type windowQuestion struct {
	frame
	Title, Text, Told    string
	Action, Back, Submit string
	Danger               bool
}

func (s *Site) askWindowStep(step windowStep) func(*visit, model.Maintenance) error {
	return func(v *visit, m model.Maintenance) error {
		told, err := s.reachWords(v, model.TopicMaintenance, model.AffectedIDs(m.Affected))
		if err != nil {
			return err
		}
		return v.show("dashboard/maintenance/question.html", windowQuestion{
			frame: s.pageFrame(v, "maintenance", v.t("maintenance.act."+step.path)), Title: v.t("maintenance.ask."+step.path, "Name", view.InSentence(v.line(m.Title).Text)),
			Text: v.t("maintenance.means." + step.path), Told: told, Action: s.paths.ManageMaintenance(v.page, m.ID, "/"+step.path),
			Back: s.paths.ManageMaintenance(v.page, m.ID, ""), Submit: v.t("maintenance.do." + step.path), Danger: step.quiet,
		})
	}
}

func (s *Site) doWindowStep(step windowStep) func(*visit, model.Maintenance) error {
	return func(v *visit, m model.Maintenance) error {
		if _, err := step.do(s.App, v.c.Request().Context(), v.actor, m.ID); err != nil {
			return err
		}
		return v.goTo(s.paths.ManageMaintenance(v.page, m.ID, ""), step.done)
	}
}

func (s *Site) askDeleteMaintenance(v *visit, m model.Maintenance) error {
	return s.maintenanceDeletion(v, v.filled(seenAt(m.Updated)), m)
}

func (s *Site) maintenanceDeletion(v *visit, f *form, m model.Maintenance) error {
	title, text := v.line(m.Title).Text, "maintenance.delete.text"
	if m.State == maintenance.Scheduled {
		text = "maintenance.delete.scheduled"
	}
	return s.ask(v, deletion{
		frame: s.pageFrame(v, "maintenance", v.t("maintenance.delete")), Form: f,
		Title: v.t("delete.named", "Name", view.InSentence(title)), Text: v.t(text), Typed: f.typedName(title),
		Action: s.paths.ManageMaintenance(v.page, m.ID, "/delete"), Back: s.paths.ManageMaintenance(v.page, m.ID, ""), Submit: v.t("maintenance.delete"),
	})
}

func (s *Site) deleteMaintenance(v *visit, m model.Maintenance) error {
	f, err := v.posted()
	if err != nil {
		return err
	}
	if !f.confirmed(v.line(m.Title).Text) {
		return s.maintenanceDeletion(v, f, m)
	}
	err = s.App.DeleteMaintenance(v.c.Request().Context(), v.actor, m.ID, app.IfUnchangedSince(f.seen()))
	if f.refuse(err) {
		return s.maintenanceDeletion(v, f, m)
	}
	if err != nil {
		return err
	}
	return v.goTo(s.paths.Manage(v.page, "/maintenance"), "maintenance-deleted")
}
