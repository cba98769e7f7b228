package model

import (
	"maps"
	"slices"
	"strings"
)

// Text is what people wrote, in one or several languages: language code to words. A language without words is not in it.
type Text map[string]string

// DefaultLanguage is the language of a plain string where a Text is asked for, and the first to fall back to.
const DefaultLanguage = "en"

// In is the text in a language; where that is missing, in the default language or else in another one.
func (t Text) In(lang string) string {
	words, _ := t.Best(lang)
	return words
}

// Best is In together with the language that the words are in; "" when there are none.
func (t Text) Best(lang string) (words, in string) {
	for _, l := range []string{lang, DefaultLanguage} {
		if words := t[l]; words != "" {
			return words, l
		}
	}
	for _, l := range slices.Sorted(maps.Keys(t)) {
		if t[l] != "" {
			return t[l], l
		}
	}
	return "", ""
}

// Filled has every language, each with what In says of it.
func (t Text) Filled(languages []string) Text {
	out := make(Text, len(languages))
	for _, l := range languages {
		out[l] = t.In(l)
	}
	return out
}

// Cleaned is the text without white space around it and without languages that have none.
func (t Text) Cleaned() Text {
	out := make(Text, len(t))
	for l, words := range t {
		if words = strings.TrimSpace(words); words != "" {
			out[l] = words
		}
	}
	return out
}

// Empty says that there are no words in any language.
func (t Text) Empty() bool { return t.In(DefaultLanguage) == "" }

// Equal says that two texts have the same words in the same languages.
func (t Text) Equal(o Text) bool { return maps.Equal(t, o) }
