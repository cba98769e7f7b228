package watch

import (
	"cmp"
	"slices"
	"time"

	"statusd/app/model"
	"statusd/app/status"
)

// Watching says that it was started: what there is has a history that goes on.
func (w *Watch) Watching() bool {
	w.mu.RLock()
	defer w.mu.RUnlock()
	return w.loaded
}

// Status is what a component is said to be right now.
func (w *Watch) Status(id model.ComponentID) status.Status {
	w.mu.RLock()
	defer w.mu.RUnlock()
	if c := w.components[id]; c != nil {
		return w.shown(c)
	}
	return status.NoData
}

// shown is what a component is said to be: what was observed of it, or maintenance that covers it.
func (w *Watch) shown(c *watched) status.Status {
	if c.auto.Covered {
		return status.Maintenance
	}
	return c.track.Open.Status
}

// Latest is what a check showed last and its status now.
func (w *Watch) Latest(id model.CheckID) (model.Latest, status.Status) {
	now := w.Now()
	w.mu.RLock()
	defer w.mu.RUnlock()
	if l := w.checks[id]; l != nil {
		return l.latest, l.status(now)
	}
	return model.Latest{}, status.NoData
}

// Components is how a page's components are at an instant, in the page's order, with all their checks. It has nothing of the past: no
// uptimes, no sparklines.
func (w *Watch) Components(page model.PageID, at status.Instant) []model.ComponentNow {
	w.mu.RLock()
	defer w.mu.RUnlock()
	return w.componentsAt(page, at)
}

// Recorded is Components at the newest instant that is on record.
func (w *Watch) Recorded(page model.PageID) []model.ComponentNow {
	w.mu.RLock()
	defer w.mu.RUnlock()
	return w.componentsAt(page, w.ruler.Last())
}

func (w *Watch) componentsAt(page model.PageID, at status.Instant) []model.ComponentNow {
	own := w.componentsOf(page)
	out := make([]model.ComponentNow, len(own))
	for i, c := range own {
		out[i] = w.componentAt(c, at)
	}
	return out
}

func (w *Watch) componentAt(c *watched, at status.Instant) model.ComponentNow {
	out := model.ComponentNow{Component: c.Component, Status: w.shown(c), Since: c.track.Open.From.Time()}
	if c.auto.Covered {
		out.Since = w.coveredSince(c.ID).Time()
	}
	for _, l := range w.checksOf(c) {
		k := model.CheckNow{Check: l.Check, Status: l.status(at), Latest: l.latest}
		out.Checks = append(out.Checks, k)
		if !k.Enabled {
			continue
		}
		out.Checked = later(out.Checked, k.Latest.At)
		if k.Status == status.Operational || k.Status == status.Degraded {
			out.Latency = max(out.Latency, k.Latest.Latency)
		}
	}
	return out
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// componentsOf lists a page's components in the page's order.
func (w *Watch) componentsOf(page model.PageID) []*watched {
	var own []*watched
	for _, c := range w.components {
		if c.Page == page {
			own = append(own, c)
		}
	}
	slices.SortFunc(own, func(a, b *watched) int {
		return cmp.Or(cmp.Compare(a.Position, b.Position), cmp.Compare(a.ID, b.ID))
	})
	return own
}

// checksOf lists a component's checks by creation.
func (w *Watch) checksOf(c *watched) []*looked {
	var own []*looked
	for id := range c.checks {
		if l := w.checks[id]; l != nil {
			own = append(own, l)
		}
	}
	slices.SortFunc(own, func(a, b *looked) int {
		return cmp.Or(a.Created.Compare(b.Created), cmp.Compare(a.ID, b.ID))
	})
	return own
}
