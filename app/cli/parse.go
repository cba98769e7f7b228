package cli

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/xhit/go-str2duration/v2"

	"statusd/notify/email"
	"statusd/notify/telegram"
)

// parsed is a flag whose text is read the moment it is set. Each reader's error says what to write instead.
type parsed[T any] struct {
	text, kind string
	value      T
	read       func(string) (T, error)
}

// flagOf is a flag with a default, which must be readable.
func flagOf[T any](text, kind string, read func(string) (T, error)) *parsed[T] {
	p := &parsed[T]{kind: kind, read: read}
	if err := p.Set(text); err != nil {
		panic(err) // a default of ours
	}
	return p
}

// String is the flag's text.
func (p *parsed[T]) String() string { return p.text }

// Type is what help calls the value.
func (p *parsed[T]) Type() string { return p.kind }

// Set reads a value.
func (p *parsed[T]) Set(text string) error {
	value, err := p.read(text)
	if err != nil {
		return err
	}
	p.text, p.value = text, value
	return nil
}

// parseListen reads host:port, where an empty host is every address.
func parseListen(text string) (string, error) {
	if text != "" && !strings.Contains(text, ":") {
		if _, err := strconv.ParseUint(text, 10, 16); err == nil {
			return "", fmt.Errorf("%q has no colon: write :%s", text, text)
		}
	}
	host, port, err := net.SplitHostPort(text)
	if err != nil {
		return "", fmt.Errorf("%q is no address to listen on: write :8080 or 127.0.0.1:8080", text)
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || strconv.FormatUint(n, 10) != port {
		return "", fmt.Errorf("%q is no port: write a number up to 65535, as in :8080", port)
	}
	if strings.ContainsAny(host, " /@") {
		return "", fmt.Errorf("%q is no host: write :%s to listen on every address", host, port)
	}
	return text, nil
}

// parseBaseURL reads the public URL; nil for an empty text. A slash at its end is cut.
func parseBaseURL(text string) (*url.URL, error) {
	if text == "" {
		return nil, nil
	}
	u, err := webURL(text)
	if err != nil {
		return nil, err
	}
	if u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" || strings.HasSuffix(text, "#") {
		return nil, fmt.Errorf("%q holds more than a public URL does: write it without user, query and fragment, like https://status.example.org", text)
	}
	clean := u.JoinPath()
	clean.Path = strings.TrimRight(clean.Path, "/")
	clean.RawPath = ""
	return clean, nil
}

// webURL reads an absolute http or https URL.
func webURL(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	switch {
	case err == nil && u.Scheme == "" || err != nil && !strings.Contains(text, "://"), err == nil && u.Opaque != "":
		return nil, fmt.Errorf("%q has no scheme: write https://%s", text, strings.TrimLeft(text, "/"))
	case err != nil, u.Hostname() == "", strings.ContainsAny(u.Host, " "), !goodPort(u.Port()):
		return nil, fmt.Errorf("%q is no URL: write one like https://example.org", text)
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, fmt.Errorf("%q is no web address: write one that begins with https:// or http://", text)
	}
	return u, nil
}

func goodPort(port string) bool {
	if port == "" {
		return true
	}
	n, err := strconv.ParseUint(port, 10, 16)
	return err == nil && n > 0
}

// parsePrefixes reads networks and single addresses, separated by commas.
func parsePrefixes(text string) ([]netip.Prefix, error) {
	var out []netip.Prefix
	for part := range strings.SplitSeq(text, ",") {
		part = strings.TrimSpace(part)
		if part == "" {
			continue
		}
		prefix, err := parsePrefix(part)
		if err != nil {
			return nil, err
		}
		out = append(out, prefix)
	}
	return out, nil
}

func parsePrefix(text string) (netip.Prefix, error) {
	if addr, err := netip.ParseAddr(text); err == nil && addr.Zone() == "" {
		addr = addr.Unmap()
		return netip.PrefixFrom(addr, addr.BitLen()), nil
	}
	prefix, err := netip.ParsePrefix(text)
	switch {
	case err != nil || prefix.Addr().Is4In6():
		return prefix, fmt.Errorf("%q is no network: write it like 10.0.0.0/8 or 2001:db8::/32, several with commas between", text)
	case prefix != prefix.Masked():
		return prefix, fmt.Errorf("%q names a host inside a network: write %s, or %s for the host alone", text, prefix.Masked(), prefix.Addr())
	}
	return prefix, nil
}

// parseProxy reads the URL of a proxy; nil for an empty text.
func parseProxy(text string) (*url.URL, error) {
	if text == "" {
		return nil, nil
	}
	u, err := url.Parse(text)
	if err == nil && u.Hostname() != "" && goodPort(u.Port()) && strings.Trim(u.Path, "/") == "" {
		switch u.Scheme {
		case "http", "https", "socks5", "socks5h":
			return u, nil
		}
	}
	// Without the text: it may hold a password.
	return nil, fmt.Errorf("this is no proxy: write it like http://proxy.example.org:3128 or socks5://127.0.0.1:1080")
}

// spanning reads a duration between two bounds: 90s, 12h, 7d, 2w.
func spanning(least, most time.Duration) func(string) (time.Duration, error) {
	return func(text string) (time.Duration, error) {
		d, err := str2duration.ParseDuration(text)
		if err != nil {
			return 0, fmt.Errorf("%q is no duration: write it like 90s, 12h or 7d", text)
		}
		if d < least || d > most {
			return 0, fmt.Errorf("%s is out of bounds: write something from %s to %s", text, spoken(least), spoken(most))
		}
		return d, nil
	}
}

// optional reads a duration that may be left out: an empty text is 0.
func optional(read func(string) (time.Duration, error)) func(string) (time.Duration, error) {
	return func(text string) (time.Duration, error) {
		if text == "" {
			return 0, nil
		}
		return read(text)
	}
}

// spoken is a duration as people write it.
func spoken(d time.Duration) string {
	if d >= day && d%day == 0 {
		return strconv.FormatInt(int64(d/day), 10) + "d"
	}
	return str2duration.String(d)
}

// parseSMTP reads where mails go; nil for "".
func parseSMTP(text string) (*email.Settings, error) {
	if text == "" {
		return nil, nil
	}
	s, err := email.ParseURL(text)
	if err != nil {
		return nil, err
	}
	return &s, nil
}

// parseTelegram reads where the Bot API is.
func parseTelegram(text string) (string, error) {
	if text == "" {
		return "", nil
	}
	s, err := telegram.New(telegram.Options{API: text})
	if err != nil {
		return "", err
	}
	s.Close()
	return text, nil
}
