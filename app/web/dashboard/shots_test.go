package dashboard_test

import (
	"os"
	"path/filepath"
	"testing"

	"statusd/app/model"
	"statusd/app/web/browsertest"
)

// TestShots pictures the screens for people to look at: SCREENS=folder go test -run TestShots.
func TestShots(t *testing.T) {
	folder := os.Getenv("SCREENS")
	if folder == "" {
		t.Skip("SCREENS is not set")
	}
	l := newLab(t)
	token, err := l.app.SetupToken(t.Context())
	l.must(err)
	out := l.browser("")
	setup := "/setup?token=" + token
	shoot(out, l.url, folder, map[string]string{"setup": setup, "login": "/login"})
	l.member("mara.lind@example.org", model.Owner)
	in := l.browser("mara.lind@example.org")
	p := l.page("harbourline", "API", "Web app", "Database")
	base := "/d/w/" + p.Workspace.String()
	page := base + "/p/" + p.ID.String()
	shoot(in, l.url, folder, map[string]string{"pages": base, "new": base + "/new", "start": page + "/start", "ready": page + "/ready", "overview": page, "missing": page + "/nothing"})
	client := l.as("mara.lind@example.org")
	client.post(base+"/invites", "email", "deniz.kaya@example.org", "role", "editor")
	client.post(base+"/tokens", "name", "deploy script", "role", "editor", "expires", "90")
	people := l.member("jonas.berg@example.org", model.Editor)
	shoot(in, l.url, folder, map[string]string{
		"account": "/d/account", "members": base + "/members", "tokens": base + "/tokens", "workspace": base + "/settings",
		"instance": "/d/instance", "workspaces": "/d/instance/workspaces", "users": "/d/instance/users",
		"user": "/d/instance/users/" + people.ID.String(), "backup": "/d/instance/backup", "about": "/d/instance/about",
	})
}

func shoot(tab *browsertest.Tab, url, folder string, screens map[string]string) {
	for _, lang := range []string{"en", "tr"} {
		tab.Speak(lang, "Europe/Istanbul")
		for name, look := range map[string]browsertest.Look{
			"wide":       {Width: 1280, Height: 900},
			"phone":      {Width: 390, Height: 844, Touch: true},
			"wide-dark":  {Width: 1280, Height: 900, Dark: true},
			"phone-dark": {Width: 390, Height: 844, Dark: true, Touch: true},
		} {
			tab.As(look)
			for screen, path := range screens {
				tab.Open(url + path)
				tab.Shot(filepath.Join(folder, screen+"-"+lang+"-"+name+".png"))
			}
		}
	}
}
