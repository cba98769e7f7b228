package public_test

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"statusd/app/brand"
	"statusd/app/web/view"
)

// Documents beside the page.
var (
	incidentPath = "/p/outage/incidents/" + failing18May().ID.String()
	oldIncident  = "/p/outage/incidents/" + ancient().ID.String()
	newPaths     = []string{incidentPath, oldIncident, "/p/outage/history", "/p/outage/history?month=2026-02", "/p/outage/feed.atom",
		"/p/outage/feed.rss", "/p/outage/maintenance.ics", "/p/outage/badge.svg?component=API"}
)

func TestAnswersSayHowTheyMayBeKeptAndShown(t *testing.T) {
	site := newSite(t, examples(), view.Place{})
	const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
		"object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors "
	for path, want := range map[string]map[string]string{
		"/p/calm": {
			"Content-Type": "text/html; charset=utf-8", "Cache-Control": "public, max-age=30", "Content-Security-Policy": policy + "'none'",
		},
		"/p/calm/embed": {
			"Content-Type": "text/html; charset=utf-8", "Cache-Control": "public, max-age=30", "Content-Security-Policy": policy + "*",
		},
		"/p/calm/badge.svg": {
			"Content-Type": "image/svg+xml; charset=utf-8", "Cache-Control": "no-cache, max-age=0, s-maxage=30", "Content-Security-Policy": policy + "'none'",
		},
		"/p/unknown/badge.svg": {
			"Content-Type": "image/svg+xml; charset=utf-8", "Cache-Control": "no-cache, max-age=0, s-maxage=30", "Content-Security-Policy": policy + "'none'",
		},
		incidentPath: {
			"Content-Type": "text/html; charset=utf-8", "Cache-Control": "public, max-age=30", "Content-Security-Policy": policy + "'none'",
		},
		"/p/outage/history": {
			"Content-Type": "text/html; charset=utf-8", "Cache-Control": "public, max-age=30", "Content-Security-Policy": policy + "'none'",
		},
		"/p/outage/feed.atom":       {"Content-Type": "application/atom+xml; charset=utf-8", "Cache-Control": "public, max-age=30"},
		"/p/outage/feed.rss":        {"Content-Type": "application/rss+xml; charset=utf-8", "Cache-Control": "public, max-age=30"},
		"/p/outage/maintenance.ics": {"Content-Type": "text/calendar; charset=utf-8", "Cache-Control": "public, max-age=30"},
	} {
		want["Vary"] = "Accept-Language, Accept-Encoding"
		w := get(site, path, "Accept-Language", "tr-TR,tr;q=0.9")
		if w.Code != http.StatusOK {
			t.Errorf("%s: %d", path, w.Code)
		}
		got := map[string]string{}
		for name := range want {
			got[name] = w.Header().Get(name)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s:\n%s", path, diff)
		}
		for _, forbidden := range []string{"Set-Cookie", "X-Robots-Tag"} {
			if got := w.Header().Get(forbidden); got != "" {
				t.Errorf("%s: %s is %q", path, forbidden, got)
			}
		}
	}
}

func TestWhatTheReaderHasIsNotSentAgain(t *testing.T) {
	site := newSite(t, examples(), view.Place{})
	brand := regexp.MustCompile(`/p/calm/brand-[^"]+`).FindString(get(site, "/p/calm").Body.String())
	for _, path := range append(newPaths, "/p/calm", "/p/calm/embed", "/p/calm/badge.svg", "/p/unknown/badge.svg", brand) {
		tags := map[string]bool{}
		for _, encoding := range []string{"", "gzip"} {
			first := get(site, path, "Accept-Encoding", encoding)
			tag := first.Header().Get("Etag")
			tags[tag] = true
			again := get(site, path, "Accept-Encoding", encoding, "If-None-Match", `"other", W/`+tag)
			if again.Code != http.StatusNotModified || again.Body.Len() != 0 || again.Header().Get("Etag") != tag {
				t.Errorf("%s, %q: %d with %d bytes and tag %s", path, encoding, again.Code, again.Body.Len(), again.Header().Get("Etag"))
			}
			if again.Header().Get("Cache-Control") != first.Header().Get("Cache-Control") || again.Header().Get("Vary") != first.Header().Get("Vary") {
				t.Errorf("%s: 304 has other caching headers than 200", path)
			}
			if other := get(site, path, "Accept-Encoding", encoding, "If-None-Match", `"other"`); other.Code != http.StatusOK {
				t.Errorf("%s: another tag is answered with %d", path, other.Code)
			}
		}
		if len(tags) != 2 || tags[""] {
			t.Errorf("%s: plain and compressed have the tags %v", path, tags)
		}
	}
	if en, tr := get(site, "/p/calm"), get(site, "/p/calm?lang=tr"); en.Header().Get("Etag") == tr.Header().Get("Etag") {
		t.Error("two languages have one tag")
	}
}

func TestHeadIsGetWithoutTheBody(t *testing.T) {
	site := newSite(t, examples(), view.Place{})
	for _, path := range append(newPaths, "/p/calm", "/p/calm/embed", "/p/calm/badge.svg", "/p/unknown", "/p/unknown/badge.svg", "/assets/unknown.css",
		"/p/outage/incidents/00000000", "/p/outage/history?month=1999-01", "/p/unknown/feed.atom") {
		full, head := get(site, path), ask(site, http.MethodHead, path)
		if head.Body.Len() != 0 {
			t.Errorf("%s: HEAD has a body", path)
		}
		if head.Code != full.Code || head.Header().Get("Content-Length") == "" {
			t.Errorf("%s: %d, then %d with length %q", path, full.Code, head.Code, head.Header().Get("Content-Length"))
		}
		if diff := cmp.Diff(full.Header(), head.Header()); diff != "" {
			t.Errorf("%s:\n%s", path, diff)
		}
	}
	if w := ask(site, http.MethodPost, "/p/calm"); w.Code != http.StatusMethodNotAllowed {
		t.Errorf("POST is answered with %d", w.Code)
	}
}

func TestNoIndexIsSaidInHeaderAndHead(t *testing.T) {
	site := newSite(t, examples(), view.Place{})
	const tag = `<meta name="robots" content="noindex">`
	for slug, want := range map[string]bool{"hostile": true, "calm": false} {
		w := get(site, "/p/"+slug)
		if got := w.Header().Get("X-Robots-Tag") == "noindex"; got != want {
			t.Errorf("%s: header %v", slug, got)
		}
		if got := strings.Contains(w.Body.String(), tag); got != want {
			t.Errorf("%s: meta %v", slug, got)
		}
	}
}

func TestUnknownPagesAreAnsweredInTheReadersLanguage(t *testing.T) {
	site := newSite(t, examples(), view.Place{})
	for header, want := range map[string]string{"": "There is no page at this address.", "tr": "Bu adreste sayfa yok."} {
		for _, path := range []string{"/p/unknown", "/p/unknown/embed", "/assets/unknown.js", "/p/unknown/brand-0000000000.css", "/p/calm/brand-0000000000.js"} {
			w := get(site, path, "Accept-Language", header)
			if w.Code != http.StatusNotFound || !strings.Contains(w.Body.String(), want) {
				t.Errorf("%s, %q: %d\n%s", path, header, w.Code, w.Body)
			}
			if w.Header().Get("Cache-Control") != "no-store" || w.Header().Get("Etag") != "" {
				t.Errorf("%s: %v", path, w.Header())
			}
		}
	}
	// Image proxies show nothing at all for a 404.
	for lang, word := range map[string]string{"en": "not found", "tr": "bulunamadı"} {
		w := get(site, "/p/unknown/badge.svg?lang="+lang)
		if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), word) || !strings.Contains(w.Body.String(), `fill="#5b5b65"`) {
			t.Errorf("badge in %s: %d\n%s", lang, w.Code, w.Body)
		}
	}
}

func TestAFailureShowsItsIdAndNotItsReason(t *testing.T) {
	site := newSite(t, examples(), view.Place{})
	r := httptest.NewRequest(http.MethodGet, "/p/broken", nil)
	w := httptest.NewRecorder()
	w.Header().Set("X-Request-Id", "r-42")
	site.ServeHTTP(w, r)
	body := w.Body.String()
	if w.Code != http.StatusInternalServerError || !strings.Contains(body, "r-42") || strings.Contains(body, "disk") {
		t.Errorf("%d\n%s", w.Code, body)
	}
	if got := w.Header().Get("Cache-Control"); got != "no-store" {
		t.Errorf("Cache-Control %q", got)
	}
}

func TestAStyleSheetWithAnOldHashIsTodaysAndNotKept(t *testing.T) {
	site := newSite(t, examples(), view.Place{})
	today := brand.New("#facc15")
	fresh, stale := get(site, "/p/cinar/brand-"+today.Hash+".css"), get(site, "/p/cinar/brand-0123456789.css")
	for name, c := range map[string]struct {
		answer *httptest.ResponseRecorder
		cache  string
	}{"fresh": {fresh, view.Immutable}, "stale": {stale, "no-cache"}} {
		if c.answer.Body.String() != today.CSS || c.answer.Header().Get("Cache-Control") != c.cache {
			t.Errorf("%s: %s\n%s", name, c.answer.Header().Get("Cache-Control"), c.answer.Body)
		}
	}
}

var links = regexp.MustCompile(`(?:href|src|content)="((?:https?:/)?/[^"]*)"`)

func TestLinksStayWithinTheBasePath(t *testing.T) {
	site := newSite(t, examples(), view.Place{BasePath: "/status", BaseURL: "https://example.org/status"})
	for _, path := range []string{"/p/calm", "/p/calm/embed", "/p/unknown", "/p/outage", incidentPath, "/p/outage/history", "/p/outage/incidents/00000000"} {
		found := links.FindAllStringSubmatch(get(site, path).Body.String(), -1)
		if len(found) < 2 {
			t.Errorf("%s has %d links", path, len(found))
		}
		for _, m := range found {
			if !strings.HasPrefix(m[1], "/status/") && !strings.HasPrefix(m[1], "https://example.org/status/") {
				t.Errorf("%s leads to %s", path, m[1])
			}
		}
	}
}

func TestOnItsOwnDomainThePageIsTheRoot(t *testing.T) {
	p := examples()
	site := newSite(t, p, view.Place{BasePath: "/status"})
	own := view.Place{CustomDomain: true, BaseURL: "https://status.calm.example"}
	onDomain := func(path string) string {
		r := httptest.NewRequest(http.MethodGet, path, nil)
		w := httptest.NewRecorder()
		site.ServeHTTP(w, r.WithContext(view.WithPlace(r.Context(), own)))
		return w.Body.String()
	}
	for range 2 { // both places have documents of their own in the snapshot
		page, widget := onDomain("/p/calm"), onDomain("/p/calm/embed")
		for _, want := range []string{
			`class="brand" href="/"`, `href="/?lang=tr"`, `rel="canonical" href="https://status.calm.example/"`, `href="/assets/`, `href="/p/calm/brand-`,
		} {
			if !strings.Contains(page, want) {
				t.Errorf("the page has no %s", want)
			}
		}
		if !strings.Contains(widget, `href="/?lang=en"`) {
			t.Error("the widget does not lead to the root")
		}
		if strings.Contains(page+widget, "/status/") {
			t.Error("the base host's path is in a document of the domain")
		}
		beside := onDomain("/p/outage") + onDomain(incidentPath) + onDomain("/p/outage/history?month=2026-02") + onDomain("/p/outage/feed.atom")
		for _, want := range []string{
			`href="/incidents/0000000b?lang=en"`, `href="/history?lang=en"`, `href="/feed.atom?lang=en"`, `href="webcal://status.calm.example/maintenance.ics?lang=en"`,
			`rel="canonical" href="https://status.calm.example/incidents/0000000b"`, `content="https://status.calm.example/incidents/0000000b"`,
			`rel="canonical" href="https://status.calm.example/history?month=2026-02"`, `href="https://status.calm.example/incidents/0000000b?lang=en"`,
		} {
			if !strings.Contains(beside, want) {
				t.Errorf("nothing has %s", want)
			}
		}
		if strings.Contains(beside, "/status/") || strings.Contains(beside, `"/p/outage/i`) {
			t.Error("the base host's path is in a document of the domain")
		}
		if base := get(site, "/p/calm").Body.String(); !strings.Contains(base, `class="brand" href="/status/p/calm"`) {
			t.Error("the base host's page has the domain's links")
		}
	}
}

func TestTheAddressOfTheLanguageWinsOverTheHeader(t *testing.T) {
	site := newSite(t, examples(), view.Place{})
	for _, c := range []struct{ query, header, want string }{
		{"?lang=tr", "en", "tr"}, {"?lang=en", "tr", "en"}, {"", "tr-TR", "tr"}, {"?lang=xx", "tr", "tr"}, {"?lang=%zz&lang=tr", "en", "tr"}, {"?other=tr", "", "en"},
	} {
		w := get(site, "/p/calm"+c.query, "Accept-Language", c.header)
		if !strings.Contains(w.Body.String(), `<html lang="`+c.want+`"`) {
			t.Errorf("%s with %s is not in %s", c.query, c.header, c.want)
		}
	}
}

// sink is a writer that a request can be served to again and again.
type sink struct{ header http.Header }

func (s sink) Header() http.Header         { return s.header }
func (s sink) WriteHeader(int)             {}
func (s sink) Write(b []byte) (int, error) { return len(b), nil }

func visitor(path string) *http.Request {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.Header.Set("Accept-Encoding", "gzip, deflate, br")
	r.Header.Set("Accept-Language", "tr-TR,tr;q=0.9,en;q=0.8")
	return r
}

func TestServingAFinishedPageAllocatesNothing(t *testing.T) {
	site := newSite(t, examples(), view.Place{})
	for _, path := range []string{"/p/outage", "/p/outage/embed", "/p/outage/badge.svg", "/p/outage/feed.atom", "/p/outage/feed.rss"} {
		w, r := sink{http.Header{}}, visitor(path)
		site.ServeHTTP(w, r)
		if n := testing.AllocsPerRun(200, func() { site.ServeHTTP(w, r) }); n > 0 && !raceDetector {
			t.Errorf("%s: %v allocations", path, n)
		}
	}
}
