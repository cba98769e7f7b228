package notifytest

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

var (
	botTags = []string{"b", "strong", "i", "em", "u", "ins", "s", "strike", "del", "code", "pre", "blockquote", "a", "tg-spoiler", "span",
		"tg-emoji", "tg-time"}
	botStart  = regexp.MustCompile(`^<([a-zA-Z][a-zA-Z0-9-]*)((?:\s+[a-zA-Z-]+(?:=(?:"[^"]*"|'[^']*'|[^\s"'>]+))?)*)\s*>`)
	botEnd    = regexp.MustCompile(`^</([a-zA-Z][a-zA-Z0-9-]*)\s*>`)
	botEntity = regexp.MustCompile(`^&(lt|gt|amp|quot|#[0-9]{1,7}|#x[0-9a-fA-F]{1,6});?`)
)

// readMarkup reads HTML as Telegram does: what is read, or what is wrong with it.
func readMarkup(raw string) (text, bad string) {
	if !utf8.ValidString(raw) {
		return "", "strings must be encoded in UTF-8"
	}
	var out strings.Builder
	var open []string
	for at := 0; at < len(raw); {
		rest := raw[at:]
		switch {
		case strings.HasPrefix(rest, "</"):
			m := botEnd.FindStringSubmatch(rest)
			if m == nil {
				return "", fmt.Sprintf("Unclosed end tag at byte offset %d", at)
			}
			if len(open) == 0 {
				return "", fmt.Sprintf("Unexpected end tag at byte offset %d", at)
			}
			if want := open[len(open)-1]; !strings.EqualFold(m[1], want) {
				return "", fmt.Sprintf("Unmatched end tag at byte offset %d, expected \"</%s>\", found \"</%s>\"", at, want, m[1])
			}
			open = open[:len(open)-1]
			at += len(m[0])
		case rest[0] == '<':
			m := botStart.FindStringSubmatch(rest)
			if m == nil {
				return "", fmt.Sprintf("Unclosed start tag at byte offset %d", at)
			}
			name := strings.ToLower(m[1])
			if !slices.Contains(botTags, name) {
				return "", fmt.Sprintf("Unsupported start tag %q at byte offset %d", name, at)
			}
			open = append(open, name)
			at += len(m[0])
		case rest[0] == '&':
			m := botEntity.FindStringSubmatch(rest)
			if m == nil { // shown as it is
				out.WriteByte('&')
				at++
				continue
			}
			out.WriteString(botRune(m[1]))
			at += len(m[0])
		default:
			_, n := utf8.DecodeRuneInString(rest)
			out.WriteString(rest[:n])
			at += n
		}
	}
	if len(open) > 0 {
		return "", fmt.Sprintf("Can't find end tag corresponding to start tag %q", open[len(open)-1])
	}
	return out.String(), ""
}

func botRune(name string) string {
	if s, ok := map[string]string{"lt": "<", "gt": ">", "amp": "&", "quot": `"`}[name]; ok {
		return s
	}
	digits, base := name[1:], 10
	if strings.HasPrefix(digits, "x") {
		digits, base = digits[1:], 16
	}
	n, err := strconv.ParseInt(digits, base, 32)
	if err != nil || !utf8.ValidRune(rune(n)) {
		return "&" + name + ";"
	}
	return string(rune(n))
}

// ReadMarkup reads HTML as Telegram does. The error says what Telegram would say.
func ReadMarkup(raw string) (string, error) {
	text, bad := readMarkup(raw)
	if bad != "" {
		return "", fmt.Errorf("can't parse entities: %s", bad)
	}
	return text, nil
}
