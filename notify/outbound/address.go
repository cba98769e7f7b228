package outbound

import (
	"net/netip"
	"slices"
)

// The tables are our own, not a library's: the list of allowed prefixes and the metadata addresses need a predicate that is ours anyway,
// and code.dny.dev/ssrf, the best kept one, lacks two of the entries. It is the judge in the test instead.

// notPublic4 are the IPv4 addresses that are not public. Source: the IANA special-purpose registry, RFC 6890 and its updates.
var notPublic4 = prefixes(
	"0.0.0.0/8",       // this network
	"10.0.0.0/8",      // private
	"100.64.0.0/10",   // carrier-grade NAT
	"127.0.0.0/8",     // loopback
	"169.254.0.0/16",  // link-local
	"172.16.0.0/12",   // private
	"192.0.0.0/24",    // protocol assignments
	"192.0.2.0/24",    // documentation
	"192.31.196.0/24", // AS112
	"192.52.193.0/24", // AMT
	"192.88.99.0/24",  // 6to4 relays
	"192.168.0.0/16",  // private
	"192.175.48.0/24", // AS112
	"198.18.0.0/15",   // benchmarks
	"198.51.100.0/24", // documentation
	"203.0.113.0/24",  // documentation
	"224.0.0.0/4",     // multicast
	"240.0.0.0/4",     // reserved, broadcast
)

// public6 is what of IPv6 is handed out as global unicast; mapped and compatible IPv4, NAT64, unique and link-local addresses, multicast
// and the rest lie outside of it.
var public6 = netip.MustParsePrefix("2000::/3")

// notPublic6 are the parts of it that are not public. Source: as above.
var notPublic6 = prefixes(
	"2001::/23",         // protocol assignments: Teredo, benchmarks, ORCHID
	"2001:db8::/32",     // documentation
	"2002::/16",         // 6to4: an IPv4 address inside
	"2620:4f:8000::/48", // AS112
	"3fff::/20",         // documentation
)

// metadata are where clouds hand out credentials to whoever asks from inside: allowed only when named alone, and refused even where
// they look public. Source: RELIABILITY.md section 6, and the vendors' documentation.
var metadata = []netip.Addr{
	netip.MustParseAddr("169.254.169.254"), // AWS, Azure, Google, OpenStack and most others
	netip.MustParseAddr("169.254.170.2"),   // AWS ECS
	netip.MustParseAddr("169.254.170.23"),  // AWS EKS
	netip.MustParseAddr("169.254.42.42"),   // Scaleway
	netip.MustParseAddr("100.100.100.200"), // Alibaba
	netip.MustParseAddr("168.63.129.16"),   // Azure host agent, on a public address
	netip.MustParseAddr("192.0.0.192"),     // Oracle
	netip.MustParseAddr("fd00:ec2::254"),   // AWS
	netip.MustParseAddr("fd00:ec2::23"),    // AWS EKS
	netip.MustParseAddr("fd20:ce::254"),    // Google
	netip.MustParseAddr("fd00:42::42"),     // Scaleway
}

func prefixes(list ...string) (out []netip.Prefix) {
	for _, p := range list {
		out = append(out, netip.MustParsePrefix(p))
	}
	return out
}

// public says that an address, not a mapped one, can be anybody's on the internet.
func public(addr netip.Addr) bool {
	within := func(p netip.Prefix) bool { return p.Contains(addr) }
	if addr.Is4() {
		return !slices.ContainsFunc(notPublic4, within)
	}
	return public6.Contains(addr) && !slices.ContainsFunc(notPublic6, within) && !isatap(addr)
}

// isatap says that an address carries an IPv4 address behind an ISATAP interface identifier (RFC 5214 §6.1), in whatever prefix.
func isatap(addr netip.Addr) bool {
	b := addr.As16()
	return b[8]&^0x03 == 0 && b[9] == 0 && b[10] == 0x5e && b[11] == 0xfe
}

// isMetadata says that an address is a metadata address, or carries one for a translator or a tunnel.
func isMetadata(addr netip.Addr) bool {
	return slices.Contains(metadata, addr) ||
		addr.Is6() && slices.ContainsFunc(embedded(addr), func(a netip.Addr) bool { return slices.Contains(metadata, a) })
}

// embedded returns the IPv4 addresses that an IPv6 address may carry.
func embedded(addr netip.Addr) []netip.Addr {
	b := addr.As16()
	v4 := func(i, j, k, l int) netip.Addr { return netip.AddrFrom4([4]byte{b[i], b[j], b[k], b[l]}) }
	last := v4(12, 13, 14, 15) // compatible, translated, NAT64 /96, ISATAP: always at the end
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
