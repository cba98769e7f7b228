package public_test

import (
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"statusd/app/web/browsertest"
)

// TestScreens pictures every example for people to look at: STATUSD_SCREENS is the folder.
func TestScreens(t *testing.T) {
	folder := os.Getenv("STATUSD_SCREENS")
	if folder == "" {
		t.Skip("STATUSD_SCREENS is not set")
	}
	server := httptest.NewServer(newSite(t, examples(), ""))
	defer server.Close()
	tab := browsertest.New(t)
	for slug := range examples() {
		for _, lang := range []string{"en", "tr"} {
			for name, look := range looks {
				tab.As(look)
				tab.Open(server.URL + "/p/" + slug + "?lang=" + lang)
				tab.Shot(filepath.Join(folder, fmt.Sprintf("page-%s-%s-%s.png", slug, lang, name)))
			}
		}
	}
}

var looks = map[string]browsertest.Look{
	"wide-light":  {Width: 1280, Height: 900},
	"wide-dark":   {Width: 1280, Height: 900, Dark: true},
	"phone-light": {Width: 390, Height: 844, Touch: true},
	"phone-dark":  {Width: 390, Height: 844, Touch: true, Dark: true},
}
