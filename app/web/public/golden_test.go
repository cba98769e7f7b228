package public_test

import (
	"flag"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"statusd/app/snapshot"
	"statusd/app/status"
	"statusd/app/web/view"
)

var update = flag.Bool("update", false, "write the golden files anew")

// hashes change with every style sheet; the golden files do not.
var hashes = regexp.MustCompile(`(\.|brand-)[0-9a-f]{10}\.(css|js|svg)`)

// golden compares an answer with a file of testdata.
func golden(t *testing.T, file, got string) {
	t.Helper()
	got = hashes.ReplaceAllString(got, "${1}HASH.$2")
	file = filepath.Join("testdata", file)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("%s (-want +got; -update writes it anew):\n%s", file, diff)
	}
}

var official = view.Place{BaseURL: "https://status.example"}

func TestPagesAndWidgetsAreAsAgreed(t *testing.T) {
	site := newSite(t, examples(), official)
	for _, lang := range []string{"en", "tr"} {
		for _, slug := range []string{"calm", "outage", "fresh", "empty", "planned", "cinar", "branded", "night", "formatted"} {
			page := get(site, "/p/"+slug+"?lang="+lang)
			widget := get(site, "/p/"+slug+"/embed?lang="+lang)
			if page.Code != http.StatusOK || widget.Code != http.StatusOK {
				t.Fatalf("%s in %s: %d, %d", slug, lang, page.Code, widget.Code)
			}
			golden(t, "page-"+slug+"."+lang+".html", page.Body.String())
			golden(t, "embed-"+slug+"."+lang+".html", widget.Body.String())
		}
		golden(t, "not-found."+lang+".html", get(site, "/p/unknown?lang="+lang).Body.String())
	}
}

func TestIncidentsAndHistoryAreAsAgreed(t *testing.T) {
	site := newSite(t, examples(), official)
	for name, path := range beside {
		for _, lang := range []string{"en", "tr"} {
			golden(t, name+"."+lang+".html", get(site, path+"?lang="+lang).Body.String())
		}
	}
}

func TestFeedsAndCalendarAreAsAgreed(t *testing.T) {
	site := newSite(t, examples(), official)
	for _, file := range []string{"feed.atom", "feed.rss", "maintenance.ics"} {
		for _, lang := range []string{"en", "tr"} {
			kind := file[strings.IndexByte(file, '.'):]
			golden(t, strings.TrimSuffix(file, kind)+"."+lang+kind, get(site, "/p/outage/"+file+"?lang="+lang).Body.String())
		}
	}
}

func TestBadgesAreAsAgreed(t *testing.T) {
	all := pages{}
	for _, s := range status.All() {
		all[s.String()] = snapshot.New(build(harbourline(s.String()), service("API", s)))
	}
	site := newSite(t, all, view.Place{})
	for _, lang := range []string{"en", "tr"} {
		for slug := range all {
			golden(t, "badge-"+slug+"."+lang+".svg", get(site, "/p/"+slug+"/badge.svg?lang="+lang).Body.String())
		}
		golden(t, "badge-unknown."+lang+".svg", get(site, "/p/unknown/badge.svg?lang="+lang).Body.String())
	}
}

// What a first visit may weigh, compressed: the outage example with its styles and scripts, and a page of fifty components.
func TestPagesStayLight(t *testing.T) {
	site := newSite(t, examples(), official)
	weigh := func(path string) int {
		w := get(site, path, "Accept-Encoding", "gzip")
		t.Logf("%s: %d bytes", path, w.Body.Len())
		return w.Body.Len()
	}
	sum := weigh("/p/outage")
	for _, m := range regexp.MustCompile(`(?:src|href)="(/assets/[^"]+\.(?:js|css)|/p/[^"]+\.css)"`).FindAllStringSubmatch(get(site, "/p/outage").Body.String(), -1) {
		sum += weigh(m[1])
	}
	if most := 15 << 10; sum > most {
		t.Errorf("a first visit takes %d bytes, more than %d", sum, most)
	}
	if n, most := weigh("/p/many"), 8<<10; n > most {
		t.Errorf("fifty components take %d bytes, more than %d", n, most)
	}
}
