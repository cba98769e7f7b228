package app

import (
	"context"
	"slices"
	"time"

	"statusd/app/maintenance"
	"statusd/app/model"
	"statusd/app/status"
	"statusd/store"
)

// news is what a page tells its visitors beside the state of its components.
type news struct {
	active, past    []model.Timeline
	upcoming, ended []model.Maintenance
}

const (
	pastDays = status.HistoryDays // of incidents that are resolved (SPEC §7)
	pastMost = 50
	endDays  = 15 // of windows that are over
)

func readNews(ctx context.Context, v store.View, page model.PageID, now status.Instant) (n news, err error) {
	open, err := v.OpenIncidents(ctx, page)
	if err != nil {
		return n, err
	}
	past, err := v.PastIncidents(ctx, page, status.Interval{From: now.Add(-pastDays * 24 * time.Hour), To: now + 1}, pastMost)
	if err != nil {
		return n, err
	}
	all, err := timelines(ctx, v, slices.Concat(open, past))
	if err != nil {
		return n, err
	}
	n.active, n.past = all[:len(open)], all[len(open):]
	if n.upcoming, err = v.UpcomingMaintenances(ctx, page); err != nil {
		return n, err
	}
	n.ended, err = v.MaintenancesTouching(ctx, page, status.Interval{From: now.Add(-endDays * 24 * time.Hour), To: now})
	n.ended = slices.DeleteFunc(n.ended, func(m model.Maintenance) bool { return m.State != maintenance.Completed })
	slices.Reverse(n.ended)
	return n, err
}

// timelines adds to incidents their updates.
func timelines(ctx context.Context, v store.View, incidents []model.Incident) ([]model.Timeline, error) {
	ids := make([]model.IncidentID, len(incidents))
	for i, one := range incidents {
		ids[i] = one.ID
	}
	updates, err := v.Timelines(ctx, ids)
	out := make([]model.Timeline, len(incidents))
	for i, one := range incidents {
		out[i] = model.Timeline{Incident: one, Updates: updates[one.ID]}
	}
	return out, err
}

// PublicIncident is an incident of a page as everybody may see it; model.ErrNotFound when the page has no such incident.
func (a *App) PublicIncident(ctx context.Context, slug string, id model.IncidentID) (t model.Timeline, err error) {
	err = a.Store.Read(ctx, func(v store.View) error {
		page, err := v.PageBySlug(ctx, slug)
		if err != nil {
			return known(err)
		}
		i, err := v.In(page.Workspace).Incident(ctx, id)
		if err != nil {
			return known(err)
		}
		if i.Page != page.ID {
			return model.ErrNotFound
		}
		all, err := timelines(ctx, v, []model.Incident{i})
		if err == nil {
			t = all[0]
		}
		return err
	})
	return t, err
}

// PublicHistory is what a page has told in an interval: incidents that began in it, newest first, and windows that were announced
// for some part of it, soonest first. Earliest is when its first incident began, zero when there has been none.
func (a *App) PublicHistory(ctx context.Context, slug string, within status.Interval) (h model.History, err error) {
	err = a.Store.Read(ctx, func(v store.View) error {
		page, err := v.PageBySlug(ctx, slug)
		if err != nil {
			return known(err)
		}
		began, err := v.IncidentsStarted(ctx, page.ID, within)
		if err != nil {
			return err
		}
		if h.Incidents, err = timelines(ctx, v, began); err != nil {
			return err
		}
		if h.Maintenances, err = v.MaintenancesTouching(ctx, page.ID, within); err != nil {
			return err
		}
		first, err := v.FirstIncident(ctx, page.ID)
		if err == nil {
			h.Earliest = first.Time()
		}
		return ignoreNone(err)
	})
	return h, err
}

// PublicCalendar lists the windows of a page that belong into calendars: those of the last 90 days and all to come, whatever became
// of them, soonest first.
func (a *App) PublicCalendar(ctx context.Context, slug string) (out []model.Maintenance, err error) {
	now := a.watch.Now()
	err = a.Store.Read(ctx, func(v store.View) error {
		page, err := v.PageBySlug(ctx, slug)
		if err != nil {
			return known(err)
		}
		out, err = v.MaintenancesTouching(ctx, page.ID, status.Interval{From: now.Add(-pastDays * 24 * time.Hour), To: forever})
		return err
	})
	return out, err
}

const forever = status.Instant(1 << 60)

// ignoreNone is an error, unless it only says that there is no such row.
func ignoreNone(err error) error {
	if known(err) == model.ErrNotFound {
		return nil
	}
	return err
}
