package public

// meta is for search engines, feed readers and link previews. Previews are cached for days, so nothing live is in it.
type meta struct {
	Title, Site, Description, Locale string
	URL                              string // "" when the public URL is unknown
	Image                            string // URL of a picture that previews can show; "" for none
	Article                          *published
	Alternates                       []link
	Feeds                            []feedLink
}

// published is when an article was, and when there was last something new in it.
type published struct{ At, Modified string }

// feedLink lets browsers and feed readers find a feed.
type feedLink struct{ Type, Title, URL string }

// What link previews have room for, in characters.
const previewTitle, previewText = 60, 200

// newMeta describes the document at a path.
func (s *Site) newMeta(scene scene, path, title string) meta {
	name, slug := scene.pageName(), scene.Page.Slug
	m := meta{
		Title:       title,
		Site:        name,
		Description: scene.words.T("page.description", "Page", name),
		Locale:      scene.words.T("language.og"),
		URL:         scene.paths.Absolute(path),
		Image:       scene.previewImage(),
	}
	for _, feed := range []feedLink{{atomType, "Atom", scene.paths.Atom(slug)}, {rssType, "RSS", scene.paths.RSS(slug)}} {
		feed.Title = scene.words.T("feed.title", "Page", name) + " (" + feed.Title + ")"
		feed.URL = scene.paths.In(feed.URL, scene.lang)
		m.Feeds = append(m.Feeds, feed)
	}
	if m.URL == "" {
		return m
	}
	for _, lang := range s.locales.Languages() {
		m.Alternates = append(m.Alternates, link{Lang: lang, URL: scene.paths.Absolute(scene.paths.In(path, lang))})
	}
	return m
}

// previewImage is the page's logo, if it is of a kind that previews can show. They need a whole URL.
func (s scene) previewImage() string {
	if s.Logo.Hash == "" || s.Logo.Type != "image/png" && s.Logo.Type != "image/jpeg" {
		return ""
	}
	return s.paths.Absolute(s.paths.Logo(s.Page.Slug, s.Logo))
}
