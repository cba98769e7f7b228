package email_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"flag"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"statusd/notify/email"
)

var update = flag.Bool("update", false, "rewrite golden files")

var sender = mail.Address{Name: "Acme Status", Address: "status@example.com"}

// plain is the least that a mail can be.
func plain() email.Mail {
	return email.Mail{ID: "d1", To: "someone@example.org", Date: time.Date(2026, 5, 18, 12, 34, 56, 0, time.UTC), Text: "Hello.\n"}
}

// full has everything.
func full() email.Mail {
	return email.Mail{
		ID: "dlv-42", To: "ayşe@örnek.com.tr", FromName: "Çağrı Durum", Subject: "[Çağrı] Ödeme sayfası açılmıyor: İstanbul bölgesinde gecikmeler yaşanıyor",
		Date: time.Date(2026, 5, 18, 12, 34, 56, 0, time.FixedZone("", 3*3600)), Language: "tr", AutoSubmitted: true,
		Text:      "Ödeme sayfası açılmıyor.\n\n.\nFrom here on: " + strings.Repeat("uzun ", 60) + "\n",
		HTML:      "<!doctype html><p style=\"color:#111\">Ödeme sayfası açılmıyor.</p>\n" + strings.Repeat("x", 1200) + "\n",
		InReplyTo: "incident-7", References: []string{"incident-7", "dlv-41"},
		List:            email.List{ID: "çağrı.status.example.com", Name: `Çağrı "Durum"`},
		ListUnsubscribe: "https://status.example.com/p/cagri/unsubscribe?token=abc_-DEF", OneClick: true,
		FeedbackID: "incident:cagri:email:statusd",
	}
}

func compose(t testing.TB, m email.Mail) []byte {
	t.Helper()
	raw, err := email.Compose(sender, m)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestAMailIsAsInItsGoldenFile(t *testing.T) {
	got := compose(t, full())
	if *update {
		if err := os.WriteFile("testdata/full.eml", got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("testdata/full.eml")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("got\n%s", got)
	}
}

// letter is a mail as a reader sees it.
type letter struct {
	From, To, Subject, ListID string
	Text, HTML                string
	Fields                    []string // names, in order
}

// read is net/mail's reading.
func read(t testing.TB, raw []byte) (l letter) {
	t.Helper()
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatalf("%v\n%s", err, raw)
	}
	from, err := m.Header.AddressList("From")
	if err != nil || len(from) != 1 {
		t.Fatalf("From: %v, %v\n%s", from, err, raw)
	}
	to, err := m.Header.AddressList("To")
	if err != nil || len(to) != 1 {
		t.Fatalf("To: %v, %v\n%s", to, err, raw)
	}
	words := mime.WordDecoder{}
	l.From, l.To = from[0].Name+"|"+from[0].Address, to[0].Address
	l.Subject, err = words.DecodeHeader(m.Header.Get("Subject"))
	if err != nil {
		t.Fatal(err)
	}
	l.ListID, _ = words.DecodeHeader(m.Header.Get("List-Id"))
	l.Fields = fields(raw)
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	if kind == "text/plain" {
		l.Text = unquote(t, m.Body)
		return l
	}
	parts := multipart.NewReader(m.Body, params["boundary"])
	for _, to := range []*string{&l.Text, &l.HTML} {
		part, err := parts.NextRawPart()
		if err != nil {
			t.Fatal(err)
		}
		*to = unquote(t, part)
	}
	if _, err := parts.NextPart(); err != io.EOF {
		t.Fatalf("a third part: %v", err)
	}
	return l
}

func unquote(t testing.TB, r io.Reader) string {
	t.Helper()
	text, err := io.ReadAll(quotedprintable.NewReader(r))
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(text), "\r\n", "\n")
}

// fields are the names of the header, read by hand.
func fields(raw []byte) (names []string) {
	head, _, _ := strings.Cut(string(raw), "\r\n\r\n")
	for line := range strings.SplitSeq(head, "\r\n") {
		if !strings.HasPrefix(line, " ") {
			name, _, _ := strings.Cut(line, ":")
			names = append(names, name)
		}
	}
	return names
}

var allFields = strings.Fields(`From To Subject Date Message-ID In-Reply-To References List-Id Precedence List-Unsubscribe List-Unsubscribe-Post
	Auto-Submitted X-Auto-Response-Suppress Feedback-ID Content-Language MIME-Version Content-Type`)

func TestAMailIsReadBackAsItWasWritten(t *testing.T) {
	m := full()
	got := read(t, compose(t, m))
	want := letter{
		From: "Çağrı Durum|status@example.com", To: "ayşe@xn--rnek-4qa.com.tr", Subject: m.Subject,
		ListID: `Çağrı "Durum" <xn--ar-3ia9t9c.status.example.com>`, Text: m.Text, HTML: m.HTML, Fields: allFields,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// reading is another implementation's: mails in base64, one a line, become lines of JSON.
const reading = `
import sys, json, base64, email, email.policy
for line in sys.stdin:
    m = email.message_from_bytes(base64.b64decode(line), policy=email.policy.default)
    defects = [str(d) for d in m.defects] + [str(d) for h in m.values() for d in h.defects]
    parts = list(m.walk())[1:] if m.is_multipart() else [m]
    text = [p.get_content() for p in parts]
    a = m["From"].addresses
    print(json.dumps({"From": a[0].display_name + "|" + a[0].addr_spec if len(a) == 1 else "", "To": m["To"].addresses[0].addr_spec,
        "Subject": str(m["Subject"]), "ListID": str(m["List-Id"] or ""), "Text": text[0], "HTML": text[1] if len(text) > 1 else "",
        "Fields": m.keys(), "Defects": defects}))
`

// python runs a script over mails and returns its line for each.
func python(t *testing.T, script string, mails [][]byte, args ...string) []string {
	t.Helper()
	cmd := exec.Command(needs(t, "/usr/bin/python3"), append([]string{"-c", script}, args...)...)
	var in, stderr bytes.Buffer
	for _, raw := range mails {
		in.WriteString(base64.StdEncoding.EncodeToString(raw) + "\n")
	}
	cmd.Stdin, cmd.Stderr = &in, &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, &stderr)
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	if len(lines) != len(mails) {
		t.Fatalf("%d answers to %d mails", len(lines), len(mails))
	}
	return lines
}

func TestPythonReadsTheSameMail(t *testing.T) {
	mails := append(hostile(), full())
	var raws [][]byte
	for _, m := range mails {
		raws = append(raws, compose(t, m))
	}
	for i, line := range python(t, reading, raws) {
		var theirs struct {
			letter
			Defects []string
		}
		if err := json.Unmarshal([]byte(line), &theirs); err != nil {
			t.Fatal(err)
		}
		ours := read(t, raws[i])
		ours.Text, ours.HTML = lines(ours.Text), lines(ours.HTML)
		theirs.Text, theirs.HTML = lines(theirs.Text), lines(theirs.HTML)
		if mails[i].To == full().To { // beyond ASCII before the @, which this module reads otherwise
			ours.To, theirs.To, theirs.Defects = "", "", nil
		}
		ours.From, theirs.From = spaceless(ours.From), spaceless(theirs.From) // Python 3.11 puts spaces between encoded words of a phrase
		if diff := cmp.Diff(ours, theirs.letter); diff != "" || len(theirs.Defects) > 0 {
			t.Errorf("python reads something else of %.60q: %.1500s\n%q", mails[i].Subject, diff, theirs.Defects)
		}
	}
}

func spaceless(s string) string { return strings.ReplaceAll(s, " ", "") }

// lines evens out what readers do with line ends at the very end and within.
func lines(s string) string {
	return strings.TrimRight(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(s), "\n")
}

// hostile are mails whose every free text tries to be more than that.
func hostile() (mails []email.Mail) {
	for _, text := range []string{
		"a\r\nBcc: victim@example.com", "a\nBcc: victim@example.com", "a\rBcc: victim@example.com", "a\r\n\r\nBody", "a\x00b", "a\u2028Bcc: x@y.z",
		"a\u2029b\u0085Bcc: x@y.z", "a\vb\fc\x1fd\x7fe", "\r\n", "\n\n", "a\r\n b", "a\r\n\tb", strings.Repeat("x", 3000), strings.Repeat("ş", 3000),
		strings.Repeat("word ", 600), "=?utf-8?Q?=0D=0ABcc:_x@y.z?=", "=?utf-8?B?DQpCY2M6IHhAeS56?=", "a =?x", `"quoted" \back\ <a@b.c>, d@e.f;`,
		"(comment) a:b;c", "\xff\xfe bad", "\u202eabc", "😀" + strings.Repeat("👩‍👩‍👧", 40), " leading", "trailing ", ".", "=_", "--=_", "",
	} {
		m := full()
		m.To, m.FromName, m.Subject, m.List.Name = "someone@example.org", text, text, text
		m.Text, m.HTML = text+"\n.\n\n.\r\n", text+"<p>"
		mails = append(mails, m)
	}
	return mails
}

// sound holds a mail to what every mail is.
func sound(t testing.TB, m email.Mail, raw []byte) {
	t.Helper()
	if n := len(raw); n == 0 || !bytes.HasSuffix(raw, []byte("\r\n")) && m.HTML != "" {
		t.Errorf("%d bytes, no line end", n)
	}
	bare := strings.ReplaceAll(string(raw), "\r\n", "")
	if i := strings.IndexAny(bare, "\r\n\x00"); i >= 0 {
		t.Errorf("a bare CR, LF or NUL in %q", raw)
	}
	head, _, _ := strings.Cut(string(raw), "\r\n\r\n")
	for line := range strings.SplitSeq(string(raw), "\r\n") {
		if len(line) > 998 {
			t.Errorf("a line of %d octets", len(line))
		}
	}
	for line := range strings.SplitSeq(head, "\r\n") {
		if len(line) > 78 && strings.Count(line, " ") > 1 {
			t.Errorf("a line that could have been folded: %q", line)
		}
		if strings.TrimSpace(line) == "" {
			t.Errorf("a blank line in the header: %q", head)
		}
	}
	got := read(t, raw)
	if !slices.Equal(got.Fields, allFields) {
		t.Errorf("fields %v of %q", got.Fields, head)
	}
	if strings.ContainsAny(got.Subject+got.From+got.ListID, "\r\n\x00\u2028\u2029\u0085") {
		t.Errorf("%+v", got)
	}
}

func TestNoTextBecomesMoreThanItsField(t *testing.T) {
	for _, m := range hostile() {
		sound(t, m, compose(t, m))
	}
}

func FuzzCompose(f *testing.F) {
	for _, m := range hostile() {
		f.Add(m.Subject)
	}
	f.Fuzz(func(t *testing.T, text string) {
		m := full()
		m.To, m.FromName, m.Subject, m.List.Name, m.Text, m.HTML = "someone@example.org", text, text, text, text+"x", text+"x"
		raw := compose(t, m)
		sound(t, m, raw)
		for _, set := range []func(*email.Mail){
			func(m *email.Mail) { m.ID = text },
			func(m *email.Mail) { m.InReplyTo = text },
			func(m *email.Mail) { m.References = []string{text, text} },
			func(m *email.Mail) { m.List.ID = text },
			func(m *email.Mail) { m.ListUnsubscribe = text },
			func(m *email.Mail) { m.FeedbackID = text },
			func(m *email.Mail) { m.Language = text },
			func(m *email.Mail) { m.To = text },
		} {
			m := full()
			m.To = "someone@example.org"
			set(&m)
			raw, err := email.Compose(sender, m)
			if err != nil {
				continue
			}
			for _, name := range fields(raw) {
				if !slices.Contains(allFields, name) {
					t.Errorf("%q made a field %q", text, name)
				}
			}
			read(t, raw)
		}
	})
}

func TestWhatMustBeExactIsRefusedWhenItIsNot(t *testing.T) {
	for name, spoil := range map[string]func(*email.Mail){
		"no recipient":            func(m *email.Mail) { m.To = "" },
		"two recipients":          func(m *email.Mail) { m.To = "a@b.example, c@d.example" },
		"a named recipient":       func(m *email.Mail) { m.To = "A <a@b.example>" },
		"a recipient with a line": func(m *email.Mail) { m.To = "a@b.example\r\nBcc: c@d.example" },
		"a quoted line":           func(m *email.Mail) { m.To = "\"a\r\nb\"@b.example" },
		"a recipient in a route":  func(m *email.Mail) { m.To = "<@x.example:a@b.example>" },
		"an address literal":      func(m *email.Mail) { m.To = "a@[127.0.0.1]" },
		"a numeric host":          func(m *email.Mail) { m.To = "a@127.0.0.1" },
		"a host of one label":     func(m *email.Mail) { m.To = "a@intranet" },
		"a long recipient":        func(m *email.Mail) { m.To = strings.Repeat("a", 65) + "@b.example" },
		"no date":                 func(m *email.Mail) { m.Date = time.Time{} },
		"no text":                 func(m *email.Mail) { m.Text = "" },
		"no id":                   func(m *email.Mail) { m.ID = "" },
		"an id with a domain":     func(m *email.Mail) { m.ID = "a@b" },
		"an id with a line":       func(m *email.Mail) { m.ID = "a\r\nX: y" },
		"a bad parent":            func(m *email.Mail) { m.InReplyTo = "a>b" },
		"a bad reference":         func(m *email.Mail) { m.References = []string{"a", "b c"} },
		"an ftp unsubscribe":      func(m *email.Mail) { m.ListUnsubscribe = "ftp://x.example" },
		"a relative unsubscribe":  func(m *email.Mail) { m.ListUnsubscribe = "/x" },
		"an unsubscribe line":     func(m *email.Mail) { m.ListUnsubscribe = "https://x.example/\r\nX: y" },
		"two unsubscribes":        func(m *email.Mail) { m.ListUnsubscribe = "https://x.example/>,<https://y.example/" },
		"an endless unsubscribe":  func(m *email.Mail) { m.ListUnsubscribe = "https://x.example/" + strings.Repeat("a", 1000) },
		"a list without a dot":    func(m *email.Mail) { m.List.ID = "list" },
		"a list with a line":      func(m *email.Mail) { m.List.ID = "a.b\r\nX: y" },
		"a language with a line":  func(m *email.Mail) { m.Language = "tr\r\nX: y" },
		"a feedback with a line":  func(m *email.Mail) { m.FeedbackID = "a:b\nX: y" },
	} {
		m := full()
		spoil(&m)
		if raw, err := email.Compose(sender, m); err == nil {
			t.Errorf("%s is taken: %s", name, raw)
		}
	}
}

func TestOneClickIsOnlySaidOfHTTPS(t *testing.T) {
	m := plain()
	m.OneClick, m.ListUnsubscribe = true, "http://status.example.com/u?token=1"
	if raw := string(compose(t, m)); strings.Contains(raw, "List-Unsubscribe-Post") || !strings.Contains(raw, "List-Unsubscribe: <http://") {
		t.Error(raw)
	}
}

func TestTextAloneIsOnePart(t *testing.T) {
	got := read(t, compose(t, plain()))
	want := strings.Fields("From To Subject Date Message-ID MIME-Version Content-Type Content-Transfer-Encoding")
	if got.Text != "Hello.\n" || !slices.Equal(got.Fields, want) {
		t.Errorf("%+v", got)
	}
}

func TestTheSameMailIsTheSameBytes(t *testing.T) {
	if !bytes.Equal(compose(t, full()), compose(t, full())) {
		t.Error("two attempts differ")
	}
}

func TestAnAddressTakesItsUsualForm(t *testing.T) {
	for text, want := range map[string]string{
		"a@Example.COM":           "a@example.com",
		"A.b+c@example.com":       "A.b+c@example.com",
		"a@müller.example":        "a@xn--mller-kva.example",
		"a@EXAMPLE.com.":          "",
		`"a b"@example.com`:       `"a b"@example.com`,
		`"a"@example.com`:         "a@example.com",
		"ü@example.com":           "ü@example.com",
		"a@localhost":             "a@localhost",
		" a@example.com ":         "a@example.com",
		"a@exa mple.com":          "",
		"a@b@c.example":           "",
		"a..b@example.com":        "",
		"a@_dmarc.example.com":    "a@_dmarc.example.com",
		"a(comment)@example.com":  "",
		"a@example.com (comment)": "",
	} {
		got, ok := email.Address(text)
		if got != want || ok != (want != "") {
			t.Errorf("%q became %q, %v; want %q", text, got, ok, want)
		}
	}
}

// needs finds a program that .ci/tools installs; in CI it is a failure that there is none.
func needs(t testing.TB, program string) string {
	t.Helper()
	path, err := exec.LookPath(program)
	switch {
	case err != nil && os.Getenv("CI") == "true":
		t.Fatalf("%s is missing: %v", program, err)
	case err != nil:
		t.Skipf("%s is not installed; .ci/tools does it", program)
	}
	return path
}
