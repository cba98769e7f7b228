package dashboard_test

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"statusd/app/model"
	"statusd/app/web/browsertest"
	"statusd/probe/probetest"
)

// walker goes through the dashboard by keys alone, and looks at every stop on the way.
type walker struct {
	*lab
	tab  *browsertest.Tab
	page model.Page
	told map[string]bool // what is wrong is said once
}

// stops looks at what has the focus, in a frame too: is it in sight, uncovered, and told from the same thing without the focus? How
// things look at rest is remembered before they get the focus; for one that had it from the start, when it has lost it.
const stops = `(() => {
	const rest = new WeakMap();
	let first = null;
	const faces = (e) => [e, e.closest("label"), e.closest(".affix")].filter(Boolean);
	const look = (e) => faces(e).map((face) => {
		const style = getComputedStyle(face);
		return (style.outlineStyle === "none" ? "" : style.outlineStyle + style.outlineWidth + style.outlineColor) + style.boxShadow;
	}).join();
	const active = (doc = document) => {
		const e = doc.activeElement;
		return e?.contentDocument && e.contentDocument.activeElement !== e.contentDocument.body ? active(e.contentDocument) : e;
	};
	const name = (e) => location.pathname.replace(/[a-z0-9]{8,}/g, "*") + " " + e.tagName.toLowerCase() + (e.id && "#" + e.id) + "." + e.className + " " + e.textContent.trim().slice(0, 30);
	const covered = (e) => {
		const face = faces(e).map((one) => one.getBoundingClientRect()).find((box) => box.width > 4 && box.height > 4);
		if (!face) return "has no size";
		const high = e.ownerDocument.defaultView.innerHeight, x = face.left + Math.min(face.width, 40) / 2, y = face.top + face.height / 2;
		if (face.height < high ? face.top < -1 || face.bottom > high + 1 : face.bottom < 0 || face.top > high) return "is out of sight";
		if (face.height >= high) return "";
		const top = e.ownerDocument.elementFromPoint(Math.max(1, x), y);
		return faces(e).some((one) => one.contains(top) || top?.contains(one)) ? "" : "is covered by " + (top ? name(top) : "nothing");
	};
	const remember = (doc) => {
		for (const e of doc.querySelectorAll("a, button, input, select, textarea, summary, iframe, [tabindex]")) {
			if (e !== active() && !rest.has(e)) rest.set(e, look(e));
			if (e.contentDocument) remember(e.contentDocument);
		}
	};
	window.atRest = () => { remember(document); return true; };
	window.atStop = async () => {
		let wrong = "";
		for (let i = 0; i < 30; i++) {
			const e = active();
			if (!e || e === document.body || e.tagName === "IFRAME") return "";
			if (first && first.e !== e && first.e.isConnected && !rest.has(first.e)) {
				rest.set(first.e, look(first.e));
				if (rest.get(first.e) === first.looks) return name(first.e) + " looks the same without the focus";
			}
			if (!rest.has(e)) first = { e, looks: look(e) };
			const at = covered(e);
			wrong = at ? name(e) + " " + at : rest.has(e) && rest.get(e) === look(e) ? name(e) + " looks the same without the focus" : "";
			if (!wrong) break;
			await new Promise((done) => requestAnimationFrame(done)); // a transition, or scrolling, may be under way
		}
		return wrong;
	};
})()`

func (w *walker) stop() {
	w.t.Helper()
	if wrong := browsertest.Eval[string](w.tab, `atStop()`); wrong != "" && !w.told[wrong] {
		w.told[wrong] = true
		w.t.Error(wrong)
	}
}

// step goes to the next stop, or to the one before.
func (w *walker) step(back bool) {
	w.t.Helper()
	browsertest.Eval[bool](w.tab, `atRest()`)
	if back {
		chord(w.t, w.tab, kb.Tab, chromedp.ModifierShift)
	} else {
		w.tab.Press(kb.Tab)
	}
	w.stop()
}

// reach steps until the focus is on what a selector names.
func (w *walker) reach(selector string) { w.t.Helper(); w.walk(selector, false) }

// back is reach in the other direction.
func (w *walker) back(selector string) { w.t.Helper(); w.walk(selector, true) }

func (w *walker) walk(selector string, back bool) {
	w.t.Helper()
	for range 80 {
		w.step(back)
		if browsertest.Eval[bool](w.tab, `document.activeElement.matches(`+"`"+selector+"`"+`)`) {
			return
		}
	}
	w.t.Fatalf("no step leads to %s; the focus is on %s", selector, browsertest.Eval[string](w.tab, `document.activeElement.outerHTML`))
}

// keys presses one key after the other.
func (w *walker) keys(keys string) {
	w.t.Helper()
	for _, key := range keys {
		w.tab.Press(string(key))
	}
}

// arrives waits for a screen whose scripts have run and on which something holds.
func (w *walker) arrives(rest, holds string) {
	w.t.Helper()
	w.tab.Wait(`location.pathname === "` + rest + `" && document.readyState === "complete" && !document.querySelector("[data-palette]").hidden && (` + holds + `)`)
	w.stop()
}

func (w *walker) at(rest string) string {
	return "/d/w/" + w.page.Workspace.String() + "/p/" + w.page.ID.String() + rest
}

const toast = `document.querySelector(".toast") !== null`

// TestTheDashboardByKeysAlone goes from the door through every tab, does something on each, and ends by deleting what it made.
func TestTheDashboardByKeysAlone(t *testing.T) {
	l := newLab(t)
	l.member("owner@example.org", model.Owner)
	target := probetest.New(t)
	w := &walker{lab: l, tab: l.browser(""), told: map[string]bool{}}
	w.tab.Watch(stops)
	w.comeIn(target.URL)
	w.overview()
	w.components()
	w.checks()
	w.settings()
	w.palette()
	w.account()
	w.instance()
	w.delete()
}

func (w *walker) comeIn(target string) {
	w.t.Helper()
	w.tab.Open(w.url + "/login")
	w.tab.Wait(`document.activeElement.id === "f-email"`)
	w.keys("owner@example.org")
	w.reach("#f-password")
	w.keys(password + kb.Enter)

	w.tab.Wait(`document.activeElement?.id === "f-name"`)
	w.stop()
	w.keys("Çınar Kargo" + kb.Enter)
	w.tab.Wait(`document.activeElement?.id === "f-component"`)
	w.stop()
	w.keys("API")
	w.reach("#f-url") // which marks what is in it
	w.keys(target)
	w.reach("button[value=test]")
	w.keys(" ")
	w.tab.Wait(`document.querySelector(".phases") !== null`)
	w.reach("main button[type=submit]:not([value])")
	w.keys(kb.Enter)
	w.tab.Wait(`location.pathname.endsWith("/ready") && document.readyState === "complete"`)
	pages, err := w.app.Pages(w.t.Context(), w.ownerOf("Default"), model.Window{})
	w.must(err)
	w.page = pages.Items[0]
	w.reach(".page-head .button-primary")
	w.keys(kb.Enter)
}

func (w *walker) overview() {
	w.t.Helper()
	w.arrives(w.at(""), `document.querySelector("#latency") !== null`)
	w.reach(".skip-link")
	w.keys(kb.Enter)
	w.reach(".segmented a:nth-child(2)")
	w.keys(kb.Enter)
	w.arrives(w.at(""), `location.search.includes("range=7d") && document.querySelector(".segmented a:nth-child(2)").ariaCurrent === "page"`)
	w.reach(".snippet button") // past the chart, the feeds and the frames
}

func (w *walker) components() {
	w.t.Helper()
	w.keys("gc")
	w.arrives(w.at("/components"), `true`)
	w.keys("n")
	w.arrives(w.at("/components/new"), `document.activeElement.id === "f-name"`)
	w.keys("Web" + kb.Enter)
	w.arrives(w.at("/components"), toast)
	w.reach("[data-name=Web] .grip")
	w.keys(" " + kb.ArrowUp + " ")
	w.eventually(func() bool {
		list, err := w.app.Components(w.t.Context(), w.ownerOf("Default"), w.page.ID, model.Window{})
		w.must(err)
		return list.Items[0].Name == "Web"
	})
	w.stop()
}

func (w *walker) checks() {
	w.t.Helper()
	w.keys("gk")
	w.arrives(w.at("/checks"), `true`)
	w.reach(`[name="id"]`)
	w.keys(" ")
	w.back(`[value="disable"]`)
	w.keys(kb.Enter)
	w.arrives(w.at("/checks"), toast)
	now, err := w.app.PageNow(w.t.Context(), w.ownerOf("Default"), w.page.ID)
	w.must(err)
	if now[1].Checks[0].Enabled {
		w.t.Error("the check is not disabled")
	}
	w.reach(".row-name a")
	w.keys(kb.Enter)
	w.tab.Wait(`document.querySelector("#facts") !== null`)
	w.reach(".page-head .button-danger, .page-head [href$='/edit']")
}

// settings saves something on each of the sections.
func (w *walker) settings() {
	w.t.Helper()
	w.keys("gs")
	w.arrives(w.at("/settings"), `true`)
	w.reach("#f-name")
	w.keys("Çınar Lojistik" + kb.Enter)
	w.arrives(w.at("/settings"), toast)
	for _, one := range []struct{ rest, field, typed string }{
		{"/settings/branding", `[name="branding.tagline"]`, "Every parcel"}, {"/settings/domain", "#f-customDomain", "status.example.org"},
	} {
		w.reach(`nav a[href$="` + one.rest + `"]`)
		w.keys(kb.Enter)
		w.arrives(w.at(one.rest), `document.querySelector(".toast") === null`)
		w.reach(one.field)
		w.keys(one.typed + kb.Enter)
		w.arrives(w.at(one.rest), toast)
	}
	page, err := w.app.Page(w.t.Context(), w.ownerOf("Default"), w.page.ID)
	w.must(err)
	if page.Name != "Çınar Lojistik" || page.Branding.Tagline != "Every parcel" || page.CustomDomain != "status.example.org" {
		w.t.Errorf("saved %+v", page)
	}
	w.reach(`nav a[href$="/settings/audit"]`)
	w.keys(kb.Enter)
	w.arrives(w.at("/settings/audit"), `true`)
	w.reach("summary.disclosure")
	w.keys(kb.Enter)
	w.tab.Wait(`document.activeElement.parentElement.open`)
}

func (w *walker) palette() {
	w.t.Helper()
	w.keys("?")
	w.tab.Wait(`document.querySelector("dialog[open] .keys") !== null`)
	w.stop()
	w.keys(kb.Escape)
	w.tab.Wait(`document.querySelector("dialog[open]") === null`)
	w.stop()
	chord(w.t, w.tab, "k", chromedp.ModifierCtrl)
	w.tab.Wait(`document.activeElement.role === "combobox"`)
	w.stop()
	w.keys("web")
	w.tab.Wait(meant + `.includes("Web")`)
	w.keys(kb.Enter)
	w.tab.Wait(`location.pathname.includes("/components/") && document.readyState === "complete"`)
}

// menu goes to a place of the account's menu.
func (w *walker) menu(path string) {
	w.t.Helper()
	w.reach("summary.avatar")
	w.keys(kb.Enter)
	w.reach(`.menu-list a[href="` + path + `"]`)
	w.keys(kb.Enter)
	w.arrives(path, `true`)
}

func (w *walker) account() {
	w.t.Helper()
	w.menu("/d/account")
	w.reach("#f-language")
	w.keys(kb.ArrowDown)
	w.step(false)
	w.keys(" ")
	w.arrives("/d/account", toast)
	users, err := w.app.Users(w.t.Context())
	w.must(err)
	if users[0].Language != "en" {
		w.t.Errorf("the language is %q", users[0].Language)
	}
	w.reach(`[value="all"]`) // past every control of the screen
}

func (w *walker) instance() {
	w.t.Helper()
	w.menu("/d/instance")
	w.reach("#f-baseUrl")
	w.keys("https://status.example.net" + kb.Enter)
	w.arrives("/d/instance", toast)
	if got := w.app.BaseURL(); got != "https://status.example.net" {
		w.t.Errorf("the public URL is %q", got)
	}
	w.reach(`.tabs a[href="/d/instance/users"]`)
	w.keys(kb.Enter)
	w.arrives("/d/instance/users", `true`)
	w.reach("main a")
}

// delete types a wrong name first: the dialog stays.
func (w *walker) delete() {
	w.t.Helper()
	chord(w.t, w.tab, "k", chromedp.ModifierCtrl)
	w.tab.Wait(`document.activeElement.role === "combobox"`)
	w.keys("lojistik")
	w.tab.Wait(meant + `.includes("Lojistik")`)
	w.keys(kb.Enter)
	w.arrives(w.at(""), `true`)
	w.keys("gs")
	w.arrives(w.at("/settings"), `true`)
	w.reach("a[data-deletes]")
	w.keys(kb.Enter)
	w.tab.Wait(`document.activeElement.matches("dialog [data-cancel]")`)
	w.stop()
	w.back("#in-dialog-f-typed")
	w.keys("Lojistik" + kb.Enter)
	w.tab.Wait(`document.activeElement.matches("#in-dialog-f-typed[aria-invalid=true]")`)
	w.stop()
	w.keys("Çınar Lojistik" + kb.Enter)
	w.tab.Wait(toast)
	list, err := w.app.Pages(w.t.Context(), w.ownerOf("Default"), model.Window{})
	w.must(err)
	if len(list.Items) != 0 {
		w.t.Errorf("left: %v", list.Items)
	}
}
