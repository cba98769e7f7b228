package email

import (
	"bytes"
	"encoding/base64"
	"strings"
	"unicode/utf8"
)

const (
	softLine = 76  // characters of a line of a header; RFC 2047 §2 for lines with encoded words, RFC 5322 §2.1.1 would have 78
	hardLine = 998 // RFC 5322 §2.1.1
	maxText  = 250 // characters of a subject or a name
	longWord = 60  // what is longer is encoded, which can be broken
)

// header writes the fields of a mail.
type header struct{ buf bytes.Buffer }

// field writes one, folded between the tokens. A token holds no spaces that could be folded, and no line breaks: text, phrase and the
// checks of Compose see to it.
func (h *header) field(name string, tokens ...string) {
	line := len(name) + 1
	h.buf.WriteString(name + ":")
	for i, token := range tokens {
		if i > 0 && line+1+len(token) > softLine {
			h.buf.WriteString("\r\n")
			line = 0
		}
		h.buf.WriteString(" " + token)
		line += 1 + len(token)
	}
	h.buf.WriteString("\r\n")
}

// clean makes one line of whatever it is given.
func clean(s string) string {
	s = strings.Map(func(r rune) rune {
		if isControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	s = strings.Join(strings.Fields(s), " ")
	if utf8.RuneCountInString(s) > maxText {
		s = string([]rune(s)[:maxText-1]) + "…"
	}
	return s
}

// text are the tokens of unstructured text.
func text(s string) []string {
	s = clean(s)
	words := strings.Fields(s)
	for _, w := range words {
		if !ascii(w) || len(w) > longWord || strings.Contains(w, "=?") {
			return encoded(s)
		}
	}
	return words
}

var quoting = strings.NewReplacer(`\`, `\\`, `"`, `\"`)

// phrase are the tokens of a display name: a quoted string, or encoded words.
func phrase(s string) []string {
	words := text(s)
	if len(words) == 0 || strings.HasPrefix(words[0], "=?") {
		return words
	}
	return strings.Split(`"`+quoting.Replace(strings.Join(words, " "))+`"`, " ")
}

// encoded are RFC 2047 encoded words, short enough to stand behind any field's name.
func encoded(s string) (words []string) {
	const chunk = 36 // octets: 60 characters as a word
	for len(s) > 0 {
		n := min(chunk, len(s))
		for n < len(s) && !utf8.RuneStart(s[n]) {
			n--
		}
		words = append(words, "=?utf-8?B?"+base64.StdEncoding.EncodeToString([]byte(s[:n]))+"?=")
		s = s[n:]
	}
	return words
}
