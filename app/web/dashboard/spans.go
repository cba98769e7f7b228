package dashboard

import (
	"slices"
	"strconv"
	"time"

	"statusd/app/model"
	"statusd/app/status"
	"statusd/app/web/view"
)

// spansPage is what one figure was computed from.
type spansPage struct {
	frame
	Name, Back    string
	Windows       []tab
	Figure        string // "" when nothing is known
	From, To      stamp  // of the window
	Known         string // how much of it is known, in words
	Share         string
	Formula       string // with the times in it; "" when nothing is known
	Totals        []totalRow
	Maintenances  []spanRow
	Rows          []spanRow // newest first
	Newest, Older string    // URLs; "" at the ends
	Zone          string
}

// totalRow is how long a component was in a state.
type totalRow struct {
	Status        status.Status
	Lasted, Share string
	Counts        bool // towards the figure
}

// spanRow is a time without a change.
type spanRow struct {
	Status   status.Status
	From, To stamp
	Lasted   string
	Now      bool // it goes on
}

// spansShown is how many are on one screen.
const spansShown = 100

// spans shows what the uptime of a component over a window (?window=30d) was computed from: those before an instant (?before=,
// milliseconds).
func (s *Site) spans(v *visit, c model.Component) error {
	over, err := v.period("window", model.Month)
	if err != nil {
		return err
	}
	behind, err := s.App.SpansBack(v.c.Request().Context(), v.actor, c.ID, over)
	if err != nil {
		return err
	}
	return v.show("dashboard/overview/spans.html", s.spansPage(v, c, over, behind))
}

func (s *Site) spansPage(v *visit, c model.Component, over model.Range, behind model.Spans) spansPage {
	name := view.InSentence(c.Name)
	page := spansPage{
		frame: s.pageFrame(v, "overview", v.t("spans.title", "Name", name)), Name: name, Back: s.paths.Manage(v.page, ""),
		From: v.exact(behind.Window.From.Time()), To: v.exact(behind.Window.To.Time()), Zone: v.t("page.zone", "Zone", v.zone()),
	}
	for _, r := range model.AllRanges() {
		page.Windows = append(page.Windows, tab{Name: v.t("range." + r.String()), URL: s.paths.Spans(v.page, c.ID, r.String(), 0), Current: r == over})
	}
	page.sum(v, behind)
	for _, m := range slices.Backward(behind.Maintenances) {
		page.Maintenances = append(page.Maintenances, v.spanRow(status.Span{Interval: m.Interval, Status: status.Maintenance}, behind.Window.To))
	}
	before, err := strconv.ParseInt(v.c.QueryParam("before"), 10, 64)
	if err != nil || before < 1 {
		before = int64(behind.Window.To)
	} else {
		page.Newest = s.paths.Spans(v.page, c.ID, over.String(), 0)
	}
	for _, span := range slices.Backward(whole(behind)) {
		if int64(span.From) >= before {
			continue
		}
		if len(page.Rows) == spansShown {
			page.Older = s.paths.Spans(v.page, c.ID, over.String(), int64(span.To))
			break
		}
		page.Rows = append(page.Rows, v.spanRow(span, behind.Window.To))
	}
	return page
}

// whole is the window without holes: where nothing was observed there is a span of no-data.
func whole(behind model.Spans) (out []status.Span) {
	at := behind.Window.From
	unknown := func(to status.Instant) {
		if to > at {
			out = append(out, status.Span{Interval: status.Interval{From: at, To: to}, Status: status.NoData})
		}
	}
	for _, span := range behind.Spans {
		unknown(span.From)
		out = append(out, span)
		at = span.To
	}
	unknown(behind.Window.To)
	return out
}

func (v *visit) spanRow(span status.Span, now status.Instant) spanRow {
	return spanRow{
		Status: span.Status, From: v.exact(span.From.Time()), To: v.exact(span.To.Time()), Lasted: v.words.Lasting(span.Duration()), Now: span.To >= now,
	}
}

// sum fills in the figure, what it is made of, and how much stands behind it.
func (p *spansPage) sum(v *visit, behind model.Spans) {
	t, w := behind.Totals, behind.Window.Duration()
	share := shareOf(w-t.NoData, w)
	p.Share = v.words.Percent(share)
	p.Known = v.t("spans.known." + howMuch(share))
	for _, total := range []struct {
		status status.Status
		lasted time.Duration
		counts bool
	}{
		{status.Operational, t.Operational, true}, {status.Degraded, t.Degraded, true}, {status.Down, t.Down, true},
		{status.Maintenance, t.Maintenance, false}, {status.NoData, t.NoData, false},
	} {
		p.Totals = append(p.Totals, totalRow{total.status, v.words.Lasting(total.lasted), v.words.Percent(shareOf(total.lasted, w)), total.counts})
	}
	if hundredths, known := t.Uptime(); known {
		p.Figure = v.words.Percent(hundredths)
		p.Formula = v.t("spans.sum", "Up", v.words.Lasting(t.Operational+t.Degraded), "Known", v.words.Lasting(t.Known()), "Figure", p.Figure)
	}
}

// shareOf is a part in hundredths of a percent, cut.
func shareOf(part, all time.Duration) int {
	return int(part.Milliseconds() * 10000 / max(1, all.Milliseconds()))
}

// howMuch names a share: what is known of a window decides how far a figure can be trusted.
func howMuch(share int) string {
	switch {
	case share == 10000:
		return "all"
	case share >= 9000:
		return "most"
	case share >= 5000:
		return "part"
	case share > 0:
		return "little"
	}
	return "none"
}
