package public

import (
	"statusd/app/brand"
	"statusd/app/snapshot"
	"statusd/app/status"
	"statusd/app/web/view"
)

// page is everything on the public page, in words already.
type page struct {
	view.Head
	Meta       meta
	Masthead   masthead
	Verdict    verdict
	Incidents  []incidentCard // open ones
	Running    []banner       // maintenance in progress
	Components *components    // nil: the page has none
	Upcoming   *upcoming      // nil: nothing is planned
	Past       past
	Colophon   colophon
	Theme      string // "light" or "dark" instead of what the visitor's system says; "" but in a preview
	Framed     bool   // links open in another tab
}

type link struct{ Lang, Name, URL string }

type masthead struct {
	Name, Tagline, Initial, URL string
	Logo                        *image // nil: Initial stands in for it
	Away                        bool   // URL is not the page's own
	Subscribe                   string // URL; "" when nobody can
}

// colophon is at the foot of every document: where else to go, in which languages, and in which zone the times are.
type colophon struct {
	History, Atom, RSS, Calendar string // URLs
	Languages                    []link // the other ones
	ZoneKey, Zone                string // the words around the zone, and its name
}

func (s *Site) renderPage(f snapshot.Facts, who reader) (snapshot.Content, error) {
	body, err := s.view.Render(who.lang, "public/page.html", s.newPage(newScene(f, who)))
	return snapshot.Content{Type: view.HTML, Body: body}, err
}

func (s *Site) newPage(scene scene) page {
	v := newVerdict(scene)
	path := scene.paths.Page(scene.Page.Slug)
	return page{
		Head:       s.head(scene, v.Status, v.Sentence, "page"),
		Meta:       s.newMeta(scene, path, scene.pageName()),
		Masthead:   newMasthead(scene),
		Verdict:    v,
		Incidents:  scene.activeCards(),
		Running:    scene.running(),
		Components: newComponents(scene.Facts, scene.words),
		Upcoming:   scene.upcoming(),
		Past:       scene.past(),
		Colophon:   s.newColophon(scene, path),
	}
}

// head is the head of a document whose bundles have the screen's name. The icon shows a status.
func (s *Site) head(scene scene, icon status.Status, title, screen string) view.Head {
	assets := s.view.Assets
	return view.Head{
		Lang:    scene.lang,
		Title:   scene.words.T("page.title", "Verdict", title, "Page", scene.pageName()),
		Icon:    s.view.Icon(scene.paths, icon),
		Styles:  []string{scene.paths.Asset(assets.Name(screen + ".css")), scene.brandURL()},
		Scripts: []string{scene.paths.Asset(assets.Name(screen + ".js"))},
		NoIndex: scene.Page.NoIndex,
	}
}

// pageName is the page's name for the middle of a sentence.
func (s scene) pageName() string { return view.InSentence(s.Page.Title()) }

func (s scene) brandURL() string {
	return s.paths.Brand(s.Page.Slug, brand.New(s.Page.Branding.PrimaryColor))
}

func newMasthead(s scene) masthead {
	m := masthead{
		Name:    view.Name(s.Page.Title()),
		Tagline: view.Name(s.Page.Branding.Tagline),
		Initial: view.Initial(s.Page.Title()),
		URL:     s.Page.Branding.LogoLinkURL,
		Logo:    newImage(s.Facts, s.reader),
		Away:    s.Page.Branding.LogoLinkURL != "",
	}
	if m.URL == "" {
		m.URL = s.paths.Page(s.Page.Slug)
	}
	if s.Page.SubscribersEnabled {
		m.Subscribe = s.paths.Subscribe(s.Page.Slug, s.lang)
	}
	return m
}

// newColophon leads from the document at a path to the same one in other languages.
func (s *Site) newColophon(scene scene, path string) colophon {
	slug, in := scene.Page.Slug, func(path string) string { return scene.paths.In(path, scene.lang) }
	c := colophon{
		History: in(scene.paths.History(slug)), Atom: in(scene.paths.Atom(slug)), RSS: in(scene.paths.RSS(slug)),
		Calendar: in(scene.paths.Calendar(slug)), Zone: scene.zone.String(), ZoneKey: "page.zone",
	}
	// The strips' days are UTC's, wherever the page is at home.
	if c.Zone != "UTC" {
		c.ZoneKey = "page.zoneAndDays"
	}
	for _, lang := range s.locales.Languages() {
		if lang != scene.lang {
			c.Languages = append(c.Languages, link{lang, s.locales.Words(lang).T("language.name"), scene.paths.In(path, lang)})
		}
	}
	return c
}

// Look is how a page is previewed.
type Look struct {
	Lang  string
	Place view.Place
	Brand string // URL of the brand's style sheet, which for a colour that is not stored is not the page's own
	Theme string // "light" or "dark"; "" for the visitor's
}

// Preview renders the page of facts that need not be anybody's yet, for a frame: its links open elsewhere.
func (s *Site) Preview(f snapshot.Facts, look Look) (snapshot.Content, error) {
	p := s.newPage(newScene(f, reader{look.Lang, s.locales.Words(look.Lang), view.Paths{Place: look.Place}}))
	p.Styles[len(p.Styles)-1] = look.Brand
	p.Theme, p.Framed = look.Theme, true
	body, err := s.view.Render(look.Lang, "public/page.html", p)
	return snapshot.Content{Type: view.HTML, Body: body}, err
}
