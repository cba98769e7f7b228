package web

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"testing"
)

func TestForwardedHeadersCountOnlyFromTrustedProxies(t *testing.T) {
	trusted := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}
	for _, c := range []struct {
		peer      string
		forwarded []string
		want      string
	}{
		{"203.0.113.9:1234", nil, "203.0.113.9"},
		{"203.0.113.9:1234", []string{"6.6.6.6"}, "203.0.113.9"},
		{"10.0.0.1:1234", nil, "10.0.0.1"},
		{"10.0.0.1:1234", []string{"198.51.100.7"}, "198.51.100.7"},
		{"10.0.0.1:1234", []string{"6.6.6.6, 198.51.100.7"}, "198.51.100.7"},
		{"10.0.0.1:1234", []string{"6.6.6.6", "198.51.100.7"}, "198.51.100.7"},
		{"10.0.0.1:1234", []string{"198.51.100.7, 10.2.2.2"}, "198.51.100.7"},
		{"10.0.0.1:1234", []string{"198.51.100.7:4711"}, "198.51.100.7"},
		{"10.0.0.1:1234", []string{"[2001:db8::7]:4711"}, "2001:db8::7"},
		{"10.0.0.1:1234", []string{"10.9.9.9, 10.2.2.2"}, "10.9.9.9"},
		{"10.0.0.1:1234", []string{"6.6.6.6, garbage"}, "10.0.0.1"},
		{"10.0.0.1:1234", []string{"6.6.6.6, garbage, 10.2.2.2"}, "10.2.2.2"},
		{"[::ffff:10.0.0.1]:1234", []string{"198.51.100.7"}, "198.51.100.7"},
		{"[fd00::1]:1234", []string{"2001:db8::7"}, "2001:db8::7"},
		{"@", []string{"6.6.6.6"}, local},
		{"", nil, local},
	} {
		r := &http.Request{RemoteAddr: c.peer, Header: http.Header{"X-Forwarded-For": c.forwarded}}
		if got := newClients(trusted, quiet()).address(r); got != c.want {
			t.Errorf("peer %q, forwarded %q: %s, want %s", c.peer, c.forwarded, got, c.want)
		}
	}
}

func TestTheSchemeIsBelievedFromTrustedProxiesAlone(t *testing.T) {
	c := newClients([]netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}, quiet())
	for _, row := range []struct{ peer, proto, want string }{
		{"10.0.0.1:1", "https", "https"}, {"10.0.0.1:1", "http, https", "https"}, {"10.0.0.1:1", "https, http", "http"},
		{"10.0.0.1:1", "gopher", "http"}, {"203.0.113.9:1", "https", "http"}, {"10.0.0.1:1", "", "http"},
	} {
		r := &http.Request{RemoteAddr: row.peer, Header: http.Header{"X-Forwarded-Proto": {row.proto}}}
		if got := c.scheme(r); got != row.want {
			t.Errorf("%+v: %s", row, got)
		}
	}
}

func TestAnUntrustedForwardedHeaderIsWarnedAboutOnce(t *testing.T) {
	var log bytes.Buffer
	c := newClients(nil, slog.New(slog.NewTextHandler(&log, nil)))
	for range 5 {
		c.address(&http.Request{RemoteAddr: "203.0.113.9:1", Header: http.Header{"X-Forwarded-For": {"6.6.6.6"}}})
	}
	if n := strings.Count(log.String(), "--trusted-proxies"); n != 1 {
		t.Errorf("%d warnings", n)
	}
}

func FuzzAddress(f *testing.F) {
	f.Add("10.0.0.1:1", "6.6.6.6, [::1]:2")
	c := newClients([]netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}, quiet())
	f.Fuzz(func(t *testing.T, peer, forwarded string) {
		got := c.address(&http.Request{RemoteAddr: peer, Header: http.Header{"X-Forwarded-For": {forwarded}}})
		if _, err := netip.ParseAddr(got); err != nil && got != local {
			t.Errorf("%q is no address", got)
		}
	})
}
