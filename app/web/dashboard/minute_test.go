package dashboard_test

import (
	"strings"
	"testing"

	"statusd/app/web/browsertest"
	"statusd/probe/probetest"
)

// TestTheFirstMinute walks from the set-up link to a live page as a new user does, counting every press of a button and every
// field typed into.
func TestTheFirstMinute(t *testing.T) {
	l := newLab(t)
	target := probetest.New(t)
	tab := l.browser("")
	acts := 0
	click := func(selector string) { tab.Click(selector); acts++ }
	fill := func(selector, text string) { tab.Type(selector, text); acts++ }

	token, err := l.app.SetupToken(t.Context())
	l.must(err)
	tab.Open(l.url + "/setup?token=" + token)
	fill("#f-email", "mara.lind@example.org")
	fill("#f-password", password)
	click("main button[type=submit]")

	tab.Wait(`document.querySelector("#f-name") !== null`)
	fill("#f-name", "Çınar Kargo")
	click("main button[type=submit]")

	tab.Wait(`document.querySelector("#f-component") !== null`)
	fill("#f-component", "API")
	fill("#f-url", target.URL)
	click("button[value=test]")
	tab.Wait(`document.querySelector(".phases") !== null`)
	if text := browsertest.Eval[string](tab, `document.querySelector("main").innerText`); !strings.Contains(text, "Works: status 200") {
		t.Errorf("the test says\n%s", text)
	}
	click("main button[type=submit]:not([value])")

	tab.Wait(`document.querySelector("iframe.embed-frame") !== null && document.querySelector(".preview iframe") !== null`)
	tab.Wait(`document.querySelector(".preview iframe").contentDocument?.querySelector("h1") != null`)
	if acts >= 15 {
		t.Errorf("%d interactions", acts)
	}
	tab.Open(l.url + "/p/cinar-kargo")
	tab.Wait(`document.querySelector("h1").textContent === "All systems operational"`)
}
