package dashboard_test

import (
	"testing"

	"github.com/chromedp/chromedp/kb"

	"statusd/app/model"
	"statusd/app/web/browsertest"
	"statusd/probe/probetest"
)

// plain goes through the dashboard in a browser whose scripts are off.
type plain struct {
	*lab
	tab  *browsertest.Tab
	page model.Page
}

// TestTheDashboardWithoutScripts goes from the door through every tab and does on each what it is for.
func TestTheDashboardWithoutScripts(t *testing.T) {
	l := newLab(t)
	l.member("owner@example.org", model.Owner)
	p := &plain{lab: l, tab: l.browser("")}
	p.tab.NoScript(true)
	p.comeIn(probetest.New(t).URL)
	p.components()
	p.checks()
	p.settings()
	p.aroundThePages()
	p.delete()
}

// goTo follows the first link or presses the first button that a selector finds, and waits for what only the next screen has.
func (p *plain) goTo(selector, next string) {
	p.t.Helper()
	p.tab.Click(selector)
	p.arrives(next)
	if n := p.tab.Overflow(); n > 0 {
		p.t.Errorf("%s leads to a screen that scrolls %d px sideways", selector, n)
	}
}

// fill types into a field and sends its form by Enter.
func (p *plain) fill(field, text, next string) {
	p.t.Helper()
	p.tab.Type(field, text)
	p.tab.Press(kb.Enter)
	p.arrives(next)
}

// arrives waits for a screen that is all there: one that still loads moves what is about to be pressed.
func (p *plain) arrives(next string) {
	p.t.Helper()
	p.tab.Wait(next + ` && document.readyState === "complete"`)
}

// says waits for the sentence that tells what was done.
func says(text string) string {
	return `document.querySelector(".toast")?.innerText.trim() === "` + text + `"`
}

func title(text string) string {
	return `document.querySelector("main h1")?.innerText === "` + text + `"`
}

func (p *plain) comeIn(target string) {
	p.t.Helper()
	p.tab.Open(p.url + "/login")
	p.tab.Type("#f-email", "owner@example.org")
	p.fill("#f-password", password, title("New page"))
	p.fill("#f-name", "Acme", title("What do visitors rely on?"))
	p.tab.Type("#f-component", "API")
	p.tab.Type("#f-url", target)
	p.goTo("button[value=test]", `document.querySelector(".phases") !== null`)
	p.goTo("main button[type=submit]:not([value])", title("Your page is live"))
	p.goTo(".page-head .button-primary", title("Overview"))
	p.goTo(".facts a", title("Uptime of API"))
	p.goTo("main .back-link", title("Overview"))
	p.goTo(".segmented a:nth-child(2)", `location.search.includes("range=7d") && document.querySelector("main svg") !== null`)
	pages, err := p.app.Pages(p.t.Context(), p.ownerOf("Default"), model.Window{})
	p.must(err)
	p.page = pages.Items[0]
}

func (p *plain) components() {
	p.t.Helper()
	p.goTo(".tabs li:nth-child(2) a", title("Components"))
	p.goTo(".page-head .button-primary", title("New component"))
	p.fill("#f-name", "Web", says("Component created."))
	p.goTo("[data-name=Web] [value^=up]", `document.querySelector("main .order > :first-child").dataset.name === "Web"`)
	p.goTo("[data-name=Web] .row-name a", title("Web"))
	p.fill("#f-description", "For people", says("Component saved."))
}

func (p *plain) checks() {
	p.t.Helper()
	p.goTo(".tabs li:nth-child(3) a", title("Checks"))
	p.tab.Click("[name=id]")
	p.goTo("[value=disable]", says("Disabled."))
	p.goTo("main .row-name a", `document.querySelector("#facts") !== null`)
	p.goTo(".page-head [href$='/edit']", `document.querySelector("#f-retries") !== null`)
	p.fill("#f-name", "Health", says("Check saved."))
	p.goTo(".page-head form:first-child button", `document.querySelector("main").innerText.includes("Works: status 200")`)
	list, err := p.app.PageNow(p.t.Context(), p.ownerOf("Default"), p.page.ID)
	p.must(err)
	if c := list[1].Checks[0]; c.Enabled || c.Name != "Health" {
		p.t.Errorf("%+v", c)
	}
}

func (p *plain) settings() {
	p.t.Helper()
	section := func(n, name string) { p.goTo("main nav :nth-child("+n+") a, main nav a:nth-child("+n+")", title(name)) }
	p.goTo(".tabs li:last-child a", title("General"))
	p.fill("#f-name", "Acme Ltd", says("Settings saved."))
	section("2", "Branding")
	p.tab.Type("[name='branding.tagline']", "Every parcel")
	p.goTo("[value=preview]", `document.querySelector("#preview-frame").contentDocument.body.innerText.includes("Every parcel")`)
	p.goTo(".form-actions .button-primary", says("Branding saved."))
	section("3", "Custom domain")
	p.fill("#f-customDomain", "status.example.org", says("Custom domain saved."))
	section("4", "Audit trail")
	p.tab.Click("summary.disclosure")
	p.tab.Wait(`document.querySelector(".trail details").open`)
	page, err := p.app.Page(p.t.Context(), p.ownerOf("Default"), p.page.ID)
	p.must(err)
	if page.Name != "Acme Ltd" || page.Branding.Tagline != "Every parcel" || page.CustomDomain != "status.example.org" {
		p.t.Errorf("saved %+v", page)
	}
}

// aroundThePages is what the menu of the account leads to.
func (p *plain) aroundThePages() {
	p.t.Helper()
	menu := func(n, name string) {
		p.tab.Click("summary.avatar")
		p.goTo(".menu-list li:nth-child("+n+") a", title(name))
	}
	menu("2", "Members")
	p.tab.Type("#f-email", "new@example.org")
	p.goTo(".button-primary", `document.querySelector(".once") !== null`)
	menu("3", "API tokens")
	p.tab.Type("#f-name", "deploy")
	p.goTo(".token-form button[type=submit]", `document.querySelector(".once") !== null`)
	p.tab.Click("details.second-press summary")
	p.goTo("details.second-press form button", says("Token revoked."))
	menu("1", "Account")
	p.goTo("[action$='/language'] button", says("Language changed."))
	menu("2", "General")
	p.fill("#f-baseUrl", "https://status.example.net", says("Public URL changed."))
}

// delete types a wrong name first: the question stays, with what is wrong beside the field.
func (p *plain) delete() {
	p.t.Helper()
	p.tab.Open(p.url + "/d/w/" + p.page.Workspace.String() + "/p/" + p.page.ID.String() + "/settings")
	p.goTo("a[data-deletes]", title("Delete Acme Ltd?"))
	p.fill("#f-typed", "Acme", `document.querySelector("#f-typed-error")?.innerText === "This is not the name." && document.querySelector("#f-typed").value === "Acme"`)
	p.fill("#f-typed", "Acme Ltd", says("Page deleted."))
}
