package announce

import (
	"errors"
	"html"
	"slices"
	"strings"

	"statusd/app/locale"
	"statusd/app/markdown"
	"statusd/app/model"
	"statusd/app/typed"
)

// What goes into a message. Telegram takes 4,096 UTF-16 units without markup, and what it cuts off is the end, where the links are.
const (
	chatBody   = 2_400 // units with markup
	chatDigest = 2_600 // units without
	chatFrame  = 40    // what one of several is taken to need besides its title
)

var errNoWords = errors.New("this herald has no words: it writes no messages")

// Chat is the message that tells of one event, in the HTML of Telegram: b, i, s, code, pre, blockquote and a.
func (h *Herald) Chat(t Told) (string, error) {
	if h.words == nil {
		return "", errNoWords
	}
	s, err := h.story(t)
	if err != nil {
		return "", err
	}
	words := h.words.Words(t.Lang)
	text, cut := fit(s.Markdown, chatBody, markdown.Chat, unitsOf)
	url, label := h.teller(t).link(t)
	if cut {
		label = words.T("mail.all")
	}
	return paragraphs(bold(s.Heading()), text, factLines(s.Facts), ways(words, t.Page, url, label, t.Links)), nil
}

// ChatDigest is the message that tells of several incidents of one page at once, to one reader. See Digest.
func (h *Herald) ChatDigest(list []Told) (string, error) {
	if h.words == nil {
		return "", errNoWords
	}
	list = newest(list)
	switch len(list) {
	case 0:
		return "", errNothing
	case 1:
		return h.Chat(list[0])
	}
	entries, err := h.entries(list)
	if err != nil {
		return "", err
	}
	first, words := list[0], h.words.Words(list[0].Lang)
	kept := affordable(entries, chatDigest, func(e entry) int { return unitsOf(e.Title) + chatFrame })
	parts := []string{bold(words.N("mail.digest", len(list)))}
	for _, g := range grouped(kept) {
		parts = append(parts, g.chat())
	}
	if more := len(entries) - len(kept); more > 0 {
		parts = append(parts, html.EscapeString(words.N("mail.more", more)))
	}
	return paragraphs(append(parts, ways(words, first.Page, first.Links.Page, words.T("mail.page"), first.Links))...), nil
}

// ChatWelcome is what a chat hears first: that it is subscribed, to what, and how that ends.
func (h *Herald) ChatWelcome(page model.Page, lang string, links Links) string {
	if h.words == nil {
		return html.EscapeString(typed.Name(page.Title()))
	}
	words := h.words.Words(lang)
	text := words.T("chat.welcome.text", "Page", typed.InSentence(page.Title()))
	return paragraphs(bold(words.T("chat.welcome")), html.EscapeString(text), ways(words, page, links.Page, words.T("mail.page"), links))
}

func (g group) chat() string {
	lines := []string{bold(g.Word)}
	for _, e := range g.Entries {
		lines = append(lines, "- "+anchor(e.URL, e.Title))
	}
	return strings.Join(lines, "\n")
}

// ways is the last line: whose message it is, where to read on, and how to hear less.
func ways(words *locale.Words, page model.Page, url, label string, links Links) string {
	line := []string{html.EscapeString(typed.InSentence(page.Title()))}
	for _, way := range [][2]string{{url, label}, {links.Preferences, words.T("mail.preferences")}, {links.Unsubscribe, words.T("mail.unsubscribe")}} {
		if way[0] != "" {
			line = append(line, anchor(way[0], way[1]))
		}
	}
	return strings.Join(line, " · ")
}

func factLines(facts []fact) string {
	lines := make([]string, len(facts))
	for i, f := range facts {
		lines[i] = html.EscapeString(f.Label + ": " + f.Value)
	}
	return strings.Join(lines, "\n")
}

func bold(text string) string { return "<b>" + html.EscapeString(text) + "</b>" }

func anchor(url, text string) string {
	if url == "" {
		return html.EscapeString(text)
	}
	return `<a href="` + html.EscapeString(url) + `">` + html.EscapeString(text) + "</a>"
}

// paragraphs sets texts apart; those that say nothing are left out.
func paragraphs(texts ...string) string {
	return strings.Join(slices.DeleteFunc(texts, func(text string) bool { return text == "" }), "\n\n")
}
