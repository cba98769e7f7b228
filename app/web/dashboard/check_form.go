package dashboard

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"statusd/app"
	"statusd/app/model"
	"statusd/app/web/view"
)

// checkForm is where a check is made, changed and tried.
type checkForm struct {
	frame
	Form                               *form
	Title, Text, Back                  string
	Action, Delete, Submit             string
	Name, Component, URL               view.Field
	Method, Interval                   view.Field
	StatusMin, StatusMax, Contains     view.Field
	Timeout, Degraded                  view.Field
	Retries, Threshold                 view.Field
	Redirects, Insecure, Enabled, Body view.Field
	BodySet, RemoveBody                bool
	Restart                            bindingFields
	Headers                            []header // that are set
	NewHeaders                         []string // names that were typed; empty ones for more
	HeadersError                       string
	Retype                             bool // secrets were typed, and are not in this page
	Trial                              *trial
}

// header is one that is set. Its value is nobody's to see.
type header struct {
	Name   string
	Remove bool
}

// checkValues are a check's fields as its form has them; secrets have none.
func checkValues(c model.Check) url.Values {
	values := url.Values{
		"component": {c.Component.String()}, "name": {c.Name}, "url": {c.URL}, "method": {c.Method},
		"intervalSeconds":   {strconv.FormatInt(int64(c.Interval/time.Second), 10)},
		"expectedStatusMin": {strconv.Itoa(c.ExpectedStatusMin)}, "expectedStatusMax": {strconv.Itoa(c.ExpectedStatusMax)},
		"expectedBodyContains": {c.ExpectedBodyContains},
		"timeoutMs":            {strconv.FormatInt(c.Timeout.Milliseconds(), 10)},
		"degradedLatencyMs":    {orEmpty(c.DegradedLatency.Milliseconds())},
		"retries":              {strconv.Itoa(c.Retries)}, "incidentThreshold": {orEmpty(int64(c.IncidentThreshold))},
		"seen": {strconv.FormatInt(c.Updated.UnixMilli(), 10)},
	}
	setBinding(values, c.Restart)
	for name, on := range map[string]bool{
		"insecureSkipTlsVerify": c.InsecureSkipVerify, "followRedirects": c.FollowRedirects, "enabled": c.Enabled,
	} {
		if on {
			values.Set(name, "on")
		}
	}
	return values
}

// orEmpty is a number, and nothing for the 0 that stands for none.
func orEmpty(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

// typedCheck reads what was typed, once, and gives what writes it over a check.
func (f *form) typedCheck() func(*model.Check) error {
	interval, timeout, degraded := f.duration("intervalSeconds", time.Second), f.duration("timeoutMs", time.Millisecond), f.optionalDuration("degradedLatencyMs", time.Millisecond)
	low, high := f.number("expectedStatusMin"), f.number("expectedStatusMax")
	retries, threshold := f.number("retries"), f.optionalNumber("incidentThreshold")
	if threshold == 0 && f.get("incidentThreshold") != "" {
		threshold = -1 // 0 stands for none inside; typed, it is too little
	}
	bind := f.typedBinding()
	problems := slices.Clone(f.problems)
	return func(c *model.Check) error {
		wrong := slices.Clone(problems)
		c.Name, c.URL, c.Method = f.get("name"), f.get("url"), f.get("method")
		c.Interval, c.Timeout, c.DegradedLatency = interval, timeout, degraded
		c.ExpectedStatusMin, c.ExpectedStatusMax, c.ExpectedBodyContains = low, high, f.raw("expectedBodyContains")
		c.Retries, c.IncidentThreshold = retries, threshold
		c.FollowRedirects, c.InsecureSkipVerify, c.Enabled = f.has("followRedirects"), f.has("insecureSkipTlsVerify"), f.has("enabled")
		f.typedBody(c)
		f.typedHeaders(c, &wrong)
		bind(c, &wrong)
		return wrong.Err()
	}
}

// typedBody replaces or removes the body. One that was typed and then hidden by another method does not count.
func (f *form) typedBody(c *model.Check) {
	switch body := f.raw("body"); {
	case body != "" && c.Method == http.MethodPost:
		c.Body = model.Secret(body)
	case f.has("remove.body"):
		c.Body = ""
	}
}

// duration reads a number of units. What is too much for a duration is too much for any field.
func (f *form) duration(name string, unit time.Duration) time.Duration {
	const enough = 1_000_000_000
	return time.Duration(max(-enough, min(enough, f.number(name)))) * unit
}

// optionalDuration is duration, and 0 for an empty field; a 0 that was typed is too little.
func (f *form) optionalDuration(name string, unit time.Duration) time.Duration {
	if f.get(name) == "" {
		return 0
	}
	if d := f.duration(name, unit); d != 0 || f.problems.Has(name) {
		return d
	}
	return -unit
}

func (s *Site) newCheck(v *visit) error {
	values := checkValues(model.NewCheck())
	values.Set("component", v.c.QueryParam("component"))
	values.Set("url", "https://")
	return s.showNewCheck(v, v.filled(values), nil)
}

func (s *Site) showNewCheck(v *visit, f *form, tried *trial) error {
	list, err := s.componentsOf(v)
	if err != nil {
		return err
	}
	if len(list) == 0 { // a check is of something
		return v.goTo(s.paths.Manage(v.page, "/components/new"), "")
	}
	options := make([]view.Option, len(list))
	for i, c := range list {
		options[i] = view.Option{Value: c.ID.String(), Label: c.Name}
	}
	page, err := s.checkFields(v, f, model.NewCheck())
	if err != nil {
		return err
	}
	page.Component = f.choice(f.field("component", "field.component", ""), options...)
	page.Name.Focus = f.ok() && tried == nil
	page.Title, page.Text, page.Submit = v.t("check.new"), "", v.t("check.create")
	page.Action, page.Back, page.Trial = s.paths.Manage(v.page, "/checks/new"), s.paths.Manage(v.page, "/checks"), tried
	page.frame = s.pageFrame(v, "checks", page.Title)
	return v.render(f.code(), "dashboard/checks/form.html", page)
}

func (s *Site) checkForm(v *visit, c model.Check) error {
	return s.showCheck(v, v.filled(checkValues(c)), c, nil)
}

func (s *Site) showCheck(v *visit, f *form, c model.Check, tried *trial) error {
	of, err := s.App.Component(v.c.Request().Context(), v.actor, c.Component)
	if err != nil {
		return err
	}
	page, err := s.checkFields(v, f, c)
	if err != nil {
		return err
	}
	page.Title, page.Text, page.Submit = c.Name, v.t("check.of", "Name", view.InSentence(of.Name)), v.t("form.save")
	page.Action, page.Delete = s.paths.Check(v.page, c.ID, "/edit"), s.paths.Check(v.page, c.ID, "/delete")
	page.Back, page.Trial = s.paths.Check(v.page, c.ID, ""), tried
	page.frame = s.pageFrame(v, "checks", page.Title)
	return v.render(f.code(), "dashboard/checks/form.html", page)
}

// checkFields makes the fields; c is what is stored, of which only the names of secrets are shown.
func (s *Site) checkFields(v *visit, f *form, c model.Check) (page checkForm, err error) {
	page = checkForm{
		Form: f,
		Name: f.field("name", "field.name", "field.check.name.help"), URL: f.field("url", "field.url", ""),
		Method: f.choice(f.field("method", "field.method", ""),
			view.Option{Value: "GET", Label: "GET"}, view.Option{Value: "HEAD", Label: "HEAD"}, view.Option{Value: "POST", Label: "POST"}),
		Interval:  f.unit(f.field("intervalSeconds", "field.interval", ""), "form.seconds"),
		StatusMin: f.field("expectedStatusMin", "field.statusMin", ""), StatusMax: f.field("expectedStatusMax", "field.statusMax", ""),
		Contains:  f.optional(f.field("expectedBodyContains", "field.contains", "field.contains.help")),
		Timeout:   f.unit(f.field("timeoutMs", "field.timeout", ""), "form.ms"),
		Degraded:  f.optional(f.unit(f.field("degradedLatencyMs", "field.degraded", ""), "form.ms")),
		Retries:   f.unit(f.field("retries", "field.retries", "field.retries.help"), "form.times"),
		Threshold: f.optional(f.unit(f.field("incidentThreshold", "field.threshold", "field.threshold.help"), "form.failures")),
		Redirects: f.field("followRedirects", "field.redirects", "field.redirects.help"),
		Insecure:  f.field("insecureSkipTlsVerify", "field.insecure", "field.insecure.help"),
		Enabled:   f.field("enabled", "field.enabled", "field.enabled.help"),
		Body:      f.optional(f.field("body", "field.body", "")),
		BodySet:   c.Body != "", RemoveBody: f.has("remove.body"), Retype: f.typedSecrets(),
	}
	page.Interval.Help = v.t("field.interval.help", "Min", v.words.Number(int((s.App.MinInterval+time.Second-1)/time.Second)), "Max", v.words.Number(3600))
	page.Name.MaxLength, page.URL.Mono, page.URL.InputMode, page.Contains.Mono = 80, true, "url", true
	page.StatusMin.InputMode, page.StatusMax.InputMode = "numeric", "numeric"
	page.Body.Value, page.Body.Mono, page.Body.Rows = "", true, 4
	f.labels["headers"] = v.t("field.headers")
	page.HeadersError = f.problem("headers")
	for _, name := range slices.Sorted(maps.Keys(c.Headers)) {
		page.Headers = append(page.Headers, header{name, slices.Contains(f.values["remove.header"], name)})
	}
	for _, name := range f.values["header.name"] {
		if name != "" {
			page.NewHeaders = append(page.NewHeaders, name)
		}
	}
	page.NewHeaders = append(page.NewHeaders, make([]string, spareHeaders)...)
	page.Restart, err = s.bindingFields(v, f, c)
	return page, err
}

// spareHeaders is how many empty rows for headers there are without a script.
const spareHeaders = 3

func (s *Site) createCheck(v *visit) error {
	f, err := v.posted()
	if err != nil {
		return err
	}
	fill := f.typedCheck()
	if f.raw("do") == "test" {
		tried, err := s.try(v, f, 0, fill)
		if err != nil {
			return err
		}
		return s.showNewCheck(v, f, tried)
	}
	component, err := s.chosenComponent(v, f)
	if err != nil {
		return err
	}
	c, err := s.App.CreateCheck(v.c.Request().Context(), v.actor, component, fill)
	if f.refuse(err) {
		return s.showNewCheck(v, f, nil)
	}
	if err != nil {
		return err
	}
	return v.goTo(s.paths.Check(v.page, c.ID, ""), "check-created")
}

// chosenComponent is one of this page.
func (s *Site) chosenComponent(v *visit, f *form) (id model.ComponentID, err error) {
	if id.UnmarshalText([]byte(f.get("component"))) != nil {
		return id, model.ErrNotFound
	}
	c, err := s.App.Component(v.c.Request().Context(), v.actor, id)
	if err == nil && c.Page != v.page.ID {
		err = model.ErrNotFound
	}
	return id, err
}

func (s *Site) saveCheck(v *visit, c model.Check) error {
	f, err := v.posted()
	if err != nil {
		return err
	}
	change := f.typedCheck()
	if f.raw("do") == "test" {
		tried, err := s.try(v, f, c.ID, change)
		if err != nil {
			return err
		}
		return s.showCheck(v, f, c, tried)
	}
	_, err = s.App.UpdateCheck(v.c.Request().Context(), v.actor, c.ID, change, app.IfUnchangedSince(f.seen()))
	if f.refuse(err) {
		return s.showCheck(v, f, c, nil)
	}
	if err != nil {
		return err
	}
	return v.goTo(s.paths.Check(v.page, c.ID, ""), "check-saved")
}

// try probes what the form says; nil when the form is not right, which it then shows.
func (s *Site) try(v *visit, f *form, id model.CheckID, fill func(*model.Check) error) (*trial, error) {
	result, err := s.App.TryCheck(v.c.Request().Context(), v.actor, id, fill)
	if f.refuse(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return v.trial(result), nil
}
