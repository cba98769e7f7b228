package public_test

import (
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"statusd/app/web/browsertest"
	"statusd/app/web/view"
)

// looks are the ways in which every screen is looked at.
var looks = map[string]browsertest.Look{
	"wide-light":  {Width: 1280, Height: 900},
	"wide-dark":   {Width: 1280, Height: 900, Dark: true},
	"phone-light": {Width: 390, Height: 844, Touch: true},
	"phone-dark":  {Width: 390, Height: 844, Touch: true, Dark: true},
}

// beside are the screens beside the page.
var beside = map[string]string{
	"incident-open": "/p/outage/incidents/" + failing18May().ID.String(), "incident-over": "/p/outage/incidents/" + unreachable().ID.String(),
	"incident-formatted": "/p/formatted/incidents/0000001k", "incident-gone": "/p/outage/incidents/00000000", "history": "/p/outage/history",
	"history-calm": "/p/calm/history",
}

var widget = browsertest.Look{Width: 320, Height: 80}

// stopClock makes the page believe that it is the moment of the examples.
var stopClock = fmt.Sprintf(`Date.now = () => %d`, now.UnixMilli())

// openAll opens what can be opened and points at a bad day.
const openAll = `
	document.querySelectorAll("details").forEach((d) => { d.open = true });
	document.querySelector(".days")?.focus();`

// TestScreens pictures every example for people to look at: STATUSD_SCREENS is the folder.
func TestScreens(t *testing.T) {
	folder := os.Getenv("STATUSD_SCREENS")
	if folder == "" {
		t.Skip("STATUSD_SCREENS is not set")
	}
	server := httptest.NewServer(newSite(t, examples(), view.Place{}))
	defer server.Close()
	tab := browsertest.New(t)
	tab.Watch(stopClock)
	for name, look := range looks {
		for _, lang := range []string{"en", "tr"} {
			for slug := range examples() {
				shoot(tab, look, server.URL+"/p/"+slug+"?lang="+lang, folder, "page-"+slug, lang, name)
				if slug == "outage" {
					browsertest.Eval[bool](tab, openAll+`true`)
					tab.Shot(filepath.Join(folder, fmt.Sprintf("opened-%s-%s.png", lang, name)))
				}
				narrow := widget
				narrow.Dark = look.Dark
				shoot(tab, narrow, server.URL+"/p/"+slug+"/embed?lang="+lang, folder, "embed-"+slug, lang, name)
				shoot(tab, look, server.URL+"/p/"+slug+"/badge.svg?lang="+lang, folder, "badge-"+slug, lang, name)
			}
			shoot(tab, look, server.URL+"/p/unknown?lang="+lang, folder, "not-found", lang, name)
			for screen, path := range beside {
				shoot(tab, look, server.URL+path+"?lang="+lang, folder, screen, lang, name)
			}
		}
	}
}

func shoot(tab *browsertest.Tab, look browsertest.Look, url, folder, screen, lang, name string) {
	tab.As(look)
	tab.Open(url)
	tab.Shot(filepath.Join(folder, fmt.Sprintf("%s-%s-%s.png", screen, lang, name)))
}

// halved leaves half of the looks of a screen out, so that each width, theme and language is still seen with each other; where pictures
// are taken, nothing is left out.
func halved(look, lang string) bool {
	narrow, dark := strings.HasPrefix(look, "phone"), strings.HasSuffix(look, "dark")
	return os.Getenv("STATUSD_SCREENS") == "" && (narrow == dark) == (lang == "tr")
}
