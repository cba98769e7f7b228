package cli

import (
	"net/mail"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/pflag"

	"statusd/notify/email"
	"statusd/probe"
)

func TestListenAddressesAreReadAsPeopleWriteThem(t *testing.T) {
	for _, good := range []string{":8080", "127.0.0.1:0", "[::1]:443", "localhost:8080", "0.0.0.0:65535"} {
		if got, err := parseListen(good); err != nil || got != good {
			t.Errorf("parseListen(%q) = %q, %v", good, got, err)
		}
	}
	for _, bad := range []string{"", "8080", "host", ":http", ":65536", ":-1", ":080", "http://x:80", "a b:80", "::1:80"} {
		if _, err := parseListen(bad); err == nil || !strings.Contains(err.Error(), "write ") {
			t.Errorf("parseListen(%q): %v", bad, err)
		}
	}
}

func TestPublicURLsKeepTheirPathAndLoseTheSlash(t *testing.T) {
	for text, want := range map[string]string{
		"https://status.example.org":         "https://status.example.org",
		"https://status.example.org/":        "https://status.example.org",
		"http://[::1]:8080/a/b//":            "http://[::1]:8080/a/b",
		"https://example.org/a/../status/./": "https://example.org/status",
	} {
		if got, err := parseBaseURL(text); err != nil || got.String() != want {
			t.Errorf("parseBaseURL(%q) = %v, %v; want %s", text, got, err, want)
		}
	}
	for _, bad := range []string{"status.example.org", "localhost:8080", "//x", "ftp://x", "https://", "https://u@x", "https://x?", "https://x?a", "https://x#", "https://x#a", "https://x:0", "https://x:99999", "https://a b", "\x7f"} {
		if got, err := parseBaseURL(bad); err == nil {
			t.Errorf("parseBaseURL(%q) = %v", bad, got)
		}
	}
}

func TestNetworksAndSingleAddressesAreRead(t *testing.T) {
	got, err := parsePrefixes("10.0.0.0/8, 192.0.2.7,2001:db8::/32,::ffff:192.0.2.8,")
	want := []netip.Prefix{
		netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("192.0.2.7/32"),
		netip.MustParsePrefix("2001:db8::/32"), netip.MustParsePrefix("192.0.2.8/32"),
	}
	if err != nil || !slices.Equal(got, want) {
		t.Fatalf("%v, %v; want %v", got, err, want)
	}
	for _, bad := range []string{"10.0.0.1/8", "10.0.0.0/33", "example.org", "fe80::1%eth0", "::ffff:10.0.0.0/104", "10.0.0.0/8 10.1.0.0/16"} {
		if got, err := parsePrefixes(bad); err == nil {
			t.Errorf("parsePrefixes(%q) = %v", bad, got)
		}
	}
}

func TestDurationsHaveDaysAndBounds(t *testing.T) {
	read := spanning(time.Hour, 400*day)
	for text, want := range map[string]time.Duration{"7d": 7 * day, "1w": 7 * day, "36h": 36 * time.Hour, "1d12h": 36 * time.Hour, "400d": 400 * day} {
		if got, err := read(text); err != nil || got != want {
			t.Errorf("%q = %s, %v", text, got, err)
		}
	}
	for _, bad := range []string{"", "7", "-7d", "59m", "401d", "99999999999w", "d", "7 d"} {
		if got, err := read(bad); err == nil {
			t.Errorf("%q = %s", bad, got)
		}
	}
}

func TestStatusRangesAreBounded(t *testing.T) {
	for text, want := range map[string]statusRange{"200": {200, 200}, "200-299": {200, 299}, "100-599": {100, 599}} {
		if got, err := parseStatusRange(text); err != nil || got != want {
			t.Errorf("%q = %v, %v", text, got, err)
		}
	}
	for _, bad := range []string{"", "-", "99", "600", "300-200", "200-", "2xx"} {
		if got, err := parseStatusRange(bad); err == nil {
			t.Errorf("%q = %v", bad, got)
		}
	}
}

func TestServeOptionsHoldWhatWasTyped(t *testing.T) {
	c := &config{lookup: func(name string) (string, bool) {
		value, ok := map[string]string{
			"STATUSD_METRICS": "true", "STATUSD_RETENTION": "14d", "STATUSD_LISTEN": ":1",
			"STATUSD_ADMIN_EMAIL": "ada@example.org", "STATUSD_ADMIN_PASSWORD": "correct horse battery",
		}[name]
		return value, ok
	}}
	flags := pflag.NewFlagSet("serve", pflag.ContinueOnError)
	f := newServeFlags(c, flags)
	if err := flags.Parse([]string{"--listen", "127.0.0.1:9000", "--base-url", "https://x.org/s/", "--smtp-url", "smtp://mail.example.org?from=status@example.org", "--trusted-proxies", "127.0.0.1", "--probe-proxy", "socks5://u:p@127.0.0.1:1080"}); err != nil {
		t.Fatal(err)
	}
	if err := c.overlay(flags); err != nil {
		t.Fatal(err)
	}
	got, err := f.parse()
	if err != nil {
		t.Fatal(err)
	}
	want := ServeOptions{
		Listen: "127.0.0.1:9000", BaseURL: &url.URL{Scheme: "https", Host: "x.org", Path: "/s"},
		TrustedProxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")},
		ProbeProxy:     &url.URL{Scheme: "socks5", User: url.UserPassword("u", "p"), Host: "127.0.0.1:1080"},
		MinInterval:    30 * time.Second, Retention: 14 * day, Metrics: true,
		StartupGrace: time.Minute, AutoResolve: 30 * time.Minute, Reminder: time.Hour,
		Mail:       &email.Settings{Host: "mail.example.org", Port: 587, From: mail.Address{Address: "status@example.org"}},
		AdminEmail: "ada@example.org", AdminPassword: "correct horse battery",
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(url.Userinfo{}), cmp.Comparer(func(a, b netip.Prefix) bool { return a == b })); diff != "" {
		t.Fatal(diff)
	}
}

func TestHeadersOfACheckAreSent(t *testing.T) {
	f := &checkFlags{
		method: flagOf("POST", "", parseMethod), expect: flagOf("200", "", parseStatusRange), headers: []string{"X-Key: open: sesame", "X-Empty:"},
		timeout: flagOf("1s", "", spanning(0, time.Minute)), degraded: flagOf("0s", "", spanning(0, time.Minute)), body: "{}",
	}
	got, err := f.target("https://example.org/a?b=c")
	want := probe.Target{
		URL: "https://example.org/a?b=c", Method: "POST", Headers: map[string]string{"X-Key": "open: sesame", "X-Empty": ""}, Body: "{}",
		ExpectedStatusMin: 200, ExpectedStatusMax: 200, Timeout: time.Second, FollowRedirects: true,
	}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Fatal(err, diff)
	}
}

func TestHealthIsAskedOfThisMachine(t *testing.T) {
	below := &url.URL{Scheme: "https", Host: "x.org", Path: "/status"}
	for _, c := range []struct {
		listen string
		public *url.URL
		want   string
	}{
		{":8080", nil, "http://127.0.0.1:8080"},
		{"0.0.0.0:1", below, "http://127.0.0.1:1/status"},
		{"[::]:1", nil, "http://127.0.0.1:1"},
		{"[::1]:1", nil, "http://[::1]:1"},
		{"10.1.2.3:80", nil, "http://10.1.2.3:80"},
	} {
		if got := localServer(c.listen, c.public).String(); got != c.want {
			t.Errorf("%s: %s, want %s", c.listen, got, c.want)
		}
	}
}

func TestCellsCannotSteerATerminal(t *testing.T) {
	if got := cell("a\x1b[2Jb\nc"); strings.ContainsAny(got, "\x1b\n") {
		t.Fatalf("%q", got)
	}
}

// FuzzFlags feeds every reader: none panics, and what one accepts it accepts again, with the same value, as it is printed.
func FuzzFlags(f *testing.F) {
	for _, seed := range []string{"", ":8080", "7d", "https://x.org/a", "10.0.0.0/8,::1", "200-299", "socks5://u:p@h:1", "X: y", "info", "viewer"} {
		f.Add(seed)
	}
	age := spanning(time.Second, 400*day)
	f.Fuzz(func(t *testing.T, text string) {
		if u, err := parseBaseURL(text); err == nil && u != nil {
			again, err := parseBaseURL(u.String())
			if err != nil || again.String() != u.String() {
				t.Fatalf("%q -> %q -> %v, %v", text, u, again, err)
			}
		}
		if list, err := parsePrefixes(text); err == nil {
			for _, p := range list {
				if again, err := parsePrefix(p.String()); err != nil || again != p {
					t.Fatalf("%q -> %v -> %v, %v", text, p, again, err)
				}
			}
		}
		if d, err := age(text); err == nil {
			if again, err := age(spoken(d)); err != nil || again != d {
				t.Fatalf("%q -> %s -> %s, %v", text, d, again, err)
			}
		}
		if r, err := parseStatusRange(text); err == nil && (r.min < 100 || r.max > 599 || r.min > r.max) {
			t.Fatalf("%q -> %v", text, r)
		}
		if listen, err := parseListen(text); err == nil && localServer(listen, nil).Port() == "" {
			t.Fatalf("%q has no port", text)
		}
		_, _ = parseProxy(text)
		_, _ = parseHeaders([]string{text})
		_, _ = parseMethod(text)
		_, _ = parseLogFormat(text)
		_, _ = parseLogLevel(text)
		_, _ = parseRole(text)
	})
}
