package public_test

import (
	"bytes"
	"encoding/json"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/emersion/go-ical"
	"github.com/google/go-cmp/cmp"
	"github.com/mmcdole/gofeed"

	"statusd/app/incident"
	"statusd/app/model"
	"statusd/app/snapshot"
	"statusd/app/status"
	"statusd/app/web/view"
)

// interpreter is a Python that has Debian's python3-feedparser and python3-icalendar; "" for none.
var interpreter = sync.OnceValue(func() string {
	for _, path := range []string{"/usr/bin/python3", "python3"} {
		if exec.Command(path, "-c", "import feedparser, icalendar").Run() == nil {
			return path
		}
	}
	return ""
})

// python lets testdata/read.py read a document.
func python(t *testing.T, kind string, document []byte, into any) {
	t.Helper()
	switch {
	case interpreter() == "" && os.Getenv("CI") == "true":
		t.Fatal("no python3 with feedparser and icalendar, and this is CI")
	case interpreter() == "":
		t.Skip("no python3 with feedparser and icalendar")
	}
	read := exec.Command(interpreter(), "testdata/read.py", kind)
	var complaints bytes.Buffer
	read.Stdin, read.Stderr = bytes.NewReader(document), &complaints
	out, err := read.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, &complaints)
	}
	if err := json.Unmarshal(out, into); err != nil {
		t.Fatal(err)
	}
}

// readFeed is a feed as a reader understood it.
type readFeed struct {
	Bozo, Version, Title, Language string
	Links                          [][2]string
	Entries                        []readEntry
}

type readEntry struct{ ID, Title, Link, Published, Updated, Text string }

// byGo reads a feed with another library.
func byGo(t *testing.T, document string) readFeed {
	t.Helper()
	f, err := gofeed.NewParser().ParseString(document)
	if err != nil {
		t.Fatal(err)
	}
	out := readFeed{Version: f.FeedType, Title: f.Title}
	for _, item := range f.Items {
		e := readEntry{ID: item.GUID, Title: item.Title, Link: item.Link, Text: item.Content}
		if e.Text == "" {
			e.Text = item.Description
		}
		if item.PublishedParsed != nil {
			e.Published = item.PublishedParsed.UTC().Format(time.RFC3339)
		}
		if item.UpdatedParsed != nil {
			e.Updated = item.UpdatedParsed.UTC().Format(time.RFC3339)
		}
		out.Entries = append(out.Entries, e)
	}
	return out
}

// wanted is what both feeds of the loud example say, the incident with the newest update first.
func wanted(lang string, atom bool) []readEntry {
	var out []readEntry
	for _, t := range []model.Timeline{failing18May(), reminders(), unreachable()} {
		e := readEntry{
			ID: permanentIDs[t.ID], Title: t.Title[lang], Link: "https://status.example/p/outage/incidents/" + t.ID.String() + "?lang=" + lang,
			Published: t.Started.Format(time.RFC3339),
		}
		if atom {
			e.Updated = t.Updates[0].Created.Format(time.RFC3339)
		}
		out = append(out, e)
	}
	return out
}

// permanentIDs must never change: readers of feeds would show every incident anew.
var permanentIDs = map[model.IncidentID]string{
	11: "urn:uuid:6b8eec46-a358-5e08-8df3-141797ebb1ec",
	12: "urn:uuid:b37c200d-c8d2-50e9-bd2e-821854acac73",
	13: "urn:uuid:e93801b5-07c0-5627-8b0f-8ff12f4c7398",
}

func TestFeedsAreUnderstoodByTwoReaders(t *testing.T) {
	site := newSite(t, examples(), official)
	for _, lang := range []string{"en", "tr"} {
		for path, version := range map[string]string{"/p/outage/feed.atom": "atom", "/p/outage/feed.rss": "rss"} {
			document := get(site, path+"?lang="+lang).Body.String()
			var other readFeed
			python(t, "feed", []byte(document), &other)
			for name, got := range map[string]readFeed{"gofeed": byGo(t, document), "feedparser": other} {
				if got.Bozo != "" || !strings.HasPrefix(got.Version, version) || !strings.Contains(got.Title, "Harbourline") {
					t.Errorf("%s of %s in %s: %q is a %q, wrong: %q", name, path, lang, got.Title, got.Version, got.Bozo)
				}
				if len(got.Entries) == 3 && !strings.Contains(got.Entries[0].Text, "<strong>70%</strong>") {
					t.Errorf("%s of %s in %s: no update in %s", name, path, lang, got.Entries[0].Text)
				}
				for i := range got.Entries {
					got.Entries[i].Text = ""
					if version == "rss" {
						got.Entries[i].Updated = "" // RSS has none; readers make one up
					}
				}
				if diff := cmp.Diff(wanted(lang, version == "atom"), got.Entries); diff != "" {
					t.Errorf("%s of %s in %s:\n%s", name, path, lang, diff)
				}
			}
			self := [2]string{"self", "https://status.example" + path + "?lang=" + lang}
			alternate := [2]string{"alternate", "https://status.example/p/outage?lang=" + lang}
			if diff := cmp.Diff(map[[2]string]bool{self: true, alternate: true}, set(other.Links)); diff != "" {
				t.Errorf("%s in %s has the links\n%s", path, lang, diff)
			}
		}
	}
}

func set(list [][2]string) map[[2]string]bool {
	out := map[[2]string]bool{}
	for _, l := range list {
		out[l] = true
	}
	return out
}

func TestIdsInFeedsAndCalendarsDoNotDependOnTheHost(t *testing.T) {
	ids := func(place view.Place) (out []string) {
		site := newSite(t, examples(), place)
		for _, e := range byGo(t, get(site, "/p/outage/feed.atom").Body.String()).Entries {
			out = append(out, e.ID)
		}
		for _, e := range byGo(t, get(site, "/p/outage/feed.rss?lang=tr").Body.String()).Entries {
			out = append(out, e.ID)
		}
		for line := range strings.Lines(get(site, "/p/outage/maintenance.ics").Body.String()) {
			if strings.HasPrefix(line, "UID:") {
				out = append(out, line)
			}
		}
		return out
	}
	want := ids(official)
	if len(want) != 3+3+5 {
		t.Fatalf("%d ids: %v", len(want), want)
	}
	for _, place := range []view.Place{{}, {BasePath: "/x", BaseURL: "http://other.example/x"}, {CustomDomain: true, BaseURL: "https://own.example"}} {
		if diff := cmp.Diff(want, ids(place)); diff != "" {
			t.Errorf("%+v:\n%s", place, diff)
		}
	}
}

func TestAFeedOfACalmPageStaysTheSame(t *testing.T) {
	tags := map[string]bool{}
	for range 2 {
		f := operational()
		f.Page.Created = at(-100, 0, 0)
		f.At = f.At.Add(time.Duration(len(tags)) * time.Hour)
		p := pages{}
		p.put(f)
		for _, path := range []string{"/p/calm/feed.atom", "/p/calm/feed.rss", "/p/calm/maintenance.ics"} {
			w := get(newSite(t, p, official), path)
			tags[w.Header().Get("Etag")] = true
			if strings.HasSuffix(path, "atom") && !strings.Contains(w.Body.String(), "<updated>2026-02-07T00:00:00Z</updated>") {
				t.Errorf("an empty feed was updated at some other time:\n%s", w.Body)
			}
		}
	}
	if len(tags) != 3 {
		t.Errorf("an hour later the documents are others: %v", tags)
	}
}

// readCalendar is a calendar as a reader understood it.
type readCalendar struct {
	Name, Refresh, Method string
	Entries               []readEvent
}

type readEvent struct {
	ID, Title, Text, Begin, End, Stamp string
	Sequence                           int
	Status, Link                       string
}

func calendarByGo(t *testing.T, document []byte) readCalendar {
	t.Helper()
	c, err := ical.NewDecoder(bytes.NewReader(document)).Decode()
	if err != nil {
		t.Fatal(err)
	}
	text := func(p ical.Props, name string) string {
		if p.Get(name) == nil {
			return ""
		}
		s, err := p.Text(name)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		return s
	}
	out := readCalendar{Name: text(c.Props, "X-WR-CALNAME"), Refresh: c.Props.Get("REFRESH-INTERVAL").Value, Method: text(c.Props, "METHOD")}
	if kind := c.Props.Get("REFRESH-INTERVAL").Params.Get("VALUE"); kind != "DURATION" {
		t.Errorf("REFRESH-INTERVAL is a %q", kind)
	}
	for _, e := range c.Events() {
		when := func(name string) string {
			at, err := e.Props.DateTime(name, time.UTC)
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			return at.UTC().Format(time.RFC3339)
		}
		sequence, err := e.Props.Get("SEQUENCE").Int()
		if err != nil {
			t.Error(err)
		}
		ev := readEvent{
			ID: text(e.Props, "UID"), Title: text(e.Props, "SUMMARY"), Text: text(e.Props, "DESCRIPTION"), Begin: when("DTSTART"), End: when("DTEND"),
			Stamp: when("DTSTAMP"), Sequence: sequence, Status: text(e.Props, "STATUS"),
		}
		if url := e.Props.Get("URL"); url != nil {
			ev.Link = url.Value
		}
		out.Entries = append(out.Entries, ev)
	}
	return out
}

func TestTheCalendarIsUnderstoodByTwoReaders(t *testing.T) {
	site := newSite(t, examples(), official)
	for _, lang := range []string{"en", "tr"} {
		w := get(site, "/p/outage/maintenance.ics?lang="+lang)
		link := "https://status.example/p/outage?lang=" + lang
		pick := func(en, tr string) string { return both(en, tr)[lang] }
		want := readCalendar{Name: pick("Harbourline: maintenance", "Harbourline: bakım"), Refresh: "PT1H", Method: "PUBLISH", Entries: []readEvent{
			{"0000000s@maintenance.statusd", "Office network cut-over", `A back\slash; two, three: four`, "2026-05-09T07:00:00Z", "2026-05-09T08:00:00Z", "2026-05-06T08:00:00Z", 1, "CANCELLED", link},
			{"0000000r@maintenance.statusd", replicas().Title[lang], replicas().Description[lang] + "\nDatabase", "2026-05-12T02:00:00Z", "2026-05-12T02:48:00Z", "2026-05-12T02:48:00Z", 2, "CONFIRMED", link},
			{"0000000n@maintenance.statusd", relay().Title[lang], relay().Description[lang] + "\nEmail delivery", "2026-05-18T11:00:00Z", "2026-05-18T13:00:00Z", "2026-05-18T11:00:00Z", 1, "CONFIRMED", link},
			{"0000000p@maintenance.statusd", upgrade().Title[lang], strings.ReplaceAll(upgrade().Description[lang], "*", "") + "\nDatabase, API, Web app", "2026-05-23T02:00:00Z", "2026-05-23T03:30:00Z", "2026-05-20T02:00:00Z", 0, "CONFIRMED", link},
			{"0000000q@maintenance.statusd", "TLS certificate rotation", "", "2026-06-02T22:30:00Z", "2026-06-03T01:00:00Z", "2026-05-30T22:30:00Z", 0, "CONFIRMED", link},
		}}
		var other readCalendar
		python(t, "calendar", w.Body.Bytes(), &other)
		for name, got := range map[string]readCalendar{"go-ical": calendarByGo(t, w.Body.Bytes()), "icalendar": other} {
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s in %s:\n%s", name, lang, diff)
			}
		}
	}
}

// unfit is how a calendar breaks the rules of RFC 5545 §3.1; "" when it does not.
func unfit(document string) string {
	if !strings.HasSuffix(document, "\r\n") || !utf8.ValidString(document) {
		return "it does not end with CRLF, or is not UTF-8"
	}
	for line := range strings.SplitSeq(strings.TrimSuffix(document, "\r\n"), "\r\n") {
		switch {
		case len(line) > 75:
			return "a line of more than 75 octets: " + line
		case strings.ContainsFunc(line, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }):
			return "a control character: " + line
		case !utf8.ValidString(line):
			return "a character was cut in two: " + line
		}
	}
	return ""
}

func TestCalendarLinesAreFoldedBetweenCharacters(t *testing.T) {
	f := operational()
	long := strings.Repeat("ğüşiöç—漢字🛠", 30)
	f.Upcoming = []model.Maintenance{
		work(61, english(long), english(strings.Repeat("One, two; three\\n four.\n", 20)), at(1, 0, 0), at(1, 1, 0), about(long, "API")...),
		work(62, english("a\r\nBEGIN:VALARM\x00\x07"), english("b\rc\nEND:VCALENDAR\v\x7f"), at(1, 0, 0), at(1, 0, 0)),
	}
	p := pages{}
	p.put(f)
	w := get(newSite(t, p, official), "/p/calm/maintenance.ics")
	if wrong := unfit(w.Body.String()); wrong != "" {
		t.Error(wrong)
	}
	got := calendarByGo(t, w.Body.Bytes())
	if len(got.Entries) != 2 || got.Entries[0].Title != long || got.Entries[1].Title != "a BEGIN:VALARM" ||
		!strings.HasPrefix(got.Entries[0].Text, "One, two; three\\n four.\nOne, two") {
		t.Errorf("got %+v", got)
	}
	if e := got.Entries[1]; e.End <= e.Begin {
		t.Errorf("an event from %s to %s", e.Begin, e.End)
	}
}

// FuzzCalendar puts what strangers type wherever a calendar shows it.
func FuzzCalendar(f *testing.F) {
	for _, seed := range []string{"a\r\nBEGIN:VEVENT", "\\n\\,;:\"", strings.Repeat("ş", 74), "\xff\xfe\x00", "\u2028\u0085", strings.Repeat("x <", 40)} {
		f.Add(seed)
	}
	p := pages{}
	site := newSite(f, p, official)
	f.Fuzz(func(t *testing.T, text string) {
		facts := operational()
		facts.Page.Name = text
		facts.Upcoming = []model.Maintenance{work(1, english(text), english(text), at(1, 0, 0), at(1, 1, 0), model.Affected{ID: 1, Name: text})}
		p.put(facts)
		w := get(site, "/p/calm/maintenance.ics")
		if wrong := unfit(w.Body.String()); wrong != "" {
			t.Error(wrong)
		}
		if got := calendarByGo(t, w.Body.Bytes()); len(got.Entries) != 1 {
			t.Errorf("%d events", len(got.Entries))
		}
	})
}

// FuzzFeed puts what strangers type wherever a feed shows it.
func FuzzFeed(f *testing.F) {
	for _, seed := range []string{"]]></content>", "</title>", "\x00\v\x1b", "&amp;&#0;", "<script>", "\xff"} {
		f.Add(seed)
	}
	p := pages{}
	site := newSite(f, p, official)
	f.Fuzz(func(t *testing.T, text string) {
		facts := operational()
		facts.Page.Name = text
		facts.Active = []model.Timeline{happened(1, english(text), incident.Major, about(text), said(incident.Identified, at(0, 1, 0), english(text)))}
		p.put(facts)
		for _, path := range []string{"/p/calm/feed.atom", "/p/calm/feed.rss"} {
			if got := byGo(t, get(site, path).Body.String()); len(got.Entries) != 1 {
				t.Errorf("%s: %d entries", path, len(got.Entries))
			}
		}
	})
}

func TestFeedsAreFoundFromEveryDocument(t *testing.T) {
	site := newSite(t, examples(), official)
	for _, path := range []string{"/p/outage", "/p/outage/history", "/p/outage/incidents/" + failing18May().ID.String()} {
		document := get(site, path+"?lang=tr").Body.String()
		for _, want := range []string{
			`<link rel="alternate" type="application/atom&#43;xml" title="Harbourline: olaylar (Atom)" href="/p/outage/feed.atom?lang=tr">`,
			`<link rel="alternate" type="application/rss&#43;xml" title="Harbourline: olaylar (RSS)" href="/p/outage/feed.rss?lang=tr">`,
			`href="/p/outage/maintenance.ics?lang=tr"`,
		} {
			if !strings.Contains(document, want) {
				t.Errorf("%s has no %s", path, want)
			}
		}
	}
	if document := get(site, "/p/outage").Body.String(); !strings.Contains(document, `href="webcal://status.example/p/outage/maintenance.ics?lang=en"`) {
		t.Error("the page offers no subscription to calendars")
	}
	if document := get(newSite(t, examples(), view.Place{}), "/p/outage").Body.String(); strings.Contains(document, "webcal:") || strings.Contains(document, "ZgotmplZ") {
		t.Error("without a public URL there is no webcal address")
	}
}

func TestAComponentHasABadgeOfItsOwn(t *testing.T) {
	f := outage()
	f.Active = []model.Timeline{failing18May()}
	f.Active[0].Affected = []model.Affected{{ID: 3, Name: "Database"}, {ID: 4, Name: "Email delivery"}}
	p := pages{}
	p.put(f)
	site := newSite(t, p, official)
	for query, want := range map[string]string{
		"?component=API": "API: down", "?component=" + model.ComponentID(1).String(): "API: down", "?component=api&lang=tr": "API: kesinti",
		"?component=Database": "Database: incident", "?component=Email+delivery": "Email delivery: incident", "?component=Bank+import": "Bank import: operational",
		"?component=": "status: not found", "?component=nothing": "status: not found", "": "status: down",
		"?component=" + model.ComponentID(99).String() + "&lang=tr": "durum: bulunamadı",
	} {
		w := get(site, "/p/outage/badge.svg"+query)
		if w.Code != 200 || !strings.Contains(w.Body.String(), `aria-label="`+want+`"`) {
			t.Errorf("%s: %d, not %q:\n%.200s", query, w.Code, want, w.Body)
		}
		if cache := w.Header().Get("Cache-Control"); cache != "no-cache, max-age=0, s-maxage=30" {
			t.Errorf("%s: %s", query, cache)
		}
	}
	if w := get(site, "/p/unknown/badge.svg?component=API"); w.Code != 200 || !strings.Contains(w.Body.String(), "not found") {
		t.Errorf("a badge of no page: %d", w.Code)
	}
}

func TestBadgeAndWidgetNeverSayThatAllIsWellWhenItIsNot(t *testing.T) {
	f := build(harbourline("calm"), service("API", status.Operational, probe("Health", ms)))
	says := func(f snapshot.Facts) (badge, widget *httptest.ResponseRecorder) {
		p := pages{}
		p.put(f)
		site := newSite(t, p, official)
		return get(site, "/p/calm/badge.svg"), get(site, "/p/calm/embed")
	}
	f.Active = []model.Timeline{reminders()}
	f.Active[0].Status = incident.Monitoring
	badge, widget := says(f)
	if !strings.Contains(badge.Body.String(), "status: incident") || !strings.Contains(widget.Body.String(), "Recovered, and being monitored") {
		t.Errorf("with an open incident:\n%s\n%s", badge.Body, widget.Body)
	}
	f.Active, f.Upcoming = nil, []model.Maintenance{relay()}
	badge, widget = says(f)
	if !strings.Contains(badge.Body.String(), "status: maintenance") || !strings.Contains(widget.Body.String(), "Maintenance in progress") {
		t.Errorf("while a window is in progress that covers nothing:\n%s\n%s", badge.Body, widget.Body)
	}
}
