package dashboard_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"statusd/app/web/browsertest"
)

// TestScreensAboutPeopleAreAccessibleAndFitAPhone goes through every screen: in both languages, wide and light, narrow and dark,
// with every question open.
func TestScreensAboutPeopleAreAccessibleAndFitAPhone(t *testing.T) {
	c := newCrew(t)
	a := c.as(admin)
	a.post(c.ws+"/invites", "email", "somebody.with.a.very.long.name@a-very-long-host-name.example.org", "role", "viewer")
	a.post(c.ws+"/tokens", "name", strings.Repeat("Çok uzun ad ", 6), "role", "owner", "expires", "never", "admin", "on")
	paths := []string{
		"/d/account", c.ws + "/members", c.ws + "/tokens", c.ws + "/settings", "/d/instance", "/d/instance/workspaces",
		"/d/instance/users", "/d/instance/users/" + c.id(viewer), "/d/instance/backup", "/d/instance/about", "/d/instance/mail",
	}
	tab := c.browser(admin)
	for _, look := range []struct {
		browsertest.Look
		lang string
	}{{browsertest.Look{Width: 1280, Height: 900}, "en"}, {browsertest.Look{Width: 390, Height: 844, Dark: true, Touch: true}, "tr"}, {browsertest.Look{Width: 390, Height: 844}, "en"}} {
		c.must(c.app.SetLanguage(t.Context(), c.users[admin].ID, look.lang))
		tab.As(look.Look)
		for _, path := range paths {
			tab.Open(c.url + path)
			browsertest.Eval[bool](tab, `document.querySelectorAll("details.second-press").forEach((d) => { d.open = true }), true`)
			judge(t, tab, fmt.Sprintf("%s in %s at %d px", path, look.lang, look.Width))
		}
	}
}

// TestASecretThatIsShownOnceCanBeReachedAndCopied looks at the answer to the POST: it has no address to open.
func TestASecretThatIsShownOnceCanBeReachedAndCopied(t *testing.T) {
	c := newCrew(t)
	tab := c.browser(owner)
	tab.As(browsertest.Look{Width: 390, Height: 844})
	tab.Open(c.url + c.ws + "/tokens")
	tab.Wait(`getComputedStyle(document.querySelector(".for-date")).display === "none"`)
	tab.Type("#f-name", "deploy")
	tab.Click(".token-form button[type=submit]")
	tab.Wait(`document.activeElement.matches(".once") && !document.querySelector(".once [data-copy]").hidden`)
	for _, line := range tab.Axe() {
		t.Error(line)
	}
	if n := tab.Overflow(); n > 0 {
		t.Errorf("scrolls %d px sideways", n)
	}
}

// TestSomebodyIsInvitedWithoutScripts walks from the invitation to the new member's first screen.
func TestSomebodyIsInvitedWithoutScripts(t *testing.T) {
	c := newCrew(t)
	tab := c.browser(owner)
	tab.NoScript(true)
	tab.Open(c.url + c.ws + "/members")
	tab.Type("#f-email", "new@example.org")
	tab.Click(`form[action$="/invites"] button[type=submit]`)
	tab.Wait(`document.querySelector(".once code") !== null`)
	link := browsertest.Eval[string](tab, `document.querySelector(".once code").textContent`)
	tab.Click(".once a")
	tab.Wait(`document.querySelector(".once") === null && document.body.innerText.includes("new@example.org")`)

	guest := c.browser("")
	guest.NoScript(true)
	guest.Open(link)
	guest.Type("#f-password", "another long passphrase")
	guest.Click("main button[type=submit]")
	guest.Wait(`document.querySelector(".crumb")?.textContent === "Default"`)

	tab.Open(c.url + c.ws + "/members")
	tab.Click(`li:has([aria-label*="new@example.org"]) details.second-press summary`)
	tab.Click(`li:has([aria-label*="new@example.org"]) details.second-press button`)
	tab.Wait(`document.querySelector(".toast") !== null && !document.querySelector("main").innerText.includes("new@example.org")`)
}

func TestQuestionsCloseByEscapeAndTheSwitchIsKept(t *testing.T) {
	c := newCrew(t)
	tab := c.browser(owner)
	tab.Open(c.url + c.ws + "/members")
	browsertest.Eval[bool](tab, `document.querySelector("details.second-press summary").focus(), true`)
	tab.Press(kb.Enter)
	tab.Wait(`document.querySelector("details.second-press").open`)
	tab.Press(kb.Escape)
	tab.Wait(`!document.querySelector("details.second-press").open && document.activeElement.matches("details.second-press summary")`)

	tab.Open(c.url + "/d/account")
	tab.Wait(`!document.querySelector("[data-shortcuts]").hidden`)
	tab.Click("#f-shortcuts")
	tab.Wait(`localStorage["statusd.shortcuts"] === "off"`)
	tab.Open(c.url + "/d/account")
	tab.Wait(`!document.querySelector("[data-shortcuts]").hidden && !document.querySelector("#f-shortcuts").checked`)
}
