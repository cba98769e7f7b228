package restart

import (
	"crypto/dsa" //lint:ignore SA1019 only here can a DSA key still be made
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"testing"

	"statusd/probe/probetest"
)

func TestEveryKindOfPrivateKeyIsOpened(t *testing.T) {
	for _, c := range [][]string{
		{"-t", "ed25519"}, {"-t", "ecdsa", "-b", "256"}, {"-t", "ecdsa", "-b", "521"}, {"-t", "rsa", "-b", "2048"},
		{"-t", "rsa", "-b", "2048", "-m", "PEM"}, {"-t", "ecdsa", "-m", "PEM"}, {"-t", "rsa", "-b", "2048", "-m", "PKCS8"},
	} {
		private, public := probetest.SSHKey(t, "", c...)
		want := strings.TrimSuffix(public, " test")
		for how, text := range map[string]string{
			"as it is": private, "with CRLF": strings.ReplaceAll(private, "\n", "\r\n"), "without its last line break": strings.TrimSpace(private),
			"indented": "  " + strings.ReplaceAll(private, "\n", "\n  "), "behind blank lines": "\n\n" + private,
		} {
			if got, err := ParsePrivateKey(Secret(text), "not needed"); err != nil || got != want {
				t.Errorf("%v %s: %q, %v", c, how, got, err)
			}
		}
	}
}

func TestEncryptedKeysWantTheirPassphrase(t *testing.T) {
	for _, c := range [][]string{
		{"-t", "ed25519", "-a", "1"}, {"-t", "rsa", "-b", "2048", "-m", "PEM"}, {"-t", "ecdsa", "-m", "PEM"}, {"-t", "ecdsa", "-Z", "aes256-ctr", "-a", "1"},
	} {
		private, public := probetest.SSHKey(t, "correct horse", c...)
		got, err := ParsePrivateKey(Secret(private), "correct horse")
		if err != nil || got != strings.TrimSuffix(public, " test") {
			t.Errorf("%v: %q, %v", c, got, err)
		}
		_, err = ParsePrivateKey(Secret(private), "")
		wantInvalid(t, err, PassphraseNeeded)
		for i := range 20 { // of PKCS#1, one wrong passphrase in 256 looks right at first
			_, err = ParsePrivateKey(Secret(private), Secret(fmt.Sprint("battery staple ", i)))
			wantInvalid(t, err, PassphraseWrong)
		}
	}
}

func TestWhatIsNoUsableKeyIsRefusedWithTheReason(t *testing.T) {
	ed, public := probetest.SSHKey(t, "", "-t", "ed25519")
	short, _ := probetest.SSHKey(t, "", "-t", "rsa", "-b", "1024")
	strong, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	spki, _ := x509.MarshalPKIXPublicKey(&strong.PublicKey)
	block := func(kind string, der []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
	}
	lines := strings.Split(strings.TrimSpace(ed), "\n")
	for name, c := range map[string]struct {
		text string
		want Code
	}{
		"nothing":            {"", KeyMissing},
		"a word":             {"hunter2", KeyMissing},
		"a path":             {"~/.ssh/id_ed25519", KeyMissing},
		"in one line":        {strings.Join(lines, " "), KeyMissing},
		"without its end":    {strings.Join(lines[:len(lines)-1], "\n"), KeyMissing},
		"half of it":         {strings.Join([]string{lines[0], lines[1], lines[len(lines)-1]}, "\n"), KeyDamaged},
		"public key":         {public, KeyPublic},
		"public key in SSH2": {"---- BEGIN SSH2 PUBLIC KEY ----\nAAAA\n---- END SSH2 PUBLIC KEY ----", KeyPublic},
		"public key in PEM":  {block("PUBLIC KEY", spki), KeyPublic},
		"certificate":        {block("CERTIFICATE", spki), KeyCertificate},
		"PuTTY":              {"PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\n", KeyPuTTY},
		"DSA":                {block("DSA PRIVATE KEY", dsaKey(t)), KeyUnsupported},
		"RSA-1024":           {short, KeyShort},
		"RSA of no sense":    {block("RSA PRIVATE KEY", []byte("nonsense")), KeyDamaged},
		"PGP":                {block("PGP PRIVATE KEY BLOCK", []byte("nonsense")), KeyUnsupported},
		"PKCS#8 encrypted":   {block("ENCRYPTED PRIVATE KEY", []byte("whatever")), KeyPKCS8},
		"endless":            {strings.Repeat(ed, 1000), KeyMissing},
	} {
		_, err := ParsePrivateKey(Secret(c.text), "")
		t.Run(name, func(t *testing.T) { wantInvalid(t, err, c.want) })
		_, err = ParsePrivateKey(Secret(c.text), "a passphrase")
		t.Run(name+", with a passphrase", func(t *testing.T) { wantInvalid(t, err, c.want) })
	}
}

// A security key's file can be made without one: only its type counts.
func TestAKeyOnASecurityKeyIsRefused(t *testing.T) {
	str := func(s string) string {
		n := len(s)
		return string([]byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}) + s
	}
	private := "\x00\x00\x00\x07\x00\x00\x00\x07" + str("sk-ssh-ed25519@openssh.com") + strings.Repeat("\x00", 64)
	der := "openssh-key-v1\x00" + str("none") + str("none") + str("") + "\x00\x00\x00\x01" + str("") + str(private)
	_, err := ParsePrivateKey(Secret(pem.EncodeToMemory(&pem.Block{Type: "OPENSSH PRIVATE KEY", Bytes: []byte(der)})), "")
	wantInvalid(t, err, KeySecurity)
}

func dsaKey(t *testing.T) []byte {
	t.Helper()
	var key dsa.PrivateKey
	if err := errors.Join(dsa.GenerateParameters(&key.Parameters, rand.Reader, dsa.L1024N160), dsa.GenerateKey(&key, rand.Reader)); err != nil {
		t.Fatal(err)
	}
	der, err := asn1.Marshal(struct {
		Version       int
		P, Q, G, Y, X *big.Int
	}{0, key.P, key.Q, key.G, key.Y, key.X})
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func FuzzPrivateKey(f *testing.F) {
	f.Add("-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAAB\n-----END OPENSSH PRIVATE KEY-----\n", "")
	f.Add("-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,0A\n\nAAAA\n-----END RSA PRIVATE KEY-----\n", "hunter2hunter2")
	f.Add("-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n", "")
	f.Add("PuTTY-User-Key-File-2: ssh-rsa", "")
	f.Fuzz(func(t *testing.T, key, passphrase string) {
		_, err := ParsePrivateKey(Secret(key), Secret(passphrase))
		var inv *Invalid
		if err != nil && (!errors.As(err, &inv) || !inv.Reason.Known()) {
			t.Errorf("no words for %v", err)
		}
		keySecrets(Secret(key))
	})
}
