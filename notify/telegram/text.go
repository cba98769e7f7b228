package telegram

import (
	"html"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// What a message may have. Source: INTEROP.md section 2; the limit counts what is read, in UTF-16 units to be on the safe side.
const (
	MaxText   = 4096  // UTF-16 units, without tags, entities counted as what they stand for
	maxMarkup = 32768 // bytes with tags and entities
)

// Escape makes text into HTML that reads as that text.
func Escape(text string) string {
	return html.EscapeString(strings.ToValidUTF8(strings.ReplaceAll(text, "\x00", ""), "\uFFFD"))
}

// Bold is text in bold, as HTML.
func Bold(text string) string { return "<b>" + Escape(text) + "</b>" }

// Link is text that leads to a URL, as HTML.
func Link(url, text string) string { return `<a href="` + Escape(url) + `">` + Escape(text) + "</a>" }

// Length is how long HTML is to Telegram: UTF-16 units of what is read.
func Length(markup string) (n int) {
	for len(markup) > 0 {
		p := nextPiece(markup)
		n += p.units
		markup = markup[len(p.raw):]
	}
	return n
}

// Cut shortens HTML as this package writes it to the limit of a message, with "…" at its end if that was needed: never within a tag, an
// entity or a surrogate pair, and with everything closed that was open.
func Cut(markup string) string { return cut(markup, MaxText, maxMarkup) }

func cut(markup string, most, mostBytes int) string {
	markup = strings.ToValidUTF8(markup, "\uFFFD")
	if Length(markup) <= most && len(markup) <= mostBytes {
		return markup
	}
	var out strings.Builder
	var open []string
	closing := 0 // bytes that it takes to close what is open
	units := 0
	for rest := markup; len(rest) > 0; {
		p := nextPiece(rest)
		need := len(p.raw) + closing + len("…")
		if p.opens != "" {
			need += len(closer(p.opens))
		}
		if units+p.units+1 > most || out.Len()+need > mostBytes {
			break
		}
		out.WriteString(p.raw)
		units += p.units
		rest = rest[len(p.raw):]
		switch {
		case p.opens != "":
			open = append(open, p.opens)
			closing += len(closer(p.opens))
		case p.closes && len(open) > 0:
			closing -= len(closer(open[len(open)-1]))
			open = open[:len(open)-1]
		}
	}
	out.WriteString("…")
	for _, tag := range slices.Backward(open) {
		out.WriteString(closer(tag))
	}
	return out.String()
}

func closer(tag string) string { return "</" + tag + ">" }

// piece is the smallest part of HTML that must stay whole.
type piece struct {
	raw    string
	units  int    // UTF-16 units that are read
	opens  string // the tag's name
	closes bool
}

// nextPiece takes the first piece of HTML that is not empty.
func nextPiece(markup string) piece {
	switch markup[0] {
	case '<':
		end := strings.IndexByte(markup, '>')
		if end < 0 {
			break
		}
		raw := markup[:end+1]
		if strings.HasPrefix(raw, "</") {
			return piece{raw: raw, closes: true}
		}
		name, _, _ := strings.Cut(raw[1:end], " ")
		return piece{raw: raw, opens: name}
	case '&':
		if end := strings.IndexByte(markup[:min(len(markup), 12)], ';'); end > 0 {
			raw := markup[:end+1]
			return piece{raw: raw, units: units(html.UnescapeString(raw))}
		}
	}
	_, size := utf8.DecodeRuneInString(markup)
	return piece{raw: markup[:size], units: units(markup[:size])}
}

func units(text string) (n int) {
	for _, r := range text {
		n += utf16.RuneLen(r)
	}
	return n
}

// plain is what of HTML is read, for when Telegram does not understand it.
func plain(markup string) string {
	var out strings.Builder
	for len(markup) > 0 {
		p := nextPiece(markup)
		if p.units > 0 {
			out.WriteString(html.UnescapeString(p.raw))
		}
		markup = markup[len(p.raw):]
	}
	return out.String()
}
