package dashboard

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"statusd/app/model"
)

// The boxes that clear a secret.
const (
	removeHeader     = "remove.authHeader"
	removeBody       = "remove.body"
	removePassphrase = "remove.passphrase"
)

// escapeQuotes writes a text between the double quotes of a shell or of authorized_keys.
var escapeQuotes = strings.NewReplacer(`"`, `\"`)

// typedTarget reads what was typed, once, and gives what writes it over a target. A secret field that is empty keeps what is set.
func (f *form) typedTarget(kind model.TargetType) func(*model.RestartTarget) error {
	var numbers targetNumbers
	switch kind {
	case model.RestartHTTP:
		numbers.low, numbers.high = f.number("expectedStatusMin"), f.number("expectedStatusMax")
	case model.RestartSSH:
		numbers.port = f.number("port")
	}
	if kind != model.RestartCoolify {
		numbers.timeout = f.seconds(fieldTimeout)
	}
	problems := slices.Clone(f.problems)
	return func(r *model.RestartTarget) error {
		wrong := slices.Clone(problems)
		r.Name, r.Timeout = f.get("name"), numbers.timeout
		switch kind {
		case model.RestartHTTP:
			f.typedHTTP(&r.HTTP, numbers)
		case model.RestartSSH:
			f.typedSSH(&r.SSH, numbers)
		case model.RestartCoolify:
			r.Coolify.BaseURL, r.Coolify.ResourceUUID, r.Coolify.Force = f.get("baseUrl"), f.get("resourceUuid"), f.has("force")
			if token := f.get("apiToken"); token != "" {
				r.Coolify.APIToken = model.Secret(token)
			}
		}
		return wrong.Err()
	}
}

// targetNumbers are those of a form that were read.
type targetNumbers struct {
	low, high, port int
	timeout         time.Duration
}

func (f *form) typedHTTP(h *model.HTTPTarget, n targetNumbers) {
	h.URL, h.Method, h.ExpectedStatusMin, h.ExpectedStatusMax = f.get("url"), f.get("method"), n.low, n.high
	h.AuthHeaderName = f.get("authHeaderName")
	switch value := f.raw("authHeaderValue"); {
	case value != "":
		h.AuthHeaderValue = model.Secret(value)
	case f.has(removeHeader):
		h.AuthHeaderName, h.AuthHeaderValue = "", ""
	case h.AuthHeaderName == "": // a value is of a header
		h.AuthHeaderValue = ""
	}
	switch body := f.raw("body"); {
	case body != "" && h.Method == http.MethodPost:
		h.Body = model.Secret(body)
	case f.has(removeBody):
		h.Body = ""
	}
}

// typedSSH replaces a key with its passphrase: a new key has its own, or none.
func (f *form) typedSSH(s *model.SSHTarget, n targetNumbers) {
	s.Host, s.Port, s.User, s.Command, s.HostKey = f.get("host"), n.port, f.get("user"), f.get("command"), f.get("hostKey")
	passphrase := model.Secret(f.raw("passphrase"))
	switch key := f.raw("privateKey"); {
	case strings.TrimSpace(key) != "":
		s.PrivateKey, s.Passphrase = model.Secret(key), passphrase
	case passphrase != "":
		s.Passphrase = passphrase
	case f.has(removePassphrase):
		s.Passphrase = ""
	}
}

// seconds reads a number of seconds, which may have a fraction, written with a point or a comma.
func (f *form) seconds(name string) time.Duration {
	const enough = 1_000_000_000
	n, err := strconv.ParseFloat(strings.Replace(f.get(name), ",", ".", 1), 64)
	if err != nil || n != n {
		f.problems.Add(name, "number")
		return 0
	}
	return time.Duration(max(-enough, min(enough, n)) * float64(time.Second)).Round(time.Millisecond)
}

// typedTargetSecrets says whether the form brought secrets, which a page that shows it again does not have.
func (f *form) typedTargetSecrets() bool {
	return slices.ContainsFunc([]string{"authHeaderValue", "body", "privateKey", "passphrase", "apiToken"}, func(name string) bool { return f.raw(name) != "" })
}
