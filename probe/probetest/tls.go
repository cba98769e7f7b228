package probetest

import (
	"crypto/tls"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
)

// TLS starts an https server, with HTTP/2, that shows this certificate and answers 200 "ok".
func (a *Authority) TLS(l Leaf) string {
	a.t.Helper()
	return Secure(a.t, &tls.Config{Certificates: []tls.Certificate{a.Issue(l)}}, okay)
}

func okay(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "ok") }

// Secure starts an https server with settings and a handler of the test's own.
func Secure(t testing.TB, conf *tls.Config, serve http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewUnstartedServer(serve)
	s.TLS, s.EnableHTTP2 = conf, conf.NextProtos == nil
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	t.Cleanup(s.Close)
	return s.URL
}

// OldVersion speaks no TLS newer than 1.1.
func (a *Authority) OldVersion() string {
	a.t.Helper()
	return Secure(a.t, &tls.Config{Certificates: []tls.Certificate{a.Issue(Leaf{})}, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}, okay)
}

// OddCipher speaks TLS 1.2 with a cipher that nobody offers any more.
func (a *Authority) OddCipher() string {
	a.t.Helper()
	return Secure(a.t, &tls.Config{Certificates: []tls.Certificate{a.Issue(Leaf{})}, MaxVersion: tls.VersionTLS12,
		CipherSuites: []uint16{tls.TLS_RSA_WITH_RC4_128_SHA}}, okay)
}

// OddProtocol speaks something over TLS that is not HTTP.
func (a *Authority) OddProtocol() string {
	a.t.Helper()
	return Secure(a.t, &tls.Config{Certificates: []tls.Certificate{a.Issue(Leaf{})}, NextProtos: []string{"imap"}}, okay)
}

// WantsClient wants a certificate of the client, up to this version of TLS.
func (a *Authority) WantsClient(version uint16) string {
	a.t.Helper()
	return Secure(a.t, &tls.Config{Certificates: []tls.Certificate{a.Issue(Leaf{})}, MaxVersion: version, ClientAuth: tls.RequireAnyClientCert}, okay)
}

// Stranger has no certificate for any name.
func (a *Authority) Stranger() string {
	a.t.Helper()
	return Secure(a.t, &tls.Config{GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) {
		return nil, errors.New("no such name")
	}, Certificates: []tls.Certificate{a.Issue(Leaf{})}}, okay)
}

// Inside serves each connection after a TLS handshake, in which it offers these protocols.
func (a *Authority) Inside(serve func(net.Conn), protocols ...string) string {
	a.t.Helper()
	conf := &tls.Config{Certificates: []tls.Certificate{a.Issue(Leaf{})}, NextProtos: protocols}
	return "https://" + Serve(a.t, func(c net.Conn) {
		secure := tls.Server(c, conf)
		if secure.Handshake() == nil {
			serve(secure)
		}
	})
}

// Secure starts an https server with a good certificate and a handler of the test's own.
func (a *Authority) Secure(serve http.HandlerFunc) string {
	a.t.Helper()
	return Secure(a.t, &tls.Config{Certificates: []tls.Certificate{a.Issue(Leaf{})}}, serve)
}
