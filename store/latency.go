package store

import (
	"context"
	"time"

	"statusd/app/model"
	"statusd/app/status"
)

// Sums adds what a component's checks have shown in a window up by steps: Sums[check][i] is what came in the i-th step. Steps of
// an hour and more are added up from roll-ups, of a day and more from those of days (UTC), shorter ones from results; what has not
// been folded yet is added to either. A step must be a divisor or a multiple of an hour, or a multiple of a day, and the window
// must begin at one. Looks that a person asked for are left out.
func (o Owned) Sums(ctx context.Context, c model.ComponentID, w status.Interval, step time.Duration) (map[model.CheckID][]Rollup, error) {
	ids, err := query(ctx, o.View, scanCheckID, `
		SELECT id
		FROM checks
		WHERE workspace_id = $1 AND component_id = $2`, o.workspace, c)
	if err != nil {
		return nil, err
	}
	s := sums{w, step, make(map[model.CheckID][]Rollup, len(ids))}
	for _, id := range ids {
		s.by[id] = make([]Rollup, (w.Duration()+step-1)/step)
	}
	if err := o.eachSegment(ctx, w.From, s.add); err != nil {
		return nil, err
	}
	for _, id := range ids {
		if err := s.addFolded(ctx, o.View, id); err != nil {
			return nil, err
		}
	}
	return s.by, nil
}

func scanCheckID(_ View, row scanner) (id model.CheckID, err error) {
	err = row.Scan(&id)
	return id, err
}

// sums are roll-ups by check and step.
type sums struct {
	window status.Interval
	step   time.Duration
	by     map[model.CheckID][]Rollup
}

// at is the step that an instant belongs to; nil when it is none of ours.
func (s *sums) at(id model.CheckID, at status.Instant) *Rollup {
	list := s.by[id]
	if list == nil || at < s.window.From || at >= s.window.To {
		return nil
	}
	return &list[at.Sub(s.window.From)/s.step]
}

func (s *sums) add(id model.CheckID, e entry) {
	if r := s.at(id, e.at); r != nil && !e.manual {
		r.add(e)
	}
}

func (s *sums) addFolded(ctx context.Context, v View, id model.CheckID) error {
	switch {
	case s.step < time.Hour:
		return s.addPacks(ctx, v, id)
	case s.step < 24*time.Hour:
		return s.addRollups(ctx, v, id, `check_hours`, `hour`, time.Hour)
	}
	return s.addRollups(ctx, v, id, `check_days`, `day`, 24*time.Hour)
}

func (s *sums) addPacks(ctx context.Context, v View, id model.CheckID) error {
	packed, err := v.packedHours(ctx)
	if err != nil {
		return err
	}
	last := min(hourOf(s.window.To+lateness), packed.last)
	for hour := max(hourOf(s.window.From), packed.first); hour <= last; hour++ {
		if err := v.eachInHour(ctx, id, hour, func(e entry) { s.add(id, e) }); err != nil {
			return err
		}
	}
	return nil
}

// addRollups adds up a table of roll-ups whose unit is so long.
func (s *sums) addRollups(ctx context.Context, v View, id model.CheckID, table, unit string, length time.Duration) error {
	millis := length.Milliseconds()
	rows, err := v.q.QueryContext(ctx, `
		SELECT `+unit+`, operational, degraded, down, latency_ms, slowest_ms
		FROM `+table+`
		WHERE check_id = $1 AND `+unit+` >= $2 AND `+unit+` < $3`,
		id, int64(s.window.From)/millis, (int64(s.window.To)+millis-1)/millis)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var n [6]int64
		if err := rows.Scan(&n[0], &n[1], &n[2], &n[3], &n[4], &n[5]); err != nil {
			return err
		}
		if r := s.at(id, status.Instant(n[0]*millis)); r != nil {
			*r = r.Plus(Rollup{
				Operational: int(n[1]), Degraded: int(n[2]), Down: int(n[3]), Latency: fromMillis(n[4]), Slowest: fromMillis(n[5]),
			})
		}
	}
	return rows.Err()
}
