package app

import (
	"context"
	"time"

	"statusd/app/model"
	"statusd/app/status"
	"statusd/store"
)

// Overview is how everything on a page is right now, and was over the ranges of a dashboard.
func (a *App) Overview(ctx context.Context, by model.Actor, id model.PageID) (out model.Overview, err error) {
	now, until := a.watch.Present()
	back := status.Interval{From: now.Add(-model.Quarter.Back()), To: until}
	var spans map[model.ComponentID][]status.Span
	var covers map[model.ComponentID][]model.Maintained
	var hours map[model.CheckID]map[int64]store.Rollup
	err = a.read(ctx, func(v store.View) error {
		if out.Page, err = v.In(by.Workspace).Page(ctx, id); err != nil {
			return known(err)
		}
		if spans, err = v.PageSpans(ctx, id, back); err != nil {
			return err
		}
		if covers, err = v.PageMaintained(ctx, id, status.Interval{From: back.From, To: now}); err != nil {
			return err
		}
		hours, err = v.PageHours(ctx, id, now.Add(-recentHours*time.Hour))
		return err
	})
	if err != nil {
		return model.Overview{}, err
	}
	out.At = now.Time()
	out.Components = a.watch.Components(id, now)
	for i := range out.Components {
		c := &out.Components[i]
		for r := range c.Uptimes {
			c.Uptimes[r] = uptimeOver(spans[c.ID], model.Intervals(covers[c.ID]), status.Interval{From: now.Add(-model.Range(r).Back()), To: now})
		}
		c.Since = since(*c, status.Changes(spans[c.ID], until))
		draw(c, hours, now)
	}
	summarise(&out)
	return out, nil
}

func uptimeOver(spans []status.Span, covers []status.Interval, w status.Interval) model.Uptime {
	t := status.Sum(spans, covers, w)
	u := model.Uptime{Down: t.Down, Window: w, Share: int((w.Duration() - t.NoData).Milliseconds() * 10000 / w.Duration().Milliseconds())}
	u.Hundredths, u.Known = t.Uptime()
	return u
}

// since is when a component got the status that it has. What memory knows may be newer than what was read.
func since(c model.ComponentNow, changes []status.Change) time.Time {
	if n := len(changes); n > 0 && changes[n-1].To == c.Status {
		return changes[n-1].At.Time()
	}
	if len(changes) == 0 && c.Status == status.NoData {
		return c.Created // nothing has ever been seen, or not for 90 days
	}
	return c.Since
}

// draw fills in the sparklines of a component and its checks.
func draw(c *model.ComponentNow, hours map[model.CheckID]map[int64]store.Rollup, now status.Instant) {
	all := map[int64]store.Rollup{}
	for i := range c.Checks {
		k := &c.Checks[i]
		if !k.Enabled {
			continue
		}
		k.Recent = recent(hours[k.ID], now)
		for hour, r := range hours[k.ID] {
			all[hour] = all[hour].Plus(r)
		}
	}
	c.Recent = recent(all, now)
}

// summarise fills in the facts of the page from its components.
func summarise(o *model.Overview) {
	o.Counts = map[status.Status]int{}
	statuses := make([]status.Status, len(o.Components))
	for i, c := range o.Components {
		statuses[i] = c.Status
		o.Counts[c.Status]++
		o.Since = later(o.Since, c.Since)
		o.Checked = later(o.Checked, c.Checked)
	}
	o.Status = status.Overall(statuses)
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
