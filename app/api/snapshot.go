package api

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"statusd/app/model"
	"statusd/app/snapshot"
	"statusd/app/status"
)

// statusJSON is the public snapshot, member by member as the reference shows it.
type statusJSON struct {
	Page                 publicPage          `json:"page"`
	Overall              status.Status       `json:"overall"`
	Components           []publicComponent   `json:"components"`
	ActiveIncidents      []publicIncident    `json:"activeIncidents"`
	UpcomingMaintenances []publicMaintenance `json:"upcomingMaintenances"`
	PastIncidents        []publicPast        `json:"pastIncidents"`
	GeneratedAt          seconds             `json:"generatedAt"`
	WindowHours          int                 `json:"windowHours"`
}

type publicPage struct {
	Name               string       `json:"name"`
	Slug               string       `json:"slug"`
	Branding           brandingJSON `json:"branding"`
	CustomDomain       *string      `json:"customDomain"`
	SubscribersEnabled bool         `json:"subscribersEnabled"`
}

type publicComponent struct {
	ID            model.ComponentID `json:"id"`
	Name          string            `json:"name"`
	Description   *string           `json:"description"`
	Group         *string           `json:"group"`
	Status        status.Status     `json:"status"`
	Uptime24h     percent           `json:"uptime24h"`
	Uptime30d     percent           `json:"uptime30d"`
	LastCheckedAt seconds           `json:"lastCheckedAt"`
	DailyHistory  []publicDay       `json:"dailyHistory"`
	Checks        []publicCheck     `json:"checks"`
}

type publicDay struct {
	Date   string        `json:"date"`
	Status status.Status `json:"status"`
}

type publicCheck struct {
	ID            model.CheckID `json:"id"`
	Name          string        `json:"name"`
	Status        status.Status `json:"status"`
	LastLatencyMs *int64        `json:"lastLatencyMs"`
	LastCheckedAt seconds       `json:"lastCheckedAt"`
}

// windowHours is the length of the shorter uptime window.
const windowHours = 24

// Header values of the snapshot, kept as slices so that serving allocates nothing.
var (
	anyOrigin    = []string{"*"}
	halfAMinute  = []string{"public, max-age=30"}
	varyByReader = []string{"Accept-Language, Accept-Encoding"}
)

// status answers the public snapshot of a page.
func (a *API) status(c echo.Context) error {
	r, w := c.Request(), c.Response()
	h := w.Header()
	h["Access-Control-Allow-Origin"] = anyOrigin
	snap, err := a.App.Snapshot(r.Context(), c.Param("slug"))
	if err != nil {
		return a.refuse(c, err)
	}
	lang := a.language(r)
	doc, err := snap.Document(snapshot.Key{Kind: "json", Lang: lang}, func(f snapshot.Facts) (snapshot.Content, error) { return renderStatus(f, lang) })
	if err != nil {
		return a.refuse(c, err)
	}
	h["Cache-Control"], h["Vary"] = halfAMinute, varyByReader
	doc.ServeHTTP(w, r)
	return nil
}

func (a *API) language(r *http.Request) string {
	asked := ""
	if r.URL.RawQuery != "" {
		q, _ := url.ParseQuery(r.URL.RawQuery) // what can be read of it counts
		asked = q.Get("lang")
	}
	return a.Match(asked, r.Header["Accept-Language"])
}

// preflight lets scripts of any origin read the snapshot (Fetch, "CORS-preflight request").
func preflight(c echo.Context) error {
	h := c.Response().Header()
	h["Access-Control-Allow-Origin"] = anyOrigin
	h.Set("Access-Control-Allow-Methods", "GET, HEAD")
	h.Set("Access-Control-Allow-Headers", "*")
	h.Set("Access-Control-Max-Age", "86400")
	h.Set("Allow", "GET, HEAD, OPTIONS")
	return c.NoContent(http.StatusNoContent)
}

func renderStatus(f snapshot.Facts, lang string) (snapshot.Content, error) {
	out := statusJSON{
		Page: showPublicPage(f.Page), Overall: f.Overall, Components: each(f.Components, showPublicComponent),
		ActiveIncidents:      each(f.Active, func(t model.Timeline) publicIncident { return showPublicIncident(t, lang) }),
		UpcomingMaintenances: each(f.Upcoming, func(m model.Maintenance) publicMaintenance { return showPublicMaintenance(m, lang) }),
		PastIncidents:        each(f.Past, func(t model.Timeline) publicPast { return showPast(t, lang) }),
		GeneratedAt:          seconds(f.At), WindowHours: windowHours,
	}
	var body bytes.Buffer
	enc := json.NewEncoder(&body)
	enc.SetEscapeHTML(false)
	err := enc.Encode(out)
	return snapshot.Content{Type: "application/json", Body: body.Bytes()}, err
}

func showPublicPage(p model.Page) publicPage {
	out := publicPage{
		Name: p.Name, Slug: p.Slug, Branding: showBranding(p.Branding), CustomDomain: orNull(p.CustomDomain),
		SubscribersEnabled: p.SubscribersEnabled,
	}
	if out.Branding.PrimaryColor == nil {
		out.Branding.PrimaryColor = new(model.DefaultColor)
	}
	return out
}

func showPublicComponent(c snapshot.Component) publicComponent {
	out := publicComponent{
		ID: c.ID, Name: c.Name, Description: orNull(c.Description), Group: orNull(c.Group), Status: c.Status,
		Uptime24h: percent(c.Uptime24h), Uptime30d: percent(c.Uptime30d), LastCheckedAt: seconds(c.LastChecked),
		DailyHistory: make([]publicDay, len(c.Days)), Checks: make([]publicCheck, len(c.Checks)),
	}
	for i, d := range c.Days {
		out.DailyHistory[i] = publicDay{d.From.Time().Format("2006-01-02"), d.Worst()}
	}
	for i, k := range c.Checks {
		out.Checks[i] = publicCheck{ID: k.ID, Name: k.Name, Status: k.Status, LastCheckedAt: seconds(k.LastChecked)}
		if !k.LastChecked.IsZero() {
			out.Checks[i].LastLatencyMs = new(k.Latency.Milliseconds())
		}
	}
	return out
}
