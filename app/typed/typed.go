// Package typed makes what people typed safe to stand in a line of text, wherever that is: it cannot break the line, and cannot turn what
// follows. It escapes nothing, which is up to whoever writes HTML. Start with Name.
//
// Implements SPEC §7: what visitors read is what was typed, and no more.
package typed

import (
	"strings"
	"unicode"
)

// Isolation of a name whose direction is unknown (Unicode TR9, FSI and PDI).
const (
	isolate    = "\u2068"
	popIsolate = "\u2069"
)

// Name makes what a person typed safe to put into a line of text: without control characters, without those that turn the
// direction of what follows, on one line.
func Name(words string) string {
	clean := strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), turnsDirection(r):
			return -1
		}
		return r
	}, words)
	return strings.Join(strings.Fields(clean), " ")
}

// InSentence is Name for the middle of a sentence: a name in a right-to-left script cannot reorder the words around it.
func InSentence(words string) string {
	name := Name(words)
	if strings.ContainsFunc(name, isRightToLeft) {
		return isolate + name + popIsolate
	}
	return name
}

// Initial is the first letter of a name, as typed: no code knows how to upper-case every language.
func Initial(words string) string {
	for _, r := range Name(words) {
		if unicode.IsLetter(r) || unicode.IsNumber(r) {
			return string(r)
		}
	}
	return "·"
}

func turnsDirection(r rune) bool {
	return r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069' || r == '\u200e' || r == '\u200f' || r == '\u061c'
}

func isRightToLeft(r rune) bool {
	return unicode.In(r, unicode.Hebrew, unicode.Arabic, unicode.Syriac, unicode.Thaana, unicode.Nko, unicode.Adlam)
}
