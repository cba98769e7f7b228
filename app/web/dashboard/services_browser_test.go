package dashboard_test

import (
	"strings"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"statusd/app/model"
	"statusd/app/web/browsertest"
	"statusd/probe/probetest"
)

func (st *stage) tab() *browsertest.Tab {
	st.t.Helper()
	tab := st.browser("editor@example.org")
	tab.Watch(policyRefusals)
	return tab
}

// longName is a name as longName as it may be, in one word.
var longName = strings.Repeat("Donaudampfschiff", 5)

func TestTheScreensOfServicesForEverybody(t *testing.T) {
	st := newStage(t, "API", "Veritabanı", "Webhooks", "Bank import")
	target := probetest.New(t)
	for i, c := range st.components {
		_, err := st.app.UpdateComponent(t.Context(), st.by, c.ID, func(c *model.Component) error {
			if i > 1 {
				c.Group = "Integrations"
			}
			if i == 3 {
				c.Name, c.Description = longName, longName+longName[:40]
			}
			return nil
		})
		st.must(err)
	}
	_, err := st.app.UpdateCheck(t.Context(), st.by, st.checks[0].ID, func(c *model.Check) error {
		c.URL, c.Enabled, c.Method, c.Body = target.URL, true, "POST", "{}"
		c.Headers = map[string]model.Secret{"Authorization": "x", "X-" + longName: "y"}
		return nil
	})
	st.must(err)
	_, err = st.app.UpdateCheck(t.Context(), st.by, st.checks[1].ID, func(c *model.Check) error {
		c.Name, c.URL, c.Enabled, c.Retries = longName, "http://127.0.0.1:9/"+strings.Repeat(longName, 4), true, 0
		return nil
	})
	st.must(err)
	st.editor.post(st.checkPath(1, "/run"))
	st.eventually(func() bool { return strings.Contains(st.editor.get(st.checkPath(1, "")).body, `class="table"`) })
	screens := map[string]string{
		"components": st.path("/components"), "component": st.componentPath(3, ""), "component-new": st.path("/components/new"),
		"component-delete": st.componentPath(3, "/delete"), "checks": st.path("/checks"), "check-new": st.path("/checks/new"),
		"check-form": st.checkPath(0, "/edit"), "check": st.checkPath(1, ""), "check-good": st.checkPath(0, ""), "check-delete": st.checkPath(0, "/delete"),
	}
	tab := st.tab()
	for _, lang := range []string{"en", "tr"} {
		for name, path := range screens {
			tab.As(browsertest.Look{Width: 390, Height: 844, Touch: true, Dark: lang == "tr"})
			tab.Open(st.url + path + "?lang=" + lang)
			judge(t, tab, name+" in "+lang+" at 390 px")
		}
	}
}

func (st *stage) shown(tab *browsertest.Tab) string {
	return browsertest.Eval[string](tab, `[...document.querySelectorAll("[data-component]")].map((row) => row.dataset.name).join("")`)
}

const spoken = `document.querySelector(".toasts").textContent`

func TestComponentsAreOrderedWithTheKeyboard(t *testing.T) {
	st := newStage(t, "A", "B", "C")
	tab := st.tab()
	tab.Open(st.url + st.path("/components"))
	focus := func(name string) {
		browsertest.Eval[bool](tab, `document.querySelector("[data-name='`+name+`'] .grip").focus(), true`)
	}
	is := func(want, said string) {
		t.Helper()
		if got := st.shown(tab); got != want {
			t.Errorf("shown %s, wanted %s", got, want)
		}
		if got := browsertest.Eval[string](tab, spoken); !strings.Contains(got, said) {
			t.Errorf("said %q, wanted %q", got, said)
		}
	}
	saved := func(want string) {
		t.Helper()
		st.eventually(func() bool { return strings.Join(st.names(), "") == want })
	}
	focus("A")
	tab.Press(kb.ArrowDown) // not picked up: moves nothing
	is("ABC", "")
	tab.Press(" ")
	is("ABC", "A picked up.")
	tab.Press(kb.ArrowDown)
	tab.Press(kb.ArrowDown)
	tab.Press(kb.ArrowDown)
	is("BCA", "A: place 3 of 3")
	tab.Press(kb.Escape)
	is("ABC", "A stays where it was.")
	tab.Press(" ")
	tab.Press(kb.ArrowDown)
	tab.Press(" ")
	is("BAC", "A moved to place 2.")
	saved("BAC")
	tab.Click(".toasts button")
	is("ABC", "Put back.")
	saved("ABC")
	tab.Click("[data-name=C] [value^=up]")
	is("ACB", "C moved to place 2.")
	saved("ACB")

	st.must(st.app.DeleteComponent(t.Context(), st.by, st.components[0].ID)) // meanwhile, by somebody else
	focus("C")
	tab.Press(" ")
	tab.Press(kb.ArrowDown)
	tab.Press(kb.Tab) // leaving drops
	tab.Wait(spoken + `.includes("could not be saved")`)
	is("ACB", "Reload")
}

func TestComponentsAreDragged(t *testing.T) {
	st := newStage(t, "A", "B", "C")
	tab := st.tab()
	tab.Open(st.url + st.path("/components"))
	at := browsertest.Eval[[]float64](tab, `["A", "C"].flatMap((name) => { const box = document.querySelector("[data-name=" + name + "] .grip").getBoundingClientRect(); return [box.x + box.width / 2, box.y + box.height / 2] })`)
	drag := func(step string, x, y float64) {
		t.Helper()
		kinds := map[string]string{"down": "mousePressed", "move": "mouseMoved", "up": "mouseReleased"}
		if err := chromedp.Do(tab.Context(), chromedp.MouseEvent(input.DispatchMouseEventType(kinds[step]), x, y, chromedp.ButtonLeft)); err != nil {
			t.Fatal(err)
		}
	}
	drag("down", at[0], at[1])
	drag("move", at[0], (at[1]+at[3])/2+10)
	drag("move", at[0], at[3]+10)
	if got := st.shown(tab); got != "BCA" {
		t.Errorf("shown %s", got)
	}
	drag("up", at[0], at[3]+10)
	st.eventually(func() bool { return strings.Join(st.names(), "") == "BCA" })
}

func TestServicesAreSetUpWithoutScripts(t *testing.T) {
	st := newStage(t)
	target := probetest.New(t)
	tab := st.tab()
	tab.NoScript(true)
	tab.Open(st.url + st.path("/components"))
	tab.Click(".empty .button-primary")
	tab.Wait(`document.querySelector("#f-name") !== null`)
	tab.Type("#f-name", "API")
	tab.Type("#f-group", "Core")
	tab.Click(".form-actions .button-primary")
	tab.Wait(`document.querySelector(".toast") !== null`)
	tab.Click(".row-sub a")
	tab.Wait(`document.querySelector("#f-url") !== null`)
	tab.Type("#f-name", "Health")
	tab.Type("#f-url", target.URL)
	tab.Click("summary:has([href='#i-plus'])")
	tab.Type(".header-row [name='header.name']", "X-Key")
	tab.Type(".header-row [name='header.value']", "a secret")
	tab.Click("button[value=test]")
	tab.Wait(`document.querySelector(".phases") !== null`)
	if got := browsertest.Eval[string](tab, `document.querySelector("main").innerText`); !strings.Contains(got, "Works: status 200") || !strings.Contains(got, "again before you save") {
		t.Errorf("the test says\n%s", got)
	}
	tab.Type(".header-row [name='header.value']", "a secret")
	tab.Type("#f-name", "Health endpoint")
	tab.Press(kb.Enter) // saves, and does not test
	tab.Wait(`document.querySelector("#facts") !== null`)
	st.read()
	if c := st.checks[0]; c.Name != "Health endpoint" || c.Headers["X-Key"].Reveal() != "a secret" {
		t.Errorf("%+v", c)
	}
}

func TestATestKeepsWhatWasTypedIntoSecretFields(t *testing.T) {
	st := newStage(t, "API")
	target := probetest.New(t)
	tab := st.tab()
	tab.Open(st.url + st.path("/checks/new"))
	tab.Type("#f-name", "Health")
	tab.Type("#f-url", "ftp://nowhere")
	tab.Click("summary:has([href='#i-plus'])")
	tab.Type(".header-row [name='header.name']", "X-Key")
	tab.Type(".header-row [name='header.value']", "a secret")
	tab.Click("button[value=test]")
	tab.Wait(`document.activeElement.matches(".form-errors") && document.querySelector("#f-url").ariaInvalid === "true" && document.querySelector("#f-url-error") !== null`)
	tab.Type("#f-url", target.URL)
	tab.Click("button[value=test]")
	tab.Wait(`document.querySelector(".phases") !== null && document.querySelector("#f-url-error") === null && document.querySelector(".form-errors") === null`)
	tab.Click("[data-more]")
	if got := browsertest.Eval[int](tab, `document.querySelectorAll(".header-row").length`); got != 4 {
		t.Errorf("%d rows", got)
	}
	tab.Click(".form-actions .button-primary")
	tab.Wait(`document.querySelector("#facts") !== null && document.querySelector(".toast") !== null`)
	list, err := st.app.Checks(t.Context(), st.by, st.components[0].ID, model.Window{})
	st.must(err)
	if len(list.Items) != 2 || list.Items[1].Headers["X-Key"].Reveal() != "a secret" {
		t.Errorf("%+v", list.Items)
	}
}

func TestChecksAreFilteredAsYouType(t *testing.T) {
	st := newStage(t, "API", "İstanbul", "Web")
	tab := st.tab()
	tab.Open(st.url + st.path("/checks?q=nothing"))
	left := func() string {
		return browsertest.Eval[string](tab, `[...document.querySelectorAll("#checks li")].filter((row) => row.checkVisibility()).map((row) => row.querySelector("a").textContent).join()`)
	}
	for _, one := range []struct{ query, want string }{
		{"istan", "İstanbul check"}, {"CHECK web", "Web check"}, {"nowhere", ""}, {"", "API check,İstanbul check,Web check"},
	} {
		tab.Type("#q", one.query+" ")
		if got := left(); got != one.want {
			t.Errorf("%q leaves %q, wanted %q", one.query, got, one.want)
		}
	}
	tab.Type("#q", "web")
	tab.Click("[data-all] input")
	tab.Click("[value=enable]")
	tab.Wait(`document.querySelector(".toast") !== null`)
	if st.read(); st.checks[0].Enabled || st.checks[1].Enabled || !st.checks[2].Enabled {
		t.Error("something else than what was shown is enabled")
	}
	if got := left(); got != "Web check" {
		t.Errorf("afterwards %q", got)
	}
}
