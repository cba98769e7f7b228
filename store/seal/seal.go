// Package seal keeps secrets at rest: AES-256-GCM under a master key with an id, bound to a purpose and to the row that holds the secret.
// It never stores anything and never prints a key; moving a sealed value to another row or column makes it unreadable.
// Start with Sealer.
//
// Implements SPEC §9 (key file) and §5, §6 (secrets).
package seal

import (
	"crypto/aes"
	"crypto/cipher"
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
	id   KeyID
	aead cipher.AEAD
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
	return &Sealer{id: k.id, aead: aead}, nil
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
