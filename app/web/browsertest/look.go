package browsertest

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/chromedp"
)

// axe is axe-core, unchanged; see testdata/README.md. It is linked into tests only.
//
//go:embed testdata/axe.min.js
var axe string

// rules are WCAG 2.0 to 2.2, A and AA, and what axe's makers think good practice. No frame within the page has an axe of its own: it
// would be waited for half a second and not answer.
const rules = `{runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"], resultTypes: ["violations"], iframes: false}`

func call[P, R any](tab *Tab, command cdp.Command[P, R], params P) {
	tab.t.Helper()
	if _, err := chromedp.Call(tab.ctx, command, params); err != nil {
		tab.t.Fatal(err)
	}
}

// Eval evaluates an expression in the page; a promise is awaited.
func Eval[T any](tab *Tab, expression string) T {
	tab.t.Helper()
	value, err := chromedp.Run(tab.ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		tab.t.Fatalf("%.200s: %v", expression, err)
	}
	return value
}

// Axe lists what axe-core holds against the page, one line a node.
func (tab *Tab) Axe() []string {
	tab.t.Helper()
	raw := Eval[string](tab, axe+`;axe.run(document, `+rules+`).then(r => JSON.stringify(r.violations))`)
	var violations []struct {
		ID, Help string
		Nodes    []struct{ HTML, FailureSummary string }
	}
	if err := json.Unmarshal([]byte(raw), &violations); err != nil {
		tab.t.Fatal(err)
	}
	var lines []string
	for _, v := range violations {
		for _, n := range v.Nodes {
			lines = append(lines, fmt.Sprintf("%s (%s): %s: %s", v.ID, v.Help, n.HTML, strings.ReplaceAll(n.FailureSummary, "\n", " ")))
		}
	}
	return lines
}

// Overflow is how many pixels the page can be scrolled sideways.
func (tab *Tab) Overflow() int {
	tab.t.Helper()
	return Eval[int](tab, `document.documentElement.scrollWidth - document.documentElement.clientWidth`)
}

// Spills lists the elements whose contents are wider than they are and neither scroll nor end in an ellipsis: what is beside them covers
// it, or cuts it off. Each is its tag and class with what it says.
func (tab *Tab) Spills() []string {
	tab.t.Helper()
	return Eval[[]string](tab, `[...document.body.querySelectorAll("*:not(svg *, input, select, textarea)")].filter((e) => {
		const style = getComputedStyle(e);
		if (e.scrollWidth <= e.clientWidth + 1 || style.display.startsWith("inline") || style.textOverflow === "ellipsis" ||
			["auto", "scroll"].includes(style.overflowX) || !e.checkVisibility({visibilityProperty: true})) return false;
		for (let p = e; p; p = p.parentElement) if (p.offsetWidth <= 1 || p.matches(".visually-hidden")) return false;
		return true;
	}).map((e) => e.tagName.toLowerCase() + "." + e.className + ": " + e.textContent.trim().slice(0, 60))`)
}

// Shot writes a picture of the whole page to a PNG file.
func (tab *Tab) Shot(file string) {
	tab.t.Helper()
	tab.picture(file, chromedp.FullScreenshot(100))
}

// Window writes a picture of what the window shows to a PNG file.
func (tab *Tab) Window(file string) {
	tab.t.Helper()
	tab.picture(file, chromedp.CaptureScreenshot())
}

func (tab *Tab) picture(file string, take chromedp.Action[[]byte]) {
	tab.t.Helper()
	picture, err := chromedp.Run(tab.ctx, take)
	if err != nil {
		tab.t.Fatal(err)
	}
	if err := os.WriteFile(file, picture, 0o644); err != nil {
		tab.t.Fatal(err)
	}
}
