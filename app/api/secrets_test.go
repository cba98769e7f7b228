package api_test

import (
	"encoding/base64"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSecretsAreWrittenAndNeverRead(t *testing.T) {
	k := newKit(t)
	url, _ := target(t)
	m := k.furnish(k.owner, url)
	const canary = "c4n4ry"
	secret := `"method":"POST","headers":{"X-Key":"` + canary + `","Authorization":"Bearer ` + canary + `"},"body":"` + canary + `"`
	var said []answer
	created := k.keyed("k", k.owner, "/api/v1/components/"+m.component+"/checks", `{"name":"N","url":"`+url+`","enabled":false,`+secret+`}`)
	m.check = created.json(t)["id"].(string)
	said = append(said, created, k.want(200, "PATCH", "/api/v1/checks/"+m.check, `{`+secret+`}`))
	said = append(said, k.do("PATCH", "/api/v1/checks/"+m.check, `{"headers":{"X-Key":"`+canary+`\n"},"body":"`+canary+`","method":"GET"}`))
	said = append(said, k.do("PATCH", "/api/v1/checks/"+m.check, `{"headers":{"X-Key":["`+canary+`"]},"body":["`+canary+`"]}`))
	said = append(said, k.do("PATCH", "/api/v1/checks/"+m.check, `{"headers":{"X-Key":"`+canary+`"`))
	for _, route := range routes(t, k.echo) {
		if method, _, _ := strings.Cut(route, " "); method == http.MethodGet || strings.HasSuffix(route, "/run") {
			ex := examples[route]
			said = append(said, k.serve(k.ask(route, m.id(ex.kind), k.owner, url, ex.body)))
		}
	}
	for _, form := range []string{canary, base64.StdEncoding.EncodeToString([]byte(canary))[:7]} {
		for _, a := range said {
			if strings.Contains(a.text, form) || strings.Contains(strings.Join(a.header["Location"], ""), form) {
				t.Errorf("%d %s", a.status, a.text)
			}
		}
		if strings.Contains(k.log.String(), form) {
			t.Error("the log holds a secret")
		}
	}
	if got := created.json(t); !cmp.Equal(got["headerNames"], []any{"Authorization", "X-Key"}) || got["bodySet"] != true {
		t.Errorf("got %v", got)
	}
}

func TestHeadersAreReplacedWholeAndNullRemovesThem(t *testing.T) {
	k := newKit(t)
	path := "/api/v1/checks/" + k.fill(k.owner, "https://example.com/").check
	for _, step := range []struct {
		body  string
		names []any
		set   bool
	}{
		{`{"method":"POST","body":"b","headers":{"B":"1","A":"2"}}`, []any{"A", "B"}, true},
		{`{"name":"N"}`, []any{"A", "B"}, true},
		{`{"headers":{"C":""}}`, []any{"C"}, true},
		{`{"headers":{}}`, []any{}, true},
		{`{"headers":{"A":"1"},"body":null}`, []any{"A"}, false},
		{`{"headers":null}`, []any{}, false},
	} {
		got := k.want(200, "PATCH", path, step.body).json(t)
		if !cmp.Equal(got["headerNames"], step.names) || got["bodySet"] != step.set {
			t.Errorf("%s: got %v %v", step.body, got["headerNames"], got["bodySet"])
		}
	}
}
