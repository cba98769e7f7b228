package api

import (
	"bytes"
	"encoding"
	"maps"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"statusd/app/model"
)

// What bodies of incidents and maintenance windows hold beside texts, flags and numbers.

// maxLanguages is more than any text is written in.
const maxLanguages = 50

// localised reads a text. An object of languages is merged into what there is, and null removes one of them; a plain string is
// in the default language; null instead of either removes all.
func (g given) localised(into *model.Text) {
	if g.null() {
		*into = nil
		return
	}
	languages := []member{{model.DefaultLanguage, g.value}}
	if g.value.Kind() != '"' {
		var ok bool
		if languages, ok = membersOf(g.value); !ok {
			g.refuse("type", "want", "object or string")
			return
		}
	}
	if len(languages) > maxLanguages {
		g.refuse("too_many", "max", maxLanguages)
		return
	}
	text := model.Text{}
	maps.Copy(text, *into)
	for _, m := range languages {
		words := text[m.name]
		given{g.path + "." + m.name, m.value, g.wrong}.text(&words, "")
		text[m.name] = words
	}
	*into = text
}

// shown is a text as JSON shows it: its languages as they were written, null when it has none.
func shown(t model.Text) model.Text {
	if len(t) == 0 {
		return nil
	}
	return t
}

// components reads a list of ids; null stands for none.
func (g given) components(into *[]model.ComponentID) {
	if g.null() {
		*into = nil
		return
	}
	elements, ok := elementsOf(g.value)
	if !ok {
		g.refuse("type", "want", "array of strings")
		return
	}
	ids := make([]model.ComponentID, len(elements))
	for i, e := range elements {
		text, ok := unquoted(e)
		if !ok {
			g.refuse("type", "want", "array of strings")
			return
		}
		if ids[i].UnmarshalText([]byte(text)) != nil {
			g.refuse("unknown_component", "id", beginning(text))
			return
		}
	}
	*into = ids
}

// beginning is enough of what was sent to find it again.
func beginning(text string) string {
	const enough = 40
	if runes := []rune(text); len(runes) > enough {
		return string(runes[:enough]) + "…"
	}
	return text
}

// elementsOf lists the elements of a valid array; false when the value is something else.
func elementsOf(value jsontext.Value) (elements []jsontext.Value, ok bool) {
	if value.Kind() != '[' {
		return nil, false
	}
	d := jsontext.NewDecoder(bytes.NewBuffer(value))
	if _, err := d.ReadToken(); err != nil {
		return nil, false
	}
	for d.PeekKind() != ']' {
		v, err := d.ReadValue()
		if err != nil {
			return nil, false
		}
		elements = append(elements, v.Clone())
	}
	return elements, true
}

// chosen reads one word of a few; null stands for the default. Any other word becomes the zero W, which the use case refuses.
func chosen[W any, P interface {
	*W
	encoding.TextUnmarshaler
}](g given, into *W, byDefault W) {
	var word string
	g.text(&word, "")
	if g.null() {
		*into = byDefault
		return
	}
	if P(into).UnmarshalText([]byte(word)) != nil {
		var none W
		*into = none
	}
}

// moment reads a time (RFC 3339) of any zone, in whole seconds as it will be shown; null stands for none.
func (g given) moment(into *time.Time) {
	var text string
	g.text(&text, "")
	if g.null() {
		*into = time.Time{}
		return
	}
	var t time.Time
	switch {
	case g.wrong.Has(g.path):
	case t.UnmarshalText([]byte(text)) != nil: // stricter than time.Parse
		g.refuse("time")
	default:
		*into = t.UTC().Truncate(time.Second)
	}
}

// part makes fields of a part those of the whole.
func part[T, P any](f fields[P], of func(*T) *P) fields[T] {
	out := make(fields[T], len(f))
	for name, set := range f {
		out[name] = func(whole *T, g given) { set(of(whole), g) }
	}
	return out
}

// together are the fields of all sets; of two that have one name the later.
func together[T any](sets ...fields[T]) fields[T] {
	out := fields[T]{}
	for _, f := range sets {
		maps.Copy(out, f)
	}
	return out
}
