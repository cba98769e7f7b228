package announce

import (
	"regexp"
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

// blank is a footer that is filled in already, with the links of nobody.
type blank struct {
	once   sync.Once
	letter Letter
	err    error
}

// nobody are links that stand for a reader's.
var nobody = Links{Preferences: "https://preferences.invalid/", Unsubscribe: "https://unsubscribe.invalid/"}

// plainURL is a URL that stands in HTML and text as it is, but for the ampersand.
var plainURL = regexp.MustCompile(`^https?://[A-Za-z0-9.:/?=&_~-]+$`)

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
	if !plainURL.MatchString(links.Preferences) || !plainURL.MatchString(links.Unsubscribe) {
		return write(f.to(links))
	}
	f.blank.once.Do(func() { f.blank.letter, f.blank.err = write(f.to(nobody)) })
	text := strings.NewReplacer(nobody.Preferences, links.Preferences, nobody.Unsubscribe, links.Unsubscribe)
	html := strings.NewReplacer(nobody.Preferences, escaped(links.Preferences), nobody.Unsubscribe, escaped(links.Unsubscribe))
	return Letter{Text: text.Replace(f.blank.letter.Text), HTML: html.Replace(f.blank.letter.HTML)}, f.blank.err
}

func (f footer) to(links Links) footer {
	f.Preferences.URL, f.Unsubscribe.URL = links.Preferences, links.Unsubscribe
	return f
}

func escaped(url string) string { return strings.ReplaceAll(url, "&", "&amp;") }
