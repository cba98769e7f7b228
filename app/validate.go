package app

import (
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"statusd/app/model"
)

// Validation of fields that several nouns have. Each adds a problem whose code names a message of the locale files.

// named checks a required text of one line, up to limit characters.
func named(v *model.Invalid, field, value string, limit int) {
	if strings.TrimSpace(value) == "" && !v.Has(field) {
		v.Add(field, "required")
		return
	}
	oneLine(v, field, value, limit)
}

// oneLine checks a text of one line, up to limit characters.
func oneLine(v *model.Invalid, field, value string, limit int) {
	switch {
	case v.Has(field):
	case utf8.RuneCountInString(value) > limit:
		v.Add(field, "too_long", "max", limit)
	case !utf8.ValidString(value) || strings.ContainsFunc(value, unprintable):
		v.Add(field, "control_characters")
	}
}

// unprintable are control characters and those that change the direction of what follows.
func unprintable(r rune) bool {
	return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069'
}

// between checks a number.
func between(v *model.Invalid, field string, n, low, high int64) {
	if !v.Has(field) && (n < low || n > high) {
		v.Add(field, "range", "min", low, "max", high)
	}
}

// webAddress checks an absolute http or https URL without user info.
func webAddress(v *model.Invalid, field, value string, limit int) {
	if len(value) > limit {
		v.Add(field, "too_long", "max", limit)
		return
	}
	u, err := url.Parse(value)
	switch {
	case strings.ContainsFunc(value, unicode.IsSpace) || strings.ContainsFunc(value, unprintable):
		v.Add(field, "url")
	case err != nil && !strings.Contains(value, "://"), err == nil && u.Scheme != "http" && u.Scheme != "https":
		v.Add(field, "url_scheme")
	case err != nil || u.Hostname() == "" || !goodPort(u.Port()):
		v.Add(field, "url")
	case u.User != nil:
		v.Add(field, "url_user")
	}
}

// called checks the host of something that is called on purpose: wherever an administrator wants, but never a cloud's metadata address,
// which would hand out the credentials of the machine. A command without a prober leaves that to the one that calls.
func (a *App) called(v *model.Invalid, field, host string) {
	if host != "" && !v.Has(field) && a.Prober != nil && a.Prober.Refuses(host) {
		v.Add(field, "metadata", "host", host)
	}
}

// calledURL is webAddress and called.
func (a *App) calledURL(v *model.Invalid, field, value string, limit int) {
	webAddress(v, field, value, limit)
	if u, err := url.Parse(value); err == nil {
		a.called(v, field, u.Hostname())
	}
}

// mailAddress checks the address of a person.
func mailAddress(v *model.Invalid, field, value string) {
	if len(value) > 254 || !emailForm.MatchString(value) || !utf8.ValidString(value) || strings.ContainsFunc(value, unprintable) {
		v.Add(field, "email")
	}
}

// publicURL checks an absolute http or https URL that others can be appended to, and returns it without a slash at its end.
func publicURL(v *model.Invalid, field, value string) string {
	value = strings.TrimSpace(value)
	webAddress(v, field, value, 2048)
	if v.Has(field) {
		return ""
	}
	u, err := url.Parse(value)
	if err != nil || u.RawQuery != "" || u.ForceQuery || strings.Contains(value, "#") {
		v.Add(field, "base_url")
		return ""
	}
	u = u.JoinPath()
	u.Path, u.RawPath = strings.TrimRight(u.Path, "/"), ""
	return u.String()
}

// goodPort says whether a URL's port can be dialled; url.Parse lets any number through.
func goodPort(port string) bool {
	if port == "" {
		return true
	}
	n, err := strconv.ParseUint(port, 10, 16)
	return err == nil && n > 0
}

var (
	slugForm   = regexp.MustCompile(`^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$`) // SPEC §8
	colorForm  = regexp.MustCompile(`^#[0-9a-fA-F]{6}$`)
	domainForm = regexp.MustCompile(`^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$`) // ASCII form, no address
	emailForm  = regexp.MustCompile(`^[^@\s]+@[^@\s]+$`)
)
