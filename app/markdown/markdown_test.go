package markdown_test

import (
	"regexp"
	"strings"
	"testing"

	"statusd/app/markdown"
)

func TestMarkdownBecomesSafeHTML(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"We **found** it.\nFixing.", "<p>We <strong>found</strong> it.<br>\nFixing.</p>"},
		{"# Title", "<h3>Title</h3>"},
		{"<script>alert(1)</script>hi", "<p>&lt;script&gt;alert(1)&lt;/script&gt;hi</p>"},
		{"<div>\nhi", "<p>&lt;div&gt;<br>\nhi</p>"},
		{"<b onclick=x>hi</b>", "<p>&lt;b onclick=x&gt;hi&lt;/b&gt;</p>"},
		{"![x](https://example.org/a.png)", "<p></p>"},
		{"[x](javascript:alert(1))", "<p><a rel=\"nofollow noopener\">x</a></p>"},
		{"[x](data:text/html,hi)", "<p><a rel=\"nofollow noopener\">x</a></p>"},
		{"see https://example.org/a?b=1&c=2", `<p>see <a href="https://example.org/a?b=1&amp;c=2" rel="nofollow noopener">https://example.org/a?b=1&amp;c=2</a></p>`},
		{"[x](https://example.org \"t\")", `<p><a href="https://example.org" rel="nofollow noopener">x</a></p>`},
		{"1. a\n2. b", "<ol>\n<li>a</li>\n<li>b</li>\n</ol>"},
		{"a | b\n--|--\n1 | 2", "<table>"},
		{"`<i>`", "<p><code>&lt;i&gt;</code></p>"},
	} {
		if got := strings.TrimSpace(string(markdown.HTML(tt.in))); !strings.Contains(got, tt.want) {
			t.Errorf("%q: %q, want %q", tt.in, got, tt.want)
		}
	}
}

func TestPlainIsWordsAlone(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"We **found** it & more.\n\nSecond: [here](https://example.org)", "We found it & more.\nSecond: here"},
		{"- a\n- b", "- a\n- b"},
		{"<script>x</script>", "<script>x</script>"},
		{"1 < 2 &lt;b&gt;", "1 < 2 <b>"},
	} {
		if got := markdown.Plain(tt.in); got != tt.want {
			t.Errorf("%q: %q, want %q", tt.in, got, tt.want)
		}
	}
}

func TestAnEscapedNameIsItself(t *testing.T) {
	for _, name := range []string{"API", "*API*", "<b>", "[x](javascript:y)", "a_b_c", "# 1", "1. x", "~~x~~", "https://example.org", "a@b.example", "&lt;", `\*`, "İstanbul"} {
		if got := markdown.Plain(markdown.Escape(name)); got != name {
			t.Errorf("%q: %q", name, got)
		}
	}
}

var (
	tags    = regexp.MustCompile(`</?([a-zA-Z0-9]+)`)
	allowed = regexp.MustCompile(`^(p|br|strong|em|del|code|pre|blockquote|ul|ol|li|hr|h[3-6]|table|thead|tbody|tr|th|td|a)$`)
)

func FuzzHTMLHoldsOnlyWhatIsAllowed(f *testing.F) {
	for _, seed := range []string{"**a**", "<script>", "[a](javascript:b)", "<a href=x onclick=y>", "```\n<x>\n```", "<!--", "a|b\n-|-", "&#x3c;img&#x3e;"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		out := string(markdown.HTML(text))
		for _, m := range tags.FindAllStringSubmatch(out, -1) {
			if !allowed.MatchString(m[1]) {
				t.Errorf("%q: <%s> in %q", text, m[1], out)
			}
		}
		if regexp.MustCompile(`(?i)(href|src)="\s*(javascript|data|vbscript):`).MatchString(out) {
			t.Errorf("%q: %q", text, out)
		}
	})
}
