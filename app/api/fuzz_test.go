package api

import (
	"encoding/json"
	"errors"
	"net/url"
	"testing"
	"time"

	"statusd/app/model"
	"statusd/app/status"
)

// FuzzBody reads what strangers send as a body. It never panics; what it takes is valid JSON, and what it refuses it refuses as
// malformed or by field.
func FuzzBody(f *testing.F) {
	for _, seed := range []string{`{}`, `{"name":"N","branding":{"tagline":null}}`, `{"headers":{"A":"b","a":"c"}}`, `{"retries":1e1,"timeoutMs":-0.0}`, `{"a":1,"a":2}`, `[`, `{"restart":{}}`, "\xff", `{"name":"\ud800"}`, `{"intervalSeconds":1E400}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		page, errPage := pageFields.reader(body)
		check, errCheck := checkFields.reader(body)
		var malformed refusal
		if errPage != nil || errCheck != nil {
			if !errors.As(errPage, &malformed) || !errors.As(errCheck, &malformed) || malformed.status != 400 {
				t.Fatalf("got %v and %v", errPage, errCheck)
			}
			return
		}
		if !json.Valid(body) {
			t.Fatalf("%q was taken", body)
		}
		changed := model.NewCheck()
		for _, err := range []error{page(&model.Page{}), check(&changed)} {
			if _, ok := model.AsInvalid(err); err != nil && !ok {
				t.Fatalf("%q: %v", body, err)
			}
		}
	})
}

// FuzzParameters reads what strangers send as a cursor or a time.
func FuzzParameters(f *testing.F) {
	f.Add("MTc0NzU3MjQ5Njc4OS4y", "2026-05-18T12:34:56Z", "2026-05-18T12:34:56.789+03:00", "50")
	f.Add("", "9999-12-31T23:59:59Z", "0000-01-01T00:00:00Z", "-1")
	f.Fuzz(func(t *testing.T, cursor, from, to, limit string) {
		in := call{query: url.Values{"cursor": {cursor}, "from": {from}, "to": {to}, "limit": {limit}}}
		var wrong model.Invalid
		w, p, n := in.interval(&wrong), in.place(&wrong), in.limit(&wrong)
		if len(wrong) > 0 {
			return
		}
		if w.From < 0 || w.To < 0 || p.at < 0 || p.shown < 0 || limit == "0" && n == 0 {
			t.Fatalf("got %v %v %d", w, p, n)
		}
		if from != "" && w.From.Time().Sub(mustTime(t, from)).Abs() >= time.Millisecond {
			t.Fatalf("%q became %v", from, w.From.Time())
		}
		rows := []model.Result{{At: time.UnixMilli(int64(max(p.at, 1)))}}
		if l := p.list(rows, 1); l.Next != "" {
			again := call{query: url.Values{"cursor": {l.Next}}}.place(&wrong)
			if again.at != status.At(rows[0].At) || len(wrong) > 0 {
				t.Fatalf("%q became %v", l.Next, again)
			}
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
