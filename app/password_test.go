package app_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/crypto/argon2"

	"statusd/app"
)

// stored is the PHC form of a password under a cost of its own.
func stored(password string, memory, passes uint32) string {
	salt := []byte("0123456789abcdef")
	sum := argon2.IDKey([]byte(password), salt, passes, memory, 1, 32)
	enc := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=19$m=%d,t=%d,p=1$%s$%s", memory, passes, enc.EncodeToString(salt), enc.EncodeToString(sum))
}

func TestWhereNothingIsSaidAHashCostsWhatOWASPSays(t *testing.T) {
	if got, want := app.HashPassword("correct horse"), "$argon2id$v=19$m=19456,t=2,p=1$"; !strings.HasPrefix(got, want) {
		t.Errorf("%s, wanted %s...", got, want)
	}
}

func TestOldHashesStillOpen(t *testing.T) {
	text := stored("correct horse", 512, 3)
	if !app.PasswordMatches(text, "correct horse") || app.PasswordMatches(text, "correct horsE") {
		t.Error("a hash of another cost knows its own password and no other")
	}
	for _, bad := range []string{
		strings.Replace(text, "v=19", "v=16", 1),
		strings.Replace(text, "argon2id", "argon2i", 1),
		strings.Replace(text, "m=512", "m=4294967295", 1),
		strings.Replace(text, "m=512", "m=1048576", 1),
		strings.Replace(text, "m=512", "m=0512", 1),
		strings.Replace(text, "t=3", "t=0", 1),
		strings.Replace(text, "t=3", "t=99999", 1),
		strings.Replace(text, "p=1", "p=0", 1),
		strings.Replace(text, "p=1", "p=255", 1),
		text + "$", text + "=", text + " ", text[:len(text)-30], text[:len(text)-1] + "_",
	} {
		if app.PasswordMatches(bad, "correct horse") {
			t.Errorf("%s is taken", bad)
		}
	}
}

func FuzzParsePHC(f *testing.F) {
	f.Add(stored("x", 64, 1))
	f.Add("$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA")
	f.Add("$argon2id$v=19$m=-1,t=+2,p=300$$")
	f.Fuzz(func(t *testing.T, text string) {
		if back, ok := app.ParsePHC(text); ok && back != text {
			t.Errorf("%q reads as %q", text, back)
		}
	})
}
