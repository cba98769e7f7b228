package cli

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/netip"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"

	"statusd/app"
	"statusd/app/web"
)

// said is what a server says, which tests read while it speaks.
type said struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (s *said) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(p)
}

func (s *said) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// started is a server on a data folder, greeting included, and what stops it before the test's end.
func started(t *testing.T, data string, flags ...string) (s *serving, heard *said, stop func()) {
	t.Helper()
	heard = &said{}
	c := &config{assets: os.DirFS("../../assets"), in: strings.NewReader(""), out: io.Discard, err: heard, lookup: func(string) (string, bool) { return "", false }}
	cmd := rootCommand(c)
	set := newServeFlags(c, cmd.Flags())
	if err := cmd.ParseFlags(append([]string{"--data", data, "--listen", "127.0.0.1:0", "--log-format", "json"}, flags...)); err != nil {
		t.Fatal(err)
	}
	opts, err := set.parse()
	if err != nil {
		t.Fatal(err)
	}
	log := c.logger()
	server, err := web.Listen(opts.Listen, log)
	if err != nil {
		t.Fatal(err)
	}
	s = &serving{config: c, opts: opts, log: log, server: server}
	stop = sync.OnceFunc(func() {
		if err := s.stop(); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(stop)
	if err := s.start(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.greet(t.Context())
	return s, heard, stop
}

var setupLink = regexp.MustCompile(`(http\S+)/setup\?token=(\S+)`)

func answers(t *testing.T, s *serving, path string) int {
	t.Helper()
	res, err := http.Get("http://" + s.server.Address().String() + path)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	return res.StatusCode
}

func TestAnEmptyInstanceShowsItsSetupLink(t *testing.T) {
	data := t.TempDir()
	s, heard, stop := started(t, data)
	link := setupLink.FindStringSubmatch(heard.String())
	if link == nil || link[1] != "http://"+s.server.Address().String() {
		t.Fatalf("no link in %s", heard)
	}
	if strings.Count(heard.String(), link[2]) != 1 {
		t.Error("the token is told more than once")
	}
	if answers(t, s, "/healthz") != http.StatusOK {
		t.Error("not served at the root before")
	}
	_, err := s.app.SetUp(context.Background(), link[2], app.SetUp{
		Email: "ada@example.org", Password: "correct horse battery", Language: "tr", BaseURL: "https://status.example.org/below/",
		Client: app.Client{Address: netip.MustParseAddr("127.0.0.1")},
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := answers(t, s, "/below/healthz"); got != http.StatusOK {
		t.Errorf("/below/healthz answers %d once the public URL has that path", got)
	}
	if got := answers(t, s, "/healthz"); got != http.StatusNotFound {
		t.Errorf("/healthz answers %d still", got)
	}
	if s.address() != "https://status.example.org/below" {
		t.Errorf("the address is %s", s.address())
	}
	stop()
	again, heard, stop := started(t, data)
	if strings.Contains(heard.String(), "/setup") {
		t.Error("a set-up link although there is an account")
	}
	if got := answers(t, again, "/below/healthz"); got != http.StatusOK {
		t.Errorf("after a restart /below/healthz answers %d", got)
	}
	if got := told(t, again, "/below/api/openapi.json"); !strings.Contains(got, `"url": "/below"`) { // and so do the Locations
		t.Error("the API does not know where it is")
	}
	stop()
	fixed, _, _ := started(t, data, "--base-url", "https://other.example.org")
	if got := answers(t, fixed, "/healthz"); got != http.StatusOK || fixed.app.BaseURL() != "https://other.example.org" || !fixed.app.BaseURLFixed() {
		t.Errorf("--base-url does not win: %d, %s", got, fixed.app.BaseURL())
	}
}

// told is what a server answers to a path.
func told(t *testing.T, s *serving, path string) string {
	t.Helper()
	res, err := http.Get("http://" + s.server.Address().String() + path)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
