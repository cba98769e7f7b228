package api_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"statusd/app/model"
)

func TestTheAuditTrailSaysWhoChangedWhat(t *testing.T) {
	k := newKitAt(t, time.Date(2026, 5, 18, 12, 34, 56, 789e6, time.UTC))
	m := k.fill(k.owner, "https://example.com/")
	k.want(200, "PATCH", "/api/v1/pages/"+m.page, `{"name":"Renamed","customDomain":null}`)
	k.want(200, "PATCH", "/api/v1/pages/"+m.page, `{"name":"Renamed"}`)
	k.want(422, "PATCH", "/api/v1/pages/"+m.page, `{"name":""}`)
	k.want(200, "PATCH", "/api/v1/checks/"+m.check, `{"intervalSeconds":60,"headers":{"X-Key":"v"},"incidentThreshold":null}`)
	items := k.want(200, "GET", "/api/v1/pages/"+m.page+"/audit?limit=2", "").json(t)["items"].([]any)
	id := k.want(200, "GET", "/api/v1/pages/"+m.page+"/audit?limit=1", "").json(t)["items"].([]any)[0].(map[string]any)["actor"].(map[string]any)["id"]
	who := map[string]any{"kind": "token", "id": id, "name": "First owner"}
	change := func(field string, from, to any) any { return map[string]any{"field": field, "from": from, "to": to} }
	want := []any{
		map[string]any{
			"at": "2026-05-18T12:34:56Z", "actor": who, "action": "check.changed",
			"subject": map[string]any{"kind": "check", "id": m.check, "name": "Health"},
			"changes": []any{change("intervalSeconds", 30.0, 60.0), change("incidentThreshold", 3.0, nil), change("headers.X-Key", nil, "set")},
		},
		map[string]any{
			"at": "2026-05-18T12:34:56Z", "actor": who, "action": "page.changed",
			"subject": map[string]any{"kind": "page", "id": m.page, "name": "Renamed"},
			"changes": []any{change("name", "Page", "Renamed")},
		},
	}
	if d := cmp.Diff(want, items); d != "" {
		t.Error(d)
	}
	if _, ok := model.ParseID[struct{}](fmt.Sprint(id)); !ok {
		t.Errorf("the actor's id is %v", id)
	}
	got, pages := k.walk("/api/v1/pages/"+m.page+"/audit", "action")
	if d := cmp.Diff([]string{"check.changed", "page.changed", "check.created", "component.created", "page.created"}, got); d != "" || pages != 3 {
		t.Errorf("%s in %d pages", d, pages)
	}
	viewer := k.token("First", model.Viewer, false)
	if got := k.serve(newRequest("GET", "/api/v1/pages/"+m.page+"/audit", viewer, "")); got.status != 200 {
		t.Errorf("a viewer gets %d", got.status)
	}
}

func TestTheAuditTrailOutlivesItsPage(t *testing.T) {
	k := newKit(t)
	_, err := k.app.AddWorkspace(t.Context(), "Second")
	k.must(err)
	m := k.fill(k.owner, "https://example.com/")
	k.want(204, "DELETE", "/api/v1/pages/"+m.page, "")
	if got, _ := k.walk("/api/v1/pages/"+m.page+"/audit", "action"); len(got) != 4 || got[0] != "page.deleted" {
		t.Errorf("got %v", got)
	}
	if got := k.serve(newRequest("GET", "/api/v1/pages/"+m.page+"/audit", k.token("Second", model.Owner, true), "")); got.status != 404 {
		t.Errorf("another workspace gets %d", got.status)
	}
}
