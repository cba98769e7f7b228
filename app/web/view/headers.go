package view

import "net/http"

// The content security policies. Everything comes from us, nothing is inline, so neither has a nonce or an unsafe- word.
const (
	policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
		"object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors "

	// CSP is the policy of every document that nobody may frame.
	CSP = policy + "'none'"
	// CSPDashboard is the policy of the dashboard, which shows pages of ours in frames.
	CSPDashboard = policy + "'none'; frame-src 'self'"
	// CSPPreview is the policy of a page that only the dashboard frames.
	CSPPreview = policy + "'self'"
	// CSPFramable is the policy of the widget, which anybody may frame.
	CSPFramable = policy + "*"
)

// Immutable is the Cache-Control of a URL that has its content's hash in it.
const Immutable = "public, max-age=31536000, immutable"

// Headers are header values ready to be set: slices, so that serving allocates nothing for them.
type Headers []Header

// Header is one of Headers. Name is in canonical form.
type Header struct {
	Name   string
	Values []string
}

// NewHeaders takes name, value, name, value ...
func NewHeaders(pairs ...string) Headers {
	h := make(Headers, 0, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		h = append(h, Header{http.CanonicalHeaderKey(pairs[i]), []string{pairs[i+1]}})
	}
	return h
}

// Set writes them to an answer.
func (h Headers) Set(to http.Header) {
	for _, header := range h {
		to[header.Name] = header.Values
	}
}
