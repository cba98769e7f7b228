package restart

import (
	"regexp"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

const (
	// maxOutput is how much of what a target said is kept.
	maxOutput = 4 << 10
	// maxCapture is how much is looked at: a secret that begins in what is kept may end behind it.
	maxCapture = 32 << 10
	// maxArg bounds what strangers put into a reason, in characters.
	maxArg = 200
)

// capture keeps the beginning of what is written to it and takes the rest all the same: a writer that errs would stop the reading, and
// then the command hangs on a full pipe. Both streams of a command write to one.
type capture struct {
	mu   sync.Mutex
	kept []byte
}

// Write never fails.
func (c *capture) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if room := maxCapture - len(c.kept); room > 0 {
		c.kept = append(c.kept, p[:min(room, len(p))]...)
	}
	return len(p), nil
}

// String is what was kept.
func (c *capture) String() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return string(c.kept)
}

// output makes what a target said fit to be kept and shown: its first 4 KiB, legible and masked.
func (m *masker) output(said string) string {
	said = said[:min(len(said), maxCapture)]
	text := legible(said)
	// Cut before and after: before, so that nothing follows of which a secret's end might have been left out; after, since what cannot
	// be read is written with more bytes than it had.
	kept := len(legible(said[:min(len(said), maxOutput)]))
	return cut(m.maskFirst(text, min(kept, len(text))), maxOutput)
}

// reason masks what strangers said in a reason and makes a short line of each argument.
func (m *masker) reason(r Reason) Reason {
	args := make([]string, len(r.Args))
	for i, a := range r.Args {
		args[i] = line(m.mask(legible(a[:min(len(a), maxCapture)])))
	}
	if len(args) > 0 {
		r.Args = args
	}
	return r
}

// controls are what programs send to terminals: colours, titles.
var controls = regexp.MustCompile("\x1b\\[[0-9;:?]*[ -/]*[@-~]|\x1b\\][^\x07\x1b]*(\x07|\x1b\\\\)|\x1b[@-Z\\\\-_]")

// legible is a text without what a page cannot show.
func legible(s string) string {
	s = strings.ToValidUTF8(s, "�")
	s = controls.ReplaceAllString(s, "")
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(s)
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case unicode.IsControl(r), r == '\u2028', r == '\u2029', r >= '\u202a' && r <= '\u202e', r >= '\u2066' && r <= '\u2069':
			return ' '
		}
		return r
	}, s)
}

// line is the text in one line, at most maxArg characters long.
func line(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if runes := []rune(s); len(runes) > maxArg {
		return string(runes[:maxArg]) + "…"
	}
	return s
}

// firstLine is what a text begins with, if it can be read.
func firstLine(s string) string {
	s, _, _ = strings.Cut(strings.TrimSpace(legible(s)), "\n")
	return s
}

// cut is at most so many bytes of a text, and no half character.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
