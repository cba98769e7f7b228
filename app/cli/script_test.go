package cli

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"statusd/app"
	"statusd/app/model"
	"statusd/store"
)

// assetsForTests are what the scripts' programs have inside: as little as they need, or all of it from the folder that is named.
func assetsForTests() fs.FS {
	if folder := os.Getenv(inAssets); folder != "" {
		return os.DirFS(folder)
	}
	return fstest.MapFS{"vendor/common-passwords.txt": {Data: []byte("qwertyuiop\n1234567890\n")}}
}

const inAssets = "TEST_ASSETS"

func TestMain(m *testing.M) {
	if os.Getenv(inImage) != "" {
		os.Exit(m.Run())
	}
	testscript.Main(m, map[string]func(){"statusd": func() { os.Exit(Main(assetsForTests())) }})
}

func TestTheProductToldAsScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata",
		Setup: func(env *testscript.Env) error {
			server := httptest.NewServer(targets())
			env.Defer(server.Close)
			env.Setenv("SERVER", server.URL)
			env.Setenv("PORT", server.URL[strings.LastIndex(server.URL, ":")+1:])
			env.Setenv("NEWKEY", rand.Text())
			assets, err := filepath.Abs("../../assets")
			env.Setenv("ASSETS", assets)
			return err
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":        exits,
			"forge":        forge,
			"mode":         mode,
			"authenticate": authenticate,
			"servefolder":  serveFolder,
			"setenv":       setenv,
			"await":        await,
			"fetch":        fetch,
			"post":         post,
		},
	})
}

// targets are what the scripts look at.
func targets() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/ok", func(w http.ResponseWriter, r *http.Request) { _, _ = w.Write([]byte("all is well")) })
	mux.HandleFunc("/broken", func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) })
	mux.HandleFunc("/healthz", func(w http.ResponseWriter, r *http.Request) {})
	mux.HandleFunc("/below/healthz", func(w http.ResponseWriter, r *http.Request) {})
	mux.HandleFunc("/sick/healthz", func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = w.Write([]byte("the disk is full\n"))
	})
	mux.Handle("/private", newPrivate())
	mux.HandleFunc("/moved/healthz", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/healthz", http.StatusFound) })
	return mux
}

// private is a target that wants a header. Whoever asks for "seen" waits until it was sent once more.
type private struct{ shown chan struct{} }

func newPrivate() private { return private{make(chan struct{})} }

func (p private) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.URL.RawQuery == "seen":
		select {
		case <-p.shown:
		case <-r.Context().Done():
		}
	case r.Header.Get("X-Key") == "hush":
		select {
		case p.shown <- struct{}{}:
		default:
		}
	default:
		w.WriteHeader(http.StatusUnauthorized)
	}
}

// exits CODE program args... runs a program that must end with the code.
func exits(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	var ended *exec.ExitError
	if err := ts.Exec(args[1], args[2:]...); errors.As(err, &ended) {
		got = ended.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// mode FILE 0600 checks a file's mode.
func mode(ts *testscript.TestScript, _ bool, args []string) {
	info, err := os.Stat(ts.MkAbs(args[0]))
	ts.Check(err)
	if got := strconv.FormatUint(uint64(info.Mode().Perm()), 8); "0"+got != args[1] {
		ts.Fatalf("mode of %s is 0%s, want %s", args[0], got, args[1])
	}
}

// authenticate FOLDER FILE says whether the token in the file opens anything, as a server on the folder would see it.
func authenticate(ts *testscript.TestScript, neg bool, args []string) {
	ctx := context.Background()
	s, err := store.Open(ctx, store.Options{Dir: ts.MkAbs(args[0])})
	ts.Check(err)
	defer s.Close()
	a, err := app.New(ctx, app.Config{Store: s})
	ts.Check(err)
	_, err = a.Authenticate(ctx, strings.TrimSpace(ts.ReadFile(args[1])))
	if neg != errors.Is(err, model.ErrUnauthorized) {
		ts.Fatalf("Authenticate: %v", err)
	}
}

// serveFolder FOLDER holds a data folder until the script ends, as a server does.
func serveFolder(ts *testscript.TestScript, _ bool, args []string) {
	s, err := store.Open(context.Background(), store.Options{Dir: ts.MkAbs(args[0]), Serve: true})
	ts.Check(err)
	ts.Defer(func() { _ = s.Close() })
}

// setenv NAME FILE [FIELD] sets a variable to the text of a file, or to one of its words.
func setenv(ts *testscript.TestScript, _ bool, args []string) {
	text := strings.TrimSpace(ts.ReadFile(args[1]))
	if len(args) > 2 {
		n, err := strconv.Atoi(args[2])
		ts.Check(err)
		text = strings.Fields(text)[n]
	}
	ts.Setenv(args[0], text)
}

// patience is how long a script waits for something that takes a second on a quiet machine.
const patience = time.Minute

// await FILE PATTERN NAME waits until a line of a file matches, and sets a variable to what the group in the pattern found.
func await(ts *testscript.TestScript, _ bool, args []string) {
	pattern := regexp.MustCompile(args[1])
	for end := time.Now().Add(patience); time.Now().Before(end); <-time.After(20 * time.Millisecond) {
		text, err := os.ReadFile(ts.MkAbs(args[0]))
		if found := pattern.FindSubmatch(text); err == nil && found != nil {
			ts.Setenv(args[2], string(found[1]))
			return
		}
	}
	ts.Fatalf("%s never had %q", args[0], args[1])
}

// fetch URL FILE writes what a URL answers to a file. It must be a 200.
func fetch(ts *testscript.TestScript, _ bool, args []string) {
	client := http.Client{Timeout: patience, Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Get(args[0])
	ts.Check(err)
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	ts.Check(err)
	if res.StatusCode != http.StatusOK {
		ts.Fatalf("%s: %s", args[0], res.Status)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), text, 0o600))
}

// post URL BODY TOKEN FILE sends the text of a file as JSON, with the token in another, and writes the answer. It must be a 201.
func post(ts *testscript.TestScript, _ bool, args []string) {
	r, err := http.NewRequest(http.MethodPost, args[0], strings.NewReader(os.Expand(ts.ReadFile(args[1]), ts.Getenv)))
	ts.Check(err)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+strings.TrimSpace(ts.ReadFile(args[2])))
	client := http.Client{Timeout: patience, Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Do(r)
	ts.Check(err)
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	ts.Check(err)
	if res.StatusCode != http.StatusCreated {
		ts.Fatalf("%s: %s: %s", args[0], res.Status, text)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[3]), text, 0o600))
}
