package public_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"statusd/app/locale"
	"statusd/app/model"
	"statusd/app/snapshot"
	"statusd/app/status"
	"statusd/app/web/public"
	"statusd/app/web/view"
)

// now is the moment of every example.
var now = time.Date(2026, 5, 18, 12, 34, 56, 0, time.UTC)

// pages are the snapshots by slug; their map may be changed between requests only.
type pages map[string]*snapshot.Snapshot

func (p pages) Snapshot(_ context.Context, slug string) (*snapshot.Snapshot, error) {
	if slug == "broken" {
		return nil, fmt.Errorf("read page: disk on fire")
	}
	if s := p[slug]; s != nil {
		return s, nil
	}
	return nil, model.ErrNotFound
}

// Logo hands out a red square whatever is asked for.
func (p pages) Logo(_ context.Context, _ model.PageID, l model.Logo) (*snapshot.Document, error) {
	if l.Hash == "gone" {
		return nil, model.ErrNotFound
	}
	return snapshot.Finish(snapshot.Content{Type: l.Type, Body: []byte(redSquare)})
}

const redSquare = `<svg xmlns="http://www.w3.org/2000/svg" width="96" height="32" viewBox="0 0 96 32"><path fill="#b91c1c" d="M0 0h32v32H0z"/><path d="M40 8h56v16H40z"/></svg>`

// put makes facts the current ones of their page.
func (p pages) put(f snapshot.Facts) { p[f.Page.Slug] = snapshot.New(f) }

// examples are one page for each case worth looking at.
func examples() pages {
	all := pages{}
	for _, f := range []snapshot.Facts{
		operational(), told(outage()), anatolia(turkish()), unprobed(), empty(), many(), hostile(), maintained(), branded(), night(), formatted(),
	} {
		all.put(f)
	}
	return all
}

func newSite(t testing.TB, p public.Pages, place view.Place) *echo.Echo {
	t.Helper()
	assets := os.DirFS("../../../assets")
	words, err := locale.Load(assets)
	if err != nil {
		t.Fatal(err)
	}
	words.Missing = func(lang, key string, err error) { t.Errorf("no words for %q in %s: %v", key, lang, err) }
	v, err := view.New(assets, words)
	if err != nil {
		t.Fatal(err)
	}
	site := public.New(public.Config{Pages: p, Locales: words, View: v, Place: place, Log: slog.New(slog.DiscardHandler)})
	e := echo.New()
	site.Register(e)
	return e
}

// get asks a site, with header name, value pairs.
func get(e http.Handler, path string, headers ...string) *httptest.ResponseRecorder {
	return ask(e, http.MethodGet, path, headers...)
}

func ask(e http.Handler, method, path string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, nil)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	e.ServeHTTP(w, r)
	return w
}

// build makes facts out of components: ids, overall status and what follows from the days are filled in.
func build(page model.Page, list ...snapshot.Component) snapshot.Facts {
	f := snapshot.Facts{Page: page, Components: list, At: now, Days: status.HistoryDays}
	for i := range f.Components {
		c := &f.Components[i]
		c.ID = model.ComponentID(i + 1)
		f.Overall = max(f.Overall, c.Status)
	}
	return f
}

// service is a component that was checked 14 seconds ago and has been good for 90 days.
func service(name string, state status.Status, checks ...snapshot.Check) snapshot.Component {
	return snapshot.Component{
		Name: name, Status: state, Checks: checks, Days: days(),
		LastChecked: now.Add(-14 * time.Second),
		Uptime24h:   snapshot.Uptime{Hundredths: 10000, Known: true},
		Uptime30d:   snapshot.Uptime{Hundredths: 9998, Known: true},
	}
}

// days are 90 good days, with others written over them.
func days(others ...status.Day) []status.Day {
	list := make([]status.Day, status.HistoryDays)
	first := status.DayOf(status.At(now)).Add(-89 * 24 * time.Hour)
	for i := range list {
		list[i] = status.Day{From: first.Add(time.Duration(i) * 24 * time.Hour), Totals: status.Totals{Operational: 24 * time.Hour}}
	}
	for _, d := range others {
		i := int(d.From)
		list[i].Totals = d.Totals
	}
	return list
}

// on is what a day of the strip was like; index 89 is today.
func on(index int, totals status.Totals) status.Day {
	return status.Day{From: status.Instant(index), Totals: totals}
}

func down(d time.Duration) status.Totals {
	return status.Totals{Operational: 24*time.Hour - d, Down: d}
}
func slow(d time.Duration) status.Totals {
	return status.Totals{Operational: 24*time.Hour - d, Degraded: d}
}
func planned(d time.Duration) status.Totals {
	return status.Totals{Maintenance: d, NoData: 24*time.Hour - d}
}
func nothing(from, to int) (out []status.Day) { // no data on the days from, up to and not including to
	for i := from; i < to; i++ {
		out = append(out, on(i, status.Totals{NoData: 24 * time.Hour}))
	}
	return out
}

// probe is a check with a calm day behind it.
func probe(name string, latency time.Duration) snapshot.Check {
	c := snapshot.Check{Name: name, Status: status.Operational, Latency: latency, LastChecked: now.Add(-14 * time.Second)}
	for i := range 24 {
		wobble := time.Duration((i*7)%5-2) * latency / 24
		c.Recent = append(c.Recent, latency+wobble)
	}
	return c
}

// failing turns a check down in its last hours.
func failing(c snapshot.Check) snapshot.Check {
	c.Status = status.Down
	c.Recent[21], c.Recent[22], c.Recent[23] = c.Recent[21]*3, 0, 0
	return c
}

// slowed turns a check degraded in its last hours.
func slowed(c snapshot.Check, latency time.Duration) snapshot.Check {
	c.Status, c.Latency = status.Degraded, latency
	c.Recent[22], c.Recent[23] = latency*8/10, latency
	return c
}

func with(c snapshot.Component, change func(*snapshot.Component)) snapshot.Component {
	change(&c)
	return c
}

func history(c snapshot.Component, others ...status.Day) snapshot.Component {
	c.Days = days(others...)
	c.Uptime24h, c.Uptime30d = uptimeOf(c.Days[89:]), uptimeOf(c.Days[60:])
	return c
}

// uptimeOf is the share of the days' known time that was good.
func uptimeOf(list []status.Day) snapshot.Uptime {
	var good, bad time.Duration
	for _, d := range list {
		good += d.Operational + d.Degraded
		bad += d.Down
	}
	if good+bad == 0 {
		return snapshot.Uptime{}
	}
	return snapshot.Uptime{Hundredths: int(10000 * (good / time.Second) / ((good + bad) / time.Second)), Known: true}
}

func in(group string, c snapshot.Component) snapshot.Component {
	c.Group = group
	return c
}
