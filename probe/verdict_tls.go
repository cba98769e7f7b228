package probe

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"syscall"
	"time"
)

func (h *hop) certificateReason(err error, now time.Time) Reason {
	var invalid x509.CertificateInvalidError
	var host x509.HostnameError
	var unknown x509.UnknownAuthorityError
	var roots x509.SystemRootsError
	switch {
	case errors.As(err, &roots):
		return reason("no_roots")
	case errors.As(err, &invalid):
		return h.invalidReason(invalid, now)
	case errors.As(err, &host):
		return h.hostReason(host)
	case errors.As(err, &unknown) && strings.Contains(err.Error(), "insecure algorithm"): // Go gives it as a hint, in text
		return reason("tls_weak_signature")
	case errors.As(err, &unknown):
		return h.authorityReason(err)
	}
	return Reason{}
}

func (h *hop) invalidReason(err x509.CertificateInvalidError, now time.Time) Reason {
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
	return reason("tls_bad_certificate", h.text(err.Error()))
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
	if more := len(names) - manyNames; more > 0 {
		return reason("tls_wrong_host_of_many", h.text(strings.Join(names[:manyNames], ", ")), fmt.Sprint(more), h.host)
	}
	return reason("tls_wrong_host", h.text(strings.Join(names, ", ")), h.host)
}

func (h *hop) authorityReason(err error) Reason {
	var verify *tls.CertificateVerificationError
	if !errors.As(err, &verify) || len(verify.UnverifiedCertificates) == 0 {
		return reason("tls_unknown_issuer")
	}
	leaf := verify.UnverifiedCertificates[0]
	issuer := h.text(leaf.Issuer.CommonName)
	if issuer == "" {
		issuer = h.text(leaf.Issuer.String())
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
var alerts = []struct {
	text, code string
	named      bool // the sentence names the host
}{
	{"protocol version not supported", "tls_old_version", false},
	{"handshake failure", "tls_no_cipher", false},
	{"insufficient security", "tls_no_cipher", false},
	{"no application protocol", "tls_no_protocol", false},
	{"certificate required", "tls_client_certificate", false},
	{"bad certificate", "tls_client_certificate", false},
	{"unrecognized name", "tls_unknown_host", true},
	{"internal error", "tls_unknown_host_likely", true}, // Go's servers without a certificate for the name
}

func (h *hop) askedForCertificate() bool {
	h.marks.mu.Lock()
	defer h.marks.mu.Unlock()
	return h.marks.asked
}

func (h *hop) tlsReason(err error, at stage) Reason {
	if said, ok := strings.CutPrefix(tail(err, "remote error: tls: "), "remote error: tls: "); ok {
		if h.askedForCertificate() && strings.HasPrefix(said, "handshake failure") {
			return reason("tls_client_certificate")
		}
		for _, a := range alerts {
			switch {
			case !strings.HasPrefix(said, a.text):
			case a.named:
				return reason(a.code, h.host)
			default:
				return reason(a.code)
			}
		}
		return reason("tls_alert", h.text(said))
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
	return reason("tls_damaged", h.text(tail(err, "tls: ")))
}
