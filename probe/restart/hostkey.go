package restart

import (
	"bytes"
	"encoding/base64"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/crypto/ssh"
)

// hostKeyAlgorithms are those in which hosts are asked to show a key, in OpenSSH's order: then the key that statusd records on first
// use is the one whose fingerprint ssh shows. Source: INTEROP.md section 6, "Host keys".
var hostKeyAlgorithms = []string{
	ssh.KeyAlgoED25519,
	ssh.KeyAlgoECDSA256, ssh.KeyAlgoECDSA384, ssh.KeyAlgoECDSA521,
	ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256,
}

// algorithmsOf are those in which a key of a type is shown; nil for a type that is not supported.
func algorithmsOf(keyType string) []string {
	if keyType == ssh.KeyAlgoRSA {
		return []string{ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256}
	}
	if i := slices.Index(hostKeyAlgorithms, keyType); i >= 0 {
		return hostKeyAlgorithms[i : i+1]
	}
	return nil
}

// pin is which host key is accepted. The zero pin accepts whichever comes first.
type pin struct {
	key         ssh.PublicKey // nil: the fingerprint alone is known
	fingerprint string        // "SHA256:..."
}

// ParseHostKey says whether a text pins a host key: "" (recorded on first use), a SHA256 fingerprint as such or in ssh-keygen's line, a
// line of known_hosts, or a public key. The error is an [Invalid].
func ParseHostKey(text string) error {
	_, err := parsePin(text)
	return err
}

// fits says whether a key is the pinned one.
func (p pin) fits(key ssh.PublicKey) bool {
	switch {
	case p.key != nil:
		return bytes.Equal(p.key.Marshal(), key.Marshal())
	case p.fingerprint != "":
		return ssh.FingerprintSHA256(key) == p.fingerprint
	}
	return true
}

// algorithms are what the host is asked for first.
func (p pin) algorithms() []string {
	if p.key != nil {
		return algorithmsOf(p.key.Type())
	}
	return hostKeyAlgorithms
}

// others are what the host is asked for next, after a key that did not fit: a key of another type may be the one of a bare fingerprint.
func (p pin) others(asked []string, strange ssh.PublicKey) []string {
	if p.key != nil {
		return nil
	}
	return without(asked, algorithmsOf(strange.Type()))
}

// String names the key as people compare it: "SHA256:... (ED25519)".
func (p pin) String() string {
	if p.key != nil {
		return describe(p.key)
	}
	return p.fingerprint
}

// describe names a key as ssh does: "SHA256:... (ED25519)".
func describe(key ssh.PublicKey) string {
	kind := strings.ToUpper(strings.TrimPrefix(key.Type(), "ssh-"))
	if strings.HasPrefix(key.Type(), "ecdsa-") {
		kind = "ECDSA"
	}
	return ssh.FingerprintSHA256(key) + " (" + kind + ")"
}

// Fingerprint is that of a host key in any of the forms in which it is pinned, as ssh shows it: "SHA256:..."; "" of any other text.
func Fingerprint(hostKey string) string {
	p, err := parsePin(hostKey)
	if err != nil {
		return ""
	}
	return p.fingerprint
}

var (
	sha256Form = regexp.MustCompile(`(?:^|\s)SHA256:([A-Za-z0-9+/]{43})=?(?:\s|$)`)
	md5Form    = regexp.MustCompile(`(?i)(?:^|\s|MD5:)(?:[0-9a-f]{2}:){15}[0-9a-f]{2}(?:\s|$)`)
)

// maxPin bounds what is looked at: the longest line is that of a host with many names and a large RSA key.
const maxPin = 32 << 10

func parsePin(text string) (pin, error) {
	lines, err := pinLines(text)
	switch {
	case err != nil:
		return pin{}, err
	case len(lines) == 0:
		return pin{}, nil
	}
	p, err := parsePinLine(lines[0])
	if err != nil {
		return pin{}, err
	}
	for _, more := range lines[1:] {
		if other, err := parsePinLine(more); err != nil || other.String() != p.String() {
			return pin{}, invalid(PinMany)
		}
	}
	return p, nil
}

// pinLines are the lines that count: ssh-keyscan writes comments between its keys.
func pinLines(text string) (lines []string, err error) {
	if len(text) > maxPin {
		return nil, invalid(PinUnreadable)
	}
	for part := range strings.Lines(text) {
		if part = strings.TrimSpace(part); part != "" && part[0] != '#' {
			lines = append(lines, part)
		}
	}
	if len(lines) == 0 && strings.TrimSpace(text) != "" {
		return nil, invalid(PinUnreadable)
	}
	return lines, nil
}

func parsePinLine(text string) (pin, error) {
	switch {
	case strings.HasPrefix(text, "@revoked"):
		return pin{}, invalid(PinRevoked)
	case strings.HasPrefix(text, "@"):
		return pin{}, invalid(PinAuthority)
	case strings.Contains(text, "PRIVATE KEY"):
		return pin{}, invalid(PinPrivate)
	}
	if m := sha256Form.FindStringSubmatch(text); m != nil {
		if sum, err := base64.StdEncoding.DecodeString(m[1] + "="); err == nil {
			// Written anew: the last character has two bits that do not count, and are not looked at.
			return pin{fingerprint: "SHA256:" + base64.RawStdEncoding.EncodeToString(sum)}, nil
		}
	}
	if md5Form.MatchString(text) {
		return pin{}, invalid(PinMD5)
	}
	return parsePinKey(text)
}

// parsePinKey finds the key in a line of known_hosts, of authorized_keys or of a .pub file: the one word that is a key in base64,
// behind the word that names its type. Which hosts a line names does not matter: it was given for this one.
func parsePinKey(text string) (pin, error) {
	words := strings.Fields(text)
	for i, word := range words {
		blob, err := base64.StdEncoding.DecodeString(word)
		if err != nil || !isKeyBlob(blob) {
			continue
		}
		key, err := ssh.ParsePublicKey(blob)
		switch {
		case err != nil:
			return pin{}, unsupportedPin(blob)
		case i > 0 && key.Type() != words[i-1]:
			return pin{}, invalid(PinUnreadable)
		case algorithmsOf(key.Type()) == nil:
			return pin{}, invalid(PinUnsupported, key.Type())
		}
		return pin{key: key, fingerprint: ssh.FingerprintSHA256(key)}, nil
	}
	return pin{}, invalid(PinUnreadable)
}

// isKeyBlob says that bytes begin as a public key does: with the length of its type's name and the name.
func isKeyBlob(blob []byte) bool {
	return len(blob) > 11 && blob[0] == 0 && blob[1] == 0 && blob[2] == 0 && int(blob[3]) <= len(blob)-4 &&
		bytes.IndexFunc(blob[4:4+blob[3]], func(r rune) bool { return r <= ' ' || r > '~' }) < 0 && blob[3] > 3
}

func unsupportedPin(blob []byte) error {
	name := string(blob[4 : 4+blob[3]])
	if algorithmsOf(name) != nil {
		return invalid(PinUnreadable) // a known type, and damaged
	}
	return invalid(PinUnsupported, line(name))
}
