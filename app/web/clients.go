package web

import (
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
)

// clients tells who sent a request. Forwarded headers count only when they come from a trusted proxy.
type clients struct {
	trusted []netip.Prefix
	log     *slog.Logger
	warned  sync.Once
}

func newClients(trusted []netip.Prefix, log *slog.Logger) *clients {
	return &clients{trusted: trusted, log: log}
}

// local names a peer that has no address: a unix socket.
const local = "local"

// address is the client's: the peer's own, or behind trusted proxies the right-most one in X-Forwarded-For that is no trusted
// proxy. Ports are stripped, since some proxies write them.
func (c *clients) address(r *http.Request) string {
	peer, ok := parseAddress(r.RemoteAddr)
	if !ok {
		return local
	}
	lines := r.Header["X-Forwarded-For"]
	if len(lines) == 0 {
		return peer.String()
	}
	if !c.trusts(peer) {
		c.warn(peer)
		return peer.String()
	}
	hops := strings.Split(strings.Join(lines, ","), ",")
	for i := len(hops) - 1; i >= 0; i-- {
		hop, ok := parseAddress(strings.TrimSpace(hops[i]))
		if !ok {
			break // what lies behind garbage is garbage
		}
		peer = hop
		if !c.trusts(hop) {
			break
		}
	}
	return peer.String()
}

// scheme is how the client reached us: "https" over TLS, or when a trusted proxy says so.
func (c *clients) scheme(r *http.Request) string {
	if r.TLS != nil {
		return "https"
	}
	peer, ok := parseAddress(r.RemoteAddr)
	lines := r.Header["X-Forwarded-Proto"]
	if ok && len(lines) > 0 && c.trusts(peer) {
		values := strings.Split(lines[len(lines)-1], ",")
		if strings.EqualFold(strings.TrimSpace(values[len(values)-1]), "https") {
			return "https"
		}
	}
	return "http"
}

func (c *clients) trusts(a netip.Addr) bool {
	for _, p := range c.trusted {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

func (c *clients) warn(peer netip.Addr) {
	c.warned.Do(func() {
		c.log.Warn("a forwarded header from a peer that is not in --trusted-proxies is ignored; if it is your proxy, name it there", "peer", peer)
	})
}

// parseAddress reads an address with or without a port; 4-in-6 forms become plain IPv4.
func parseAddress(text string) (netip.Addr, bool) {
	if host, _, err := net.SplitHostPort(text); err == nil {
		text = host
	}
	a, err := netip.ParseAddr(strings.Trim(text, "[]"))
	return a.Unmap().WithZone(""), err == nil
}
