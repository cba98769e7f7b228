package public

import (
	"time"

	"statusd/app/locale"
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
	Components *components // nil: the page has none
	Colophon   colophon
	Theme      string // "light" or "dark" instead of what the visitor's system says; "" but in a preview
	Framed     bool   // links open in another tab
}

// meta is for search engines and link previews. Previews are cached for days, so nothing live is in it.
type meta struct {
	Name, Description, Locale string
	URL                       string // "" when the public URL is unknown
	Alternates                []link
}

type link struct{ Lang, Name, URL string }

type masthead struct {
	Name, Tagline, Initial, URL string
	Logo                        *image // nil: Initial stands in for it
	Away                        bool   // URL is not the page's own
	Subscribe                   string // URL; "" when nobody can
}

type colophon struct {
	Languages []link // the other ones
	Zone      string
}

func (s *Site) renderPage(f snapshot.Facts, who reader) (snapshot.Content, error) {
	body, err := s.view.Render(who.lang, "public/page.html", s.newPage(f, who))
	return snapshot.Content{Type: view.HTML, Body: body}, err
}

func (s *Site) newPage(f snapshot.Facts, who reader) page {
	v := newVerdict(f, who.words)
	return page{
		Head:       s.head(f, who, v, "page"),
		Meta:       s.newMeta(f, who),
		Masthead:   newMasthead(f, who),
		Verdict:    v,
		Components: newComponents(f, who.words),
		Colophon:   s.newColophon(f, who),
	}
}

// head is the head of a document whose bundles have the screen's name.
func (s *Site) head(f snapshot.Facts, who reader, v verdict, screen string) view.Head {
	assets := s.view.Assets
	return view.Head{
		Lang:    who.lang,
		Title:   who.words.T("page.title", "Verdict", v.Sentence, "Page", view.InSentence(f.Page.Title())),
		Icon:    s.view.Icon(who.paths, v.Status),
		Styles:  []string{who.paths.Asset(assets.Name(screen + ".css")), brandOf(f, who)},
		Scripts: []string{who.paths.Asset(assets.Name(screen + ".js"))},
		NoIndex: f.Page.NoIndex,
	}
}

func brandOf(f snapshot.Facts, who reader) string {
	return who.paths.Brand(f.Page.Slug, view.NewBrand(f.Page.Branding.PrimaryColor))
}

func (s *Site) newMeta(f snapshot.Facts, who reader) meta {
	name := view.InSentence(f.Page.Title())
	m := meta{
		Name:        name,
		Description: who.words.T("page.description", "Page", name),
		Locale:      who.words.T("language.og"),
		URL:         who.paths.Absolute(who.paths.Page(f.Page.Slug)),
	}
	if m.URL == "" {
		return m
	}
	for _, lang := range s.locales.Languages() {
		m.Alternates = append(m.Alternates, link{Lang: lang, URL: who.paths.Absolute(who.paths.PageIn(f.Page.Slug, lang))})
	}
	return m
}

func newMasthead(f snapshot.Facts, who reader) masthead {
	m := masthead{
		Name:    view.Name(f.Page.Title()),
		Tagline: view.Name(f.Page.Branding.Tagline),
		Initial: view.Initial(f.Page.Title()),
		URL:     f.Page.Branding.LogoLinkURL,
		Logo:    newImage(f, who),
		Away:    f.Page.Branding.LogoLinkURL != "",
	}
	if m.URL == "" {
		m.URL = who.paths.Page(f.Page.Slug)
	}
	if f.Page.SubscribersEnabled {
		m.Subscribe = who.paths.Subscribe(f.Page.Slug, who.lang)
	}
	return m
}

func (s *Site) newColophon(f snapshot.Facts, who reader) colophon {
	c := colophon{Zone: zoneNote(f, who.words)}
	for _, lang := range s.locales.Languages() {
		if lang != who.lang {
			name := s.locales.Words(lang).T("language.name")
			c.Languages = append(c.Languages, link{lang, name, who.paths.PageIn(f.Page.Slug, lang)})
		}
	}
	return c
}

// zoneNote says in which zone times are. The strips' days are UTC's, wherever the page is at home.
func zoneNote(f snapshot.Facts, words *locale.Words) string {
	zone := zoneOf(f)
	if zone == time.UTC {
		return words.T("page.zone", "Zone", "UTC")
	}
	return words.T("page.zoneAndDays", "Zone", zone)
}

// zoneOf is the page's time zone; UTC when the machine does not know it.
func zoneOf(f snapshot.Facts) *time.Location {
	zone, err := time.LoadLocation(f.Page.TimeZone)
	if err != nil {
		return time.UTC
	}
	return zone
}

// moment is a time as served: absolute. Style is how short the script writes its distance: "long" or "narrow".
type moment struct{ Machine, Text, Style string }

// lastChecked is the newest look at any component.
func lastChecked(f snapshot.Facts) time.Time {
	var newest time.Time
	for _, c := range f.Components {
		if c.LastChecked.After(newest) {
			newest = c.LastChecked
		}
	}
	return newest
}

// byStatus sorts components into their states, each in the page's order.
func byStatus(f snapshot.Facts) map[status.Status][]string {
	names := map[status.Status][]string{}
	for _, c := range f.Components {
		names[c.Status] = append(names[c.Status], view.InSentence(c.Name))
	}
	return names
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
	p := s.newPage(f, reader{look.Lang, s.locales.Words(look.Lang), view.Paths{Place: look.Place}})
	p.Styles[len(p.Styles)-1] = look.Brand
	p.Theme, p.Framed = look.Theme, true
	body, err := s.view.Render(look.Lang, "public/page.html", p)
	return snapshot.Content{Type: view.HTML, Body: body}, err
}
