package api_test

import (
	"context"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"statusd/app"
	"statusd/probe/probetest"
)

// someKey is a private key that opens nothing.
var someKey = func() string {
	der, err := x509.MarshalPKCS8PrivateKey(ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)))
	if err != nil {
		panic(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}()

// hook is a receiver of HTTP targets that keeps what it was asked.
type hook struct {
	url    string
	mu     sync.Mutex
	asked  []string
	answer func(w http.ResponseWriter, r *http.Request)
}

func newHook(t *testing.T) *hook {
	h := &hook{}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		h.mu.Lock()
		h.asked = append(h.asked, r.Method+" "+r.URL.Path+" "+r.Header.Get("X-Key")+" "+string(body))
		answer := h.answer
		h.mu.Unlock()
		if answer != nil {
			answer(w, r)
			return
		}
		_, _ = io.WriteString(w, "restarting, as "+r.Header.Get("X-Key")+" wants")
	}))
	t.Cleanup(s.Close)
	h.url = s.URL
	return h
}

func (h *hook) heard() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]string{}, h.asked...)
}

// target makes a restart target and returns its address.
func (k *kit) target(body string) string {
	k.t.Helper()
	return "/api/v1/restart-targets/" + k.create(k.owner, "/api/v1/restart-targets", body)
}

// without checks that fields are there and strings of eight characters or times, and removes them.
func without(t *testing.T, row map[string]any, fields ...string) map[string]any {
	t.Helper()
	for _, f := range fields {
		if text, ok := row[f].(string); !ok || len(text) < 8 {
			t.Errorf("%s is %v", f, row[f])
		}
		delete(row, f)
	}
	return row
}

var noFirings = map[string]any{"firings": 0.0, "succeeded": 0.0, "recovered": 0.0, "successRate": nil, "lastFiredAt": nil}

func TestATargetIsShownWithTheFieldsOfItsTypeAndWithoutSecrets(t *testing.T) {
	k := newKit(t)
	c := readContract(t, k)
	for _, one := range []struct {
		body string
		want map[string]any
	}{
		{`{"type":"http","name":"N","url":"https://example.com/restart"}`, map[string]any{
			"url": "https://example.com/restart", "method": "POST", "authHeaderName": nil, "authHeaderValueSet": false, "bodySet": false,
			"expectedStatusMin": 200.0, "expectedStatusMax": 299.0, "timeoutMs": 30000.0,
		}},
		{`{"name":"N","authHeaderValue":"c4n4ry","authHeaderName":"X-Key","body":"c4n4ry","url":"https://example.com/","expectedStatusMin":204,"expectedStatusMax":204,"timeoutMs":1000,"type":"http"}`, map[string]any{
			"url": "https://example.com/", "method": "POST", "authHeaderName": "X-Key", "authHeaderValueSet": true, "bodySet": true,
			"expectedStatusMin": 204.0, "expectedStatusMax": 204.0, "timeoutMs": 1000.0,
		}},
		{`{"type":"ssh","name":"N","host":"db.internal","user":"deploy","command":"docker restart api","privateKey":` + encode(t, someKey) + `}`, map[string]any{
			"host": "db.internal", "port": 22.0, "user": "deploy", "privateKeySet": true, "passphraseSet": false, "command": "docker restart api",
			"hostKey": nil, "seenHostKey": nil, "seenHostKeyAt": nil, "hostKeyFingerprint": nil, "timeoutMs": 60000.0,
		}},
		{`{"type":"coolify","name":"N","baseUrl":"https://coolify.example.com/api/v1/","apiToken":"12|c4n4ry","resourceUuid":"abc"}`, map[string]any{
			"baseUrl": "https://coolify.example.com", "apiTokenSet": true, "resourceUuid": "abc", "force": true,
		}},
	} {
		created, allowed := c.exchange(t, k, newRequest("POST", "/api/v1/restart-targets", k.owner, one.body))
		if created.status != 201 || allowed != nil {
			t.Fatalf("%s: got %d %s (%v)", one.body, created.status, created.text, allowed)
		}
		read, _ := c.exchange(t, k, newRequest("GET", created.header.Get("Location"), k.owner, ""))
		if read.text != created.text || strings.Contains(read.text, "c4n4ry") || strings.Contains(read.text, "PRIVATE KEY") {
			t.Errorf("created %s, read %s", created.text, read.text)
		}
		one.want["name"], one.want["boundChecks"], one.want["tally"] = "N", 0.0, noFirings
		got := without(t, read.json(t), "id", "createdAt", "updatedAt")
		if kind := got["type"]; !strings.Contains(one.body, fmt.Sprintf(`"type":%q`, kind)) {
			t.Errorf("%s became a target of type %v", one.body, kind)
		}
		delete(got, "type")
		if diff := cmp.Diff(one.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", one.body, diff)
		}
	}
	if got := k.count("/api/v1/restart-targets"); got != 4 {
		t.Errorf("%d targets are listed", got)
	}
}

func TestAnHTTPTargetIsFiredByHand(t *testing.T) {
	k := newKit(t)
	c := readContract(t, k)
	h := newHook(t)
	path := k.target(`{"type":"http","name":"N","url":"` + h.url + `/restart","authHeaderName":"X-Key","authHeaderValue":"c4n4ry-of-the-hook","body":"{\"why\":\"test\"}"}`)
	got, allowed := c.exchange(t, k, newRequest("POST", path+"/test", k.owner, ""))
	if got.status != 200 || allowed != nil {
		t.Fatalf("got %d %s (%v)", got.status, got.text, allowed)
	}
	first := got.json(t)
	if first["outcome"] != "success" || first["statusCode"] != 200.0 || first["trigger"] != "test" || first["error"] != nil || first["checkId"] != nil || first["durationMs"] == nil {
		t.Errorf("got %s", got.text)
	}
	if output := fmt.Sprint(first["output"]); !strings.HasPrefix(output, "restarting") || strings.Contains(output, "c4n4ry") {
		t.Errorf("the output is %q", output)
	}
	h.mu.Lock()
	h.answer = func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }
	h.mu.Unlock()
	second := k.want(200, "POST", path+"/test", "{}").json(t)
	if second["outcome"] != "failed" || second["statusCode"] != 502.0 || second["error"] != "status 502, expected 200-299" || second["errorCode"] != "status" || second["output"] != nil {
		t.Errorf("got %v", second)
	}
	want := "POST /restart c4n4ry-of-the-hook {\"why\":\"test\"}"
	if diff := cmp.Diff([]string{want, want}, h.heard()); diff != "" {
		t.Error(diff)
	}
	list, _ := c.exchange(t, k, newRequest("GET", path+"/firings", k.owner, ""))
	if diff := cmp.Diff([]any{second, first}, list.json(t)["items"]); diff != "" {
		t.Errorf("the log is not what was answered:\n%s", diff)
	}
	if got := k.want(200, "GET", path, "").json(t)["tally"]; !cmp.Equal(got, any(noFirings)) {
		t.Errorf("tests count: %v", got)
	}
}

func TestARepeatedTestFiresOnce(t *testing.T) {
	k := newKit(t)
	h := newHook(t)
	path := k.target(`{"type":"http","name":"N","url":"`+h.url+`"}`) + "/test"
	answers := make([]answer, 8)
	var all sync.WaitGroup
	for i := range answers {
		all.Go(func() { answers[i] = k.keyed("fire", k.owner, path, "") })
	}
	all.Wait()
	for _, a := range answers {
		if a.status != 200 || a.text != answers[0].text {
			t.Errorf("got %d %s, want %s", a.status, a.text, answers[0].text)
		}
	}
	if got := len(h.heard()); got != 1 {
		t.Errorf("it was called %d times", got)
	}
	if got := k.keyed("another", k.owner, path, ""); got.status != 200 || len(h.heard()) != 2 {
		t.Errorf("another key: got %d %s after %d calls", got.status, got.text, len(h.heard()))
	}
}

func TestAClientThatGaveUpFindsItsTestUnderItsKey(t *testing.T) {
	k := newKit(t)
	h := newHook(t)
	came, goOn := make(chan struct{}), make(chan struct{})
	h.answer = func(http.ResponseWriter, *http.Request) { close(came); <-goOn }
	path := k.target(`{"type":"http","name":"N","url":"` + h.url + `"}`)
	ctx, giveUp := context.WithCancel(t.Context())
	left := make(chan struct{})
	go func() {
		defer close(left)
		r := newRequest("POST", path+"/test", k.owner, "").WithContext(ctx)
		r.Header.Set("Idempotency-Key", "fire")
		k.serve(r)
	}()
	<-came
	if got := k.do("POST", path+"/test", ""); got.status != 409 {
		t.Errorf("while it runs: got %d %s, want 409", got.status, got.text)
	}
	giveUp()
	<-left
	again := k.keyed("fire", k.owner, path+"/test", "")
	if again.status != 200 || again.json(t)["outcome"] != "running" || again.json(t)["durationMs"] != nil || again.header.Get("Idempotency-Replayed") != "true" {
		t.Errorf("got %d %s", again.status, again.text)
	}
	close(goOn)
	eventually(t, "the log has what came of it", func() bool {
		all := k.want(200, "GET", path+"/firings", "").json(t)["items"].([]any)
		return len(all) == 1 && all[0].(map[string]any)["outcome"] == "success"
	})
	if got := h.heard(); len(got) != 1 {
		t.Errorf("it was called %d times", len(got))
	}
}

func TestTheConnectionToAnSSHTargetIsCheckedAndItsKeyConfirmed(t *testing.T) {
	host := probetest.NewSSHD(t, "ed25519")
	private, public := probetest.SSHKey(t, "open sesame", "-t", "ed25519")
	k := newKit(t)
	c := readContract(t, k)
	path := k.target(fmt.Sprintf(`{"type":"ssh","name":"N","host":%q,"port":%d,"user":%q,"command":"true","privateKey":%s,"passphrase":"open sesame"}`, host.Host, host.Port, host.User, encode(t, private)))
	connect := func() map[string]any {
		t.Helper()
		got, allowed := c.exchange(t, k, newRequest("POST", path+"/connection", k.owner, ""))
		if got.status != 200 || allowed != nil {
			t.Fatalf("got %d %s (%v)", got.status, got.text, allowed)
		}
		return got.json(t)
	}
	shown := strings.Join(strings.Fields(host.HostKey(t, "ed25519"))[:2], " ")
	print := strings.Fields(host.Fingerprint(t, "ed25519"))[1]
	if got := connect(); got["ok"] != false || got["detailCode"] != "ssh_key_refused" || !strings.Contains(got["detail"].(string), host.User) || got["hostKey"] != shown || got["fingerprint"] != print {
		t.Errorf("with a key that nobody authorized: %v", got)
	}
	if got := k.want(200, "GET", path, "").json(t); got["seenHostKey"] != nil {
		t.Errorf("a key is recorded though nobody was let in: %v", got)
	}
	host.Authorize(t, public)
	want := map[string]any{"ok": true, "detail": "signed in as " + host.User + "; nothing was run", "detailCode": "ssh_connected", "hostKey": shown, "fingerprint": print}
	if diff := cmp.Diff(want, connect()); diff != "" {
		t.Error(diff)
	}
	keys := func(a answer) []any {
		got := a.json(t)
		return []any{got["hostKey"], got["seenHostKey"], got["hostKeyFingerprint"], got["seenHostKeyAt"] != nil}
	}
	for _, step := range []struct {
		body string
		want []any
	}{
		{`{}`, []any{nil, shown, print, true}},
		{`{"seenHostKey":` + encode(t, shown) + `}`, []any{nil, shown, print, true}},
		{`{"seenHostKey":null}`, []any{nil, nil, nil, false}},
		{`{"hostKey":` + encode(t, shown) + `}`, []any{shown, nil, print, false}},
		{`{"hostKey":"` + print + `"}`, []any{print, nil, print, false}},
	} {
		if diff := cmp.Diff(step.want, keys(k.want(200, "PATCH", path, step.body))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", step.body, diff)
		}
	}
	k.refuses("PATCH", path, `{"seenHostKey":"ssh-ed25519 AAAA"}`, refused{field: "seenHostKey", code: "seen_host_key"})
	if got := connect(); got["ok"] != true {
		t.Errorf("with the key confirmed: %v", got)
	}
	k.want(200, "PATCH", path, `{"hostKey":"SHA256:nThbg6kXUpJWGl7E1IGOCspRomTxdCARLviKw6E5SY8"}`)
	if got := connect(); got["ok"] != false || got["detailCode"] != "ssh_host_key_changed" || got["fingerprint"] != print {
		t.Errorf("with another key pinned: %v", got)
	}
	if got := k.do("POST", path+"/test", ""); got.status != 409 || got.json(t)["detail"] != "target_scheduled_only" {
		t.Errorf("a test: got %d %s", got.status, got.text)
	}
}

func TestTheConnectionToACoolifyIsCheckedWithoutDeploying(t *testing.T) {
	coolify := probetest.NewCoolify(t).Has("u1", probetest.CoolifyResource{Kind: "application", Name: "shop"})
	k := newKit(t)
	path := k.target(fmt.Sprintf(`{"type":"coolify","name":"N","baseUrl":%q,"apiToken":%q,"resourceUuid":"u1"}`, coolify.URL, probetest.CoolifyToken))
	got := k.want(200, "POST", path+"/connection", "").json(t)
	if got["ok"] != true || got["detailCode"] != "coolify_connected" || got["hostKey"] != nil || got["fingerprint"] != nil {
		t.Errorf("got %v", got)
	}
	k.want(200, "PATCH", path, `{"apiToken":"1|c4n4ry"}`)
	if got := k.want(200, "POST", path+"/connection", "").json(t); got["ok"] != false || got["detailCode"] != "coolify_token" || strings.Contains(fmt.Sprint(got), "c4n4ry") {
		t.Errorf("with a wrong token: %v", got)
	}
	if got := k.do("POST", path+"/test", ""); got.status != 409 || got.json(t)["detail"] != "target_scheduled_only" {
		t.Errorf("a test: got %d %s", got.status, got.text)
	}
	if got := coolify.Started(); len(got) != 0 {
		t.Errorf("%v was deployed", got)
	}
	http := k.target(`{"type":"http","name":"N","url":"https://example.com/"}`)
	if got := k.do("POST", http+"/connection", ""); got.status != 409 || got.json(t)["detail"] != "target_has_no_connection" {
		t.Errorf("the connection to an HTTP target: got %d %s", got.status, got.text)
	}
}

func TestACheckThatFailsFiresItsTargetAndTheLogSaysWhatCameOfIt(t *testing.T) {
	k := newKitAt(t, time.Time{}, func(c *app.Config) { c.MinInterval, c.StartupGrace = time.Second, -1 })
	c := readContract(t, k)
	h := newHook(t)
	healthy := false
	h.answer = func(w http.ResponseWriter, r *http.Request) {
		h.mu.Lock()
		defer h.mu.Unlock()
		switch {
		case r.URL.Path == "/restart":
			healthy = true
			w.WriteHeader(http.StatusAccepted)
		case !healthy:
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}
	path := k.target(`{"type":"http","name":"N","url":"` + h.url + `/restart"}`)
	target := strings.TrimPrefix(path, "/api/v1/restart-targets/")
	m := k.fill(k.owner, h.url)
	check := k.create(k.owner, "/api/v1/components/"+m.component+"/checks",
		`{"name":"API","url":"`+h.url+`/health","intervalSeconds":1,"timeoutMs":900,"retries":0,"restart":{"targetId":"`+target+`","threshold":1}}`)
	var last map[string]any
	eventually(t, "the check is good again", func() bool {
		list, _ := c.exchange(t, k, newRequest("GET", path+"/firings", k.owner, ""))
		if all := list.json(t)["items"].([]any); len(all) == 1 {
			last = all[0].(map[string]any)
		}
		return last["recoveredAfterSeconds"] != nil
	})
	if last["trigger"] != "schedule" || last["outcome"] != "success" || last["statusCode"] != 202.0 || last["checkId"] != check || last["checkName"] != "API" || last["pageId"] != m.page || last["targetId"] != target || last["gaveUpAt"] != nil {
		t.Errorf("got %v", last)
	}
	got, _ := c.exchange(t, k, newRequest("GET", path, k.owner, ""))
	row := got.json(t)
	if want := map[string]any{"firings": 1.0, "succeeded": 1.0, "recovered": 1.0, "successRate": 1.0, "lastFiredAt": last["startedAt"]}; !cmp.Equal(row["tally"], any(want)) || row["boundChecks"] != 1.0 {
		t.Errorf("got %s", got.text)
	}
	if list := k.want(200, "GET", "/api/v1/restart-targets", "").json(t)["items"].([]any); !cmp.Equal(list, []any{row}) {
		t.Errorf("the list says %v, the target %v", list, row)
	}
	k.speak()
	held := k.do("DELETE", path, "")
	if held.status != 409 || !strings.Contains(held.json(t)["detail"].(string), "API (Page)") {
		t.Errorf("deleted while bound: got %d %s", held.status, held.text)
	}
	k.want(200, "PATCH", "/api/v1/checks/"+check, `{"restart":null}`)
	k.want(204, "DELETE", path, "")
	k.want(404, "GET", path+"/firings", "")
}

func TestABindingIsMergedAndNullUnbindsIt(t *testing.T) {
	k := newKit(t)
	m := k.furnish(k.owner, "https://example.com/")
	other := k.create(k.owner, "/api/v1/restart-targets", `{"type":"http","name":"Other","url":"https://example.com/"}`)
	binding := func(target string, threshold, cooldown, most float64) any {
		return map[string]any{"targetId": target, "threshold": threshold, "cooldownSeconds": cooldown, "maxFirings": most}
	}
	for _, step := range []struct {
		body string
		want any
	}{
		{`{"targetId":"` + m.target + `"}`, binding(m.target, 3, 600, 5)},
		{`{"threshold":7,"cooldownSeconds":86400}`, binding(m.target, 7, 86400, 5)},
		{`{}`, binding(m.target, 7, 86400, 5)},
		{`{"targetId":"` + other + `","maxFirings":100}`, binding(other, 7, 86400, 100)},
		{`{"threshold":null,"cooldownSeconds":null,"maxFirings":null}`, binding(other, 3, 600, 5)},
		{`null`, nil},
		{`{"maxFirings":1,"targetId":"` + m.target + `"}`, binding(m.target, 3, 600, 1)},
	} {
		got := k.want(200, "PATCH", "/api/v1/checks/"+m.check, `{"restart":`+step.body+`}`).json(t)["restart"]
		if diff := cmp.Diff(step.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", step.body, diff)
		}
	}
	if got := k.want(200, "PATCH", "/api/v1/checks/"+m.check, `{"name":"Renamed"}`).json(t)["restart"]; !cmp.Equal(got, binding(m.target, 3, 600, 1)) {
		t.Errorf("a change of the name left %v", got)
	}
	if got := k.want(200, "GET", "/api/v1/restart-targets/"+m.target, "").json(t)["boundChecks"]; got != 1.0 {
		t.Errorf("%v checks are bound", got)
	}
}
