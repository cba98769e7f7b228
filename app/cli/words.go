package cli

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"statusd/app/locale"
	"statusd/app/model"
)

// Words is the text of a message: of a family ("invalid", "conflict"), by its code, with its arguments.
type Words func(family, code string, args map[string]any) string

// inEnglish words the codes of problems in English, which is what the command line and the API speak.
func inEnglish(b *locale.Bundle) Words {
	words := b.Words(locale.Default)
	return func(family, code string, args map[string]any) string {
		switch family {
		case "conflict":
			return words.Conflict(code, args)
		case "delivery":
			return words.Delivery(code)
		}
		return words.Invalid(code, args)
	}
}

// say words a message, and reads its code aloud when the assets have no words.
func (c *config) say(family, code string, args map[string]any) string {
	if c.words == nil {
		if locales, err := locale.Load(c.assets); err == nil {
			c.words = inEnglish(locales)
		}
	}
	if c.words != nil {
		return c.words(family, code, args)
	}
	text := strings.ReplaceAll(code, "_", " ")
	if len(args) == 0 {
		return text
	}
	var told []string
	for _, name := range slices.Sorted(maps.Keys(args)) {
		told = append(told, fmt.Sprint(name, " ", args[name]))
	}
	return text + " (" + strings.Join(told, ", ") + ")"
}

// sentence is an error in one line.
func (c *config) sentence(err error) string {
	var conflict model.Conflict
	if invalid, ok := model.AsInvalid(err); ok {
		return c.problems(invalid)
	}
	if errors.As(err, &conflict) {
		return c.say("conflict", conflict.Code, conflict.Args)
	}
	return strings.Join(strings.Fields(err.Error()), " ")
}

func (c *config) problems(invalid model.Invalid) string {
	parts := make([]string, len(invalid))
	for i, p := range invalid {
		parts[i] = p.Field + ": " + c.say("invalid", p.Code, p.Args)
	}
	return strings.Join(parts, "; ")
}
