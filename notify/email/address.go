package email

import (
	"net/mail"
	"net/netip"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

const (
	maxLocal   = 64  // octets before the @; RFC 5321 §4.5.3.1.1
	maxAddress = 254 // octets of all of it; RFC 3696, erratum 1690
)

// Address returns a bare address in the form in which it is sent, and whether it is one: a host name behind the @, in ASCII and lower case.
// What stands before the @ is left as it is: only its own server knows what that means.
func Address(text string) (string, bool) {
	if text == "" || hasControl(text) || strings.ContainsAny(text, "<>") {
		return "", false
	}
	parsed, err := mail.ParseAddress(text)
	if err != nil || parsed.Name != "" {
		return "", false
	}
	at := strings.LastIndexByte(parsed.Address, '@')
	local := parsed.Address[:at]
	domain, ok := hostname(parsed.Address[at+1:])
	if _, err := netip.ParseAddr(domain); !ok || err == nil || !strings.Contains(domain, ".") && domain != "localhost" {
		return "", false
	}
	if len(local) > maxLocal || len(local)+1+len(domain) > maxAddress || hasControl(local) {
		return "", false
	}
	whole := (&mail.Address{Address: local + "@" + domain}).String() // which quotes what must be quoted
	return strings.TrimSuffix(strings.TrimPrefix(whole, "<"), ">"), true
}

// hostname returns a host name or an address in its usual form, and whether it is one.
func hostname(text string) (string, bool) {
	if addr, err := netip.ParseAddr(text); err == nil && addr.Zone() == "" {
		return addr.String(), true
	}
	name := strings.ToLower(strings.TrimSuffix(text, "."))
	if !ascii(name) {
		plain, err := idna.Lookup.ToASCII(name)
		if err != nil {
			return "", false
		}
		name = plain
	}
	if len(name) > 253 {
		return "", false
	}
	for label := range strings.SplitSeq(name, ".") {
		if !labelOK(label) {
			return "", false
		}
	}
	return name, true
}

func labelOK(label string) bool {
	if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
		return false
	}
	return strings.IndexFunc(label, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' && r != '_'
	}) < 0
}

func domainOf(address string) string { return address[strings.LastIndexByte(address, '@')+1:] }

func ascii(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r >= utf8.RuneSelf }) < 0
}

// hasControl finds what must not stand in a line: controls, and what some readers take for the end of one.
func hasControl(s string) bool {
	return !utf8.ValidString(s) || strings.IndexFunc(s, isControl) >= 0
}

func isControl(r rune) bool { return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' }
