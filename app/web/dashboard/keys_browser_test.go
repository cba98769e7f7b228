package dashboard_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"statusd/app/web/browsertest"
)

// chord presses a key with modifiers.
func chord(t *testing.T, tab *browsertest.Tab, key string, with chromedp.Modifier) {
	t.Helper()
	if err := chromedp.Do(tab.Context(), chromedp.KeyEvent(key, chromedp.KeyModifiers(with))); err != nil {
		t.Fatal(err)
	}
}

// strike presses a key as a keyboard does: what it would write is not written when a script has handled it. Press writes it anyway.
func strike(t *testing.T, tab *browsertest.Tab, key string) {
	t.Helper()
	press := input.DispatchKeyEventParams{Type: input.DispatchKeyEventTypeKeyDown, Key: key, Text: key}
	err := chromedp.Do(tab.Context(), chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, input.DispatchKeyEvent, press)
		return err
	}))
	if err != nil {
		t.Fatal(err)
	}
}

// calm waits until the scripts of the page have run.
func calm(tab *browsertest.Tab) { tab.Wait(`!document.querySelector("[data-palette]").hidden`) }

const meant = `(document.getElementById(document.activeElement.getAttribute("aria-activedescendant"))?.textContent ?? "")`

func picture(tab *browsertest.Tab, name string) {
	if folder := os.Getenv("SHOTS"); folder != "" {
		tab.Window(filepath.Join(folder, name+".png"))
	}
}

func TestThePaletteWithTheKeyboard(t *testing.T) {
	st := newStage(t, "Çınar Kargo", "API", "Webhooks")
	tab := st.tab()
	tab.Open(st.url + st.path("/settings"))
	calm(tab)
	browsertest.Eval[bool](tab, `document.querySelector("#f-name").focus(), true`)
	chord(t, tab, "k", chromedp.ModifierCtrl) // in a field too: it is no letter
	tab.Wait(`document.activeElement.role === "combobox" && ` + meant + `.includes("Overview")`)
	tab.Press(kb.ArrowUp)
	tab.Wait(meant + `.includes("Instance settings") || ` + meant + `.includes("Account")`) // the last
	tab.Press(kb.Home)
	tab.Press(kb.ArrowDown)
	tab.Wait(meant + `.includes("Components")`)
	tab.Press(kb.End)
	tab.Press(kb.ArrowDown)
	tab.Wait(meant + `.includes("Overview")`)
	tab.Press(kb.Escape)
	tab.Wait(`!document.querySelector("#palette").open && document.activeElement.id === "f-name"`)

	chord(t, tab, "k", chromedp.ModifierCtrl)
	if err := chromedp.Do(tab.Context(), chromedp.KeyEvent("cinar ch"+kb.Enter)); err != nil { // faster than the server
		t.Fatal(err)
	}
	tab.Wait(`location.pathname === "` + st.checkPath(0, "") + `"`)
	if got := browsertest.Eval[string](tab, `refused.join()`); got != "" {
		t.Errorf("the policy refused %s", got)
	}

	calm(tab)
	tab.Click("[data-palette]")
	tab.Type("#palette-query", "nothing like that")
	tab.Wait(`document.querySelector("#palette [role=status]").textContent === "0 results" && document.querySelector("#palette-query").ariaExpanded === "false"`)
	tab.Press(kb.Enter) // leads nowhere
	tab.Press(kb.Escape)
	tab.Wait(`!document.querySelector("#palette").open && document.activeElement.matches("[data-palette]")`)
}

func TestTheFrameForEverybody(t *testing.T) {
	st := newStage(t, "Çınar Kargo", longName[:70], "Webhooks")
	st.lab.page("a-page-with-a-name-that-is-wider-than-a-phone-is")
	tab := st.tab()
	for _, lang := range []string{"en", "tr"} {
		st.must(st.app.SetLanguage(t.Context(), st.user("editor@example.org"), lang))
		for _, look := range []browsertest.Look{{Width: 1280, Height: 900, Dark: lang == "tr"}, {Width: 390, Height: 844, Touch: true, Dark: lang == "en"}} {
			tab.As(look)
			judge := func(what string) {
				t.Helper()
				for _, line := range tab.Axe() {
					t.Errorf("%s in %s at %d px: %s", what, lang, look.Width, line)
				}
				if n := tab.Overflow(); n > 0 {
					t.Errorf("%s in %s at %d px scrolls %d px sideways", what, lang, look.Width, n)
				}
				picture(tab, what+"-"+lang+"-"+map[bool]string{true: "390", false: "1280"}[look.Touch])
			}
			tab.Open(st.url + st.path("/settings"))
			calm(tab)
			if !browsertest.Eval[bool](tab, `(() => { const box = document.querySelector(".tabs [aria-current]").getBoundingClientRect(); return box.left >= 0 && box.right <= innerWidth })()`) {
				t.Errorf("in %s at %d px the current tab is out of sight", lang, look.Width)
			}
			tab.Click(".crumbs .menu summary")
			judge("switcher")
			tab.Click("[data-palette]")
			tab.Wait(`document.querySelectorAll("#palette [role=option]").length > 5`)
			judge("palette")
			tab.Press(kb.Escape)
			tab.Click("summary.avatar")
			tab.Click("[data-shortcut='?']")
			tab.Wait(`document.querySelector("dialog[open] .keys") !== null`)
			judge("shortcuts")
			tab.Press(kb.Escape)
			tab.Wait(`document.querySelector("dialog[open]") === null && document.activeElement.matches("summary.avatar")`)
			tab.Click("a[data-deletes]")
			tab.Wait(`document.querySelector("dialog[open] .lost") !== null`)
			judge("confirm")
			for _, path := range []string{"/d/shortcuts", "/d/nothing", st.path("/components/00000000")} {
				tab.Open(st.url + path)
				judge(path[strings.LastIndexByte(path, '/')+1:])
			}
		}
	}
}

func TestShortcutsOfSingleKeys(t *testing.T) {
	st := newStage(t, "API")
	tab := st.tab()
	at := func(rest string) string { return `location.pathname === "` + st.path(rest) + `"` }
	tab.Open(st.url + st.path(""))
	calm(tab)
	for _, one := range []struct{ keys, rest string }{{"gc", "/components"}, {"n", "/components/new"}, {"gk", "/checks"}, {"gs", "/settings"}, {"go", ""}} {
		for _, key := range one.keys {
			tab.Press(string(key))
		}
		tab.Wait(at(one.rest) + ` && document.readyState === "complete"`)
		calm(tab)
		browsertest.Eval[bool](tab, `document.activeElement.blur(), true`)
	}
	tab.Press("x")
	tab.Press("k") // without G before it
	tab.Press("?")
	tab.Wait(`document.querySelector("dialog[open] h2")?.textContent === "Keyboard shortcuts"`)
	tab.Press("n") // not over a dialog
	tab.Press(kb.Escape)
	tab.Wait(at("") + ` && document.querySelector("dialog[open]") === null`)
	tab.Press("g")
	tab.Press("p")
	tab.Wait(`location.pathname === "/d/w/` + st.page.Workspace.String() + `"`)

	tab.Open(st.url + st.path("/checks"))
	calm(tab)
	strike(t, tab, "/")
	tab.Wait(`document.activeElement.id === "q" && document.activeElement.value === ""`)
	for _, key := range "gon?/" { // in a field they are letters
		tab.Press(string(key))
	}
	tab.Wait(`document.activeElement.value === "gon?/" && ` + at("/checks") + ` && document.querySelector("dialog[open]") === null`)

	browsertest.Eval[bool](tab, `document.activeElement.blur(), true`)
	chord(t, tab, "n", chromedp.ModifierAlt)
	chord(t, tab, "N", chromedp.ModifierShift)
	browsertest.Eval[bool](tab, `localStorage["statusd.shortcuts"] = "off", true`)
	for _, key := range "n/?go" {
		tab.Press(string(key))
	}
	tab.Wait(at("/checks") + ` && document.querySelector("dialog[open]") === null && document.activeElement === document.body`)
	chord(t, tab, "k", chromedp.ModifierCtrl) // no single key
	tab.Wait(`document.querySelector("#palette").open`)
}

func TestToasts(t *testing.T) {
	st := newStage(t, "API")
	tab := st.tab()
	tab.Watch(`window.later = []; const wait = setTimeout; window.setTimeout = (f, ms, ...rest) => { if (ms === 6000) { later.push(f); return 0; } return wait(f, ms, ...rest); }`)
	tab.Open(st.url + st.path("/components?done=component-saved&x=1"))
	tab.Wait(`document.querySelector(".toast")?.innerText.trim() === "Component saved." && location.search === "?x=1"`)
	browsertest.Eval[bool](tab, `later.forEach((f) => f()), true`)
	tab.Wait(`document.querySelector(".toast") === null`)

	show := func(detail string) {
		browsertest.Eval[bool](tab, `window.undone = 0, document.dispatchEvent(new CustomEvent("statusd:toast", { detail: `+detail+` }))`)
	}
	show(`{ text: "<b>Gone</b>", undo: () => undone++ }`)
	tab.Wait(`document.querySelector(".toast span").textContent === "<b>Gone</b>" && document.querySelector(".toast button").textContent === "Undo"`)
	for _, line := range tab.Axe() {
		t.Error(line)
	}
	tab.Click(".toast button")
	tab.Wait(`undone === 1 && document.querySelector(".toast") === null`)

	browsertest.Eval[bool](tab, `later.length = 0, true`)
	show(`{ text: "Not saved", status: "down", undo: "/d/account", label: "Try again" }`)
	show(`{ text: "Saved" }`)
	tab.Wait(`document.querySelectorAll(".toast").length === 2 && later.length > 0`)
	picture(tab, "toasts")
	for _, line := range tab.Axe() {
		t.Error(line)
	}
	browsertest.Eval[bool](tab, `later.forEach((f) => f()), true`)
	tab.Wait(`document.querySelectorAll(".toast").length === 1`) // the failure does not go by itself
	tab.Wait(`document.querySelector(".toast a").getAttribute("href") === "/d/account"`)
	tab.Click(".toast button[aria-label=Close]")
	tab.Wait(`document.querySelector(".toast") === null`)
}

func TestLeavingAFormThatWasChangedAsksFirst(t *testing.T) {
	st := newStage(t, "API")
	tab := st.tab()
	form := st.url + st.componentPath(0, "")
	asked := func(want string, what string) {
		t.Helper()
		if got := strings.Join(tab.Asked(), " "); got != want {
			t.Errorf("%s: asked %q, wanted %q", what, got, want)
		}
	}
	overview := `document.querySelector(".tabs a").click(), true`
	tab.Open(form)
	calm(tab)
	tab.Type("#f-name", "API")
	browsertest.Eval[bool](tab, overview)
	tab.Wait(`location.pathname === "` + st.path("") + `"`)
	asked("", "the same was typed again")

	tab.Open(form)
	calm(tab)
	tab.Type("#f-name", "Another")
	tab.Stay(true)
	browsertest.Eval[bool](tab, overview)
	tab.Wait(`document.querySelector("#f-name").value === "Another"`)
	asked("beforeunload", "changed")
	tab.Stay(false)
	tab.Click(".form-actions .button-primary")
	tab.Wait(`document.querySelector(".toast") !== null`)
	asked("", "saved")

	tab.Open(form) // a form that a script sends
	tab.Open(st.url + st.checkPath(0, "/edit"))
	calm(tab)
	tab.Type("#f-name", "Another check")
	tab.Click(".form-actions .button-primary")
	tab.Wait(`document.querySelector(".toast") !== null`)
	asked("", "saved by a script")

	tab.Open(form) // what was refused is only in the form
	calm(tab)
	tab.Type("#f-name", " ")
	tab.Click(".form-actions .button-primary")
	tab.Wait(`document.querySelector(".form-errors") !== null`)
	calm(tab)
	asked("", "sent")
	browsertest.Eval[bool](tab, overview)
	tab.Wait(`location.pathname === "` + st.path("") + `"`)
	asked("beforeunload", "refused")
}

func TestNothingIsSentTwice(t *testing.T) {
	st := newStage(t, "API")
	tab := st.tab()
	tab.Open(st.url + st.path("/components/new"))
	calm(tab)
	tab.Type("#f-name", "Twice")
	if got := browsertest.Eval[string](tab, `(() => {
		const button = document.querySelector(".form-actions .button-primary");
		let sent = 0;
		addEventListener("submit", (event) => { if (!event.defaultPrevented) sent++; event.preventDefault(); });
		button.click(); button.click(); button.form.requestSubmit();
		const busy = button.ariaBusy;
		dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true }));
		return sent + " " + busy + " " + button.ariaBusy;
	})()`); got != "1 true null" {
		t.Errorf("sent, busy, busy when shown again: %s", got)
	}
}

func TestTheQuestionBeforeDeletingIsADialog(t *testing.T) {
	st := newStage(t, "API", "Web")
	tab := st.tab()
	tab.Open(st.url + st.componentPath(0, ""))
	calm(tab)
	tab.Type("#f-name", "Changed") // what was typed does not matter to what is deleted
	tab.Click("a[data-deletes]")
	tab.Wait(`document.querySelector("dialog[open] h2")?.textContent === "Delete API?" && document.activeElement.matches("dialog [data-cancel]")`)
	tab.Press(kb.Enter) // Cancel
	tab.Wait(`document.querySelector("dialog.dialog-confirm") === null && document.activeElement.matches("a[data-deletes]") && document.querySelector("#f-name").value === "Changed"`)
	tab.Press(kb.Enter)
	tab.Wait(`document.querySelector("dialog[open] h2") !== null`)
	tab.Press(kb.Escape)
	tab.Wait(`document.querySelector("dialog.dialog-confirm") === null`)
	tab.Click("a[data-deletes]")
	tab.Wait(`document.activeElement.matches("dialog [data-cancel]")`)
	tab.Type("#in-dialog-f-typed", "Web")
	tab.Press(kb.Enter)
	tab.Wait(`document.activeElement.matches("dialog #in-dialog-f-typed[aria-invalid=true]") && document.querySelector("#in-dialog-f-typed-error")?.innerText === "This is not the name."`)
	if got := browsertest.Eval[string](tab, `[document.activeElement.getAttribute("aria-describedby"), document.querySelectorAll("dialog .form-errors").length, document.querySelector("#f-name").value, location.pathname].join(" ")`); got != "in-dialog-f-typed-error 0 Changed "+st.componentPath(0, "") {
		t.Errorf("a wrong name leaves %s", got)
	}
	tab.Type("#in-dialog-f-typed", "API")
	tab.Press(kb.Enter)
	tab.Wait(`document.querySelector(".toast")?.innerText.trim() === "Component deleted."`)
	if asked := tab.Asked(); len(asked) > 0 {
		t.Errorf("asked %q", asked)
	}
	if got := browsertest.Eval[string](tab, `refused.join()`); got != "" {
		t.Errorf("the policy refused %s", got)
	}
	if st.read(); len(st.components) != 1 || st.components[0].Name != "Web" {
		t.Errorf("left: %v", st.components)
	}

	tab.Open(st.url + st.componentPath(0, "")) // gone meanwhile: the server says so
	calm(tab)
	st.must(st.app.DeleteComponent(t.Context(), st.by, st.components[0].ID))
	tab.Click("a[data-deletes]")
	tab.Wait(`document.querySelector("main.door h1") !== null`)
}

func TestTheQuestionBeforeDeletingIsAPageWithoutScripts(t *testing.T) {
	st := newStage(t, "API")
	tab := st.tab()
	tab.NoScript(true)
	tab.Open(st.url + st.componentPath(0, ""))
	if browsertest.Eval[bool](tab, `document.querySelector("[data-palette]").checkVisibility()`) {
		t.Error("a button does nothing")
	}
	tab.Click("a[data-deletes]")
	tab.Wait(`document.querySelector("main h1").textContent === "Delete API?" && document.activeElement.matches("[data-cancel]")`)
	tab.Type("#f-typed", "Web")
	tab.Click("main .button-danger-solid")
	tab.Wait(`document.querySelector("#f-typed-error") !== null`)
	tab.Type("#f-typed", "API")
	tab.Click("main .button-danger-solid")
	tab.Wait(`document.querySelector(".toast") !== null`)
	if st.read(); len(st.components) != 0 {
		t.Errorf("left: %v", st.components)
	}
	tab.Click(".crumbs .menu summary")
	tab.Click(".crumbs .menu-list ul:last-child a")
	tab.Wait(`location.pathname === "/d/w/` + st.page.Workspace.String() + `"`)
	tab.Open(st.url + st.path(""))
	tab.Click("summary.avatar")
	tab.Click("[data-shortcut='?']")
	tab.Wait(`document.querySelector("main .keys") !== null`)
}

func TestMenusCloseAsPeopleExpect(t *testing.T) {
	st := newStage(t, "API")
	tab := st.tab()
	tab.Open(st.url + st.path(""))
	calm(tab)
	open := `[...document.querySelectorAll("details.menu[open] > summary")].map((s) => s.className).join()`
	tab.Click(".crumbs .menu summary")
	tab.Wait(open + ` === "crumb crumb-switch"`)
	browsertest.Eval[bool](tab, `new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))`) // its event has come
	browsertest.Eval[bool](tab, `document.querySelector("summary.avatar").parentElement.open = true`)                          // as a screen reader does
	tab.Wait(open + ` === "avatar"`)
	tab.Press(kb.Escape)
	tab.Wait(open + ` === "" && document.activeElement.matches("summary.avatar")`)
	tab.Press(kb.Enter)
	tab.Wait(open + ` === "avatar"`)
	tab.Click("main h1")
	tab.Wait(open + ` === ""`)
}
