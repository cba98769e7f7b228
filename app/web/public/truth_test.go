package public_test

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"statusd/app/incident"
	"statusd/app/model"
	"statusd/app/snapshot"
	"statusd/app/status"
	"statusd/app/web/view"
)

var (
	heading = regexp.MustCompile(`<section class="verdict" data-status="([a-z-]+)"[^>]*>.*\n<h1[^>]*>([^<]*)</h1>\n<p>([^<]*)`)
	tags    = regexp.MustCompile(`<[^>]*>`)
)

// verdictOf is the page's state, headline and what it says below, up to the time of the last look.
func verdictOf(t *testing.T, f snapshot.Facts, lang string) [3]string {
	t.Helper()
	p := pages{}
	p.put(f)
	m := heading.FindStringSubmatch(get(newSite(t, p, official), "/p/"+f.Page.Slug+"?lang="+lang).Body.String())
	if m == nil {
		t.Fatal("no verdict")
	}
	below, _, _ := strings.Cut(strings.ReplaceAll(m[3], "\u00a0", " "), map[string]string{"en": " Checked", "tr": " Son denetim"}[lang])
	return [3]string{m[1], m[2], strings.TrimSpace(below)}
}

func open(impacts ...incident.Impact) (list []model.Timeline) {
	for i, impact := range impacts {
		list = append(list, happened(70+i, english("Something"), impact, nil, said(incident.Identified, at(0, 12, 0), english("We know why."))))
	}
	return list
}

// monitored are incidents of which the cause is said to be gone.
func monitored(impacts ...incident.Impact) []model.Timeline {
	list := open(impacts...)
	for i := range list {
		list[i].Status = incident.Monitoring
	}
	return list
}

// silent is a page of which nothing was heard since statusd was off.
func silent(f snapshot.Facts) snapshot.Facts {
	for i := range f.Components {
		f.Components[i].LastChecked = time.Time{}
	}
	return f
}

// never is a page of which nothing was ever heard.
func never(f snapshot.Facts) snapshot.Facts {
	for i := range silent(f).Components {
		f.Components[i].Uptime24h, f.Components[i].Uptime30d = snapshot.Uptime{}, snapshot.Uptime{}
	}
	return f
}

func TestTheHeadlineTellsTheTruth(t *testing.T) {
	page := func(states ...status.Status) snapshot.Facts {
		var list []snapshot.Component
		for i, s := range states {
			list = append(list, service(fmt.Sprintf("C%d", i+1), s, probe("Health", ms)))
		}
		return build(harbourline("truth"), list...)
	}
	good, slow, down, planned, unknown := status.Operational, status.Degraded, status.Down, status.Maintenance, status.NoData
	running, scheduled := []model.Maintenance{relay()}, []model.Maintenance{upgrade()}
	for name, c := range map[string]struct {
		facts    snapshot.Facts
		active   []model.Timeline
		upcoming []model.Maintenance
		en, tr   [3]string
	}{
		"all well": {page(good, good), nil, scheduled, [3]string{"operational", "All systems operational", "2 components."}, [3]string{"operational", "Tüm sistemler çalışıyor", "2 bileşen."}},
		"an incident that no check sees": {page(good, good), open(incident.Minor), nil,
			[3]string{"degraded", "Minor incident: cause identified", "The checks find nothing wrong with the 2 components."},
			[3]string{"degraded", "Düşük etki: nedeni bulundu", "Denetimler 2 bileşende sorun görmüyor."}},
		"a major one": {page(good), open(incident.Major), nil,
			[3]string{"degraded", "Major incident: cause identified", "The checks find nothing wrong with the component."},
			[3]string{"degraded", "Yüksek etki: nedeni bulundu", "Denetimler 1 bileşende sorun görmüyor."}},
		"a critical one": {page(good, slow), open(incident.Critical), nil,
			[3]string{"down", "Critical incident: cause identified", "C2 is slow. 1 other component works as usual."},
			[3]string{"down", "Kritik etki: nedeni bulundu", "Yavaş: C2. Diğer 1 bileşen çalışıyor."}},
		"three": {page(good, good), open(incident.Minor, incident.Major, incident.Minor), nil,
			[3]string{"degraded", "3 open incidents", "The checks find nothing wrong with the 2 components."},
			[3]string{"degraded", "3 olay sürüyor", "Denetimler 2 bileşende sorun görmüyor."}},
		"an incident that the checks see as well": {page(down, good), open(incident.Major), nil,
			[3]string{"down", "C1 is down", "1 other component works as usual."}, [3]string{"down", "Kesinti: C1", "Diğer 1 bileşen çalışıyor."}},
		"an incident in maintenance": {page(planned, good), open(incident.Minor), running,
			[3]string{"degraded", "Minor incident: cause identified", "C1 is under maintenance. 1 other component works as usual."},
			[3]string{"degraded", "Düşük etki: nedeni bulundu", "Bakımda: C1. Diğer 1 bileşen çalışıyor."}},
		"an incident before the first look": {page(unknown), open(incident.Minor), nil,
			[3]string{"degraded", "Minor incident: cause identified", "1 component has no data."}, [3]string{"degraded", "Düşük etki: nedeni bulundu", "1 bileşen için veri yok."}},
		"only monitored, and all is good": {page(good, good), monitored(incident.Critical, incident.Minor), nil,
			[3]string{"degraded", "Recovered, and being monitored", "The checks find nothing wrong with the 2 components."},
			[3]string{"degraded", "Düzeldi, izleniyor", "Denetimler 2 bileşende sorun görmüyor."}},
		"only monitored, and not all is good": {page(slow, good), monitored(incident.Critical), nil,
			[3]string{"degraded", "C1 is slow", "1 other component works as usual."}, [3]string{"degraded", "Yavaş: C1", "Diğer 1 bileşen çalışıyor."}},
		"nothing new": {silent(page(unknown)), nil, nil,
			[3]string{"no-data", "No current data", "The checks have told nothing lately. Waiting for new results."},
			[3]string{"no-data", "Güncel veri yok", "Denetimlerden bir süredir sonuç gelmedi. Yeni sonuçlar bekleniyor."}},
		"set by hand": {silent(page(good, slow)), nil, nil,
			[3]string{"degraded", "C2 is slow", "1 other component works as usual."}, [3]string{"degraded", "Yavaş: C2", "Diğer 1 bileşen çalışıyor."}},
		"nothing ever": {never(page(unknown)), nil, nil,
			[3]string{"no-data", "No data yet", "Waiting for the first results."}, [3]string{"no-data", "Henüz veri yok", "İlk sonuçlar bekleniyor."}},
		"a window that covers something": {page(planned, good), nil, running,
			[3]string{"maintenance", "Maintenance in progress", "C1 is under maintenance. 1 other component works as usual."},
			[3]string{"maintenance", "Bakım sürüyor", "Bakımda: C1. Diğer 1 bileşen çalışıyor."}},
		"a window that covers nothing": {page(good, good), nil, running,
			[3]string{"maintenance", "Maintenance in progress", "The checks find nothing wrong with the 2 components."},
			[3]string{"maintenance", "Bakım sürüyor", "Denetimler 2 bileşende sorun görmüyor."}},
		"a window beside an outage": {page(slow, good), nil, running,
			[3]string{"degraded", "C1 is slow", "1 other component works as usual."}, [3]string{"degraded", "Yavaş: C1", "Diğer 1 bileşen çalışıyor."}},
	} {
		c.facts.Active, c.facts.Upcoming = c.active, c.upcoming
		if diff := cmp.Diff([2][3]string{c.en, c.tr}, [2][3]string{verdictOf(t, c.facts, "en"), verdictOf(t, c.facts, "tr")}); diff != "" {
			t.Errorf("%s:\n%s", name, diff)
		}
	}
}

// section is the text of the part of a document that begins with one mark and ends before another.
func section(document, from, to string) string {
	_, rest, _ := strings.Cut(document, from)
	rest, _, _ = strings.Cut(rest, to)
	return strings.Join(strings.Fields(tags.ReplaceAllString(strings.ReplaceAll(rest, "<li", "\n<li"), " ")), " ")
}

func pastOf(t *testing.T, f snapshot.Facts) string {
	t.Helper()
	p := pages{}
	p.put(f)
	return section(get(newSite(t, p, official), "/p/"+f.Page.Slug).Body.String(), `id="past">`, `</section>`)
}

// once is an incident of some hours, without words.
func once(id int, from, to time.Time) model.Timeline {
	return happened(id, english(fmt.Sprintf("I%d", id)), incident.Minor, nil, said(incident.Resolved, to, nil), said(incident.Investigating, from, nil))
}

func TestPastIncidentsAreToldByTheDayInThePagesZone(t *testing.T) {
	f := operational()
	f.Page.TimeZone = "Europe/Istanbul"
	f.Past = []model.Timeline{once(1, at(-1, 21, 30), at(-1, 22, 0)), once(2, at(-1, 3, 0), at(-1, 5, 0)), once(3, at(-1, 2, 0), at(-1, 2, 30))}
	want := "Past incidents All incidents 18 May 2026 I1 Minor impact Resolved after 30 minutes " +
		"17 May 2026 I2 Minor impact Resolved after 2 hours I3 Minor impact Resolved after 30 minutes 4 – 16 May No incidents"
	if got := pastOf(t, f); got != want {
		t.Errorf("got\n%s, want\n%s", got, want)
	}
}

func TestNoDayThatAnIncidentTouchedIsCalledQuiet(t *testing.T) {
	f := operational()
	f.Past = []model.Timeline{once(1, at(-6, 22, 0), at(-3, 4, 0)), once(2, at(-20, 0, 0), at(-13, 1, 0)), once(3, at(-30, 0, 0), at(-29, 0, 0))}
	f.Active = []model.Timeline{happened(4, english("I4"), incident.Minor, nil, said(incident.Investigating, at(-1, 5, 0), english("We look.")))}
	f.Ended = []model.Maintenance{completed(work(5, english("W5"), nil, at(-15, 23, 0), at(-14, 1, 0)), at(-14, 1, 30))}
	want := "Past incidents All incidents 16 May 2026 No incidents 12 May 2026 I1 Minor impact Resolved after 2 days 6 hours " +
		"6 – 11 May No incidents 4 May 2026 W5 Maintenance 3 May 2026, 23:00 UTC – 4 May 2026, 01:30 UTC I2 Minor impact Resolved after 7 days 1 hour"
	if got := pastOf(t, f); got != want {
		t.Errorf("got\n%s, want\n%s", got, want)
	}
}

func TestNothingIsSaidOfDaysOfWhichTooLittleIsKnown(t *testing.T) {
	f := operational()
	f.Page.Created = at(-2, 9, 0)
	if got := pastOf(t, f); got != "Past incidents All incidents No incidents in the last 3 days" {
		t.Errorf("a page of the day before yesterday: %s", got)
	}
	f.Page.Created = at(0, 9, 0)
	if got := pastOf(t, f); got != "Past incidents All incidents No incidents today" {
		t.Errorf("a page of today: %s", got)
	}
	f.Page.Created = at(-100, 9, 0)
	for i := range 50 { // as many as facts hold; there may be others before the oldest
		f.Past = append(f.Past, once(i+1, at(-4, 23-i/10, 0), at(-4, 23-i/10, 5)))
	}
	got := pastOf(t, f)
	if !strings.HasPrefix(got, "Past incidents All incidents 15 – 18 May No incidents 14 May 2026") || strings.Count(got, "No incidents") != 1 {
		t.Errorf("with as many as facts hold: %s", got)
	}
}

func historyOf(t *testing.T, p pages, path string) string {
	t.Helper()
	w := get(newSite(t, p, official), path)
	if w.Code != http.StatusOK {
		t.Fatalf("%s: %d", path, w.Code)
	}
	return section(w.Body.String(), `class="page-title">`, `</main>`)
}

func TestTheHistoryGoesBackByMonthsInThePagesZone(t *testing.T) {
	f := operational()
	f.Page.TimeZone, f.Page.Created = "America/New_York", at(-100, 0, 0) // 7 February
	f.Past = []model.Timeline{
		once(1, time.Date(2026, 5, 1, 3, 30, 0, 0, time.UTC), time.Date(2026, 5, 1, 4, 30, 0, 0, time.UTC)), // 30 April there
		once(2, time.Date(2026, 3, 8, 6, 30, 0, 0, time.UTC), time.Date(2026, 3, 8, 7, 30, 0, 0, time.UTC)), // over a change of clocks
		once(3, time.Date(2026, 2, 8, 6, 30, 0, 0, time.UTC), time.Date(2026, 2, 8, 7, 30, 0, 0, time.UTC)),
	}
	p := pages{}
	p.put(f)
	for path, want := range map[string]string{
		"/p/calm/history": "History May 2026 No incidents and no maintenance. April 2026 30 April I1 Minor impact Resolved after 1 hour " +
			"March 2026 8 March I2 Minor impact Resolved after 1 hour Older",
		"/p/calm/history?month=2026-02": "History February 2026 8 February I3 Minor impact Resolved after 1 hour Newer",
		"/p/calm/history?month=2026-03": "History March 2026 8 March I2 Minor impact Resolved after 1 hour February 2026 8 February I3 Minor impact Resolved after 1 hour Newer",
	} {
		if got := historyOf(t, p, path); got != want {
			t.Errorf("%s: got\n%s, want\n%s", path, got, want)
		}
	}
	document := get(newSite(t, p, official), "/p/calm/history?month=2026-03&lang=tr").Body.String()
	for _, want := range []string{`href="/p/calm/history?lang=tr" rel="next"`, `href="/p/calm/history?month=2026-03&amp;lang=en"`, "Mart 2026"} {
		if !strings.Contains(document, want) {
			t.Errorf("no %s in\n%s", want, document)
		}
	}
	if document := get(newSite(t, p, official), "/p/calm/history").Body.String(); !strings.Contains(document, `href="/p/calm/history?month=2026-02&amp;lang=en" rel="prev"`) {
		t.Error("the newest months do not lead to older ones")
	}
}

func TestMonthsWithoutAHistoryAreNotFound(t *testing.T) {
	f := operational()
	f.Page.Created = at(-100, 0, 0)
	p := pages{}
	p.put(f)
	site := newSite(t, p, official)
	for _, month := range []string{"2026-01", "2026-06", "1999-12", "0000-01", "2026-5", "2026-13", "2026-05-01", "x", "9999999-01", "%00", "2026-05%20"} {
		w := get(site, "/p/calm/history?month="+month)
		if w.Code != http.StatusNotFound || !strings.Contains(w.Body.String(), "There is nothing here.") || w.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %d %v", month, w.Code, w.Header())
		}
	}
	if w := get(site, "/p/unknown/history"); w.Code != http.StatusNotFound {
		t.Errorf("of an unknown page: %d", w.Code)
	}
}

func TestUnknownAndForeignIncidentsAreNotFound(t *testing.T) {
	site := newSite(t, examples(), official)
	for _, path := range []string{
		"/p/outage/incidents/00000000", "/p/outage/incidents/0000000z", "/p/outage/incidents/x", "/p/outage/incidents/0000000B", "/p/outage/incidents/" + strings.Repeat("0", 9),
		"/p/calm/incidents/" + failing18May().ID.String(), "/p/calm/incidents/" + ancient().ID.String(), "/p/unknown/incidents/0000000b",
	} {
		w := get(site, path, "Accept-Language", "tr")
		if w.Code != http.StatusNotFound || w.Header().Get("Etag") != "" || w.Header().Get("Cache-Control") != "no-store" || strings.Contains(w.Body.String(), "failing") {
			t.Errorf("%s: %d %v", path, w.Code, w.Header())
		}
		if branded := strings.Contains(w.Body.String(), "Harbourline") && strings.Contains(w.Body.String(), "Burada bir şey yok."); branded == strings.Contains(path, "unknown") {
			t.Errorf("%s: branded %v", path, branded)
		}
	}
}

// counted counts what is asked beside the snapshot.
type counted struct {
	pages
	incidents, histories int
}

func (c *counted) PublicIncident(ctx context.Context, slug string, id model.IncidentID) (model.Timeline, error) {
	c.incidents++
	return c.pages.PublicIncident(ctx, slug, id)
}

func (c *counted) PublicHistory(ctx context.Context, slug string, within status.Interval) (model.History, error) {
	c.histories++
	return c.pages.PublicHistory(ctx, slug, within)
}

func TestWhatIsThereIsLookedUpOnceAndWhatIsNotIsNotRemembered(t *testing.T) {
	c := &counted{pages: examples()}
	site := newSite(t, c, official)
	for range 3 {
		get(site, incidentPath) // the snapshot has it
		get(site, oldIncident)
		get(site, "/p/outage/history")
		get(site, "/p/outage/history?month=2026-05")
	}
	if c.incidents != 1 || c.histories != 1 {
		t.Errorf("looked up %d incidents and %d histories", c.incidents, c.histories)
	}
	for range 3 {
		get(site, "/p/outage/incidents/0000000z")
		get(site, "/p/outage/history?month=1999-01")
	}
	if c.incidents != 4 || c.histories != 4 {
		t.Errorf("looked up %d incidents and %d histories in all", c.incidents, c.histories)
	}
}

func TestADeletedIncidentIsGoneWithItsSnapshot(t *testing.T) {
	f := told(outage())
	p := pages{}
	p.put(f)
	site := newSite(t, p, official)
	title := failing18May().Title["en"]
	where := []string{"/p/outage", incidentPath, "/p/outage/history", "/p/outage/feed.atom", "/p/outage/feed.rss"}
	for _, path := range where {
		if w := get(site, path); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), title) {
			t.Errorf("%s does not tell of it: %d", path, w.Code)
		}
	}
	f.Active = nil
	p.put(f)
	for _, path := range where {
		if w := get(site, path); strings.Contains(w.Body.String(), title) || (w.Code == http.StatusNotFound) != (path == incidentPath) {
			t.Errorf("%s: %d, and still tells of it: %v", path, w.Code, strings.Contains(w.Body.String(), title))
		}
	}
}

func TestPreviewsOfAnIncidentAreShortAndHaveAPictureThatCanBeShown(t *testing.T) {
	f := operational()
	f.Logo = model.Logo{Hash: "1", Type: "image/png", Width: 800, Height: 128}
	f.Active = []model.Timeline{happened(1, english(strings.Repeat("Long title ", 12)), incident.Major, nil,
		said(incident.Identified, at(0, 12, 0), english("**Bold** words, [a link](https://harbourline.example/x). "+strings.Repeat("And more words. ", 30))))}
	p := pages{}
	p.put(f)
	content := func(document, name string) string {
		_, rest, _ := strings.Cut(document, `<meta property="`+name+`" content="`)
		value, _, _ := strings.Cut(rest, `"`)
		return value
	}
	document := get(newSite(t, p, official), "/p/calm/incidents/"+model.IncidentID(1).String()).Body.String()
	title, text := content(document, "og:title"), content(document, "og:description")
	if n := len([]rune(title)); n > 60 || n < 50 || !strings.HasSuffix(title, "…") {
		t.Errorf("title of %d characters: %s", n, title)
	}
	if n := len([]rune(text)); n > 200 || n < 180 || !strings.HasPrefix(text, "Bold words, a link. And more") || !strings.HasSuffix(text, "…") {
		t.Errorf("text of %d characters: %s", n, text)
	}
	if got := content(document, "og:image"); got != "https://status.example/p/calm/logo-1.png" {
		t.Errorf("image %q", got)
	}
	p.put(f) // what was rendered for the other place is kept with the snapshot
	document = get(newSite(t, p, view.Place{}), "/p/calm/incidents/"+model.IncidentID(1).String()).Body.String()
	if strings.Contains(document, "og:image") || strings.Contains(document, "og:url") || strings.Contains(document, "canonical") {
		t.Error("without a public URL a preview has one")
	}
}

func TestWordsInAnotherLanguageSaySo(t *testing.T) {
	site := newSite(t, examples(), official)
	document := get(site, "/p/cinar").Body.String()
	for _, want := range []string{
		`<bdi lang="tr">Web uygulamasında sayfalar geç açılıyor</bdi>`, `<div class="prose" dir="auto" lang="tr"><p>Sayfaların`, `<bdi lang="tr">Entegratör geçişi</bdi>`,
		`<div class="prose" dir="auto" lang="tr"><p>e-Fatura`, `<p dir="auto" lang="tr">Barındırma`, `<bdi lang="tr">API ve web uygulamasına erişilemedi</bdi>`,
	} {
		if !strings.Contains(document, want) {
			t.Errorf("the page has no %s", want)
		}
	}
	if strings.Contains(get(site, "/p/cinar?lang=tr").Body.String(), `<bdi lang=`) {
		t.Error("the page in Turkish marks its own language")
	}
	if w := get(site, "/p/cinar/feed.atom"); !strings.Contains(w.Body.String(), `<title xml:lang="tr">Web uygulamasında`) {
		t.Errorf("the feed does not mark the language:\n%s", w.Body)
	}
}
