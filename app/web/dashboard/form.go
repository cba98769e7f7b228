package dashboard

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"statusd/app/model"
	"statusd/app/web/view"
)

// form is what was typed, or before that what is stored, and what is wrong with it. A handler reads values, gives them to a use
// case, and when that refuses shows the very same form again: nothing that was typed is lost, secrets excepted.
type form struct {
	v        *visit
	values   url.Values
	problems model.Invalid
	whole    string            // what is wrong with the form as such
	refusal  int               // the status that whole is told under
	labels   map[string]string // of the fields that are shown, by name
}

// posted is the form that a POST brought.
func (v *visit) posted() (*form, error) {
	if err := v.c.Request().ParseForm(); err != nil {
		return nil, err
	}
	return v.filled(v.c.Request().PostForm), nil
}

// filled is a form that shows values. name, value, name, value ...
func (v *visit) filled(values url.Values) *form {
	return &form{v: v, values: values, labels: map[string]string{}}
}

// get is a value without the white space around it.
func (f *form) get(name string) string { return strings.TrimSpace(f.values.Get(name)) }

// raw is a value as it was typed.
func (f *form) raw(name string) string { return f.values.Get(name) }

// has says whether a check box is ticked.
func (f *form) has(name string) bool { return f.values.Get(name) != "" }

// number reads a whole number. What is none is a problem of the field, and 0.
func (f *form) number(name string) int {
	n, err := strconv.Atoi(f.get(name))
	if err != nil {
		f.problems.Add(name, "number")
	}
	return n
}

// optionalNumber is number, and 0 for an empty field.
func (f *form) optionalNumber(name string) int {
	if f.get(name) == "" {
		return 0
	}
	return f.number(name)
}

// seen is when what the form shows was last changed, as the form remembers it.
func (f *form) seen() time.Time {
	ms, err := strconv.ParseInt(f.raw("seen"), 10, 64)
	if err != nil {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// refuse takes an error that is the form's to show; false for any other.
func (f *form) refuse(err error) bool {
	var conflict model.Conflict
	var many model.TooMany
	if v, ok := model.AsInvalid(err); ok {
		for _, p := range v {
			if !f.problems.Has(p.Field) {
				f.problems = append(f.problems, p)
			}
		}
		return true
	}
	switch {
	case errors.As(err, &conflict):
		f.whole, f.refusal = f.v.words.Conflict(conflict.Code, conflict.Args), http.StatusConflict
	case errors.As(err, &many):
		f.whole, f.refusal = f.v.tooMany(many), http.StatusTooManyRequests
	default:
		return false
	}
	return true
}

// renamed moves the problems of a field to the form's name for it.
func renamed(err error, from, to string) error {
	v, ok := model.AsInvalid(err)
	if !ok {
		return err
	}
	out := make(model.Invalid, len(v))
	for i, p := range v {
		if p.Field == from {
			p.Field = to
		}
		out[i] = p
	}
	return out
}

// field is a text field with what was typed and what is wrong with it. label and help are keys; "" for no help.
func (f *form) field(name, label, help string) view.Field {
	field := view.Field{Name: name, Label: f.v.t(label), Value: f.raw(name), Checked: f.has(name), Error: f.problem(name)}
	if help != "" {
		field.Help = f.v.t(help)
	}
	f.labels[name] = field.Label
	return field
}

// password is a field for one: its value is never shown again.
func (f *form) password(name, label, help, autocomplete string) view.Field {
	field := f.field(name, label, help)
	field.Type, field.Autocomplete = "password", autocomplete
	return field
}

// optional marks a field.
func (f *form) optional(field view.Field) view.Field {
	field.Optional = f.v.t("form.optional")
	return field
}

// unit glues a word to a field and asks for the keyboard of numbers.
func (f *form) unit(field view.Field, key string) view.Field {
	field.Unit, field.InputMode = f.v.t(key), "numeric"
	return field
}

// choice gives a field its options; the chosen one is the field's value.
func (f *form) choice(field view.Field, options ...view.Option) view.Field {
	for i := range options {
		options[i].Chosen = options[i].Value == field.Value
	}
	field.Options = options
	return field
}

func (f *form) problem(name string) string {
	for _, p := range f.problems {
		if p.Field == name {
			return f.v.words.Invalid(p.Code, p.Args)
		}
	}
	return ""
}

// Problem is a line of the list above a form.
type Problem struct {
	Field string // id of the control; "" when it is about the form as such or about nothing that is shown
	Label string
	Text  string
}

// Problems lists what is wrong, above the form. Called when all fields are made.
func (f *form) Problems() []Problem {
	var out []Problem
	if f.whole != "" {
		out = append(out, Problem{Text: f.whole})
	}
	for _, p := range f.problems {
		line := Problem{Text: f.v.words.Invalid(p.Code, p.Args)}
		if label, shown := f.labels[p.Field]; shown {
			line.Field, line.Label = view.Field{Name: p.Field}.ID(), label
		}
		out = append(out, line)
	}
	return out
}

// ok says that nothing is wrong so far.
func (f *form) ok() bool { return len(f.problems) == 0 && f.whole == "" }

// code is the status under which the form is shown: it says whether the form was taken.
func (f *form) code() int {
	switch {
	case f.whole != "":
		return f.refusal
	case len(f.problems) > 0:
		return http.StatusUnprocessableEntity
	}
	return http.StatusOK
}

// Seen is the hidden field that keeps a form from overwriting what somebody else changed meanwhile.
func (f *form) Seen() string { return f.raw("seen") }
