package restart

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"strconv"
	"strings"

	"golang.org/x/crypto/ssh"
)

const (
	// leastRSA is how many bits an RSA key has at least: OpenSSH 9.2 still lets 1024 in, which is no longer safe.
	leastRSA = 2048
	// maxKey bounds what is looked at as a key.
	maxKey = 64 << 10
)

// ParsePrivateKey opens a private key (PEM: OpenSSH, PKCS#1, SEC1 or PKCS#8; the first three may be encrypted) and returns its public
// half as a line for authorized_keys. The passphrase is used only when the key is encrypted. The error is an [Invalid] that says what to
// do, and holds nothing of key or passphrase. Source: INTEROP.md section 6, "Keys".
func ParsePrivateKey(key, passphrase Secret) (public string, err error) {
	signer, err := open(key, passphrase)
	if err != nil {
		return "", err
	}
	return keyLine(signer.PublicKey()), nil
}

// keyLine writes a public key as authorized_keys does, without a comment: "ssh-ed25519 AAAA...".
func keyLine(key ssh.PublicKey) string {
	return strings.TrimSpace(string(ssh.MarshalAuthorizedKey(key)))
}

func open(key, passphrase Secret) (ssh.Signer, error) {
	if len(key) > maxKey {
		return nil, invalid(KeyMissing)
	}
	text := straightened(string(key))
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil, notPEM(text)
	}
	raw, err := ssh.ParseRawPrivateKey([]byte(text))
	var missing *ssh.PassphraseMissingError
	switch {
	case errors.As(err, &missing) && passphrase == "":
		return nil, invalid(PassphraseNeeded)
	case errors.As(err, &missing):
		if raw, err = ssh.ParseRawPrivateKeyWithPassphrase([]byte(text), []byte(passphrase)); err != nil {
			return nil, unopened(err)
		}
	case err != nil:
		return nil, unparsed(block.Type, err)
	}
	return signerOf(raw)
}

func signerOf(raw any) (ssh.Signer, error) {
	if key, ok := raw.(*rsa.PrivateKey); ok && key.N.BitLen() < leastRSA {
		return nil, invalid(KeyShort, strconv.Itoa(key.N.BitLen()))
	}
	signer, err := ssh.NewSignerFromKey(raw)
	switch {
	case err != nil:
		return nil, invalid(KeyUnsupported, "not usable with SSH")
	case signer.PublicKey().Type() == "ssh-dss":
		return nil, invalid(KeyUnsupported, "DSA")
	}
	return signer, nil
}

// straightened takes away the indentation that a key gets when it is copied out of YAML.
func straightened(text string) string {
	var b strings.Builder
	for part := range strings.Lines(text) {
		b.WriteString(strings.TrimSpace(part))
		b.WriteByte('\n')
	}
	return b.String()
}

// notPEM says what a text is instead.
func notPEM(text string) error {
	text = strings.TrimSpace(text)
	switch {
	case strings.HasPrefix(text, "PuTTY-User-Key-File"):
		return invalid(KeyPuTTY)
	case strings.HasPrefix(text, "---- BEGIN SSH2 PUBLIC KEY"), isPublicKey(text):
		return invalid(KeyPublic)
	case strings.Contains(text, " PRIVATE KEY-----\n") && strings.Contains(text, "\n-----END "):
		return invalid(KeyDamaged)
	}
	return invalid(KeyMissing)
}

func isPublicKey(text string) bool {
	_, _, _, _, err := ssh.ParseAuthorizedKey([]byte(text))
	return err == nil
}

// unparsed says why a PEM block is no usable key. The library tells most of it in text only.
func unparsed(block string, err error) error {
	said := err.Error()
	switch {
	case block == "ENCRYPTED PRIVATE KEY":
		return invalid(KeyPKCS8)
	case strings.HasSuffix(block, "CERTIFICATE"), strings.HasSuffix(block, "CERTIFICATE REQUEST"):
		return invalid(KeyCertificate)
	case strings.HasSuffix(block, "PUBLIC KEY"):
		return invalid(KeyPublic)
	case strings.Contains(said, "unhandled key type"):
		return invalid(KeySecurity) // or DSA, which OpenSSH no longer makes
	case block == "DSA PRIVATE KEY":
		return invalid(KeyUnsupported, "DSA")
	case strings.Contains(said, "unsupported key type"):
		return invalid(KeyUnsupported, line(legible(block)))
	case strings.Contains(said, "elliptic curve"), strings.Contains(said, "EC keys are supported"):
		return invalid(KeyUnsupported, "an unusual elliptic curve")
	case strings.Contains(said, "unknown algorithm"), strings.Contains(said, "unknown private key type"):
		return invalid(KeyUnsupported, "not usable with SSH")
	}
	return invalid(KeyDamaged)
}

// unopened says why an encrypted key does not open. A wrong passphrase may make noise out of it that is no longer a key.
func unopened(err error) error {
	said := err.Error()
	switch {
	case errors.Is(err, x509.IncorrectPasswordError):
		return invalid(PassphraseWrong)
	case strings.Contains(said, "unknown cipher"), strings.Contains(said, "unknown KDF"), strings.Contains(said, "KDF rounds"),
		strings.Contains(said, "unsupported"), strings.Contains(said, "cannot decode encrypted"):
		return invalid(KeyUnsupported, "its encryption")
	case strings.Contains(said, "unhandled key type"):
		return invalid(KeySecurity)
	case strings.Contains(said, "invalid openssh"), strings.Contains(said, "multiple of the block size"):
		return invalid(KeyDamaged)
	}
	return invalid(PassphraseWrong)
}

// keyPiece is how much of a key is one secret: a multiple of three, so that each piece has lines of base64 of its own.
const keyPiece = 48

// keySecrets are the pieces of a private key, so that a part of it is found too: of the bytes in it, and of its file, which somebody may
// have encoded as it is.
func keySecrets(key Secret) []string {
	text := straightened(string(key))
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return []string{string(key)}
	}
	out := pieces(string(block.Bytes))
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); !strings.HasPrefix(line, "-----") {
			out = append(out, pieces(line)...)
		}
	}
	return out
}

// pieces cuts a text up; none is too short to be masked but one that is all of it.
func pieces(text string) (out []string) {
	for len(text) > 0 {
		n := min(keyPiece, len(text))
		if rest := len(text) - n; rest < leastSecret {
			n = len(text)
		}
		out, text = append(out, text[:n]), text[n:]
	}
	return out
}
