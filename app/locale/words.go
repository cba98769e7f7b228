package locale

import (
	"errors"
	"fmt"
	"maps"
	"strings"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"github.com/nicksnyder/go-i18n/v2/i18n/template"

	"statusd/app/maintenance"
	"statusd/probe"
	"statusd/probe/restart"
)

// Words are the texts of one language, and its way of writing figures and times. Safe for concurrent use.
type Words struct {
	bundle *Bundle
	lang   string
	texts  *i18n.Localizer
	format format
}

// fill is how placeholders are filled in: one that nothing was given for is an error.
var fill = &template.TextParser{Option: "missingkey=error"}

func newWords(b *Bundle, texts *i18n.Bundle, lang string) (*Words, error) {
	w := &Words{bundle: b, lang: lang, texts: i18n.NewLocalizer(texts, lang)}
	var err error
	w.format, err = w.readFormat()
	return w, err
}

// Lang is the language's code, as in ?lang= and the lang attribute: "en", "tr".
func (w *Words) Lang() string { return w.lang }

// T is the text of a key. Args fill in its placeholders: name, value, name, value ...
func (w *Words) T(key string, args ...any) string {
	return w.say(key, nil, pairs(args))
}

// N is the text of a key in the plural form that n needs; {{.N}} in it is the number.
func (w *Words) N(key string, n int, args ...any) string {
	fields := pairs(args)
	fields["N"] = w.Number(n)
	return w.say(key, n, fields)
}

// Around cuts the text of a key at one placeholder, for markup that goes between the halves.
func (w *Words) Around(key, placeholder string) Halves {
	const mark = "\x00"
	before, after, _ := strings.Cut(w.T(key, placeholder, mark), mark)
	return Halves{before, after}
}

// Halves are the words before and after a placeholder.
type Halves struct{ Before, After string }

// Invalid words what is wrong with a field: a model.Problem's code and arguments.
func (w *Words) Invalid(code string, args map[string]any) string {
	return w.say("invalid."+code, nil, w.worded(args))
}

// worded puts reasons of probes and restarts, and states of windows, into words; everything else stays.
func (w *Words) worded(args map[string]any) map[string]any {
	args = maps.Clone(args)
	for name, value := range args {
		switch value := value.(type) {
		case probe.Reason:
			args[name] = w.Reason(value.Encode())
		case restart.Reason:
			args[name] = w.Restart(value.Encode())
		case maintenance.State:
			args[name] = w.T("maintenance.state." + value.String())
		}
	}
	return args
}

// Conflict words why the state of things does not allow what was asked: a model.Conflict's code and arguments.
func (w *Words) Conflict(code string, args map[string]any) string {
	return w.say("conflict."+code, nil, w.worded(args))
}

// say fills in a message. A message that does not exist reads as its key: ugly, and findable.
func (w *Words) say(key string, count any, fields map[string]any) string {
	text, err := w.texts.Localize(&i18n.LocalizeConfig{
		MessageID:      key,
		PluralCount:    count,
		TemplateData:   fields,
		TemplateParser: fill,
	})
	if err == nil {
		return text
	}
	w.bundle.Missing(w.lang, key, err)
	if text == "" {
		return key
	}
	return text
}

// pairs turns name, value, name, value ... into fields.
func pairs(args []any) map[string]any {
	fields := make(map[string]any, len(args)/2+1)
	for i := 0; i+1 < len(args); i += 2 {
		fields[fmt.Sprint(args[i])] = args[i+1]
	}
	return fields
}

// errFormat says that a language's way of writing figures cannot be used.
var errFormat = errors.New("cannot be used")
