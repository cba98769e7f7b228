package app

import (
	"cmp"
	"maps"
	"reflect"
	"slices"
	"time"

	"statusd/app/model"
	"statusd/app/status"
)

// trail says how a kind of row stands in the audit trail. To audit another noun, write one of these and hand its entry to
// App.audited; a field that the noun gets later is missed by the test.
type trail[T any] struct {
	created, changed, deleted model.Action
	page                      func(T) model.PageID // nil: the noun is of the workspace itself
	subject                   func(T) model.Subject
	fields                    []traced[T]
	texts                     []worded[T]
	secrets                   func(from, to T) []model.Change // nil: the noun has none
}

// worded is a localised text as the API names it. Each language is a field: "title.en".
type worded[T any] struct {
	field string
	text  func(T) model.Text
}

// traced is one field as the API names it, and its value: nil, string, bool, int64 or []string.
type traced[T any] struct {
	field string
	value func(T) any
}

// entry is what a change of a row comes to: from is nil for one that is new, to for one that is gone. It has no action when
// nothing differs.
func (t trail[T]) entry(from, to *T) model.Audit {
	var none T
	before, after := cmp.Or(from, &none), cmp.Or(to, &none)
	e := model.Audit{Action: t.changed, Changes: t.changes(from, to)}
	if t.secrets != nil {
		e.Changes = append(e.Changes, t.secrets(*before, *after)...)
	}
	named := to
	switch {
	case from == nil:
		e.Action = t.created
	case to == nil:
		e.Action, named = t.deleted, from
	case len(e.Changes) == 0:
		return model.Audit{}
	}
	if t.page != nil {
		e.Page = t.page(*named)
	}
	e.Subject = t.subject(*named)
	return e
}

func (t trail[T]) changes(from, to *T) (out []model.Change) {
	for _, f := range t.fields {
		c := model.Change{Field: f.field}
		if from != nil {
			c.From = f.value(*from)
		}
		if to != nil {
			c.To = f.value(*to)
		}
		if !reflect.DeepEqual(c.From, c.To) { // a list cannot be compared with ==
			out = append(out, c)
		}
	}
	for _, w := range t.texts {
		var before, after model.Text
		if from != nil {
			before = w.text(*from)
		}
		if to != nil {
			after = w.text(*to)
		}
		out = append(out, textChanges(w.field, before, after)...)
	}
	return out
}

// textChanges tells the languages in which a text differs.
func textChanges(field string, from, to model.Text) (out []model.Change) {
	languages := slices.Collect(maps.Keys(from))
	languages = slices.AppendSeq(languages, maps.Keys(to))
	slices.Sort(languages)
	for _, l := range slices.Compact(languages) {
		if from[l] != to[l] {
			out = append(out, model.Change{Field: field + "." + l, From: orNil(from[l]), To: orNil(to[l])})
		}
	}
	return out
}

var pageTrail = trail[model.Page]{
	created: model.PageCreated, changed: model.PageChanged, deleted: model.PageDeleted,
	page: func(p model.Page) model.PageID { return p.ID },
	subject: func(p model.Page) model.Subject {
		return model.Subject{Kind: model.SubjectPage, ID: p.ID.String(), Name: p.Name}
	},
	fields: []traced[model.Page]{
		{"name", func(p model.Page) any { return p.Name }},
		{"slug", func(p model.Page) any { return p.Slug }},
		{"branding.displayName", func(p model.Page) any { return orNil(p.Branding.DisplayName) }},
		{"branding.primaryColor", func(p model.Page) any { return orNil(p.Branding.PrimaryColor) }},
		{"branding.logoUrl", func(p model.Page) any { return orNil(p.Branding.LogoURL) }},
		{"branding.logoLinkUrl", func(p model.Page) any { return orNil(p.Branding.LogoLinkURL) }},
		{"branding.tagline", func(p model.Page) any { return orNil(p.Branding.Tagline) }},
		{"customDomain", func(p model.Page) any { return orNil(p.CustomDomain) }},
		{"timeZone", func(p model.Page) any { return p.TimeZone }},
		{"noIndex", func(p model.Page) any { return p.NoIndex }},
		{"subscribersEnabled", func(p model.Page) any { return p.SubscribersEnabled }},
	},
}

var componentTrail = trail[model.Component]{
	created: model.ComponentCreated, changed: model.ComponentChanged, deleted: model.ComponentDeleted,
	page: func(c model.Component) model.PageID { return c.Page },
	subject: func(c model.Component) model.Subject {
		return model.Subject{Kind: model.SubjectComponent, ID: c.ID.String(), Name: c.Name}
	},
	fields: []traced[model.Component]{
		{"name", func(c model.Component) any { return c.Name }},
		{"description", func(c model.Component) any { return orNil(c.Description) }},
		{"group", func(c model.Component) any { return orNil(c.Group) }},
		{"position", func(c model.Component) any { return int64(c.Position) }},
		{"manualStatus", func(c model.Component) any {
			if c.ManualStatus == status.NoData {
				return nil
			}
			return c.ManualStatus.String()
		}},
	},
}

var checkTrail = trail[model.Check]{
	created: model.CheckCreated, changed: model.CheckChanged, deleted: model.CheckDeleted,
	page: func(c model.Check) model.PageID { return c.Page },
	subject: func(c model.Check) model.Subject {
		return model.Subject{Kind: model.SubjectCheck, ID: c.ID.String(), Name: c.Name}
	},
	fields: []traced[model.Check]{
		{"name", func(c model.Check) any { return c.Name }},
		{"url", func(c model.Check) any { return c.URL }},
		{"method", func(c model.Check) any { return c.Method }},
		{"intervalSeconds", func(c model.Check) any { return int64(c.Interval / time.Second) }},
		{"expectedStatusMin", func(c model.Check) any { return int64(c.ExpectedStatusMin) }},
		{"expectedStatusMax", func(c model.Check) any { return int64(c.ExpectedStatusMax) }},
		{"expectedBodyContains", func(c model.Check) any { return orNil(c.ExpectedBodyContains) }},
		{"timeoutMs", func(c model.Check) any { return c.Timeout.Milliseconds() }},
		{"degradedLatencyMs", func(c model.Check) any { return orNil(c.DegradedLatency.Milliseconds()) }},
		{"insecureSkipTlsVerify", func(c model.Check) any { return c.InsecureSkipVerify }},
		{"retries", func(c model.Check) any { return int64(c.Retries) }},
		{"followRedirects", func(c model.Check) any { return c.FollowRedirects }},
		{"enabled", func(c model.Check) any { return c.Enabled }},
		{"incidentThreshold", func(c model.Check) any { return orNil(int64(c.IncidentThreshold)) }},
		{"restart.targetId", func(c model.Check) any { return idOrNil(c.Restart.Target) }},
		{"restart.threshold", func(c model.Check) any { return orNil(int64(c.Restart.Threshold)) }},
		{"restart.cooldownSeconds", func(c model.Check) any { return orNil(int64(c.Restart.Cooldown / time.Second)) }},
		{"restart.maxFirings", func(c model.Check) any { return orNil(int64(c.Restart.MaxFirings)) }},
	},
	secrets: func(from, to model.Check) []model.Change {
		return append(headerChanges(from.Headers, to.Headers), secretChanges("body", from.Body, to.Body)...)
	},
}

// wentAlong names what was removed together with what it belongs to.
func wentAlong(field string, names []string) []model.Change {
	if len(names) == 0 {
		return nil
	}
	return []model.Change{{Field: field, From: names}}
}

// orNil is a value that means "none" when it is zero.
func orNil[V comparable](v V) any {
	var zero V
	if v == zero {
		return nil
	}
	return v
}

// secretChanges says that a secret was set, changed or removed, and no more.
func secretChanges(field string, from, to model.Secret) []model.Change {
	if from == to {
		return nil
	}
	return []model.Change{secretChange(field, from != "", to != "")}
}

// secretChange is the change of a secret that was there before, is there now, or both.
func secretChange(field string, before, now bool) model.Change {
	c := model.Change{Field: field}
	if before {
		c.From = model.SecretSet
	}
	switch {
	case before && now:
		c.To = model.SecretChanged
	case now:
		c.To = model.SecretSet
	}
	return c
}

// maxHeaderNamed is how much of a header's name is told: the check may have a longer one, and every change of it is kept.
const maxHeaderNamed = 100

// headerChanges tells names, which are no secret. A header may be there with an empty value.
func headerChanges(from, to map[string]model.Secret) (out []model.Change) {
	names := slices.Collect(maps.Keys(from))
	for name := range to {
		if _, known := from[name]; !known {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		old, before := from[name]
		value, now := to[name]
		if before != now || old != value {
			out = append(out, secretChange("headers."+name[:min(len(name), maxHeaderNamed)], before, now))
		}
	}
	return out
}
