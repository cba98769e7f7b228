package app

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"

	"golang.org/x/crypto/argon2"
)

// Parameters of argon2id (OWASP's first choice): 19 MiB, two passes, one lane. About 40 ms.
const (
	argonMemory, argonPasses, argonLanes = 19 << 10, 2, 1

	saltSize, hashSize = 16, 32
)

// hashPassword makes the PHC form of a password under a salt of its own.
func hashPassword(password string) string {
	salt := make([]byte, saltSize)
	_, _ = rand.Read(salt) // never fails: crypto/rand, Go 1.24
	sum := argon2.IDKey([]byte(password), salt, argonPasses, argonMemory, argonLanes, hashSize)
	enc := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, argonMemory, argonPasses, argonLanes, enc.EncodeToString(salt), enc.EncodeToString(sum))
}
