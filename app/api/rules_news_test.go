package api_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// textRules are those of a field in several languages, of which one line fits or many do.
func textRules(field string, limit int) []refused {
	long := strings.Repeat("é", limit+1)
	return []refused{
		{`{"` + field + `":"` + long + `"}`, field + ".en", "too_long"},
		{`{"` + field + `":{"en":"N","tr":"` + long + `"}}`, field + ".tr", "too_long"},
		{`{"` + field + `":{"en":"a\u0000b"}}`, field + ".en", "control_characters"},
		{`{"` + field + `":{"tr":"a\u202eb"}}`, field + ".tr", "control_characters"},
		{`{"` + field + `":{"de":"N"}}`, field + ".de", "language"},
		{`{"` + field + `":{"en":"N","EN":"N"}}`, field + ".EN", "language"},
		{`{"` + field + `":{"":"N"}}`, field + ".", "language"},
		{`{"` + field + `":{"en":7}}`, field + ".en", "type"},
		{`{"` + field + `":{"en":{"en":"N"}}}`, field + ".en", "type"},
		{`{"` + field + `":7}`, field, "type"},
		{`{"` + field + `":["N"]}`, field, "type"},
		{`{"` + field + `":{` + many(51) + `}}`, field, "too_many"},
	}
}

// many are members of an object, each with another name.
func many(n int) string {
	members := make([]string, n)
	for i := range members {
		members[i] = fmt.Sprintf(`"l%d":"N"`, i)
	}
	return strings.Join(members, ",")
}

// wordless are the ways of saying nothing in any language.
func wordless(field string) []refused {
	return []refused{
		{`{"` + field + `":null}`, field, "text_required"},
		{`{"` + field + `":""}`, field, "text_required"},
		{`{"` + field + `":" \n\t"}`, field, "text_required"},
		{`{"` + field + `":{"en":" ","tr":null}}`, field, "text_required"},
		{`{"` + field + `":{"en":null}}`, field, "text_required"},
	}
}

var componentsRules = []refused{
	{`{"affectedComponentIds":"all"}`, "affectedComponentIds", "type"},
	{`{"affectedComponentIds":{}}`, "affectedComponentIds", "type"},
	{`{"affectedComponentIds":[7]}`, "affectedComponentIds", "type"},
	{`{"affectedComponentIds":[null]}`, "affectedComponentIds", "type"},
	{`{"affectedComponentIds":["zzzzzzzz"]}`, "affectedComponentIds", "unknown_component"},
}

var incidentRules = slices.Concat(componentsRules, textRules("title", 200), wordless("title"), []refused{
	{`{"title":"a\nb"}`, "title.en", "control_characters"},
	{`{"impact":"huge"}`, "impact", "choice"},
	{`{"impact":""}`, "impact", "choice"},
	{`{"impact":3}`, "impact", "type"},
	{`{"source":"auto"}`, "source", "unknown_field"},
	{`{"startedAt":"2026-05-18T12:34:56Z"}`, "startedAt", "unknown_field"},
})

var updateRules = slices.Concat(textRules("body", 10_000), wordless("body"), []refused{
	{`{"createdAt":null}`, "createdAt", "unknown_field"},
})

var newUpdateRules = slices.Concat(updateRules, []refused{
	{`{"status":"solved"}`, "status", "choice"},
	{`{"status":""}`, "status", "choice"},
	{`{"status":1}`, "status", "type"},
	{`{"notify":"no"}`, "notify", "type"},
})

var maintenanceRules = slices.Concat(componentsRules, textRules("title", 200), wordless("title"), textRules("description", 10_000), []refused{
	{`{"scheduledStart":null}`, "scheduledStart", "required"},
	{`{"scheduledStart":"tomorrow"}`, "scheduledStart", "time"},
	{`{"scheduledStart":"2098-12-31"}`, "scheduledStart", "time"},
	{`{"scheduledStart":"2098-12-31T00:00:00"}`, "scheduledStart", "time"},
	{`{"scheduledStart":"2098-02-30T00:00:00Z"}`, "scheduledStart", "time"},
	{`{"scheduledStart":"2098-12-31T24:00:00Z"}`, "scheduledStart", "time"},
	{`{"scheduledStart":4070908800}`, "scheduledStart", "type"},
	{`{"scheduledStart":"2020-01-01T00:00:00Z"}`, "scheduledStart", "start_past"},
	{`{"scheduledStart":"0000-01-01T00:00:00Z"}`, "scheduledStart", "start_past"},
	{`{"scheduledStart":"9999-12-31T23:59:59Z"}`, "scheduledStart", "date_range"},
	{`{"scheduledEnd":null}`, "scheduledEnd", "required"},
	{`{"scheduledEnd":"2099-01-01T00:00:00.9Z"}`, "scheduledEnd", "after_start"},
	{`{"scheduledEnd":"2098-12-31T23:59:59Z"}`, "scheduledEnd", "after_start"},
	{`{"scheduledEnd":"2099-01-01T02:00:00+03:00"}`, "scheduledEnd", "after_start"},
	{`{"scheduledEnd":"2101-01-01T00:00:00Z"}`, "scheduledEnd", "date_range"},
	{`{"scheduledEnd":[]}`, "scheduledEnd", "type"},
	{`{"autoComplete":"yes"}`, "autoComplete", "type"},
	{`{"notify":0}`, "notify", "type"},
	{`{"status":"completed"}`, "status", "unknown_field"},
	{`{"startedAt":null}`, "startedAt", "unknown_field"},
})

func TestWhatBreaksARuleOfIncidentsOrMaintenanceChangesNothing(t *testing.T) {
	k := newKit(t)
	m := k.furnish(k.owner, "https://example.com/")
	before := k.dump()
	for _, one := range []struct {
		rules              []refused
		method, path, base string
	}{
		{incidentRules, "PATCH", "/api/v1/incidents/" + m.incident, ""},
		{incidentRules, "POST", "/api/v1/pages/" + m.page + "/incidents", `"title":"T","body":"B"`},
		{newUpdateRules, "POST", "/api/v1/pages/" + m.page + "/incidents", `"title":"T","body":"B"`},
		{newUpdateRules, "POST", "/api/v1/incidents/" + m.incident + "/updates", `"body":"B"`},
		{updateRules, "PATCH", "/api/v1/updates/" + m.update, ""},
		{maintenanceRules, "PATCH", "/api/v1/maintenances/" + m.maintenance, ""},
		{maintenanceRules, "POST", "/api/v1/pages/" + m.page + "/maintenances", `"title":"T",` + someday},
		{[]refused{{`{"status":"resolved"}`, "status", "status_by_update"}, {`{"body":"B"}`, "body", "unknown_field"}}, "PATCH", "/api/v1/incidents/" + m.incident, ""},
		{[]refused{{`{"status":"resolved"}`, "status", "unknown_field"}}, "PATCH", "/api/v1/updates/" + m.update, ""},
	} {
		for _, rule := range one.rules {
			body := rule.body
			if one.base != "" {
				body = completed(body, one.base)
			}
			k.refuses(one.method, one.path, body, rule)
		}
	}
	k.refuses("POST", "/api/v1/pages/"+m.page+"/incidents", `{"body":"B"}`, refused{field: "title", code: "text_required"})
	k.refuses("POST", "/api/v1/pages/"+m.page+"/incidents", `{"title":"T"}`, refused{field: "body", code: "text_required"})
	k.refuses("POST", "/api/v1/incidents/"+m.incident+"/updates", `{}`, refused{field: "body", code: "text_required"})
	k.refuses("POST", "/api/v1/pages/"+m.page+"/maintenances", `{"title":"T","scheduledEnd":"2099-01-01T00:00:00Z"}`, refused{field: "scheduledStart", code: "required"})
	k.refuses("POST", "/api/v1/pages/"+m.page+"/maintenances", `{"title":"T","scheduledStart":"2099-01-01T00:00:00Z"}`, refused{field: "scheduledEnd", code: "required"})
	if diff := cmp.Diff(before, k.dump()); diff != "" {
		t.Errorf("rows changed:\n%s", diff)
	}
}
