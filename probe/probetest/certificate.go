package probetest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net"
	"testing"
	"time"
)

// Authority issues certificates. Only those who are given its Pool trust it.
type Authority struct {
	t    testing.TB
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	by   *Authority // of an intermediate
}

// Leaf is what a certificate says. The zero value is for 127.0.0.1, ::1 and localhost, from an hour ago for a day.
type Leaf struct {
	From, Until time.Time
	Names       []string // host names and addresses
	Nameless    bool
	Usage       x509.ExtKeyUsage // 0: of a server
	SelfSigned  bool
	Signature   x509.SignatureAlgorithm // 0: the usual
	Short       bool                    // send no intermediates
}

// NewAuthority makes a root.
func NewAuthority(t testing.TB, name string) *Authority {
	t.Helper()
	return newAuthority(t, name, nil)
}

// Intermediate makes an authority below this one.
func (a *Authority) Intermediate(name string) *Authority {
	a.t.Helper()
	return newAuthority(a.t, name, a)
}

func newAuthority(t testing.TB, name string, by *Authority) *Authority {
	t.Helper()
	a := &Authority{t: t, key: newKey(t), by: by}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-20 * 365 * 24 * time.Hour), NotAfter: time.Now().Add(20 * 365 * 24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	parent, key := template, a.key
	if by != nil {
		parent, key = by.cert, by.key
	}
	a.cert = sign(t, template, parent, a.key, key)
	return a
}

func newKey(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func sign(t testing.TB, template, parent *x509.Certificate, own, by *ecdsa.PrivateKey) *x509.Certificate {
	t.Helper()
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &own.PublicKey, by)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return cert
}

// Pool trusts the authority.
func (a *Authority) Pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.cert)
	return pool
}

// Issue makes a certificate, with the chain up to the root but without it.
func (a *Authority) Issue(l Leaf) tls.Certificate {
	a.t.Helper()
	if l.From.IsZero() {
		l.From = time.Now().Add(-time.Hour)
	}
	if l.Until.IsZero() {
		l.Until = time.Now().Add(24 * time.Hour)
	}
	if l.Names == nil && !l.Nameless {
		l.Names = []string{"127.0.0.1", "::1", "localhost"}
	}
	usage := l.Usage
	if usage == 0 {
		usage = x509.ExtKeyUsageServerAuth
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: "leaf"}, NotBefore: l.From, NotAfter: l.Until,
		SignatureAlgorithm: l.Signature, KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{usage},
	}
	for _, name := range l.Names {
		if ip := net.ParseIP(name); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, name)
		}
	}
	key := newKey(a.t)
	if l.SelfSigned {
		return tls.Certificate{Certificate: [][]byte{sign(a.t, template, template, key, key).Raw}, PrivateKey: key}
	}
	cert := tls.Certificate{Certificate: [][]byte{sign(a.t, template, a.cert, key, a.key).Raw}, PrivateKey: key}
	for up := a; up.by != nil && !l.Short; up = up.by {
		cert.Certificate = append(cert.Certificate, up.cert.Raw)
	}
	return cert
}
