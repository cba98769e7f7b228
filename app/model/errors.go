package model

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// The kinds of error that every edge answers alike.
var (
	// ErrNotFound: there is no such thing, or it belongs to another workspace, which must look the same. 404.
	ErrNotFound = errors.New("not found")
	// ErrUnauthorized: nobody known asked. 401.
	ErrUnauthorized = errors.New("unauthorized")
	// ErrForbidden: the actor's role does not reach. 403.
	ErrForbidden = errors.New("forbidden")
)

// Conflict says that the state of things does not allow what was asked. 409.
type Conflict struct {
	Code string // names a message of the locale files: "conflict.<code>"
	Args map[string]any
}

// Error is the code; people read the locale file's words.
func (c Conflict) Error() string { return "conflict: " + c.Code }

// TooMany says that something was tried too often, and for how long it is refused. 429.
type TooMany struct {
	Retry time.Duration // more than 0
}

// Error is for logs; people read the locale file's words.
func (t TooMany) Error() string { return fmt.Sprintf("too many tries: again in %s", t.Retry) }

// Problem is what is wrong with one field.
type Problem struct {
	Field string         // JSON name, dotted when nested: "branding.primaryColor"
	Code  string         // names a message of the locale files: "invalid.<code>"
	Args  map[string]any // for the message
}

// Invalid lists what is wrong with what was asked. 422. Nothing was changed.
type Invalid []Problem

// Error names the fields and codes; people read the locale file's words.
func (v Invalid) Error() string {
	parts := make([]string, len(v))
	for i, p := range v {
		parts[i] = p.Field + ": " + p.Code
	}
	return "invalid " + strings.Join(parts, ", ")
}

// Add appends a problem. Args are name, value, name, value ...
func (v *Invalid) Add(field, code string, args ...any) {
	p := Problem{Field: field, Code: code}
	if len(args) > 0 {
		p.Args = make(map[string]any, len(args)/2)
	}
	for i := 0; i+1 < len(args); i += 2 {
		p.Args[args[i].(string)] = args[i+1]
	}
	*v = append(*v, p)
}

// Has says whether the field has a problem already, so that one mistake is told once.
func (v Invalid) Has(field string) bool {
	for _, p := range v {
		if p.Field == field {
			return true
		}
	}
	return false
}

// Err is v as an error, nil when nothing is wrong.
func (v Invalid) Err() error {
	if len(v) == 0 {
		return nil
	}
	return v
}

// AsInvalid finds an Invalid in an error's chain.
func AsInvalid(err error) (Invalid, bool) {
	var v Invalid
	ok := errors.As(err, &v)
	return v, ok
}
