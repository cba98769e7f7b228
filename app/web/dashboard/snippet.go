package dashboard

import (
	"strings"

	"statusd/app/web/view"
)

// snippet is code to copy.
type snippet struct {
	Language, Label, Code string
	Frame                 string // URL of what it shows
}

// once is a secret that is shown this one time: it is in the answer to the POST that made it, and nowhere else.
type once struct {
	Title, Text string
	Secret      snippet
	More        *snippet
	Done        string // URL of "I have stored it"
}

// embedSnippet is the widget's HTML. Its address is absolute, because it is pasted elsewhere.
func (s *Site) embedSnippet(v *visit) snippet {
	address := s.paths.Embed(v.page.Slug)
	return snippet{
		Language: "HTML", Label: v.t("embed.code"), Frame: address,
		Code: "<iframe\n  src=\"" + s.absolute(v, address) + "\"\n  width=\"320\" height=\"80\"\n  style=\"border:0\" loading=\"lazy\"></iframe>",
	}
}

// badgeSnippet is the badge for a readme.
func (s *Site) badgeSnippet(v *visit) snippet {
	return snippet{
		Language: "Markdown", Label: v.t("badge.code"),
		Code: "[![" + escapeMarkdown.Replace(view.Name(v.page.Title())) + "](" + s.absolute(v, s.paths.Badge(v.page.Slug)) + ")](" +
			s.absolute(v, s.paths.Page(v.page.Slug)) + ")",
	}
}

// escapeMarkdown keeps a name within the brackets that it stands in, and from being markup.
var escapeMarkdown = strings.NewReplacer(`\`, `\\`, `[`, `\[`, `]`, `\]`, "`", "\\`", `*`, `\*`, `_`, `\_`, `<`, `\<`, `!`, `\!`, `&`, `\&`)

// baseURL is the public URL, or while nobody has said it where the visitor is: good for what is copied elsewhere.
func (s *Site) baseURL(v *visit) string {
	if known := s.App.BaseURL(); known != "" {
		return known
	}
	scheme := "http"
	if s.Secure(v.c.Request()) {
		scheme = "https"
	}
	return scheme + "://" + v.c.Request().Host + s.Place.BasePath
}

// absolute makes a path of ours a URL that works elsewhere.
func (s *Site) absolute(v *visit, path string) string {
	place := s.Place
	place.BaseURL = s.baseURL(v)
	return view.Paths{Place: place}.Absolute(path)
}
