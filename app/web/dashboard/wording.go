package dashboard

import (
	"html/template"
	"net/url"
	"strings"

	"statusd/app/markdown"
	"statusd/app/model"
	"statusd/app/web/view"
)

// wording is what is asked for in every language: a field for each. All are shown; a script makes tabs of them.
type wording struct {
	Name, Label string
	Help        string
	Optional    string // the word for it, when it is
	Preview     string // URL that shows what becomes of the text; "" for one that is a single line
	Languages   []wordingIn
}

// wordingIn is the field of one language.
type wordingIn struct {
	view.Field
	Lang  string
	Shown bool // when only one is
	Ready template.HTML
}

// wording makes the fields of a text: "title" is read from title.en, title.tr ... label and help are keys; "" for no help.
func (f *form) wording(name, label, help string) wording {
	w := wording{Name: name, Label: f.v.t(label)}
	if help != "" {
		w.Help = f.v.t(help)
	}
	for _, lang := range f.v.site.Locales.Languages() {
		field := view.Field{Name: name + "." + lang, Label: f.v.languageName(lang), MaxLength: longestTitle}
		field.Value, field.Error = f.raw(field.Name), f.problem(field.Name)
		f.labels[field.Name] = f.v.t("wording.in", "Field", w.Label, "Language", field.Label)
		w.Languages = append(w.Languages, wordingIn{Field: field, Lang: lang})
	}
	w.choose(f.v.lang)
	return w
}

// Limits of texts, in characters of each language.
const longestTitle, longestBody = 200, 10_000

// body is a wording of several lines of Markdown. Those that the person wants to see as visitors will are there already.
func (f *form) body(name, label, help string, rows int) wording {
	w := f.wording(name, label, help)
	w.Preview = f.v.site.paths.Markdown(f.v.page)
	for i := range w.Languages {
		one := &w.Languages[i]
		one.Rows, one.MaxLength = rows, 0 // a browser cuts what is pasted without a word; we say so
		if f.previewed() {
			one.Ready = markdown.HTML(one.Value)
		}
	}
	return w
}

// choose picks the language that is shown when only one is: where something is wrong, else where words are, else the person's own.
func (w *wording) choose(own string) {
	best, most := 0, -1
	for i, one := range w.Languages {
		points := 0
		if one.Error != "" {
			points += 4
		}
		if one.Value != "" {
			points += 2
		}
		if one.Lang == own {
			points++
		}
		if points > most {
			best, most = i, points
		}
	}
	w.Languages[best].Shown = true
}

// previewed says that the form was sent to see what becomes of its texts, not to be saved.
func (f *form) previewed() bool { return f.raw("do") == "preview" }

// text reads a text in every language. A browser sends a line's end as two characters; inside it is one.
func (f *form) text(name string) model.Text {
	text := model.Text{}
	for _, lang := range f.v.site.Locales.Languages() {
		text[lang] = strings.ReplaceAll(f.raw(name+"."+lang), "\r\n", "\n")
	}
	return text.Cleaned()
}

// setText puts a text into the values of a form.
func setText(values url.Values, name string, text model.Text) {
	for lang, words := range text {
		values.Set(name+"."+lang, words)
	}
}

// refuseText is refuse for a form with texts: that one has no words in any language is wrong with its field in the person's own.
func (f *form) refuseText(err error, names ...string) bool {
	for _, name := range names {
		err = renamed(err, name, name+"."+f.v.lang)
	}
	return f.refuse(err)
}

func (v *visit) languageName(lang string) string {
	return v.site.Locales.Words(lang).T("language.name")
}

// inEvery is the text of a key in every language.
func (s *Site) inEvery(key string) model.Text {
	text := model.Text{}
	for _, lang := range s.Locales.Languages() {
		text[lang] = s.Locales.Words(lang).T(key)
	}
	return text
}

// said is words of people, and the language they are in.
type said struct{ Text, Lang string }

// line is a text of one line in the visitor's language, or in another one where that is missing.
func (v *visit) line(text model.Text) said {
	words, lang := text.Best(v.lang)
	return said{view.Name(words), lang}
}

// passage is a text of Markdown in the visitor's language, or in another one where that is missing.
type passage struct {
	HTML template.HTML
	Lang string
	Note string // that it is in another language; "" when it is not
}

func (v *visit) passage(text model.Text) passage {
	words, lang := text.Best(v.lang)
	p := passage{HTML: markdown.HTML(words), Lang: lang}
	if lang != v.lang && lang != "" {
		p.Note = v.t("wording.only", "Language", v.languageName(lang))
	}
	return p
}

// showMarkdown answers with what becomes of a text, a piece of HTML.
func (s *Site) showMarkdown(v *visit) error {
	f, err := v.posted()
	if err != nil {
		return err
	}
	text := []rune(f.raw("text"))
	return v.show("dashboard/wording/ready.html", markdown.HTML(string(text[:min(len(text), longestBody)])))
}
