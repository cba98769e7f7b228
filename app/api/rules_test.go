package api_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"statusd/app/model"
)

// refused is one line of SPEC's rules: a body that breaks it, the field that is blamed and the code that says why.
type refused struct{ body, field, code string }

var checkRules = []refused{
	{`{"name":null}`, "name", "required"},
	{`{"name":""}`, "name", "required"},
	{`{"name":"  "}`, "name", "required"},
	{`{"name":"` + strings.Repeat("é", 81) + `"}`, "name", "too_long"},
	{`{"name":"a\nb"}`, "name", "control_characters"},
	{`{"name":7}`, "name", "type"},
	{`{"url":null}`, "url", "required"},
	{`{"url":"/health"}`, "url", "url_scheme"},
	{`{"url":"ftp://example.com"}`, "url", "url_scheme"},
	{`{"url":"http://user:pass@example.com/"}`, "url", "url_user"},
	{`{"url":"http://example.com:99999/"}`, "url", "url"},
	{`{"url":"http://exa mple.com/"}`, "url", "url"},
	{`{"url":"https://example.com/` + strings.Repeat("x", 2048) + `"}`, "url", "too_long"},
	{`{"url":{}}`, "url", "type"},
	{`{"method":"PUT"}`, "method", "choice"},
	{`{"method":"get"}`, "method", "choice"},
	{`{"method":[]}`, "method", "type"},
	{`{"intervalSeconds":29}`, "intervalSeconds", "range"},
	{`{"intervalSeconds":3601}`, "intervalSeconds", "range"},
	{`{"intervalSeconds":-30}`, "intervalSeconds", "range"},
	{`{"intervalSeconds":9223372036854775807}`, "intervalSeconds", "range"},
	{`{"intervalSeconds":1e999}`, "intervalSeconds", "range"},
	{`{"intervalSeconds":30.5}`, "intervalSeconds", "type"},
	{`{"intervalSeconds":"30"}`, "intervalSeconds", "type"},
	{`{"expectedStatusMin":99}`, "expectedStatusMin", "range"},
	{`{"expectedStatusMax":600}`, "expectedStatusMax", "range"},
	{`{"expectedStatusMin":300,"expectedStatusMax":299}`, "expectedStatusMax", "status_order"},
	{`{"expectedStatusMin":true}`, "expectedStatusMin", "type"},
	{`{"expectedBodyContains":"` + strings.Repeat("x", 1025) + `"}`, "expectedBodyContains", "too_long_bytes"},
	{`{"expectedBodyContains":"ok","method":"HEAD"}`, "expectedBodyContains", "head_has_no_body"},
	{`{"expectedBodyContains":1}`, "expectedBodyContains", "type"},
	{`{"timeoutMs":99}`, "timeoutMs", "range"},
	{`{"timeoutMs":60001}`, "timeoutMs", "range"},
	{`{"timeoutMs":30000}`, "timeoutMs", "less_than_interval"},
	{`{"timeoutMs":"1"}`, "timeoutMs", "type"},
	{`{"degradedLatencyMs":0}`, "degradedLatencyMs", "less_than_timeout"},
	{`{"degradedLatencyMs":-5}`, "degradedLatencyMs", "less_than_timeout"},
	{`{"degradedLatencyMs":10000}`, "degradedLatencyMs", "less_than_timeout"},
	{`{"degradedLatencyMs":"fast"}`, "degradedLatencyMs", "type"},
	{`{"insecureSkipTlsVerify":"yes"}`, "insecureSkipTlsVerify", "type"},
	{`{"retries":-1}`, "retries", "range"},
	{`{"retries":6}`, "retries", "range"},
	{`{"retries":"1"}`, "retries", "type"},
	{`{"headers":[]}`, "headers", "type"},
	{`{"headers":{"X-A":1}}`, "headers", "header_type"},
	{`{"headers":{"X-A":null}}`, "headers", "header_type"},
	{`{"headers":{"X-A":"1","x-a":"2"}}`, "headers", "header_twice"},
	{`{"headers":{"bad name":"1"}}`, "headers", "header_name"},
	{`{"headers":{"X-A":"a\r\nb"}}`, "headers", "header_value"},
	{`{"headers":{"Content-Length":"5"}}`, "headers", "header_reserved"},
	{`{"body":"x"}`, "body", "body_needs_post"},
	{`{"method":"POST","body":"` + strings.Repeat("x", 65537) + `"}`, "body", "too_long_bytes"},
	{`{"body":{}}`, "body", "type"},
	{`{"followRedirects":0}`, "followRedirects", "type"},
	{`{"enabled":"true"}`, "enabled", "type"},
	{`{"incidentThreshold":0}`, "incidentThreshold", "range"},
	{`{"incidentThreshold":101}`, "incidentThreshold", "range"},
	{`{"incidentThreshold":"3"}`, "incidentThreshold", "type"},
	{`{"restart":{"targetId":"9k3m7c2v","threshold":3}}`, "restart.targetId", "unknown_target"},
	{`{"restart":true}`, "restart", "type"},
	{`{"status":"down"}`, "status", "unknown_field"},
	{`{"Name":"x"}`, "Name", "unknown_field"},
}

var pageRules = []refused{
	{`{"name":null}`, "name", "required"},
	{`{"name":[]}`, "name", "type"},
	{`{"slug":"UPPER"}`, "slug", "slug"},
	{`{"slug":"-a"}`, "slug", "slug"},
	{`{"slug":"` + strings.Repeat("a", 64) + `"}`, "slug", "slug"},
	{`{"slug":"taken"}`, "slug", "taken"},
	{`{"slug":1}`, "slug", "type"},
	{`{"branding":{"displayName":"` + strings.Repeat("x", 81) + `"}}`, "branding.displayName", "too_long"},
	{`{"branding":{"primaryColor":"blue"}}`, "branding.primaryColor", "color"},
	{`{"branding":{"logoUrl":"javascript:alert(1)"}}`, "branding.logoUrl", "url_scheme"},
	{`{"branding":{"logoUrl":"http://169.254.169.254/latest/"}}`, "branding.logoUrl", "logo_fetch"},
	{`{"branding":{"logoLinkUrl":7}}`, "branding.logoLinkUrl", "type"},
	{`{"branding":{"tagline":"` + strings.Repeat("x", 161) + `"}}`, "branding.tagline", "too_long"},
	{`{"branding":{"colour":"red"}}`, "branding.colour", "unknown_field"},
	{`{"branding":"red"}`, "branding", "type"},
	{`{"timeZone":"Mars/Olympus"}`, "timeZone", "time_zone"},
	{`{"timeZone":"Local"}`, "timeZone", "time_zone"},
	{`{"noIndex":1}`, "noIndex", "type"},
	{`{"subscribersEnabled":"no"}`, "subscribersEnabled", "type"},
	{`{"customDomain":"not a domain"}`, "customDomain", "domain"},
	{`{"customDomain":"status.example.org"}`, "customDomain", "base_host"},
	{`{"id":"9k3m7c2v"}`, "id", "unknown_field"},
}

var componentRules = []refused{
	{`{"name":null}`, "name", "required"},
	{`{"description":"` + strings.Repeat("x", 201) + `"}`, "description", "too_long"},
	{`{"group":"a\u0007b"}`, "group", "control_characters"},
	{`{"position":-1}`, "position", "range"},
	{`{"position":1000001}`, "position", "range"},
	{`{"position":"first"}`, "position", "type"},
	{`{"manualStatus":"maintenance"}`, "manualStatus", "choice"},
	{`{"manualStatus":"no-data"}`, "manualStatus", "choice"},
	{`{"manualStatus":1}`, "manualStatus", "type"},
	{`{"status":"down"}`, "status", "unknown_field"},
}

func TestEveryRuleNamesItsFieldWhenChangingAndWhenCreating(t *testing.T) {
	k := newKit(t)
	k.owner = k.token("First", model.Owner, true)
	m := k.furnish(k.owner, "https://example.com/")
	k.want(201, "POST", "/api/v1/pages", `{"name":"Taken","slug":"taken"}`)
	for _, one := range []struct {
		rules                []refused
		change, create, base string
	}{
		{checkRules, "/api/v1/checks/" + m.check, "/api/v1/components/" + m.component + "/checks", `"name":"N","url":"https://example.com/"`},
		{pageRules, "/api/v1/pages/" + m.page, "/api/v1/pages", `"name":"N","slug":"free"`},
		{componentRules, "/api/v1/components/" + m.component, "/api/v1/pages/" + m.page + "/components", `"name":"N"`},
	} {
		for _, rule := range one.rules {
			k.refuses("PATCH", one.change, rule.body, rule)
			k.refuses("POST", one.create, completed(rule.body, one.base), rule)
		}
	}
}

// completed adds the required fields that a body does not give itself.
func completed(body, base string) string {
	for pair := range strings.SplitSeq(base, ",") {
		name, _, _ := strings.Cut(pair, ":")
		if !strings.Contains(body, name) {
			body = "{" + pair + "," + body[1:]
		}
	}
	return body
}

func (k *kit) refuses(method, path, body string, rule refused) {
	k.t.Helper()
	got := k.do(method, path, body)
	want := map[string]string{rule.field: rule.code}
	if got.status != http.StatusUnprocessableEntity {
		k.t.Errorf("%s %.200s: got %d %s, want 422", method, body, got.status, got.text)
	} else if diff := cmp.Diff(want, got.wrong(k.t)); diff != "" {
		k.t.Errorf("%s %.200s (-want +got):\n%s", method, body, diff)
	}
}

func TestAMissingRequiredFieldIsNamed(t *testing.T) {
	k := newKit(t)
	m := k.fill(k.owner, "https://example.com/")
	k.refuses("POST", "/api/v1/components/"+m.component+"/checks", `{"name":"N"}`, refused{field: "url", code: "required"})
	k.refuses("POST", "/api/v1/pages/"+m.page+"/components", `{}`, refused{field: "name", code: "required"})
	k.refuses("POST", "/api/v1/pages", `{"name":"N"}`, refused{field: "slug", code: "slug"})
}

func TestAllMistakesAreToldAtOnce(t *testing.T) {
	k := newKit(t)
	m := k.fill(k.owner, "https://example.com/")
	got := k.want(422, "PATCH", "/api/v1/checks/"+m.check, `{"url":"x","retries":"no","timeoutMs":5,"a":1,"b":2}`).wrong(t)
	want := map[string]string{"url": "url_scheme", "retries": "type", "timeoutMs": "range", "a": "unknown_field", "b": "unknown_field"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestThousandsOfUnknownFieldsAreNotAllToldBack(t *testing.T) {
	k := newKit(t)
	var body strings.Builder
	for i := range 50_000 {
		fmt.Fprintf(&body, `,"f%d":1`, i)
	}
	got := k.want(422, "POST", "/api/v1/pages", `{"name":"N","slug":"s"`+body.String()+"}")
	if len(got.text) > 4096 {
		t.Errorf("got %d bytes back", len(got.text))
	}
}

func TestAbsentKeepsAndNullResets(t *testing.T) {
	k := newKit(t)
	url, _ := target(t)
	m := k.fill(k.owner, url)
	path := "/api/v1/checks/" + m.check
	before := k.want(200, "PATCH", path, strings.ReplaceAll(checkBody, "TARGET", url)).json(t)
	after := k.want(200, "PATCH", path, `{"name":"Only this"}`).json(t)
	before["name"], before["updatedAt"] = "Only this", after["updatedAt"]
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("what was not given changed (-want +got):\n%s", diff)
	}
	reset := k.want(200, "PATCH", path, `{"method":null,"intervalSeconds":null,"expectedStatusMin":null,"expectedStatusMax":null,"expectedBodyContains":null,"timeoutMs":null,
		"degradedLatencyMs":null,"insecureSkipTlsVerify":null,"retries":null,"headers":null,"body":null,"followRedirects":null,"enabled":null,"incidentThreshold":null,"restart":null}`).json(t)
	for field, want := range map[string]any{"method": "GET", "intervalSeconds": 30.0, "expectedStatusMin": 200.0, "expectedStatusMax": 299.0, "expectedBodyContains": nil, "timeoutMs": 10000.0,
		"degradedLatencyMs": nil, "insecureSkipTlsVerify": false, "retries": 1.0, "headerNames": []any{}, "bodySet": false, "followRedirects": true, "enabled": true, "incidentThreshold": nil, "restart": nil} {
		if !cmp.Equal(reset[field], want) {
			t.Errorf("%s: got %v, want %v", field, reset[field], want)
		}
	}
}

func TestANewCheckHasEveryDefault(t *testing.T) {
	k := newKit(t)
	m := k.fill(k.owner, "https://example.com/")
	got := k.want(201, "POST", "/api/v1/components/"+m.component+"/checks", `{"name":"N","url":"https://example.com/","enabled":false}`)
	if want := "/api/v1/checks/" + got.json(t)["id"].(string); got.header.Get("Location") != want {
		t.Errorf("got Location %q, want %q", got.header.Get("Location"), want)
	}
	for field, want := range map[string]any{"method": "GET", "intervalSeconds": 30.0, "expectedStatusMin": 200.0, "expectedStatusMax": 299.0, "timeoutMs": 10000.0, "retries": 1.0,
		"followRedirects": true, "incidentThreshold": 3.0, "status": "no-data", "lastLatencyMs": nil, "lastCheckedAt": nil, "lastError": nil, "componentId": m.component, "pageId": m.page} {
		if got := got.json(t)[field]; got != want {
			t.Errorf("%s: got %v, want %v", field, got, want)
		}
	}
}

func TestBrandingIsMergedAndNullClearsIt(t *testing.T) {
	k := newKit(t)
	path := "/api/v1/pages/" + k.fill(k.owner, "https://example.com/").page
	k.want(200, "PATCH", path, `{"branding":{"tagline":"T","primaryColor":"#0f766e"}}`)
	got := k.want(200, "PATCH", path, `{"branding":{"displayName":"D","tagline":null}}`).json(t)["branding"]
	want := map[string]any{"displayName": "D", "primaryColor": "#0f766e", "logoUrl": nil, "logoLinkUrl": nil, "tagline": nil}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	got = k.want(200, "PATCH", path, `{"branding":null}`).json(t)["branding"]
	want = map[string]any{"displayName": nil, "primaryColor": nil, "logoUrl": nil, "logoLinkUrl": nil, "tagline": nil}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestRolesAndAdminAreAskedFor(t *testing.T) {
	k := newKit(t)
	m := k.furnish(k.owner, "https://example.com/")
	viewer, editor, admin := k.token("First", model.Viewer, false), k.token("First", model.Editor, false), k.token("First", model.Editor, true)
	as := func(token, method, path, body string) int {
		return k.serve(newRequest(method, path, token, body)).status
	}
	for _, route := range routes(t, k.echo) {
		ex := examples[route]
		if ex.kind == "" || ex.kind == "slug" {
			continue
		}
		want := 403
		if strings.HasPrefix(route, "GET") {
			want = 200
		}
		if got := k.serve(k.ask(route, m.id(ex.kind), viewer, "https://example.com/", ex.body)).status; got != want {
			t.Errorf("%s by a viewer: got %d, want %d", route, got, want)
		}
	}
	got := []int{
		as(viewer, "POST", "/api/v1/pages", `{"name":"N","slug":"n"}`),
		as(editor, "PATCH", "/api/v1/pages/"+m.page, `{"customDomain":"status.example.com"}`),
		as(editor, "PATCH", "/api/v1/pages/"+m.page, `{"customDomain":null}`),
		as("", "GET", "/api/v1/domains/ask?domain=status.example.com", ""),
		as(admin, "PATCH", "/api/v1/pages/"+m.page, `{"customDomain":"Status.Example.com"}`),
		as("", "GET", "/api/v1/domains/ask?domain=STATUS.example.com.", ""),
		as("", "GET", "/api/v1/domains/ask", ""),
	}
	if want := []int{403, 403, 200, 404, 200, 200, 404}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
