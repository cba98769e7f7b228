package api_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var anyTargetRules = []refused{
	{`{"name":null}`, "name", "required"},
	{`{"name":7}`, "name", "type"},
	{`{"type":7}`, "type", "type"},
	{`{"id":"9k3m7c2v"}`, "id", "unknown_field"},
	{`{"tally":null}`, "tally", "unknown_field"},
}

var httpTargetRules = []refused{
	{`{"url":null}`, "url", "required"},
	{`{"url":"ftp://x"}`, "url", "url_scheme"},
	{`{"url":7}`, "url", "type"},
	{`{"method":"PUT"}`, "method", "choice"},
	{`{"method":true}`, "method", "type"},
	{`{"authHeaderName":"X-Key"}`, "authHeaderValue", "header_needs_value"},
	{`{"authHeaderValue":"v"}`, "authHeaderName", "header_needs_name"},
	{`{"authHeaderName":"a b","authHeaderValue":"v"}`, "authHeaderName", "header_name"},
	{`{"authHeaderName":"X","authHeaderValue":["v"]}`, "authHeaderValue", "type"},
	{`{"body":{}}`, "body", "type"},
	{`{"body":"x","method":"GET"}`, "body", "body_needs_post"},
	{`{"expectedStatusMin":99}`, "expectedStatusMin", "range"},
	{`{"expectedStatusMin":300}`, "expectedStatusMax", "status_order"},
	{`{"expectedStatusMax":"299"}`, "expectedStatusMax", "type"},
	{`{"timeoutMs":999}`, "timeoutMs", "range"},
	{`{"timeoutMs":300001}`, "timeoutMs", "range"},
	{`{"timeoutMs":1.5}`, "timeoutMs", "type"},
	{`{"host":"db"}`, "host", "field_of_other_type"},
	{`{"seenHostKey":null}`, "seenHostKey", "field_of_other_type"},
	{`{"apiToken":"1|t"}`, "apiToken", "field_of_other_type"},
}

var sshTargetRules = []refused{
	{`{"host":null}`, "host", "required"},
	{`{"host":"ssh://db"}`, "host", "ssh_host"},
	{`{"host":7}`, "host", "type"},
	{`{"port":0}`, "port", "range"},
	{`{"port":65536}`, "port", "range"},
	{`{"port":"22"}`, "port", "type"},
	{`{"user":""}`, "user", "required"},
	{`{"privateKey":null}`, "privateKey", "required"},
	{`{"privateKey":"no key"}`, "privateKey", "key"},
	{`{"privateKey":[]}`, "privateKey", "type"},
	{`{"passphrase":1}`, "passphrase", "type"},
	{`{"command":null}`, "command", "required"},
	{`{"command":"a\nb"}`, "command", "control_characters"},
	{`{"hostKey":"no host key"}`, "hostKey", "key"},
	{`{"hostKey":7}`, "hostKey", "type"},
	{`{"seenHostKey":"ssh-ed25519 AAAA"}`, "seenHostKey", "seen_host_key"},
	{`{"seenHostKey":7}`, "seenHostKey", "type"},
	{`{"seenHostKeyAt":null}`, "seenHostKeyAt", "unknown_field"},
	{`{"timeoutMs":"1"}`, "timeoutMs", "type"},
	{`{"url":"https://example.com/"}`, "url", "field_of_other_type"},
	{`{"force":true}`, "force", "field_of_other_type"},
}

var coolifyTargetRules = []refused{
	{`{"baseUrl":null}`, "baseUrl", "required"},
	{`{"baseUrl":"https://x/?a"}`, "baseUrl", "base_url"},
	{`{"baseUrl":7}`, "baseUrl", "type"},
	{`{"apiToken":null}`, "apiToken", "required"},
	{`{"apiToken":"1|a b"}`, "apiToken", "api_token"},
	{`{"apiToken":1}`, "apiToken", "type"},
	{`{"resourceUuid":null}`, "resourceUuid", "required"},
	{`{"resourceUuid":"a,b"}`, "resourceUuid", "resource_uuid"},
	{`{"resourceUuid":7}`, "resourceUuid", "type"},
	{`{"force":"yes"}`, "force", "type"},
	{`{"timeoutMs":5000}`, "timeoutMs", "field_of_other_type"},
	{`{"command":"true"}`, "command", "field_of_other_type"},
}

func TestWhatBreaksARuleOfRestartTargetsChangesNothing(t *testing.T) {
	k := newKit(t)
	sorts := []struct {
		kind, base string
		rules      []refused
	}{
		{"http", `"name":"N","type":"http","url":"https://example.com/"`, httpTargetRules},
		{"ssh", `"name":"N","type":"ssh","host":"db","user":"u","command":"c","privateKey":` + encode(t, someKey), sshTargetRules},
		{"coolify", `"name":"N","type":"coolify","baseUrl":"https://example.com","apiToken":"1|t","resourceUuid":"u1"`, coolifyTargetRules},
	}
	paths := map[string]string{}
	for _, s := range sorts {
		paths[s.kind] = k.target(`{` + s.base + `}`)
	}
	before := k.dump()
	for _, s := range sorts {
		for _, rule := range append(anyTargetRules, s.rules...) {
			k.refuses("PATCH", paths[s.kind], rule.body, rule)
			k.refuses("POST", "/api/v1/restart-targets", completed(rule.body, s.base), rule)
		}
		for _, other := range []string{"http", "ssh", "coolify", "ftp", ""} {
			if other != s.kind {
				k.refuses("PATCH", paths[s.kind], `{"type":"`+other+`"}`, refused{field: "type", code: "type_fixed"})
			}
		}
		k.want(200, "PATCH", paths[s.kind], `{"type":"`+s.kind+`"}`)
		k.want(200, "PATCH", paths[s.kind], `{"type":null}`)
	}
	// Of a target of no type nothing is told but that, and which fields no type has.
	for _, kind := range []string{``, `"type":null,`, `"type":"",`, `"type":"HTTP",`, `"type":"ftp",`} {
		k.refuses("POST", "/api/v1/restart-targets", `{`+kind+`"name":"N","url":7,"host":7,"apiToken":7}`, refused{field: "type", code: "choice"})
	}
	got := k.want(422, "POST", "/api/v1/restart-targets", `{"type":"ssh","surprise":1,"port":0}`).wrong(t)
	want := map[string]string{"surprise": "unknown_field", "name": "required", "host": "required", "port": "range", "user": "required", "command": "required", "privateKey": "required"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("all at once:\n%s", diff)
	}
	if diff := cmp.Diff(before, k.dump()); diff != "" {
		t.Errorf("rows changed:\n%s", diff)
	}
}

func TestWhatBreaksARuleOfABindingNamesItsField(t *testing.T) {
	k := newKit(t)
	m := k.furnish(k.owner, "https://example.com/")
	to := `"targetId":"` + m.target + `"`
	for _, rule := range []refused{
		{`true`, "restart", "type"},
		{`[]`, "restart", "type"},
		{`{}`, "restart.targetId", "required"},
		{`{"targetId":null}`, "restart.targetId", "required"},
		{`{"targetId":7}`, "restart.targetId", "type"},
		{`{` + to + `,"threshold":0}`, "restart.threshold", "range"},
		{`{` + to + `,"threshold":101}`, "restart.threshold", "range"},
		{`{` + to + `,"threshold":"3"}`, "restart.threshold", "type"},
		{`{` + to + `,"cooldownSeconds":0}`, "restart.cooldownSeconds", "range"},
		{`{` + to + `,"cooldownSeconds":86401}`, "restart.cooldownSeconds", "range"},
		{`{` + to + `,"cooldownSeconds":0.5}`, "restart.cooldownSeconds", "type"},
		{`{` + to + `,"maxFirings":0}`, "restart.maxFirings", "range"},
		{`{` + to + `,"maxFirings":101}`, "restart.maxFirings", "range"},
		{`{` + to + `,"enabled":true}`, "restart.enabled", "unknown_field"},
	} {
		k.refuses("PATCH", "/api/v1/checks/"+m.check, `{"restart":`+rule.body+`}`, rule)
		k.refuses("POST", "/api/v1/components/"+m.component+"/checks", `{"name":"N","url":"https://example.com/","restart":`+rule.body+`}`, rule)
	}
}

func TestSecretsOfATargetAreKeptUntilTheyAreRemoved(t *testing.T) {
	k := newKit(t)
	h := newHook(t)
	path := k.target(`{"type":"http","name":"N","url":"` + h.url + `","authHeaderName":"X-Key","authHeaderValue":"c4n4ry","body":"c4n4ry"}`)
	for _, step := range []struct {
		body        string
		value, text bool
	}{
		{`{"name":"Renamed"}`, true, true},
		{`{"body":null}`, true, false},
		{`{"authHeaderName":null,"authHeaderValue":null}`, false, false},
	} {
		got := k.want(200, "PATCH", path, step.body)
		if row := got.json(t); row["authHeaderValueSet"] != step.value || row["bodySet"] != step.text || strings.Contains(got.text, "c4n4ry") {
			t.Errorf("%s: got %s", step.body, got.text)
		}
		k.want(200, "POST", path+"/test", "")
	}
	if diff := cmp.Diff([]string{"POST / c4n4ry c4n4ry", "POST / c4n4ry ", "POST /  "}, h.heard()); diff != "" {
		t.Error(diff)
	}
	if strings.Contains(k.log.String(), "c4n4ry") {
		t.Error("the log holds a secret")
	}
}
