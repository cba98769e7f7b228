package dashboard_test

import (
	"html"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"statusd/app/model"
	"statusd/app/web/browsertest"
)

const hostile = `"></title></script><script>alert(1)</script><img src=x onerror=alert(2)>'`

func query(pairs ...string) string {
	values := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		values.Set(pairs[i], pairs[i+1])
	}
	return "?" + values.Encode()
}

func TestThePreviewIsThePageAndStoresNothing(t *testing.T) {
	l := newSettingsLab(t)
	c := l.admin
	r := c.wants(c.get(l.at("/preview")+query("branding.displayName", "Harbourline", "branding.tagline", "Invoicing",
		"branding.primaryColor", "#DC2626", "branding.logoLinkUrl", "https://harbourline.example/", "theme", "dark")), 200,
		"Harbourline", "Invoicing", `data-theme="dark"`, l.at("/preview/brand-dc2626.css"), `href="https://harbourline.example/"`, `<base target="_blank">`, "API")
	if strings.Contains(r.body, "/p/my-app/brand-") {
		t.Error("the stored colour is loaded as well")
	}
	c.wants(c.get(l.at("/preview/brand-dc2626.css")), 200, "--brand-fill:#dc2626")
	c.wants(c.get(l.at("/preview")), 200, "brand-3b82f6.css", "my-app")
	c.wants(c.post(l.at("/settings/branding"), "branding.displayName", "Typed", "do", "preview", "seen", l.seen(c, l.at("/settings/branding"))), 200, `value="Typed"`)
	if p := l.now(); p != l.page {
		t.Errorf("stored %+v", p)
	}
}

func TestThePreviewMayOnlyBeFramedByUs(t *testing.T) {
	l := newSettingsLab(t)
	res, err := l.admin.http.Get(l.url + l.at("/preview"))
	l.must(err)
	res.Body.Close()
	if got := res.Header.Get("Content-Security-Policy"); !strings.Contains(got, "frame-ancestors 'self'") || strings.Contains(got, "unsafe") {
		t.Errorf("policy %q", got)
	}
	if got := res.Header.Get("Cache-Control"); got != "no-store" {
		t.Errorf("cached: %q", got)
	}
}

func TestThePreviewRefusesWhatCouldNotBeStored(t *testing.T) {
	l := newSettingsLab(t)
	for name, value := range map[string]string{
		"branding.primaryColor": "red;}body{display:none}", "branding.logoLinkUrl": "javascript:alert(1)",
		"branding.displayName": strings.Repeat("x", 81), "branding.tagline": "two\nlines", "branding.logoUrl": "ftp://x/",
	} {
		l.admin.wants(l.admin.get(l.at("/preview")+query(name, value)), 422)
		r := l.admin.wants(l.admin.post(l.at("/settings/branding"), name, value, "do", "preview"), 422)
		if src := frameOf(t, r.body); src != l.at("/preview?theme=light") {
			t.Errorf("%s: the preview is %s", name, src)
		}
	}
	for _, file := range []string{"red.css", "ffffff", "fffff.css", "gggggg.css", "ffffff%3B.css"} {
		l.admin.wants(l.admin.get(l.at("/preview/brand-"+file)), 404)
	}
}

func TestHostileTextIsTextEverywhere(t *testing.T) {
	l := newSettingsLab(t)
	c := l.admin
	c.wants(c.post(l.at("/settings"), l.generalAnd(c, "name", hostile)...), 303)
	c.wants(c.post(l.at("/settings/branding"), "branding.displayName", hostile, "branding.tagline", hostile,
		"branding.logoLinkUrl", "https://x/?"+url.QueryEscape(hostile), "seen", l.seen(c, l.at("/settings/branding"))), 303)
	answers := []reply{
		c.get(l.at("/settings")), c.get(l.at("/settings/branding")), c.get(l.at("/settings/domain")), c.get(l.at("/settings/audit")),
		c.get(l.at("/settings/delete")), c.get(l.at("/preview")), c.get(l.at("/preview") + query("branding.tagline", hostile, "theme", hostile)),
		c.post(l.at("/settings"), "name", hostile, "slug", hostile, "timeZone", hostile, "linksBreak", hostile, "seen", hostile),
		c.post(l.at("/settings/branding"), "branding.displayName", hostile, "branding.tagline", hostile, "branding.primaryColor", hostile,
			"branding.logoUrl", hostile, "branding.logoLinkUrl", hostile, "swatch", hostile, "colorBefore", hostile, "theme", hostile, "seen", hostile, "do", "preview"),
		c.post(l.at("/settings/domain"), "customDomain", hostile, "seen", hostile),
		c.post(l.at("/settings/delete"), "typed", hostile),
	}
	for i, r := range answers {
		if r.code >= 500 || strings.Contains(r.body, "<script>alert") || strings.Contains(r.body, "<img src=x") {
			t.Errorf("answer %d (%d) holds markup that somebody typed", i, r.code)
		}
	}
}

var frameSource = regexp.MustCompile(`id="preview-frame" src="([^"]*)"`)

func frameOf(t *testing.T, body string) string {
	t.Helper()
	m := frameSource.FindStringSubmatch(body)
	if m == nil {
		t.Fatalf("no preview in\n%.3000s", body)
	}
	return html.UnescapeString(m[1])
}

func TestEitherControlOfTheColourWorks(t *testing.T) {
	l := newSettingsLab(t)
	c := l.admin
	for _, step := range []struct{ name, before, text, well, want string }{
		{"only the well", "", "", "#dc2626", "#dc2626"},
		{"the text, the well as it was", "#dc2626", "#0f766e", "#dc2626", "#0f766e"},
		{"both: the text", "#0f766e", "#facc15", "#000000", "#facc15"},
		{"neither", "#facc15", "#facc15", "#facc15", "#facc15"},
		{"emptied", "#facc15", "", "#facc15", ""},
		{"neither, none", "", "", model.DefaultColor, ""},
	} {
		c.wants(c.post(l.at("/settings/branding"), "branding.primaryColor", step.text, "swatch", step.well, "colorBefore", step.before,
			"seen", l.seen(c, l.at("/settings/branding"))), 303)
		if got := l.now().Branding.PrimaryColor; got != step.want {
			t.Errorf("%s: stored %q", step.name, got)
		}
	}
}

func TestWhatIsDerivedFromAColourIsSaid(t *testing.T) {
	l := newSettingsLab(t)
	c := l.admin
	c.wants(c.get(l.at("/settings/branding")), 200, "Buttons use #2b72e5 with white text, 4.5:1. Darkened a little")
	c.wants(c.post(l.at("/settings/branding"), "branding.primaryColor", "#facc15", "do", "preview"), 200, "Buttons use #facc15 with dark text, 11.5:1. Links: #876d09 on light")
	l.speak("admin@example.org", "tr")
	c.wants(c.get(l.at("/settings/branding")), 200, "Düğmelerin rengi #2b72e5, yazısı beyaz, kontrast 4,5:1.")
}

// inFrame evaluates in the preview.
const inFrame = `document.querySelector("#preview-frame").contentDocument`

func TestThePreviewChangesAsYouType(t *testing.T) {
	l := newSettingsLab(t)
	tab := l.browser("admin@example.org")
	tab.Open(l.url + l.at("/settings/branding"))
	tab.Wait(inFrame + `?.querySelector(".brand bdi")?.textContent === "my-app"`)
	if browsertest.Eval[bool](tab, `document.querySelector("[value=preview]").checkVisibility()`) {
		t.Error("a button that a script has made needless is shown")
	}
	tab.Type("#f-branding-displayName", "Çınar Kargo")
	tab.Wait(inFrame + `?.querySelector(".brand bdi")?.textContent === "Çınar Kargo"`)
	tab.Type("#f-branding-primaryColor", "#dc2626")
	tab.Wait(inFrame + `?.querySelector("link[href$='brand-dc2626.css']") != null`)
	tab.Wait(`document.querySelector("#f-branding-primaryColor-help").textContent.includes("#dc2626") && document.querySelector("#swatch").value === "#dc2626"`)
	tab.Click("input[value=dark]")
	tab.Wait(inFrame + `?.querySelector("html[data-theme=dark]") != null`)
	tab.Wait(inFrame + `?.querySelector(".brand bdi")?.textContent === "Çınar Kargo"`)
	if l.now().Branding != (model.Branding{}) {
		t.Error("typing has stored something")
	}
}

func TestThePreviewWorksWithoutAScript(t *testing.T) {
	l := newSettingsLab(t)
	tab := l.browser("admin@example.org")
	tab.NoScript(true)
	tab.Open(l.url + l.at("/settings/branding"))
	tab.Type("#f-branding-tagline", "Typed by hand")
	tab.Click("button[value=preview]")
	tab.Wait(inFrame + `?.querySelector(".tagline")?.textContent === "Typed by hand" && document.querySelector("#f-branding-tagline").value === "Typed by hand"`)
	tab.Open(l.url + l.at("/settings"))
	tab.Type("#f-slug", "new-app")
	tab.Click("main button[type=submit]")
	tab.Wait(`document.querySelector("#f-linksBreak")?.checkVisibility()`)
	tab.Click("#f-linksBreak")
	tab.Click("main button[type=submit]")
	tab.Wait(`document.querySelector(".toast") !== null && document.querySelector("#f-slug").value === "new-app"`)
}

func TestAChangedAddressIsWarnedOfWhileItIsTyped(t *testing.T) {
	l := newSettingsLab(t)
	tab := l.browser("admin@example.org")
	tab.Open(l.url + l.at("/settings"))
	tab.Type("#f-slug", "other")
	tab.Wait(`document.querySelector("#f-linksBreak").checkVisibility() && document.querySelectorAll("#zones option").length > 100`)
	tab.Type("#f-slug", "my-app")
	tab.Wait(`!document.querySelector("#f-linksBreak").checkVisibility()`)
}

// TestSettingsSuitEverybody looks at every screen of the tab: small, both languages, both themes. STATUSD_SCREENS pictures them.
func TestSettingsSuitEverybody(t *testing.T) {
	l := newSettingsLab(t)
	l.member("viewer@example.org", model.Viewer)
	l.speak("viewer@example.org", "tr")
	l.admin.wants(l.admin.post(l.at("/settings/branding"), "branding.tagline", "Invoicing for small studios", "branding.primaryColor", "#0f766e",
		"seen", l.seen(l.admin, l.at("/settings/branding"))), 303)
	tab := l.browser("admin@example.org")
	for _, lang := range []string{"en", "tr"} {
		l.speak("admin@example.org", lang)
		for _, screen := range []string{"", "/branding", "/domain", "/audit", "/delete"} {
			l.suits(tab, lang, "admin", screen)
		}
	}
	tab.Cookie(l.url, "statusd", l.token("viewer@example.org"))
	for _, screen := range []string{"", "/branding", "/domain"} {
		l.suits(tab, "tr", "viewer", screen)
	}
}

func (l *settingsLab) suits(tab *browsertest.Tab, lang, who, screen string) {
	l.t.Helper()
	folder := os.Getenv("STATUSD_SCREENS")
	name := who + strings.ReplaceAll("/settings"+screen, "/", "-") + "-" + lang
	tab.As(browsertest.Look{Width: 390, Height: 844, Touch: true, Dark: lang == "tr"})
	tab.Open(l.url + l.at("/settings"+screen))
	if found := tab.Axe(); len(found) > 0 {
		l.t.Errorf("%s: %s", name, strings.Join(found, "\n"))
	}
	if over := tab.Overflow(); over > 0 {
		l.t.Errorf("%s is %d px too wide", name, over)
	}
	if folder != "" {
		tab.Shot(filepath.Join(folder, name+"-phone.png"))
		tab.As(browsertest.Look{Width: 1280, Height: 900, Dark: lang == "en"})
		tab.Open(l.url + l.at("/settings"+screen))
		tab.Wait(`document.readyState === "complete"`)
		tab.Shot(filepath.Join(folder, name+"-wide.png"))
	}
}
