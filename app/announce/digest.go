package announce

import (
	"cmp"
	"errors"
	"html"
	"slices"

	"statusd/app/markdown"
	"statusd/app/typed"
)

// What a digest holds: each incident in a few words, as many as there is room for.
const (
	digestWords = 200
	digestMost  = 18_000 // bytes of HTML, as far as they can be told in advance
	entryFrame  = 600    // bytes of HTML around the words of one
)

var errNothing = errors.New("a digest of nothing")

// digest is a letter about several incidents.
type digest struct {
	head
	Title          string
	Lead           string
	Groups         []group
	More           int
	Link, LinkText string
}

// group are the incidents that have come equally far.
type group struct {
	Word    string
	Entries []entry
}

type entry struct {
	story
	Text string // what people wrote, as words
	URL  string
}

// Digest is the letter that tells of several incidents of one page at once, to one reader. Of what is told of one incident only the
// newest counts; when no second one is left it is Mail.
func (h *Herald) Digest(list []Told) (Letter, error) {
	list = newest(list)
	switch len(list) {
	case 0:
		return Letter{}, errNothing
	case 1:
		return h.Mail(list[0])
	}
	return h.letter(list, func() (Letter, error) { return h.gather(list) })
}

// newest leaves the last event of each incident, in the order in which they came.
func newest(list []Told) []Told {
	list = slices.SortedStableFunc(slices.Values(list), func(a, b Told) int { return cmp.Compare(a.Event.Seq, b.Event.Seq) })
	var out []Told
	for _, t := range list {
		out = slices.DeleteFunc(out, func(o Told) bool {
			return o.Event.Subject == t.Event.Subject && o.Event.Type.Topic() == t.Event.Type.Topic()
		})
		out = append(out, t)
	}
	return out
}

func (h *Herald) gather(list []Told) (Letter, error) {
	entries, err := h.entries(list)
	if err != nil {
		return Letter{}, err
	}
	words := h.words.Words(list[0].Lang)
	title := words.N("mail.digest", len(list))
	page := digest{Title: title, Lead: words.T("mail.digest.lead")}
	if page.head, err = h.headOf(words, list[0], subjectOf(list[0].Page, title), entries[0].Heading()); err != nil {
		return Letter{}, err
	}
	kept := affordable(entries, digestMost, func(e entry) int {
		return entryFrame + len(html.EscapeString(e.Title+e.Text+e.URL))
	})
	page.Groups, page.More = grouped(kept), len(entries)-len(kept)
	page.Link, page.LinkText = list[0].Links.Page, words.T("mail.page")
	l, err := h.mail.write(words.Lang(), "digest", page)
	l.Subject = page.Subject
	return l, err
}

// entries are the events in few words, first what needs attention.
func (h *Herald) entries(list []Told) ([]entry, error) {
	entries := make([]entry, 0, len(list))
	for _, t := range list {
		s, err := h.story(t)
		if err != nil {
			return nil, err
		}
		entries = append(entries, entry{s, shortened(typed.Name(markdown.Plain(s.Markdown)), digestWords), cmp.Or(t.Links.Subject, t.Links.Page)})
	}
	slices.SortStableFunc(entries, func(a, b entry) int { return cmp.Compare(a.rank, b.rank) })
	return entries, nil
}

// affordable are as many entries from the first on as there is room for; the first always is.
func affordable(entries []entry, most int, size func(entry) int) []entry {
	room := most
	for i, e := range entries {
		if room -= size(e); room < 0 {
			return entries[:max(1, i)]
		}
	}
	return entries
}

func grouped(entries []entry) (groups []group) {
	for _, e := range entries {
		if len(groups) == 0 || groups[len(groups)-1].Word != e.Word {
			groups = append(groups, group{Word: e.Word})
		}
		last := &groups[len(groups)-1]
		last.Entries = append(last.Entries, e)
	}
	return groups
}
