package dashboard_test

import (
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"

	"statusd/app/model"
	"statusd/app/web/browsertest"
)

// viewing is a tab in which a viewer is signed in.
func (st *stage) viewing() *browsertest.Tab {
	st.t.Helper()
	tab := st.browser("viewer@example.org")
	tab.Watch(policyRefusals)
	return tab
}

func TestTheOverviewIsForEverybody(t *testing.T) {
	p := newPast(t)
	_, err := p.app.UpdateComponent(t.Context(), p.by, p.components[0].ID, func(c *model.Component) error { c.Name = longName; return nil })
	p.must(err)
	screens := map[string]string{"overview": p.path(""), "overview-90d": p.path("?range=90d&component=" + p.components[0].ID.String()), "spans": p.spansPath(0, "?window=24h")}
	tab := p.viewing()
	for _, lang := range []string{"en", "tr"} {
		tab.Speak(lang, "Europe/Istanbul")
		for name, path := range screens {
			tab.As(browsertest.Look{Width: 390, Height: 844, Touch: true, Dark: lang == "tr"})
			tab.Open(p.url + path)
			browsertest.Eval[any](tab, `document.querySelectorAll("details.chart-table").forEach((d) => { d.open = true; })`)
			judge(t, tab, name+" in "+lang+" at 390 px")
		}
	}
}

const red = `document.querySelector(".facts [data-status=down]") !== null && document.querySelector(".rows-box [data-status=down]") !== null &&
	document.querySelector(".feed [data-status=down]") !== null && document.querySelector(".crumbs [data-status=down]") !== null`

// askOften makes half a second of the quarter of a minute after which a screen asks that cannot listen.
const askOften = `const slow = setInterval; setInterval = (f, ms) => slow(f, Math.min(ms, 500))`

func TestTheOverviewTurnsRedByItselfAndKeepsWhatTheReaderDid(t *testing.T) {
	st, o := newLive(t, extra{heartbeat: 200 * time.Millisecond}), newTarget(t)
	st.watching(o)
	st.eventually(func() bool {
		return strings.Contains(st.viewer.get(st.path("")).body, `<span class="status" data-status="operational">`)
	})
	tab := st.viewing()
	tab.Watch(askOften)
	tab.Open(st.url + st.path(""))
	tab.Wait(`document.querySelector("details.chart-table summary") !== null`)
	browsertest.Eval[any](tab, `document.querySelector("details.chart-table").open = true`)
	browsertest.Eval[any](tab, `document.querySelector(".rows-box li:last-child a").focus()`)
	browsertest.Eval[any](tab, `void (window.same = document.activeElement)`)
	o.broken.Store(true)
	tab.Wait(red)
	tab.Wait(`document.querySelector(".rows-box").innerText.includes("status 503, expected 200-299")`)
	if !browsertest.Eval[bool](tab, `document.querySelector("details.chart-table").open && document.activeElement === window.same && window.same.textContent === "Web"`) {
		t.Error("what was open or had the focus is lost")
	}
	o.broken.Store(false)
	tab.Wait(`document.querySelector(".rows-box [data-status=down]") === null`)
	st.must(st.app.EndSessions(t.Context(), st.viewerID(), 0))
	tab.Wait(`location.pathname === "/login"`)
}

func TestTheOverviewAsksWhereItCannotListen(t *testing.T) {
	st, o := newLive(t, extra{streams: 1}), newTarget(t)
	st.viewer.listen(st.url + st.path("/live")).hears("retry: 3000") // the only place is taken
	st.watching(o)
	tab := st.viewing()
	tab.Watch(askOften)
	tab.Open(st.url + st.path(""))
	tab.Wait(`document.querySelector(".rows-box [data-status=operational]") !== null`)
	o.broken.Store(true)
	tab.Wait(red)
}

func TestTheChartNeedsNoScript(t *testing.T) {
	p := newPast(t)
	tab := p.viewing()
	tab.NoScript(true)
	tab.Open(p.url + p.path("?component="+p.components[1].ID.String()))
	tab.Click(`a[href*="range=7d"][href$="#latency"]`)
	tab.Wait(`location.search.includes("range=7d") && document.querySelector("h2#latency")?.textContent === "Latency, Web"`)
	browsertest.Eval[any](tab, `void (document.querySelector("#f-component").value = "`+p.components[0].ID.String()+`")`)
	tab.Click(".chart-choice button")
	tab.Wait(`location.search.includes("range=7d") && document.querySelector("h2#latency")?.textContent === "Latency, API"`)
	tab.Click("details.chart-table summary")
	if rows := browsertest.Eval[int](tab, `document.querySelectorAll("details.chart-table[open] tbody tr").length`); rows < 7 {
		t.Errorf("the table has %d rows", rows)
	}
	browsertest.Eval[any](tab, `document.querySelector(".rows-box a[href*=\"/spans\"]").focus()`)
	tab.Press(kb.Enter)
	tab.Wait(`document.querySelector("h1")?.textContent === "Uptime of API"`)
}
