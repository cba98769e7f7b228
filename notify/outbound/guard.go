// Package outbound decides what strangers may make us connect to: which URLs, which names, which addresses.
// It never sends anything itself, and its errors never hold an address. Start with guard.go and address.go, then url.go. It implements
// SPEC.md section 6, on webhook URLs, and the list of RELIABILITY.md section 6.
package outbound

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"syscall"
)

// Guard refuses addresses that strangers must not reach. The zero value allows what is public and nothing else.
type Guard struct {
	Allow    []netip.Prefix // each opens exactly itself; a metadata address only when it is named alone
	Resolver *net.Resolver  // nil: Go's default
}

// ErrUnresolved says that a name could not be looked up just now: nothing is known about it.
var ErrUnresolved = errors.New("the host name could not be looked up just now")

// CheckHost looks a host up and refuses it when any of its addresses is refused. The error is a Refusal, or wraps ErrUnresolved.
func (g Guard) CheckHost(ctx context.Context, host string) error {
	addrs, err := g.lookup(ctx, host)
	if err != nil {
		return err
	}
	for _, addr := range addrs {
		if err := g.check(addr); err != nil {
			return err
		}
	}
	return nil
}

func (g Guard) lookup(ctx context.Context, host string) ([]netip.Addr, error) {
	if addr, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{addr}, nil
	}
	resolver := g.Resolver
	if resolver == nil {
		resolver = net.DefaultResolver
	}
	addrs, err := resolver.LookupNetIP(ctx, "ip", host)
	var dns *net.DNSError
	switch {
	case errors.As(err, &dns) && dns.IsNotFound, err == nil && len(addrs) == 0:
		return nil, UnknownHost
	case err != nil:
		return nil, fmt.Errorf("%w: %w", ErrUnresolved, err)
	}
	return addrs, nil
}

// DialContext connects as net.Dialer does. Each address that a name leads to is checked at the last moment, when it is about to be
// dialled, so that a name cannot lead elsewhere between a check and the connection; what is refused sees no packet.
func (g Guard) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	d := net.Dialer{Resolver: g.Resolver, KeepAlive: -1, ControlContext: g.control}
	return d.DialContext(ctx, network, address)
}

// control sees each address after resolving and before the first packet.
func (g Guard) control(_ context.Context, _, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return Forbidden
	}
	if !portOK(to.Port()) {
		return BadPort
	}
	return g.check(to.Addr())
}

// check refuses an address that is not public, unless it is allowed.
func (g Guard) check(addr netip.Addr) error {
	addr = addr.WithZone("").Unmap()
	alone := isMetadata(addr)
	for _, p := range g.Allow {
		if p.Contains(addr) && (!alone || p.IsSingleIP()) {
			return nil
		}
	}
	if alone || !public(addr) {
		return Forbidden
	}
	return nil
}

// ParseAllow reads a comma-separated list of CIDRs and addresses, "10.0.0.0/8, 192.168.1.7"; "" is an empty list.
func ParseAllow(list string) ([]netip.Prefix, error) {
	var out []netip.Prefix
	for item := range strings.SplitSeq(list, ",") {
		item = strings.TrimSpace(item)
		if item == "" {
			continue
		}
		p, err := parsePrefix(item)
		if err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, nil
}

func parsePrefix(item string) (netip.Prefix, error) {
	if addr, err := netip.ParseAddr(item); err == nil {
		item = fmt.Sprintf("%s/%d", item, addr.BitLen())
	}
	p, err := netip.ParsePrefix(item)
	switch {
	case err != nil:
		return p, fmt.Errorf("%q is neither an address nor a CIDR such as 10.0.0.0/8 or fd00::/8", item)
	case p.Addr().Is4In6():
		return p, fmt.Errorf("%q is an IPv4 address in the dress of IPv6: write it as IPv4", item)
	case p != p.Masked():
		return p, fmt.Errorf("%q has bits set behind its length: write %s for the network, or the address alone", item, p.Masked())
	}
	return p, nil
}
