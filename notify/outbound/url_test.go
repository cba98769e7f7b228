package outbound

import (
	"net/netip"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestAGoodURLIsReturnedInItsUsualForm(t *testing.T) {
	for raw, want := range map[string]string{
		"https://example.com/hook?a=b&c=%20":       "https://example.com/hook?a=b&c=%20",
		"HTTPS://EXAMPLE.COM./Hook":                "https://example.com/Hook",
		"http://example.com:80/":                   "http://example.com:80/",
		"https://example.com:0443/":                "https://example.com:443/",
		"https://example.com:/":                    "https://example.com/",
		"https://example.com:65535":                "https://example.com:65535",
		"https://example.com/a#secret":             "https://example.com/a",
		"https://8.8.8.8/":                         "https://8.8.8.8/",
		"https://8.8.8.8./":                        "https://8.8.8.8/",
		"https://[2A00:1450:4001:0829::200E]:8443": "https://[2a00:1450:4001:829::200e]:8443",
		"https://durum.çağrı.com.tr/":              "https://durum.xn--ar-3ia9t9c.com.tr/",
		"https://my_service/x":                     "https://my_service/x",
		"https://1password.com/":                   "https://1password.com/",
		"https://xn--bcher-kva.example/":           "https://xn--bcher-kva.example/",
		"https://0x7f.example/":                    "https://0x7f.example/",
	} {
		u, err := CheckURL(raw)
		if err != nil {
			t.Errorf("%s: %v", raw, err)
		} else if u.String() != want {
			t.Errorf("%s became %s, want %s", raw, u, want)
		}
	}
}

func TestABadURLIsRefused(t *testing.T) {
	for raw, want := range map[string]Refusal{
		"":                                                 NotURL,
		"example.com/hook":                                 NotURL,
		"//example.com/hook":                               NotURL,
		"ftp://example.com/":                               NotURL,
		"file:///etc/passwd":                               NotURL,
		"gopher://example.com/":                            NotURL,
		"http:example.com":                                 NotURL,
		"http://":                                          NotURL,
		"http:///hook":                                     NotURL,
		"http://exa mple.com/":                             NotURL,
		"http://example.com\\@evil/":                       NotURL,
		"http://127.0.0.1%00.example/":                     NotURL,
		"http://example.com\x00/":                          NotURL,
		"http://example.com/\n":                            NotURL,
		"http://user@example.com/":                         UserInfo,
		"http://user:pass@example.com/":                    UserInfo,
		"http://:@example.com/":                            UserInfo,
		"http://example.com:25/":                           BadPort,
		"http://example.com:22/":                           BadPort,
		"http://example.com:0/":                            BadPort,
		"http://example.com:1023/":                         BadPort,
		"http://example.com:65536/":                        BadPort,
		"http://example.com:70000/":                        BadPort,
		"http://127.1/":                                    BadHost,
		"http://0177.0.0.1/":                               BadHost,
		"http://0x7f.0.0.1/":                               BadHost,
		"http://0x7F000001/":                               BadHost,
		"http://0x/":                                       BadHost,
		"http://2130706433/":                               BadHost,
		"http://0/":                                        BadHost,
		"http://127.0.0.1../":                              BadHost,
		"http://1.2.3.4.5/":                                BadHost,
		"http://256.1.1.1/":                                BadHost,
		"http://127.0.0.0x1/":                              BadHost,
		"http://example.1/":                                BadHost,
		"http://①②⑦.⓪.⓪.①/":                                BadHost,
		"http://１２７.0.0.1/":                                BadHost,
		"http://ｅxample.com/":                              BadHost,
		"http://127。0。0。1/":                                BadHost,
		"http://ü。1/":                                      BadHost,
		"http://example..com/":                             BadHost,
		"http://.example.com/":                             BadHost,
		"http://./":                                        BadHost,
		"http://-a.example/":                               BadHost,
		"http://a!b.example/":                              BadHost,
		"http://[fe80::1%25lo]/":                           BadHost,
		"http://[::1%25]/":                                 NotURL,
		"http://[::ffff:127.1]/":                           NotURL,
		"http://" + strings.Repeat("a", 64) + ".example/":  BadHost,
		"http://" + strings.Repeat("a.", 127) + "example/": BadHost,
		"http://example.com/" + strings.Repeat("a", MaxURL): TooLong,
		"http://example.com/" + strings.Repeat("ü", 400):    TooLong,
	} {
		if u, err := CheckURL(raw); err != want {
			t.Errorf("%q: %v, %v; want %v", raw, u, err, want)
		}
	}
}

func TestSpellingsThatPassLeadNowhereForbidden(t *testing.T) {
	for _, raw := range []string{"http://LOCALHOST/", "http://localhost./", "http://[::FFFF:7F00:1]/", "http://[0:0:0:0:0:0:0:1]/",
		"http://127.0.0.1./", "http://[::ffff:127.0.0.1]/"} {
		u, err := CheckURL(raw)
		if err != nil {
			t.Errorf("%s: %v", raw, err)
			continue
		}
		if err := (Guard{}).CheckHost(t.Context(), u.Hostname()); err != Forbidden {
			t.Errorf("%s, as %s: %v", raw, u, err)
		}
	}
}

func TestALineOfURLHasItsLimitInCharacters(t *testing.T) {
	raw := "http://example.com/" + strings.Repeat("a", MaxURL-len("http://example.com/"))
	if _, err := CheckURL(raw); err != nil {
		t.Errorf("%d characters: %v", len(raw), err)
	}
	if _, err := CheckURL(raw + "a"); err != TooLong {
		t.Errorf("one more: %v", err)
	}
}

func FuzzCheckURL(f *testing.F) {
	for _, seed := range []string{"https://example.com/hook", "http://127.1/", "http://[fe80::1%25lo]:80/", "http://①.ü:8080#x", "http://a:b@c"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		u, err := CheckURL(raw)
		if err != nil {
			if r, ok := err.(Refusal); !ok || r.Error() == "" {
				t.Fatalf("%q: %#v", raw, err)
			}
			return
		}
		again, err := CheckURL(u.String())
		if err != nil || again.String() != u.String() {
			t.Errorf("%q became %q, and that %q, %v", raw, u, again, err)
		}
		if u.User != nil || u.Scheme != "http" && u.Scheme != "https" || utf8.RuneCountInString(u.String()) > MaxURL {
			t.Errorf("%q became %q", raw, u)
		}
		host := u.Hostname()
		if _, err := netip.ParseAddr(host); err != nil && !hostname(host) {
			t.Errorf("%q has the host %q", raw, host)
		}
	})
}

// hostname is written otherwise than the code that it judges.
func hostname(host string) bool {
	last := host[strings.LastIndex(host, ".")+1:]
	for _, c := range []byte(host) {
		if !strings.ContainsRune("abcdefghijklmnopqrstuvwxyz0123456789-_.", rune(c)) {
			return false
		}
	}
	return len(host) <= 253 && last != "" && strings.ContainsAny(last, "abcdefghijklmnopqrstuvwxyz-_")
}

func TestTheAllowListIsReadOrExplained(t *testing.T) {
	got, err := ParseAllow(" 10.0.0.0/8,192.168.1.7 , fd00::/8,, ::1")
	want := "[10.0.0.0/8 192.168.1.7/32 fd00::/8 ::1/128]"
	if text := strings.ReplaceAll(strings.Join(strings.Fields(prefixText(got)), " "), ",", ""); err != nil || text != want {
		t.Errorf("%s, %v", text, err)
	}
	if got, err := ParseAllow(""); err != nil || len(got) != 0 {
		t.Errorf("nothing: %v, %v", got, err)
	}
	for list, want := range map[string]string{
		"10.0.0.1/8":          "10.0.0.0/8",
		"10.0.0.0/33":         "10.0.0.0/8 or",
		"localhost":           "neither an address nor a CIDR",
		"::ffff:10.0.0.0/104": "write it as IPv4",
		"fe80::1%lo":          "neither an address nor a CIDR",
		"10.0.0.0/8;10.1.1.1": "neither an address nor a CIDR",
	} {
		if _, err := ParseAllow("192.168.0.0/16," + list); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", list, err)
		}
	}
}

func prefixText(list []netip.Prefix) string {
	var texts []string
	for _, p := range list {
		texts = append(texts, p.String())
	}
	return "[" + strings.Join(texts, " ") + "]"
}

func FuzzParseAllow(f *testing.F) {
	f.Add("10.0.0.0/8, ::1")
	f.Fuzz(func(t *testing.T, list string) {
		got, err := ParseAllow(list)
		if err != nil {
			return
		}
		for _, p := range got {
			if !p.IsValid() || p != p.Masked() {
				t.Errorf("%q gave %v", list, p)
			}
		}
	})
}
