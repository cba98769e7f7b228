package api_test

import (
	"database/sql"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"statusd/store"
)

var noon = time.Date(2026, 5, 18, 12, 0, 0, 0, time.UTC)

// told counts the events that subscribers hear of.
func (k *kit) told() int {
	k.t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(k.dir, store.DatabaseFile)+"?mode=ro")
	k.must(err)
	defer db.Close()
	var n int
	k.must(db.QueryRow("SELECT count(*) FROM events").Scan(&n))
	return n
}

func TestAnIncidentIsShownAsItWasTold(t *testing.T) {
	k := newKitAt(t, noon)
	m := k.fill(k.owner, "https://example.com/")
	got := k.want(201, "POST", "/api/v1/pages/"+m.page+"/incidents", `{"title":" Late mails ","impact":"major","affectedComponentIds":["`+m.component+`","`+m.component+`"],"body":{"tr":"Bakıyoruz."}}`)
	id := got.json(t)["id"].(string)
	if want := "/api/v1/incidents/" + id; got.header.Get("Location") != want {
		t.Errorf("got Location %q, want %q", got.header.Get("Location"), want)
	}
	first := got.json(t)["updates"].([]any)[0].(map[string]any)["id"].(string)
	k.clock.set(noon.Add(time.Minute))
	posted := k.want(201, "POST", "/api/v1/incidents/"+id+"/updates", `{"status":"resolved","body":"**Done** <b>x</b>","notify":false}`)
	second := posted.json(t)["id"].(string)
	if want := "/api/v1/updates/" + second; posted.header.Get("Location") != want {
		t.Errorf("got Location %q, want %q", posted.header.Get("Location"), want)
	}
	k.clock.set(noon.Add(2 * time.Minute))
	k.want(200, "PATCH", "/api/v1/updates/"+first, `{"body":"Looking."}`)
	want := `{"id":"` + id + `","pageId":"` + m.page + `","title":{"en":"Late mails"},"impact":"major","status":"resolved","source":"manual","affectedComponentIds":["` + m.component + `"],` +
		`"startedAt":"2026-05-18T12:00:00Z","resolvedAt":"2026-05-18T12:01:00Z","createdAt":"2026-05-18T12:00:00Z","updatedAt":"2026-05-18T12:02:00Z","updates":[` +
		`{"id":"` + second + `","incidentId":"` + id + `","status":"resolved","body":{"en":"**Done** <b>x</b>"},"notify":false,"auto":false,"createdAt":"2026-05-18T12:01:00Z","editedAt":null},` +
		`{"id":"` + first + `","incidentId":"` + id + `","status":"investigating","body":{"en":"Looking.","tr":"Bakıyoruz."},"notify":true,"auto":false,"createdAt":"2026-05-18T12:00:00Z","editedAt":"2026-05-18T12:02:00Z"}]}` + "\n"
	if diff := cmp.Diff(want, k.want(200, "GET", "/api/v1/incidents/"+id, "").text); diff != "" {
		t.Error(diff)
	}
	if got := k.told(); got != 1 {
		t.Errorf("%d events, want the first update's alone", got)
	}
}

func TestTheStatusOfAnIncidentIsThatOfItsNewestUpdate(t *testing.T) {
	k := newKit(t)
	path := "/api/v1/incidents/" + k.furnish(k.owner, "https://example.com/").incident
	is := func(status string, resolved bool) {
		t.Helper()
		if got := k.want(200, "GET", path, "").json(t); got["status"] != status || (got["resolvedAt"] != nil) != resolved {
			t.Errorf("got %v, resolved %v, want %s", got["status"], got["resolvedAt"], status)
		}
	}
	is("identified", false)
	comment := k.create(k.owner, path+"/updates", `{"body":"Still the disk.","status":null}`)
	is("identified", false)
	resolved := k.create(k.owner, path+"/updates", `{"body":"Done.","status":"resolved"}`)
	is("resolved", true)
	reopened := k.create(k.owner, path+"/updates", `{"body":"Not done.","status":"investigating"}`)
	is("investigating", false)
	k.want(204, "DELETE", "/api/v1/updates/"+reopened, "")
	is("resolved", true)
	k.want(204, "DELETE", "/api/v1/updates/"+resolved, "")
	is("identified", false)
	k.want(204, "DELETE", "/api/v1/updates/"+comment, "")
	for _, left := range k.want(200, "GET", path+"/updates", "").json(t)["items"].([]any) {
		last := "/api/v1/updates/" + left.(map[string]any)["id"].(string)
		if got := k.do("DELETE", last, ""); got.status == 409 && got.json(t)["detail"] == "last_update" {
			k.want(200, "GET", last, "")
			is("investigating", false)
		} else if got.status != 204 {
			t.Errorf("got %d %s", got.status, got.text)
		}
	}
	k.want(204, "DELETE", path, "")
	k.want(404, "GET", path, "")
	k.want(404, "GET", path+"/updates", "")
}

func TestLanguagesAreMergedAndNullRemovesOne(t *testing.T) {
	k := newKit(t)
	m := k.furnish(k.owner, "https://example.com/")
	both := `{"en":"E","tr":"T"}`
	for _, step := range []struct {
		body string
		want map[string]any
	}{
		{both, map[string]any{"en": "E", "tr": "T"}},
		{`"New"`, map[string]any{"en": "New", "tr": "T"}},
		{`{"tr":"Yeni"}`, map[string]any{"en": "New", "tr": "Yeni"}},
		{`{"en":null}`, map[string]any{"tr": "Yeni"}},
		{`{}`, map[string]any{"tr": "Yeni"}},
		{`{"tr":"","en":" N "}`, map[string]any{"en": "N"}},
	} {
		for field, path := range map[string]string{"title": "/api/v1/incidents/" + m.incident, "body": "/api/v1/updates/" + m.update, "description": "/api/v1/maintenances/" + m.maintenance} {
			got := k.want(200, "PATCH", path, `{"`+field+`":`+step.body+`}`).json(t)[field]
			if diff := cmp.Diff(step.want, got); diff != "" {
				t.Errorf("%s %s (-want +got):\n%s", field, step.body, diff)
			}
		}
	}
	for _, path := range []string{"/api/v1/incidents/" + m.incident, "/api/v1/maintenances/" + m.maintenance} {
		k.refuses("PATCH", path, `{"title":{"en":null,"tr":null}}`, refused{field: "title", code: "text_required"})
	}
	if got := k.want(200, "PATCH", "/api/v1/maintenances/"+m.maintenance, `{"description":null}`).json(t)["description"]; got != nil {
		t.Errorf("got %v, want null", got)
	}
}

// TestWhatWasReadCanBeSentBack changes nothing, tells nobody and leaves no trace.
func TestWhatWasReadCanBeSentBack(t *testing.T) {
	k := newKit(t)
	m := k.furnish(k.owner, "https://example.com/")
	k.want(200, "PATCH", "/api/v1/maintenances/"+m.maintenance, `{"scheduledEnd":"2099-01-02T00:00:00.999+03:00"}`)
	before := k.dump()
	for path, fields := range map[string][]string{
		"/api/v1/incidents/" + m.incident:       {"title", "impact", "affectedComponentIds"},
		"/api/v1/updates/" + m.update:           {"body"},
		"/api/v1/maintenances/" + m.maintenance: {"title", "description", "scheduledStart", "scheduledEnd", "autoComplete", "affectedComponentIds"},
	} {
		read, sent := k.want(200, "GET", path, ""), map[string]any{}
		for _, field := range fields {
			sent[field] = read.json(t)[field]
		}
		if got := k.want(200, "PATCH", path, encode(t, sent)); got.text != read.text {
			t.Errorf("read %s, sent it back, got %s", read.text, got.text)
		}
		if got := k.want(200, "PATCH", path, `{}`); got.text != read.text {
			t.Errorf("read %s, sent nothing, got %s", read.text, got.text)
		}
	}
	if diff := cmp.Diff(before, k.dump()); diff != "" {
		t.Errorf("rows changed:\n%s", diff)
	}
}

func TestADeletedComponentStaysInWhatWasTold(t *testing.T) {
	k := newKit(t)
	m := k.furnish(k.owner, "https://example.com/")
	k.want(204, "DELETE", "/api/v1/components/"+m.component, "")
	for _, path := range []string{"/api/v1/incidents/" + m.incident, "/api/v1/maintenances/" + m.maintenance} {
		for _, body := range []string{`{"title":"T"}`, `{"affectedComponentIds":["` + m.component + `"]}`} {
			if got := k.want(200, "PATCH", path, body).json(t)["affectedComponentIds"]; !cmp.Equal(got, []any{m.component}) {
				t.Errorf("%s %s: got %v", path, body, got)
			}
		}
		if got := k.want(200, "PATCH", path, `{"affectedComponentIds":null}`).json(t)["affectedComponentIds"]; !cmp.Equal(got, []any{}) {
			t.Errorf("%s: got %v", path, got)
		}
		k.refuses("PATCH", path, `{"affectedComponentIds":["`+m.component+`"]}`, refused{field: "affectedComponentIds", code: "unknown_component"})
	}
}
