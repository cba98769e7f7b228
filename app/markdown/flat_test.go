package markdown_test

import (
	"html"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"statusd/app/markdown"
)

func TestWrittenKeepsTheShapeOfAText(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"We **found** it.\nFixing.\n\nNext: soon.", "We found it.\nFixing.\n\nNext: soon."},
		{"- a\n- b\n  - c\n\nafter", "- a\n- b\n  - c\n\nafter"},
		{"- a\n\n- b\n\n  more of b", "- a\n- b\n  more of b"},
		{"9. a\n10. b\n    1. c", "9. a\n10. b\n    1. c"},
		{"9999999999. a", "9999999999. a"},
		{"> a\n> b\n>\n> c", "> a\n> b\n\n> c"},
		{"# Title\ntext", "Title\n\ntext"},
		{"see [docs](https://a.example/?b&c) or https://example.org", "see docs\n(https://a.example/?b&c)\nor\nhttps://example.org"},
		{"write to a@b.example", "write to a@b.example"},
		{"[x](javascript:y)", "x"},
		{"a | b\n--|--\n1 | 2", "a | b\n1 | 2"},
		{"```\nif  a {\n\tb\n}\n```\nafter", "if  a {\n\tb\n}\n\nafter"},
		{"not ~~down~~ slow", "not ~~down~~ slow"},
		{"a\n\n---\n\nb", "a\n\n* * *\n\nb"},
		{"1 < 2 &lt;b&gt; <script>", "1 < 2 <b> <script>"},
		{"one two three four five six seven", "one two three four\nfive six seven"},
		{"- one two three four five six", "- one two three four\n  five six"},
		{"> one two three four five", "> one two three four\n> five"},
		{"ığüşöç ığüşöç ığüşöç ığü", "ığüşöç ığüşöç ığüşöç\nığü"},
		{"", ""}, {"![x](y)", ""}, {">", ""}, {"- ", ""},
	} {
		if got := markdown.Written(tt.in, 21); got != tt.want {
			t.Errorf("%q:\n%s\nwant\n%s", tt.in, got, tt.want)
		}
	}
}

func TestChatHasOnlyTheTagsThatTelegramKnows(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"We **found** *it* & `fix` ~~that~~.\nNow.", "We <b>found</b> <i>it</i> &amp; <code>fix</code> <s>that</s>.\nNow."},
		{"# Title\ntext", "<b>Title</b>\n\ntext"},
		{"> a\n>> b\n\nc", "<blockquote>a\n\nb</blockquote>\n\nc"},
		{"> \n\nc", "c"},
		{"```go\na < b\n```\nc", "<pre>a &lt; b</pre>\n\nc"},
		{"[a & b](https://example.org?a=\"1\"&b) [m](mailto:a@b.example) [j](javascript:x)", `<a href="https://example.org?a=%221%22&amp;b">a &amp; b</a> m j`},
		{"- a\n- **b**", "- a\n- <b>b</b>"},
		{"<b>x</b><br>", "&lt;b&gt;x&lt;/b&gt;&lt;br&gt;"},
	} {
		if got := markdown.Chat(tt.in); got != tt.want {
			t.Errorf("%q:\n%s\nwant\n%s", tt.in, got, tt.want)
		}
	}
}

var (
	chatTag  = regexp.MustCompile(`<(/?)([a-z]+)(?: href="[^"<>]*")?>`)
	chatTags = regexp.MustCompile(`^(b|i|s|code|pre|blockquote|a)$`)
)

// balanced says what is wrong with a text in Telegram's HTML; "" for nothing.
func balanced(text string) string {
	var open []string
	for _, m := range chatTag.FindAllStringSubmatch(text, -1) {
		switch {
		case !chatTags.MatchString(m[2]):
			return "unknown " + m[0]
		case m[1] == "":
			open = append(open, m[2])
		case len(open) == 0 || open[len(open)-1] != m[2]:
			return "stray " + m[0]
		default:
			open = open[:len(open)-1]
		}
	}
	if rest := chatTag.ReplaceAllString(text, ""); strings.ContainsAny(rest, "<>") {
		return "a bracket that is text"
	}
	return strings.Join(open, " ")
}

func FuzzFlatTextsAreSafeAndWhole(f *testing.F) {
	for _, seed := range []string{
		"**a *b** c*", "> - a\n>   > b", "- > a", "1. a\n   ```\n   b\n   ```", "[**a**](https://b) <b>", "# *a*", "a|b\n-|-\n`c`|**d**",
		"> > >", "- - - a", "~~a\nb~~", "[a\nb](https://c)", "![a](b)[![c](d)](https://e)", "\x00<", "&#60;b&#62;", "9999999999. a", "-\n\n  a",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if problem := balanced(markdown.Chat(text)); problem != "" {
			t.Errorf("%q: %s in %q", text, problem, markdown.Chat(text))
		}
		written := markdown.Written(text, 40)
		if utf8.ValidString(text) && !utf8.ValidString(written) {
			t.Errorf("%q is cut within a character: %q", text, written)
		}
		// The same letters are in all three, whatever stands around them.
		if got, want := letters(html.UnescapeString(chatTag.ReplaceAllString(markdown.Chat(text), ""))), letters(markdown.Plain(text)); got != want {
			t.Errorf("%q: %q in the chat, %q as words", text, got, want)
		}
	})
}

// letters are those of a text in their order.
func letters(text string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			return r
		}
		return -1
	}, text)
}
