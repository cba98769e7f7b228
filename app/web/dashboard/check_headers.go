package dashboard

import (
	"maps"
	"strings"

	"statusd/app/model"
)

// Headers are secrets. The form holds names: of those that are set ("header.set", each with an empty "header.value.set" that
// replaces its value, and "remove.header" that removes it) and of new ones ("header.name", each with its "header.value").

// typedHeaders changes a check's headers as the form says. An empty value keeps the one that is set.
func (f *form) typedHeaders(c *model.Check, wrong *model.Invalid) {
	headers := maps.Clone(c.Headers)
	if headers == nil {
		headers = map[string]model.Secret{}
	}
	for i, name := range f.values["header.set"] {
		if value := nth(f.values["header.value.set"], i); value != "" {
			if _, there := headers[name]; there {
				headers[name] = model.Secret(value)
			}
		}
	}
	for _, name := range f.values["remove.header"] {
		delete(headers, name)
	}
	for i, name := range f.values["header.name"] {
		addHeader(headers, strings.TrimSpace(name), nth(f.values["header.value"], i), wrong)
	}
	c.Headers = headers
}

func addHeader(headers map[string]model.Secret, name, value string, wrong *model.Invalid) {
	switch {
	case name == "" && value == "" || wrong.Has("headers"):
	case name == "":
		wrong.Add("headers", "header_needs_name")
	case value == "": // it may be one that was typed and not kept
		wrong.Add("headers", "header_needs_value", "name", name)
	case named(headers, name):
		wrong.Add("headers", "header_twice", "name", name)
	default:
		headers[name] = model.Secret(value)
	}
}

// named says whether there is a header of that name, whatever its case.
func named(headers map[string]model.Secret, name string) bool {
	for known := range headers {
		if strings.EqualFold(known, name) {
			return true
		}
	}
	return false
}

// typedSecrets says whether the form brought secrets, which a page that shows it again does not have.
func (f *form) typedSecrets() bool {
	for _, name := range []string{"header.value", "header.value.set", "body"} {
		for _, value := range f.values[name] {
			if value != "" {
				return true
			}
		}
	}
	return false
}

func nth(list []string, i int) string {
	if i >= len(list) {
		return ""
	}
	return list[i]
}
