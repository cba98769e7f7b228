package restart

import (
	"fmt"
	"strconv"
)

// Secret is a value that reaches nobody but the target: it prints as "set" or "", whatever it is printed with.
type Secret string

// String hides the secret.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return "set"
}

// GoString hides the secret.
func (s Secret) GoString() string { return strconv.Quote(s.String()) }

// Format hides the secret from verbs that ask for neither of them, such as %d.
func (s Secret) Format(f fmt.State, verb rune) {
	text := s.String()
	if verb == 'v' && f.Flag('#') {
		text = s.GoString()
	}
	fmt.Fprint(f, text)
}

// MarshalText hides the secret from every encoder.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }
