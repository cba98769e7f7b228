package email_test

import (
	"crypto/tls"
	"net/mail"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"statusd/notify/email"
	"statusd/notify/notifytest"
	"statusd/probe/probetest"
)

// clear are the settings for a server without TLS.
func clear(s *notifytest.MailServer) email.Settings {
	return email.Settings{Host: s.Host, Port: s.Port, Security: email.None, From: sender}
}

// newSender makes a sender that ends with the test.
func newSender(t testing.TB, settings email.Settings, o email.Options) *email.Sender {
	t.Helper()
	s := email.New(o)
	t.Cleanup(s.Close)
	s.Use(checked(t, settings))
	return s
}

func checked(t testing.TB, settings email.Settings) email.Settings {
	t.Helper()
	settings, err := settings.Checked()
	if err != nil {
		t.Fatal(err)
	}
	return settings
}

// secured is a server with a certificate for its address, the settings to reach it, and the options to trust it.
func secured(t testing.TB, o notifytest.MailOptions, leaf probetest.Leaf) (*notifytest.MailServer, email.Settings, email.Options) {
	t.Helper()
	authority := probetest.NewAuthority(t, "root")
	o.TLS = &tls.Config{Certificates: []tls.Certificate{authority.Issue(leaf)}}
	server := notifytest.NewMailServer(t, o)
	settings := email.Settings{Host: server.Host, Port: server.Port, From: mail.Address{Address: "status@example.com"}}
	if o.Implicit {
		settings.Security = email.TLS
	}
	return server, settings, email.Options{Roots: authority.Pool(), Timeout: 5 * time.Second}
}

// reply is a refusal: reply(550, 5, 1, 1, "no such user"), or without an enhanced code reply(550, 0, 0, 0, "no").
func reply(code, class, subject, detail int, text string) *smtp.SMTPError {
	enhanced := smtp.EnhancedCode{class, subject, detail}
	if class == 0 {
		enhanced = smtp.NoEnhancedCode
	}
	return &smtp.SMTPError{Code: code, EnhancedCode: enhanced, Message: text}
}

// to is plain mail to somebody.
func to(address string) email.Mail {
	m := plain()
	m.To = address
	return m
}

// portOf is the port of a host:port or a URL.
func portOf(t testing.TB, address string) int {
	t.Helper()
	port, err := strconv.Atoi(strings.TrimSuffix(address[strings.LastIndexByte(address, ':')+1:], "/"))
	if err != nil {
		t.Fatal(err)
	}
	return port
}
