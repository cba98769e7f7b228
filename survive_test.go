package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"statusd/app/web/browsertest"
)

// The real binary, killed and stopped at random moments under load, held against what its clients were told.

// binary builds statusd once for all tests of the package.
var binary = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "statusd-test")
	if err != nil {
		return "", err
	}
	file := filepath.Join(dir, "statusd")
	out, err := exec.Command("go", "build", "-o", file, ".").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return file, nil
})

func TestMain(m *testing.M) {
	if address := os.Getenv(serviceEnv); address != "" {
		beService(address)
	}
	code := browsertest.Package{M: m}.Run()
	if file, err := binary(); err == nil {
		os.RemoveAll(filepath.Dir(file))
	}
	os.Exit(code)
}

// command runs the binary to its end and returns what it printed on stdout.
func command(t *testing.T, data string, args ...string) string {
	t.Helper()
	file, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	var stderr bytes.Buffer
	cmd := exec.Command(file, append(args, "--data", data)...)
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("statusd %s: %v: %s", strings.Join(args, " "), err, &stderr)
	}
	return strings.TrimSpace(string(out))
}

// running is a server process.
type running struct {
	cmd     *exec.Cmd
	address string
	ended   chan error
	log     *logbook
}

// serve starts a server and returns when it is ready.
func serve(t *testing.T, data string, flags ...string) *running {
	t.Helper()
	return launch(t, append([]string{"--data", data, "--min-interval", "1s"}, flags...)...)
}

// launch is serve for given flags.
func launch(t *testing.T, flags ...string) *running {
	t.Helper()
	file, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	args := append([]string{"serve", "--listen", "127.0.0.1:0", "--log-format", "json"}, flags...)
	r := &running{cmd: exec.Command(file, args...), ended: make(chan error, 1), log: &logbook{}}
	stderr, err := r.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := r.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	address := make(chan string, 1)
	go func() {
		for lines := bufio.NewScanner(stderr); lines.Scan(); {
			var line struct{ Msg, Address string }
			fmt.Fprintln(r.log, lines.Text())
			if json.Unmarshal(lines.Bytes(), &line) == nil && line.Msg == "listening" {
				address <- line.Address
			}
		}
		r.ended <- r.cmd.Wait()
	}()
	select {
	case r.address = <-address:
	case err := <-r.ended:
		t.Fatalf("the server did not start: %v\n%s", err, r.log)
	case <-time.After(time.Minute):
		t.Fatal("the server was not ready in a minute")
	}
	t.Cleanup(func() { _ = r.cmd.Process.Kill() })
	return r
}

// kill ends the process as a power switch would end the process, and waits for it.
func (r *running) kill() { _ = r.cmd.Process.Kill(); <-r.ended }

// terminate asks it to stop and returns how it ended.
func (r *running) terminate(t *testing.T) error {
	t.Helper()
	if err := r.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	select {
	case err := <-r.ended:
		return err
	case <-time.After(10 * time.Second):
		r.kill()
		return errors.New("it did not stop within 10 s")
	}
}

// client speaks to the management API.
type client struct {
	http  http.Client
	base  string
	token string
}

func newClient(base, token string) *client {
	return &client{http: http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}, base: base, token: token}
}

// call sends JSON and returns the answer's status and body; an error when there was no answer.
func (c *client) call(method, path string, body any) (int, map[string]any, error) {
	text, err := json.Marshal(body)
	if err != nil {
		return 0, nil, err
	}
	r, err := http.NewRequest(method, c.base+"/api/v1/"+path, bytes.NewReader(text))
	if err != nil {
		return 0, nil, err
	}
	if method == http.MethodGet {
		r.Body, r.ContentLength = http.NoBody, 0
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+c.token)
	res, err := c.http.Do(r)
	if err != nil {
		return 0, nil, err
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		return 0, nil, err
	}
	var out map[string]any
	if len(answer) > 0 {
		err = json.Unmarshal(answer, &out)
	}
	return res.StatusCode, out, err
}

// make creates something and returns its id.
func (c *client) make(t *testing.T, path string, body any) string {
	t.Helper()
	code, out, err := c.call(http.MethodPost, path, body)
	if err != nil || code != http.StatusCreated {
		t.Fatalf("POST %s: %d %v %v", path, code, out, err)
	}
	return out["id"].(string)
}

// journal is what the clients were told: for each object the newest acknowledged name, and the one that was on its way.
type journal struct {
	mu    sync.Mutex
	acked map[string]string // path to name
	maybe map[string]string
}

func (j *journal) begin(path, name string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.maybe[path] = name
}

func (j *journal) ack(path, name string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.acked[path] = name
	delete(j.maybe, path)
}

func (j *journal) known() map[string]string {
	j.mu.Lock()
	defer j.mu.Unlock()
	out := make(map[string]string, len(j.acked))
	for path, name := range j.acked {
		out[path] = name
	}
	return out
}

// write creates and renames components until the server is gone.
func (j *journal) write(ctx context.Context, c *client, page string, id int) {
	var own []string
	for i := 0; ctx.Err() == nil; i++ {
		name := fmt.Sprintf("writer %d, %d", id, i)
		if i%3 == 0 || len(own) == 0 {
			code, out, err := c.call(http.MethodPost, "pages/"+page+"/components", map[string]any{"name": name})
			if err != nil {
				return
			}
			if code == http.StatusCreated {
				path := "components/" + out["id"].(string)
				j.ack(path, name)
				own = append(own, path)
			}
			continue
		}
		path := own[i%len(own)]
		j.begin(path, name)
		code, _, err := c.call(http.MethodPatch, path, map[string]any{"name": name})
		if err != nil {
			return
		}
		if code == http.StatusOK {
			j.ack(path, name)
		}
	}
}

// verify holds what the server has against what clients were told.
func (j *journal) verify(t *testing.T, c *client) {
	t.Helper()
	for path, want := range j.known() {
		code, out, err := c.call(http.MethodGet, path, nil)
		if err != nil || code != http.StatusOK {
			t.Fatalf("%s was acknowledged and is not there: %d %v", path, code, err)
		}
		got := out["name"]
		j.mu.Lock()
		onItsWay, unsure := j.maybe[path]
		j.mu.Unlock()
		if got != want && !(unsure && got == onItsWay) {
			t.Fatalf("%s was acknowledged as %q and is %q", path, want, got)
		}
	}
}

// judge asks SQLite's own tool whether the database is sound.
func judge(t *testing.T, data string) {
	t.Helper()
	tool, err := exec.LookPath("sqlite3")
	if err != nil {
		missing(t, "sqlite3")
	}
	out, err := exec.Command(tool, filepath.Join(data, "statusd.db"),
		`PRAGMA integrity_check; PRAGMA foreign_key_check;
		SELECT 'overlap', a.component_id, a.from_at, a.to_at, b.from_at FROM spans a JOIN spans b
		ON a.component_id = b.component_id AND a.from_at < b.from_at AND (a.to_at IS NULL OR a.to_at > b.from_at);`).CombinedOutput()
	if err != nil || strings.TrimSpace(string(out)) != "ok" {
		t.Fatalf("sqlite3 says: %v %s", err, out)
	}
}

// missing skips a test for want of a tool; in CI that is a failure.
func missing(t *testing.T, tool string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf("%s is not installed", tool)
	}
	t.Skipf("%s is not installed", tool)
}

// instance is a data folder with a token, a page and a check of a target that goes up and down.
func instance(t *testing.T) (data, token, page string) {
	t.Helper()
	data = t.TempDir()
	token = command(t, data, "token", "create", "--name", "test", "--role", "owner", "--admin")
	s := serve(t, data)
	c := newClient(s.address, token)
	page = c.make(t, "pages", map[string]any{"name": "Test", "slug": "test"})
	component := c.make(t, "pages/"+page+"/components", map[string]any{"name": "Target"})
	var n int
	var mu sync.Mutex
	target := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		if n++; n%3 == 0 {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}))
	t.Cleanup(target.Close)
	for i := range 10 {
		c.make(t, "components/"+component+"/checks", map[string]any{
			"name": fmt.Sprintf("check %d", i), "url": target.URL, "intervalSeconds": 1, "timeoutMs": 500, "retries": 0,
		})
	}
	if err := s.terminate(t); err != nil {
		t.Fatalf("first stop: %v\n%s", err, s.log)
	}
	return data, token, page
}

// rounds is how often a process is ended: RELIABILITY A1 and F4, the size for CI.
const rounds = 25

func TestNothingAcknowledgedIsLostWhenTheProcessIsKilled(t *testing.T) {
	t.Parallel()
	endAtRandom(t, func(t *testing.T, s *running) { s.kill() })
}

func TestSigtermEndsTheProcessInTimeAndLosesNothing(t *testing.T) {
	t.Parallel()
	endAtRandom(t, func(t *testing.T, s *running) {
		began := time.Now()
		if err := s.terminate(t); err != nil {
			t.Fatalf("%v\n%s", err, s.log)
		}
		t.Logf("stopped in %s", time.Since(began).Round(time.Millisecond))
	})
}

func endAtRandom(t *testing.T, end func(*testing.T, *running)) {
	data, token, page := instance(t)
	rnd := rand.New(rand.NewPCG(1, uint64(len(t.Name()))))
	j := &journal{acked: map[string]string{}, maybe: map[string]string{}}
	for range rounds {
		s := serve(t, data)
		c := newClient(s.address, token)
		j.verify(t, c)
		ctx, stop := context.WithCancel(context.Background())
		var writers sync.WaitGroup
		for id := range 8 {
			writers.Go(func() { j.write(ctx, newClient(s.address, token), page, id) })
		}
		<-time.After(time.Duration(50+rnd.IntN(400)) * time.Millisecond) // the moment is what is random here
		end(t, s)
		stop()
		writers.Wait()
		judge(t, data)
	}
	if n := len(j.known()); n < rounds {
		t.Fatalf("only %d writes were acknowledged: the test proves nothing", n)
	} else {
		t.Logf("%d objects acknowledged over %d ends", n, rounds)
	}
	s := serve(t, data)
	j.verify(t, newClient(s.address, token))
	if err := s.terminate(t); err != nil {
		t.Fatal(err)
	}
}

func TestASecondServerOnOneFolderIsRefused(t *testing.T) {
	data := t.TempDir()
	s := serve(t, data)
	file, _ := binary()
	out, err := exec.Command(file, "serve", "--data", data, "--listen", "127.0.0.1:0").CombinedOutput()
	if err == nil || !strings.Contains(string(out), "in use by another statusd") {
		t.Errorf("%v: %s", err, out)
	}
	if err := s.terminate(t); err != nil {
		t.Error(err)
	}
}

// logbook is what a process has logged, read while it goes on. Safe for concurrent use.
type logbook struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logbook) Write(text []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(text)
}

func (l *logbook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}
