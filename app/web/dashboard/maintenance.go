package dashboard

import (
	"github.com/labstack/echo/v4"

	"statusd/app/maintenance"
	"statusd/app/model"
	"statusd/app/status"
)

// The tab Maintenance: work that is planned, goes on, or is over.
func (s *Site) registerMaintenance(e *echo.Echo) {
	const all, one = "/d/w/:ws/p/:page/maintenance", "/d/w/:ws/p/:page/maintenance/:maintenance"
	s.screen(e, all, s.onPage(s.maintenances))
	s.screen(e, all+"/new", s.editing(s.newMaintenance))
	s.act(e, all+"/new", s.editing(s.createMaintenance))
	s.screen(e, one, s.onMaintenance(s.maintenance))
	s.screen(e, one+"/edit", s.editMaintenance(s.maintenanceForm))
	s.act(e, one+"/edit", s.editMaintenance(s.saveMaintenance))
	s.screen(e, one+"/delete", s.editMaintenance(s.askDeleteMaintenance))
	s.act(e, one+"/delete", s.editMaintenance(s.deleteMaintenance))
	for _, step := range windowSteps {
		s.screen(e, one+"/"+step.path, s.editMaintenance(s.askWindowStep(step)))
		s.act(e, one+"/"+step.path, s.editMaintenance(s.doWindowStep(step)))
	}
}

// onMaintenance finds the window of the path, which is the page's.
func (s *Site) onMaintenance(h func(*visit, model.Maintenance) error) handler {
	return s.onPage(func(v *visit) error {
		var id model.MaintenanceID
		if err := v.id("maintenance", &id); err != nil {
			return err
		}
		m, err := s.App.Maintenance(v.c.Request().Context(), v.actor, id)
		if err == nil && m.Page != v.page.ID {
			err = model.ErrNotFound
		}
		if err != nil {
			return err
		}
		return h(v, m)
	})
}

// editMaintenance is onMaintenance for those who may change it.
func (s *Site) editMaintenance(h func(*visit, model.Maintenance) error) handler {
	return s.onMaintenance(func(v *visit, m model.Maintenance) error {
		if !v.actor.May(model.Editor) {
			return model.ErrForbidden
		}
		return h(v, m)
	})
}

// maintenanceList is a page's windows by what becomes of them.
type maintenanceList struct {
	frame
	liveness
	May           bool
	New           string // URL
	Now, Next     []windowRow
	Past          []windowRow
	Newest, Older string // URLs; "" at the ends
	Zone          string
}

// windowRow is one window.
type windowRow struct {
	Title    said
	URL      string
	State    maintenance.State
	Overrun  bool
	Affected string
	Times    times  // as they were, or as they are announced
	Planned  string // until when it was announced, where that differs; "" where it does not
	Lasts    string
	Acts     []windowAct
}

// windowAct is a step that the person may take now.
type windowAct struct {
	Name, URL string
	Quiet     bool
}

// times are from when until when; To is the zero stamp while nobody knows.
type times struct{ From, To stamp }

// shownWindows is how many of the past are on one screen.
const shownWindows = 50

func (s *Site) maintenances(v *visit) error {
	page := maintenanceList{
		frame: s.pageFrame(v, "maintenance", v.t("tab.maintenance")), May: v.actor.May(model.Editor),
		New: s.paths.Manage(v.page, "/maintenance/new"), Zone: v.t("page.zone", "Zone", v.zone()),
	}
	if v.c.QueryParam("cursor") != "" {
		page.Newest = s.paths.Manage(v.page, "/maintenance")
	} else {
		page.Now, page.Next = s.upcoming(v)
		page.liveness = s.following(v, s.paths.Manage(v.page, "/maintenance"))
	}
	if err := s.pastWindows(v, &page); err != nil {
		return unknownCursor(err)
	}
	return v.show("dashboard/maintenance/maintenance.html", page)
}

// upcoming are the windows that are in progress, and those that are scheduled, soonest first.
func (s *Site) upcoming(v *visit) (now, next []windowRow) {
	for _, m := range s.news(v).Upcoming {
		if m.State == maintenance.InProgress {
			now = append(now, s.windowRow(v, m))
		} else {
			next = append(next, s.windowRow(v, m))
		}
	}
	return now, next
}

// pastWindows reads those that are over, from the cursor of the address on. The listing begins with those that are farthest ahead.
func (s *Site) pastWindows(v *visit, page *maintenanceList) error {
	w := model.Window{Limit: shownWindows, Cursor: v.c.QueryParam("cursor")}
	for {
		list, err := s.App.Maintenances(v.c.Request().Context(), v.actor, v.page.ID, w)
		if err != nil {
			return err
		}
		for _, m := range list.Items {
			if m.State.Over() {
				page.Past = append(page.Past, s.windowRow(v, m))
			}
		}
		if w.Cursor = list.Next; w.Cursor == "" {
			return nil
		}
		if len(page.Past) > 0 {
			page.Older = s.paths.ManageAfter(v.page, "/maintenance", list.Next)
			return nil
		}
	}
}

func (s *Site) windowRow(v *visit, m model.Maintenance) windowRow {
	now := status.At(s.App.Now())
	row := windowRow{
		Title: v.line(m.Title), URL: s.paths.ManageMaintenance(v.page, m.ID, ""), State: m.State, Affected: v.affected(m.Affected),
		Overrun: m.Overrun(now), Times: v.times(m.Start, m.End), Lasts: v.roughly(m.End.Sub(m.Start)),
	}
	switch {
	case m.State == maintenance.Completed:
		row.Times, row.Lasts = v.times(m.Began, m.Ended), v.roughly(m.Ended.Sub(m.Began))
		if m.Ended != m.End {
			row.Planned = v.t("maintenance.planned", "Time", v.times(m.Start, m.End).To.Text)
		}
	case m.State == maintenance.InProgress:
		row.Times, row.Lasts = v.times(m.Began, m.End), v.roughly(max(m.End, now).Sub(m.Began))
	}
	if v.actor.May(model.Editor) {
		for _, step := range windowSteps {
			if _, may := m.Do(step.step, now); may {
				row.Acts = append(row.Acts, windowAct{v.t("maintenance.act." + step.path), s.paths.ManageMaintenance(v.page, m.ID, "/"+step.path), step.quiet})
			}
		}
	}
	return row
}

// times words two instants in the page's zone; the day once when both are on it.
func (v *visit) times(from, to status.Instant) times {
	zone := v.zone()
	a, b := from.Time().In(zone), to.Time().In(zone)
	p := times{v.at(a), v.at(b)}
	name, _ := a.Zone()
	if other, _ := b.Zone(); a.Format("20060102") == b.Format("20060102") && name == other {
		p.From.Text = v.t("format.dateTime", "Date", v.words.Date(a), "Clock", a.Format("15:04"))
		p.To.Text = v.words.Clock(b, zone)
	}
	return p
}
