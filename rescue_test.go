package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"

	"statusd/app/web/browsertest"
	"statusd/probe/probetest"
)

// Restart targets of the real binary: a service that is a process of its own, killed and brought back.

// serviceEnv makes this program a service that listens on the address in it, and says in a file beside it who it is.
const serviceEnv = "STATUSD_TEST_SERVICE"

func beService(address string) {
	address, file, _ := strings.Cut(address, " ")
	l, err := net.Listen("tcp", address)
	if err == nil {
		err = os.WriteFile(file, []byte(strconv.Itoa(os.Getpid())), 0o600)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	_ = http.Serve(l, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "at your service") }))
	os.Exit(1)
}

// service is a process that can be killed and started.
type service struct {
	t       *testing.T
	address string
	file    string // holds the pid
}

// newService starts one.
func newService(t *testing.T) *service {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &service{t: t, address: l.Addr().String(), file: filepath.Join(t.TempDir(), "pid")}
	l.Close()
	t.Cleanup(s.kill)
	s.start()
	return s
}

// environment is what makes a process this service.
func (s *service) environment() string { return serviceEnv + "=" + s.address + " " + s.file }

// start starts it, as an administrator would, and returns at once.
func (s *service) start() {
	cmd := exec.Command(os.Args[0])
	cmd.Env = []string{s.environment()}
	if err := cmd.Start(); err != nil {
		s.t.Error(err)
		return
	}
	go func() { _ = cmd.Wait() }()
}

// kill ends whichever process it is now.
func (s *service) kill() {
	text, err := os.ReadFile(s.file)
	if err != nil {
		return
	}
	_ = os.Remove(s.file)
	if pid, err := strconv.Atoi(string(text)); err == nil && pid > 1 {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
}

// firing is one as the API has it.
type firing struct {
	Trigger, Outcome, Output, Error string
	CheckID                         string
	StartedAt                       time.Time
	StatusCode, ExitCode            *int
	RecoveredAfterSeconds           *float64
}

// firings is the log of a target, newest first.
func (c *client) firings(t *testing.T, target string) (out []firing) {
	t.Helper()
	code, body, err := c.call(http.MethodGet, "restart-targets/"+target+"/firings?limit=100", nil)
	text, _ := json.Marshal(body["items"])
	if err == nil {
		err = json.Unmarshal(text, &out)
	}
	if err != nil || code != http.StatusOK {
		t.Fatalf("firings: %d %v %v", code, body, err)
	}
	return out
}

// A service dies, and its target brings it back: over SSH, by a key that may do nothing else.
func TestAServiceThatDiesIsRestartedOverSSH(t *testing.T) {
	t.Parallel()
	host := probetest.NewSSHD(t)
	s := newService(t)
	private, public := probetest.SSHKey(t, "", "-t", "ed25519")
	script := filepath.Join(t.TempDir(), "restart")
	if err := os.WriteFile(script, fmt.Appendf(nil, "#!/bin/sh\nenv '%s' setsid '%s' </dev/null >/dev/null 2>&1 &\necho restarted\n", s.environment(), os.Args[0]), 0o700); err != nil {
		t.Fatal(err)
	}
	host.Authorize(t, `restrict,command="`+script+`" `+public)

	data := t.TempDir()
	token := command(t, data, "token", "create", "--name", "test")
	r := serve(t, data, "--startup-grace", "0s")
	c := newClient(r.address, token)
	page := c.make(t, "pages", map[string]any{"name": "Shop", "slug": "shop"})
	component := c.make(t, "pages/"+page+"/components", map[string]any{"name": "Checkout"})
	target := c.make(t, "restart-targets", map[string]any{
		"type": "ssh", "name": "shop host", "host": host.Host, "port": host.Port, "user": host.User, "privateKey": private,
		"command": "anything", "hostKey": host.HostKey(t, "ecdsa"),
	})
	check := c.make(t, "components/"+component+"/checks", map[string]any{
		"name": "Front door", "url": "http://" + s.address, "intervalSeconds": 1, "timeoutMs": 500, "retries": 0,
		"restart": map[string]any{"targetId": target, "threshold": 2},
	})
	c.until(t, "it is operational", func() bool { return c.status(t, check) == "operational" })
	s.kill()
	c.until(t, "it is good again", func() bool {
		log := c.firings(t, target)
		return len(log) == 1 && log[0].RecoveredAfterSeconds != nil
	})
	f := c.firings(t, target)[0]
	if f.Outcome != "success" || f.Trigger != "schedule" || f.ExitCode == nil || *f.ExitCode != 0 || strings.TrimSpace(f.Output) != "restarted" || f.CheckID != check || *f.RecoveredAfterSeconds > 10 {
		t.Errorf("%+v", f)
	}
	if got := c.status(t, check); got != "operational" {
		t.Errorf("the check is %s", got)
	}
	if err := r.terminate(t); err != nil {
		t.Error(err)
	}
}

// An administrator sets up a target and binds it in the browser; then the service dies. The target brings it back before anybody looks,
// the page is green again, and the log holds the proof.
func TestAServiceThatDiesIsRestartedByTheTargetThatWasBoundInTheBrowser(t *testing.T) {
	t.Parallel()
	s, seen := newService(t), make(chan struct{})
	hook := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		<-seen // a visitor has seen that it is down
		if r.Method != http.MethodPost || r.Header.Get("X-Restart-Key") != "let me" {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		s.start()
	}))
	defer hook.Close()
	data := t.TempDir()
	addUser(t, data, "ada@example.org", "a password of Ada's")
	token := command(t, data, "token", "create", "--name", "test")
	r := serve(t, data, "--startup-grace", "0s")
	c := newClient(r.address, token)
	page := c.make(t, "pages", map[string]any{"name": "Shop", "slug": "shop"})
	component := c.make(t, "pages/"+page+"/components", map[string]any{"name": "Checkout"})
	check := c.make(t, "components/"+component+"/checks", map[string]any{
		"name": "Front door", "url": "http://" + s.address, "intervalSeconds": 1, "timeoutMs": 500, "retries": 0,
	})
	visitor, admin := browsertest.New(t), browsertest.New(t)
	visitor.Open(r.address + "/p/shop")
	shows(visitor, "All systems operational")

	admin.Open(r.address + "/d")
	admin.Type(`[name="email"]`, "ada@example.org")
	admin.Type(`[name="password"]`, "a password of Ada's")
	admin.Press("\r")
	admin.Wait(`document.querySelector('.tabs a[href$="/restart-targets"]') || document.querySelector('main a[href*="/d/"]')`)
	own := browsertest.Eval[string](admin, `[...document.querySelectorAll("a[href]")].map(a => a.pathname).find(p => p.includes("`+page+`")) || ""`)
	root := r.address + own[:strings.Index(own, page)+len(page)]
	admin.Open(root + "/restart-targets/new?type=http")
	admin.Type(`[name="name"]`, "Supervisor")
	admin.Type(`[name="url"]`, hook.URL)
	admin.Type(`[name="authHeaderName"]`, "X-Restart-Key")
	admin.Type(`[name="authHeaderValue"]`, "let me")
	admin.Click(`.form-actions button`)
	admin.Wait(`document.querySelector("h1").textContent === "Supervisor"`)
	log := browsertest.Eval[string](admin, `location.href`)
	admin.Open(root + "/checks/" + check + "/edit")
	browsertest.Eval[bool](admin, `(document.querySelector("[name='restart.targetId']").focus(), true)`)
	admin.Press(kb.ArrowDown)
	admin.Type(`[name="restart.threshold"]`, "2")
	admin.Click(`.form-actions button`)
	admin.Wait(`document.querySelector("#fired")`)
	admin.Open(log)

	s.kill()
	shows(visitor, "Checkout is down")
	close(seen)
	shows(visitor, "All systems operational")
	admin.Wait(`document.querySelector("[data-live=log]").textContent.includes("good again after")`)
	if log := c.firings(t, c.targets(t)[0]); len(log) != 1 || log[0].Outcome != "success" || log[0].CheckID != check || log[0].RecoveredAfterSeconds == nil {
		t.Errorf("%+v", log)
	}
	if err := r.terminate(t); err != nil {
		t.Error(err)
	}
}

// targets are the ids of all of them.
func (c *client) targets(t *testing.T) (ids []string) {
	t.Helper()
	_, body, err := c.call(http.MethodGet, "restart-targets", nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, item := range body["items"].([]any) {
		ids = append(ids, item.(map[string]any)["id"].(string))
	}
	return ids
}

// addUser makes an account.
func addUser(t *testing.T, data, email, password string) {
	t.Helper()
	file, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(file, "user", "add", email, "--password-stdin", "--data", data)
	cmd.Stdin = strings.NewReader(password + "\n")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("user add: %v %s", err, out)
	}
}

// status is that of a check by its newest result.
func (c *client) status(t *testing.T, check string) string {
	t.Helper()
	_, body, err := c.call(http.MethodGet, "checks/"+check+"/results?limit=1", nil)
	if err != nil {
		t.Fatal(err)
	}
	items, _ := body["items"].([]any)
	if len(items) == 0 {
		return ""
	}
	status, _ := items[0].(map[string]any)["status"].(string)
	return status
}

// until waits for something that the server brings about.
func (c *client) until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !ok(); <-time.After(50 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not in time: %s", what)
		}
	}
}

// Killed at random moments, the server never calls a target twice for one trigger nor within its cooldown, and every call is in the log.
func TestAKillCallsNoTargetTwice(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var calls []time.Time
	receiver := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		mu.Lock()
		calls = append(calls, time.Now())
		mu.Unlock()
		<-time.After(300 * time.Millisecond)
	}))
	defer receiver.Close()
	data := t.TempDir()
	token := command(t, data, "token", "create", "--name", "test")
	flags := []string{"--startup-grace", "0s"}
	s := serve(t, data, flags...)
	c := newClient(s.address, token)
	page := c.make(t, "pages", map[string]any{"name": "Shop", "slug": "shop"})
	component := c.make(t, "pages/"+page+"/components", map[string]any{"name": "Checkout"})
	target := c.make(t, "restart-targets", map[string]any{"type": "http", "name": "hook", "url": receiver.URL})
	for i := range 3 {
		c.make(t, "components/"+component+"/checks", map[string]any{
			"name": fmt.Sprint("dead ", i), "url": "http://127.0.0.1:1", "intervalSeconds": 1, "timeoutMs": 500, "retries": 0,
			"restart": map[string]any{"targetId": target, "threshold": 1, "cooldownSeconds": 2, "maxFirings": 100},
		})
	}
	r := rand.New(rand.NewPCG(7, 7))
	for range 12 {
		<-time.After(time.Duration(200+r.IntN(2500)) * time.Millisecond)
		s.kill()
		s = serve(t, data, flags...)
	}
	c.base = s.address
	c.until(t, "it fires again", func() bool { return c.firings(t, target)[0].Outcome == "success" })
	if err := s.terminate(t); err != nil {
		t.Error(err)
	}
	s = serve(t, data, "--startup-grace", "1h") // nothing fires any more
	c.base = s.address
	log := c.firings(t, target)
	mu.Lock()
	defer mu.Unlock()
	for i := 1; i < len(log); i++ {
		if apart := log[i-1].StartedAt.Sub(log[i].StartedAt); apart < 2*time.Second {
			t.Errorf("two firings within %v", apart)
		}
	}
	for i := 1; i < len(calls); i++ {
		if apart := calls[i].Sub(calls[i-1]); apart < 1500*time.Millisecond { // a call leaves a little after its record
			t.Errorf("two calls within %v", apart)
		}
	}
	outcomes := map[string]int{}
	for _, f := range log {
		outcomes[f.Outcome]++
	}
	if len(calls) > len(log) || len(calls) < outcomes["success"] || outcomes["success"] == 0 || outcomes["success"]+outcomes["interrupted"] != len(log) {
		t.Errorf("%d calls, %v", len(calls), outcomes)
	}
	t.Logf("%d calls, %v", len(calls), outcomes)
	judge(t, data)
}
