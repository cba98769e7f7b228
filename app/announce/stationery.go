package announce

import (
	"bytes"
	"errors"
	"fmt"
	htmltemplate "html/template"
	"io/fs"
	"regexp"
	"strings"
	"sync"
	texttemplate "text/template"

	"statusd/app/brand"
	"statusd/app/locale"
	"statusd/app/markdown"
	"statusd/app/typed"
)

// columns is how long a line of a text part gets: 72 to 78 is what readers of plain text are used to, and quoting needs room.
const columns = 74

// stationery is what letters are written on. Safe for concurrent use.
type stationery struct {
	sheet  sheet
	html   map[string]*htmltemplate.Template // by language
	text   map[string]*texttemplate.Template
	looks  sync.Map // picked colour to *look
	drafts drafts
}

var errNoStationery = errors.New("this herald has no templates: it writes no letters")

// Load reads the templates of letters, mail/ of the assets. Without it a Herald words events, and writes to nobody.
func (h *Herald) Load(assets fs.FS) error {
	if h.words == nil {
		return errors.New("letters need words")
	}
	s := &stationery{html: map[string]*htmltemplate.Template{}, text: map[string]*texttemplate.Template{}}
	var err error
	if s.sheet, err = readSheet(assets); err != nil {
		return fmt.Errorf("the look of mails: %w", err)
	}
	for _, lang := range h.words.Languages() {
		words := h.words.Words(lang)
		if s.html[lang], err = htmltemplate.New("").Funcs(htmltemplate.FuncMap{"t": words.T, "n": words.N}).ParseFS(assets, "mail/*.html"); err != nil {
			return fmt.Errorf("templates of mails in %s: %w", lang, err)
		}
		if s.text[lang], err = texttemplate.New("").Funcs(texttemplate.FuncMap{
			"t": words.T, "n": words.N, "wrap": lines("", ""), "item": lines("- ", "  "), "inset": lines("  ", "  "),
		}).ParseFS(assets, "mail/*.txt"); err != nil {
			return fmt.Errorf("text templates of mails in %s: %w", lang, err)
		}
	}
	h.mail = s
	return nil
}

// lines breaks a text into lines behind what they begin with.
func lines(first, rest string) func(string) string {
	return func(text string) string { return markdown.Wrap(text, first, rest, columns) }
}

// head is what every letter begins with.
type head struct {
	Lang    string
	Look    *look
	Subject string
	Preview string // what mailboxes show beside the subject
	From    string // whose letter it is: the page's name
	Initial string
	Home    string // URL of the page; "" for none
}

// head is the head of a letter in the name of a page, or of whoever, in its colour.
func (s *stationery) head(words *locale.Words, name, color, subject string) (head, error) {
	l, err := s.look(color)
	return head{Lang: words.Lang(), Look: l, Subject: typed.Name(subject), From: typed.Name(name), Initial: typed.Initial(name)}, err
}

// look is the sheet in the colours of a brand; they are few, and costly to derive.
func (s *stationery) look(color string) (*look, error) {
	if l, ok := s.looks.Load(color); ok {
		return l.(*look), nil
	}
	l, err := s.sheet.in(brand.New(color))
	if err == nil {
		s.looks.Store(color, l)
	}
	return l, err
}

// write fills in both templates of a name.
func (s *stationery) write(lang, name string, page any) (l Letter, err error) {
	var html, text bytes.Buffer
	if err := s.html[lang].ExecuteTemplate(&html, name+".html", page); err != nil {
		return l, fmt.Errorf("write a mail: %w", err)
	}
	if err := s.text[lang].ExecuteTemplate(&text, name+".txt", page); err != nil {
		return l, fmt.Errorf("write the text of a mail: %w", err)
	}
	l.HTML, l.Text = html.String(), strings.TrimSpace(gaps.ReplaceAllString(text.String(), "\n\n"))+"\n"
	return l, nil
}

// gaps are more empty lines than the one that keeps paragraphs apart: where a template had nothing to say.
var gaps = regexp.MustCompile(`\n\s*\n`)
