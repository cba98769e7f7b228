package email

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"

	"github.com/emersion/go-msgauth/dkim"
)

// Key signs mails by DKIM (RFC 6376) for the sender's domain. It is RSA: many receivers know nothing else.
type Key struct {
	selector string
	private  *rsa.PrivateKey
}

// keyBits is what RFC 8301 §3.2 asks for; with more a record outgrows what some resolvers take.
const keyBits = 2048

var errKey = errors.New("not a DKIM key: an RSA key of 2048 bits or more in PEM is wanted, and a selector of letters, digits and hyphens")

// NewKey draws a key. The selector names it in DNS, so that a newer one can stand beside it.
func NewKey(selector string) (*Key, error) {
	if !labelOK(selector) {
		return nil, errKey
	}
	private, err := rsa.GenerateKey(rand.Reader, keyBits)
	if err != nil {
		return nil, fmt.Errorf("draw DKIM key: %w", err)
	}
	return &Key{selector, private}, nil
}

// ParseKey reads what PEM wrote, or an RSA key from elsewhere. Its error holds nothing of the key.
func ParseKey(selector, text string) (*Key, error) {
	block, _ := pem.Decode([]byte(text))
	if block == nil || !labelOK(selector) {
		return nil, errKey
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		parsed, err = x509.ParsePKCS1PrivateKey(block.Bytes)
	}
	private, ok := parsed.(*rsa.PrivateKey)
	if err != nil || !ok || private.N.BitLen() < keyBits {
		return nil, errKey
	}
	return &Key{selector, private}, nil
}

// PEM is the key as text: a secret.
func (k *Key) PEM() (string, error) {
	der, err := x509.MarshalPKCS8PrivateKey(k.private)
	if err != nil {
		return "", fmt.Errorf("write DKIM key: %w", err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})), nil
}

// Selector is the key's name in DNS.
func (k *Key) Selector() string { return k.selector }

// String hides the key.
func (k *Key) String() string { return "set" }

// GoString hides the key.
func (k *Key) GoString() string { return "set" }

// Record is what DNS must say for mails of a domain to verify: a TXT record's name, and its text.
func (k *Key) Record(domain string) (name, text string, err error) {
	der, err := x509.MarshalPKIXPublicKey(&k.private.PublicKey)
	if err != nil {
		return "", "", fmt.Errorf("write public DKIM key: %w", err)
	}
	return k.selector + "._domainkey." + domain, "v=DKIM1; k=rsa; p=" + base64.StdEncoding.EncodeToString(der), nil
}

// ZoneLine is the record as a zone file has it, cut into the strings of at most 255 octets that a TXT record is made of.
func ZoneLine(name, text string) string {
	var parts []string
	for len(text) > 0 {
		n := min(len(text), 255)
		parts = append(parts, `"`+text[:n]+`"`)
		text = text[n:]
	}
	return name + ". IN TXT ( " + strings.Join(parts, " ") + " )"
}

// signed are the fields that a signature covers, those that a mail lacks too: then none can be added. Source: RFC 6376 §5.4.1, RFC 8058 §4.
var signed = []string{
	"From", "To", "Subject", "Date", "Message-ID", "In-Reply-To", "References", "List-Id", "List-Unsubscribe", "List-Unsubscribe-Post",
	"Auto-Submitted", "Feedback-ID", "Content-Language", "MIME-Version", "Content-Type", "Content-Transfer-Encoding",
}

// sign puts the signature before a mail. Relaxed is what survives relays that fold and space anew.
func (k *Key) sign(domain string, raw []byte) ([]byte, error) {
	var out bytes.Buffer
	out.Grow(len(raw) + 1024)
	err := dkim.Sign(&out, bytes.NewReader(raw), &dkim.SignOptions{
		Domain: domain, Selector: k.selector, Signer: k.private, HeaderKeys: signed,
		HeaderCanonicalization: dkim.CanonicalizationRelaxed, BodyCanonicalization: dkim.CanonicalizationRelaxed,
	})
	if err != nil {
		return nil, fmt.Errorf("sign by DKIM: %w", err)
	}
	return out.Bytes(), nil
}
