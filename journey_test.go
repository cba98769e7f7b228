package main

import (
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"statusd/app/web/browsertest"
)

// A visitor watches while a real service dies and comes back, through the real server, with scripts and without.
func TestTheVisitorSeesATargetDieAndRecover(t *testing.T) {
	t.Parallel()
	var dead atomic.Bool
	target := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if dead.Load() {
			panic(http.ErrAbortHandler) // the connection ends without an answer
		}
	}))
	defer target.Close()
	target.Config.ErrorLog = nil

	data := t.TempDir()
	token := command(t, data, "token", "create", "--name", "test")
	s := serve(t, data)
	c := newClient(s.address, token)
	page := c.make(t, "pages", map[string]any{"name": "Shop", "slug": "shop"})
	component := c.make(t, "pages/"+page+"/components", map[string]any{"name": "Checkout"})
	c.make(t, "components/"+component+"/checks", map[string]any{
		"name": "Front door", "url": target.URL, "intervalSeconds": 1, "timeoutMs": 500, "retries": 0,
	})

	live, plain := browsertest.New(t), browsertest.New(t)
	live.Speak("en-GB", "UTC")
	plain.Speak("tr-TR", "Europe/Istanbul")
	plain.NoScript(true)
	for _, tab := range []*browsertest.Tab{live, plain} {
		tab.As(browsertest.Look{Width: 1280, Height: 900})
		tab.Open(s.address + "/p/shop")
	}
	shows(live, "All systems operational")
	reloadUntil(t, plain, "Tüm sistemler çalışıyor")

	dead.Store(true)
	shows(live, "Checkout is down")
	reloadUntil(t, plain, "Kesinti: Checkout")

	dead.Store(false)
	shows(live, "All systems operational")
	reloadUntil(t, plain, "Tüm sistemler çalışıyor")

	if err := s.terminate(t); err != nil {
		t.Error(err)
	}
}

// A visitor is told of a service that stays dead, and of its recovery, by nobody's hand: the incident opens, moves and is resolved.
func TestTheVisitorIsToldOfAnIncidentThatNobodyWrote(t *testing.T) {
	t.Parallel()
	var dead atomic.Bool
	target := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if dead.Load() {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}))
	defer target.Close()
	data := t.TempDir()
	token := command(t, data, "token", "create", "--name", "test")
	s := serve(t, data, "--startup-grace", "0s", "--auto-resolve-after", "3s")
	c := newClient(s.address, token)
	page := c.make(t, "pages", map[string]any{"name": "Shop", "slug": "shop"})
	component := c.make(t, "pages/"+page+"/components", map[string]any{"name": "Checkout"})
	c.make(t, "components/"+component+"/checks", map[string]any{
		"name": "Front door", "url": target.URL, "intervalSeconds": 1, "timeoutMs": 500, "retries": 0,
	})
	live, plain := browsertest.New(t), browsertest.New(t)
	live.Speak("en-GB", "UTC")
	plain.Speak("tr-TR", "Europe/Istanbul")
	plain.NoScript(true)
	for _, tab := range []*browsertest.Tab{live, plain} {
		tab.As(browsertest.Look{Width: 390, Height: 844})
		tab.Open(s.address + "/p/shop")
	}
	shows(live, "All systems operational")

	dead.Store(true)
	says(live, "Front door keeps failing. We are looking into it.")
	reloadUntil(t, plain, "Kesinti: Checkout")
	if text := browsertest.Eval[string](plain, `document.querySelector("main").innerText`); !strings.Contains(text, "Checkout çalışmıyor") {
		t.Errorf("in Turkish the page says %q", text)
	}

	dead.Store(false)
	says(live, "Checkout works again. We are keeping an eye on it.")
	shows(live, "All systems operational")
	says(live, "Checkout has been working without a failure since. The incident is over.")
	if err := s.terminate(t); err != nil {
		t.Error(err)
	}
}

// says waits until the page says a sentence by itself, as shows does.
func says(tab *browsertest.Tab, sentence string) {
	tab.Wait(`(document.dispatchEvent(new Event("statusd:refresh")), document.querySelector("main").innerText.includes("` + sentence + `"))`)
}

// shows waits until the page shows a verdict by itself: its own refresh is asked to come sooner than in half a minute.
func shows(tab *browsertest.Tab, verdict string) {
	tab.Wait(`(document.dispatchEvent(new Event("statusd:refresh")), document.querySelector("h1").textContent.trim() === "` + verdict + `")`)
}

// reloadUntil loads the page again, past the half minute that a browser may keep it, until it shows a verdict: what a visitor
// without scripts does.
func reloadUntil(t *testing.T, tab *browsertest.Tab, verdict string) {
	t.Helper()
	var got string
	for i := range 300 {
		if got = browsertest.Eval[string](tab, `document.querySelector("h1").textContent.trim()`); got == verdict {
			return
		}
		tab.Open(browsertest.Eval[string](tab, `location.origin + location.pathname`) + "?again=" + strconv.Itoa(i))
	}
	t.Fatalf("the page still says %q, not %q", got, verdict)
}
