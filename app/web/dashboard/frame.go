package dashboard

import (
	"strings"
	"unicode/utf8"

	"statusd/app/model"
	"statusd/app/status"
	"statusd/app/web/view"
)

// frame is what stands around a screen.
type frame struct {
	view.Head
	Paths     view.Paths
	Signed    bool // somebody is signed in
	Workspace *crumb
	Page      *crumb
	Switch    []crumb // the pages of the workspace, to go to from a page
	Elsewhere bool    // the person is in other workspaces too
	Jump      string  // URL that answers the command palette
	Public    string  // URL of the public page
	Tabs      []tab
	Account   account
	Done      string // what the last act did, in words
	Troubles  []channelTrouble
}

// crumb is a place on the way to the screen.
type crumb struct {
	Name, URL string
	Status    status.Status // of a page
	Current   bool          // it is where the person is
	Key       string        // after G: the shortcut; "" for none
}

// tab is one screen of a page, workspace or the instance.
type tab struct {
	Name, URL string
	Key       string // after G: the shortcut; "" for none
	Count     string // of what waits there; "" for nothing
	CountOf   string // the same in words
	Current   bool
}

// account is the menu of the person who is signed in.
type account struct {
	Email, Initials string
	Links           []crumb
}

func (s *Site) frame(v *visit, title string) frame {
	f := frame{
		Head: view.Head{
			Lang: v.lang, Title: v.t("dashboard.title", "Screen", title), Icon: s.View.Icon(s.paths, status.NoData), NoIndex: true,
			Styles:  []string{s.paths.Asset(s.View.Assets.Name("dashboard.css"))},
			Scripts: []string{s.paths.Asset(s.View.Assets.Name("dashboard.js"))},
		},
		Paths: s.paths,
	}
	if v.user.ID == 0 {
		return f
	}
	f.Signed = true
	f.Done, f.Troubles = v.done(), s.troubles(v)
	f.Account = s.account(v)
	f.Jump = s.paths.Jump(v.workspace.ID, v.page.ID)
	f.Elsewhere = len(v.user.Roles) > 1
	if v.workspace.ID != 0 {
		f.Workspace = &crumb{Name: v.workspace.Name, URL: s.paths.Workspace(v.workspace.ID, ""), Key: "p"}
	}
	if v.page.ID != 0 {
		f.Page = &crumb{Name: v.page.Name, URL: s.paths.Manage(v.page, ""), Status: s.App.PageStatus(v.page.ID)}
		f.Public = s.paths.Page(v.page.Slug)
		f.Switch = s.switcher(v)
	}
	return f
}

// switchable is how many pages the switcher offers; the list of pages has the others.
const switchable = 12

// switcher is the pages of the workspace. A screen is worth showing without it.
func (s *Site) switcher(v *visit) (out []crumb) {
	list, err := s.App.Pages(v.c.Request().Context(), v.actor, model.Window{Limit: switchable})
	if err != nil {
		s.Log.Warn("page switcher failed", "request", v.requestID(), "err", err)
	}
	for _, p := range list.Items {
		out = append(out, crumb{
			Name: view.Name(p.Name), URL: s.paths.Manage(p, ""), Status: s.App.PageStatus(p.ID), Current: p.ID == v.page.ID,
		})
	}
	return out
}

func (s *Site) account(v *visit) account {
	a := account{Email: v.user.Email, Initials: initials(v.user.Email)}
	add := func(key, url string) { a.Links = append(a.Links, crumb{Name: v.t(key), URL: url}) }
	add("account.title", s.paths.Account(""))
	if v.workspace.ID != 0 && v.actor.May(model.Owner) {
		add("members.title", s.paths.Workspace(v.workspace.ID, "/members"))
		add("tokens.title", s.paths.Workspace(v.workspace.ID, "/tokens"))
		add("place.title", s.paths.Workspace(v.workspace.ID, "/settings"))
	}
	if v.user.Admin {
		add("instance.title", s.paths.Instance(""))
	}
	return a
}

// initials are what stands in the round thing: "mara.lind@..." is ML.
func initials(email string) string {
	name, _, _ := strings.Cut(email, "@")
	out := ""
	for part := range strings.FieldsFuncSeq(name, func(r rune) bool { return strings.ContainsRune(".-_+", r) }) {
		r, _ := utf8.DecodeRuneInString(part)
		out += string(r)
		if utf8.RuneCountInString(out) == 2 {
			break
		}
	}
	return strings.ToUpper(out)
}

// screensOfPage are its tabs: key of the name, end of the path, letter of the shortcut.
var screensOfPage = []struct{ key, rest, letter string }{
	{"overview", "", "o"}, {"components", "/components", "c"}, {"checks", "/checks", "k"}, {"incidents", "/incidents", "i"},
	{"maintenance", "/maintenance", "m"}, {"restarts", "/restart-targets", "r"}, {"subscribers", "/subscribers", "b"}, {"settings", "/settings", "s"},
}

// pageTabs are the screens of a page. key is the one that is shown: "overview", "components" ...
func (s *Site) pageTabs(v *visit, key string) []tab {
	var tabs []tab
	for _, t := range screensOfPage {
		one := tab{Name: v.t("tab." + t.key), URL: s.paths.Manage(v.page, t.rest), Key: t.letter, Current: t.key == key}
		if n := len(s.news(v).Active); t.key == "incidents" && n > 0 {
			one.Count, one.CountOf = v.words.Number(n), v.n("tab.incidents.open", n)
		}
		tabs = append(tabs, one)
	}
	return tabs
}

// pageFrame is the frame of a page's tab.
func (s *Site) pageFrame(v *visit, key, title string) frame {
	f := s.frame(v, title+" · "+v.page.Name)
	f.Tabs = s.pageTabs(v, key)
	return f
}

// workspaceFrame is the frame of a screen of a workspace. key is the one that is shown: "pages", "members", "tokens", "audit", "settings".
// Only owners see more than the pages, so only they have tabs.
func (s *Site) workspaceFrame(v *visit, key, title string) frame {
	f := s.frame(v, title+" · "+v.workspace.Name)
	if !v.actor.May(model.Owner) {
		return f
	}
	for _, t := range []struct{ key, name, rest string }{
		{"pages", "pages.title", ""}, {"members", "members.title", "/members"},
		{"tokens", "tokens.title", "/tokens"}, {"audit", "settings.audit", "/audit"}, {"settings", "tab.settings", "/settings"},
	} {
		f.Tabs = append(f.Tabs, tab{Name: v.t(t.name), URL: s.paths.Workspace(v.workspace.ID, t.rest), Current: t.key == key})
	}
	return f
}

// instanceFrame is the frame of a screen of the instance. key is the one that is shown: "general", "workspaces" ...
func (s *Site) instanceFrame(v *visit, key, title string) frame {
	f := s.frame(v, title+" · "+v.t("instance.title"))
	f.Workspace = &crumb{Name: v.t("instance.title"), URL: s.paths.Instance("")}
	for _, t := range []struct{ key, name, rest string }{
		{"general", "instance.general", ""}, {"mail", "mailserver.title", "/mail"}, {"workspaces", "workspaces.title", "/workspaces"}, {"users", "users.title", "/users"},
		{"backup", "backup.title", "/backup"}, {"about", "about.title", "/about"},
	} {
		f.Tabs = append(f.Tabs, tab{Name: v.t(t.name), URL: s.paths.Instance(t.rest), Current: t.key == key})
	}
	return f
}

// done words what the last act did. Only keys of the locale files count: the parameter is part of an address that anybody can make.
func (v *visit) done() string {
	key := v.c.QueryParam("done")
	if key == "" || strings.Trim(key, "abcdefghijklmnopqrstuvwxyz-") != "" || !v.site.Locales.Has("done."+key) {
		return ""
	}
	return v.t("done." + key)
}
