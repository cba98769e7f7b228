package api_test

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"

	"statusd/app/model"
)

// contract is the OpenAPI document as the API hands it out.
type contract struct {
	doc    *openapi3.T
	router routers.Router
}

func readContract(t *testing.T, k *kit) contract {
	t.Helper()
	loader := openapi3.NewLoader()
	doc, err := loader.LoadFromData([]byte(k.want(200, "GET", "/api/openapi.json", "").text))
	k.must(err)
	k.must(doc.Validate(t.Context()))
	router, err := legacy.NewRouter(doc)
	k.must(err)
	return contract{doc, router}
}

// exchange sends a request and holds the answer against the document. Allowed says why the document does not take the request.
func (c contract) exchange(t *testing.T, k *kit, r *http.Request) (got answer, allowed error) {
	t.Helper()
	var body []byte
	if r.Body != nil {
		body, _ = io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
	}
	route, params, err := c.router.FindRoute(r)
	if err != nil {
		t.Fatalf("%s %s is not in the document: %v", r.Method, r.URL, err)
	}
	in := &openapi3filter.RequestValidationInput{
		Request: r, PathParams: params, Route: route,
		Options: &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, IncludeResponseStatus: true, SkipSettingDefaults: true},
	}
	allowed = openapi3filter.ValidateRequest(t.Context(), in)
	r.Body = io.NopCloser(bytes.NewReader(body))
	got = k.serve(r)
	out := &openapi3filter.ResponseValidationInput{RequestValidationInput: in, Status: got.status, Header: got.header, Options: in.Options}
	out.SetBodyBytes([]byte(got.text))
	if err := openapi3filter.ValidateResponse(t.Context(), out); err != nil {
		t.Errorf("%s %s %s answered %d, which the document does not know: %v\n%s", r.Method, r.URL, body, got.status, err, got.text)
	}
	return got, allowed
}

func TestDocumentAndRouterHaveTheSameRoutes(t *testing.T) {
	k := newKit(t)
	c := readContract(t, k)
	var documented []string
	for path, item := range c.doc.Paths.Map() {
		for method := range item.Operations() {
			documented = append(documented, method+" "+strings.NewReplacer("{id}", ":id", "{slug}", ":slug").Replace(path))
		}
	}
	slices.Sort(documented)
	if got := routes(t, k.echo); !slices.Equal(got, documented) {
		t.Errorf("router %q\ndocument %q", got, documented)
	}
	if got := c.doc.Info.Version; got != "1.2.3" {
		t.Errorf("got version %q, want the program's", got)
	}
}

func TestEveryRouteKeepsToTheDocument(t *testing.T) {
	k := newKit(t)
	c := readContract(t, k)
	url, _ := target(t)
	for _, route := range routes(t, k.echo) {
		ex := examples[route]
		m := k.furnish(k.owner, url)
		if ex.before != "" {
			k.want(200, "POST", "/api/v1/maintenances/"+m.maintenance+ex.before, "")
		}
		got, allowed := c.exchange(t, k, k.ask(route, ex.one(m), k.owner, url, ex.body))
		if allowed != nil {
			t.Errorf("%s: the document refuses the example: %v", route, allowed)
		}
		if got.status != ex.status {
			t.Errorf("%s: got %d %s, want %d", route, got.status, got.text, ex.status)
		}
		if ex.kind != "" && !strings.HasPrefix(route, "OPTIONS") {
			if got, _ := c.exchange(t, k, k.ask(route, "zzzzzzzz", k.owner, url, ex.body)); got.status != 404 {
				t.Errorf("%s of nothing: got %d, want 404", route, got.status)
			}
		}
		c.exchange(t, k, k.ask(route, m.id(ex.kind), "", url, ex.body))
	}
}

// mutations are what strangers send instead of a value.
var mutations = []string{
	`null`, `""`, `"x"`, `" "`, `"` + strings.Repeat("é", 90) + `"`, `"` + strings.Repeat("x", 3000) + `"`, `"a\u202eb"`, `"a\nb"`, `-1`, `0`, `1`, `1.5`, `1e1`,
	`30.0`, `99999999999999999999`, `1e999`, `true`, `false`, `[]`, `{}`, `{"a":1}`, `{"a":"b"}`, `[null]`, `"GET"`, `"maintenance"`, `"no-data"`, `"javascript:alert(1)"`, `"http://a:b@c/"`,
}

func TestEveryFieldWithEveryValueKeepsToTheDocument(t *testing.T) {
	k := newKit(t)
	c := readContract(t, k)
	url, _ := target(t)
	m := k.furnish(k.owner, url)
	for _, route := range routes(t, k.echo) {
		ex := examples[route]
		if ex.body == "" {
			continue
		}
		var whole map[string]json.RawMessage
		k.must(json.Unmarshal([]byte(ex.body), &whole))
		for _, field := range slices.Sorted(maps.Keys(whole)) {
			for _, value := range mutations {
				one := maps.Clone(whole)
				one[field] = json.RawMessage(value)
				mutated(t, k, c, k.ask(route, m.id(ex.kind), k.owner, url, encode(t, one)), field, value)
			}
			delete(whole, field)
			mutated(t, k, c, k.ask(route, m.id(ex.kind), k.owner, url, encode(t, whole)), field, "nothing")
			k.must(json.Unmarshal([]byte(ex.body), &whole))
		}
		whole["surprise"] = json.RawMessage(`1`)
		mutated(t, k, c, k.ask(route, m.id(ex.kind), k.owner, url, encode(t, whole)), "surprise", "unknown")
	}
}

func encode(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func mutated(t *testing.T, k *kit, c contract, r *http.Request, field, value string) {
	t.Helper()
	got, allowed := c.exchange(t, k, r)
	switch {
	case got.status >= 500:
		t.Errorf("%s %s with %s: %s answered %d %s", r.Method, r.URL, field, value, got.status, got.text)
	case allowed != nil && got.status < 400:
		t.Errorf("%s %s with %s: %s answered %d, though the document refuses it: %v", r.Method, r.URL, field, value, got.status, allowed)
	case got.status == 422:
		for told := range got.wrong(t) {
			if told != field && !strings.HasPrefix(told, field+".") && !related[field+" "+told] {
				t.Errorf("%s %s with %s: %s blames %s: %s", r.Method, r.URL, field, value, told, got.text)
			}
		}
	}
}

// related are fields whose rule another field can break.
var related = map[string]bool{
	"method body": true, "method expectedBodyContains": true, "expectedStatusMin expectedStatusMax": true,
	"intervalSeconds timeoutMs": true, "timeoutMs degradedLatencyMs": true, "scheduledStart scheduledEnd": true,
}

func TestParametersKeepToTheDocument(t *testing.T) {
	k := newKit(t)
	c := readContract(t, k)
	url, _ := target(t)
	m := k.furnish(k.owner, url)
	for _, path := range []string{"/api/v1/pages", "/api/v1/pages/" + m.page + "/audit", "/api/v1/pages/" + m.page + "/components",
		"/api/v1/pages/" + m.page + "/incidents", "/api/v1/incidents/" + m.incident + "/updates", "/api/v1/pages/" + m.page + "/maintenances", "/api/v1/components/" + m.component + "/checks",
		"/api/v1/components/" + m.component + "/spans", "/api/v1/checks/" + m.check + "/results", "/api/v1/pages/" + m.page + "/subscribers", "/api/v1/pages/" + m.page + "/deliveries",
		"/api/v1/restart-targets", "/api/v1/restart-targets/" + m.target + "/firings"} {
		for _, query := range []string{"", "?limit=0", "?limit=-1", "?limit=abc", "?limit=99999999999999999999", "?limit=1", "?limit=", "?cursor=%00", "?cursor=MS4y", "?cursor=!", "?cursor=OTk5OTk5OTk5OTk5OTk5OTk5OS4x",
			"?from=yesterday", "?to=2026-13-01T00:00:00Z", "?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z", "?from=1969-01-01T00:00:00Z", "?to=9999-01-01T00:00:00Z", "?from=2000-01-01T00:00:00Z",
			"?from=2026-01-01T00:00:00.123Z&to=2026-01-01T03:00:00.5%2B03:00", "?unknown=1", "?%zz", "?state=", "?state=failed", "?state=lost", "?subscriberId=", "?subscriberId=zzzzzzzz", "?subscriberId=%00"} {
			if got, _ := c.exchange(t, k, newRequest("GET", path+query, k.owner, "")); got.status >= 500 {
				t.Errorf("%s%s: got %d", path, query, got.status)
			}
		}
	}
}

func TestErrorsKeepToTheDocument(t *testing.T) {
	k := newKit(t)
	c := readContract(t, k)
	url, _ := target(t)
	m := k.furnish(k.owner, url)
	window := "/api/v1/maintenances/" + k.furnish(k.owner, url).maintenance
	viewer, admin := k.token("First", model.Viewer, false), k.token("First", model.Owner, true)
	k.serve(newRequest("PATCH", "/api/v1/pages/"+m.page, admin, `{"customDomain":"status.example.com"}`))
	k.keyed("k", k.owner, "/api/v1/pages", `{"name":"N","slug":"n"}`)
	with := func(r *http.Request, name, value string) *http.Request {
		r.Header.Set(name, value)
		return r
	}
	snapshot := k.serve(newRequest("GET", "/api/v1/status/"+m.slug, "", ""))
	for _, one := range []struct {
		want int
		r    *http.Request
	}{
		{400, newRequest("POST", "/api/v1/pages", k.owner, `{`)},
		{400, with(newRequest("POST", "/api/v1/pages", k.owner, `{}`), "Idempotency-Key", "a b")},
		{403, newRequest("POST", "/api/v1/pages", viewer, `{"name":"N","slug":"v"}`)},
		{403, newRequest("DELETE", "/api/v1/checks/"+m.check, viewer, "")},
		{409, with(newRequest("POST", "/api/v1/pages", k.owner, `{"name":"Other","slug":"n"}`), "Idempotency-Key", "k")},
		{201, with(newRequest("POST", "/api/v1/pages", k.owner, `{"name":"N","slug":"n"}`), "Idempotency-Key", "k")},
		{413, newRequest("PATCH", "/api/v1/pages/"+m.page, k.owner, strings.Repeat(" ", 1<<20+1))},
		{415, with(newRequest("PATCH", "/api/v1/pages/"+m.page, k.owner, `{}`), "Content-Type", "text/plain")},
		{422, newRequest("POST", "/api/v1/checks/"+m.check+"/run", k.owner, `{"force":true}`)},
		{422, newRequest("POST", window+"/start", k.owner, `{"now":true}`)},
		{409, newRequest("POST", window+"/complete", k.owner, "")},
		{200, newRequest("POST", window+"/start", k.owner, "{}")},
		{409, newRequest("DELETE", window, k.owner, "")},
		{409, newRequest("POST", "/api/v1/restart-targets/"+m.target+"/connection", k.owner, "")},
		{409, newRequest("POST", "/api/v1/restart-targets/"+m.coolify+"/test", k.owner, "{}")},
		{422, newRequest("POST", "/api/v1/restart-targets/"+m.target+"/test", k.owner, `{"force":true}`)},
		{422, newRequest("POST", "/api/v1/restart-targets", k.owner, `{"name":"N"}`)},
		{200, newRequest("GET", "/api/v1/domains/ask?domain=status.example.com", "", "")},
		{304, with(newRequest("GET", "/api/v1/status/"+m.slug, "", ""), "If-None-Match", snapshot.header.Get("ETag"))},
		{304, with(newRequest("GET", "/api/openapi.json", "", ""), "If-None-Match", "*")},
	} {
		if got, _ := c.exchange(t, k, one.r); got.status != one.want {
			t.Errorf("%s %s: got %d %s, want %d", one.r.Method, one.r.URL, got.status, got.text, one.want)
		}
	}
	k.must(k.app.Stop(t.Context()))
	k.must(k.store.Close())
	for _, route := range routes(t, k.echo) {
		ex := examples[route]
		if got, _ := c.exchange(t, k, k.ask(route, m.id(ex.kind), k.owner, url, ex.body)); got.status >= 500 && got.json(t)["detail"] != nil {
			t.Errorf("%s tells why it failed: %s", route, got.text)
		}
	}
}

func TestTheContractNoticesADeviation(t *testing.T) {
	k := newKit(t)
	c := readContract(t, k)
	m := k.fill(k.owner, "https://example.com/")
	page := c.doc.Components.Schemas["Page"].Value
	page.Required = append(page.Required, "missing")
	r := newRequest("GET", "/api/v1/pages/"+m.page, k.owner, "")
	route, params, err := c.router.FindRoute(r)
	k.must(err)
	got := k.serve(r)
	in := &openapi3filter.RequestValidationInput{Request: r, PathParams: params, Route: route}
	out := &openapi3filter.ResponseValidationInput{RequestValidationInput: in, Status: got.status, Header: got.header}
	if openapi3filter.ValidateResponse(t.Context(), out.SetBodyBytes([]byte(got.text))) == nil {
		t.Error("a page without a required member passes")
	}
}
