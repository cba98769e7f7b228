package app

import (
	"net/http"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/http/httpguts"

	"statusd/app/model"
	"statusd/probe/restart"
)

// The limits of restart targets and bindings.
const (
	minRestartTimeout = time.Second
	maxRestartTimeout = 5 * time.Minute // some services take long to come back, and answer only then
	maxCommand        = 4096
	maxKeyFile        = 64 << 10
	maxPassphrase     = 1024
	maxHostKey        = 4096
	maxAPIToken       = 1024
	maxThreshold      = 100
	maxCooldown       = 24 * time.Hour
	maxFirings        = 100
)

var hostForm = regexp.MustCompile(`^[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,251}[A-Za-z0-9_.])?$`)

// changeRestartTarget applies a change to a target and validates what comes out.
func (a *App) changeRestartTarget(r *model.RestartTarget, change func(*model.RestartTarget) error) error {
	old := *r
	k := standIns{}
	k.hide(&r.HTTP.AuthHeaderValue)
	k.hide(&r.HTTP.Body)
	k.hide(&r.Coolify.APIToken)
	v, err := applied(change(r))
	if err != nil {
		return err
	}
	header, body, token := k.show(&r.HTTP.AuthHeaderValue), k.show(&r.HTTP.Body), k.show(&r.Coolify.APIToken)
	if r.Type != old.Type {
		v.Add("type", "type_fixed")
		r.Type = old.Type
	}
	named(&v, "name", r.Name, 80)
	http, ssh, coolify := r.HTTP, r.SSH, r.Coolify
	r.HTTP, r.SSH, r.Coolify = model.HTTPTarget{}, model.SSHTarget{}, model.CoolifyTarget{}
	switch r.Type {
	case model.RestartHTTP:
		r.HTTP = http
		a.validateHTTPTarget(&v, r.HTTP)
		if !v.Has("url") && !sameReceiver(old.HTTP.URL, r.HTTP.URL) {
			goesElsewhere(&v, "authHeaderValue", header, old.HTTP.URL)
			goesElsewhere(&v, "body", body, old.HTTP.URL)
		}
		validateRestartTimeout(&v, r)
	case model.RestartSSH:
		r.SSH = remembering(old.SSH, ssh)
		a.validateSSHTarget(&v, r.SSH)
		validateRestartTimeout(&v, r)
	case model.RestartCoolify:
		r.Coolify, r.Timeout = coolify, 0
		a.validateCoolifyTarget(&v, &r.Coolify)
		if !v.Has("baseUrl") && !sameReceiver(old.Coolify.BaseURL, r.Coolify.BaseURL) {
			goesElsewhere(&v, "apiToken", token, old.Coolify.BaseURL)
		}
	default:
		if !v.Has("type") {
			v.Add("type", "choice", "choices", "http, ssh, coolify")
		}
	}
	return v.Err()
}

// remembering is an SSH target after a change, with the key that its host showed as far as that is still the same host and no key is given.
// People can forget it, but not make one up.
func remembering(old, now model.SSHTarget) model.SSHTarget {
	if now.HostKey != "" || now.Host != old.Host || now.Port != old.Port || now.Seen != old.Seen {
		now.Seen, now.SeenAt = "", time.Time{}
	} else {
		now.SeenAt = old.SeenAt
	}
	return now
}

func validateRestartTimeout(v *model.Invalid, r *model.RestartTarget) {
	between(v, "timeoutMs", r.Timeout.Milliseconds(), minRestartTimeout.Milliseconds(), maxRestartTimeout.Milliseconds())
}

func (a *App) validateHTTPTarget(v *model.Invalid, h model.HTTPTarget) {
	if h.URL == "" && !v.Has("url") {
		v.Add("url", "required")
	} else if !v.Has("url") {
		a.calledURL(v, "url", h.URL, maxURL)
	}
	if !v.Has("method") && !slices.Contains([]string{http.MethodGet, http.MethodPost}, h.Method) {
		v.Add("method", "choice", "choices", "GET, POST")
	}
	validateStatusRange(v, h.ExpectedStatusMin, h.ExpectedStatusMax)
	validateAuthHeader(v, h.AuthHeaderName, h.AuthHeaderValue)
	switch {
	case v.Has("body"):
	case len(h.Body) > maxRequestBody:
		v.Add("body", "too_long_bytes", "max", maxRequestBody)
	case h.Body != "" && h.Method != http.MethodPost:
		v.Add("body", "body_needs_post")
	}
}

func validateAuthHeader(v *model.Invalid, name string, value model.Secret) {
	const nameField, valueField = "authHeaderName", "authHeaderValue"
	switch {
	case v.Has(nameField) || name == "" && value == "":
	case name == "":
		v.Add(nameField, "header_needs_name")
	case !httpguts.ValidHeaderFieldName(name) || len(name) > maxHeaderNamed:
		v.Add(nameField, "header_name", "name", name)
	case slices.Contains(notConfigurable, strings.ToLower(name)):
		v.Add(nameField, "header_reserved", "name", name)
	}
	switch {
	case v.Has(valueField) || name == "":
	case value == "":
		v.Add(valueField, "header_needs_value", "name", name)
	case len(value) > maxHeaderValue || !httpguts.ValidHeaderFieldValue(value.Reveal()):
		v.Add(valueField, "header_value", "name", name, "max", maxHeaderValue)
	}
}

func (a *App) validateSSHTarget(v *model.Invalid, s model.SSHTarget) {
	switch {
	case v.Has("host"):
	case s.Host == "":
		v.Add("host", "required")
	case !goodHost(s.Host):
		v.Add("host", "ssh_host")
	}
	a.called(v, "host", s.Host)
	between(v, "port", int64(s.Port), 1, 65535)
	named(v, "user", s.User, 64)
	named(v, "command", s.Command, maxCommand)
	a.validatePrivateKey(v, s)
	oneLine(v, "hostKey", s.HostKey, maxHostKey)
	if s.HostKey != "" && !v.Has("hostKey") && a.RestartKeys.Host != nil {
		judged(v, a.RestartKeys.Host(s.HostKey))
	}
}

func (a *App) validatePrivateKey(v *model.Invalid, s model.SSHTarget) {
	const key, passphrase = "privateKey", "passphrase"
	switch {
	case v.Has(key):
	case s.PrivateKey == "":
		v.Add(key, "required")
	case len(s.PrivateKey) > maxKeyFile:
		v.Add(key, "too_long_bytes", "max", maxKeyFile)
	}
	if len(s.Passphrase) > maxPassphrase && !v.Has(passphrase) {
		v.Add(passphrase, "too_long_bytes", "max", maxPassphrase)
	}
	if !v.Has(key) && !v.Has(passphrase) && a.RestartKeys.Private != nil {
		judged(v, a.RestartKeys.Private(s.PrivateKey, s.Passphrase))
	}
}

// judged adds what others have found, if anything.
func judged(v *model.Invalid, p *model.Problem) {
	if p != nil {
		*v = append(*v, *p)
	}
}

// goodHost says whether a text is the name or the address of a host, and nothing more.
func goodHost(text string) bool {
	if addr, err := netip.ParseAddr(text); err == nil {
		return !addr.IsUnspecified() && !addr.IsMulticast()
	}
	return hostForm.MatchString(text)
}

func (a *App) validateCoolifyTarget(v *model.Invalid, c *model.CoolifyTarget) {
	switch {
	case v.Has("baseUrl"):
	case c.BaseURL == "":
		v.Add("baseUrl", "required")
	default:
		if base := publicURL(v, "baseUrl", c.BaseURL); !v.Has("baseUrl") {
			c.BaseURL = strings.TrimSuffix(base, "/api/v1") // as people copy it
			a.calledURL(v, "baseUrl", c.BaseURL, 2048)
		}
	}
	switch {
	case v.Has("apiToken"):
	case c.APIToken == "":
		v.Add("apiToken", "required")
	case len(c.APIToken) > maxAPIToken || strings.ContainsFunc(c.APIToken.Reveal(), notOfToken):
		v.Add("apiToken", "api_token")
	}
	switch {
	case v.Has("resourceUuid"):
	case c.ResourceUUID == "":
		v.Add("resourceUuid", "required")
	case restart.ParseUUID(c.ResourceUUID) != nil:
		v.Add("resourceUuid", "resource_uuid")
	}
}

func notOfToken(r rune) bool { return r <= ' ' || r > '~' }

// validateBinding checks how a check is bound; of one that is bound to nothing nothing is left.
func validateBinding(v *model.Invalid, b *model.Binding) {
	if !b.Bound() {
		*b = model.Binding{}
		return
	}
	between(v, "restart.threshold", int64(b.Threshold), 1, maxThreshold)
	between(v, "restart.cooldownSeconds", int64(b.Cooldown/time.Second), 1, int64(maxCooldown/time.Second))
	between(v, "restart.maxFirings", int64(b.MaxFirings), 1, maxFirings)
}
