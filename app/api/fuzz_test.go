package api

import (
	"encoding/json"
	"errors"
	"net/url"
	"testing"
	"time"

	"statusd/app"
	"statusd/app/model"
)

// FuzzBody reads what strangers send as a body. It never panics; what it takes is valid JSON, and what it refuses it refuses as
// malformed or by field.
func FuzzBody(f *testing.F) {
	for _, seed := range []string{`{}`, `{"name":"N","branding":{"tagline":null}}`, `{"headers":{"A":"b","a":"c"}}`, `{"retries":1e1,"timeoutMs":-0.0}`, `{"a":1,"a":2}`, `[`, `{"restart":{}}`, "\xff", `{"name":"\ud800"}`, `{"intervalSeconds":1E400}`,
		`{"title":{"en":"E","tr":null},"affectedComponentIds":["9k3m7c2v",1],"status":"resolved","impact":""}`, `{"title":"T","scheduledStart":"2026-05-18T15:34:56.7+03:00","scheduledEnd":null}`, `{"body":{"":7}}`,
		`{"type":"ssh","name":"N","port":-1,"seenHostKey":"","force":1,"restart":{"targetId":"0","threshold":null,"x":{}}}`, `{"type":"webhook","componentIds":["00000001",null,7],"email":{}}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		page, errPage := pageFields.reader(body)
		check, errCheck := checkFields.reader(body)
		wish, errWish := subscribeFields.reader(body)
		var malformed refusal
		incident, errIncident := newIncident.reader(body)
		window, errWindow := maintenanceFields.reader(body)
		target, errTarget := targetFields.reader(body)
		if err := errors.Join(errPage, errCheck, errIncident, errWindow, errWish, errTarget); err != nil {
			for _, one := range []error{errPage, errCheck, errIncident, errWindow, errWish, errTarget} {
				if !errors.As(one, &malformed) || malformed.status != 400 {
					t.Fatalf("got %v", err)
				}
			}
			return
		}
		if !json.Valid(body) {
			t.Fatalf("%q was taken", body)
		}
		changed := model.NewCheck()
		http, ssh, coolify := model.NewRestartTarget(model.RestartHTTP), model.NewRestartTarget(model.RestartSSH), model.NewRestartTarget(model.RestartCoolify)
		for _, err := range []error{target(&model.RestartTarget{}), target(&http), target(&ssh), target(&coolify), page(&model.Page{}), check(&changed), incident(&app.IncidentDraft{}), window(&app.MaintenanceDraft{}), new(subscription).read(wish, &app.SubscribeDraft{})} {
			if _, ok := model.AsInvalid(err); err != nil && !ok {
				t.Fatalf("%q: %v", body, err)
			}
		}
	})
}

// FuzzParameters reads what strangers send as a time or a limit.
func FuzzParameters(f *testing.F) {
	f.Add("2026-05-18T12:34:56Z", "2026-05-18T12:34:56.789+03:00", "50")
	f.Add("9999-12-31T23:59:59Z", "0000-01-01T00:00:00Z", "-1")
	f.Fuzz(func(t *testing.T, from, to, limit string) {
		in := call{query: url.Values{"from": {from}, "to": {to}, "limit": {limit}}}
		var wrong model.Invalid
		w, n := in.interval(&wrong), in.limit(&wrong)
		if len(wrong) > 0 {
			return
		}
		if w.From < 0 || w.To < 0 || limit == "0" && n == 0 {
			t.Fatalf("got %v %d", w, n)
		}
		if from != "" && w.From.Time().Sub(mustTime(t, from)).Abs() >= time.Millisecond {
			t.Fatalf("%q became %v", from, w.From.Time())
		}
	})
}

func mustTime(t *testing.T, text string) time.Time {
	out, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return out
}
