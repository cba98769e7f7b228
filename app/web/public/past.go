package public

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"statusd/app/incident"
	"statusd/app/maintenance"
	"statusd/app/model"
)

// pastDays is how far the page itself looks back; the history goes on from there.
const pastDays = 15

// pastMost is how many incidents Facts.Past holds: when it is full, nothing is known of what was before the oldest.
const pastMost = 50

// summaryLength is how much of its last word a row tells, in characters.
const summaryLength = 240

// past is what was lately, newest first.
type past struct {
	History string // URL
	None    string // the words for nothing at all; "" when there was something
	Days    []pastDay
}

// pastDay is a day with what was on it, or a run of days without incidents.
type pastDay struct {
	From  date
	To    *date // nil: one day
	Rows  []row
	Quiet bool
}

// date is a day in the page's zone.
type date struct{ Machine, Text string }

// row is an incident or a window in a list of what was.
type row struct {
	at       time.Time
	Title    phrase
	URL      string // "" for a window: it has no page
	Text     phrase
	Impact   incident.Impact // 0 for a window
	Affected string
	Outcome  string // "Resolved after 21 minutes", "Cancelled"
	From, To *instant
}

// past tells of the last days of the page, of no day before there was a page, and of none of which too little is known.
func (s scene) past() past {
	today := dayOf(s.At, s.zone)
	first := today.add(1 - pastDays)
	begin := func(t time.Time) {
		if d := dayOf(t, s.zone); first.earlierThan(d) {
			first = d
		}
	}
	begin(s.Page.Created)
	if len(s.Past) >= pastMost {
		begin(s.Past[len(s.Past)-1].Started)
	}
	rows, busy := s.pastRows(first)
	p := past{History: s.paths.In(s.paths.History(s.Page.Slug), s.lang), Days: s.pastDays(first, today, rows, busy)}
	if len(rows) == 0 && len(busy) == 0 {
		p.None, p.Days = s.words.N("past.none", int(today.time().Sub(first.time()).Hours()/24)+1), nil
	}
	return p
}

// pastRows sorts what was into days, each to the day on which it began, and finds the days that an incident touched.
func (s scene) pastRows(first day) (rows map[day][]row, busy map[day]bool) {
	rows, busy = map[day][]row{}, map[day]bool{}
	touch := func(from, to time.Time) {
		for d := later(dayOf(from, s.zone), first); !dayOf(to, s.zone).earlierThan(d); d = d.add(1) {
			busy[d] = true
		}
	}
	place := func(from, to time.Time) (day, bool) {
		return later(dayOf(from, s.zone), first), !dayOf(to, s.zone).earlierThan(first)
	}
	for _, t := range s.Active {
		touch(t.Started, s.At)
	}
	for _, t := range s.Past {
		touch(t.Started, t.Resolved)
		if d, ok := place(t.Started, t.Resolved); ok {
			rows[d] = append(rows[d], s.incidentRow(t))
		}
	}
	for _, m := range s.Ended {
		if d, ok := place(actual(m)); ok {
			rows[d] = append(rows[d], s.windowRow(m, d))
		}
	}
	for _, list := range rows {
		newestFirst(list)
	}
	return rows, busy
}

func newestFirst(list []row) {
	slices.SortStableFunc(list, func(a, b row) int { return b.at.Compare(a.at) })
}

func later(a, b day) day {
	if a.earlierThan(b) {
		return b
	}
	return a
}

// pastDays puts the days in a row, newest first, those without incidents together. Of a day that an incident only went over,
// nothing is said: it is told on the day on which it began.
func (s scene) pastDays(first, today day, rows map[day][]row, busy map[day]bool) (out []pastDay) {
	var quiet []day // a run, newest first
	end := func() {
		if len(quiet) == 0 {
			return
		}
		out, quiet = append(out, s.run(quiet[len(quiet)-1], quiet[0])), nil
	}
	for d := today; !d.earlierThan(first); d = d.add(-1) {
		switch {
		case len(rows[d]) > 0:
			end()
			out = append(out, pastDay{From: s.date(d), Rows: rows[d]})
		case busy[d]:
			end()
		default:
			quiet = append(quiet, d)
		}
	}
	end()
	return out
}

// run is a run of quiet days. Short of the year, for it stands beside days that have one, and of a month that both ends are in where the
// language puts the day first: "23 – 28 November".
func (s scene) run(from, to day) pastDay {
	if from == to {
		return pastDay{From: s.date(from), Quiet: true}
	}
	short := func(d day) date { return date{d.machine(), s.words.DayMonth(d.time())} }
	first, last := short(from), short(to)
	if from.year == to.year && from.month == to.month && strings.HasPrefix(last.Text, strconv.Itoa(to.date)+" ") {
		first.Text = strconv.Itoa(from.date)
	}
	return pastDay{From: first, To: &last, Quiet: true}
}

func (s scene) date(d day) date { return date{d.machine(), s.words.Date(d.time())} }

func (s scene) incidentRow(t model.Timeline) row {
	r := row{
		at: t.Started, Title: s.phrase(t.Title), URL: s.incidentURL(t.ID), Impact: t.Impact, Affected: s.affected(t.Affected),
		Outcome: s.words.T("incident.status." + t.Status.String()),
	}
	if len(t.Updates) > 0 {
		r.Text = s.summary(t.Updates[0].Body, summaryLength)
	}
	if !t.Open() {
		r.Outcome = s.words.T("incident.lasted", "Span", s.lasted(t.Started, t.Resolved))
	}
	return r
}

// windowRow is a window as it is told under a day.
func (s scene) windowRow(m model.Maintenance, under day) row {
	began, ended := actual(m)
	from, to := s.begin(began, under), s.end(ended, began)
	r := row{
		at: began, Title: s.phrase(m.Title), Text: s.summary(m.Description, summaryLength), Affected: s.affected(m.Affected),
		From: &from, To: &to,
	}
	if m.State != maintenance.Completed {
		r.Outcome = s.words.T("maintenance.state." + m.State.String())
	}
	return r
}
