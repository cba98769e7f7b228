package restart

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"statusd/probe/probetest"
)

const canary = `p/A+s~w"o<r>d&'Ünlü\42`

// forms are ways in which programs write a text down.
func forms(s string) map[string]string {
	quoted, _ := json.Marshal(s)
	var every, escaped strings.Builder
	for _, b := range []byte(s) {
		fmt.Fprintf(&every, "%%%02x", b)
	}
	for _, r := range s {
		fmt.Fprintf(&escaped, `\u%04x`, r)
	}
	out := map[string]string{
		"plain": s, "lower case": inCase(s, unicode.ToLower), "upper case": inCase(s, unicode.ToUpper), "wrapped": wrap(s, 5),
		"JSON": string(quoted), "PHP's JSON": strings.ReplaceAll(string(quoted), "/", `\/`), "JSON in numbers": escaped.String(), "Go": strconv.Quote(s), "ASCII": strconv.QuoteToASCII(s),
		"query": url.QueryEscape(s), "path": url.PathEscape(s), "every byte": every.String(), "HTML": html.EscapeString(s),
		"hex": hex.EncodeToString([]byte(s)), "HEX": strings.ToUpper(hex.EncodeToString([]byte(s))), "hex with colons": fmt.Sprintf("% x", s),
		"hex, wrapped": wrap(hex.EncodeToString([]byte(s)), 7), "C": fmt.Sprintf("%#x", []byte(s)), "dump": strings.ReplaceAll(fmt.Sprintf("%# x", s), " ", ", "),
	}
	for _, before := range []string{"", "a", "ab", "abc: "} {
		for name, e := range map[string]*base64.Encoding{"std": base64.StdEncoding, "raw": base64.RawStdEncoding, "url": base64.URLEncoding, "rawurl": base64.RawURLEncoding} {
			text := e.EncodeToString([]byte(before + s + before))
			out["base64 "+name+" behind "+before] = text
			out["base64 "+name+" wrapped behind "+before] = wrap(text, 11)
		}
	}
	return out
}

// inCase changes the case of ASCII letters: what lies beyond is not folded.
func inCase(s string, fold func(rune) rune) string {
	return strings.Map(func(r rune) rune {
		if r > unicode.MaxASCII {
			return r
		}
		return fold(r)
	}, s)
}

func wrap(s string, n int) string {
	var b strings.Builder
	for i, r := range []rune(s) {
		if i > 0 && i%n == 0 {
			b.WriteString("\r\n")
		}
		b.WriteRune(r)
	}
	return b.String()
}

func TestASecretIsMaskedInEveryForm(t *testing.T) {
	m := newMasker([]string{canary})
	all := forms(canary)
	for outer, f := range forms(canary) { // and each of them within another
		quoted, _ := json.Marshal(f)
		all[outer+" in JSON"], all[outer+" in a query"], all[outer+" in HTML"] = string(quoted), url.QueryEscape(f), html.EscapeString(f)
	}
	for name, form := range all {
		got := m.output("before {" + form + "} after")
		// What is left is at most quotes and what was encoded around it.
		left := strings.TrimSuffix(strings.TrimPrefix(got, "before {"), "} after")
		if !strings.Contains(left, maskedBy) || len(left) > 40 {
			t.Errorf("%s: %q is shown as %q", name, form, got)
		}
	}
}

func TestWhatIsNoSecretStays(t *testing.T) {
	m := newMasker([]string{canary, "", "abc", "hunter2hunter2"})
	for _, text := range []string{"", "restarted api-server in 3 s\nabc\n", "ünlü çöğüş 42%", `{"message":"Application shop deployment queued."}`, "a%zz\\", "&amp &;&#;", `\u12`, `\`} {
		if got := m.output(text); got != text {
			t.Errorf("%q became %q", text, got)
		}
	}
}

func TestASecretAcrossTheEndOfWhatIsKeptIsMasked(t *testing.T) {
	m := newMasker([]string{"hunter2hunter2"})
	for shift := range 20 {
		for _, form := range []string{"hunter2hunter2", hex.EncodeToString([]byte("hunter2hunter2")), url.QueryEscape("hunter2hunter2")} {
			got := m.output(strings.Repeat(".", maxOutput-shift) + form + " and more")
			if strings.Contains(got, "hu") || strings.Contains(got, "6875") || len(got) > maxOutput {
				t.Errorf("%d bytes before the end: %q", shift, got[maxOutput-20:])
			}
		}
	}
}

func TestOutputIsBoundedAndLegible(t *testing.T) {
	m := newMasker(nil)
	for said, want := range map[string]string{
		"\x1b[1;31mred\x1b[0m \x1b]0;title\x07done\r\n": "red done\n",
		"10%\r20%\r":                  "10%\n20%\n",
		"bell\a, nul\x00, \u202eevil": "bell , nul ,  evil",
		"latin \xfc":                  "latin �",
	} {
		if got := m.output(said); got != want {
			t.Errorf("%q became %q, want %q", said, got, want)
		}
	}
	for _, flood := range []string{strings.Repeat("x", 1<<20), strings.Repeat("\xff", 1<<20), strings.Repeat("ü", 1<<20), strings.Repeat("\x1b[m", 1<<20), strings.Repeat("\\u0041%41&lt;", 1<<16)} {
		if got := m.output(flood); len(got) > maxOutput || strings.Contains(got, "\xc3\xc3") {
			t.Errorf("%d bytes", len(got))
		}
	}
}

// echo says everything that it was told again, in every form.
func echo(t *testing.T, status int) *httptest.Server {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token := r.Header.Get("Authorization")
		w.Header().Set("Location", "/"+url.PathEscape(token))
		w.WriteHeader(status)
		fmt.Fprintf(w, `{"message":%q,"all":[`, token)
		for name, form := range forms(strings.TrimPrefix(token, "Bearer ")) {
			fmt.Fprintf(w, "%q: %q,\n", name, form)
		}
		fmt.Fprint(w, "]}")
	}))
	t.Cleanup(s.Close)
	return s
}

// shown is all that can be seen of a firing and of its target.
func shown(t *testing.T, f Firing, target Target) string {
	t.Helper()
	var logged bytes.Buffer
	for _, h := range []slog.Handler{slog.NewTextHandler(&logged, nil), slog.NewJSONHandler(&logged, nil)} {
		slog.New(h).Info("fired", "firing", f, "target", target)
	}
	encoded, err := json.Marshal([]any{f, target})
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%v %+v %#v %x %v %+v %#v %s %s %s %s", f, f, f, f.Output, target, target, target, f.Reason, f.Reason.Encode(), logged.String(), encoded)
}

func TestNoSecretOfAnHTTPOrCoolifyTargetComesBack(t *testing.T) {
	const token = "12|s3cr3tCanaryT0ken/with+odd=chars"
	for _, status := range []int{200, 307, 403, 500} {
		s := echo(t, status)
		for _, target := range []Target{
			HTTP{URL: s.URL, HeaderName: "Authorization", HeaderValue: "Bearer " + token},
			Coolify{BaseURL: s.URL, Token: token, UUID: "u1"},
		} {
			all := strings.ToLower(shown(t, fire(t, target), target))
			for name, form := range forms("s3cr3tCanaryT0ken") {
				if strings.Contains(all, strings.ToLower(form)) {
					t.Errorf("%T, status %d: %s is there in %s", target, status, name, all)
				}
			}
			if !strings.Contains(all, maskedBy) {
				t.Errorf("nothing was masked: the test proves nothing")
			}
		}
	}
}

func TestNoSecretIsInWhatIsPrintedOfATarget(t *testing.T) {
	private, _ := probetest.SSHKey(t, "", "-t", "ed25519")
	target := SSH{Host: "127.0.0.1", Port: closedPort(t), PrivateKey: Secret(private), Passphrase: canary, HostKey: ""}
	all := shown(t, fire(t, target), target)
	for _, verb := range strings.Fields("%v %+v %#v %d %s %q %x %X %c %#q %t %10.3s") {
		all += fmt.Sprintf(verb+" "+verb, target, &target)
	}
	_, err := ParsePrivateKey(Secret(strings.ReplaceAll(private, "A", "?")), canary)
	all += fmt.Sprintf("%v %+v %#v", err, err, err)
	for _, l := range append(strings.Split(strings.TrimSpace(private), "\n"), canary, fmt.Sprintf("%x", canary)) {
		if strings.Contains(all, l) {
			t.Errorf("%q is there in %s", l, all)
		}
	}
}

func TestCredentialsWithinAHeaderAreSecretsOfTheirOwn(t *testing.T) {
	basic := base64.StdEncoding.EncodeToString([]byte("deploy:correct horse"))
	m := newMasker(HTTP{URL: "http://127.0.0.1/?key=k3yk3yk3y%2F&force=true", HeaderValue: Secret("Basic " + basic), Body: "payload of mine"}.secrets())
	for _, text := range []string{"Basic " + basic, basic, "correct horse", "deploy:correct horse", "payload of mine", "k3yk3yk3y%2F", "k3yk3yk3y/"} {
		if got := m.output(text); got != maskedBy {
			t.Errorf("%q is shown as %q", text, got)
		}
	}
	if got := m.output(`{"ok":true}`); got != `{"ok":true}` { // a word of the URL, which is shown
		t.Error(got)
	}
}

func FuzzMask(f *testing.F) {
	f.Add("hunter2hunter2", "GET /?key=", " HTTP/1.1")
	f.Add(canary, `{"a":"`, `"}`)
	f.Fuzz(func(t *testing.T, secret, before, after string) {
		if len(newView([]byte(secret)).condensed().unplussed().text) < leastSecret || len(before)+len(after) > maxOutput || len(secret) > 100 || legible(secret) != secret {
			t.Skip()
		}
		secret = strings.TrimSpace(secret)
		m := newMasker([]string{secret})
		for name, form := range map[string]string{
			"plain": secret, "hex": hex.EncodeToString([]byte(secret)), "base64": base64.StdEncoding.EncodeToString([]byte(secret)), "query": url.QueryEscape(secret),
		} {
			if got := m.output(before + "{" + form + "}" + after); strings.Contains(got, "{"+form+"}") {
				t.Errorf("%s of %q is in %q", name, secret, got)
			}
		}
	})
}
