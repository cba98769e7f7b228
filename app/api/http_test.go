package api_test

import (
	"net/http"
	"strings"
	"testing"
)

func TestBodiesThatAreNoJSONObjectAreRefused(t *testing.T) {
	k := newKit(t)
	for _, body := range []string{" ", "{", "[]", "null", `"x"`, "7", `{"name":"N","slug":"s"} x`, `{"name":"N"}{}`, `{"name":"N","name":"M"}`, `{"branding":{"tagline":"a","tagline":"b"}}`,
		`{"x":{"y":1,"y":2}}`, `{'name':'N'}`, `{"name":"N",}`, "{\"name\":\"\xff\"}", `{"name":"\ud800"}`, `{"name":NaN}`, `{"name":01}`, "\ufeff{}", strings.Repeat(`{"a":`, 20_000)} {
		got := k.do("POST", "/api/v1/pages", body)
		if got.status != http.StatusBadRequest || got.header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%.60q: got %d %s, want 400", body, got.status, got.text)
		}
	}
	if got := k.do("POST", "/api/v1/pages", ""); got.status != http.StatusBadRequest {
		t.Errorf("no body: got %d, want 400", got.status)
	}
}

func TestABodyOverAMebibyteIsRefused(t *testing.T) {
	k := newKit(t)
	frame := `{"name":"N","slug":"s","timeZone":""}`
	full := strings.Replace(frame, `""`, `"`+strings.Repeat("x", 1<<20-len(frame))+`"`, 1)
	k.want(http.StatusUnprocessableEntity, "POST", "/api/v1/pages", full)
	k.want(http.StatusRequestEntityTooLarge, "POST", "/api/v1/pages", full+" ")
	chunked := newRequest("POST", "/api/v1/pages", k.owner, full+" ")
	chunked.ContentLength = -1
	if got := k.serve(chunked); got.status != http.StatusRequestEntityTooLarge {
		t.Errorf("without a length: got %d, want 413", got.status)
	}
}

func TestOnlyJSONIsReadAsJSON(t *testing.T) {
	k := newKit(t)
	for kind, want := range map[string]int{"": 415, "text/plain": 415, "application/x-www-form-urlencoded": 415, "application/json; charset=latin1": 415, "application/json;": 422, "application/JSON; charset=UTF-8": 422} {
		r := newRequest("POST", "/api/v1/pages", k.owner, `{}`)
		r.Header.Set("Content-Type", kind)
		if got := k.serve(r); got.status != want {
			t.Errorf("%q: got %d %s, want %d", kind, got.status, got.text, want)
		}
	}
}

func TestAWrongMethodIsToldTheRightOnes(t *testing.T) {
	k := newKit(t)
	for path, want := range map[string]string{
		"/api/v1/status/x": "GET, HEAD, OPTIONS", "/api/v1/pages": "GET, POST", "/api/v1/pages/9k3m7c2v": "DELETE, GET, PATCH", "/api/v1/checks/9k3m7c2v/run": "POST",
		"/api/v1/checks/9k3m7c2v/results": "GET", "/api/openapi.json": "GET, HEAD", "/api/v1/domains/ask": "GET, HEAD",
	} {
		for _, method := range []string{"PUT", "TRACE", "PROPFIND", "BREW"} {
			got := k.do(method, path, "")
			if got.status != http.StatusMethodNotAllowed || got.header.Get("Allow") != want || got.json(t)["status"] != 405.0 {
				t.Errorf("%s %s: got %d Allow %q, want 405 %q", method, path, got.status, got.header.Get("Allow"), want)
			}
		}
	}
}

func TestAnUnknownRouteIsA404Problem(t *testing.T) {
	k := newKit(t)
	for _, path := range []string{"/api", "/api/", "/api/v1", "/api/v2/pages", "/api/v1/pages/", "/api/v1/pages/a/b", "/api/v1/pages/9k3m7c2v/", "/api/v1/status/", "/api/openapi.yaml"} {
		for _, method := range []string{"GET", "POST", "OPTIONS"} {
			got := k.do(method, path, "")
			if got.status != http.StatusNotFound || got.json(t)["title"] != "Not Found" {
				t.Errorf("%s %s: got %d %s", method, path, got.status, got.text)
			}
		}
	}
}

func TestWithoutAKnownTokenNothingIsAnswered(t *testing.T) {
	k := newKit(t)
	for header, challenge := range map[string]string{"": `Bearer realm="statusd"`, "Basic YTpi": `Bearer realm="statusd"`, "Bearer": `Bearer realm="statusd", error="invalid_token"`,
		"Bearer statusd_AAAAAAAAAAAAAAAAAAAAAAAAAA": `Bearer realm="statusd", error="invalid_token"`, k.owner: `Bearer realm="statusd"`} {
		r := newRequest("GET", "/api/v1/pages", "", "")
		if header != "" {
			r.Header.Set("Authorization", header)
		}
		got := k.serve(r)
		if got.status != http.StatusUnauthorized || got.header.Get("WWW-Authenticate") != challenge {
			t.Errorf("%q: got %d %q", header, got.status, got.header.Get("WWW-Authenticate"))
		}
	}
	twice := newRequest("GET", "/api/v1/pages", k.owner, "")
	twice.Header.Add("Authorization", "Bearer "+k.owner)
	if got := k.serve(twice).status; got != http.StatusUnauthorized {
		t.Errorf("two headers: got %d, want 401", got)
	}
	lower := newRequest("GET", "/api/v1/pages", "", "")
	lower.Header.Set("Authorization", "bearer "+k.owner)
	if got := k.serve(lower).status; got != http.StatusOK {
		t.Errorf("lower case scheme: got %d, want 200", got)
	}
}

func TestARevokedTokenStopsWorkingAtOnce(t *testing.T) {
	k := newKit(t)
	k.want(200, "GET", "/api/v1/pages", "")
	_, err := k.app.RevokeToken(t.Context(), "First owner")
	k.must(err)
	k.want(401, "GET", "/api/v1/pages", "")
}

func TestAFailureIsToldWithoutDetail(t *testing.T) {
	k := newKit(t)
	k.must(k.app.Stop(t.Context()))
	k.must(k.store.Close())
	got := k.want(http.StatusInternalServerError, "GET", "/api/v1/pages", "")
	if want := `{"type":"about:blank","title":"Internal Server Error","status":500}` + "\n"; got.text != want {
		t.Errorf("got %s, want %s", got.text, want)
	}
	if !strings.Contains(k.log.String(), "request failed") {
		t.Error("the log does not know of it")
	}
}
