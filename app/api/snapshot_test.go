package api_test

import (
	"encoding/json"
	"flag"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"statusd/app/api"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// exampleSnapshot has a component of each kind, with a check that has not answered yet and set by hand, and news of each kind.
func exampleSnapshot(t *testing.T) (*kit, made) {
	start := time.Date(2026, 5, 18, 12, 34, 44, 0, time.UTC)
	waiting := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	t.Cleanup(waiting.Close)
	k := newKitAt(t, start)
	m := k.fill(k.owner, waiting.URL)
	k.want(200, "PATCH", "/api/v1/checks/"+m.check, `{"name":"Health endpoint","enabled":true}`)
	k.want(200, "PATCH", "/api/v1/components/"+m.component, `{"description":"Public <REST> API","group":"Backend"}`)
	k.want(200, "PATCH", "/api/v1/pages/"+m.page, `{"name":"My App","slug":"my-app","branding":{"displayName":"My App Status"}}`)
	path := "/api/v1/components/" + k.want(201, "POST", "/api/v1/pages/"+m.page+"/components", `{"name":"Web","manualStatus":"operational"}`).json(t)["id"].(string)
	k.clock.set(start.Add(10 * time.Second))
	k.want(200, "PATCH", path, `{"manualStatus":"down"}`)
	k.exampleNews(m)
	k.clock.set(start.Add(14 * time.Second))
	k.want(200, "PATCH", path, `{"name":"Web app"}`)
	return k, m
}

// exampleNews are an incident that is open and two that are over, and a window that is announced, one in progress and one called off.
func (k *kit) exampleNews(m made) {
	k.t.Helper()
	incidents, windows := "/api/v1/pages/"+m.page+"/incidents", "/api/v1/pages/"+m.page+"/maintenances"
	affected := `"affectedComponentIds":["` + m.component + `"]`
	k.create(k.owner, incidents, `{"title":"Slow search","status":"resolved","body":"It is over."}`)
	k.clock.set(k.clock.now().Add(time.Second))
	open := k.create(k.owner, incidents, `{"title":{"en":"Mail delivery delays","tr":"E-postalarda gecikme"},"impact":"major","body":{"en":"**Mails** are <late>."},`+affected+`}`)
	k.create(k.owner, "/api/v1/incidents/"+open+"/updates", `{"status":"monitoring","body":{"en":"Fix deployed; watching.","tr":"Düzeltildi, izliyoruz."}}`)
	k.clock.set(k.clock.now().Add(time.Second))
	k.create(k.owner, incidents, `{"title":{"tr":"Kesinti"},"impact":"critical","status":"resolved","body":"It is over.",`+affected+`}`)
	k.create(k.owner, windows, `{"title":{"en":"Upgrade","tr":"Yükseltme"},"description":{"tr":"*Kısa* sürer."},"scheduledStart":"2026-05-20T01:00:00Z","scheduledEnd":"2026-05-20T02:00:00Z",`+affected+`}`)
	begun := k.create(k.owner, windows, `{"title":"Move","scheduledStart":"2026-05-20T03:00:00Z","scheduledEnd":"2026-05-20T04:00:00Z"}`)
	k.want(200, "POST", "/api/v1/maintenances/"+begun+"/start", "")
	off := k.create(k.owner, windows, `{"title":"Not to be","scheduledStart":"2026-05-19T00:00:00Z","scheduledEnd":"2026-05-20T04:00:00Z"}`)
	k.want(200, "POST", "/api/v1/maintenances/"+off+"/cancel", "")
}

func TestSnapshotIsAsTheGoldenFile(t *testing.T) {
	k, _ := exampleSnapshot(t)
	got := k.serve(newRequest("GET", "/api/v1/status/my-app", "", "")).text
	got = regexp.MustCompile(`"(id":|affectedComponentIds":\[)"[0-9a-z]{8}"`).ReplaceAllString(got, `"$1"..."`)
	const file = "testdata/status.golden.json"
	if *update {
		k.must(os.WriteFile(file, []byte(got), 0o644))
	}
	want, err := os.ReadFile(file)
	k.must(err)
	if got != string(want) {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

func TestSnapshotHasTheShapeOfTheReference(t *testing.T) {
	k := newKit(t)
	url, _ := target(t)
	m := k.furnish(k.owner, url)
	k.create(k.owner, "/api/v1/pages/"+m.page+"/incidents", `{"title":"T","body":"B","status":"resolved"}`)
	k.want(200, "PATCH", "/api/v1/checks/"+m.check, `{"enabled":true}`)
	var got map[string]any
	eventually(t, "the check was probed", func() bool {
		got = k.serve(newRequest("GET", "/api/v1/status/"+m.slug, "", "")).json(t)
		return got["overall"] == "operational"
	})
	text, err := os.ReadFile("testdata/reference.json")
	k.must(err)
	var want map[string]any
	k.must(json.Unmarshal(text, &want))
	sameShape(t, "", got, want)
	for name, list := range map[string]string{"activeIncidents": "id title status impact affectedComponentIds startedAt updates", "pastIncidents": "id title impact startedAt resolvedAt affectedComponentIds",
		"upcomingMaintenances": "id title description status scheduledStart scheduledEnd affectedComponentIds"} { // the reference's own list is empty; SPEC 7 has its members
		items := got[name].([]any)
		if len(items) != 1 || !slices.Equal(slices.Sorted(maps.Keys(items[0].(map[string]any))), slices.Sorted(strings.FieldsSeq(list))) {
			t.Errorf("%s: got %v, want %s", name, items, list)
		}
	}
	days := got["components"].([]any)[0].(map[string]any)["dailyHistory"].([]any)
	if last := days[len(days)-1].(map[string]any); len(days) != 90 || last["date"] != got["generatedAt"].(string)[:len(time.DateOnly)] {
		t.Errorf("%d days, the last is %v", len(days), last)
	}
	if strings.Contains(encode(t, got), url) {
		t.Error("the public reads what is probed")
	}
}

// sameShape compares names and kinds; null fits any kind, and a list is compared by its first item.
func sameShape(t *testing.T, at string, got, want any) {
	t.Helper()
	switch want := want.(type) {
	case map[string]any:
		own, ok := got.(map[string]any)
		for name := range own {
			if _, known := want[name]; !known && !slices.Contains([]string{".components[].group", ".components[].description"}, at+"."+name) {
				t.Errorf("%s.%s is not in the reference", at, name)
			}
		}
		for name, value := range want {
			if _, known := own[name]; !ok || !known {
				t.Errorf("%s.%s is missing", at, name)
				continue
			}
			sameShape(t, at+"."+name, own[name], value)
		}
	case []any:
		own, ok := got.([]any)
		if !ok {
			t.Errorf("%s is no list", at)
		}
		if len(own) > 0 && len(want) > 0 {
			sameShape(t, at+"[]", own[0], want[0])
		}
	default:
		if got != nil && want != nil && kind(got) != kind(want) {
			t.Errorf("%s: got %v, want like %v", at, got, want)
		}
	}
}

func kind(v any) string {
	switch v.(type) {
	case string:
		return "string"
	case float64:
		return "number"
	case bool:
		return "boolean"
	}
	return "other"
}

func TestSnapshotIsCachedComparedAndOpenToAll(t *testing.T) {
	k, _ := exampleSnapshot(t)
	get := func(method, etag string) answer {
		r := newRequest(method, "/api/v1/status/my-app?lang=tr", "", "")
		if etag != "" {
			r.Header.Set("If-None-Match", etag)
		}
		return k.serve(r)
	}
	first := get("GET", "")
	for name, want := range map[string]string{"Access-Control-Allow-Origin": "*", "Cache-Control": "public, max-age=30", "Vary": "Accept-Language, Accept-Encoding", "Content-Type": "application/json"} {
		if got := first.header.Get(name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	if head := get("HEAD", ""); head.status != 200 || head.text != "" || head.header.Get("Content-Length") != first.header.Get("Content-Length") {
		t.Errorf("HEAD: got %d %v", head.status, head.header)
	}
	again := get("GET", first.header.Get("ETag"))
	if again.status != http.StatusNotModified || again.text != "" || again.header.Get("Access-Control-Allow-Origin") != "*" || again.header.Get("Vary") == "" || again.header.Get("Cache-Control") == "" {
		t.Errorf("If-None-Match: got %d %v", again.status, again.header)
	}
	missing := k.serve(newRequest("GET", "/api/v1/status/nobody", "", ""))
	if missing.status != 404 || missing.header.Get("Access-Control-Allow-Origin") != "*" || missing.header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("an unknown slug: got %d %v", missing.status, missing.header)
	}
	preflight := k.serve(newRequest("OPTIONS", "/api/v1/status/my-app", "", ""))
	if preflight.status != 204 || preflight.header.Get("Access-Control-Allow-Origin") != "*" || preflight.header.Get("Access-Control-Allow-Methods") != "GET, HEAD" {
		t.Errorf("preflight: got %d %v", preflight.status, preflight.header)
	}
}

func TestSnapshotFollowsAChangeAtOnce(t *testing.T) {
	k, m := exampleSnapshot(t)
	read := func(slug string) answer { return k.serve(newRequest("GET", "/api/v1/status/"+slug, "", "")) }
	read("my-app")
	k.want(200, "PATCH", "/api/v1/pages/"+m.page, `{"name":"Renamed","slug":"renamed"}`)
	if got := read("my-app").status; got != 404 {
		t.Errorf("the old slug: got %d, want 404", got)
	}
	if got := read("renamed").text; !strings.Contains(got, `"name":"Renamed"`) {
		t.Errorf("got %s", got)
	}
	k.want(204, "DELETE", "/api/v1/components/"+m.component, "")
	if got := read("renamed").text; strings.Contains(got, `"id":"`+m.component+`"`) {
		t.Errorf("a deleted component is shown: %s", got)
	}
	k.want(204, "DELETE", "/api/v1/pages/"+m.page, "")
	if got := read("renamed").status; got != 404 {
		t.Errorf("a deleted page: got %d, want 404", got)
	}
}

func TestSnapshotSpeaksTheLanguageThatIsAskedFor(t *testing.T) {
	k, _ := exampleSnapshot(t)
	k.echo = echo.New()
	api.New(api.Config{App: k.app, Match: func(query string, _ []string) string { return query }}).Register(k.echo)
	for lang, want := range map[string]string{
		"en": "Mail delivery delays|Fix deployed; watching.|**Mails** are <late>.|Upgrade|*Kısa* sürer.|Move|Kesinti|Slow search",
		"tr": "E-postalarda gecikme|Düzeltildi, izliyoruz.|**Mails** are <late>.|Yükseltme|*Kısa* sürer.|Move|Kesinti|Slow search",
	} {
		got := k.serve(newRequest("GET", "/api/v1/status/my-app?lang="+lang, "", "")).text
		_, news, _ := strings.Cut(got, `"activeIncidents"`)
		var words []string
		for _, m := range regexp.MustCompile(`"(?:title|body|description)":"([^"]*)"`).FindAllStringSubmatch(news, -1) {
			words = append(words, m[1])
		}
		if got := strings.Join(words, "|"); got != want {
			t.Errorf("%s: got %s, want %s", lang, got, want)
		}
	}
}

func TestSnapshotFollowsNewsAtOnce(t *testing.T) {
	k := newKit(t)
	m := k.furnish(k.owner, "https://example.com/")
	read := func() string { return k.serve(newRequest("GET", "/api/v1/status/"+m.slug, "", "")).text }
	read()
	for _, step := range []struct {
		status                     int
		method, path, body, expect string
	}{
		{200, "PATCH", "/api/v1/incidents/" + m.incident, `{"title":"Other words"}`, `"title":"Other words"`},
		{200, "PATCH", "/api/v1/updates/" + m.update, `{"body":"Edited words"}`, `"body":"Edited words"`},
		{201, "POST", "/api/v1/incidents/" + m.incident + "/updates", `{"body":"More words","notify":false}`, `"body":"More words"`},
		{204, "DELETE", "/api/v1/updates/" + m.update, "", `"status":"identified","body":"More words"`},
		{201, "POST", "/api/v1/incidents/" + m.incident + "/updates", `{"body":"B","status":"resolved"}`, `"activeIncidents":[]`},
		{204, "DELETE", "/api/v1/incidents/" + m.incident, "", `"pastIncidents":[]`},
		{200, "PATCH", "/api/v1/maintenances/" + m.maintenance, `{"description":"New words"}`, `"description":"New words"`},
		{200, "POST", "/api/v1/maintenances/" + m.maintenance + "/start", "", `"status":"in_progress"`},
		{200, "POST", "/api/v1/maintenances/" + m.maintenance + "/complete", "", `"upcomingMaintenances":[]`},
	} {
		k.want(step.status, step.method, step.path, step.body)
		if got := read(); !strings.Contains(got, step.expect) {
			t.Errorf("%s %s %s: got %s, want %s", step.method, step.path, step.body, got, step.expect)
		}
	}
}

// discard is a ResponseWriter that keeps nothing.
type discard struct{ header http.Header }

func (d discard) Header() http.Header         { return d.header }
func (d discard) Write(p []byte) (int, error) { return io.Discard.Write(p) }
func (d discard) WriteHeader(int)             {}

func TestServingASnapshotAllocatesNextToNothing(t *testing.T) {
	k, _ := exampleSnapshot(t)
	r := newRequest("GET", "/api/v1/status/my-app", "", "")
	r.Header.Set("Accept-Encoding", "gzip")
	w := discard{http.Header{}}
	if got := testing.AllocsPerRun(500, func() { k.echo.ServeHTTP(w, r) }); got > 4 {
		t.Errorf("got %v allocations a request, want at most 4", got)
	}
}
