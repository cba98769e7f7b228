package announce

import (
	"strings"
	"sync"

	"statusd/app/locale"
	"statusd/app/model"
	"statusd/app/typed"
)

// footer is why somebody gets a letter and how that ends. It differs from reader to reader by its links alone.
type footer struct {
	Look                     *look
	Why                      string
	Preferences, Unsubscribe way

	blank *blank
}

// way leads somewhere; without a URL it is none.
type way struct{ URL, Text string }

// blank is a footer that is filled in already, cut where a reader's links go.
type blank struct {
	once       sync.Once
	text, html []string
	err        error
}

// nobody are links that stand for a reader's.
var nobody = Links{Preferences: "https://preferences.invalid/", Unsubscribe: "https://unsubscribe.invalid/"}

func (h *Herald) footer(page model.Page, words *locale.Words) (footer, error) {
	look, err := h.mail.look(page.Branding.PrimaryColor)
	return footer{
		Look: look, Why: words.T("mail.why", "Page", typed.InSentence(page.Title())),
		Preferences: way{Text: words.T("mail.preferences")}, Unsubscribe: way{Text: words.T("mail.unsubscribe")}, blank: &blank{},
	}, err
}

// sign writes a reader's footer. A template costs as much as all else that is done for one reader, so it is filled in once, and the links
// are put in where that is safe.
func (f footer) sign(links Links, write func(footer) (Letter, error)) (Letter, error) {
	if !plain(links.Preferences) || !plain(links.Unsubscribe) {
		return write(f.to(links))
	}
	b := f.blank
	b.once.Do(func() {
		l, err := write(f.to(nobody))
		b.text, b.html, b.err = cut(l.Text), cut(l.HTML), err
	})
	return Letter{
		Text: joined(b.text, links), HTML: joined(b.html, Links{Preferences: escaped(links.Preferences), Unsubscribe: escaped(links.Unsubscribe)}),
	}, b.err
}

// cut cuts a text before and behind the links of nobody.
func cut(text string) (pieces []string) {
	for text != "" {
		at, link := len(text), ""
		for _, l := range []string{nobody.Preferences, nobody.Unsubscribe} {
			if i := strings.Index(text, l); i >= 0 && i < at {
				at, link = i, l
			}
		}
		pieces = append(pieces, text[:at], link)
		text = text[at+len(link):]
	}
	return pieces
}

// joined puts pieces together, with a reader's links.
func joined(pieces []string, links Links) string {
	var out strings.Builder
	out.Grow(1024)
	for _, p := range pieces {
		switch p {
		case nobody.Preferences:
			p = links.Preferences
		case nobody.Unsubscribe:
			p = links.Unsubscribe
		}
		out.WriteString(p)
	}
	return out.String()
}

func (f footer) to(links Links) footer {
	f.Preferences.URL, f.Unsubscribe.URL = links.Preferences, links.Unsubscribe
	return f
}

// plain says that a URL stands in HTML and text as it is, but for the ampersand.
func plain(url string) bool {
	rest, ok := strings.CutPrefix(url, "https://")
	if !ok {
		rest, ok = strings.CutPrefix(url, "http://")
	}
	return ok && rest != "" && strings.IndexFunc(rest, notPlain) < 0
}

func notPlain(r rune) bool {
	return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune(".:/?=&_~-", r)
}

func escaped(url string) string { return strings.ReplaceAll(url, "&", "&amp;") }
