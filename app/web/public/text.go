package public

import (
	"html/template"
	"strings"
	"unicode/utf8"

	"statusd/app/markdown"
	"statusd/app/model"
	"statusd/app/web/view"
)

// phrase is one line that people wrote. Lang is the language of it where that is not the page's own.
type phrase struct{ Text, Lang string }

// prose is what people wrote at length.
type prose struct {
	HTML template.HTML
	Lang string
}

func (r reader) phrase(t model.Text) phrase {
	words, in := t.Best(r.lang)
	return phrase{view.Name(words), r.foreign(in)}
}

// prose is nil when there are no words.
func (r reader) prose(t model.Text) *prose {
	words, in := t.Best(r.lang)
	if words == "" {
		return nil
	}
	return &prose{markdown.HTML(words), r.foreign(in)}
}

// summary is the beginning of what people wrote, as words alone.
func (r reader) summary(t model.Text, most int) phrase {
	words, in := t.Best(r.lang)
	return phrase{shortened(view.Name(markdown.Plain(words)), most), r.foreign(in)}
}

// foreign is a language, unless it is the reader's.
func (r reader) foreign(lang string) string {
	if lang == r.lang {
		return ""
	}
	return lang
}

// shortened cuts a text to so many characters, between words where there are any.
func shortened(text string, most int) string {
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	cut := string([]rune(text)[:most-1])
	if at := strings.LastIndexByte(cut, ' '); at > len(cut)/2 {
		cut = cut[:at]
	}
	return strings.TrimRight(cut, " .,;:") + "…"
}

// affectedMost is how many components an incident or a window names; of more it says how many.
const affectedMost = 8

// affected are the components that something is about: "API, Webhooks". "" when it concerns everybody.
func (r reader) affected(list []model.Affected) string {
	more := 0
	if len(list) > affectedMost {
		more = len(list) - affectedMost + 1
		list = list[:affectedMost-1]
	}
	names := make([]string, len(list))
	for i, a := range list {
		names[i] = view.InSentence(a.Name)
	}
	joined := strings.Join(names, ", ")
	if more > 0 {
		return r.words.N("affected.more", more, "Names", joined)
	}
	return joined
}
