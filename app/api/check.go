package api

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"statusd/app"
	"statusd/app/model"
	"statusd/app/status"
)

// checkJSON is a check as the management API shows it: names of headers, and whether there is a body, but neither's content.
type checkJSON struct {
	ID                    model.CheckID     `json:"id"`
	ComponentID           model.ComponentID `json:"componentId"`
	PageID                model.PageID      `json:"pageId"`
	Name                  string            `json:"name"`
	URL                   string            `json:"url"`
	Method                string            `json:"method"`
	IntervalSeconds       int64             `json:"intervalSeconds"`
	ExpectedStatusMin     int               `json:"expectedStatusMin"`
	ExpectedStatusMax     int               `json:"expectedStatusMax"`
	ExpectedBodyContains  *string           `json:"expectedBodyContains"`
	TimeoutMs             int64             `json:"timeoutMs"`
	DegradedLatencyMs     *int64            `json:"degradedLatencyMs"`
	InsecureSkipTLSVerify bool              `json:"insecureSkipTlsVerify"`
	Retries               int               `json:"retries"`
	HeaderNames           []string          `json:"headerNames"`
	BodySet               bool              `json:"bodySet"`
	FollowRedirects       bool              `json:"followRedirects"`
	Enabled               bool              `json:"enabled"`
	IncidentThreshold     *int              `json:"incidentThreshold"`
	Restart               *bindingJSON      `json:"restart"`
	Status                status.Status     `json:"status"`
	LastLatencyMs         *int64            `json:"lastLatencyMs"`
	LastCheckedAt         seconds           `json:"lastCheckedAt"`
	LastError             *string           `json:"lastError"`
	CreatedAt             seconds           `json:"createdAt"`
	UpdatedAt             seconds           `json:"updatedAt"`
}

var blank = model.NewCheck()

// checkFields are the fields of a check that may be written (SPEC §2).
var checkFields = fields[model.Check]{
	"name":                  func(c *model.Check, g given) { g.text(&c.Name, "") },
	"url":                   func(c *model.Check, g given) { g.text(&c.URL, "") },
	"method":                func(c *model.Check, g given) { g.text(&c.Method, blank.Method) },
	"intervalSeconds":       func(c *model.Check, g given) { g.duration(&c.Interval, time.Second, blank.Interval) },
	"expectedStatusMin":     func(c *model.Check, g given) { g.integer(&c.ExpectedStatusMin, blank.ExpectedStatusMin) },
	"expectedStatusMax":     func(c *model.Check, g given) { g.integer(&c.ExpectedStatusMax, blank.ExpectedStatusMax) },
	"expectedBodyContains":  func(c *model.Check, g given) { g.text(&c.ExpectedBodyContains, "") },
	"timeoutMs":             func(c *model.Check, g given) { g.duration(&c.Timeout, time.Millisecond, blank.Timeout) },
	"degradedLatencyMs":     setDegradedLatency,
	"insecureSkipTlsVerify": func(c *model.Check, g given) { g.flag(&c.InsecureSkipVerify, false) },
	"retries":               func(c *model.Check, g given) { g.integer(&c.Retries, blank.Retries) },
	"headers":               setHeaders,
	"body":                  func(c *model.Check, g given) { g.text((*string)(&c.Body), "") },
	"followRedirects":       func(c *model.Check, g given) { g.flag(&c.FollowRedirects, blank.FollowRedirects) },
	"enabled":               func(c *model.Check, g given) { g.flag(&c.Enabled, blank.Enabled) },
	"incidentThreshold":     setIncidentThreshold,
	"restart":               setRestart,
}

// setDegradedLatency keeps apart null, which is 0 inside, and a 0 that was sent, which is too little.
func setDegradedLatency(c *model.Check, g given) {
	g.duration(&c.DegradedLatency, time.Millisecond, 0)
	if !g.null() && c.DegradedLatency == 0 {
		c.DegradedLatency = -time.Millisecond
	}
}

// setIncidentThreshold keeps apart null, which is 0 inside, and a 0 that was sent, which is too little.
func setIncidentThreshold(c *model.Check, g given) {
	g.integer(&c.IncidentThreshold, 0)
	if !g.null() && c.IncidentThreshold == 0 {
		c.IncidentThreshold = -1
	}
}

// setHeaders replaces all headers; null removes them. Names differ by more than case.
func setHeaders(c *model.Check, g given) {
	if g.null() {
		c.Headers = nil
		return
	}
	members, ok := g.members()
	if !ok {
		return
	}
	headers, seen := map[string]model.Secret{}, map[string]bool{}
	for _, m := range members {
		value, ok := unquoted(m.value)
		folded := strings.ToLower(m.name)
		switch {
		case !ok:
			g.refuse("header_type", "name", m.name)
			return
		case seen[folded]:
			g.refuse("header_twice", "name", m.name)
			return
		}
		headers[m.name], seen[folded] = model.Secret(value), true
	}
	c.Headers = headers
}

func showCheck(c model.Check, latest model.Latest, now status.Status) checkJSON {
	out := checkJSON{
		ID: c.ID, ComponentID: c.Component, PageID: c.Page, Name: c.Name, URL: c.URL, Method: c.Method,
		IntervalSeconds:   int64(c.Interval / time.Second),
		ExpectedStatusMin: c.ExpectedStatusMin, ExpectedStatusMax: c.ExpectedStatusMax, ExpectedBodyContains: orNull(c.ExpectedBodyContains),
		TimeoutMs: c.Timeout.Milliseconds(), InsecureSkipTLSVerify: c.InsecureSkipVerify, Retries: c.Retries,
		HeaderNames: slices.Sorted(maps.Keys(c.Headers)), BodySet: c.Body != "", FollowRedirects: c.FollowRedirects, Enabled: c.Enabled,
		Restart: showBinding(c.Restart), Status: now, LastCheckedAt: seconds(latest.At), LastError: sentence(latest.Reason),
		CreatedAt: seconds(c.Created), UpdatedAt: seconds(c.Updated),
	}
	if out.HeaderNames == nil {
		out.HeaderNames = []string{}
	}
	if c.DegradedLatency != 0 {
		out.DegradedLatencyMs = new(c.DegradedLatency.Milliseconds())
	}
	if c.IncidentThreshold != 0 {
		out.IncidentThreshold = &c.IncidentThreshold
	}
	if !latest.At.IsZero() {
		out.LastLatencyMs = new(latest.Latency.Milliseconds())
	}
	return out
}

// watched shows a check with what it showed last.
func (a *API) watched(c model.Check) checkJSON {
	latest, now := a.App.Latest(c.ID)
	return showCheck(c, latest, now)
}

func (a *API) createCheck(ctx context.Context, in call) (app.Answer, error) {
	fill, err := checkFields.reader(in.body)
	if err != nil {
		return app.Answer{}, err
	}
	component, err := componentID(in)
	if err != nil {
		return app.Answer{}, err
	}
	c, err := a.App.CreateCheck(ctx, in.by, component, fill)
	if err != nil {
		return app.Answer{}, err
	}
	// Nobody has looked yet, whatever happens between the commit and this line.
	return answered(http.StatusCreated, a.location(ctx, "checks", c.ID), showCheck(c, model.Latest{}, status.NoData))
}
