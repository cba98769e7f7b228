package probe_test

import (
	"net/netip"
	"testing"

	"statusd/probe"
	"statusd/probe/probetest"
)

func TestMetadataAddressesAreRefusedInEverySpelling(t *testing.T) {
	refused := func(o probe.Options, host string) {
		t.Helper()
		if r := look(t, o, quick("http://"+host+"/latest")); r.Reason.Code != "metadata" {
			t.Errorf("%s: %v because %q", host, r.Outcome, r.Reason)
		}
	}
	direct := []string{"169.254.169.254", "169.254.170.2", "100.100.100.200", "168.63.129.16", "[fd00:ec2::254]",
		"[::ffff:169.254.169.254]", "[64:ff9b::a9fe:a9fe]", "[2002:a9fe:a9fe::1]", "[::a9fe:a9fe]", "[2001:0:a9fe:a9fe::1]"}
	proxy := probetest.NewProxy(t)
	for _, host := range direct {
		refused(probe.Options{}, host)
		refused(probe.Options{Proxy: proxy.URL}, host)
	}
	for _, host := range []string{"2852039166", "0xa9fea9fe", "0xA9.0xFE.0xA9.0xFE", "0251.0376.0251.0376", "169.254.43518", "169.16689662",
		"169.254.169.254.", "metadata.google.internal", "METADATA.google.internal."} {
		refused(probe.Options{Proxy: proxy.URL}, host)
	}
	if asked := proxy.Asked(); len(asked) > 0 {
		t.Errorf("the proxy was asked for %v", asked)
	}
	names := probetest.Names{Of: map[string][]netip.Addr{"shop.example": {netip.MustParseAddr("169.254.169.254")}}}
	refused(probe.Options{Resolver: names.Resolver(t)}, "shop.example")
}

func TestOneGoodAddressBesideAMetadataAddressIsUsed(t *testing.T) {
	s := probetest.New(t)
	names := probetest.Names{Of: map[string][]netip.Addr{"shop.example": {netip.MustParseAddr("169.254.169.254"), netip.MustParseAddr("127.0.0.1")}}}
	wantUp(t, look(t, probe.Options{Resolver: names.Resolver(t)}, at("http://shop.example:"+probetest.Port(s.URL))))
}

func TestOnlyTheAddressNamedByItselfIsAllowed(t *testing.T) {
	for allow, open := range map[string]bool{"169.254.169.254/32": true, "::ffff:169.254.169.254/128": true, "169.254.0.0/16": false,
		"0.0.0.0/0": false, "169.254.170.2/32": false} {
		// Through a proxy, so that nothing leaves loopback when it is allowed.
		proxy := probetest.NewProxy(t)
		o := probe.Options{Proxy: proxy.URL, Allow: []netip.Prefix{netip.MustParsePrefix(allow)}}
		r := look(t, o, quick("http://169.254.169.254:1/"))
		if asked := len(proxy.Asked()) == 1; asked != open || (r.Reason.Code == "metadata") == open {
			t.Errorf("%s: asked %t because %q", allow, asked, r.Reason)
		}
	}
}
