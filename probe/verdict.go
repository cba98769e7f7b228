package probe

import (
	"compress/gzip"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"strings"
	"syscall"
	"time"
	"unicode"
)

// reason finds the sentence for an error of a hop that brought no answer, from what it is and how far the hop had come. Raw error
// texts are never passed on: they hold addresses, and sometimes the URL. Source: INTEROP.md section 7.
func (h *hop) reason(err error, now time.Time) Reason {
	h.marks.mu.Lock()
	at, dialErr := h.marks.stage, h.marks.dialErr
	h.marks.mu.Unlock()
	if r := h.ours(err); r.Code != "" {
		return r
	}
	if r := h.dnsReason(err, at); r.Code != "" {
		return r
	}
	if at <= connecting {
		return h.connectReason(err, dialErr)
	}
	if r := h.certificateReason(err, now); r.Code != "" {
		return r
	}
	if r := h.tlsReason(err, at); r.Code != "" {
		return r
	}
	if r := h2Reason(err); r.Code != "" {
		return r
	}
	return h.answerReason(err, at)
}

// ours are the errors that we make ourselves.
func (h *hop) ours(err error) Reason {
	var refused *refusedAddr
	var proxy *proxyAnswer
	switch {
	case errors.As(err, &refused):
		return reason("metadata", refused.addr)
	case errors.As(err, &proxy):
		return reason("proxy_refused", fmt.Sprint(proxy.status))
	case errors.Is(err, errFlood):
		return reason("flood")
	case errors.Is(err, errInterim), strings.Contains(err.Error(), "too many 1xx"):
		return reason("interim_flood")
	}
	return Reason{}
}

func timedOut(err error) bool {
	var ne net.Error
	return errors.Is(err, context.DeadlineExceeded) || errors.As(err, &ne) && ne.Timeout()
}

func (h *hop) dnsReason(err error, at stage) Reason {
	var dns *net.DNSError
	if !errors.As(err, &dns) {
		if at == resolving && timedOut(err) {
			return reason("dns_timeout", span(h.timeout))
		}
		return Reason{}
	}
	switch {
	case dns.IsNotFound:
		return reason("dns_unknown", h.host)
	case errors.Is(err, syscall.ENETUNREACH):
		return reason("no_network")
	case errors.Is(err, syscall.ECONNREFUSED), strings.Contains(dns.Err, "connection refused"):
		return reason("dns_unreachable")
	case dns.IsTimeout:
		return reason("dns_timeout", span(h.timeout))
	}
	return reason("dns_failed", h.host)
}

// errnos are the sentences of what the kernel says while a connection is made.
var errnos = []struct {
	errno syscall.Errno
	code  string
}{
	{syscall.ECONNRESET, "connect_reset"},
	{syscall.EMFILE, "fd_limit"}, {syscall.ENFILE, "fd_limit"},
	{syscall.EADDRINUSE, "socket_limit"}, {syscall.ENOBUFS, "socket_limit"}, {syscall.ENOMEM, "socket_limit"},
	{syscall.EACCES, "forbidden_here"}, {syscall.EPERM, "forbidden_here"},
}

func (h *hop) connectReason(err, dialErr error) Reason {
	if dialErr != nil && !timedOut(dialErr) {
		err = dialErr
	}
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return reason("refused", h.port)
	case errors.Is(err, syscall.EHOSTUNREACH):
		return reason("unreachable", h.host)
	case noRoute(err):
		return reason("no_route", h.host)
	case timedOut(err):
		return reason("connect_timeout", span(h.timeout))
	}
	for _, e := range errnos {
		if errors.Is(err, e.errno) {
			return reason(e.code)
		}
	}
	var errno syscall.Errno
	if errors.As(err, &errno) {
		return reason("connect_failed", errno.Error())
	}
	return reason("connect_failed", "unknown error")
}

// noRoute says that this machine has no way to an address: no network, or no IPv6.
func noRoute(err error) bool {
	return errors.Is(err, syscall.ENETUNREACH) || errors.Is(err, syscall.EADDRNOTAVAIL) || errors.Is(err, syscall.EAFNOSUPPORT)
}

func (h *hop) certificateReason(err error, now time.Time) Reason {
	var invalid x509.CertificateInvalidError
	var host x509.HostnameError
	var unknown x509.UnknownAuthorityError
	var insecure x509.InsecureAlgorithmError
	switch {
	case errors.As(err, &invalid):
		return invalidReason(invalid, now)
	case errors.As(err, &host):
		return h.hostReason(host)
	case errors.As(err, &unknown):
		return authorityReason(err)
	case errors.As(err, &insecure):
		return reason("tls_weak_signature")
	}
	return Reason{}
}

func invalidReason(err x509.CertificateInvalidError, now time.Time) Reason {
	switch err.Reason {
	case x509.Expired:
		if now.Before(err.Cert.NotBefore) {
			return reason("tls_not_yet", err.Cert.NotBefore.UTC().Format("2006-01-02 15:04 UTC"))
		}
		ago := now.Sub(err.Cert.NotAfter)
		if days := int(ago.Hours() / 24); days > 1 {
			return reason("tls_expired_days", fmt.Sprint(days))
		}
		return reason("tls_expired", roughly(ago))
	case x509.IncompatibleUsage:
		return reason("tls_wrong_usage")
	}
	return reason("tls_bad_certificate", text(err.Error()))
}

// roughly is a time of up to two days in its largest unit.
func roughly(d time.Duration) string {
	switch {
	case d >= time.Hour:
		return fmt.Sprintf("%d h", int(d.Hours()))
	case d >= time.Minute:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	}
	return fmt.Sprintf("%d s", int(d.Seconds()))
}

// manyNames is after how many names of a certificate the list is cut.
const manyNames = 4

func (h *hop) hostReason(err x509.HostnameError) Reason {
	names := err.Certificate.DNSNames
	for _, ip := range err.Certificate.IPAddresses {
		names = append(names, ip.String())
	}
	if len(names) == 0 {
		return reason("tls_no_names", h.host)
	}
	more := ""
	if len(names) > manyNames {
		more = fmt.Sprintf(" and %d more", len(names)-manyNames)
		names = names[:manyNames]
	}
	return reason("tls_wrong_host", text(strings.Join(names, ", "))+more, h.host)
}

func authorityReason(err error) Reason {
	var verify *tls.CertificateVerificationError
	if !errors.As(err, &verify) || len(verify.UnverifiedCertificates) == 0 {
		return reason("tls_untrusted", "unknown issuer")
	}
	leaf := verify.UnverifiedCertificates[0]
	issuer := text(leaf.Issuer.CommonName)
	if issuer == "" {
		issuer = text(leaf.Issuer.String())
	}
	switch {
	case string(leaf.RawIssuer) == string(leaf.RawSubject):
		return reason("tls_self_signed")
	case len(verify.UnverifiedCertificates) == 1:
		return reason("tls_no_intermediate", issuer)
	}
	return reason("tls_untrusted", issuer)
}

// alerts are the sentences of what the other side says in TLS, by Go's text of it.
var alerts = []struct{ text, code string }{
	{"protocol version not supported", "tls_old_version"},
	{"handshake failure", "tls_no_cipher"},
	{"insufficient security", "tls_no_cipher"},
	{"no application protocol", "tls_no_protocol"},
	{"certificate required", "tls_client_certificate"},
	{"bad certificate", "tls_client_certificate"},
	{"unrecognized name", "tls_unknown_host"},
}

func (h *hop) tlsReason(err error, at stage) Reason {
	if said, ok := strings.CutPrefix(tail(err, "remote error: tls: "), "remote error: tls: "); ok {
		for _, a := range alerts {
			if strings.HasPrefix(said, a.text) {
				return reason(a.code, h.host)
			}
		}
		return reason("tls_alert", text(said))
	}
	if at != shaking {
		return Reason{}
	}
	var record tls.RecordHeaderError
	switch {
	case errors.Is(err, http.ErrSchemeMismatch):
		return reason("http_on_https")
	case errors.As(err, &record):
		if strings.HasPrefix(string(record.RecordHeader[:]), "HTTP/") {
			return reason("http_on_https")
		}
		return reason("not_tls")
	case timedOut(err), strings.Contains(err.Error(), "handshake timeout"):
		return reason("tls_timeout", span(h.timeout))
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return reason("tls_closed")
	case strings.Contains(err.Error(), "protocol version"), strings.Contains(err.Error(), "unsupported versions"):
		return reason("tls_old_version")
	}
	return reason("tls_damaged", text(tail(err, "tls: ")))
}

// tail is an error's text from a marker on; all of it when the marker is not there.
func tail(err error, marker string) string {
	all := err.Error()
	if i := strings.Index(all, marker); i >= 0 {
		return all[i:]
	}
	return all
}

var (
	streamError = regexp.MustCompile(`stream error: stream ID \d+; ([A-Z0-9_]+)`)
	goAway      = regexp.MustCompile(`GOAWAY.*ErrCode=([A-Z0-9_]+)`)
	connError   = regexp.MustCompile(`connection error: ([A-Z0-9_]+)`)
)

// turnedAway says that an HTTP/2 server did not look at the request.
func turnedAway(err error) bool {
	said := err.Error()
	return strings.Contains(said, "REFUSED_STREAM") || strings.Contains(said, "graceful shutdown") ||
		strings.Contains(said, "ErrCode=NO_ERROR") || strings.Contains(said, "http2: client conn not usable") ||
		strings.Contains(said, "http2: Transport received Server's graceful")
}

func h2Reason(err error) Reason {
	said := err.Error()
	if turnedAway(err) {
		return reason("h2_refusing")
	}
	if m := goAway.FindStringSubmatch(said); m != nil {
		return reason("h2_goaway", m[1])
	}
	if m := streamError.FindStringSubmatch(said); m != nil {
		if strings.Contains(said, "received from peer") {
			return reason("h2_reset", m[1])
		}
		return reason("h2_invalid", m[1])
	}
	if m := connError.FindStringSubmatch(said); m != nil {
		return reason("h2_invalid", m[1])
	}
	if strings.Contains(said, "http2: ") && !timedOut(err) {
		return reason("h2_invalid", text(tail(err, "http2: ")))
	}
	return Reason{}
}

// invalids are how Go says that an answer is no HTTP.
var invalids = []string{"malformed", "bad Content-Length", "unsupported transfer encoding", "invalid header", "invalid Trailer",
	"too many transfer encodings", "http: suspiciously long", "HTTP/0.9", "invalid Content-Length", "conflicting", "multiple Content-Length"}

func (h *hop) answerReason(err error, at stage) Reason {
	said := err.Error()
	switch {
	case timedOut(err) && at == answering:
		return reason("headers_timeout", span(h.timeout))
	case timedOut(err):
		return reason("no_answer", span(h.timeout), span(h.connectedIn()))
	case strings.Contains(said, "response headers exceeded"):
		return reason("headers_too_large")
	case strings.Contains(said, "malformed HTTP"):
		return notHTTP(said)
	case containsAny(said, invalids):
		return reason("not_http")
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return reason("reset")
	case errors.Is(err, io.ErrUnexpectedEOF) && at == answering:
		return reason("headers_cut")
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), strings.HasSuffix(said, "EOF"),
		strings.Contains(said, "server closed"), strings.Contains(said, "connection broken"), errors.Is(err, net.ErrClosed):
		return reason("closed")
	}
	return reason("failed", text(said))
}

func containsAny(s string, parts []string) bool {
	for _, p := range parts {
		if strings.Contains(s, p) {
			return true
		}
	}
	return false
}

// notHTTP repeats how the answer began: "SSH-2.0-..." tells all.
func notHTTP(said string) Reason {
	_, quoted, found := strings.Cut(said, `"`)
	quoted = strings.TrimSuffix(quoted, `"`)
	if begins := text(strings.ReplaceAll(quoted, `\x`, "")); found && begins != "" {
		return reason("not_http_says", begins)
	}
	return reason("not_http")
}

func (h *hop) connectedIn() time.Duration {
	h.marks.mu.Lock()
	defer h.marks.mu.Unlock()
	return max(h.marks.dialed, h.marks.shook)
}

func (h *hop) bodyReason(err error, n int64) Reason {
	if r := h.ours(err); r.Code != "" {
		return r
	}
	switch {
	case timedOut(err):
		return reason("body_timeout", span(h.timeout))
	case errors.Is(err, gzip.ErrHeader), errors.Is(err, gzip.ErrChecksum):
		return reason("body_damaged", "gzip")
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET):
		return reason("body_cut", fmt.Sprintf("%d bytes", n))
	}
	if r := h2Reason(err); r.Code != "" {
		return r
	}
	if strings.Contains(err.Error(), "flate: corrupt") {
		return reason("body_damaged", "gzip")
	}
	if strings.Contains(err.Error(), "chunk") || strings.Contains(err.Error(), "malformed") {
		return reason("body_damaged", "chunks")
	}
	return reason("body_cut", fmt.Sprintf("%d bytes", n))
}

// maxText bounds what strangers put into a reason.
const maxText = 60

// text makes what a stranger or a library said fit to be shown: one line, printable, short.
func text(s string) string {
	s = strings.ToValidUTF8(strings.Map(printable, s), "�")
	if cut := []rune(s); len(cut) > maxText {
		s = string(cut[:maxText]) + "…"
	}
	return strings.TrimSpace(s)
}

func printable(r rune) rune {
	if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069' {
		return ' '
	}
	return r
}
