// Package seal keeps secrets at rest: AES-256-GCM under a master key with an id, bound to a purpose and to the row that holds the secret.
// It never stores anything and never prints a key; moving a sealed value to another row or column makes it unreadable.
// Start with Sealer.
//
// Implements SPEC §9 (key file) and §5, §6 (secrets).
package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
)

// Sealed values begin with a version byte and the id of the key, so that a wrong key is told apart from a damaged value:
//
//	1 | key id (8) | nonce (12) | ciphertext | tag (16)
const version = 1

const headSize = 1 + len(KeyID{})

// The kinds of refusal.
var (
	// ErrWrongKey: the value was sealed under another key.
	ErrWrongKey = errors.New("sealed under another key")
	// ErrDamaged: the value was changed, cut, or belongs to another row.
	ErrDamaged = errors.New("damaged, or moved from another place")
)

// Sealer seals and opens under one key. Safe for concurrent use.
type Sealer struct {
	id     KeyID
	aead   cipher.AEAD
	macKey []byte // a key of its own, derived from the master key (RFC 5869)
}

// New makes a Sealer of a key.
func New(k Key) (*Sealer, error) {
	block, err := aes.NewCipher(k.bytes[:])
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, err
	}
	macKey, err := hkdf.Key(sha256.New, k.bytes[:], nil, "statusd mac 1", sha256.Size)
	if err != nil {
		return nil, err
	}
	return &Sealer{id: k.id, aead: aead, macKey: macKey}, nil
}

// KeyID names the key in use.
func (s *Sealer) KeyID() KeyID { return s.id }

// Seal encrypts a secret for one purpose ("check.headers") and one row.
func (s *Sealer) Seal(purpose string, row int64, plain []byte) []byte {
	out := append([]byte{version}, s.id[:]...)
	return s.aead.Seal(out, nil, plain, s.bound(purpose, row))
}

// Open decrypts what Seal made for the same purpose and row.
func (s *Sealer) Open(purpose string, row int64, sealed []byte) ([]byte, error) {
	if len(sealed) < headSize || sealed[0] != version {
		return nil, fmt.Errorf("%s of row %d: %w", purpose, row, ErrDamaged)
	}
	if KeyID(sealed[1:headSize]) != s.id {
		return nil, fmt.Errorf("%s of row %d: %w (%s, not %s)", purpose, row, ErrWrongKey, KeyID(sealed[1:headSize]), s.id)
	}
	plain, err := s.aead.Open(nil, nil, sealed[headSize:], s.bound(purpose, row))
	if err != nil {
		return nil, fmt.Errorf("%s of row %d: %w", purpose, row, ErrDamaged)
	}
	return plain, nil
}

// bound is the additional data: version, key, purpose and row. The purpose is terminated, so that no two pairs read alike.
func (s *Sealer) bound(purpose string, row int64) []byte {
	aad := append([]byte{version}, s.id[:]...)
	aad = append(aad, purpose...)
	aad = append(aad, 0)
	return binary.BigEndian.AppendUint64(aad, uint64(row))
}

// MAC is a value by which a secret is found again without being told: the same for the same purpose and secret, and nothing that
// anybody without the key could compare a guess with.
func (s *Sealer) MAC(purpose string, plain []byte) []byte {
	mac := hmac.New(sha256.New, s.macKey)
	mac.Write([]byte(purpose))
	mac.Write([]byte{0})
	mac.Write(plain)
	return mac.Sum(nil)
}
