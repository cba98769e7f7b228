package dashboard

import (
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"statusd/app/model"
	"statusd/app/status"
	"statusd/app/web/view"
)

func (s *Site) registerWorkspace(e *echo.Echo) {
	s.screen(e, "/d/w/:ws", s.inWorkspace(s.pages))
	s.screen(e, "/d/w/:ws/new", s.inWorkspace(s.newPage))
	s.act(e, "/d/w/:ws/new", s.inWorkspace(s.createPage))
	s.screen(e, "/d/w/:ws/p/:page/start", s.editing(s.start))
	s.act(e, "/d/w/:ws/p/:page/start", s.editing(s.createService))
	s.screen(e, "/d/w/:ws/p/:page/ready", s.onPage(s.ready))
}

// pageList is the pages of a workspace.
type pageList struct {
	frame
	May  bool // the person may make one
	New  string
	Rows []pageRow
}

type pageRow struct {
	Name, URL, Address, Public string
	Components                 string
	Status                     status.Status
}

// most is how many rows a list reads at once; there are as many pages of a list as needed.
const most = 200

func (s *Site) pages(v *visit) error {
	ctx := v.c.Request().Context()
	list, err := s.App.Pages(ctx, v.actor, model.Window{Limit: most})
	if err != nil {
		return err
	}
	if len(list.Items) == 0 && v.actor.May(model.Editor) && v.c.QueryParam("done") == "" {
		return v.goTo(s.paths.Workspace(v.workspace.ID, "/new"), "")
	}
	page := pageList{frame: s.workspaceFrame(v, "pages", v.t("pages.title")), May: v.actor.May(model.Editor), New: s.paths.Workspace(v.workspace.ID, "/new")}
	for _, p := range list.Items {
		components, err := s.App.Components(ctx, v.actor, p.ID, model.Window{Limit: most})
		if err != nil {
			return err
		}
		row := pageRow{
			Name: p.Name, URL: s.paths.Manage(p, ""), Address: s.paths.Page(p.Slug), Public: s.paths.Page(p.Slug),
			Components: v.n("pages.components", len(components.Items)), Status: s.App.PageStatus(p.ID),
		}
		if p.CustomDomain != "" {
			row.Address = p.CustomDomain
		}
		page.Rows = append(page.Rows, row)
	}
	return v.show("dashboard/pages/pages.html", page)
}

// step is one of the three of a page's first minute.
type step struct {
	frame
	Form        *form
	Title, Text string
	Step        string
	Action      string
	Fields      []view.Field
	Test        bool // a probe can be tried before saving
	Trial       *trial
	Skip        string // URL that goes on without
	Submit      string
}

func (s *Site) newPage(v *visit) error {
	if !v.actor.May(model.Editor) {
		return model.ErrForbidden
	}
	return s.newPageForm(v, v.filled(url.Values{}))
}

func (s *Site) newPageForm(v *visit, f *form) error {
	name := f.field("name", "field.page.name", "field.page.name.help")
	name.Focus, name.MaxLength = f.ok(), 80
	slug := f.optional(f.field("slug", "field.slug", "field.slug.help"))
	slug.Prefix, slug.Mono, slug.MaxLength = strings.TrimSuffix(s.paths.Page("x"), "x"), true, 63
	return v.render(f.code(), "dashboard/pages/step.html", step{
		frame: s.frame(v, v.t("new.title")), Form: f, Title: v.t("new.title"), Text: v.t("new.text"), Step: v.t("new.step", "N", 1),
		Action: s.paths.Workspace(v.workspace.ID, "/new"), Fields: []view.Field{name, slug}, Submit: v.t("new.submit"),
	})
}

func (s *Site) createPage(v *visit) error {
	f, err := v.posted()
	if err != nil {
		return err
	}
	page, err := s.App.CreatePage(v.c.Request().Context(), v.actor, func(p *model.Page) error {
		p.Name, p.Slug = f.get("name"), f.get("slug")
		if p.Slug == "" {
			p.Slug = slugOf(p.Name)
			f.values.Set("slug", p.Slug) // what was made of the name is shown if it is refused
		}
		return nil
	})
	if f.refuse(err) {
		return s.newPageForm(v, f)
	}
	if err != nil {
		return err
	}
	return v.goTo(s.paths.Manage(page, "/start"), "")
}

// start asks for the first component and its first check in one form.
func (s *Site) start(v *visit) error {
	return s.startForm(v, v.filled(url.Values{"url": {"https://"}}), nil)
}

func (s *Site) startForm(v *visit, f *form, tried *trial) error {
	name := f.field("component", "field.component.name", "field.component.name.help")
	name.Focus, name.MaxLength = f.ok() && tried == nil, 80
	address := f.field("url", "field.url", "field.url.first")
	address.Type, address.Mono, address.InputMode = "text", true, "url"
	return v.render(f.code(), "dashboard/pages/step.html", step{
		frame: s.frame(v, v.t("start.title")), Form: f, Title: v.t("start.title"), Text: v.t("start.text"), Step: v.t("new.step", "N", 2),
		Action: s.paths.Manage(v.page, "/start"), Fields: []view.Field{name, address}, Test: true, Trial: tried,
		Skip: s.paths.Manage(v.page, ""), Submit: v.t("start.submit"),
	})
}

// createService tries the check or makes component and check, as the button says.
func (s *Site) createService(v *visit) error {
	f, err := v.posted()
	if err != nil {
		return err
	}
	ctx := v.c.Request().Context()
	fill := func(c *model.Check) error {
		c.URL, c.Name = f.get("url"), hostOf(f.get("url"))
		return nil
	}
	if f.raw("do") == "test" {
		result, err := s.App.TryCheck(ctx, v.actor, 0, fill)
		if f.refuse(err) {
			return s.startForm(v, f, nil)
		}
		if err != nil {
			return err
		}
		return s.startForm(v, f, v.trial(result))
	}
	_, _, err = s.App.CreateService(ctx, v.actor, v.page.ID, func(c *model.Component) error {
		c.Name = f.get("component")
		return nil
	}, fill)
	if f.refuse(renamed(err, "name", "component")) {
		return s.startForm(v, f, nil)
	}
	if err != nil {
		return err
	}
	return v.goTo(s.paths.Manage(v.page, "/ready"), "")
}

// hostOf names a check that nobody named: by the host it asks.
func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return "HTTP"
	}
	return u.Host[:min(len(u.Host), 80)]
}

// slugOf makes an address of a name: lower case ASCII, dashes between words. "" when nothing is left, which the form then asks for.
func slugOf(name string) string {
	return strings.Trim(slugDashes.ReplaceAllString(strings.ToLower(toASCII(name)), "-"), "-")
}

// readyPage is the end of the first minute: the live page, and how to show it elsewhere.
type readyPage struct {
	frame
	Live, Preview string // URLs
	Embed         snippet
	Next          string
}

func (s *Site) ready(v *visit) error {
	return v.show("dashboard/pages/ready.html", readyPage{
		frame: s.frame(v, v.t("ready.title")), Live: s.paths.Page(v.page.Slug), Preview: s.paths.Manage(v.page, "/preview"), Embed: s.embedSnippet(v), Next: s.paths.Manage(v.page, ""),
	})
}
