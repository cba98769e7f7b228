package probe

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"syscall"
	"time"
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
	if h.proxy != "" && at <= connecting {
		return h.proxyReason(err)
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
	r := h.h2Reason(err)
	if r.Code == "" {
		r = h.answerReason(err, at)
	}
	if (r.Code == "closed" || r.Code == "reset") && h.askedForCertificate() {
		return reason("tls_client_certificate") // in TLS 1.3 the alert comes after the handshake, and is often lost
	}
	return r
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
	case errors.Is(err, errHeader):
		return reason("bad_request", errHeader.Error())
	case errors.Is(err, errFlood):
		return reason("flood")
	case errors.Is(err, errInterim), strings.Contains(err.Error(), "too many 1xx"):
		return reason("interim_flood")
	}
	return Reason{}
}

// proxyReason is why there is no way through the proxy. What it says of the target (SOCKS5, RFC 1928 §6) is only text in Go.
func (h *hop) proxyReason(err error) Reason {
	h.marks.mu.Lock()
	reached := h.marks.dialed > 0
	h.marks.mu.Unlock()
	switch said := err.Error(); {
	case !reached:
		return reason("proxy_unreachable", h.proxy)
	case timedOut(err):
		return reason("connect_timeout", span(h.timeout))
	case strings.Contains(said, "unknown error connection refused"):
		return reason("refused", h.port)
	case strings.Contains(said, "unknown error host unreachable"), strings.Contains(said, "unknown error network unreachable"):
		return reason("unreachable", h.host)
	}
	return reason("proxy_failed", h.proxy)
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
	if r := localDNS(dns); r.Code != "" {
		return r
	}
	switch {
	case dns.IsNotFound:
		return reason("dns_unknown", h.host)
	case dns.IsTimeout:
		return reason("dns_timeout", span(h.timeout))
	}
	return reason("dns_failed", h.host)
}

// unasked are the sentences of what keeps a question to the DNS server from leaving this machine.
var unasked = []struct {
	errno syscall.Errno
	code  string
}{
	{syscall.EMFILE, "fd_limit"}, {syscall.ENFILE, "fd_limit"},
	{syscall.ENOBUFS, "socket_limit"}, {syscall.ENOMEM, "socket_limit"},
	{syscall.ENETUNREACH, "no_network"}, {syscall.EHOSTUNREACH, "no_network"}, {syscall.EADDRNOTAVAIL, "no_network"},
	{syscall.ECONNREFUSED, "dns_unreachable"}, {syscall.EPERM, "dns_unreachable"}, {syscall.EACCES, "dns_unreachable"},
}

// localDNS finds the one of unasked that it was, if any. A DNSError keeps only the text of its cause.
func localDNS(dns *net.DNSError) Reason {
	for _, u := range unasked {
		if strings.Contains(dns.Err, u.errno.Error()) {
			return reason(u.code)
		}
	}
	return Reason{}
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
	return reason("connect_failed_somehow")
}

// noRoute says that this machine has no way to an address: no network, or no IPv6.
func noRoute(err error) bool {
	return errors.Is(err, syscall.ENETUNREACH) || errors.Is(err, syscall.EADDRNOTAVAIL) || errors.Is(err, syscall.EAFNOSUPPORT)
}
