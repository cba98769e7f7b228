package view

import "strings"

// Field is one control of a form with its label, its help and what is wrong with it: assets/shared/field/ has a template for each
// kind. Every text is in words already.
type Field struct {
	Name         string // of the form's value
	Label        string
	Help, Error  string
	Value        string
	Type         string // of an input: "text" when empty
	Unit, Prefix string // glued to the control
	Autocomplete string
	InputMode    string
	Placeholder  string
	MaxLength    int
	Rows         int    // of a text area
	Optional     string // the word for it, when it is
	Mono         bool
	Checked      bool
	Focus        bool // where typing begins
	Options      []Option
	Suggestions  []string // of an input
}

// Option is one choice of a select or of radio buttons.
type Option struct {
	Value, Label, Help string
	Chosen             bool
}

// ID is the control's id.
func (f Field) ID() string { return "f-" + strings.ReplaceAll(f.Name, ".", "-") }

// Describes names the elements that describe the control (aria-describedby); "" for none.
func (f Field) Describes() string {
	var ids []string
	if f.Error != "" {
		ids = append(ids, f.ID()+"-error")
	}
	if f.Help != "" {
		ids = append(ids, f.ID()+"-help")
	}
	return strings.Join(ids, " ")
}

// Kind is the type attribute of an input.
func (f Field) Kind() string {
	if f.Type == "" {
		return "text"
	}
	return f.Type
}
