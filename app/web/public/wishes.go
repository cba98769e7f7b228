package public

import (
	"net/url"
	"slices"
	"strings"

	"statusd/app"
	"statusd/app/model"
	"statusd/app/web/view"
)

// wishes is a form about what somebody wants to hear of: what was chosen, and what is wrong with it. When a use case refuses it, the
// very same form is shown again.
type wishes struct {
	values   url.Values
	problems model.Invalid
	fields   []view.Field // that are shown, for the list of what is wrong
}

// fill writes what was chosen.
func (f *wishes) fill(w *app.Wishes) error {
	var problems model.Invalid
	w.Topic, _ = model.ParseTopic(f.values.Get("topic")) // 0 is refused by the use case
	w.Components = nil
	for _, text := range f.values["componentIds"] {
		var id model.ComponentID
		if id.UnmarshalText([]byte(text)) != nil {
			if !problems.Has("componentIds") {
				problems.Add("componentIds", "unknown_component", "id", view.Name(beginningOf(text, 20)))
			}
			continue
		}
		w.Components = append(w.Components, id)
	}
	return problems.Err()
}

// refuse takes what is wrong with fields; false for any other error.
func (f *wishes) refuse(err error) bool {
	problems, ok := model.AsInvalid(err)
	f.problems = problems
	return ok
}

// field is a control with its value; label and help are words already.
func (f *wishes) field(a *asking, name, label, help string) view.Field {
	field := view.Field{Name: name, Label: label, Help: help, Value: f.values.Get(name)}
	for _, p := range f.problems {
		if p.Field == name {
			field.Error = a.who.words.Invalid(p.Code, p.Args)
		}
	}
	f.fields = append(f.fields, field)
	return field
}

// channel is how it is to be told. One that is not offered leaves the first chosen.
func (f *wishes) channel(a *asking, offered []model.Channel) view.Field {
	field := f.field(a, "type", a.who.words.T("subscribe.how"), "")
	if c, ok := model.ParseChannel(field.Value); (!ok || !slices.Contains(offered, c)) && len(offered) > 0 {
		field.Value = offered[0].String()
	}
	for _, c := range offered {
		value := c.String()
		field.Options = append(field.Options, view.Option{Value: value, Label: a.who.words.T("channel." + value), Chosen: value == field.Value})
	}
	return field
}

// topic is what it is to be about.
func (f *wishes) topic(a *asking) view.Field {
	field := f.field(a, "topic", a.who.words.T("subscribe.topic"), "")
	for _, t := range []model.Topic{model.TopicAll, model.TopicIncidents, model.TopicMaintenance} {
		field.Options = append(field.Options, view.Option{
			Value: t.String(), Label: a.who.words.T("topic." + t.String()), Chosen: t.String() == field.Value,
		})
	}
	return field
}

// components are those of the page, to choose among. One that was chosen and is gone stays on the list until it is taken off: without
// it the choice could turn into all.
func (f *wishes) components(a *asking) view.Field {
	field := f.field(a, "componentIds", a.who.words.T("subscribe.components"), "")
	field.Optional = a.who.words.T("subscribe.components.none")
	chosen := f.values["componentIds"]
	for _, c := range a.facts.Components {
		id := c.ID.String()
		field.Options = append(field.Options, view.Option{Value: id, Label: view.Name(c.Name), Chosen: slices.Contains(chosen, id)})
		chosen = slices.DeleteFunc(slices.Clone(chosen), func(other string) bool { return other == id })
	}
	for _, id := range chosen {
		if field.Error == "" {
			field.Options = append(field.Options, view.Option{Value: id, Label: a.who.words.T("subscribe.components.gone"), Chosen: true})
		}
	}
	return field
}

// language is in which language it is told.
func (f *wishes) language(s *Site, a *asking) view.Field {
	field := f.field(a, "locale", a.who.words.T("preferences.language"), "")
	for _, lang := range s.locales.Languages() {
		field.Options = append(field.Options, view.Option{Value: lang, Label: s.locales.Words(lang).T("language.name"), Chosen: lang == field.Value})
	}
	return field
}

// problem is a line of the list above a form.
type problem struct {
	Field string // id of the control; "" when it is about nothing that is shown
	Label string
	Text  string
}

// list is what is wrong. Called when all fields are made.
func (f *wishes) list(a *asking) (out []problem) {
	for _, p := range f.problems {
		line := problem{Text: a.who.words.Invalid(p.Code, p.Args)}
		if i := slices.IndexFunc(f.fields, func(shown view.Field) bool { return shown.Name == p.Field }); i >= 0 {
			line.Field, line.Label = f.fields[i].ID(), f.fields[i].Label
		}
		out = append(out, line)
	}
	return out
}

// trimmed is a value without the white space around it.
func (f *wishes) trimmed(name string) string { return strings.TrimSpace(f.values.Get(name)) }
