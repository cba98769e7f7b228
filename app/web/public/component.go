package public

import (
	"statusd/app/locale"
	"statusd/app/model"
	"statusd/app/snapshot"
	"statusd/app/status"
	"statusd/app/web/view"
)

// components is the list of what is watched.
type components struct {
	Days, NarrowDays int
	Entries          []entry
}

// entry is a component of its own or a group of them; the other is nil.
type entry struct {
	Component *component
	Group     *group
}

// group is a row that opens into components. It stands where the first of them stands.
type group struct {
	ID         model.ComponentID // of the first
	Name       string
	Count      int
	Status     status.Status // the worst
	Open       bool
	Components []component
}

// component is one row.
type component struct {
	ID         model.ComponentID
	Name, Note string
	Nested     bool // in a group
	Status     status.Status
	Strip      strip
	Label      string // of what opens below
	Checks     []check
	Uptime24h  uptime
	Uptime30d  uptime
	BadDays    []badDay
}

// check is one line below a component.
type check struct {
	Name      string
	Status    status.Status
	Sparkline string // path; "" for none
	Latency   string // "" when unknown
}

// uptime is a figure within its sentence. Figure is "" when unknown.
type uptime struct{ Key, Figure string }

const (
	narrowDays = 45 // what a phone shows; status.css hides the rest
	fewEnough  = 20 // a page with fewer components shows all of them
)

// newComponents is nil when the page has none.
func newComponents(f snapshot.Facts, words *locale.Words) *components {
	if len(f.Components) == 0 {
		return nil
	}
	list := &components{Days: f.Days, NarrowDays: min(f.Days, narrowDays)}
	groups := map[string]*group{}
	for _, c := range f.Components {
		if c.Group == "" {
			row := newComponent(c, words)
			list.Entries = append(list.Entries, entry{Component: &row})
			continue
		}
		g := groups[c.Group]
		if g == nil {
			g = &group{ID: c.ID, Name: view.Name(c.Group)}
			groups[c.Group] = g
			list.Entries = append(list.Entries, entry{Group: g})
		}
		g.add(newComponent(c, words))
	}
	for _, g := range groups {
		g.Open = g.Status != status.Operational || len(f.Components) < fewEnough
	}
	return list
}

func (g *group) add(c component) {
	c.Nested = true
	g.Components = append(g.Components, c)
	g.Count++
	g.Status = max(g.Status, c.Status)
}

func newComponent(c snapshot.Component, words *locale.Words) component {
	row := component{
		ID:        c.ID,
		Name:      view.Name(c.Name),
		Note:      view.Name(c.Description),
		Status:    c.Status,
		Strip:     newStrip(c.Days, words),
		Label:     words.T("components.history"),
		Uptime24h: newUptime("uptime.24h", c.Uptime24h, words),
		Uptime30d: newUptime("uptime.30d", c.Uptime30d, words),
		BadDays:   newBadDays(c.Days, words),
	}
	if len(c.Checks) > 0 {
		row.Label = words.N("components.checks", len(c.Checks))
	}
	for _, k := range c.Checks {
		row.Checks = append(row.Checks, newCheck(k, words))
	}
	return row
}

func newUptime(key string, u snapshot.Uptime, words *locale.Words) uptime {
	if !u.Known {
		return uptime{Key: key}
	}
	return uptime{key, words.Percent(u.Hundredths)}
}

func newCheck(k snapshot.Check, words *locale.Words) check {
	line := check{Name: view.Name(k.Name), Status: k.Status, Sparkline: view.Sparkline(k.Recent)}
	switch {
	case k.Status == status.Down:
		line.Latency = words.T("status.down")
	case !k.LastChecked.IsZero() && k.Status != status.NoData:
		line.Latency = words.Millis(k.Latency)
	}
	return line
}
