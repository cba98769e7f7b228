package public

import (
	"html/template"
	"time"

	"statusd/app/maintenance"
	"statusd/app/model"
	"statusd/app/status"
)

// banner is a maintenance window that is in progress.
type banner struct {
	ID       model.MaintenanceID
	Title    phrase
	Text     *prose
	Until    *instant // nil: it takes longer than planned
	Affected string
}

// upcoming are the windows to come, soonest first.
type upcoming struct {
	Calendar template.URL // that calendars subscribe to
	Windows  []window
}

// window is a planned one, with its start and end.
type window struct {
	ID            model.MaintenanceID
	Title         phrase
	Text          *prose
	Day, From, To instant
	Affected      string
}

// running are the windows in progress.
func (s scene) running() (out []banner) {
	for _, m := range s.Upcoming {
		if m.State != maintenance.InProgress {
			continue
		}
		b := banner{ID: m.ID, Title: s.phrase(m.Title), Text: s.prose(m.Description), Affected: s.affected(m.Affected)}
		if !m.Overrun(status.At(s.At)) {
			until := s.end(m.End.Time(), s.At)
			b.Until = &until
		}
		out = append(out, b)
	}
	return out
}

// isMaintained says that a window is in progress.
func (s scene) isMaintained() bool {
	for _, m := range s.Upcoming {
		if m.State == maintenance.InProgress {
			return true
		}
	}
	return false
}

// upcoming is nil when nothing is planned.
func (s scene) upcoming() *upcoming {
	var list []window
	for _, m := range s.Upcoming {
		if m.State != maintenance.Scheduled {
			continue
		}
		from, to := m.Start.Time(), m.End.Time()
		list = append(list, window{
			ID: m.ID, Title: s.phrase(m.Title), Text: s.prose(m.Description), Affected: s.affected(m.Affected),
			Day: s.instant(from, formDate), From: s.instant(from, formTime), To: s.end(to, from),
		})
	}
	if len(list) == 0 {
		return nil
	}
	return &upcoming{s.subscription(), list}
}

// actual is when a window was, as far as that is known, or else when it is meant to be. The end is later than the start.
func actual(m model.Maintenance) (from, to time.Time) {
	start, end := m.Start, m.End
	if m.Began != 0 {
		start = m.Began
	}
	if m.Ended != 0 {
		end = m.Ended
	}
	return start.Time(), max(end, start.Add(time.Minute)).Time()
}
