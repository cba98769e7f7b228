package public

import (
	"time"

	"github.com/labstack/echo/v4"

	"statusd/app/maintenance"
	"statusd/app/model"
	"statusd/app/snapshot"
	"statusd/app/status"
	"statusd/app/web/view"
)

// history is what was, some months of it.
type history struct {
	view.Head
	Meta         meta
	Masthead     masthead
	Back         back
	Months       []historyMonth
	Older, Newer string // URLs, "" for none
	Colophon     colophon
}

type historyMonth struct {
	Machine, Title string
	Days           []pastDay
}

// monthsShown is how many months one page of the history has.
const monthsShown = 3

// month is a month in whatever zone; months are counted from the year 0.
type month int

func monthOf(t time.Time) month { return month(t.Year()*12 + int(t.Month()) - 1) }

// parseMonth reads what String wrote; false for anything else.
func parseMonth(text string) (month, bool) {
	t, err := time.Parse("2006-01", text)
	return monthOf(t), err == nil && t.Format("2006-01") == text
}

func (m month) String() string { return m.begin(time.UTC).Format("2006-01") }

func (m month) begin(zone *time.Location) time.Time {
	return time.Date(int(m)/12, time.Month(int(m)%12+1), 1, 0, 0, 0, 0, zone)
}

// history serves the months up to the one that was asked for, in the page's zone.
func (s *Site) history(c echo.Context) error {
	who := s.readerOf(c.Request())
	snap, err := s.snapshot(c, who, s.notFound)
	if snap == nil {
		return err
	}
	now := monthOf(snap.Facts.At.In(zoneOf(snap.Facts)))
	last := now
	if asked := c.QueryParam("month"); asked != "" {
		var ok bool
		if last, ok = parseMonth(asked); !ok || last > now {
			return s.gone(c, snap, who)
		}
	}
	return s.found(c, snap, who, "history "+last.String(), func() (render, error) {
		scene := newScene(snap.Facts, who)
		within := status.Interval{From: status.At((last - monthsShown + 1).begin(scene.zone)), To: status.At((last + 1).begin(scene.zone))}
		h, err := s.pages.PublicHistory(c.Request().Context(), snap.Facts.Page.Slug, within)
		first := scene.firstMonth(h, now)
		if err == nil && last < first {
			err = model.ErrNotFound
		}
		return func() (snapshot.Content, error) { return s.renderHistory(scene, h, first, last, now) }, err
	})
}

// firstMonth is the oldest month of which there is something to tell: that of the page's first incident, or of the page itself.
func (s scene) firstMonth(h model.History, now month) month {
	first := now
	for _, t := range []time.Time{h.Earliest, s.Page.Created} {
		if !t.IsZero() {
			first = min(first, monthOf(t.In(s.zone)))
		}
	}
	return first
}

func (s *Site) renderHistory(scene scene, h model.History, first, last, now month) (snapshot.Content, error) {
	path := scene.paths.History(scene.Page.Slug)
	if last != now {
		path = scene.paths.HistoryOf(scene.Page.Slug, last.String())
	}
	title := scene.words.T("history.title")
	if last != now {
		title += ", " + scene.words.Month(last.begin(scene.zone))
	}
	p := history{
		Head:     s.head(scene, newVerdict(scene).Status, title, "page"),
		Meta:     s.newMeta(scene, path, title),
		Masthead: newMasthead(scene),
		Back:     scene.back(),
		Months:   scene.months(h, max(first, last-monthsShown+1), last),
		Colophon: s.newColophon(scene, path),
	}
	if older := last - monthsShown; older >= first {
		p.Older = scene.monthURL(older, now)
	}
	if last < now {
		p.Newer = scene.monthURL(min(now, last+monthsShown), now)
	}
	body, err := s.view.Render(scene.lang, "public/history.html", p)
	return snapshot.Content{Type: view.HTML, Body: body}, err
}

func (s scene) monthURL(m, now month) string {
	if m == now {
		return s.paths.In(s.paths.History(s.Page.Slug), s.lang)
	}
	return s.paths.In(s.paths.HistoryOf(s.Page.Slug, m.String()), s.lang)
}

// months sorts a history into months and days, newest first. What is planned is on the page, not in the history.
func (s scene) months(h model.History, first, last month) []historyMonth {
	var rows []row
	for _, t := range h.Incidents {
		rows = append(rows, s.incidentRow(t))
	}
	for _, m := range h.Maintenances {
		if m.State != maintenance.Scheduled {
			began, _ := actual(m)
			rows = append(rows, s.windowRow(m, dayOf(began, s.zone)))
		}
	}
	newestFirst(rows)
	var out []historyMonth
	for m := last; m >= first; m-- {
		begin := m.begin(s.zone)
		hm := historyMonth{Machine: m.String(), Title: s.words.Month(begin)}
		for _, r := range rows {
			if monthOf(r.at.In(s.zone)) == m {
				hm.add(dayOf(r.at, s.zone), r, s)
			}
		}
		out = append(out, hm)
	}
	return out
}

// add puts a row to the last of the days, or begins another. A month's day needs no year.
func (m *historyMonth) add(d day, r row, s scene) {
	if n := len(m.Days); n == 0 || m.Days[n-1].From.Machine != d.machine() {
		m.Days = append(m.Days, pastDay{From: date{d.machine(), s.words.DayMonth(d.time())}})
	}
	last := &m.Days[len(m.Days)-1]
	last.Rows = append(last.Rows, r)
}
