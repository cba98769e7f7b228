package email_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/mail"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"statusd/notify/email"
)

func TestAURLBecomesSettings(t *testing.T) {
	from := mail.Address{Address: "status@example.com"}
	for raw, want := range map[string]email.Settings{
		"smtp://u:p@mail.example.com?from=status@example.com": {
			Host: "mail.example.com", Port: 587, User: "u", Password: "p", From: from},
		"smtps://u:p@mail.example.com?from=status@example.com": {
			Host: "mail.example.com", Port: 465, Security: email.TLS, User: "u", Password: "p", From: from},
		"smtp://mail.example.com:25/?from=status@example.com&tls=none": {
			Host: "mail.example.com", Port: 25, Security: email.None, From: from},
		"smtp://mail.example.com:2525?from=status@example.com&tls=starttls&hello=status.example.com": {
			Host: "mail.example.com", Port: 2525, From: from, Hello: "status.example.com"},
		"smtp://user%40example.com:p%2F%3F%23%40%25@Mail.Example.COM.:587?from=Acme%20Durum%20%3Cstatus@example.com%3E": {
			Host: "mail.example.com", Port: 587, User: "user@example.com", Password: "p/?#@%",
			From: mail.Address{Name: "Acme Durum", Address: "status@example.com"}},
		"smtp://user@example.com:p@mail.example.com?from=status@example.com": {
			Host: "mail.example.com", Port: 587, User: "user@example.com", Password: "p", From: from},
		"smtp://127.0.0.1:1025?from=status@example.com": {Host: "127.0.0.1", Port: 1025, Security: email.None, From: from},
		"smtp://localhost:25?from=status@example.com":   {Host: "localhost", Port: 25, Security: email.None, From: from},
		"smtp://[::1]:25?from=status@example.com":       {Host: "::1", Port: 25, Security: email.None, From: from},
		"smtp://u:p@localhost?from=status@example.com":  {Host: "localhost", Port: 587, User: "u", Password: "p", From: from},
		"smtp://localhost?tls=starttls&from=status@example.com": {
			Host: "localhost", Port: 587, From: from},
		"smtp://posta.çağrı.com.tr?from=durum@çağrı.com.tr": {
			Host: "posta.xn--ar-3ia9t9c.com.tr", Port: 587, From: mail.Address{Address: "durum@xn--ar-3ia9t9c.com.tr"}},
	} {
		got, err := email.ParseURL(raw)
		if err != nil {
			t.Errorf("%s: %v", raw, err)
		} else if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", raw, diff)
		}
	}
}

const password = "hunter2-swordfish"

func TestABadURLIsExplainedWithoutItsPassword(t *testing.T) {
	for raw, field := range map[string]string{
		"":                         "url scheme",
		"mail.example.com":         "url scheme",
		"http://u:PW@mail.example": "url scheme",
		"smtp:u:PW@mail.example":   "url url",
		"smtp://u:PW%zz@mail.example?from=a@b.example":                  "url url",
		"smtp://u:PW/x@mail.example?from=a@b.example":                   "url url",
		"smtp://u:a@mail.example/PW?from=a@b.example":                   "url path",
		"smtp://u:PW#x@mail.example?from=a@b.example":                   "url url",
		"smtp://u:PW\n@mail.example?from=a@b.example":                   "url url",
		"smtp://u:PW@mail.example:99999?from=a@b.example":               "port port",
		"smtp://u:PW@mail.example:0?from=a@b.example":                   "port port",
		"smtp://u:PW@mail.example":                                      "from from",
		"smtp://u:PW@mail.example?from=":                                "from from",
		"smtp://u:PW@mail.example?from=status":                          "from from",
		"smtp://u:PW@mail.example?from=a@b.example,c@d.example":         "from from",
		"smtp://u:PW@mail.example?from=müller@b.example":                "from from",
		"smtp://u:PW@mail.example?from=a@b.example&from=c@b.example":    "url parameter",
		"smtp://u:PW@mail.example?from=a@b.example&password=PW":         "url parameter",
		"smtp://u:PW@mail.example?from=a@b.example&tls=off":             "tls tls",
		"smtps://u:PW@mail.example?from=a@b.example&tls=none":           "tls tls",
		"smtp://u:PW@mail.example?from=a@b.example&tls=none":            "tls clear",
		"smtp://u:PW@127.0.0.1?from=a@b.example&tls=none":               "tls clear",
		"smtp://:PW@mail.example?from=a@b.example":                      "user user",
		"smtp://u@mail.example?from=a@b.example":                        "password password",
		"smtp://u:PW%0A@mail.example?from=a@b.example":                  "user control",
		"smtp://u:PW@?from=a@b.example":                                 "host host",
		"smtp://u:PW@mail..example?from=a@b.example":                    "host host",
		"smtp://u:PW@mail.example?from=a@b.example&hello=a%0D%0AMAIL":   "hello hello",
		"smtp://u:PW@mail.example?from=A%0D%0ABcc:x@y.z%3Ca@b.example>": "from from",
	} {
		raw = strings.ReplaceAll(raw, "PW", password)
		_, err := email.ParseURL(raw)
		var invalid email.Invalid
		if !errors.As(err, &invalid) || invalid.Field+" "+invalid.Code != field {
			t.Errorf("%q: %#v", raw, err)
		}
		if err != nil && strings.Contains(err.Error(), password) {
			t.Errorf("%q: the error tells the password: %v", raw, err)
		}
	}
}

func TestAPasswordIsNeverPrinted(t *testing.T) {
	s := email.Settings{Host: "mail.example.com", Password: password}
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "settings", s, "password", s.Password)
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "settings", s, "password", s.Password)
	text, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	for _, shown := range []string{fmt.Sprint(s), fmt.Sprintf("%+v %#v %q %s", s, s, s.Password, s.Password), string(text), log.String()} {
		if strings.Contains(shown, password) {
			t.Error(shown)
		}
	}
}

func FuzzParseURL(f *testing.F) {
	f.Add("smtp://u:p@mail.example.com:587?from=status@example.com")
	f.Add("smtps://[::1]?from=A%20%3Ca@b.example%3E&hello=x")
	f.Add("smtp://localhost?tls=none&from=a@b.example")
	f.Fuzz(func(t *testing.T, raw string) {
		s, err := email.ParseURL(raw)
		if err != nil {
			var invalid email.Invalid
			if !errors.As(err, &invalid) || invalid.Field == "" || invalid.Code == "" || invalid.Problem == "" {
				t.Fatalf("%#v", err)
			}
			return
		}
		again, err := s.Checked()
		if err != nil || again != s {
			t.Errorf("%q became %+v, then %+v, %v", raw, s, again, err)
		}
		if s.User != "" && s.Security == email.None {
			t.Errorf("%q: a password in clear", raw)
		}
		if _, err := email.Compose(s.From, plain()); err != nil {
			t.Errorf("%q: %v", raw, err)
		}
	})
}
