package api_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestAWindowIsShownAsItWasAnnouncedAndAsItWas(t *testing.T) {
	k := newKitAt(t, noon)
	m := k.fill(k.owner, "https://example.com/")
	id := k.create(k.owner, "/api/v1/pages/"+m.page+"/maintenances", `{"title":{"tr":"Yükseltme"},"scheduledStart":"2026-05-19T04:00:00.750+03:00","scheduledEnd":"2026-05-18T22:30:00-03:00","affectedComponentIds":["`+m.component+`"]}`)
	path := "/api/v1/maintenances/" + id
	shown := func(status, started, ended, updated string) string {
		return `{"id":"` + id + `","pageId":"` + m.page + `","title":{"tr":"Yükseltme"},"description":null,"status":"` + status + `","scheduledStart":"2026-05-19T01:00:00Z","scheduledEnd":"2026-05-19T01:30:00Z",` +
			`"startedAt":` + started + `,"endedAt":` + ended + `,"autoComplete":true,"affectedComponentIds":["` + m.component + `"],"createdAt":"2026-05-18T12:00:00Z","updatedAt":"` + updated + `"}` + "\n"
	}
	if diff := cmp.Diff(shown("scheduled", "null", "null", "2026-05-18T12:00:00Z"), k.want(200, "GET", path, "").text); diff != "" {
		t.Error(diff)
	}
	k.clock.set(noon.Add(time.Minute))
	if diff := cmp.Diff(shown("in_progress", `"2026-05-18T12:01:00Z"`, "null", "2026-05-18T12:01:00Z"), k.want(200, "POST", path+"/start", "").text); diff != "" {
		t.Error(diff)
	}
	if got := k.want(200, "GET", "/api/v1/components/"+m.component, "").json(t)["status"]; got != "maintenance" {
		t.Errorf("the component is %v", got)
	}
	k.clock.set(noon.Add(2 * time.Minute))
	if diff := cmp.Diff(shown("completed", `"2026-05-18T12:01:00Z"`, `"2026-05-18T12:02:00Z"`, "2026-05-18T12:02:00Z"), k.want(200, "POST", path+"/complete", "{}").text); diff != "" {
		t.Error(diff)
	}
	if got := k.told(); got != 3 {
		t.Errorf("%d events, want 3", got)
	}
}

// windowIn makes a window that has come as far as a state.
func (k *kit) windowIn(page, state string) (path string) {
	k.t.Helper()
	path = "/api/v1/maintenances/" + k.create(k.owner, "/api/v1/pages/"+page+"/maintenances", `{"title":"Upgrade",`+someday+`}`)
	for _, step := range map[string][]string{"in_progress": {"/start"}, "completed": {"/start", "/complete"}, "cancelled": {"/cancel"}}[state] {
		k.want(200, "POST", path+step, "")
	}
	return path
}

func TestAStateThatDoesNotAllowItIsNamed(t *testing.T) {
	k := newKit(t)
	m := k.fill(k.owner, "https://example.com/")
	k.speak()
	names := map[string]string{"scheduled": "Scheduled", "in_progress": "In progress", "completed": "Completed", "cancelled": "Cancelled"}
	acts := []struct {
		method, to, body string
		allowed          []string
	}{
		{"POST", "/start", "", []string{"scheduled"}},
		{"POST", "/complete", "", []string{"in_progress"}},
		{"POST", "/cancel", "", []string{"scheduled"}},
		{"DELETE", "", "", []string{"scheduled", "completed", "cancelled"}},
		{"PATCH", "", `{"title":"Other","description":{"tr":"D"}}`, []string{"scheduled", "in_progress", "completed", "cancelled"}},
		{"PATCH", "", `{"scheduledEnd":"2099-02-01T00:00:00Z"}`, []string{"scheduled", "in_progress"}},
		{"PATCH", "", `{"autoComplete":false}`, []string{"scheduled", "in_progress"}},
		{"PATCH", "", `{"scheduledStart":"2098-02-01T00:00:00Z"}`, []string{"scheduled"}},
		{"PATCH", "", `{"scheduledStart":"2020-02-01T00:00:00Z"}`, nil},
		{"PATCH", "", `{"affectedComponentIds":["` + m.component + `"]}`, []string{"scheduled"}},
	}
	for state, name := range names {
		for _, act := range acts {
			path := k.windowIn(m.page, state)
			before, allowed := k.dump(), strings.Contains(strings.Join(act.allowed, " "), state)
			got := k.do(act.method, path+act.to, act.body)
			switch {
			case allowed && got.status >= 300:
				t.Errorf("%s %s %s in %s: got %d %s", act.method, act.to, act.body, state, got.status, got.text)
			case allowed:
			case state == "scheduled" && got.status == 422: // a start in the past is the one thing that is wrong with the field
			case got.status != 409 || !strings.Contains(got.json(t)["detail"].(string), "“"+name+"”"):
				t.Errorf("%s %s %s in %s: got %d %s, want 409 that names the state", act.method, act.to, act.body, state, got.status, got.text)
			}
			if diff := cmp.Diff(before, k.dump()); !allowed && diff != "" {
				t.Errorf("%s %s %s in %s changed rows:\n%s", act.method, act.to, act.body, state, diff)
			}
		}
	}
}

func TestOnlyAnotherTimeIsAnnouncedAnew(t *testing.T) {
	k := newKitAt(t, noon)
	path := "/api/v1/maintenances/" + k.furnish(k.owner, "https://example.com/").maintenance
	before := k.told()
	for _, step := range []struct {
		body string
		want int
	}{
		{`{"title":"Other"}`, 0},
		{`{"scheduledStart":"2099-01-01T03:00:00+03:00"}`, 0},
		{`{"scheduledStart":"2099-01-01T00:10:00Z"}`, 1},
		{`{"scheduledEnd":"2099-01-03T00:10:00Z","notify":false}`, 0},
		{`{"scheduledEnd":"2099-01-04T00:10:00Z","notify":null}`, 1},
	} {
		k.want(200, "PATCH", path, step.body)
		if got := k.told() - before; got != step.want {
			t.Errorf("%s: %d events, want %d", step.body, got, step.want)
		}
		before = k.told()
	}
}

func TestAWindowThatIsInProgressKeepsToItsPastStart(t *testing.T) {
	k := newKitAt(t, noon)
	m := k.fill(k.owner, "https://example.com/")
	path := "/api/v1/maintenances/" + k.create(k.owner, "/api/v1/pages/"+m.page+"/maintenances", `{"title":"T","scheduledStart":"2026-05-18T11:59:00Z","scheduledEnd":"2026-05-18T13:00:00Z"}`)
	eventually(t, "it started by itself", func() bool { return k.want(200, "GET", path, "").json(t)["status"] == "in_progress" })
	k.clock.set(noon.Add(30 * time.Minute))
	k.refuses("PATCH", path, `{"scheduledEnd":"2026-05-18T12:20:00Z"}`, refused{field: "scheduledEnd", code: "end_past"})
	k.want(200, "PATCH", path, `{"scheduledEnd":"2026-05-18T14:00:00Z","scheduledStart":"2026-05-18T14:59:00+03:00"}`)
	k.refuses("POST", "/api/v1/pages/"+m.page+"/maintenances", `{"title":"T","scheduledStart":"2026-05-18T12:28:59Z","scheduledEnd":"2026-05-18T13:00:00Z"}`, refused{field: "scheduledStart", code: "start_past"})
}
