package dashboard

import (
	"time"

	"github.com/labstack/echo/v4"

	"statusd/app/incident"
	"statusd/app/model"
)

// The tab Incidents: what went wrong, and what visitors are told of it.
func (s *Site) registerIncidents(e *echo.Echo) {
	const page = "/d/w/:ws/p/:page"
	s.screen(e, page+"/reach", s.editing(s.reach))
	s.act(e, page+"/markdown", s.editing(s.showMarkdown))

	const all, one, update = page + "/incidents", page + "/incidents/:incident", page + "/incidents/:incident/updates/:update"
	s.screen(e, all, s.onPage(s.incidents))
	s.screen(e, all+"/new", s.editing(s.newIncident))
	s.act(e, all+"/new", s.editing(s.createIncident))
	s.screen(e, one, s.onIncident(s.incident))
	s.screen(e, one+"/edit", s.editIncident(s.incidentForm))
	s.act(e, one+"/edit", s.editIncident(s.saveIncident))
	s.screen(e, one+"/delete", s.editIncident(s.askDeleteIncident))
	s.act(e, one+"/delete", s.editIncident(s.deleteIncident))
	s.screen(e, one+"/resolve", s.editIncident(s.askResolve))
	s.screen(e, one+"/reopen", s.editIncident(s.askReopen))
	s.screen(e, one+"/updates", s.onIncident(s.toIncident))
	s.act(e, one+"/updates", s.editIncident(s.postUpdate))
	s.screen(e, update+"/edit", s.editUpdate(s.updateForm))
	s.act(e, update+"/edit", s.editUpdate(s.saveUpdate))
	s.screen(e, update+"/delete", s.editUpdate(s.askDeleteUpdate))
	s.act(e, update+"/delete", s.editUpdate(s.deleteUpdate))
}

// onIncident finds the incident of the path, which is the page's.
func (s *Site) onIncident(h func(*visit, model.Timeline) error) handler {
	return s.onPage(func(v *visit) error {
		var id model.IncidentID
		if err := v.id("incident", &id); err != nil {
			return err
		}
		t, err := s.App.Incident(v.c.Request().Context(), v.actor, id)
		if err == nil && t.Page != v.page.ID {
			err = model.ErrNotFound
		}
		if err != nil {
			return err
		}
		return h(v, t)
	})
}

// editIncident is onIncident for those who may change it.
func (s *Site) editIncident(h func(*visit, model.Timeline) error) handler {
	return s.onIncident(func(v *visit, t model.Timeline) error {
		if !v.actor.May(model.Editor) {
			return model.ErrForbidden
		}
		return h(v, t)
	})
}

// incidentList is a page's incidents: those that are open, and a part of the others.
type incidentList struct {
	frame
	liveness
	May           bool
	New           string // URL
	Open, Past    []incidentRow
	Newest, Older string // URLs; "" at the ends
	Zone          string
}

// incidentRow is one incident.
type incidentRow struct {
	Title    said
	URL      string
	Status   incident.Status
	Impact   incident.Impact
	Auto     bool
	Affected string
	Started  stamp
	Lasted   string
}

// shownIncidents is how many past ones are on one screen.
const shownIncidents = 50

func (s *Site) incidents(v *visit) error {
	page := incidentList{
		frame: s.pageFrame(v, "incidents", v.t("tab.incidents")), May: v.actor.May(model.Editor),
		New: s.paths.Manage(v.page, "/incidents/new"), Zone: v.t("page.zone", "Zone", v.zone()),
	}
	cursor := v.c.QueryParam("cursor")
	list, err := s.App.Incidents(v.c.Request().Context(), v.actor, v.page.ID, model.Window{Limit: shownIncidents, Cursor: cursor})
	if err != nil {
		return unknownCursor(err)
	}
	for _, t := range list.Items {
		if !t.Open() {
			page.Past = append(page.Past, s.incidentRow(v, t))
		}
	}
	if cursor == "" {
		page.Open, page.liveness = s.openIncidents(v), s.following(v, s.paths.Manage(v.page, "/incidents"))
	} else {
		page.Newest = s.paths.Manage(v.page, "/incidents")
	}
	if list.Next != "" {
		page.Older = s.paths.ManageAfter(v.page, "/incidents", list.Next)
	}
	return v.show("dashboard/incidents/incidents.html", page)
}

// unknownCursor turns a cursor that we did not write into a place that does not exist.
func unknownCursor(err error) error {
	if _, ok := model.AsInvalid(err); ok {
		return model.ErrNotFound
	}
	return err
}

// openIncidents are those of the page that are not resolved, newest first.
func (s *Site) openIncidents(v *visit) (rows []incidentRow) {
	for _, t := range s.news(v).Active {
		rows = append(rows, s.incidentRow(v, t))
	}
	return rows
}

func (s *Site) incidentRow(v *visit, t model.Timeline) incidentRow {
	return incidentRow{
		Title: v.line(t.Title), URL: s.paths.ManageIncident(v.page, t.ID, ""), Status: t.Status, Impact: t.Impact,
		Auto: t.Source == incident.Auto, Affected: v.affected(t.Affected), Started: v.at(t.Started), Lasted: v.lasted(t.Incident),
	}
}

// lasted is how long an incident took, or has taken up to now.
func (v *visit) lasted(i model.Incident) string {
	end := i.Resolved
	if i.Open() {
		end = v.site.App.Now()
	}
	return v.roughly(max(end.Sub(i.Started), time.Second))
}
