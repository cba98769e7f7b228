package restart

import (
	"bytes"
	"html"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// view is a text as somebody else reads it: decoded, or without what does not matter. It knows where each byte came from.
type view struct {
	text     []byte
	from, to []int // of the byte at the same place: which bytes of the first text it stands for
}

func newView(text []byte) view {
	v := view{text: text, from: make([]int, len(text)), to: make([]int, len(text))}
	for i := range text {
		v.from[i], v.to[i] = i, i+1
	}
	return v
}

// rewritten is the view after a step at every place: what stands there, and for how many bytes.
func (v view) rewritten(step func(rest []byte) (put []byte, taken int)) view {
	out := view{text: make([]byte, 0, len(v.text)), from: make([]int, 0, len(v.text)), to: make([]int, 0, len(v.text))}
	for i := 0; i < len(v.text); {
		put, taken := step(v.text[i:])
		for range put {
			out.from, out.to = append(out.from, v.from[i]), append(out.to, v.to[i+taken-1])
		}
		out.text = append(out.text, put...)
		i += taken
	}
	return out
}

// condensed is the view in lower case, without white space and control characters.
func (v view) condensed() view {
	return v.rewritten(func(rest []byte) ([]byte, int) {
		switch c := rest[0]; {
		case c <= ' ' || c == 0x7f:
			return nil, 1
		case c >= 'A' && c <= 'Z':
			return []byte{c + 'a' - 'A'}, 1
		}
		return rest[:1], 1
	})
}

// unplussed is the view without plus signs: in a query they are blanks, elsewhere themselves.
func (v view) unplussed() view {
	return v.rewritten(func(rest []byte) ([]byte, int) {
		if rest[0] == '+' {
			return nil, 1
		}
		return rest[:1], 1
	})
}

// standardBase64 is the view with the URL alphabet's two letters in the standard one's.
func (v view) standardBase64() view {
	return v.rewritten(func(rest []byte) ([]byte, int) {
		switch rest[0] {
		case '-':
			return []byte{'+'}, 1
		case '_':
			return []byte{'/'}, 1
		}
		return rest[:1], 1
	})
}

// hexDigits is the view without what is written between the bytes of a dump: "ab:cd", "ab-cd", "ab+cd", "0xab, 0xcd", "\xab\xcd", "%ab%cd".
func (v view) hexDigits() view {
	return v.rewritten(func(rest []byte) ([]byte, int) {
		switch {
		case bytes.IndexByte([]byte(`:-,+%\`), rest[0]) >= 0:
			return nil, 1
		case len(rest) > 3 && rest[0] == '0' && rest[1] == 'x':
			return nil, 2
		case rest[0] == 'x':
			return nil, 1
		}
		return rest[:1], 1
	})
}

// escapes are the letters behind a backslash that stand for another character.
var escapes = map[byte]byte{'n': '\n', 'r': '\r', 't': '\t', 'b': '\b', 'f': '\f', 'v': '\v', 'a': '\a'}

// unescaped undoes backslashes: JSON's, and those of programming languages and shells.
func unescaped(v view) view {
	return v.rewritten(func(rest []byte) ([]byte, int) {
		if rest[0] != '\\' || len(rest) < 2 {
			return rest[:1], 1
		}
		switch c := rest[1]; c {
		case 'u':
			return unicodeEscape(rest)
		case 'x':
			if n, ok := hexNumber(rest, 2, 2); ok {
				return []byte{byte(n)}, 4
			}
		default:
			if to, ok := escapes[c]; ok {
				return []byte{to}, 2
			}
		}
		return rest[1:2], 2
	})
}

// unicodeEscape reads \u00e9, and two of them for what lies beyond 16 bits.
func unicodeEscape(rest []byte) ([]byte, int) {
	n, ok := hexNumber(rest, 2, 4)
	if !ok {
		return rest[1:2], 2
	}
	r, taken := rune(n), 6
	if utf16.IsSurrogate(r) && len(rest) > 7 && rest[6] == '\\' && rest[7] == 'u' {
		if low, ok := hexNumber(rest, 8, 4); ok {
			r, taken = utf16.DecodeRune(r, rune(low)), 12
		}
	}
	return utf8.AppendRune(nil, r), taken
}

// unpercented undoes URL encoding.
func unpercented(v view) view {
	return v.rewritten(func(rest []byte) ([]byte, int) {
		if rest[0] == '%' {
			if n, ok := hexNumber(rest, 1, 2); ok {
				return []byte{byte(n)}, 3
			}
		}
		return rest[:1], 1
	})
}

// maxReference is how long a reference of HTML can be: "&CounterClockwiseContourIntegral;" and a little.
const maxReference = 40

// unreferenced undoes HTML's character references.
func unreferenced(v view) view {
	return v.rewritten(func(rest []byte) ([]byte, int) {
		if rest[0] != '&' {
			return rest[:1], 1
		}
		end := bytes.IndexByte(rest[:min(len(rest), maxReference)], ';')
		if end < 2 {
			return rest[:1], 1
		}
		if plain := html.UnescapeString(string(rest[:end+1])); len(plain) <= end {
			return []byte(plain), end + 1
		}
		return rest[:1], 1
	})
}

func hexNumber(text []byte, at, digits int) (uint64, bool) {
	if len(text) < at+digits {
		return 0, false
	}
	n, err := strconv.ParseUint(string(text[at:at+digits]), 16, 32)
	return n, err == nil
}
