package email

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/mail"
	"net/url"
	"strings"
	"time"
)

// Mail is one mail to one recipient.
type Mail struct {
	ID       string // the same in every attempt; with the sender's domain it becomes the Message-ID
	To       string // a bare address
	FromName string // beside the sender's address; "": as in the settings
	Subject  string
	Date     time.Time
	Text     string // lines end with \n
	HTML     string // "": text alone
	Opening  Opening

	InReplyTo  string   // IDs like ID, of mails that need not exist
	References []string // the oldest first

	List            List
	ListUnsubscribe string // an http or https URL
	OneClick        bool   // that URL takes the POST of RFC 8058; only said of https
	FeedbackID      string // a:b:c:d, for Gmail's statistics
	Language        string // "tr"
	AutoSubmitted   bool   // made without a person: nobody's absence is to answer it
}

// List is what a mail belongs to. The zero value is nothing.
type List struct {
	ID   string // a dotted name under a domain of one's own, "app.status.example.com"
	Name string
}

// What makes a mail impossible. The texts hold nothing of it.
var (
	errTo          = errors.New("the recipient is not an address")
	errID          = errors.New("an id has characters that a Message-ID cannot have")
	errDate        = errors.New("a mail needs a date")
	errNoText      = errors.New("a mail needs text")
	errUnsubscribe = errors.New("the unsubscribe URL is no absolute http or https URL, or too long")
	errList        = errors.New("the list's id is not a dotted name")
	errToken       = errors.New("language or feedback id have characters that they cannot have")
)

// Compose writes a mail as RFC 5322 has it, with lines that end in CRLF. Its bytes depend on nothing but the arguments. Names and the
// subject may be anything and become one line; everything else is refused when it is not what it should be.
func Compose(from mail.Address, m Mail) ([]byte, error) { return compose(from, m, nil) }

func compose(from mail.Address, m Mail, o *openings) ([]byte, error) {
	to, ok := Address(m.To)
	switch {
	case !ok:
		return nil, errTo
	case m.Date.IsZero():
		return nil, errDate
	case m.Text == "":
		return nil, errNoText
	}
	h := &header{}
	h.buf.Grow(2048 + len(m.Text) + len(m.HTML) + (len(m.Text)+len(m.HTML))/4)
	name := from.Name
	if m.FromName != "" {
		name = m.FromName
	}
	h.field("From", append(phrase(name), "<"+from.Address+">")...)
	h.field("To", "<"+to+">")
	h.field("Subject", text(m.Subject)...)
	h.field("Date", m.Date.Format("Mon, 02 Jan 2006 15:04:05 -0700"))
	if err := m.identify(h, domainOf(from.Address)); err != nil {
		return nil, err
	}
	if err := m.list(h); err != nil {
		return nil, err
	}
	if err := m.kind(h); err != nil {
		return nil, err
	}
	h.field("MIME-Version", "1.0")
	if err := m.body(h, o); err != nil {
		return nil, err
	}
	return h.buf.Bytes(), nil
}

// identify writes what makes threads.
func (m Mail) identify(h *header, domain string) error {
	ids := append([]string{m.ID, m.InReplyTo}, m.References...)
	for i, id := range ids {
		if !dotAtom(id) && (i != 1 || id != "") {
			return errID
		}
		ids[i] = "<" + id + "@" + domain + ">"
	}
	h.field("Message-ID", ids[0])
	if m.InReplyTo != "" {
		h.field("In-Reply-To", ids[1])
	}
	if len(m.References) > 0 {
		h.field("References", ids[2:]...)
	}
	return nil
}

// list writes what makes the mail one of a list that can be left. Source: RFC 2369, 2919, 8058.
func (m Mail) list(h *header) error {
	if m.List.ID != "" {
		id, ok := hostname(m.List.ID)
		if !ok || !strings.Contains(id, ".") {
			return errList
		}
		h.field("List-Id", append(phrase(m.List.Name), "<"+id+">")...)
		h.field("Precedence", "bulk")
	}
	if m.ListUnsubscribe == "" {
		return nil
	}
	u, err := url.Parse(m.ListUnsubscribe)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || hasControl(m.ListUnsubscribe) {
		return errUnsubscribe
	}
	link := u.String()
	if !ascii(link) || strings.ContainsAny(link, "<> ,") || len(link) > hardLine-len("List-Unsubscribe: <>") {
		return errUnsubscribe
	}
	h.field("List-Unsubscribe", "<"+link+">")
	if m.OneClick && u.Scheme == "https" {
		h.field("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")
	}
	return nil
}

// kind writes what the mail is to those who sort and answer by machine.
func (m Mail) kind(h *header) error {
	for _, word := range []string{m.FeedbackID, m.Language} {
		if len(word) > softLine-len("Content-Language: ") || strings.IndexFunc(word, notToken) >= 0 {
			return errToken
		}
	}
	if m.AutoSubmitted {
		h.field("Auto-Submitted", "auto-generated")
		h.field("X-Auto-Response-Suppress", "All") // what Exchange reads instead
	}
	if m.FeedbackID != "" {
		h.field("Feedback-ID", m.FeedbackID)
	}
	if m.Language != "" {
		h.field("Content-Language", m.Language)
	}
	return nil
}

// body writes the rest of the header and the parts, the plainest first.
func (m Mail) body(h *header, o *openings) error {
	if m.HTML == "" {
		h.field("Content-Type", "text/plain;", "charset=utf-8")
		h.field("Content-Transfer-Encoding", "quoted-printable")
		h.buf.WriteString("\r\n")
		return o.quote(&h.buf, m.Text, m.Opening.Text)
	}
	sum := sha256.Sum256([]byte(m.ID))
	boundary := "=_" + hex.EncodeToString(sum[:12]) // "=_" never stands in quoted-printable text
	h.field("Content-Type", "multipart/alternative;", `boundary="`+boundary+`"`)
	h.buf.WriteString("\r\n--" + boundary + partOf("plain"))
	if err := o.quote(&h.buf, m.Text, m.Opening.Text); err != nil {
		return err
	}
	h.buf.WriteString("\r\n--" + boundary + partOf("html"))
	if err := o.quote(&h.buf, m.HTML, m.Opening.HTML); err != nil {
		return err
	}
	h.buf.WriteString("\r\n--" + boundary + "--\r\n")
	return nil
}

// partOf is what stands between a boundary and its part.
func partOf(kind string) string {
	return "\r\nContent-Transfer-Encoding: quoted-printable\r\nContent-Type: text/" + kind + "; charset=utf-8\r\n\r\n"
}

// dotAtom says that an id can stand in a Message-ID as it is. Source: RFC 5322 §3.2.3.
func dotAtom(id string) bool {
	if len(id) > 128 {
		return false
	}
	for atom := range strings.SplitSeq(id, ".") {
		if atom == "" || strings.IndexFunc(atom, notToken) >= 0 || strings.Contains(atom, ":") {
			return false
		}
	}
	return true
}

func notToken(r rune) bool {
	return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("-_+=:", r)
}
