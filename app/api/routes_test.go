package api_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"
)

// example is how a route is asked with success.
type example struct {
	kind    string // of the id in the path; "" when there is none
	status  int
	body    string // "SLUG" in it becomes a new slug, "TARGET" a URL that answers
	query   string
	before  string // what is done to the same thing first
	variant string // which one of the kind; "" when it is the first
}

// one is the id in a set of a route's example.
func (ex example) one(m made) string {
	if ex.variant != "" {
		return m.id(ex.variant)
	}
	return m.id(ex.kind)
}

// examples has one for each route; a route without one fails the tests that walk the router.
var examples = map[string]example{
	"GET /api/v1/status/:slug":      {kind: "slug", status: 200, query: "?lang=tr"},
	"OPTIONS /api/v1/status/:slug":  {kind: "slug", status: 204},
	"GET /api/v1/domains/ask":       {status: 404, query: "?domain=nobody.example"},
	"GET /api/openapi.json":         {status: 200},
	"GET /api/v1/pages":             {status: 200, query: "?limit=2"},
	"POST /api/v1/pages":            {status: 201, body: `{"name":"New","slug":"SLUG","timeZone":"Europe/Istanbul","noIndex":true,"subscribersEnabled":false,"branding":{"displayName":"D","primaryColor":"#0f766e","logoUrl":"TARGET/logo.svg","logoLinkUrl":"https://x.example","tagline":"T"},"customDomain":null}`},
	"GET /api/v1/pages/:id":         {kind: "page", status: 200},
	"PATCH /api/v1/pages/:id":       {kind: "page", status: 200, body: `{"name":"Changed","slug":"SLUG","branding":{"tagline":"T"},"timeZone":"UTC","noIndex":false,"subscribersEnabled":true,"customDomain":null}`},
	"DELETE /api/v1/pages/:id":      {kind: "page", status: 204},
	"GET /api/v1/pages/:id/audit":   {kind: "page", status: 200, query: "?limit=2"},
	"GET /api/v1/components/:id":    {kind: "component", status: 200},
	"DELETE /api/v1/components/:id": {kind: "component", status: 204},
	"GET /api/v1/checks/:id":        {kind: "check", status: 200},
	"DELETE /api/v1/checks/:id":     {kind: "check", status: 204},

	"GET /api/v1/pages/:id/components":   {kind: "page", status: 200, query: "?limit=2"},
	"POST /api/v1/pages/:id/components":  {kind: "page", status: 201, body: `{"name":"New","description":"D","group":"G","position":7,"manualStatus":"degraded"}`},
	"PATCH /api/v1/components/:id":       {kind: "component", status: 200, body: `{"name":"Changed","description":null,"group":"G","position":3,"manualStatus":null}`},
	"GET /api/v1/components/:id/spans":   {kind: "component", status: 200, query: "?from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00.500Z"},
	"GET /api/v1/components/:id/checks":  {kind: "component", status: 200},
	"POST /api/v1/components/:id/checks": {kind: "component", status: 201, body: checkBody},
	"PATCH /api/v1/checks/:id":           {kind: "check", status: 200, body: checkBody},
	"POST /api/v1/checks/:id/run":        {kind: "check", status: 200},
	"GET /api/v1/checks/:id/results":     {kind: "check", status: 200, query: "?from=2026-01-01T00:00:00Z&limit=2880"},

	"GET /api/v1/pages/:id/incidents":    {kind: "page", status: 200, query: "?limit=2"},
	"POST /api/v1/pages/:id/incidents":   {kind: "page", status: 201, body: `{"title":{"en":"New","tr":"Yeni"},"impact":"critical","affectedComponentIds":[],"status":"monitoring","body":{"en":"**B**"},"notify":false}`},
	"GET /api/v1/incidents/:id":          {kind: "incident", status: 200},
	"PATCH /api/v1/incidents/:id":        {kind: "incident", status: 200, body: `{"title":{"en":"Changed","tr":"Yeni"},"impact":"major","affectedComponentIds":[]}`},
	"DELETE /api/v1/incidents/:id":       {kind: "incident", status: 204},
	"GET /api/v1/incidents/:id/updates":  {kind: "incident", status: 200, query: "?limit=2"},
	"POST /api/v1/incidents/:id/updates": {kind: "incident", status: 201, body: `{"status":"resolved","body":{"en":"B","tr":"M"},"notify":true}`},
	"GET /api/v1/updates/:id":            {kind: "update", status: 200},
	"PATCH /api/v1/updates/:id":          {kind: "update", status: 200, body: `{"body":{"en":"Changed","tr":"M"}}`},
	"DELETE /api/v1/updates/:id":         {kind: "update", status: 204},

	"GET /api/v1/pages/:id/maintenances":     {kind: "page", status: 200, query: "?limit=2"},
	"POST /api/v1/pages/:id/maintenances":    {kind: "page", status: 201, body: windowBody},
	"GET /api/v1/maintenances/:id":           {kind: "maintenance", status: 200},
	"PATCH /api/v1/maintenances/:id":         {kind: "maintenance", status: 200, body: windowBody},
	"DELETE /api/v1/maintenances/:id":        {kind: "maintenance", status: 204},
	"POST /api/v1/maintenances/:id/start":    {kind: "maintenance", status: 200},
	"POST /api/v1/maintenances/:id/complete": {kind: "maintenance", status: 200, before: "/start"},
	"POST /api/v1/maintenances/:id/cancel":   {kind: "maintenance", status: 200},

	"POST /api/v1/status/:slug/subscribe": {kind: "slug", status: 201, body: `{"type":"webhook","webhookUrl":"TARGET/SLUG","topic":"incidents","componentIds":[],"locale":"en"}`},
	"GET /api/v1/pages/:id/subscribers":   {kind: "page", status: 200, query: "?limit=1"},
	"DELETE /api/v1/subscribers/:id":      {kind: "subscriber", status: 204},
	"POST /api/v1/subscribers/:id/resume": {kind: "subscriber", status: 200},
	"GET /api/v1/pages/:id/deliveries":    {kind: "page", status: 200, query: "?state=failed&subscriberId=zzzzzzzz&limit=1"},
	"POST /api/v1/deliveries/:id/retry":   {kind: "delivery", status: 200},

	"GET /api/v1/restart-targets":                 {status: 200, query: "?limit=2"},
	"POST /api/v1/restart-targets":                {status: 201, body: `{"type":"http",` + hookBody},
	"GET /api/v1/restart-targets/:id":             {kind: "target", status: 200},
	"PATCH /api/v1/restart-targets/:id":           {kind: "target", status: 200, body: `{` + hookBody},
	"DELETE /api/v1/restart-targets/:id":          {kind: "target", status: 204},
	"POST /api/v1/restart-targets/:id/test":       {kind: "target", status: 200},
	"POST /api/v1/restart-targets/:id/connection": {kind: "target", variant: "coolify", status: 200},
	"GET /api/v1/restart-targets/:id/firings":     {kind: "target", status: 200, query: "?limit=2"},
}

const hookBody = `"name":"New","url":"TARGET/restart","method":"POST","authHeaderName":"X-Key","authHeaderValue":"secret-value","body":"secret-body",
	"expectedStatusMin":200,"expectedStatusMax":204,"timeoutMs":5000}`

const windowBody = `{"title":{"en":"New","tr":"Yeni"},"description":{"en":"*D*"},"scheduledStart":"2098-01-01T03:00:00+03:00",
	"scheduledEnd":"2099-01-01T00:00:00.5Z","autoComplete":false,"affectedComponentIds":[],"notify":false}`

const checkBody = `{"name":"New","url":"TARGET","method":"POST","intervalSeconds":60,"expectedStatusMin":200,"expectedStatusMax":204,
	"expectedBodyContains":"ok","timeoutMs":5000,"degradedLatencyMs":800,"insecureSkipTlsVerify":true,"retries":2,
	"headers":{"X-B":"secret-b","X-A":"secret-a"},"body":"secret-body","followRedirects":false,"enabled":false,"incidentThreshold":null,"restart":null}`

// routes lists the router's routes as "METHOD path". HEAD follows GET and is left out.
func routes(t *testing.T, e *echo.Echo) []string {
	t.Helper()
	var out []string
	for _, r := range e.Routes() {
		if r.Method != echo.RouteNotFound && r.Method != http.MethodHead {
			out = append(out, r.Method+" "+r.Path)
		}
	}
	slices.Sort(out)
	for _, r := range out {
		if _, ok := examples[r]; !ok {
			t.Fatalf("%s has no example", r)
		}
	}
	return out
}

// ask builds the request of a route's example for a given id.
func (k *kit) ask(route, id, token, targetURL, body string) *http.Request {
	method, path, _ := strings.Cut(route, " ")
	path = strings.NewReplacer(":id", id, ":slug", id).Replace(path) + examples[route].query
	body = strings.NewReplacer("SLUG", k.slug(), "TARGET", targetURL).Replace(body)
	r := newRequest(method, path, token, body)
	if strings.HasSuffix(route, "/subscribe") {
		r.RemoteAddr = k.stranger()
	}
	return r
}
