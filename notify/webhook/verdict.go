package webhook

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"syscall"
	"time"

	"statusd/notify"
	"statusd/notify/outbound"
)

// judge turns an answer into an outcome. Source: SPEC.md section 6, "What a refusal means".
func judge(a *http.Response, now time.Time) notify.Outcome {
	out := notify.Outcome{Kind: notify.Temporary, StatusCode: a.StatusCode}
	status := strconv.Itoa(a.StatusCode)
	switch {
	case a.StatusCode >= 200 && a.StatusCode <= 299:
		out.Kind = notify.Success
	case a.StatusCode == http.StatusGone:
		out.Kind, out.Reason = notify.Gone, notify.Because(notify.ReceiverGone, status)
	case a.StatusCode >= 300 && a.StatusCode <= 399:
		out.Reason = notify.Because(notify.Redirected, status)
	default:
		out.Reason = notify.Because(notify.StatusRefused, status)
	}
	if out.Kind == notify.Temporary {
		out.RetryAfter = retryAfter(a.Header.Get("Retry-After"), now)
	}
	return out
}

// mostAsked is more than anybody will be granted.
const mostAsked = 24 * time.Hour

// retryAfter reads the header: seconds or a date (RFC 9110 §10.2.3); 0 for what is neither, or past.
func retryAfter(text string, now time.Time) time.Duration {
	if n, err := strconv.ParseUint(text, 10, 64); err == nil || errors.Is(err, strconv.ErrRange) {
		return time.Duration(min(n, uint64(mostAsked/time.Second))) * time.Second
	}
	at, err := http.ParseTime(text)
	if err != nil {
		return 0
	}
	return min(max(0, at.Sub(now)), mostAsked)
}

// unmakeable is why a request cannot even be made.
func unmakeable(err error) notify.Reason {
	var refused outbound.Refusal
	if errors.As(err, &refused) {
		return notify.Because(notify.BadURL)
	}
	return notify.Because(notify.Internal)
}

// failed turns the error of an attempt without an answer into an outcome. Raw error texts are never passed on: they hold addresses.
// What is wrong with this machine breaks the channel and counts for nobody; but a stranger's URL must not be able to do that, so whether
// there is a network at all is asked of the routes.
func (s *Sender) failed(err error, p *progress) notify.Outcome {
	if code := ours(err); code != "" {
		return notify.Outcome{Kind: notify.Broken, Reason: notify.Because(code)}
	}
	why := s.reason(err, p)
	if (why.Code == notify.DNSFailed || errors.Is(err, syscall.ENETUNREACH)) && !s.online() {
		return notify.Outcome{Kind: notify.Broken, Reason: notify.Because(notify.NoNetwork)}
	}
	return notify.Outcome{Kind: notify.Temporary, Reason: why}
}

// lacks are what this machine may have run out of.
var lacks = []struct {
	errno syscall.Errno
	code  notify.Code
}{
	{syscall.EMFILE, notify.FileLimit}, {syscall.ENFILE, notify.FileLimit},
	{syscall.ENOBUFS, notify.SocketLimit}, {syscall.ENOMEM, notify.SocketLimit},
}

// ours finds what this machine has run out of. A DNSError keeps only the text of its cause.
func ours(err error) notify.Code {
	var dns *net.DNSError
	unasked := errors.As(err, &dns)
	for _, l := range lacks {
		if errors.Is(err, l.errno) || unasked && strings.Contains(dns.Err, l.errno.Error()) {
			return l.code
		}
	}
	return ""
}

func (s *Sender) reason(err error, p *progress) notify.Reason {
	var refused outbound.Refusal
	var dns *net.DNSError
	switch {
	case errors.As(err, &refused):
		return notify.Because(notify.BlockedAddress)
	case errors.As(err, &dns) && dns.IsNotFound:
		return notify.Because(notify.DNSUnknown)
	case errors.As(err, &dns):
		return notify.Because(notify.DNSFailed)
	case !p.connected.Load():
		return s.unconnected(err)
	case timedOut(err):
		return notify.Because(notify.NoAnswer, span(s.timeout))
	case p.shaking.Load():
		return notify.Because(s.unshaken(err))
	}
	return notify.Because(unanswered(err))
}

// unconnected is why there is no TCP connection.
func (s *Sender) unconnected(err error) notify.Reason {
	switch {
	case timedOut(err):
		return notify.Because(notify.NoConnection, span(s.timeout))
	case errors.Is(err, syscall.ECONNREFUSED):
		return notify.Because(notify.Refused)
	case errors.Is(err, syscall.ECONNRESET):
		return notify.Because(notify.Reset)
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EADDRNOTAVAIL),
		errors.Is(err, syscall.EAFNOSUPPORT):
		return notify.Because(notify.Unreachable)
	}
	return notify.Because(notify.NotConnected)
}

// unshaken is why TLS did not come about.
func (s *Sender) unshaken(err error) notify.Code {
	var invalid x509.CertificateInvalidError
	var name x509.HostnameError
	var unknown x509.UnknownAuthorityError
	switch {
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired && s.now().Before(invalid.Cert.NotBefore):
		return notify.TLSNotYet
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return notify.TLSExpired
	case errors.As(err, &name):
		return notify.TLSWrongName
	case errors.As(err, &unknown):
		return notify.TLSUntrusted
	}
	return notify.TLSFailed
}

// unanswered is why no answer came over a connection.
func unanswered(err error) notify.Code {
	switch {
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return notify.Reset
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), strings.Contains(err.Error(), "server closed"):
		return notify.Closed
	case strings.Contains(err.Error(), "headers exceeded"): // text is all that net/http gives
		return notify.LargeAnswer
	}
	return notify.BadAnswer
}

func timedOut(err error) bool {
	var ne net.Error
	return errors.Is(err, context.DeadlineExceeded) || errors.As(err, &ne) && ne.Timeout()
}

// span writes a time-out as people read it: "10 s".
func span(d time.Duration) string {
	if d < time.Second {
		return fmt.Sprintf("%d ms", d.Milliseconds())
	}
	return fmt.Sprintf("%g s", d.Seconds())
}

// online says whether this machine has a route to anywhere. Connecting a UDP socket asks the kernel for one and sends nothing.
func online() bool {
	for network, anywhere := range map[string]string{"udp4": "198.51.100.1:9", "udp6": "[2001:db8::1]:9"} {
		if c, err := net.Dial(network, anywhere); err == nil {
			c.Close()
			return true
		}
	}
	return false
}
