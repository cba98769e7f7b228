package dashboard

import (
	"strings"

	"statusd/app/web/view"
)

// deletion asks before something that cannot be undone. It is a page of its own, dashboard/delete.html; a link to it with
// data-confirm shows its form as a dialog instead.
type deletion struct {
	frame
	Form         *form
	Title, Text  string     // the question, which names the thing, and what happens
	Lost         []string   // what goes along, in words
	Typed        view.Field // form.typedName; the zero Field when a press is enough
	Action, Back string     // URLs: what does it, and where the person came from
	Submit       string     // the verb of the question
}

// typedName is the field in which the name of what is to be deleted is typed.
func (f *form) typedName(name string) view.Field {
	field := view.Field{Name: "typed", Label: f.v.t("delete.typed", "Name", view.InSentence(name)), Value: f.raw("typed"), Error: f.problem("typed"), Autocomplete: "off"}
	f.labels[field.Name] = field.Label
	return field
}

// confirmed says whether the name was typed; if not, the form says so.
func (f *form) confirmed(name string) bool {
	if f.get("typed") != strings.TrimSpace(name) {
		f.problems.Add("typed", "typed_name")
	}
	return f.ok()
}
