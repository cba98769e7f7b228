package dashboard

import (
	"github.com/labstack/echo/v4"

	"statusd/app/model"
	"statusd/app/status"
	"statusd/app/web/chart"
	"statusd/app/web/view"
)

// The tab Overview: how everything is, was, and why.
func (s *Site) registerOverview(e *echo.Echo) {
	s.screen(e, "/d/w/:ws/p/:page", s.onPage(s.overview))
	e.GET("/d/w/:ws/p/:page/live", s.handle(s.onPage(s.live))) // not HEAD: it would wait for ever
	s.screen(e, "/d/w/:ws/p/:page/components/:component/spans", s.onComponent(s.spans))
}

// overviewPage is a page's first tab.
type overviewPage struct {
	frame
	liveness
	Add          string // URL where the first component is made; "" for who may not
	Incidents    []incidentRow
	Windows      []windowRow
	Status       status.Status
	Now          string
	Lowest       []lowest
	Enabled      int
	OfChecks     string
	Subscribers  audienceFact
	Checked      *stamp
	Rows         []serviceRow
	Chart        *latencyChart // nil without components
	Events       []eventRow
	Failures     []failureRow
	Rescues      []rescueRow
	Zone         string
	Embed, Badge snippet
}

// lowest is the lowest uptime of all components over a range.
type lowest struct {
	Title, Figure string // Figure is "" when none is known
	Whose, URL    string
}

// latencyChart is the chart of one component, and what leads to the others.
type latencyChart struct {
	Name       string
	Ranges     []tab
	Range      string
	Components []view.Option // empty when there is only one
	chart.Chart
}

// eventsShown and failuresShown are how many lines the feeds have.
const eventsShown, failuresShown = 8, 6

func (s *Site) overview(v *visit) error {
	o, err := s.App.Overview(v.c.Request().Context(), v.actor, v.page.ID)
	if err != nil {
		return err
	}
	page := overviewPage{
		frame: s.pageFrame(v, "overview", v.t("tab.overview")), liveness: s.following(v, s.paths.Manage(v.page, "")),
		Status: o.Status, Now: v.now(o), Zone: v.t("page.zone", "Zone", v.zone()), Embed: s.embedSnippet(v), Badge: s.badgeSnippet(v),
	}
	if v.actor.May(model.Editor) {
		page.Add = s.paths.Manage(v.page, "/components/new")
	}
	for _, r := range []model.Range{model.Day, model.Month} {
		page.Lowest = append(page.Lowest, s.lowest(v, o, r))
	}
	page.Incidents, page.Windows = s.newsCards(v)
	page.count(v, o)
	if page.Subscribers, err = s.subscribersFact(v); err != nil {
		return err
	}
	page.Rows = s.serviceRows(v, o)
	if err := s.addChart(v, o, &page); err != nil {
		return err
	}
	if err := s.addFeeds(v, o, &page); err != nil {
		return err
	}
	if page.Rescues, err = s.rescues(v, o); err != nil {
		return err
	}
	return v.show("dashboard/overview/overview.html", page)
}

// now says how the page is in a few words: "2 of 7 down".
func (v *visit) now(o model.Overview) string {
	count, all := o.Counts[o.Status], len(o.Components)
	switch {
	case o.Status == status.NoData:
		return v.t("status.no-data")
	case o.Status == status.Operational && count == all:
		return v.t("overview.allWell")
	}
	return v.t("overview.now."+o.Status.String(), "Count", v.words.Number(count), "Total", v.words.Number(all))
}

func (s *Site) lowest(v *visit, o model.Overview, r model.Range) lowest {
	l := lowest{Title: v.t("overview.uptime." + r.String())}
	c, found := o.Lowest(r)
	if !found {
		return l
	}
	l.Figure, l.URL = v.words.Percent(c.Uptime(r).Hundredths), s.paths.Spans(v.page, c.ID, r.String(), 0)
	if l.Whose = view.InSentence(c.Name); len(o.Components) > 1 {
		l.Whose = v.t("overview.lowest", "Name", l.Whose)
	}
	return l
}

// count fills in how many checks there are, and when one was answered last.
func (p *overviewPage) count(v *visit, o model.Overview) {
	all := 0
	for _, c := range o.Components {
		for _, k := range c.Checks {
			all++
			if k.Enabled {
				p.Enabled++
			}
		}
	}
	p.OfChecks = v.t("overview.enabled", "Total", v.words.Number(all))
	if !o.Checked.IsZero() {
		at := v.at(o.Checked)
		p.Checked = &at
	}
}

// addChart draws the latencies of the component and range of the address; without them of the first that is worst, over a day.
func (s *Site) addChart(v *visit, o model.Overview, page *overviewPage) error {
	over, err := v.period("range", model.Day)
	if err != nil {
		return err
	}
	shown, found := chosen(o, v.c.QueryParam("component"))
	if !found {
		if v.c.QueryParam("component") != "" {
			return model.ErrNotFound
		}
		return nil
	}
	l, err := s.App.Latency(v.c.Request().Context(), v.actor, shown.ID, over)
	if err != nil {
		return err
	}
	page.Self = s.paths.Overview(v.page, shown.ID, over.String())
	c := &latencyChart{Name: view.InSentence(shown.Name), Range: over.String(), Chart: chart.New(l, v.words, v.zone())}
	for _, r := range model.AllRanges() {
		c.Ranges = append(c.Ranges, tab{Name: v.t("range." + r.String()), URL: s.paths.Overview(v.page, shown.ID, r.String()) + "#latency", Current: r == over})
	}
	if len(o.Components) > 1 {
		for _, other := range o.Components {
			c.Components = append(c.Components, view.Option{Value: other.ID.String(), Label: view.Name(other.Name), Chosen: other.ID == shown.ID})
		}
	}
	page.Chart = c
	return nil
}

// period is the range of time that the address names; unless it names one, the usual one.
func (v *visit) period(param string, usual model.Range) (model.Range, error) {
	word := v.c.QueryParam(param)
	if word == "" {
		return usual, nil
	}
	named, known := model.ParseRange(word)
	if !known {
		return 0, model.ErrNotFound
	}
	return named, nil
}

// chosen is the component of an id; of none the first of those that are worst.
func chosen(o model.Overview, id string) (c model.ComponentNow, found bool) {
	for _, one := range o.Components {
		if id != "" && one.ID.String() == id {
			return one, true
		}
		if id == "" && (!found || one.Status > c.Status) {
			c, found = one, true
		}
	}
	return c, found
}
