package dashboard_test

import (
	"cmp"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"statusd/app"
	"statusd/app/demo"
	"statusd/app/model"
	"statusd/app/web/browsertest"
)

// TestScreens pictures every screen of the demo for people to look at, and tells what axe-core finds on each: STATUSD_SCREENS is the folder.
func TestScreens(t *testing.T) {
	folder := os.Getenv("STATUSD_SCREENS")
	if folder == "" {
		t.Skip("STATUSD_SCREENS is not set")
	}
	target, err := demo.Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { target.Close() })
	var secret string
	l := newLabWith(t, extra{minInterval: demo.MinInterval, before: func(l *lab) {
		var err error
		secret, err = demo.Fill(t.Context(), app.Config{Store: l.store, MinInterval: demo.MinInterval, Languages: []string{"en", "tr"}}, target.URL(), time.Now())
		l.must(err)
	}})
	t.Run("setup", func(t *testing.T) {
		setup := newLab(t)
		token, err := setup.app.SetupToken(t.Context())
		setup.must(err)
		portray(t, func() *browsertest.Tab { return setup.browser("") }, setup.url, folder, map[string]string{"setup": "/setup?token=" + token})
	})
	portray(t, func() *browsertest.Tab { return l.browser("") }, l.url, folder, map[string]string{"login": "/login"})

	session := l.tokenWith(demo.Email, secret)
	portray(t, func() *browsertest.Tab {
		tab := browsertest.New(t)
		tab.Cookie(l.url, "statusd", session)
		return tab
	}, l.url, folder, l.screens())
}

// TestScreensOfRestarts pictures what restart targets of each type, and logs with everything in them, look like: the demo has neither.
func TestScreensOfRestarts(t *testing.T) {
	folder := os.Getenv("STATUSD_SCREENS")
	if folder == "" {
		t.Skip("STATUSD_SCREENS is not set")
	}
	st := newStageWith(t, extra{minInterval: time.Second, grace: -1}, "API", "Web app")
	none := st.ownerOf("Other")
	empty := st.pageIn("Other", "other", "API")
	opened, _ := st.news(st.by, st.page.ID, model.Text{"en": "API is down", "tr": "Kesinti: API"}, model.Text{"en": "We look into it.", "tr": "İnceliyoruz."})
	http, ssh, coolify := st.rescued(st.by, st.checks[0], opened.ID)
	st.givesUp(st.checks[1], http)
	_, err := st.app.AddUser(t.Context(), app.NewUser{Email: "both@example.org", Password: password, Role: model.Owner, Workspace: "Other"})
	st.must(err)
	of := func(id model.RestartTargetID, rest string) string { return st.targetPath(id, rest) }
	all := map[string]string{
		"targets": st.path("/restart-targets"), "new": st.path("/restart-targets/new"), "new-http": st.path("/restart-targets/new?type=http"),
		"new-ssh": st.path("/restart-targets/new?type=ssh"), "new-coolify": st.path("/restart-targets/new?type=coolify"),
		"http": of(http.ID, ""), "ssh": of(ssh.ID, ""), "coolify": of(coolify.ID, ""), "http-edit": of(http.ID, "/edit"), "ssh-edit": of(ssh.ID, "/edit"),
		"fire": of(http.ID, "/fire"), "check": st.checkPath(0, ""), "check-edit": st.checkPath(0, "/edit"), "check-down": st.checkPath(1, ""),
		"incident": st.path("/incidents/" + opened.ID.String()), "overview": st.path(""),
	}
	portray(t, func() *browsertest.Tab { return st.browser("editor@example.org") }, st.url, folder, prefixed("restart-", all))
	portray(t, func() *browsertest.Tab { return st.browser("both@example.org") }, st.url, folder,
		map[string]string{"restart-none": "/d/w/" + none.Workspace.String() + "/p/" + empty.ID.String() + "/restart-targets"})
}

func prefixed(prefix string, screens map[string]string) map[string]string {
	out := map[string]string{}
	for name, path := range screens {
		out[prefix+name] = path
	}
	return out
}

// screens are the addresses of all screens, by name.
func (l *lab) screens() map[string]string {
	l.t.Helper()
	workspaces, err := l.app.Workspaces(l.t.Context())
	l.must(err)
	pages, err := l.app.Pages(l.t.Context(), l.ownerOfID(workspaces[0].ID), model.Window{Limit: 1})
	l.must(err)
	ids := l.idsOf(pages.Items[0])
	users, err := l.app.Users(l.t.Context())
	l.must(err)
	ids["user"] = users[0].ID.String()
	out := map[string]string{"missing": "/d/w/" + ids["ws"] + "/nothing"}
	for _, r := range l.routes() {
		if r.Method != http.MethodGet || strings.HasSuffix(r.Path, "/live") || strings.HasSuffix(r.Path, "/jump") || strings.HasSuffix(r.Path, "/reach") || strings.Contains(r.Path, "/preview") {
			continue
		}
		path, err := ids.fill(r.Path)
		l.must(err)
		name := strings.NewReplacer("/w/:ws", "", "/p/:page", "page", ":", "", "/", "-").Replace(strings.TrimPrefix(r.Path, "/d"))
		out[cmp.Or(strings.Trim(name, "-"), "pages")] = path
	}
	return out
}

// portray opens a tab for each way of looking: none lives long enough for all of them.
func portray(t *testing.T, open func() *browsertest.Tab, url, folder string, screens map[string]string) {
	for _, lang := range []string{"en", "tr"} {
		for name, look := range map[string]browsertest.Look{
			"wide-light":  {Width: 1280, Height: 900},
			"phone-light": {Width: 390, Height: 844, Touch: true},
			"wide-dark":   {Width: 1280, Height: 900, Dark: true},
			"phone-dark":  {Width: 390, Height: 844, Dark: true, Touch: true},
		} {
			tab := open()
			tab.Speak(lang, "Europe/Istanbul")
			tab.As(look)
			for screen, path := range screens {
				tab.Open(url + path)
				tab.Shot(filepath.Join(folder, screen+"-"+lang+"-"+name+".png"))
				judge(t, tab, screen+" in "+lang+", "+name)
			}
		}
	}
}
