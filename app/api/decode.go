package api

import (
	"bytes"
	"errors"
	"io"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"statusd/app/model"
)

// fields says how each member of a JSON object is written into a T. A name that is not in it is refused.
type fields[T any] map[string]func(into *T, g given)

// given is one member of a body: what was sent, where it stands, and where to say what is wrong with it.
type given struct {
	path  string // "branding.primaryColor"
	value jsontext.Value
	wrong *model.Invalid
}

// member is a name and a value as they stand in a body.
type member struct {
	name  string
	value jsontext.Value
}

// reader turns a body into the change that it asks for. A body that is no JSON object is refused at once; what is wrong with its
// fields is told when the change is applied, together with what else is wrong.
func (f fields[T]) reader(body []byte) (func(*T) error, error) {
	members, err := parse(body)
	if err != nil {
		return nil, err
	}
	return func(into *T) error {
		var wrong model.Invalid
		f.apply(into, "", members, &wrong)
		return wrong.Err()
	}, nil
}

// maxUnknown is how many unknown fields are told before the rest is left out.
const maxUnknown = 20

func (f fields[T]) apply(into *T, prefix string, members []member, wrong *model.Invalid) {
	unknown := 0
	for _, m := range members {
		set, ok := f[m.name]
		if ok {
			set(into, given{prefix + m.name, m.value, wrong})
			continue
		}
		if unknown++; unknown <= maxUnknown {
			wrong.Add(prefix+m.name, "unknown_field")
		}
	}
}

// nested applies a member that is itself an object.
func (f fields[T]) nested(into *T, g given) {
	if members, ok := g.members(); ok {
		f.apply(into, g.path+".", members, g.wrong)
	}
}

// parse reads exactly one JSON object (RFC 8259), without duplicate names at any depth and without anything behind it.
func parse(body []byte) ([]member, error) {
	if len(bytes.TrimSpace(body)) == 0 {
		return nil, malformed("it is empty")
	}
	d := jsontext.NewDecoder(bytes.NewBuffer(body))
	value, err := d.ReadValue()
	if err != nil {
		return nil, malformed(reason(err))
	}
	members, ok := membersOf(value.Clone())
	if !ok {
		return nil, malformed("it is no object")
	}
	if _, err := d.ReadToken(); err != io.EOF {
		return nil, malformed("something follows the object")
	}
	return members, nil
}

func malformed(why string) error {
	return refusal{http.StatusBadRequest, "The body is not a JSON object: " + why + "."}
}

func reason(err error) string {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return "it ends too early"
	}
	return strings.TrimPrefix(err.Error(), "jsontext: ")
}

// membersOf lists the members of a valid object; false when the value is something else.
func membersOf(value jsontext.Value) ([]member, bool) {
	if value.Kind() != '{' {
		return nil, false
	}
	d := jsontext.NewDecoder(bytes.NewBuffer(value))
	if _, err := d.ReadToken(); err != nil {
		return nil, false
	}
	var members []member
	for d.PeekKind() == '"' {
		name, err := d.ReadToken()
		if err != nil {
			return nil, false
		}
		m := member{name: name.String()}
		v, err := d.ReadValue()
		if err != nil {
			return nil, false
		}
		m.value = v.Clone()
		members = append(members, m)
	}
	return members, true
}

// null says that the member asks for the default, or for none.
func (g given) null() bool { return g.value.Kind() == 'n' }

func (g given) refuse(code string, args ...any) { g.wrong.Add(g.path, code, args...) }

// members reads an object.
func (g given) members() ([]member, bool) {
	members, ok := membersOf(g.value)
	if !ok {
		g.refuse("type", "want", "object")
	}
	return members, ok
}

// text reads a string; null stands for the default.
func (g given) text(into *string, byDefault string) {
	if g.null() {
		*into = byDefault
		return
	}
	if text, ok := unquoted(g.value); ok {
		*into = text
		return
	}
	g.refuse("type", "want", "string")
}

func unquoted(value jsontext.Value) (string, bool) {
	if value.Kind() != '"' {
		return "", false
	}
	text, err := jsontext.AppendUnquote(nil, value)
	return string(text), err == nil
}

// flag reads true or false; null stands for the default.
func (g given) flag(into *bool, byDefault bool) {
	switch g.value.Kind() {
	case 't', 'f':
		*into = g.value.Kind() == 't'
	case 'n':
		*into = byDefault
	default:
		g.refuse("type", "want", "boolean")
	}
}

// integer reads a whole number; null stands for the default.
func (g given) integer(into *int, byDefault int) {
	if g.null() {
		*into = byDefault
		return
	}
	if n, ok := g.number(); ok {
		*into = n
	}
}

// duration reads a whole number of units; null stands for the default.
func (g given) duration(into *time.Duration, unit, byDefault time.Duration) {
	if g.null() {
		*into = byDefault
		return
	}
	if n, ok := g.number(); ok {
		*into = time.Duration(n) * unit
	}
}

// beyond is further from 0 than any number that a field takes, and small enough to be multiplied by a second.
const beyond = 1_000_000_000

// number reads a whole number, also one written 30.0 or 3e1. One that is far too large is cut, and still too large.
func (g given) number() (int, bool) {
	if g.value.Kind() == '0' {
		f, err := strconv.ParseFloat(string(g.value), 64)
		if math.Trunc(f) == f || err != nil {
			return int(max(-beyond, min(f, beyond))), true
		}
	}
	g.refuse("type", "want", "integer")
	return 0, false
}
