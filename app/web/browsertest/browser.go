// Package browsertest drives a real Chromium over pages served on loopback, for tests that only a browser can make:
// accessibility, layout, keyboard, what works without scripts, what the content security policy refuses.
// It knows nothing of what it looks at and leaves judging to the test; without Chromium a test is skipped, under CI it fails.
// Start with New, then Tab.Open; Tab.Axe and Tab.Shot judge and picture what is shown.
package browsertest

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// patience is how long a test may use its tab: a browser that starts while other tests keep the cores busy takes seconds.
const patience = 5 * time.Minute

// Tab is one tab.
type Tab struct {
	t     testing.TB
	ctx   context.Context
	asked *asked
}

// New opens an empty tab, in the browser of the Package or in one of its own. It ends with the test.
func New(t testing.TB) *Tab {
	t.Helper()
	if testing.Short() {
		t.Skip("a short run is one without a browser: make test runs both")
	}
	parent := context.Context(nil)
	if shared.wanted {
		parent = shared.open(t)
	} else {
		ctx, end, err := start(find(t), t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(end)
		parent = ctx
	}
	ctx, cancel := context.WithTimeout(parent, patience)
	t.Cleanup(cancel)
	ctx, closeTab := chromedp.NewContext(ctx, chromedp.WithNewBrowserContext())
	t.Cleanup(closeTab)
	tab := &Tab{t: t, ctx: ctx}
	tab.do(chromedp.Navigate("about:blank"))
	tab.asked = answerDialogs(ctx) // now that the tab exists: its first use makes it, and two at once would make two
	// A window in front has the focus; here there are many tabs and no window.
	call(tab, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
	return tab
}

// unseen are features that nobody looks at, in place of those that chromedp switches off. Each tab has a window of its own, and each
// window would make two pages for what drops down from its address bar: they cost more than the tab itself.
const unseen = "Translate,BlinkGenPropertyTrees,WebUIOmniboxPopup,WebUIOmniboxAimPopup"

// options make Chromium start as any user, in any container, and talk to nobody but the test.
func options(executable, profile string) []chromedp.ExecAllocatorOption {
	return append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(executable),
		chromedp.NoSandbox,
		chromedp.DisableGPU,
		chromedp.UserDataDir(profile),
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-features", unseen),
		chromedp.Flag("font-render-hinting", "none"),
	)
}

// find is the path of a Chromium.
func find(t testing.TB) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if os.Getenv("CI") == "true" {
		t.Fatal("no Chromium, and this is CI")
	}
	t.Skip("no Chromium")
	return ""
}

func (tab *Tab) do(actions ...chromedp.Action[chromedp.Void]) {
	tab.t.Helper()
	if err := chromedp.Do(tab.ctx, actions...); err != nil {
		tab.t.Fatal(err)
	}
}

// Context is the chromedp context, for what Tab has no word for.
func (tab *Tab) Context() context.Context { return tab.ctx }

// Open shows a page and waits until it is loaded.
func (tab *Tab) Open(url string) {
	tab.t.Helper()
	tab.do(chromedp.Navigate(url))
}

// Look is how a page is looked at.
type Look struct {
	Width, Height int64
	Dark          bool
	Touch         bool // a coarse pointer
}

// As changes how the tab looks at pages.
func (tab *Tab) As(look Look) {
	tab.t.Helper()
	scheme := "light"
	if look.Dark {
		scheme = "dark"
	}
	features := []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}
	var how []chromedp.EmulateViewportOption
	if look.Touch { // not "mobile" as well: that zooms out until nothing is too wide, which Overflow is there to find
		how = append(how, chromedp.EmulateTouch)
	}
	tab.do(chromedp.EmulateViewport(look.Width, look.Height, how...))
	call(tab, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: features})
}

// Speak makes the browser ask for a language ("tr-TR"), write in it, and live in a time zone.
func (tab *Tab) Speak(language, zone string) {
	tab.t.Helper()
	call(tab, emulation.SetUserAgentOverride, emulation.SetUserAgentOverrideParams{UserAgent: "browsertest", AcceptLanguage: language})
	call(tab, emulation.SetLocaleOverride, emulation.SetLocaleOverrideParams{Locale: language})
	call(tab, emulation.SetTimezoneOverride, emulation.SetTimezoneOverrideParams{TimezoneID: zone})
}

// NoScript switches the page's scripts off or on. What the test evaluates still runs.
func (tab *Tab) NoScript(off bool) {
	tab.t.Helper()
	call(tab, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: off})
}

// Watch runs a script in every page before the page's own.
func (tab *Tab) Watch(script string) {
	tab.t.Helper()
	call(tab, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: script})
}

// Press sends a key to whatever has the focus; names are those of chromedp/kb.
func (tab *Tab) Press(key string) {
	tab.t.Helper()
	tab.do(chromedp.KeyEvent(key))
}

// Hover moves the pointer to a point of the window.
func (tab *Tab) Hover(x, y float64) {
	tab.t.Helper()
	tab.do(chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, x, y))
}

// Wait waits until an expression is true in the page, or in the one that it leads to. One that throws is not true yet: what it looks
// at may be on its way. It asks from here again and again, because a page without scripts runs no poll of its own.
func (tab *Tab) Wait(expression string) {
	tab.t.Helper()
	tried := "(() => { try { return !!(" + expression + "); } catch { return false; } })()"
	until := time.Now().Add(waitFor)
	for {
		is, err := chromedp.Run(tab.ctx, chromedp.Evaluate[bool](tried))
		switch {
		case err == nil && is:
			return
		case err != nil && !left(err), time.Now().After(until):
			tab.t.Fatalf("waiting for %s: %v", expression, err)
		}
		select {
		case <-tab.ctx.Done():
		case <-time.After(between):
		}
	}
}

// between is the pause between two looks of Wait: shorter than anybody notices, longer than a look takes.
const between = 20 * time.Millisecond

// waitFor is how long Wait waits: a busy machine takes its time.
const waitFor = 45 * time.Second

// left says that a page went while something was asked of it. The protocol has one code for every kind of error.
func left(err error) bool {
	text := err.Error()
	return strings.Contains(text, "context with specified id") || strings.Contains(text, "context was destroyed") ||
		strings.Contains(text, "target navigated")
}

// Click presses the pointer on the first element that a selector finds, as a person would: it must be visible.
func (tab *Tab) Click(selector string) {
	tab.t.Helper()
	tab.do(chromedp.Click(chromedp.CSS(selector)))
}

// Type puts a text into a control in place of what it holds.
func (tab *Tab) Type(selector, text string) {
	tab.t.Helper()
	tab.Click(selector)
	Eval[bool](tab, `document.activeElement.select?.(), true`)
	tab.do(chromedp.SendKeys(chromedp.CSS(selector), text))
}

// Cookie gives the tab a cookie of a site.
func (tab *Tab) Cookie(url, name, value string) {
	tab.t.Helper()
	call(tab, network.SetCookie, network.SetCookieParams{Name: name, Value: value, URL: url})
}

// IgnorePolicy takes the content security policy away, for tests of what must hold without it.
func (tab *Tab) IgnorePolicy() {
	tab.t.Helper()
	call(tab, page.SetBypassCSP, page.SetBypassCSPParams{Enabled: true})
}
