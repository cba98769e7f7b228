package public_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"

	"statusd/app/incident"
	"statusd/app/model"
	"statusd/app/snapshot"
	"statusd/app/status"
	"statusd/app/web/browsertest"
	"statusd/app/web/view"
)

// refusals collects what the content security policy refuses.
const refusals = `window.refused = []; addEventListener("securitypolicyviolation", (e) => refused.push(e.violatedDirective + " " + e.blockedURI))`

// browse serves the examples to a tab of the test's own, beside other tests.
func browse(t *testing.T) (*browsertest.Tab, string) {
	t.Helper()
	t.Parallel()
	tab := browsertest.New(t)
	server := httptest.NewServer(newSite(t, examples(), view.Place{}))
	t.Cleanup(server.Close)
	return tab, server.URL
}

func TestAxeFindsNothingAndThePolicyRefusesNothing(t *testing.T) {
	tab, url := browse(t)
	tab.Watch(refusals)
	for name, look := range looks {
		tab.As(look)
		for _, lang := range []string{"en", "tr"} {
			for _, path := range []string{
				"/p/outage", "/p/night", "/p/formatted", "/p/branded", "/p/calm/embed", "/p/unknown", incidentPath, "/p/outage/history", "/p/outage/incidents/gone",
			} {
				tab.Open(url + path + "?lang=" + lang)
				browsertest.Eval[bool](tab, `document.querySelectorAll("details").forEach((d) => { d.open = true }), true`)
				for _, line := range tab.Axe() {
					t.Errorf("%s in %s, %s: %s", path, lang, name, line)
				}
				if got := browsertest.Eval[string](tab, `refused.join()`); got != "" {
					t.Errorf("%s in %s: the policy refused %s", path, lang, got)
				}
			}
		}
	}
}

func TestNoPageScrollsSideways(t *testing.T) {
	t.Parallel()
	tab := browsertest.New(t)
	all, wide := examples(), hostile()
	wide.Page.Slug, wide.Logo = "wide", model.Logo{Hash: "1", Type: "image/svg+xml", Width: 800, Height: 128, Plate: true}
	all.put(wide)
	server := httptest.NewServer(newSite(t, all, view.Place{}))
	defer server.Close()
	url := server.URL
	for _, width := range []int64{320, 390, 768, 1280} {
		tab.As(browsertest.Look{Width: width, Height: 800})
		for _, path := range []string{"/p/outage", "/p/branded", "/p/wide", "/p/hostile", "/p/cinar?lang=tr", "/p/hostile/embed", "/p/unknown?lang=tr",
			"/p/night", "/p/formatted", incidentPath, "/p/hostile/incidents/" + model.IncidentID(82).String(), "/p/hostile/history", "/p/outage/history?lang=tr", "/p/outage/incidents/gone?lang=tr",
		} {
			tab.Open(url + path)
			if n := tab.Overflow(); n > 0 {
				t.Errorf("%s at %d px scrolls %d px sideways", path, width, n)
			}
			for _, line := range tab.Spills() {
				t.Errorf("%s at %d px is too narrow for %s", path, width, line)
			}
		}
	}
}

func TestThePageWorksWithoutScripts(t *testing.T) {
	tab, url := browse(t)
	tab.As(browsertest.Look{Width: 1280, Height: 900})
	tab.NoScript(true)
	tab.Open(url + "/p/outage")
	text := browsertest.Eval[string](tab, `document.querySelector("main").innerText`)
	for _, want := range []string{"API and Webhooks are down", "18 May 2026, 12:34 UTC", "Integrations", "Started 18 May 2026, 09:42 UTC", "18 May, 11:08 UTC",
		"Until 13:00 UTC", "02:00 – 03:30 UTC", "22:30 – 3 June 2026, 01:00 UTC"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	browsertest.Eval[bool](tab, `document.querySelector(".more summary").click(), true`)
	tab.Wait(`document.querySelector(".bad-days").innerText.includes("Down for 2 hours 14 minutes")`)
	if got := browsertest.Eval[string](tab, `document.querySelector(".days").getAttribute("role")`); got != "img" {
		t.Errorf("without scripts a strip is a %s", got)
	}
}

func TestTheStripCanBeWalkedByKeyboard(t *testing.T) {
	tab, url := browse(t)
	tab.As(browsertest.Look{Width: 1280, Height: 900})
	tab.Open(url + "/p/outage")
	browsertest.Eval[bool](tab, `document.querySelector(".days").focus(), true`)
	for _, step := range []struct{ key, says string }{
		{"", "18 May 2026: Down for 2 hours 14 minutes"},
		{kb.ArrowLeft, "17 May 2026: Degraded for 6 minutes"},
		{kb.ArrowLeft, "16 May 2026: Operational"},
		{kb.ArrowRight, "17 May 2026: Degraded for 6 minutes"},
		{kb.Home, "18 February 2026: Operational"},
		{kb.End, "18 May 2026: Down for 2 hours 14 minutes"},
	} {
		if step.key != "" {
			tab.Press(step.key)
		}
		tab.Wait(fmt.Sprintf(`document.activeElement.getAttribute("aria-valuetext") === %q && document.querySelector(".day-tip") !== null`, step.says))
	}
	tab.Press(kb.Escape)
	tab.Wait(`document.querySelector(".day-tip") === null && document.activeElement.getAttribute("role") === "slider"`)
}

func TestEarlierUpdatesOpenWithoutScripts(t *testing.T) {
	tab, url := browse(t)
	tab.As(browsertest.Look{Width: 1280, Height: 900})
	tab.NoScript(true)
	tab.Open(url + "/p/night")
	const shown = `[...document.querySelectorAll(".incident:first-of-type .update")].filter((u) => u.checkVisibility()).length`
	if n := browsertest.Eval[int](tab, shown); n != 3 {
		t.Errorf("%d updates are shown at first", n)
	}
	tab.Click(".incident .earlier summary")
	tab.Wait(shown + ` === 9`)
}

// changing is one page whose snapshot is replaced while it is looked at.
type changing struct {
	pages   // none: for what is asked beside the snapshot
	current atomic.Pointer[snapshot.Snapshot]
}

func (c *changing) Snapshot(_ context.Context, _ string) (*snapshot.Snapshot, error) {
	if s := c.current.Load(); s != nil {
		return s, nil
	}
	return nil, model.ErrNotFound
}

func (c *changing) Logo(context.Context, model.PageID, model.Logo) (*snapshot.Document, error) {
	return nil, model.ErrNotFound
}

func (c *changing) set(s status.Status) {
	c.current.Store(snapshot.New(build(harbourline("live"), service("API", s, probe("Health", ms)), service("Web", status.Operational))))
}

// hurry makes the page's half minute a blink; the test's own waiting uses timers too and stays as it is.
const hurry = `const later = setTimeout; window.setTimeout = (f, ms) => later(f, ms === 30000 && String(f).includes("visibilityState") ? 20 : ms)`

func TestAnOpenPageFollowsWhatHappens(t *testing.T) {
	t.Parallel()
	tab := browsertest.New(t)
	var live changing
	live.set(status.Operational)
	server := httptest.NewServer(newSite(t, &live, view.Place{}))
	defer server.Close()
	tab.Watch(hurry)
	tab.As(browsertest.Look{Width: 1280, Height: 900})
	tab.Open(server.URL + "/p/live")
	browsertest.Eval[bool](tab, `document.querySelector(".more").open = true, window.heading = document.querySelector("h1"), true`)
	for _, step := range []struct {
		status status.Status
		says   string
	}{{status.Down, "API is down"}, {status.Degraded, "API is slow"}, {status.Operational, "All systems operational"}} {
		live.set(step.status)
		tab.Wait(fmt.Sprintf(`document.querySelector("h1").textContent === %q && document.querySelector(".verdict").dataset.status === %q`, step.says, step.status))
		if !browsertest.Eval[bool](tab, `document.querySelector(".more").open && heading === document.querySelector("h1") && document.title.startsWith(heading.textContent)`) {
			t.Errorf("%s: what was open is closed, or the heading is another, or the title is old", step.status)
		}
	}
}

func TestAnOpenPageShowsWhatIsToldWithoutLoadingAgain(t *testing.T) {
	t.Parallel()
	tab := browsertest.New(t)
	f := build(harbourline("live"), service("API", status.Operational, probe("Health", ms)), service("Web", status.Operational))
	var live changing
	put := func() { live.current.Store(snapshot.New(f)) }
	put()
	server := httptest.NewServer(newSite(t, &live, view.Place{}))
	defer server.Close()
	tab.Watch(hurry)
	tab.Speak("en-GB", "Asia/Tokyo")
	tab.As(browsertest.Look{Width: 1280, Height: 900})
	tab.Open(server.URL + "/p/live")
	browsertest.Eval[bool](tab, `document.querySelector(".more").open = true, window.mine = true`)

	f.Active = []model.Timeline{failing18May()}
	put()
	tab.Wait(`document.querySelector("h1").textContent === "Major incident: cause identified" && document.querySelectorAll(".update").length === 3`)
	tab.Wait(`document.querySelector(".update time").textContent === "18 May, 20:08 UTC+9"`)
	browsertest.Eval[bool](tab, `document.querySelector(".update").marked = true`)

	f.Active[0].Updates = append([]model.Update{said(incident.Monitoring, at(0, 12, 0), english("It works again."))}, f.Active[0].Updates...)
	f.Active[0].Updates[0].ID, f.Active[0].Status = 1, incident.Monitoring
	f.Upcoming = []model.Maintenance{relay(), upgrade()}
	put()
	tab.Wait(`document.querySelectorAll(".update").length === 4 && document.querySelectorAll(".banner").length === 1 && document.querySelector(".dated h3") !== null`)
	if !browsertest.Eval[bool](tab, `mine && document.querySelector(".more").open && document.querySelectorAll(".update")[1].marked === true`) {
		t.Error("the page was loaded again, or what was open is closed, or the updates that stayed are others")
	}
	tab.Wait(`document.querySelector(".update time").textContent === "18 May, 21:00 UTC+9" && document.querySelector(".update time").title === "18 May, 12:00 UTC"`)

	f.Active, f.Upcoming = nil, nil
	put()
	tab.Wait(`document.querySelector("h1").textContent === "All systems operational" && !document.querySelector(".incident, .banner")`)
}

func TestTimesAreToldInTheReadersZoneAndLanguage(t *testing.T) {
	tab, url := browse(t)
	tab.Watch(fmt.Sprintf(`Date.now = () => %d`, now.Add(3*time.Minute).UnixMilli()))
	tab.Speak("tr-TR", "Asia/Tokyo")
	tab.As(browsertest.Look{Width: 1280, Height: 900})
	tab.Open(url + "/p/calm")
	tab.Wait(`document.querySelector("time[data-ago]").textContent === "3 dakika önce"`)
	if got := browsertest.Eval[string](tab, `document.querySelector("time[data-ago]").title`); !strings.Contains(got, "21:34:42") {
		t.Errorf("in Tokyo it reads %q", got)
	}
}

func TestPlannedTimesAreToldInTheReadersZone(t *testing.T) {
	tab, url := browse(t)
	tab.As(browsertest.Look{Width: 1280, Height: 900})
	// When: the upcoming windows; until: the banner; past: a window under its day, which stays the page's; over: an incident's own page.
	type told struct{ When, Until, Past, Over, Zone string }
	ask := func(language, zone string) (got told) {
		tab.Speak(language, zone)
		text := func(selector string) string {
			return browsertest.Eval[string](tab, `[...document.querySelectorAll("`+selector+`")].map((e) => e.textContent).join("; ")`)
		}
		tab.Open(url + "/p/outage")
		tab.Wait(`document.querySelector("time[data-form][title]")`)
		got.When = text("[aria-labelledby=upcoming] .dated-day, [aria-labelledby=upcoming] .figure")
		got.Until, got.Past, got.Zone = text(".banner .figure"), text("#d-2026-05-12 .figure"), text("[data-zone]")
		tab.Open(url + "/p/outage/incidents/" + unreachable().ID.String())
		tab.Wait(`document.querySelector("time[data-form][title]")`)
		got.Over = text(".incident-head .meta span:nth-child(3)")
		return got
	}
	for _, c := range []struct {
		language, zone string
		want           told
	}{
		{"en-GB", "UTC", told{
			"23 May 2026; 02:00 – 03:30 UTC; 2 June 2026; 22:30 – 3 June 2026, 01:00 UTC", "Until 13:00 UTC", "02:00 – 02:48 UTC", "31 March 2026, 06:00 – 06:07 UTC", "UTC"}},
		{"en-GB", "America/Los_Angeles", told{
			"22 May 2026; 19:00 – 20:30 UTC-7; 2 June 2026; 15:30 – 18:00 UTC-7", "Until 06:00 UTC-7", "11 May 2026, 19:00 UTC-7 – 19:48 UTC-7",
			"30 March 2026, 23:00 – 23:07 UTC-7", "America/Los_Angeles"}},
		{"tr-TR", "Europe/Istanbul", told{
			"23 Mayıs 2026; 05:00 – 06:30 UTC+3; 3 Haziran 2026; 01:30 – 04:00 UTC+3", "Bitiş: 16:00 UTC+3", "05:00 – 05:48 UTC+3", "31 Mart 2026 09:00 – 09:07 UTC+3", "Europe/Istanbul"}},
	} {
		if got := ask(c.language, c.zone); got != c.want {
			t.Errorf("in %s:\n got %+v\nwant %+v", c.zone, got, c.want)
		}
	}
}

func TestEveryHeadlineOfAnIncidentFitsTheWidget(t *testing.T) {
	t.Parallel()
	tab := browsertest.New(t)
	tab.As(widget)
	f := build(harbourline("live"), service("API", status.Operational))
	var live changing
	server := httptest.NewServer(newSite(t, &live, view.Place{}))
	defer server.Close()
	for _, impact := range incident.Impacts() {
		for _, state := range incident.Statuses()[:3] {
			one := failing18May()
			one.Impact, one.Status = impact, state
			f.Active = []model.Timeline{one}
			live.current.Store(snapshot.New(f))
			for _, lang := range []string{"en", "tr"} {
				tab.Open(server.URL + "/p/live/embed?lang=" + lang + "&" + impact.String() + state.String()) // no two from the browser's cache
				if got := browsertest.Eval[string](tab, `(h => h.scrollWidth > h.clientWidth || h.scrollHeight > h.clientHeight || h.parentElement.offsetHeight > 64 ? h.textContent : "")(document.querySelector("h1"))`); got != "" {
					t.Errorf("cut: %q", got)
				}
			}
		}
	}
}
