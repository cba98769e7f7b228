package email_test

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"statusd/notify"
	"statusd/notify/email"
	"statusd/notify/notifytest"
)

// verifying is dkimpy's, told what DNS would say.
const verifying = `
import sys, base64, dkim
name, text = sys.argv[1].encode(), sys.argv[2].encode()
for line in sys.stdin:
    d = dkim.DKIM(base64.b64decode(line))
    ok = d.verify(dnsfunc=lambda asked, timeout=5: text if asked.rstrip(b".") == name else None)
    print(ok, d.domain.decode(), d.selector.decode(), ",".join(h.decode().lower() for h in d.include_headers or []))
`

func TestAnotherImplementationVerifiesTheSignature(t *testing.T) {
	key, err := email.NewKey("statusd1")
	if err != nil {
		t.Fatal(err)
	}
	name, text, err := key.Record("example.com")
	if err != nil {
		t.Fatal(err)
	}
	server := notifytest.NewMailServer(t, notifytest.MailOptions{UTF8: true})
	settings := clear(server)
	settings.DKIM = key
	s := newSender(t, settings, email.Options{})
	for _, m := range append(hostile(), full(), plain()) {
		if out := s.Send(t.Context(), m); out.Kind != notify.Success {
			t.Fatalf("%v", out)
		}
	}
	want := "True example.com statusd1 from,to,subject,date,message-id,in-reply-to,references,list-id,list-unsubscribe,list-unsubscribe-post," +
		"auto-submitted,feedback-id,content-language,mime-version,content-type,content-transfer-encoding"
	var raws [][]byte
	for _, m := range server.Taken() {
		raws = append(raws, m.Raw)
	}
	for i, got := range python(t, verifying, raws, name, text) {
		if got != want {
			t.Errorf("%s\n%.300s", got, raws[i])
		}
	}
	changed := bytes.Replace(raws[0], []byte("Date: Mon"), []byte("Date: Tue"), 1)
	added := append([]byte("List-Id: <x.example>\r\n"), raws[len(raws)-1]...)
	for _, got := range python(t, verifying, [][]byte{changed, added}, name, text) {
		if !strings.HasPrefix(got, "False ") {
			t.Errorf("a mail that was changed: %s", got)
		}
	}
}

func TestAKeyIsWrittenAndReadAndNeverPrinted(t *testing.T) {
	key, err := email.NewKey("s1")
	if err != nil {
		t.Fatal(err)
	}
	text, err := key.PEM()
	if err != nil {
		t.Fatal(err)
	}
	again, err := email.ParseKey("s1", text)
	if err != nil {
		t.Fatal(err)
	}
	name, record, _ := key.Record("example.com")
	name2, record2, _ := again.Record("example.com")
	if name != "s1._domainkey.example.com" || name != name2 || record != record2 || again.Selector() != "s1" {
		t.Errorf("%s %s, %s %s", name, record, name2, record2)
	}
	if !regexp.MustCompile(`^v=DKIM1; k=rsa; p=[A-Za-z0-9+/]+=*$`).MatchString(record) {
		t.Error(record)
	}
	zone := email.ZoneLine(name, record)
	if strings.ReplaceAll(zone, `" "`, "") != name+`. IN TXT ( "`+record+`" )` || regexp.MustCompile(`"[^"]{256,}"`).MatchString(zone) {
		t.Error(zone)
	}
	settings := email.Settings{DKIM: key}
	for _, shown := range []string{fmt.Sprintf("%v %+v %#v %s", settings, settings, settings, key)} {
		if len(shown) > 600 {
			t.Error(shown)
		}
	}
	for _, bad := range []string{"", "x", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"} {
		if _, err := email.ParseKey("s1", bad); err == nil {
			t.Errorf("%q is a key", bad)
		}
	}
	for _, selector := range []string{"", "a b", "a.b", "a;b", "-a"} {
		if _, err := email.ParseKey(selector, text); err == nil {
			t.Errorf("%q is a selector", selector)
		}
	}
}
