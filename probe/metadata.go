package probe

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// metadataAddrs are where clouds hand out credentials to whoever asks from inside.
// Source: RELIABILITY.md section 6, and the vendors' documentation for the last five.
var metadataAddrs = []netip.Addr{
	netip.MustParseAddr("169.254.169.254"), // AWS, Azure, Google, OpenStack and most others
	netip.MustParseAddr("169.254.170.2"),   // AWS ECS
	netip.MustParseAddr("fd00:ec2::254"),   // AWS
	netip.MustParseAddr("100.100.100.200"), // Alibaba
	netip.MustParseAddr("168.63.129.16"),   // Azure host agent
	netip.MustParseAddr("192.0.0.192"),     // Oracle
	netip.MustParseAddr("169.254.170.23"),  // AWS EKS
	netip.MustParseAddr("fd00:ec2::23"),    // AWS EKS
	netip.MustParseAddr("fd20:ce::254"),    // Google
	netip.MustParseAddr("169.254.42.42"),   // Scaleway
	netip.MustParseAddr("fd00:42::42"),     // Scaleway
}

// refusedAddr is the error of a dial to a metadata address.
type refusedAddr struct{ addr string }

func (e *refusedAddr) Error() string { return e.addr + " is a cloud metadata address" }

// guard refuses metadata addresses, whatever form they are written in.
type guard struct{ allow []netip.Addr }

// newGuard takes from the list only what names one address: a wider prefix opens no metadata address.
func newGuard(allow []netip.Prefix) guard {
	var g guard
	for _, p := range allow {
		if p.IsSingleIP() {
			g.allow = append(g.allow, p.Addr().Unmap().WithZone(""))
		}
	}
	return g
}

// check returns a *refusedAddr when addr is a metadata address, or embeds one, and is not allowed by name.
func (g guard) check(addr netip.Addr) error {
	addr = addr.Unmap().WithZone("")
	if slices.Contains(g.allow, addr) {
		return nil
	}
	if slices.Contains(metadataAddrs, addr) || slices.ContainsFunc(embedded(addr), isMetadata) {
		return &refusedAddr{addr.String()}
	}
	return nil
}

// checkHost is check for a host that somebody else will resolve (a proxy): every spelling of an address that an old inet_aton
// understands counts, and the one metadata name that is the same everywhere.
func (g guard) checkHost(host string) error {
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	if host == "metadata.google.internal" && !slices.Contains(g.allow, metadataAddrs[0]) {
		return &refusedAddr{host}
	}
	if addr, err := netip.ParseAddr(host); err == nil {
		return g.check(addr)
	}
	if addr, ok := parseOldAddr(host); ok {
		return g.check(addr)
	}
	return nil
}

// Refuses says that a host, as it stands in a URL, is a cloud metadata address in whatever spelling, which is never called. A name that
// only leads to one is refused when it is called.
func (p *Prober) Refuses(host string) bool { return p.guard.checkHost(host) != nil }

func isMetadata(a netip.Addr) bool { return slices.Contains(metadataAddrs, a) }

// embedded returns the IPv4 addresses that an IPv6 address carries for a translator or a tunnel.
func embedded(addr netip.Addr) []netip.Addr {
	if !addr.Is6() {
		return nil
	}
	b := addr.As16()
	v4 := func(i, j, k, l int) netip.Addr { return netip.AddrFrom4([4]byte{b[i], b[j], b[k], b[l]}) }
	last := v4(12, 13, 14, 15) // compatible, SIIT, NAT64 /96, ISATAP: always at the end
	switch {
	case b[0] == 0x20 && b[1] == 0x02: // 6to4, RFC 3056 §2
		return []netip.Addr{v4(2, 3, 4, 5), last}
	case b[0] == 0x20 && b[1] == 0x01 && b[2] == 0 && b[3] == 0: // Teredo, RFC 4380 §4: server, and client inverted
		return []netip.Addr{v4(4, 5, 6, 7), netip.AddrFrom4([4]byte{^b[12], ^b[13], ^b[14], ^b[15]})}
	case b[0] == 0 && b[1] == 0x64 && b[2] == 0xff && b[3] == 0x9b: // NAT64, RFC 6052 §2.2 and RFC 8215
		return []netip.Addr{v4(6, 7, 9, 10), v4(7, 9, 10, 11), v4(9, 10, 11, 12), last}
	}
	return []netip.Addr{last}
}

// parseOldAddr reads what inet_aton reads and Go does not: one to four parts, decimal, octal or hexadecimal, the last filling the rest.
func parseOldAddr(host string) (netip.Addr, bool) {
	parts := strings.Split(host, ".")
	if len(parts) > 4 {
		return netip.Addr{}, false
	}
	var sum uint64
	for i, p := range parts {
		bits := 8
		if i == len(parts)-1 {
			bits = 8 * (5 - len(parts))
		}
		n, err := strconv.ParseUint(p, 0, bits)
		if err != nil || strings.ContainsAny(p, "_obOB") && !strings.HasPrefix(p, "0x") {
			return netip.Addr{}, false
		}
		sum = sum<<bits | n
	}
	return netip.AddrFrom4([4]byte{byte(sum >> 24), byte(sum >> 16), byte(sum >> 8), byte(sum)}), true
}
