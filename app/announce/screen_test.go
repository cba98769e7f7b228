package announce_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"statusd/app/incident"
	"statusd/app/model"
	"statusd/app/web/browsertest"
)

// rich is a letter with all that Markdown can be, in a colour that needs an outline.
func rich(t *testing.T) string {
	u := exampleUpdate(1, incident.Investigating, 0)
	u.Body = model.Text{"en": "## What happened\n\nThe `orders` queue is ~~full~~ *nearly full*, see https://docs.example/a-very-long-address/that-does-not-fit-on-one-line-of-a-phone/at-all?with=parameters.\n\n" +
		"> Writes fail with error 28.\n\n1. Stop the importer\n2. Wait\n   - for the queue\n   - for the workers\n\n```\nERROR 28: no space left on device, write failed after 4096 bytes of 1048576, giving up now\n```\n\n" +
		"| Queue | Depth |\n|---|---|\n| orders | 120,000 |\n| mails | 12 |\n\n---\n\nNext update by 13:30 UTC."}
	told := toldOfUpdate(t, newHerald(t), u, "en")
	told.Page.Branding.PrimaryColor = "#facc15"
	l, err := newHerald(t).Mail(told)
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "en/rich.txt", l.Text)
	return l.HTML
}

// excused is what cannot be better: mails have no landmarks, and below which heading a person's own come is not ours to say.
var excused = regexp.MustCompile(`^(landmark-one-main|region|heading-order.*class="h") `)

// A mail program is no browser, but what fails here fails there. SHOTS names a folder for pictures.
func TestMailsAreReadableWideAndNarrowLightAndDark(t *testing.T) {
	letters := map[string]string{}
	for _, lang := range []string{"en", "tr"} {
		for name, l := range examples(t, newHerald(t), lang) {
			letters["/"+lang+"/"+name] = l.HTML
		}
	}
	letters["/en/rich"] = rich(t)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		html, ok := letters[r.URL.Path]
		if !ok {
			if r.URL.Path != "/favicon.ico" {
				t.Errorf("a mail asks for %s", r.URL)
			}
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte(html)) // the browser says what is missing
	}))
	defer server.Close()
	tab := browsertest.New(t)
	shots := os.Getenv("SHOTS")
	only := os.Getenv("ONLY")
	for path := range letters {
		if only != "" && path != only {
			continue
		}
		for look, how := range map[string]browsertest.Look{
			"600-light": {Width: 600, Height: 900}, "600-dark": {Width: 600, Height: 900, Dark: true},
			"390-light": {Width: 390, Height: 844, Touch: true}, "390-dark": {Width: 390, Height: 844, Dark: true, Touch: true},
		} {
			tab.As(how)
			tab.Open(server.URL + path)
			for _, violation := range tab.Axe() {
				if !excused.MatchString(violation) {
					t.Errorf("%s, %s: %s", path, look, violation)
				}
			}
			if n := tab.Overflow(); n > 0 {
				t.Errorf("%s, %s: %d px too wide", path, look, n)
			}
			if shots != "" {
				tab.Shot(filepath.Join(shots, strings.ReplaceAll(path[1:], "/", "-")+"-"+look+".png"))
			}
		}
	}
}
