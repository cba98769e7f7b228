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
	Public    string // URL of the public page
	Tabs      []tab
	Account   account
	Done      string // what the last act did, in words
}

// crumb is a place on the way to the screen.
type crumb struct {
	Name, URL string
	Status    status.Status // of a page
}

// tab is one screen of a page, workspace or the instance.
type tab struct {
	Name, URL string
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
	f.Done = v.done()
	f.Account = s.account(v)
	if v.workspace.ID != 0 {
		f.Workspace = &crumb{Name: v.workspace.Name, URL: s.paths.Workspace(v.workspace.ID, "")}
	}
	if v.page.ID != 0 {
		f.Page = &crumb{Name: v.page.Name, URL: s.paths.Manage(v.page, ""), Status: s.App.PageStatus(v.page.ID)}
		f.Public = s.paths.Page(v.page.Slug)
	}
	return f
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

// pageTabs are the screens of a page. key is the one that is shown: "overview", "components" ...
func (s *Site) pageTabs(v *visit, key string) []tab {
	var tabs []tab
	for _, t := range []struct{ key, rest string }{
		{"overview", ""}, {"components", "/components"}, {"checks", "/checks"}, {"settings", "/settings"},
	} {
		tabs = append(tabs, tab{Name: v.t("tab." + t.key), URL: s.paths.Manage(v.page, t.rest), Current: t.key == key})
	}
	return tabs
}

// pageFrame is the frame of a page's tab.
func (s *Site) pageFrame(v *visit, key, title string) frame {
	f := s.frame(v, title+" · "+v.page.Name)
	f.Tabs = s.pageTabs(v, key)
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
