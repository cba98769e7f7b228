package app

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/http/httpguts"

	"statusd/app/model"
	"statusd/app/status"
	"statusd/store"
)

// Checks lists a component's checks by creation.
func (a *App) Checks(ctx context.Context, by model.Actor, component model.ComponentID, w model.Window) (out model.List[model.Check], err error) {
	after, limit, err := position(w)
	if err != nil {
		return out, err
	}
	err = a.read(ctx, func(v store.View) error {
		own := v.In(by.Workspace)
		if _, err := own.Component(ctx, component); err != nil {
			return known(err)
		}
		rows, err := own.Checks(ctx, component, after, limit)
		out = list(rows, limit, func(c model.Check) store.After { return store.After{Position: c.Created.UnixMilli(), ID: int64(c.ID)} })
		return err
	})
	return out, err
}

// Check finds one check.
func (a *App) Check(ctx context.Context, by model.Actor, id model.CheckID) (c model.Check, err error) {
	err = a.read(ctx, func(v store.View) (err error) {
		c, err = v.In(by.Workspace).Check(ctx, id)
		return known(err)
	})
	return c, err
}

// Latest is what a check showed last and its status now.
func (a *App) Latest(id model.CheckID) (model.Latest, status.Status) { return a.watch.Latest(id) }

// CreateCheck makes a check of a component; it is probed at once.
func (a *App) CreateCheck(ctx context.Context, by model.Actor, component model.ComponentID, fill func(*model.Check) error) (c model.Check, err error) {
	err = a.write(ctx, func(tx *store.Tx) error {
		own := tx.In(by.Workspace)
		parent, err := own.Component(ctx, component)
		if err != nil {
			return known(err)
		}
		if !by.May(model.Editor) {
			return model.ErrForbidden
		}
		s, err := a.watch.Edit(ctx, tx)
		if err != nil {
			return err
		}
		c = model.NewCheck()
		c.ID, c.Workspace, c.Page, c.Component, c.Version = model.NewCheckID(), by.Workspace, parent.Page, component, 1
		c.Created = a.Now().UTC().Truncate(time.Millisecond)
		c.Updated, c.JudgedFrom = c.Created, s.Now().Time()
		if err := a.changeCheck(&c, fill); err != nil {
			return err
		}
		if err := bindable(ctx, own.Owned, c.Restart); err != nil {
			return err
		}
		if err := own.AddCheck(ctx, c); err != nil {
			return taken(err)
		}
		if err := a.audited(ctx, tx, by, checkTrail.entry(nil, &c)); err != nil {
			return err
		}
		return s.PutCheck(c, true)
	})
	return c, err
}

// UpdateCheck changes a check, if the conditions hold: change is applied to the row as it is in the transaction. It is probed
// anew at once; when it now looks at something else, what was seen before no longer counts.
func (a *App) UpdateCheck(ctx context.Context, by model.Actor, id model.CheckID, change func(*model.Check) error, conditions ...Condition) (c model.Check, err error) {
	err = a.write(ctx, func(tx *store.Tx) error {
		own := tx.In(by.Workspace)
		old, err := own.Check(ctx, id)
		if err != nil {
			return known(err)
		}
		if !by.May(model.Editor) {
			return model.ErrForbidden
		}
		if err := met(conditions, old.Updated); err != nil {
			return err
		}
		s, err := a.watch.Edit(ctx, tx)
		if err != nil {
			return err
		}
		c = old
		c.Headers = maps.Clone(old.Headers)
		if err := a.changeCheck(&c, change); err != nil {
			return err
		}
		if err := bindable(ctx, own.Owned, c.Restart); err != nil {
			return err
		}
		c.Version++
		c.Updated = a.touched(old.Updated)
		elsewhere := looksElsewhere(old, c)
		if elsewhere {
			c.JudgedFrom = s.Now().Time()
		}
		if err := own.SetCheck(ctx, c); err != nil {
			return known(err)
		}
		if err := a.audited(ctx, tx, by, checkTrail.entry(&old, &c)); err != nil {
			return err
		}
		return s.PutCheck(c, elsewhere)
	})
	return c, err
}

// DeleteCheck removes a check; its probes stop.
func (a *App) DeleteCheck(ctx context.Context, by model.Actor, id model.CheckID) error {
	return a.write(ctx, func(tx *store.Tx) error {
		own := tx.In(by.Workspace)
		c, err := own.Check(ctx, id)
		if err != nil {
			return known(err)
		}
		if !by.May(model.Editor) {
			return model.ErrForbidden
		}
		s, err := a.watch.Edit(ctx, tx)
		if err != nil {
			return err
		}
		if err := s.DropCheck(c); err != nil {
			return err
		}
		if err := own.DeleteCheck(ctx, id); err != nil {
			return known(err)
		}
		return a.audited(ctx, tx, by, checkTrail.entry(&c, nil))
	})
}

// looksElsewhere says whether earlier outcomes are about something else (SPEC §2: url, method, or what is expected).
func looksElsewhere(a, b model.Check) bool {
	return a.URL != b.URL || a.Method != b.Method ||
		a.ExpectedStatusMin != b.ExpectedStatusMin || a.ExpectedStatusMax != b.ExpectedStatusMax ||
		a.ExpectedBodyContains != b.ExpectedBodyContains
}

// changeCheck applies a change to a check and validates what comes out.
func (a *App) changeCheck(c *model.Check, change func(*model.Check) error) error {
	before := *c
	k := standIns{}
	c.Headers = maps.Clone(c.Headers)
	for name, value := range c.Headers {
		k.hide(&value)
		c.Headers[name] = value
	}
	k.hide(&c.Body)
	v, err := applied(change(c))
	if err != nil {
		return err
	}
	var headers []string
	for name, value := range c.Headers {
		if k.show(&value) {
			headers = append(headers, name)
			c.Headers[name] = value
		}
	}
	body := k.show(&c.Body)
	a.validateCheck(&v, c)
	if !v.Has("url") && !sameReceiver(before.URL, c.URL) {
		if len(headers) > 0 && !v.Has("headers") {
			slices.Sort(headers)
			v.Add("headers", "headers_elsewhere", "names", strings.Join(headers, ", "), "host", receiver(before.URL))
		}
		goesElsewhere(&v, "body", body, before.URL)
	}
	return v.Err()
}

// The limits of SPEC §2.
const (
	maxURL          = 2048
	maxBodyContains = 1024
	maxRequestBody  = 64 << 10
	maxInterval     = time.Hour
	minTimeout      = 100 * time.Millisecond
	maxTimeout      = time.Minute
	maxRetries      = 5
	maxHeaders      = 50
	maxHeaderValue  = 4096
)

func (a *App) validateCheck(v *model.Invalid, c *model.Check) {
	named(v, "name", c.Name, 80)
	if c.URL == "" && !v.Has("url") {
		v.Add("url", "required")
	} else if !v.Has("url") {
		a.calledURL(v, "url", c.URL, maxURL)
	}
	if !v.Has("method") && !slices.Contains([]string{http.MethodGet, http.MethodPost, http.MethodHead}, c.Method) {
		v.Add("method", "choice", "choices", "GET, POST, HEAD")
	}
	between(v, "intervalSeconds", int64(c.Interval/time.Second), int64((a.MinInterval+time.Second-1)/time.Second), int64(maxInterval/time.Second))
	between(v, "retries", int64(c.Retries), 0, maxRetries)
	if c.IncidentThreshold != 0 { // 0 stands for null
		between(v, "incidentThreshold", int64(c.IncidentThreshold), 1, 100)
	}
	validateExpectation(v, c)
	validateTimes(v, c)
	validateRequest(v, c)
	validateBinding(v, &c.Restart)
}

func validateStatusRange(v *model.Invalid, low, high int) {
	between(v, "expectedStatusMin", int64(low), 100, 599)
	between(v, "expectedStatusMax", int64(high), 100, 599)
	if low > high && !v.Has("expectedStatusMin") && !v.Has("expectedStatusMax") {
		v.Add("expectedStatusMax", "status_order", "min", low)
	}
}

func validateExpectation(v *model.Invalid, c *model.Check) {
	validateStatusRange(v, c.ExpectedStatusMin, c.ExpectedStatusMax)
	switch field := "expectedBodyContains"; {
	case v.Has(field) || c.ExpectedBodyContains == "":
	case len(c.ExpectedBodyContains) > maxBodyContains:
		v.Add(field, "too_long_bytes", "max", maxBodyContains)
	case c.Method == http.MethodHead:
		v.Add(field, "head_has_no_body")
	}
}

func validateTimes(v *model.Invalid, c *model.Check) {
	between(v, "timeoutMs", c.Timeout.Milliseconds(), minTimeout.Milliseconds(), maxTimeout.Milliseconds())
	if c.Timeout >= c.Interval && !v.Has("timeoutMs") && !v.Has("intervalSeconds") {
		v.Add("timeoutMs", "less_than_interval", "seconds", int(c.Interval/time.Second))
	}
	if c.DegradedLatency == 0 || v.Has("degradedLatencyMs") {
		return
	}
	if c.DegradedLatency < time.Millisecond || c.DegradedLatency >= c.Timeout {
		v.Add("degradedLatencyMs", "less_than_timeout", "max", c.Timeout.Milliseconds())
	}
}

func validateRequest(v *model.Invalid, c *model.Check) {
	switch {
	case v.Has("headers"):
	case len(c.Headers) > maxHeaders:
		v.Add("headers", "too_many", "max", maxHeaders)
	default:
		for _, name := range slices.Sorted(maps.Keys(c.Headers)) {
			validateHeader(v, name, c.Headers[name])
		}
	}
	switch {
	case v.Has("body"):
	case len(c.Body) > maxRequestBody:
		v.Add("body", "too_long_bytes", "max", maxRequestBody)
	case c.Body != "" && c.Method != http.MethodPost:
		v.Add("body", "body_needs_post")
	}
}

// notConfigurable are headers that the connection itself decides on.
var notConfigurable = []string{"connection", "content-length", "transfer-encoding", "upgrade", "te", "trailer", "keep-alive", "proxy-connection"}

func validateHeader(v *model.Invalid, name string, value model.Secret) {
	switch {
	case !httpguts.ValidHeaderFieldName(name):
		v.Add("headers", "header_name", "name", name)
	case slices.Contains(notConfigurable, strings.ToLower(name)):
		v.Add("headers", "header_reserved", "name", name)
	case len(value) > maxHeaderValue || !httpguts.ValidHeaderFieldValue(value.Reveal()):
		v.Add("headers", "header_value", "name", name, "max", maxHeaderValue)
	}
}
