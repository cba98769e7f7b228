package dashboard

import "statusd/app/web/view"

// There are two ways of asking first. A deletion is of what is lost for good, and wants its name typed: a page, a component, a check,
// a workspace, an account. A secondPress is of what only takes somebody's access and can be given again: a role, an invitation, a
// token.

// deletion asks before something is lost for good. It is a page of its own, dashboard/deletion.html; a link to it with data-deletes
// shows its form as a dialog instead.
type deletion struct {
	frame
	Form         *form
	Title, Text  string     // the question, which names the thing, and what happens
	Lost         []string   // what goes along, in words
	Typed        view.Field // form.typedName; the zero Field when a press is enough
	Action, Back string     // URLs: what does it, and where the person came from
	Submit       string     // the verb of the question
}

func (s *Site) ask(v *visit, d deletion) error {
	return v.render(d.Form.code(), "dashboard/deletion.html", d)
}

// typedName is the field in which the name of what is to be deleted is typed.
func (f *form) typedName(name string) view.Field {
	return f.typed("delete.typed", name)
}

func (f *form) typed(label, name string) view.Field {
	field := view.Field{
		Name: "typed", Label: f.v.t(label, "Name", view.InSentence(name)), Value: f.raw("typed"), Error: f.problem("typed"), Autocomplete: "off",
	}
	f.labels[field.Name] = field.Label
	return field
}

// confirmed says whether the name was typed, as it is read on the screen; if not, the form says so.
func (f *form) confirmed(name string) bool {
	if view.Name(f.raw("typed")) != view.Name(name) {
		f.problems.Add("typed", "typed_name")
	}
	return f.ok()
}

// secondPress asks where the act stands: a button that opens the question, and in it the one that does it. It needs no script.
type secondPress struct {
	Open     string // the word that opens it
	Of       string // what it is about, for those who do not see beside what it stands
	Question string
	Text     string // what is lost
	Action   string // URL
	Submit   string
}
