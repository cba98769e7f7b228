package announce

import (
	"errors"
	"fmt"
	"html/template"

	"statusd/app/locale"
	"statusd/app/markdown"
	"statusd/app/model"
	"statusd/app/typed"
)

// Letter is a mail: the same words as plain text and as HTML.
type Letter struct {
	Subject, Text, HTML string

	// How many bytes at the beginning of each part all readers get alike: what is their own comes below.
	SharedText, SharedHTML int
}

// What a letter may weigh, in bytes of HTML. With everything around it a letter stays below 30 KB, and far from the 102 KB at which
// Gmail hides the end, where the way out is.
const (
	bodyMost    = 12_000
	earlierMost = 1_400
	earlierList = 4
)

// Mail is the letter that tells of one event. Its subject is the same for all that is told of one incident or window.
func (h *Herald) Mail(t Told) (Letter, error) {
	return h.letter([]Told{t}, func() (Letter, error) { return h.tell(t) })
}

// letter is a draft, which all readers of one language share, with what is each reader's own below it.
func (h *Herald) letter(list []Told, write func() (Letter, error)) (Letter, error) {
	if h.mail == nil {
		return Letter{}, errNoStationery
	}
	first, lang := list[0], h.words.Words(list[0].Lang).Lang()
	l, end, err := h.mail.drafts.of(list, func() (Letter, footer, error) {
		l, err1 := write()
		end, err2 := h.footer(first.Page, h.words.Words(first.Lang))
		return l, end, errors.Join(err1, err2)
	})
	if err != nil {
		return l, err
	}
	signed, err := end.sign(first.Links, func(end footer) (Letter, error) { return h.mail.write(lang, "footer", end) })
	text := l.Text + "\n-- \n"
	return Letter{l.Subject, text + signed.Text, l.HTML + signed.HTML, len(text), len(l.HTML)}, err
}

// told is a letter about one event.
type told struct {
	head
	story
	Body           body
	Link, LinkText string
	Earlier        []earlier
	EarlierMore    int
}

// body is what people wrote, for one of the two parts.
type body struct {
	HTML template.HTML
	Text string
	Cut  bool
}

type earlier struct {
	Word, Moment string
	Body         body
}

func (h *Herald) tell(t Told) (Letter, error) {
	s, err := h.story(t)
	if err != nil {
		return Letter{}, err
	}
	subject := subjectOf(t.Page, s.Title)
	page := told{story: s}
	r := h.teller(t)
	if page.head, err = h.headOf(r.words, t, subject, s.Heading()+". "+typed.Name(markdown.Plain(s.Markdown))); err != nil {
		return Letter{}, err
	}
	if page.Body, err = page.Look.body(s.Markdown, bodyMost); err != nil {
		return Letter{}, err
	}
	if page.Earlier, err = r.earlier(page.Look, t.Earlier); err != nil {
		return Letter{}, err
	}
	page.EarlierMore = len(t.Earlier) - len(page.Earlier)
	page.Link, page.LinkText = r.link(t)
	l, err := h.mail.write(r.words.Lang(), "told", page)
	l.Subject = page.Subject
	return l, err
}

// subjectOf is the subject of all that is told of one thing.
func subjectOf(p model.Page, title string) string { return "[" + typed.Name(p.Title()) + "] " + title }

// previewMost is what a mailbox shows beside a subject, at most.
const previewMost = 140

func (h *Herald) headOf(words *locale.Words, t Told, subject, preview string) (head, error) {
	out, err := h.mail.head(words, t.Page.Title(), t.Page.Branding.PrimaryColor, subject)
	out.Home, out.Preview = t.Links.Page, shortened(preview, previewMost)
	return out, err
}

// body dresses what people wrote, and cuts it where the HTML would get too big. Both parts say the same.
func (l *look) body(text string, most int) (b body, err error) {
	kept := text
	_, b.Cut = fit(text, most, func(part string) string {
		kept = part
		dressed, err2 := l.dressed(markdown.HTML(part))
		err = errors.Join(err, err2)
		b.HTML = dressed
		return string(dressed)
	}, bytesOf)
	b.Text = markdown.Written(kept, columns)
	return b, err
}

func (r teller) earlier(l *look, updates []model.Update) (list []earlier, err error) {
	for _, u := range updates[:min(len(updates), earlierList)] {
		e := earlier{Word: r.status(u.Status), Moment: r.moment(u.Created)}
		if e.Body, err = l.body(u.Body.In(r.words.Lang()), earlierMost); err != nil {
			return nil, fmt.Errorf("update %s: %w", u.ID, err)
		}
		list = append(list, e)
	}
	return list, nil
}

// link is where to read on: the incident's page, or else the page's.
func (r teller) link(t Told) (url, words string) {
	if t.Links.Subject != "" && t.Event.Type.Topic() == model.TopicIncidents {
		return t.Links.Subject, r.words.T("mail.incident")
	}
	if t.Links.Subject != "" {
		return t.Links.Subject, r.words.T("mail.maintenance")
	}
	return t.Links.Page, r.words.T("mail.page")
}
