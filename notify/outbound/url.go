package outbound

import (
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// MaxURL is how many characters a URL may have, as it is written and as it is sent.
const MaxURL = 2048

// Refusal is why a URL, a host or an address is refused. It is an error.
type Refusal uint8

// The refusals.
const (
	NotURL      Refusal = iota + 1 // no absolute http or https URL
	TooLong                        // over MaxURL characters
	UserInfo                       // holds a user or a password
	BadPort                        // neither 80, 443 nor from 1024 up
	BadHost                        // no host name or address in its usual spelling
	UnknownHost                    // the name does not exist
	Forbidden                      // leads to an address that is not public and not allowed
)

// Error says what is wrong, without naming the address.
func (r Refusal) Error() string {
	return [...]string{
		"not refused",
		"not an absolute http or https URL",
		"longer than 2048 characters",
		"a URL with a user or a password in it",
		"the port is neither 80, 443 nor from 1024 up",
		"no host name or address in its usual spelling",
		"the host name does not exist",
		"leads to an address that is not public",
	}[r]
}

// CheckURL refuses what no webhook may have as its URL, and returns it with its host written in the usual way: lower case, no dot at the
// end, international names in ASCII, no fragment. It asks nobody. The error is a Refusal.
func CheckURL(raw string) (*url.URL, error) {
	if utf8.RuneCountInString(raw) > MaxURL {
		return nil, TooLong
	}
	u, err := url.Parse(raw)
	switch {
	case err != nil, u.Scheme != "http" && u.Scheme != "https", u.Host == "", u.Opaque != "":
		return nil, NotURL
	case u.User != nil:
		return nil, UserInfo
	}
	port, err := checkPort(u.Port())
	if err != nil {
		return nil, err
	}
	host, err := canonical(u.Hostname())
	if err != nil {
		return nil, err
	}
	u.Host = host + port
	u.Fragment, u.RawFragment = "", ""
	if len(u.String()) > MaxURL {
		return nil, TooLong
	}
	return u, nil
}

// checkPort returns ":port", or "" for none.
func checkPort(port string) (string, error) {
	if port == "" {
		return "", nil
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil || !portOK(uint16(n)) {
		return "", BadPort
	}
	return ":" + strconv.FormatUint(n, 10), nil
}

// portOK says that strangers may have us connect to a port: below 1024 live SMTP, SSH and their like, which take an HTTP request
// for whatever they want to.
func portOK(port uint16) bool { return port == 80 || port == 443 || port >= 1024 }

// canonical returns a host as a URL has it, brackets included. What looks like a number but is no address in its usual spelling is
// refused: Go does not read "127.1" or "0x7f.1" as an address, but a resolver may.
func canonical(host string) (string, error) {
	if strings.Contains(host, ":") {
		addr, err := netip.ParseAddr(host)
		if err != nil || addr.Zone() != "" {
			return "", BadHost
		}
		return "[" + addr.String() + "]", nil
	}
	host, err := ascii(strings.TrimSuffix(host, "."))
	if err != nil {
		return "", err
	}
	labels := strings.Split(host, ".")
	for _, label := range labels {
		if !labelOK(label) {
			return "", BadHost
		}
	}
	if _, err := netip.ParseAddr(host); len(host) > 253 || numeric(labels[len(labels)-1]) && err != nil {
		return "", BadHost
	}
	return host, nil
}

// ascii is an international name in ASCII, in lower case. A label that only dresses up ASCII ("①②⑦") is refused.
func ascii(host string) (string, error) {
	labels := strings.Split(host, ".")
	for i, label := range labels {
		if isASCII(label) {
			labels[i] = strings.ToLower(label)
			continue
		}
		plain, err := idna.Lookup.ToASCII(label)
		if err != nil || !strings.HasPrefix(plain, "xn--") || strings.Contains(plain, ".") {
			return "", BadHost
		}
		labels[i] = plain
	}
	return strings.Join(labels, "."), nil
}

func isASCII(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r >= utf8.RuneSelf }) < 0
}

func labelOK(label string) bool {
	if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
		return false
	}
	return strings.IndexFunc(label, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' && r != '_'
	}) < 0
}

// numeric says that a last label makes a host a number, however it is written. Source: WHATWG URL, "ends in a number".
func numeric(label string) bool {
	if strings.Trim(label, "0123456789") == "" {
		return true
	}
	hex, ok := strings.CutPrefix(label, "0x")
	return ok && strings.Trim(hex, "0123456789abcdef") == ""
}
