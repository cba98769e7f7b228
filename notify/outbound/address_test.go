package outbound

import (
	"context"
	"errors"
	"math/rand/v2"
	"net"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"

	"code.dny.dev/ssrf"

	"statusd/probe/probetest"
)

// forbidden is the list of RELIABILITY.md section 6, in the numbers that a connection is made with.
var forbidden = func() (out []netip.Addr) {
	v4 := strings.Fields(`127.0.0.0 127.0.0.1 127.255.255.254 0.0.0.0 0.1.2.3 10.0.0.0 10.255.255.255 172.16.0.0 172.31.255.255 192.168.0.1
		192.168.255.255 169.254.0.1 169.254.169.254 169.254.170.2 100.64.0.1 100.127.255.255 100.100.100.200 192.0.0.1 192.0.0.192 192.0.2.1
		198.51.100.1 203.0.113.1 192.88.99.1 198.18.0.1 198.19.255.255 224.0.0.1 239.255.255.250 240.0.0.1 255.255.255.255 168.63.129.16`)
	v6 := strings.Fields(`:: ::1 ::7f00:1 64:ff9b::7f00:1 64:ff9b::808:808 64:ff9b:1::808:808 2002:7f00:1:: 2002:808:808:: 2001::1
		2001:0:808:808::1 2001:10::1 2001:20::1 2001:db8::1 3fff::1 5f00::1 100::1 fc00::1 fd00:ec2::254 fdff::1 fe80::1 fec0::1 ff02::1
		1000::1 4000::1 e000::1 2a00:1450:4001::5efe:a00:1 2a00:1450:4001::200:5efe:a00:1 fd20:ce::254`)
	for _, text := range v4 {
		a := netip.MustParseAddr(text)
		out = append(out, a, netip.AddrFrom16(a.As16()))
		if compatible := a.As16(); a != netip.MustParseAddr("0.0.0.0") {
			compatible[10], compatible[11] = 0, 0
			out = append(out, netip.AddrFrom16(compatible))
		}
	}
	for _, text := range v6 {
		out = append(out, netip.MustParseAddr(text))
	}
	return append(out, netip.MustParseAddr("fe80::1%lo"))
}()

var welcome = strings.Fields("8.8.8.8 1.1.1.1 9.255.255.255 11.0.0.0 172.15.255.255 172.32.0.0 100.63.255.255 100.128.0.0 223.255.255.255 " +
	"::ffff:8.8.8.8 2a00:1450:4001:829::200e 2606:4700:4700::1111 2001:4860:4860::8888 2003::1")

func TestTheListIsRefusedAndThePublicIsNot(t *testing.T) {
	for _, a := range forbidden {
		if err := (Guard{}).check(a); err != Forbidden {
			t.Errorf("%s: %v", a, err)
		}
	}
	for _, text := range welcome {
		if err := (Guard{}).check(netip.MustParseAddr(text)); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// listener counts who comes to loopback, on whichever of its addresses.
type listener struct {
	port string
	came atomic.Int32
}

func listen(t *testing.T) *listener {
	t.Helper()
	l := &listener{}
	v4, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, l.port, _ = net.SplitHostPort(v4.Addr().String())
	all := []net.Listener{v4}
	for _, host := range []string{"127.0.0.0", "127.255.255.254", "::1"} {
		if more, err := net.Listen("tcp", net.JoinHostPort(host, l.port)); err == nil {
			all = append(all, more)
		}
	}
	for _, ln := range all {
		done := make(chan struct{})
		go func() {
			defer close(done)
			for {
				c, err := ln.Accept()
				if err != nil {
					return
				}
				l.came.Add(1)
				c.Close()
			}
		}()
		t.Cleanup(func() { ln.Close(); <-done })
	}
	return l
}

// closed is a port of 127.0.0.1 at which nobody listens.
func closed(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}

func dial(t *testing.T, g Guard, host, port string) error {
	t.Helper()
	c, err := g.DialContext(t.Context(), "tcp", net.JoinHostPort(host, port))
	if err == nil {
		c.Close()
		t.Errorf("%s was dialled", host)
	}
	return err
}

func TestNothingOfTheListIsDialledByWhateverWay(t *testing.T) {
	l := listen(t)
	names := map[string][]netip.Addr{"public.example": {netip.MustParseAddr("8.8.8.8")}}
	for _, a := range forbidden {
		a = a.WithZone("")
		names["only-"+label(a)] = []netip.Addr{a}
		names["second-"+label(a)] = []netip.Addr{netip.MustParseAddr("8.8.8.8"), a}
		names["first-"+label(a)] = []netip.Addr{a, netip.MustParseAddr("8.8.8.8")}
		names["rebound-"+label(a)] = []netip.Addr{netip.MustParseAddr("8.8.8.8")}
	}
	g := Guard{Resolver: probetest.Names{Of: names}.Resolver(t)}
	for _, a := range forbidden {
		if err := dial(t, g, a.String(), l.port); !errors.Is(err, Forbidden) {
			t.Errorf("%s as itself: %v", a, err)
		}
		a = a.WithZone("")
		if err := g.CheckHost(t.Context(), a.String()); err != Forbidden {
			t.Errorf("%s as itself, checked: %v", a, err)
		}
		for _, way := range []string{"only-", "second-", "first-"} {
			if err := g.CheckHost(t.Context(), way+label(a)); err != Forbidden {
				t.Errorf("%s as %s address of a name, checked: %v", a, way, err)
			}
		}
		if err := dial(t, g, "only-"+label(a), l.port); !errors.Is(err, Forbidden) {
			t.Errorf("%s as answer of the DNS server: %v", a, err)
		}
		if err := g.CheckHost(t.Context(), "rebound-"+label(a)); err != nil {
			t.Errorf("rebinding, first answer: %v", err)
		}
		later := g
		later.Resolver = probetest.Names{Of: map[string][]netip.Addr{"rebound-" + label(a): {a}}}.Resolver(t)
		if err := dial(t, later, "rebound-"+label(a), l.port); !errors.Is(err, Forbidden) {
			t.Errorf("%s as second answer of the DNS server: %v", a, err)
		}
	}
	if n := l.came.Load(); n != 0 {
		t.Errorf("%d connections came", n)
	}
}

func TestTheNextAddressOfANameIsCheckedToo(t *testing.T) {
	l, nobody := listen(t), closed(t)
	for _, a := range forbidden {
		a = a.WithZone("")
		if a.Unmap() == netip.MustParseAddr("127.0.0.1") {
			continue
		}
		names := probetest.Names{Of: map[string][]netip.Addr{"two.example": {netip.MustParseAddr("127.0.0.1"), a}}}
		g := Guard{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}, Resolver: names.Resolver(t)}
		if err := dial(t, g, "two.example", nobody); err == nil {
			t.Errorf("%s was dialled after an allowed one", a)
		}
		if err := g.CheckHost(t.Context(), "two.example"); err != Forbidden {
			t.Errorf("%s beside an allowed one: %v", a, err)
		}
	}
	if n := l.came.Load(); n != 0 {
		t.Errorf("%d connections came", n)
	}
}

func label(a netip.Addr) string {
	return strings.NewReplacer(".", "-", ":", "x").Replace(a.String()) + ".example"
}

func TestAnAllowedNetworkOpensItselfAndNothingElse(t *testing.T) {
	for _, c := range []struct {
		allow      string
		open, shut string
	}{
		{"10.1.0.0/16", "10.1.2.3 ::ffff:10.1.2.3", "10.2.0.1 64:ff9b::a01:203 2002:a01:203:: 127.0.0.1"},
		{"127.0.0.1", "127.0.0.1 ::ffff:127.0.0.1", "127.0.0.2 ::1"},
		{"fd00::/8", "fd12::1", "fc00::1 fd00:ec2::254 fd20:ce::254"},
		{"fd00:ec2::254", "fd00:ec2::254", "fd00:ec2::253 fd00:ec2::23"},
		{"169.254.0.0/16", "169.254.1.1", "169.254.169.254 169.254.170.2 ::ffff:169.254.169.254"},
		{"169.254.169.254/32", "169.254.169.254 ::ffff:169.254.169.254", "169.254.169.253 64:ff9b::a9fe:a9fe"},
		{"168.63.129.16", "168.63.129.16 8.8.8.8", ""},
		{"0.0.0.0/0, ::/0", "10.0.0.1 ::1 fe80::1 64:ff9b::a00:1", "169.254.169.254 168.63.129.16 100.100.100.200 64:ff9b::a9fe:a9fe 2002:a9fe:a9fe::1"},
		{"64:ff9b::/96", "64:ff9b::808:808", "64:ff9b::a9fe:a9fe 10.0.0.1"},
		{"fe80::/10", "fe80::1%lo", ""},
	} {
		allow, err := ParseAllow(c.allow)
		if err != nil {
			t.Fatal(err)
		}
		g := Guard{Allow: allow}
		for _, text := range strings.Fields(c.open) {
			if err := g.check(netip.MustParseAddr(text)); err != nil {
				t.Errorf("%s does not open %s: %v", c.allow, text, err)
			}
		}
		for _, text := range strings.Fields(c.shut) {
			if err := g.check(netip.MustParseAddr(text)); err != Forbidden {
				t.Errorf("%s opens %s", c.allow, text)
			}
		}
	}
}

func TestAnAllowedAddressIsDialled(t *testing.T) {
	l := listen(t)
	g := Guard{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}
	c, err := g.DialContext(t.Context(), "tcp", "127.0.0.1:"+l.port)
	if err != nil {
		t.Fatal(err)
	}
	c.Close()
}

func TestALowPortIsNotDialled(t *testing.T) {
	g := Guard{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}
	for _, port := range []string{"22", "25", "1023"} {
		if err := dial(t, g, "127.0.0.1", port); !errors.Is(err, BadPort) {
			t.Errorf("%s: %v", port, err)
		}
	}
}

// The judge is a library whose lists are generated from IANA's registries.
func TestTheLibraryRefusesNothingThatWeDial(t *testing.T) {
	judge := ssrf.New(ssrf.WithAnyPort(), ssrf.WithAnyNetwork())
	chance := rand.New(rand.NewPCG(6, 6))
	try := func(a netip.Addr) {
		if ours, theirs := (Guard{}).check(a), judge.SafeAddr(a); ours == nil && theirs != nil {
			t.Errorf("%s: we dial it, the library says %v", a, theirs)
		} else if ours != nil && theirs == nil && !isMetadata(a) && !isatap6(a) {
			t.Errorf("%s: we refuse it, the library does not", a)
		}
	}
	for range 500_000 {
		n := chance.Uint32()
		try(netip.AddrFrom4([4]byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}))
		var b [16]byte
		for i := range b {
			b[i] = byte(chance.Uint32())
		}
		if b[0]&1 == 0 {
			b[0], b[1] = 0x20, byte(chance.Uint32N(8))
		}
		try(netip.AddrFrom16(b))
	}
	for _, table := range [][]netip.Prefix{notPublic4, notPublic6} {
		for _, p := range table {
			try(p.Addr())
			if before := p.Addr().Prev(); before.IsValid() {
				try(before)
			}
		}
	}
}

func isatap6(a netip.Addr) bool { return a.Is6() && isatap(a) }

func TestAHostIsUnknownRefusedOrUnresolved(t *testing.T) {
	g := Guard{Resolver: probetest.Names{Of: map[string][]netip.Addr{
		"good.example": {netip.MustParseAddr("8.8.8.8"), netip.MustParseAddr("2a00:1450:4001:829::200e")},
		"none.example": {},
	}}.Resolver(t)}
	if err := g.CheckHost(t.Context(), "good.example"); err != nil {
		t.Errorf("a good name: %v", err)
	}
	for _, name := range []string{"none.example", "missing.example"} {
		if err := g.CheckHost(t.Context(), name); err != UnknownHost {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := (Guard{}).CheckHost(t.Context(), "localhost"); err != Forbidden {
		t.Errorf("localhost: %v", err)
	}
	sick := Guard{Resolver: probetest.Names{Code: 2}.Resolver(t)}
	if err := sick.CheckHost(t.Context(), "good.example"); !errors.Is(err, ErrUnresolved) {
		t.Errorf("a server that fails: %v", err)
	}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if err := g.CheckHost(over, "good.example"); !errors.Is(err, ErrUnresolved) {
		t.Errorf("no time left: %v", err)
	}
}
