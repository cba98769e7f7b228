package restart

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"slices"
	"strings"
)

const (
	// leastSecret is from how many bytes on a value is masked: shorter ones are in any text.
	leastSecret = 4
	// maskedBy stands where a secret was.
	maskedBy = "***"
)

// masker finds a target's secrets in what the target said, in every form in which programs write things down: plain, base64 (both
// alphabets, padded or not, at any offset within what was encoded), hexadecimal, URL-encoded, escaped as in JSON or HTML, each of them
// within each other, in whatever case and wherever lines were broken. Rather a word too many is masked than one too few.
type masker struct {
	plain, base64, hex [][]byte // as the views write them
}

func newMasker(secrets []string) *masker {
	m := &masker{}
	for _, s := range secrets {
		s = strings.TrimSpace(s)
		if len(s) < leastSecret {
			continue
		}
		m.plain = add(m.plain, newView([]byte(s)).condensed().unplussed().text)
		m.hex = add(m.hex, []byte(hex.EncodeToString([]byte(s))))
		for offset := range 3 {
			m.base64 = add(m.base64, base64Core(s, offset))
		}
	}
	return m
}

func add(forms [][]byte, form []byte) [][]byte {
	if len(form) < leastSecret {
		return forms
	}
	return append(forms, form)
}

// base64Core is the part of an encoding that depends on the secret alone when it begins so many bytes after a multiple of three.
func base64Core(secret string, offset int) []byte {
	encoded := base64.RawStdEncoding.EncodeToString(append(make([]byte, offset), secret...))
	from := (8*offset + 5) / 6
	to := 8 * (offset + len(secret)) / 6
	return []byte(strings.ToLower(encoded[from:to]))
}

// mask replaces every secret in the text.
func (m *masker) mask(text string) string { return m.maskFirst(text, len(text)) }

// maskFirst is the masked form of the first n bytes of a text: a secret that goes beyond them counts too.
func (m *masker) maskFirst(text string, n int) string {
	var b strings.Builder
	at := 0
	for _, s := range m.places([]byte(text)) {
		if s.from >= n {
			break
		}
		if s.to <= at {
			continue
		}
		if s.from >= at {
			b.WriteString(text[at:s.from])
			b.WriteString(maskedBy)
		}
		at = s.to
	}
	if at < n {
		b.WriteString(text[at:n])
	}
	return b.String()
}

// place is where in a text a secret stands.
type place struct{ from, to int }

// nested is how many encodings lie within each other at most: what is deeper is not looked for.
const nested = 2

// places are where secrets are, in order; they may overlap.
func (m *masker) places(text []byte) []place {
	var found []place
	for _, v := range views(text) {
		c := v.condensed()
		found = append(found, c.unplussed().find(m.plain, 0)...)
		found = append(found, c.standardBase64().find(m.base64, 1)...)
		found = append(found, c.hexDigits().find(m.hex, 0)...)
	}
	slices.SortFunc(found, func(a, b place) int { return a.from - b.from })
	return found
}

// views are the text and what it is when its escapes are undone.
func views(text []byte) []view {
	all := []view{newView(text)}
	for from, round := 0, 0; round < nested; round++ {
		last := all[from:]
		from = len(all)
		for _, v := range last {
			for _, undo := range []func(view) view{unescaped, unpercented, unreferenced} {
				if u := undo(v); len(u.text) != len(v.text) {
					all = append(all, u)
				}
			}
		}
	}
	return all
}

// find looks for the forms. Around each, so many characters of a word are masked too: in base64 those at the edges hold bits of the
// secret and of its neighbours.
func (v view) find(forms [][]byte, around int) (found []place) {
	for _, form := range forms {
		for at := 0; ; at++ {
			i := bytes.Index(v.text[at:], form)
			if i < 0 {
				break
			}
			at += i
			from, to := at, at+len(form)
			for n := 0; n < around && from > 0 && inBase64(v.text[from-1]); n++ {
				from--
			}
			for n := 0; n < around && to < len(v.text) && inBase64(v.text[to]); n++ {
				to++
			}
			found = append(found, place{v.from[from], v.to[to-1]})
		}
	}
	return found
}

func inBase64(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '+' || c == '/'
}
