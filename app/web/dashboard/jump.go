package dashboard

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"statusd/app/model"
	"statusd/app/status"
	"statusd/app/web/view"
)

// The command palette asks here at every key. The answer is a piece of HTML: the options of its list.

// jumpList is what fits what was typed.
type jumpList struct {
	Groups []jumpGroup
	Found  string // how many, in words
}

// jumpGroup is the options of one kind.
type jumpGroup struct {
	ID, Title string
	Options   []jumpOption
}

// jumpOption is one place to go to.
type jumpOption struct {
	ID        string
	Name, URL string
	Note      string // what tells it from others of its name
	Icon      string // of the sprite; "" for the status
	Status    status.Status
	Keys      []string // the shortcut, one key after the other
}

// How many options of a kind are shown: few as long as nothing is typed, so that every kind is in sight.
const fewOptions, manyOptions = 5, 10

func (s *Site) jump(v *visit) error {
	if err := s.jumpFrom(v); err != nil {
		return err
	}
	list := jumper{query: strings.TrimSpace(plain(v.c.QueryParam("q"))), list: &jumpList{}}
	if v.page.ID != 0 {
		if err := s.jumpOnPage(v, &list); err != nil {
			return err
		}
	}
	pages, err := s.jumpPages(v)
	if err != nil {
		return err
	}
	list.add(v.t("pages.title"), pages...)
	list.all(v.t("jump.go"), s.jumpPlaces(v)...)
	list.list.Found = v.n("jump.found", list.count)
	return v.show("dashboard/keys/jump.html", list.list)
}

// jumpFrom finds out where the palette was opened. An id that is not the person's to see is as unknown as in a path.
func (s *Site) jumpFrom(v *visit) error {
	ws, page := v.c.QueryParam("ws"), v.c.QueryParam("page")
	if ws == "" {
		return nil
	}
	var id model.WorkspaceID
	if id.UnmarshalText([]byte(ws)) != nil {
		return model.ErrNotFound
	}
	if err := s.enter(v, id); err != nil || page == "" {
		return err
	}
	var pageID model.PageID
	if pageID.UnmarshalText([]byte(page)) != nil {
		return model.ErrNotFound
	}
	var err error
	v.page, err = s.App.Page(v.c.Request().Context(), v.actor, pageID)
	return err
}

// jumpOnPage offers the screens of the page, what can be made on it, its components and its checks.
func (s *Site) jumpOnPage(v *visit, list *jumper) error {
	var screens []jumpOption
	for _, t := range screensOfPage {
		screens = append(screens, jumpOption{Name: v.t("tab." + t.key), URL: s.paths.Manage(v.page, t.rest), Icon: "chevron", Keys: afterG(t.letter)})
	}
	screens = append(screens, jumpOption{Name: v.t("dashboard.viewPublic"), URL: s.paths.Page(v.page.Slug), Icon: "external"})
	if v.actor.May(model.Editor) {
		screens = append(screens,
			jumpOption{Name: v.t("jump.newComponent"), URL: s.paths.Manage(v.page, "/components/new"), Icon: "plus"},
			jumpOption{Name: v.t("jump.newCheck"), URL: s.paths.Manage(v.page, "/checks/new"), Icon: "plus"},
			jumpOption{Name: v.t("jump.newIncident"), URL: s.paths.Manage(v.page, "/incidents/new"), Icon: "plus"},
			jumpOption{Name: v.t("jump.newMaintenance"), URL: s.paths.Manage(v.page, "/maintenance/new"), Icon: "plus"},
			jumpOption{Name: v.t("binding.new"), URL: s.paths.NewRestartTarget(v.page, ""), Icon: "plus"})
	}
	list.all(view.Name(v.page.Name), screens...)
	list.add(v.t("tab.incidents"), s.jumpIncidents(v)...)
	list.add(v.t("tab.maintenance"), s.jumpWindows(v)...)
	now, err := s.App.PageNow(v.c.Request().Context(), v.actor, v.page.ID)
	if err != nil {
		return err
	}
	var components, checks []jumpOption
	for _, c := range now {
		components = append(components, jumpOption{Name: view.Name(c.Name), Note: view.Name(c.Group), URL: s.paths.Component(v.page, c.ID, ""), Status: c.Status})
		for _, k := range c.Checks {
			checks = append(checks, jumpOption{Name: view.Name(k.Name), Note: view.Name(c.Name), URL: s.paths.Check(v.page, k.ID, ""), Status: k.Status})
		}
	}
	list.add(v.t("tab.components"), components...)
	list.add(v.t("tab.checks"), checks...)
	targets, err := s.jumpTargets(v)
	list.add(v.t("tab.restarts"), targets...)
	return err
}

// jumpTargets are the restart targets, which are the workspace's.
func (s *Site) jumpTargets(v *visit) (out []jumpOption, err error) {
	targets, err := s.restartTargets(v)
	for _, r := range targets {
		out = append(out, jumpOption{Name: view.Name(r.Name), Note: leadsTo(r), URL: s.paths.RestartTarget(v.page, r.ID, ""), Icon: targetPictures[r.Type]})
	}
	return out, err
}

// jumpPages are the pages of all workspaces that the person is in.
func (s *Site) jumpPages(v *visit) (out []jumpOption, err error) {
	ctx := v.c.Request().Context()
	memberships, err := s.App.Memberships(ctx, v.user.ID)
	if err != nil {
		return nil, err
	}
	for _, m := range memberships {
		by := model.Actor{Workspace: m.Workspace.ID, Role: m.Role, Admin: v.user.Admin, User: v.user.ID, Name: v.user.Email}
		pages, err := entire(func(w model.Window) (model.List[model.Page], error) { return s.App.Pages(ctx, by, w) })
		if err != nil {
			return nil, err
		}
		for _, p := range pages {
			option := jumpOption{Name: view.Name(p.Name), URL: s.paths.Manage(p, ""), Status: s.App.PageStatus(p.ID)}
			if len(memberships) > 1 {
				option.Note = view.Name(m.Workspace.Name)
			}
			out = append(out, option)
		}
	}
	return out, nil
}

// jumpPlaces are those that stand in the menu of the account, and the pages of the workspace.
func (s *Site) jumpPlaces(v *visit) (out []jumpOption) {
	if v.workspace.ID != 0 {
		out = append(out, jumpOption{Name: v.t("frame.allPages"), URL: s.paths.Workspace(v.workspace.ID, ""), Icon: "globe", Keys: afterG("p")})
		if v.actor.May(model.Editor) {
			out = append(out, jumpOption{Name: v.t("pages.new"), URL: s.paths.Workspace(v.workspace.ID, "/new"), Icon: "plus"})
		}
	}
	for _, link := range s.account(v).Links {
		out = append(out, jumpOption{Name: link.Name, URL: link.URL, Icon: "chevron"})
	}
	return out
}

// afterG is a shortcut that begins with G.
func afterG(letter string) []string { return []string{"G", strings.ToUpper(letter)} }

// jumper picks what fits.
type jumper struct {
	query string // plain
	list  *jumpList
	count int
}

// add offers a group of which there may be many, all offers one that is as long as it is.
func (j *jumper) add(title string, options ...jumpOption) {
	limit := manyOptions
	if j.query == "" {
		limit = fewOptions
	}
	j.offer(title, limit, options)
}

func (j *jumper) all(title string, options ...jumpOption) { j.offer(title, len(options), options) }

// offer shows the options that fit, the best first.
func (j *jumper) offer(title string, limit int, options []jumpOption) {
	var fit []jumpOption
	for _, o := range options {
		if found(j.query, o.Name, o.Note) {
			fit = append(fit, o)
		}
	}
	slices.SortStableFunc(fit, func(a, b jumpOption) int { return cmp.Compare(distance(j.query, a.Name), distance(j.query, b.Name)) })
	fit = fit[:min(len(fit), limit)]
	if len(fit) == 0 {
		return
	}
	for i := range fit {
		j.count++
		fit[i].ID = "jump-" + strconv.Itoa(j.count)
	}
	j.list.Groups = append(j.list.Groups, jumpGroup{ID: "jump-group-" + strconv.Itoa(len(j.list.Groups)), Title: title, Options: fit})
}

// distance is how far a name is from what was typed: 0 when it begins with it, 1 when a word of it does, 2 otherwise.
func distance(query, name string) int {
	name = plain(name)
	switch {
	case strings.HasPrefix(name, query):
		return 0
	case strings.Contains(name, " "+query):
		return 1
	}
	return 2
}
