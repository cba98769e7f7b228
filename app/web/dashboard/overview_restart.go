package dashboard

import (
	"slices"

	"statusd/app/model"
	"statusd/app/web/view"
)

// rescueRow is a check for which restarts are of interest: they were given up, one runs, or one was fired.
type rescueRow struct {
	Name, URL string
	GaveUp    bool
	Last      *firingRow // nil: its log is gone with its target
}

// rescues are the page's checks whose auto-restart gave up, and then those that are bound and for which something was fired, newest first.
func (s *Site) rescues(v *visit, o model.Overview) (rows []rescueRow, err error) {
	ctx := v.c.Request().Context()
	gaveUp, err := s.App.GivenUp(ctx, v.actor, v.page.ID)
	if err != nil {
		return nil, err
	}
	firings, err := s.App.NewestFirings(ctx, v.actor, v.page.ID)
	if err != nil {
		return nil, err
	}
	log := s.firingLog(v)
	for _, c := range o.Components {
		for _, k := range c.Checks {
			log.links[k.ID] = s.paths.Check(v.page, k.ID, "")
			fired := slices.ContainsFunc(firings, func(f model.Firing) bool { return f.Check == k.ID })
			if !fired && slices.Contains(gaveUp, k.ID) {
				rows = append(rows, s.rescueRow(v, k.ID, k.Name, true))
			}
		}
	}
	fired, err := log.withTargets(firings)
	for i, f := range firings {
		row := s.rescueRow(v, f.Check, f.CheckName, slices.Contains(gaveUp, f.Check))
		fired[i].At, row.Last = v.shortly(f.Started), &fired[i]
		rows = append(rows, row)
	}
	slices.SortStableFunc(rows, func(a, b rescueRow) int { return before(a.GaveUp, b.GaveUp) })
	return rows, err
}

func (s *Site) rescueRow(v *visit, id model.CheckID, name string, gaveUp bool) rescueRow {
	return rescueRow{Name: view.InSentence(name), URL: s.paths.Check(v.page, id, "") + "#fired", GaveUp: gaveUp}
}

// before puts what is true first.
func before(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	}
	return 1
}
