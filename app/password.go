package app

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"

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

// passwordMatches compares in constant time. A text that is no PHC form of ours matches nothing.
func passwordMatches(phc, password string) bool {
	fields := strings.Split(phc, "$")
	if len(fields) != 6 {
		return false
	}
	var version, memory, passes int
	var lanes uint8
	if _, err := fmt.Sscanf(fields[2]+" "+fields[3], "v=%d m=%d,t=%d,p=%d", &version, &memory, &passes, &lanes); err != nil || version != argon2.Version {
		return false
	}
	salt, err1 := base64.RawStdEncoding.DecodeString(fields[4])
	want, err2 := base64.RawStdEncoding.DecodeString(fields[5])
	if err1 != nil || err2 != nil || len(want) == 0 || memory <= 0 || passes <= 0 || lanes == 0 {
		return false
	}
	got := argon2.IDKey([]byte(password), salt, uint32(passes), uint32(memory), lanes, uint32(len(want)))
	return subtle.ConstantTimeCompare(got, want) == 1
}
