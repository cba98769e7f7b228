package notify

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"syscall"
	"time"
)

// Phase is how far a connection had come when it failed.
type Phase uint8

// The phases.
const (
	Connecting Phase = iota // names and TCP
	Shaking                 // hands, in TLS
	Talking
)

// Fault turns the error of an attempt without an answer into an outcome: Temporary, or Broken where this machine is at fault, which
// counts for nobody. The limit is what the attempt had of time, now is for certificates. What an error says is never passed on: it may
// hold an address.
func Fault(err error, in Phase, limit time.Duration, now time.Time) Outcome {
	if code := lacking(err); code != "" {
		return Outcome{Kind: Broken, Reason: Because(code)}
	}
	why := faultOf(err, in, limit, now)
	if (why.Code == DNSFailed || errors.Is(err, syscall.ENETUNREACH)) && !online() {
		return Outcome{Kind: Broken, Reason: Because(NoNetwork)}
	}
	return Outcome{Kind: Temporary, Reason: why}
}

func faultOf(err error, in Phase, limit time.Duration, now time.Time) Reason {
	var dns *net.DNSError
	switch {
	case errors.As(err, &dns) && dns.IsNotFound:
		return Because(DNSUnknown)
	case errors.As(err, &dns):
		return Because(DNSFailed)
	case in == Connecting && TimedOut(err):
		return Because(NoConnection, Span(limit))
	case TimedOut(err):
		return Because(NoAnswer, Span(limit))
	case in == Connecting:
		return Because(unconnected(err))
	case in == Shaking:
		return Because(unshaken(err, now))
	}
	return Because(unanswered(err))
}

// scarce is what this machine may have run out of.
var scarce = map[syscall.Errno]Code{
	syscall.EMFILE: FileLimit, syscall.ENFILE: FileLimit, syscall.ENOBUFS: SocketLimit, syscall.ENOMEM: SocketLimit,
}

// lacking finds what this machine has run out of. A DNSError keeps only the text of its cause.
func lacking(err error) Code {
	var dns *net.DNSError
	unasked := errors.As(err, &dns)
	for errno, code := range scarce {
		if errors.Is(err, errno) || unasked && strings.Contains(dns.Err, errno.Error()) {
			return code
		}
	}
	return ""
}

func unconnected(err error) Code {
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return Refused
	case errors.Is(err, syscall.ECONNRESET):
		return Reset
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EADDRNOTAVAIL),
		errors.Is(err, syscall.EAFNOSUPPORT):
		return Unreachable
	}
	return NotConnected
}

func unshaken(err error, now time.Time) Code {
	var invalid x509.CertificateInvalidError
	var name x509.HostnameError
	var unknown x509.UnknownAuthorityError
	switch {
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired && now.Before(invalid.Cert.NotBefore):
		return TLSNotYet
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return TLSExpired
	case errors.As(err, &name):
		return TLSWrongName
	case errors.As(err, &unknown):
		return TLSUntrusted
	}
	return TLSFailed
}

func unanswered(err error) Code {
	switch {
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return Reset
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), strings.Contains(err.Error(), "server closed"):
		return Closed
	}
	return BadAnswer
}

// TimedOut says that an error is the end of somebody's patience.
func TimedOut(err error) bool {
	var ne net.Error
	return errors.Is(err, context.DeadlineExceeded) || errors.As(err, &ne) && ne.Timeout()
}

// Span writes a duration as reasons do: "10 s".
func Span(d time.Duration) string {
	if d < time.Second {
		return fmt.Sprintf("%d ms", d.Milliseconds())
	}
	return fmt.Sprintf("%g s", d.Round(time.Second).Seconds())
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
