package watch

import (
	"errors"
	"time"

	"statusd/app/incident"
	"statusd/app/model"
)

// errUnsynced is that a transaction which must be on disk before anybody hears of it would not be. It is begun again as one that is.
var errUnsynced = errors.New("an event needs a synced transaction")

// Publish writes an event, of which subscribers hear after the commit.
func (s *Stage) Publish(e model.Event) error {
	if !s.tx.Synced() {
		return errUnsynced
	}
	s.touched[e.Page] = true
	if !s.published {
		s.published = true
		s.then = append(s.then, s.w.cfg.OnEvent)
	}
	_, err := s.tx.AddEvent(s.ctx, e)
	return err
}

// Post writes an update at the end of an incident's timeline, moves the incident to its status, and tells subscribers if the update
// says so. It fills in what is not given: id, incident, time.
func (s *Stage) Post(i *model.Incident, u model.Update) (model.Update, error) {
	u.ID, u.Incident, u.Page, u.Created = model.NewUpdateID(), i.ID, i.Page, s.now.Time()
	if err := s.tx.AddUpdate(s.ctx, u); err != nil {
		return u, err
	}
	if err := s.Arrange(i, u.Status); err != nil || !u.Notify {
		return u, err
	}
	page, err := s.tx.In(i.Workspace).Page(s.ctx, i.Page)
	if err != nil {
		return u, err
	}
	e, err := s.w.cfg.Herald.Incident(page, *i, u, s.now.Time())
	if err != nil {
		return u, err
	}
	return u, s.Publish(e)
}

// Arrange writes an incident as one that has a status now.
func (s *Stage) Arrange(i *model.Incident, to incident.Status) error {
	s.touched[i.Page] = true
	i.Status = to
	switch {
	case i.Open():
		i.Resolved = time.Time{}
	case i.Resolved.IsZero():
		i.Resolved = s.now.Time()
	}
	i.Updated = after(s.now, i.Updated)
	return s.tx.In(i.Workspace).SetIncident(s.ctx, *i)
}
