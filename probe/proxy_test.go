package probe_test

import (
	"net/url"
	"testing"

	"statusd/probe"
	"statusd/probe/probetest"
)

func TestProbesGoThroughTheProxyThatIsConfigured(t *testing.T) {
	proxy, ca := probetest.NewProxy(t), probetest.NewAuthority(t, "root")
	p := prober(t, probe.Options{Proxy: proxy.URL, Roots: ca.Pool()})
	for _, url := range []string{named(probetest.New(t).URL), ca.TLS(probetest.Leaf{})} {
		r, err := p.Look(t.Context(), at(url))
		if err != nil {
			t.Fatal(err)
		}
		wantUp(t, r)
		if r.RemoteAddr != proxy.URL.Host {
			t.Errorf("remote is %s", r.RemoteAddr)
		}
	}
	if len(proxy.Asked()) != 2 {
		t.Errorf("asked %v", proxy.Asked())
	}
}

func TestTheEnvironmentsProxiesAreIgnored(t *testing.T) {
	proxy := probetest.NewProxy(t)
	t.Setenv("HTTP_PROXY", proxy.URL.String())
	t.Setenv("http_proxy", proxy.URL.String())
	s := probetest.New(t)
	names := probetest.Names{Of: nil}
	r := look(t, probe.Options{Resolver: names.Resolver(t)}, quick("http://shop.example:"+probetest.Port(s.URL)))
	if len(proxy.Asked()) != 0 || r.Reason.Code != "dns_unknown" {
		t.Errorf("asked %v, %q", proxy.Asked(), r.Reason)
	}
}

func TestAProxyThatFailsSaysSo(t *testing.T) {
	through := func(raw string) *url.URL {
		u, err := url.Parse(raw)
		if err != nil {
			t.Fatal(err)
		}
		u.User = url.UserPassword("user", "SECRET")
		return u
	}
	refused := probetest.Refused(t)
	for _, row := range []struct{ name, proxy, url, want string }{
		{"refused", refused, "http://127.0.0.1:1", "the proxy " + refused[len("http://"):] + " cannot be reached"},
		{"refused, https", refused, "https://127.0.0.1:1", "the proxy " + refused[len("http://"):] + " cannot be reached"},
		{"403", probetest.Raw(t, []byte("HTTP/1.1 403 No\r\n\r\n")), "https://127.0.0.1:1", "the proxy answered with status 403"},
		{"407", probetest.Raw(t, []byte("HTTP/1.1 407 Who\r\n\r\n")), "http://127.0.0.1:1", "the proxy answered with status 407"},
		{"silent", probetest.Silent(t), "https://127.0.0.1:1", "no connection in 300 ms (dropped by a firewall?)"},
		{"nobody there", probetest.NewProxy(t).URL.String(), "https://127.0.0.1:1", "the proxy answered with status 502"},
	} {
		t.Run(row.name, func(t *testing.T) {
			wantDown(t, look(t, probe.Options{Proxy: through(row.proxy)}, quick(row.url)), row.url, row.want)
		})
	}
}
