package dashboard

import (
	"time"

	"statusd/app/model"
	"statusd/app/status"
	"statusd/app/web/view"
)

// serviceRow is a component as it is now.
type serviceRow struct {
	ID, Name, URL string // URL shows its latency
	Current       bool   // its latency is shown
	Why           []string
	Sparkline     string // path; "" for none
	Latency       string // "" when unknown
	Uptime, Spans string // over 30 days, "" when unknown; URL of what stands behind it
	UptimeOf      string
	Status        status.Status
}

// whysShown is how many checks of a component say what is wrong with them.
const whysShown = 3

func (s *Site) serviceRows(v *visit, o model.Overview) (rows []serviceRow) {
	shown, _ := chosen(o, v.c.QueryParam("component"))
	for _, c := range o.Components {
		name := view.InSentence(c.Name)
		row := serviceRow{
			ID: c.ID.String(), Name: view.Name(c.Name), URL: s.paths.Overview(v.page, c.ID, rangeOf(v)) + "#latency", Current: c.ID == shown.ID,
			Why: v.why(c), Sparkline: view.Sparkline(c.Recent), Status: c.Status,
			Spans: s.paths.Spans(v.page, c.ID, model.Month.String(), 0), UptimeOf: v.t("overview.uptimeOf", "Name", name),
		}
		if c.Latency > 0 {
			row.Latency = v.words.Millis(c.Latency)
		}
		if u := c.Uptime(model.Month); u.Known {
			row.Uptime = v.words.Percent(u.Hundredths)
		}
		rows = append(rows, row)
	}
	return rows
}

// rangeOf is the range that is shown, for links that keep it.
func rangeOf(v *visit) string {
	over, err := v.period("range", model.Day)
	if err != nil {
		return model.Day.String()
	}
	return over.String()
}

// why says what is wrong with a component's checks, or why nothing looks after it.
func (v *visit) why(c model.ComponentNow) (lines []string) {
	watched, more := false, 0
	for _, k := range c.Checks {
		watched = watched || k.Enabled
		line := v.whyCheck(k)
		switch {
		case line == "":
		case len(lines) == whysShown:
			more++
		default:
			lines = append(lines, line)
		}
	}
	switch {
	case more > 0:
		lines = append(lines, v.n("overview.moreChecks", more))
	case !watched && c.ManualStatus != status.NoData:
		lines = append(lines, v.t("overview.byHand"))
	case !watched:
		lines = append(lines, v.t("overview.unwatched"))
	}
	return lines
}

// whyCheck is "" for a check with which nothing is wrong.
func (v *visit) whyCheck(k model.CheckNow) string {
	if !k.Enabled {
		return ""
	}
	name := view.InSentence(k.Name)
	switch k.Status {
	case status.Down:
		return v.t("overview.why", "Name", name, "Reason", v.words.Reason(k.Latest.Reason))
	case status.Degraded:
		return v.t("overview.slow", "Name", name, "Took", v.words.Millis(k.Latest.Latency), "Limit", v.words.Millis(k.DegradedLatency))
	}
	return ""
}

// eventRow is a change of a component's status.
type eventRow struct {
	Status status.Status
	Text   string
	URL    string // of the spans around it
	Before string // what it had been and for how long; "" when nobody knows
	Reason string
	At     stamp
}

// failureRow is for which reason a check was down, and when it was last.
type failureRow struct {
	Name, Component string
	URL             string // of the check's failures
	Reason          string
	At              stamp
}

func (s *Site) addFeeds(v *visit, o model.Overview, page *overviewPage) error {
	ctx := v.c.Request().Context()
	turns, err := s.App.Recent(ctx, v.actor, v.page.ID, eventsShown)
	if err != nil {
		return err
	}
	for _, t := range turns {
		page.Events = append(page.Events, s.eventRow(v, t))
	}
	failures, err := s.App.Failures(ctx, v.actor, v.page.ID, failuresShown)
	if err != nil {
		return err
	}
	names := map[model.ComponentID]string{}
	for _, c := range o.Components {
		names[c.ID] = view.Name(c.Name)
	}
	for _, f := range failures {
		page.Failures = append(page.Failures, failureRow{
			Name: view.Name(f.Name), Component: names[f.Component], URL: s.paths.Check(v.page, f.Check, "?only=failures"),
			Reason: v.words.Reason(f.Reason), At: v.shortly(f.At),
		})
	}
	return nil
}

func (s *Site) eventRow(v *visit, t model.Turn) eventRow {
	key := "overview.turn." + t.To.String()
	if t.To == status.Operational && t.From != status.NoData {
		key = "overview.recovered"
	}
	row := eventRow{
		Status: t.To, Text: v.t(key, "Name", view.InSentence(t.Name)), URL: s.paths.Spans(v.page, t.Component, model.Week.String(), 0),
		At: v.shortly(t.At.Time()),
	}
	if t.To == status.Down {
		row.Reason = v.words.Reason(t.Reason)
	}
	if t.Lasted > 0 {
		row.Before = v.t("overview.before", "Status", v.t("status."+t.From.String()), "Span", v.roughly(t.Lasted))
	}
	return row
}

// roughly is how long something lasted, by what matters of it: the longer, the coarser.
func (v *visit) roughly(d time.Duration) string {
	switch {
	case d >= 24*time.Hour:
		d = d.Truncate(time.Hour)
	case d >= time.Hour:
		d = d.Truncate(time.Minute)
	}
	return v.words.Lasting(d)
}
