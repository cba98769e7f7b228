package announce

import (
	"time"

	"statusd/app/locale"
	"statusd/app/model"
	"statusd/app/typed"
)

// note is a letter with a question, or an answer, and at most one thing to do.
type note struct {
	head
	Title      string
	Paragraphs []string
	Link       string
	LinkText   string
	Small      string // below the button
}

// ownColor is the colour of what statusd writes in its own name: ink, since a brand belongs to a page.
const ownColor, ownName = "#18181b", "statusd"

// Confirmation asks whether whoever owns an address wants to be told what happens on a page. The link opens a page with a button:
// programs that look for viruses follow links.
func (h *Herald) Confirmation(page model.Page, lang, link string) (Letter, error) {
	return h.ofPage(page, lang, func(w *locale.Words) note {
		return note{
			Title: w.T("mail.confirm.title"), Paragraphs: []string{w.T("mail.confirm.text", "Page", typed.InSentence(page.Title()))},
			Link: link, LinkText: w.T("mail.confirm.button"), Small: w.T("mail.confirm.small"),
		}
	})
}

// AlreadySubscribed answers somebody who subscribes an address that is subscribed. To whoever asked it looks like a Confirmation.
func (h *Herald) AlreadySubscribed(page model.Page, lang, preferences string) (Letter, error) {
	return h.ofPage(page, lang, func(w *locale.Words) note {
		return note{
			Title: w.T("mail.already.title"), Paragraphs: []string{w.T("mail.already.text", "Page", typed.InSentence(page.Title()))},
			Link: preferences, LinkText: w.T("mail.preferences"), Small: w.T("mail.already.small"),
		}
	})
}

// Invitation asks somebody to look after the pages of a workspace; the link expires.
func (h *Herald) Invitation(workspace, inviter, lang, link string, expires time.Time) (Letter, error) {
	return h.ofStatusd(lang, func(w *locale.Words) note {
		name := typed.InSentence(workspace)
		return note{
			Title:      w.T("mail.invite.title", "Workspace", name),
			Paragraphs: []string{w.T("mail.invite.text", "Inviter", typed.InSentence(inviter), "Workspace", name)},
			Link:       link, LinkText: w.T("mail.invite.button"),
			Small: w.T("mail.invite.small", "Time", w.DateTime(expires, time.UTC)),
		}
	})
}

// Test is the letter that shows that letters arrive.
func (h *Herald) Test(lang string) (Letter, error) {
	return h.ofStatusd(lang, func(w *locale.Words) note {
		return note{Title: w.T("mail.test.title"), Paragraphs: []string{w.T("mail.test.text")}}
	})
}

func (h *Herald) ofPage(page model.Page, lang string, write func(*locale.Words) note) (Letter, error) {
	return h.note(page.Title(), page.Branding.PrimaryColor, lang, write)
}

func (h *Herald) ofStatusd(lang string, write func(*locale.Words) note) (Letter, error) {
	return h.note(ownName, ownColor, lang, write)
}

func (h *Herald) note(from, color, lang string, write func(*locale.Words) note) (l Letter, err error) {
	if h.mail == nil {
		return l, errNoStationery
	}
	words := h.words.Words(lang)
	n := write(words)
	if n.head, err = h.mail.head(words, from, color, "["+from+"] "+n.Title); err != nil {
		return l, err
	}
	n.Preview = shortened(n.Paragraphs[0], previewMost)
	l, err = h.mail.write(words.Lang(), "note", n)
	l.Subject = n.Subject
	return l, err
}
