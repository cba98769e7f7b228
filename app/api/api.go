// Package api is statusd as JSON: the public snapshot of a page, and the management API with its OpenAPI document.
// It parses, calls one use case of package app and renders; it knows no rule, no SQL and no word that a locale file holds.
// Start with Config and routes, then call (call.go), what most acts do (act.go) and fields (decode.go). Implements SPEC §7 (snapshot) and §8 (management API).
package api

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"statusd/app"
	"statusd/app/model"
	"statusd/app/snapshot"
)

// Config is what an API needs. Only App is required.
type Config struct {
	App *app.App
	// Words is the English text of a code of model.Invalid (family "invalid") or model.Conflict ("conflict"), or of why a delivery failed
	// as it is stored ("delivery"); nil: the code itself.
	Words func(family, code string, args map[string]any) string
	// Match chooses a language from ?lang= and the Accept-Language lines; nil: always "en". It returns one of a few, never what was sent.
	Match func(query string, acceptLanguage []string) string
	// Path is the base path that the process lives below, without a slash at its end; nil: none.
	Path    func(context.Context) string
	Log     *slog.Logger
	Version string // of statusd, for the OpenAPI document
}

// API answers everything below /api. Safe for concurrent use.
type API struct {
	Config
	documents *snapshot.Snapshot // the OpenAPI document, finished once per base path
}

// New makes an API.
func New(c Config) *API {
	if c.Words == nil {
		c.Words = func(_, code string, _ map[string]any) string { return code }
	}
	if c.Match == nil {
		c.Match = func(string, []string) string { return "en" }
	}
	if c.Path == nil {
		c.Path = func(context.Context) string { return "" }
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return &API{Config: c, documents: snapshot.New(snapshot.Facts{})}
}

// route is a method and a path, with what answers it.
type route struct {
	method, path string
	handle       echo.HandlerFunc
}

// routes is the API's table of contents. Paths are as clients write them below the base path.
func (a *API) routes() []route {
	const get, head, post, patch, del = http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPatch, http.MethodDelete
	once, replay := a.App.Once, a.App.Replay
	return slices.Concat(a.news(), a.restarts(), []route{
		{get, "/api/v1/status/:slug", a.status},
		{head, "/api/v1/status/:slug", a.status},
		{http.MethodOptions, "/api/v1/status/:slug", preflight},
		{get, "/api/v1/domains/ask", a.askDomain},
		{head, "/api/v1/domains/ask", a.askDomain},
		{get, "/api/openapi.json", a.openAPI},
		{head, "/api/openapi.json", a.openAPI},

		{get, "/api/v1/pages", a.managed(a.listPages, nil)},
		{post, "/api/v1/pages", a.managed(a.createPage, once)},
		{get, "/api/v1/pages/:id", a.managed(shows(a.App.Page, showPage), nil)},
		{patch, "/api/v1/pages/:id", a.managed(changes(pageFields, a.App.UpdatePage, showPage), nil)},
		{del, "/api/v1/pages/:id", a.managed(deletes(a.App.DeletePage), nil)},
		{get, "/api/v1/pages/:id/audit", a.managed(a.listAudit, nil)},

		{get, "/api/v1/pages/:id/components", a.managed(lists(a.App.Components, a.current), nil)},
		{post, "/api/v1/pages/:id/components", a.managed(a.createComponent, once)},
		{get, "/api/v1/components/:id", a.managed(shows(a.App.Component, a.current), nil)},
		{patch, "/api/v1/components/:id", a.managed(changes(componentFields, a.App.UpdateComponent, a.current), nil)},
		{del, "/api/v1/components/:id", a.managed(deletes(a.App.DeleteComponent), nil)},
		{get, "/api/v1/components/:id/spans", a.managed(a.listSpans, nil)},

		{get, "/api/v1/components/:id/checks", a.managed(lists(a.App.Checks, a.watched), nil)},
		{post, "/api/v1/components/:id/checks", a.managed(a.createCheck, once)},
		{get, "/api/v1/checks/:id", a.managed(shows(a.App.Check, a.watched), nil)},
		{patch, "/api/v1/checks/:id", a.managed(changes(checkFields, a.App.UpdateCheck, a.watched), nil)},
		{del, "/api/v1/checks/:id", a.managed(deletes(a.App.DeleteCheck), nil)},
		{post, "/api/v1/checks/:id/run", a.managed(does(a.App.RunCheck, showResult), replay)},
		{get, "/api/v1/checks/:id/results", a.managed(a.listResults, nil)},
	})
}

// news are the routes of what happens on a page, and of who is told.
func (a *API) news() []route {
	const get, post, patch, del = http.MethodGet, http.MethodPost, http.MethodPatch, http.MethodDelete
	once := a.App.Once
	return []route{
		{get, "/api/v1/pages/:id/incidents", a.managed(lists(a.App.Incidents, showIncident), nil)},
		{post, "/api/v1/pages/:id/incidents", a.managed(a.createIncident, once)},
		{get, "/api/v1/incidents/:id", a.managed(shows(a.App.Incident, showIncident), nil)},
		{patch, "/api/v1/incidents/:id", a.managed(changes(incidentFields, a.App.UpdateIncident, showIncident), nil)},
		{del, "/api/v1/incidents/:id", a.managed(deletes(removal(a.App.DeleteIncident)), nil)},
		{get, "/api/v1/incidents/:id/updates", a.managed(lists(a.App.Updates, showUpdate), nil)},
		{post, "/api/v1/incidents/:id/updates", a.managed(a.postUpdate, once)},
		{get, "/api/v1/updates/:id", a.managed(shows(a.App.Update, showUpdate), nil)},
		{patch, "/api/v1/updates/:id", a.managed(a.editUpdate, nil)},
		{del, "/api/v1/updates/:id", a.managed(deletes(a.App.DeleteUpdate), nil)},

		{get, "/api/v1/pages/:id/maintenances", a.managed(lists(a.App.Maintenances, showMaintenance), nil)},
		{post, "/api/v1/pages/:id/maintenances", a.managed(a.createMaintenance, once)},
		{get, "/api/v1/maintenances/:id", a.managed(shows(a.App.Maintenance, showMaintenance), nil)},
		{patch, "/api/v1/maintenances/:id", a.managed(changes(maintenanceFields, a.App.UpdateMaintenance, showMaintenance), nil)},
		{del, "/api/v1/maintenances/:id", a.managed(deletes(removal(a.App.DeleteMaintenance)), nil)},
		{post, "/api/v1/maintenances/:id/start", a.managed(does(step(a.App.StartMaintenance), showMaintenance), once)},
		{post, "/api/v1/maintenances/:id/complete", a.managed(does(step(a.App.CompleteMaintenance), showMaintenance), once)},
		{post, "/api/v1/maintenances/:id/cancel", a.managed(does(step(a.App.CancelMaintenance), showMaintenance), once)},

		{post, "/api/v1/status/:slug/subscribe", a.subscribe},
		{get, "/api/v1/pages/:id/subscribers", a.managed(a.listSubscribers, nil)},
		{del, "/api/v1/subscribers/:id", a.managed(deletes(a.App.DeleteSubscriber), nil)},
		{post, "/api/v1/subscribers/:id/resume", a.managed(does(a.App.ResumeSubscriber, showSubscriber), once)},
		{get, "/api/v1/pages/:id/deliveries", a.managed(a.listDeliveries, nil)},
		{post, "/api/v1/deliveries/:id/retry", a.managed(does(a.App.RetryDelivery, a.showDelivery), once)},
	}
}

// restarts are the routes of what brings a service back. What calls a target takes long, and holds no transaction meanwhile.
func (a *API) restarts() []route {
	const get, post, patch, del = http.MethodGet, http.MethodPost, http.MethodPatch, http.MethodDelete
	once, replay := a.App.Once, a.App.Replay
	return []route{
		{get, "/api/v1/restart-targets", a.managed(a.listTargets, nil)},
		{post, "/api/v1/restart-targets", a.managed(a.createTarget, once)},
		{get, "/api/v1/restart-targets/:id", a.managed(shows(a.findTarget, showTarget), nil)},
		{patch, "/api/v1/restart-targets/:id", a.managed(changes(targetFields, a.updateTarget, showTarget), nil)},
		{del, "/api/v1/restart-targets/:id", a.managed(deletes(a.App.DeleteRestartTarget), nil)},
		{post, "/api/v1/restart-targets/:id/test", a.managed(does(a.App.TestFire, showFiring), replay)},
		{post, "/api/v1/restart-targets/:id/connection", a.managed(does(a.App.CheckConnection, showConnection), replay)},
		{get, "/api/v1/restart-targets/:id/firings", a.managed(lists(a.App.Firings, showFiring), nil)},
	}
}

// Register adds the API's routes, and answers for every other path below /api.
func (a *API) Register(e *echo.Echo) {
	for _, r := range a.routes() {
		e.Add(r.method, r.path, r.handle)
	}
	other := a.elsewhere()
	e.RouteNotFound("/api", other)
	e.RouteNotFound("/api/*", other)
}

// elsewhere answers what no route does: 405 where another method would be answered (RFC 9110 §15.5.6), else 404.
func (a *API) elsewhere() echo.HandlerFunc {
	methods := map[string][]string{}
	for _, r := range a.routes() {
		methods[r.path] = append(methods[r.path], r.method)
	}
	return func(c echo.Context) error {
		for path, allowed := range methods {
			if samePath(path, c.Request().URL.Path) {
				allowed = slices.Sorted(slices.Values(allowed))
				c.Response().Header().Set("Allow", strings.Join(allowed, ", "))
				return a.refuse(c, refusal{status: http.StatusMethodNotAllowed, detail: "This address answers only to " + strings.Join(allowed, ", ") + "."})
			}
		}
		return a.refuse(c, refusal{status: http.StatusNotFound, detail: "There is nothing at this address; /api/openapi.json lists what there is."})
	}
}

// samePath says whether a request's path fits a route's.
func samePath(pattern, path string) bool {
	want, got := strings.Split(pattern, "/"), strings.Split(path, "/")
	return slices.EqualFunc(want, got, func(want, got string) bool {
		return want == got || strings.HasPrefix(want, ":") && got != ""
	})
}

// location is the address of a created row, for the header.
func (a *API) location(ctx context.Context, collection string, id interface{ String() string }) string {
	return a.Path(ctx) + "/api/v1/" + collection + "/" + id.String()
}

// askDomain tells whether a name is a page's custom domain, so that a proxy fetches certificates for those alone.
func (a *API) askDomain(c echo.Context) error {
	name := strings.ToLower(strings.TrimSuffix(c.QueryParam("domain"), "."))
	if name == "" || a.App.PageOfDomain(name) == "" {
		return a.refuse(c, model.ErrNotFound)
	}
	c.Response().Header().Set("Cache-Control", "no-store")
	return c.JSON(http.StatusOK, struct {
		Domain string `json:"domain"`
	}{name})
}
