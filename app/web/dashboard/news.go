package dashboard

import (
	"statusd/app/maintenance"
	"statusd/app/model"
	"statusd/app/web/view"
)

// pageNews is what a page tells its visitors right now beside the state of its components.
type pageNews struct {
	Active   []model.Timeline    // open incidents, newest first
	Upcoming []model.Maintenance // scheduled or in progress, soonest first
}

// news is what the public page says, which is at hand. Every screen of a page has a place for it, and is worth showing without.
func (s *Site) news(v *visit) pageNews {
	if v.told == nil {
		v.told = &pageNews{}
		snap, err := s.App.Snapshot(v.c.Request().Context(), v.page.Slug)
		if err != nil {
			s.Log.Warn("news of a page failed", "page", v.page.ID, "request", v.requestID(), "err", err)
			return *v.told
		}
		v.told.Active, v.told.Upcoming = snap.Facts.Active, snap.Facts.Upcoming
	}
	return *v.told
}

// newsCards are what stands on top of the overview: incidents that are open, work that goes on, or else the next that is planned.
func (s *Site) newsCards(v *visit) (incidents []incidentRow, windows []windowRow) {
	now, next := s.upcoming(v)
	if len(now) == 0 && len(next) > 0 {
		now = next[:1]
	}
	return s.openIncidents(v), now
}

// jumpIncidents are the open ones.
func (s *Site) jumpIncidents(v *visit) (out []jumpOption) {
	for _, t := range s.news(v).Active {
		out = append(out, jumpOption{
			Name: v.line(t.Title).Text, Note: v.t("incident.status." + t.Status.String()), URL: s.paths.ManageIncident(v.page, t.ID, ""), Icon: t.Status.String(),
		})
	}
	return out
}

// jumpWindows are those that go on or are to come.
func (s *Site) jumpWindows(v *visit) (out []jumpOption) {
	for _, m := range s.news(v).Upcoming {
		icon := "calendar"
		if m.State == maintenance.InProgress {
			icon = "play"
		}
		out = append(out, jumpOption{
			Name: v.line(m.Title).Text, Note: view.Name(v.t("maintenance.state." + m.State.String())), URL: s.paths.ManageMaintenance(v.page, m.ID, ""), Icon: icon,
		})
	}
	return out
}
