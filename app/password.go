package app

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"

	"statusd/app/model"
)

// The lengths of a password, in characters (SPEC §8).
const minPassword, maxPassword = 10, 200

func (a *App) validatePassword(v *model.Invalid, password string) {
	n := utf8.RuneCountInString(password)
	switch {
	case n < minPassword || n > maxPassword:
		v.Add("password", "password_length", "min", minPassword, "max", maxPassword)
	case a.CommonPasswords[strings.ToLower(password)]:
		v.Add("password", "password_common")
	}
}

// PasswordCost is what argon2id takes for a hash.
type PasswordCost struct {
	Memory uint32 // KiB
	Passes uint32
	Lanes  uint8
}

// usualCost is OWASP's first choice: 19 MiB, two passes, one lane. About 40 ms.
var usualCost = PasswordCost{19 << 10, 2, 1}

// Bounds of a stored hash: what older or other programs may reasonably have chosen, and no more than this process can pay.
const (
	mostMemory          = 128 << 10
	mostPasses          = 32
	mostLanes           = 16
	leastSalt, leastSum = 8, 16
	mostSalt, mostSum   = 64, 64
	saltSize, sumSize   = 16, 32
)

// phc is a stored password: the PHC form of an argon2id hash, $argon2id$v=19$m=19456,t=2,p=1$salt$sum.
type phc struct {
	PasswordCost
	salt, sum []byte
}

var phcBase64 = base64.RawStdEncoding.Strict()

// String is the text that is stored.
func (p phc) String() string {
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, p.Memory, p.Passes, p.Lanes,
		phcBase64.EncodeToString(p.salt), phcBase64.EncodeToString(p.sum))
}

// parsePHC reads what String wrote, under whichever cost. It takes nothing else.
func parsePHC(text string) (phc, bool) {
	fields := strings.Split(text, "$")
	if len(fields) != 6 {
		return phc{}, false
	}
	var p phc
	if _, err := fmt.Sscanf(fields[3], "m=%d,t=%d,p=%d", &p.Memory, &p.Passes, &p.Lanes); err != nil {
		return phc{}, false
	}
	var err1, err2 error
	p.salt, err1 = phcBase64.DecodeString(fields[4])
	p.sum, err2 = phcBase64.DecodeString(fields[5])
	if err1 != nil || err2 != nil || !p.payable() || p.String() != text {
		return phc{}, false
	}
	return p, true
}

func (p phc) payable() bool {
	return p.Lanes >= 1 && p.Lanes <= mostLanes && p.Passes >= 1 && p.Passes <= mostPasses &&
		p.Memory >= 8*uint32(p.Lanes) && p.Memory <= mostMemory &&
		len(p.salt) >= leastSalt && len(p.salt) <= mostSalt && len(p.sum) >= leastSum && len(p.sum) <= mostSum
}

func (p phc) hash(password string) []byte {
	return argon2.IDKey([]byte(password), p.salt, p.Passes, p.Memory, p.Lanes, uint32(len(p.sum)))
}

// hasher makes and compares hashes of passwords, one at a time: each takes 19 MiB, and a stranger decides how many are wanted.
type hasher struct {
	cost PasswordCost
	turn chan struct{} // holds one
}

func newHasher(c PasswordCost) *hasher { return &hasher{cmp.Or(c, usualCost), make(chan struct{}, 1)} }

// inTurn waits for its turn, as long as the context lasts.
func (h *hasher) inTurn(ctx context.Context, f func()) error {
	select {
	case h.turn <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-h.turn }()
	f()
	return nil
}

// hash makes the stored form of a password under a salt of its own.
func (h *hasher) hash(ctx context.Context, password string) (text string, err error) {
	err = h.inTurn(ctx, func() {
		p := h.random()
		p.sum = p.hash(password)
		text = p.String()
	})
	return text, err
}

// matches compares in constant time. A text that is no stored form of ours matches nothing, at the same price: who asks for an
// account that does not exist waits as long as for one that does.
func (h *hasher) matches(ctx context.Context, text, password string) (ok bool, err error) {
	p, known := parsePHC(text)
	if !known {
		p = h.random()
	}
	err = h.inTurn(ctx, func() { ok = subtle.ConstantTimeCompare(p.hash(password), p.sum) == 1 && known })
	return ok, err
}

// outdated says whether a stored form has another cost than new ones get.
func (h *hasher) outdated(text string) bool {
	p, ok := parsePHC(text)
	return !ok || p.PasswordCost != h.cost
}

// random is a stored form that no password has.
func (h *hasher) random() phc {
	p := phc{h.cost, make([]byte, saltSize), make([]byte, sumSize)}
	_, _ = rand.Read(p.salt) // never fails: crypto/rand, Go 1.24
	_, _ = rand.Read(p.sum)
	return p
}
