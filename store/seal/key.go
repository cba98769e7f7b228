package seal

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// KeySize is the length of a master key in bytes (AES-256).
const KeySize = 32

// KeyID tells keys apart without telling anything about them: the first 8 bytes of a hash under a label of its own.
type KeyID [8]byte

// String is the id in hex, as messages name it.
func (id KeyID) String() string { return hex.EncodeToString(id[:]) }

// Key is a master key. It prints its id, never its bytes.
type Key struct {
	id    KeyID
	bytes [KeySize]byte
}

// NewKey draws a key.
func NewKey() Key {
	var raw [KeySize]byte
	_, _ = rand.Read(raw[:]) // never fails: crypto/rand, Go 1.24
	return keyOf(raw)
}

func keyOf(raw [KeySize]byte) Key {
	sum := sha256.Sum256(append([]byte("statusd key id\x00"), raw[:]...))
	k := Key{bytes: raw}
	copy(k.id[:], sum[:])
	return k
}

// ID names the key.
func (k Key) ID() KeyID { return k.id }

// String is the key's id.
func (k Key) String() string { return k.id.String() }

// ParseKey reads 32 bytes in base64, or a line of a key file: an id, a space, and the base64.
func ParseKey(text string) (Key, error) {
	fields := strings.Fields(text)
	if len(fields) == 0 || len(fields) > 2 {
		return Key{}, errors.New("a key is 32 bytes in base64")
	}
	raw, err := base64.StdEncoding.DecodeString(fields[len(fields)-1])
	if err != nil || len(raw) != KeySize {
		return Key{}, errors.New("a key is 32 bytes in base64")
	}
	k := keyOf([KeySize]byte(raw))
	if len(fields) == 2 && fields[0] != k.id.String() {
		return Key{}, fmt.Errorf("the key's bytes do not belong to its id %s: the line was changed or cut", fields[0])
	}
	return k, nil
}

// Text is the line of a key file: id, space, base64, newline.
func (k Key) Text() string {
	return k.id.String() + " " + base64.StdEncoding.EncodeToString(k.bytes[:]) + "\n"
}

// ReadKey reads a key file. A missing one is fs.ErrNotExist.
func ReadKey(file string) (Key, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return Key{}, err
	}
	k, err := ParseKey(string(text))
	if err != nil {
		return Key{}, fmt.Errorf("key file %s: %w", file, err)
	}
	return k, nil
}

// WriteKey makes a key file of mode 0600 that is either whole or not there, also after a power loss: temporary file, sync,
// link, sync of the folder. It never replaces one.
func WriteKey(file string, k Key) error {
	tmp, err := os.CreateTemp(filepath.Dir(file), "."+filepath.Base(file)+"-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	if _, err := tmp.WriteString(k.Text()); err != nil {
		return errors.Join(err, tmp.Close())
	}
	if err := errors.Join(tmp.Sync(), tmp.Close()); err != nil {
		return err
	}
	if err := os.Link(tmp.Name(), file); err != nil {
		if errors.Is(err, fs.ErrExist) {
			return err
		}
		if err := os.Rename(tmp.Name(), file); err != nil { // file systems without hard links
			return err
		}
	}
	return syncFolder(filepath.Dir(file))
}

func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
