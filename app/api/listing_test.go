package api_test

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// walk reads a whole list in pages of two.
func (k *kit) walk(path, field string) (all []string, pages int) {
	k.t.Helper()
	for cursor := ""; ; pages++ {
		got := k.want(200, "GET", path+"?limit=2&cursor="+cursor, "").json(k.t)
		for _, item := range got["items"].([]any) {
			all = append(all, fmt.Sprint(item.(map[string]any)[field]))
		}
		next, more := got["next"].(string)
		if !more {
			return all, pages + 1
		}
		cursor = next
	}
}

func TestAListIsReadToItsEndInPages(t *testing.T) {
	k := newKit(t)
	m := k.furnish(k.owner, "https://example.com/")
	k.create(k.owner, "/api/v1/incidents/"+m.incident+"/updates", `{"body":"B"}`)
	for i := range 4 {
		k.create(k.owner, "/api/v1/pages/"+m.page+"/incidents", `{"title":"T","body":"B"}`)
		k.create(k.owner, "/api/v1/pages/"+m.page+"/maintenances", `{"title":"T",`+someday+`}`)
		if i < 3 {
			k.want(201, "POST", "/api/v1/restart-targets", `{"type":"http","name":"N","url":"https://example.com/"}`)
		}
		if i < 2 {
			k.create(k.owner, "/api/v1/incidents/"+m.incident+"/updates", `{"body":"B"}`)
		}
		k.want(201, "POST", "/api/v1/pages", fmt.Sprintf(`{"name":"N","slug":"more-%d"}`, i))
		k.want(201, "POST", "/api/v1/pages/"+m.page+"/components", fmt.Sprintf(`{"name":"N%d","position":7}`, i))
		k.want(201, "POST", "/api/v1/components/"+m.component+"/checks", `{"name":"N","url":"https://example.com/","enabled":false}`)
	}
	for _, path := range []string{"/api/v1/pages", "/api/v1/pages/" + m.page + "/components", "/api/v1/components/" + m.component + "/checks",
		"/api/v1/pages/" + m.page + "/incidents", "/api/v1/incidents/" + m.incident + "/updates", "/api/v1/pages/" + m.page + "/maintenances", "/api/v1/restart-targets"} {
		got, pages := k.walk(path, "id")
		distinct := slices.Compact(slices.Sorted(slices.Values(got)))
		if len(got) != 5 || len(distinct) != 5 || pages != 3 {
			t.Errorf("%s: got %v in %d pages", path, got, pages)
		}
	}
	if got := k.want(200, "GET", "/api/v1/pages?limit=5&unknown=1", "").json(t)["next"]; got != nil {
		t.Errorf("an exact page has a next: %v", got)
	}
	for query, field := range map[string]string{"limit=0": "limit", "limit=201": "limit", "limit=-1": "limit", "limit=x": "limit", "cursor=x": "cursor", "cursor=MS4": "cursor"} {
		if got := k.want(422, "GET", "/api/v1/pages?"+query, "").wrong(t); got[field] == "" || len(got) != 1 {
			t.Errorf("%s: got %v", query, got)
		}
	}
}

func TestResultsAreReadNewestFirstToTheirEnd(t *testing.T) {
	k := newKit(t)
	url, _ := target(t)
	path := "/api/v1/checks/" + k.fill(k.owner, url).check
	var want []string
	for range 7 {
		want = append(want, k.want(200, "POST", path+"/run", "").json(t)["at"].(string))
	}
	eventually(t, "the results are recorded", func() bool { return k.count(path+"/results") == len(want) })
	slices.Sort(want)
	slices.Reverse(want)
	if got, _ := k.walk(path+"/results", "at"); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	one := k.want(200, "GET", path+"/results?limit=1", "").json(t)["items"].([]any)[0].(map[string]any)
	if one["status"] != "operational" || one["statusCode"] != 200.0 || one["error"] != nil || one["manual"] != true {
		t.Errorf("got %v", one)
	}
	for query, field := range map[string]string{"from=x": "from", "to=2026-02-30T00:00:00Z": "to", "limit=2881": "limit", "limit=0": "limit", "cursor=x": "cursor", "from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z": "to"} {
		if got := k.want(422, "GET", path+"/results?"+query, "").wrong(t); got[field] == "" {
			t.Errorf("%s: got %v", query, got)
		}
	}
}

func TestAFailedRunSaysWhy(t *testing.T) {
	k := newKit(t)
	url, _ := target(t)
	path := "/api/v1/checks/" + k.fill(k.owner, url).check
	k.want(200, "PATCH", path, `{"expectedStatusMin":204,"expectedStatusMax":204,"retries":0}`)
	got := k.want(200, "POST", path+"/run", "{}").json(t)
	if got["status"] != "down" || got["statusCode"] != 200.0 || got["error"] == nil || got["error"] == "" {
		t.Errorf("got %v", got)
	}
	k.want(422, "POST", path+"/run", `{"force":true}`)
}

func TestSpansAddUpToTheUptime(t *testing.T) {
	start := time.Date(2026, 5, 18, 12, 0, 0, 0, time.UTC)
	k := newKitAt(t, start)
	m := k.fill(k.owner, "https://example.com/")
	component := k.want(201, "POST", "/api/v1/pages/"+m.page+"/components", `{"name":"N","manualStatus":"operational"}`).json(t)["id"].(string)
	path := "/api/v1/components/" + component
	k.clock.set(start.Add(10 * time.Second))
	k.want(200, "PATCH", path, `{"manualStatus":"down"}`)
	k.clock.set(start.Add(14 * time.Second))
	k.want(200, "PATCH", path, `{"manualStatus":"degraded"}`)
	k.clock.set(start.Add(14*time.Second + 250*time.Millisecond))
	k.want(200, "PATCH", path, `{"manualStatus":null}`)
	got := k.want(200, "GET", path+"/spans?from=2026-05-18T12:00:00Z&to=2026-05-18T15:00:14.250%2B03:00", "").text
	want := `{"from":"2026-05-18T12:00:00.000Z","to":"2026-05-18T12:00:14.250Z","spans":[` +
		`{"from":"2026-05-18T12:00:00.000Z","to":"2026-05-18T12:00:10.000Z","status":"operational"},` +
		`{"from":"2026-05-18T12:00:10.000Z","to":"2026-05-18T12:00:14.000Z","status":"down"},` +
		`{"from":"2026-05-18T12:00:14.000Z","to":"2026-05-18T12:00:14.250Z","status":"degraded"}],"maintenances":[],"uptime":71.92,"knownSeconds":14}` + "\n"
	if got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
	for query, field := range map[string]string{"from=x": "from", "to=tomorrow": "to", "from=2025-01-01T00:00:00Z": "from", "from=2026-05-18T13:00:00Z": "to", "from=2026-05-18T12:00:00": "from"} {
		if got := k.want(422, "GET", path+"/spans?"+query, "").wrong(t); got[field] == "" || len(got) != 1 {
			t.Errorf("%s: got %v", query, got)
		}
	}
}
