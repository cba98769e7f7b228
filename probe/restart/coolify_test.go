package restart

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"statusd/probe"
	"statusd/probe/probetest"
)

const shop = "vgsco4o0cskwkss8cwwk0ogs"

func coolify(t testing.TB) (*probetest.Coolify, Coolify) {
	t.Helper()
	c := probetest.NewCoolify(t).Has(shop, probetest.CoolifyResource{Kind: "application", Name: "shop"})
	return c, Coolify{BaseURL: c.URL, Token: probetest.CoolifyToken, UUID: shop, Force: true, Timeout: 5 * time.Second}
}

func methods(c *probetest.Coolify) (out string) {
	for _, r := range c.Asked() {
		out += r.Method + " "
	}
	return strings.TrimSpace(out)
}

func TestCoolifyIsAskedByGetAndThenByPost(t *testing.T) {
	c, target := coolify(t)
	f := fire(t, target)
	wantSuccess(t, f)
	if methods(c) != "GET POST" || len(c.Started()) != 1 {
		t.Errorf("asked by %s, started %v", methods(c), c.Started())
	}
	for _, r := range c.Asked() {
		if r.URI != "/api/v1/deploy?force=true&uuid="+shop || r.Header.Get("Authorization") != "Bearer "+probetest.CoolifyToken ||
			r.Header.Get("Accept") != "application/json" {
			t.Errorf("asked %s with %v", r.URI, r.Header)
		}
	}
	want := `GET 405 {"message":"This endpoint has changed to a POST request."}` + "\n" +
		`POST 200 {"deployments":[{"deployment_uuid":"d1","message":"Application shop deployment queued.","resource_uuid":"` + shop + `"}]}` + "\n"
	if f.Output != want || *f.StatusCode != 200 {
		t.Errorf("%q, status %v", f.Output, f.StatusCode)
	}
}

func TestAnOldCoolifyIsAskedOnce(t *testing.T) {
	c, target := coolify(t)
	c.Old()
	target.Force = false
	for _, base := range []string{c.URL, c.URL + "/", c.URL + "/api/v1", c.URL + "/api/v1/", " " + c.URL + " "} {
		target.BaseURL = base
		wantSuccess(t, fire(t, target))
	}
	if methods(c) != "GET GET GET GET GET" || len(c.Started()) != 5 || !strings.Contains(c.Asked()[0].URI, "force=false") {
		t.Errorf("asked by %s, started %v", methods(c), c.Started())
	}
}

func TestServicesDatabasesAndWhatIsQueuedAlreadyCountAsStarted(t *testing.T) {
	for _, r := range []probetest.CoolifyResource{
		{Kind: "service", Name: "X"}, {Kind: "database", Name: "X"}, {Kind: "application", Name: "X", Queued: true},
	} {
		c, target := coolify(t)
		c.Has(shop, r)
		target.Force = false
		wantSuccess(t, fire(t, target))
	}
}

func TestEveryRefusalOfCoolifySaysWhatToChange(t *testing.T) {
	for name, c := range map[string]struct {
		set    func(*probetest.Coolify, *Coolify)
		status int
		want   string
		check  string // of "Check connection", where it is another
	}{
		"policy": {func(c *probetest.Coolify, _ *Coolify) {
			c.Has(shop, probetest.CoolifyResource{Kind: "application", Forbidden: true})
		}, 200, `Coolify refuses to deploy this resource for the token's owner ("Unauthorized to deploy this application."): the owner must be an admin of the resource's team`, "ok"},
		"unknown uuid": {func(_ *probetest.Coolify, t *Coolify) { t.UUID = "unknown1" }, 404,
			"Coolify knows no resource unknown1 in the token's team: compare the uuid with the last part of the resource's address in Coolify", "ok"},
		"wrong token": {func(_ *probetest.Coolify, t *Coolify) { t.Token = "12|wrong" }, 401,
			"Coolify does not accept the token (wrong, deleted or expired): create one under Keys & Tokens, API tokens, and enter it whole, with the number and the |", ""},
		"no token": {func(_ *probetest.Coolify, t *Coolify) { t.Token = "" }, 401,
			"Coolify does not accept the token (wrong, deleted or expired): create one under Keys & Tokens, API tokens, and enter it whole, with the number and the |", ""},
		"owner left": {func(c *probetest.Coolify, _ *Coolify) { c.Left(401) }, 401,
			"the token's owner no longer belongs to the team for which it was made: let somebody of the team create a new one", ""},
		"owner left, old": {func(c *probetest.Coolify, _ *Coolify) { c.Old().Left(400) }, 400,
			"the token's owner no longer belongs to the team for which it was made: let somebody of the team create a new one", ""},
		"no deploy": {func(c *probetest.Coolify, _ *Coolify) { c.Allow("read", "write") }, 403,
			`the token lacks a permission ("Missing required permissions: deploy"): create one with the permission deploy`, ""},
		"member": {func(c *probetest.Coolify, _ *Coolify) { c.Member() }, 403,
			"the token's owner is only a member of the team: an admin or owner of the team must create it", ""},
		"disabled": {func(c *probetest.Coolify, _ *Coolify) { c.Disable() }, 403,
			"Coolify's API is switched off: switch it on under Settings, Advanced, API Access", ""},
		"address": {func(c *probetest.Coolify, _ *Coolify) { c.Elsewhere() }, 403,
			"Coolify's API does not allow statusd's address: add it under Settings, Advanced, Allowed IPs", ""},
		"queue": {func(c *probetest.Coolify, _ *Coolify) { c.Full() }, 429,
			"Coolify's deployment queue is full: wait for the running deployments, or cancel some", "ok"},
		"rate": {func(c *probetest.Coolify, _ *Coolify) { c.Throttle() }, 429,
			"Coolify takes no more requests just now (its API rate limit)", ""},
		"path under api": {func(_ *probetest.Coolify, t *Coolify) { t.BaseURL += "/api/v2" }, 404,
			"there is no such path: the address must be that under which Coolify is opened in a browser, without anything behind the host", ""},
		"path of the web": {func(_ *probetest.Coolify, t *Coolify) { t.BaseURL += "/dashboard" }, 302,
			"status 302 leads to URL/login, which is not followed: enter the address under which Coolify itself answers (is it https?)", ""},
		"list of uuids": {func(_ *probetest.Coolify, t *Coolify) { t.UUID = shop + ",other" }, 0,
			"this is not the uuid of one Coolify resource: it is the last part of the resource's address in Coolify, letters and digits only", ""},
		"no address": {func(_ *probetest.Coolify, t *Coolify) { t.BaseURL = "coolify.example.com" }, 0,
			"this is not the address of a Coolify: give it as https://coolify.example.com", ""},
	} {
		t.Run(name, func(t *testing.T) {
			fake, target := coolify(t)
			c.set(fake, &target)
			want := strings.ReplaceAll(c.want, "URL", fake.URL)
			f := fire(t, target)
			wantFailed(t, f, fake.URL, want)
			if len(fake.Started()) != 0 || (f.StatusCode == nil) != (c.status == 0) || f.StatusCode != nil && *f.StatusCode != c.status {
				t.Errorf("started %v, status %v", fake.Started(), f.StatusCode)
			}
			got := firer(t).Check(t.Context(), target)
			if c.check == "ok" {
				want = "Coolify accepts the token and lets it deploy; nothing was started, and whether the uuid is right shows only then"
			}
			if got.OK != (c.check == "ok") || got.Detail.String() != want || len(fake.Started()) != 0 {
				t.Errorf("checked: %v %q, want %q", got.OK, got.Detail, want)
			}
		})
	}
}

func TestACheckedConnectionStartsNothing(t *testing.T) {
	for _, old := range []bool{false, true} {
		c, target := coolify(t)
		if old {
			c.Old()
		}
		got := firer(t).Check(t.Context(), target)
		if !got.OK || got.Detail.Code != CoolifyConnected || len(c.Started()) != 0 || methods(c) != "POST" || c.Asked()[0].URI != "/api/v1/deploy" {
			t.Errorf("%+v, asked %v", got, c.Asked())
		}
	}
}

func TestWhatStandsInFrontOfCoolifyIsNotTakenForIt(t *testing.T) {
	laravel := "<!DOCTYPE html>\n<html><title>Service Unavailable</title></html>"
	for _, c := range []struct {
		status     int
		kind, body string
		want       string
	}{
		{503, "text/html; charset=UTF-8", laravel, "Coolify is in maintenance mode (status 503): wait until its update is done"},
		{503, "application/json", `{"message":"Service Unavailable"}`, "Coolify is in maintenance mode (status 503): wait until its update is done"},
		{503, "text/plain", "no available server\n", "the proxy in front answers that no Coolify runs at this address (status 503)"},
		{503, "", "", "the proxy in front answers that no Coolify runs at this address (status 503)"},
		{404, "text/plain", "404 page not found\n", "the proxy in front answers that no Coolify runs at this address (status 404)"},
		{502, "text/plain", "Bad Gateway", "a proxy in front of Coolify gives up (status 502)"},
		{504, "text/html", "<html>\r\n<head><title>504 Gateway Time-out</title></head>", "a proxy in front of Coolify gives up (status 504)"},
		{500, "text/plain", "Internal Server Error", "a proxy in front of Coolify gives up (status 500)"},
		{499, "", "", "a proxy in front of Coolify gives up (status 499)"},
		{500, "application/json", `{"message":"Server Error"}`, "Coolify refuses with status 500: Server Error"},
		{418, "", "", "Coolify answers with status 418 and no word why"},
		{403, "application/json", `{}`, "Coolify answers with status 403 and no word why"},
		{403, "application/json", `{"message":"Some new rule."}`, "Coolify refuses with status 403: Some new rule."},
		{200, "text/html", laravel, `this is not the Coolify API (status 200, the answer begins with "<!DOCTYPE html>"): is the address that of Coolify itself?`},
		{404, "text/html", "<h1>Not here</h1>\n", `this is not the Coolify API (status 404, the answer begins with "<h1>Not here</h1>"): is the address that of Coolify itself?`},
		{200, "application/json", `"OK"`, `this is not the Coolify API (status 200, the answer begins with ""OK""): is the address that of Coolify itself?`},
		{200, "application/json", `{"deployments":"none"}`, `this is not the Coolify API (status 200, the answer begins with "{"deployments":"none"}"): is the address that of Coolify itself?`},
		{200, "application/json", `{"deployments":[{"message":"Application other deployment queued.","resource_uuid":"other"}]}`,
			"Coolify answered 200 but started nothing for " + shop + ": does the uuid belong to the token's team?"},
		{200, "application/json", `{"success":true}`, "Coolify answered 200 but started nothing for " + shop + ": does the uuid belong to the token's team?"},
		{405, "application/json", `{"message":"The POST method is not supported."}`, "Coolify refuses with status 405: The POST method is not supported."},
	} {
		fake, target := coolify(t)
		fake.Front(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", c.kind)
			w.WriteHeader(c.status)
			fmt.Fprint(w, c.body)
		})
		wantFailed(t, fire(t, target), fake.URL, c.want)
		if got := firer(t).Check(t.Context(), target); got.OK || got.Detail.String() != c.want {
			t.Errorf("checked: %v %q, want %q", got.OK, got.Detail, c.want)
		}
		if n := len(fake.Asked()); n > 3 {
			t.Errorf("asked %d times", n)
		}
	}
}

func TestOfAPageOfHTMLOnlyTheFirstLineIsKept(t *testing.T) {
	fake, target := coolify(t)
	fake.Front(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<!DOCTYPE html>\n<html>much more</html>") })
	if f := fire(t, target); f.Output != "GET 200 <!DOCTYPE html>\n" {
		t.Errorf("%q", f.Output)
	}
}

func TestACoolifyThatCannotBeReachedIsSaid(t *testing.T) {
	base := fmt.Sprintf("http://127.0.0.1:%d", closedPort(t))
	target := Coolify{BaseURL: base, Token: probetest.CoolifyToken, UUID: shop}
	wantFailed(t, fire(t, target), base, "connection refused (nothing listens on port {port})")
	if got := firer(t).Check(t.Context(), target); got.OK || got.Detail.Code != "refused" {
		t.Errorf("%+v", got)
	}
}

func FuzzCoolifyAnswer(f *testing.F) {
	f.Add(200, `{"deployments":[{"message":"Application shop deployment queued.","resource_uuid":"u1"}]}`)
	f.Add(200, `{"deployments":[{"message":"Unauthorized to deploy this application.","resource_uuid":"u1"}]}`)
	f.Add(200, `{"deployments":null}`)
	f.Add(403, `{"success":true,"message":"API is disabled."}`)
	f.Add(404, "404 page not found")
	f.Add(302, "")
	f.Fuzz(func(t *testing.T, status int, body string) {
		if status < 100 || status > 999 {
			t.Skip()
		}
		c := Coolify{BaseURL: "http://coolify.example", UUID: "u1"}
		r := c.judge(probe.Answer{StatusCode: status, Body: []byte(body)}, probe.Reason{})
		if !r.Known() && r.Code != "" {
			t.Errorf("no words for %+v", r)
		}
		if r.Code == "" && (status != 200 || !strings.Contains(strings.ToLower(body), "u1") && !strings.Contains(body, `\u`)) {
			t.Errorf("%d %q is a success", status, body)
		}
	})
}
