package telegram

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"statusd/notify/notifytest"
)

func TestAnyTextIsReadAsItself(t *testing.T) {
	for _, text := range []string{`<b>bold</b> & "quoted" 'so'`, "&lt; &amp;amp;", "İstanbul 😀", "a\nb", "<br>", "</a>", "&nbsp;", ""} {
		for _, markup := range []string{Escape(text), Bold(text), Link("https://a.example/?a=1&b=\"2\"", text)} {
			if got, err := notifytest.ReadMarkup(markup); err != nil || got != text {
				t.Errorf("%q reads as %q, %v", markup, got, err)
			}
			if Length(markup) != len(utf16.Encode([]rune(text))) {
				t.Errorf("%q is %d long", markup, Length(markup))
			}
			if got := plain(markup); got != text {
				t.Errorf("%q is plainly %q", markup, got)
			}
		}
	}
	if got := Escape("a\x00b\xffc"); got != "ab\uFFFDc" {
		t.Errorf("%q", got)
	}
}

func TestWhatFitsIsLeftAsItIs(t *testing.T) {
	for _, markup := range []string{"", "a", Bold(strings.Repeat("x", MaxText)), strings.Repeat("&amp;", MaxText), strings.Repeat("😀", MaxText/2)} {
		if got := Cut(markup); got != markup {
			t.Errorf("%d bytes became %d", len(markup), len(got))
		}
	}
}

func TestWhatIsTooLongIsCutBetweenItsPieces(t *testing.T) {
	for _, c := range []struct {
		markup string
		most   int
		want   string
	}{
		{"abcdef", 4, "abc…"},
		{"<b>abcdef</b>", 4, "<b>abc…</b>"},
		{"<b>ab</b>cdef", 4, "<b>ab</b>c…"},
		{"<b>abc</b>def", 4, "<b>abc</b>…"},
		{`<b>a<a href="https://x.example/">bcdef</a></b>`, 4, `<b>a<a href="https://x.example/">bc…</a></b>`},
		{"a&amp;b&lt;c", 4, "a&amp;b…"},
		{"&#39;&#39;&#39;&#39;&#39;", 4, "&#39;&#39;&#39;…"},
		{"😀😀😀", 4, "😀…"},
		{"a😀😀", 4, "a😀…"},
		{"<i>abcd</i><i>e</i>", 4, "<i>abc…</i>"},
	} {
		if got := cut(c.markup, c.most, maxMarkup); got != c.want {
			t.Errorf("%s became %s, want %s", c.markup, got, c.want)
		}
	}
	long := strings.Repeat("<b>x</b>", 5000)
	got := Cut(long)
	if text, err := notifytest.ReadMarkup(got); err != nil || len(got) > maxMarkup || utf8.RuneCountInString(text) != MaxText {
		t.Errorf("%d bytes, %d characters, %v", len(got), utf8.RuneCountInString(text), err)
	}
	manyTags := strings.Repeat("<tg-spoiler>", 1) + strings.Repeat("<blockquote>x</blockquote>", 3000) + "</tg-spoiler>"
	got = Cut(manyTags)
	if _, err := notifytest.ReadMarkup(got); err != nil || len(got) > maxMarkup || len(got) < maxMarkup-100 {
		t.Errorf("%d bytes, %v", len(got), err)
	}
}

// build makes HTML out of anything: letters open and close tags, the rest is text.
func build(script string) string {
	var out strings.Builder
	var open []string
	for _, r := range script {
		switch r {
		case 'B', 'I', 'A':
			tag := strings.ToLower(string(r))
			open = append(open, tag)
			if tag == "a" {
				out.WriteString(`<a href="https://x.example/?a=1&amp;b=2">`)
			} else {
				out.WriteString("<" + tag + ">")
			}
		case '/':
			if n := len(open); n > 0 {
				out.WriteString("</" + open[n-1] + ">")
				open = open[:n-1]
			}
		default:
			out.WriteString(Escape(string(r)))
		}
	}
	for i := len(open) - 1; i >= 0; i-- {
		out.WriteString("</" + open[i] + ">")
	}
	return out.String()
}

func FuzzCut(f *testing.F) {
	f.Add("Bold/ and AlinkI&<>😀//", uint16(9))
	f.Add("BIABIA😀😀😀", uint16(3))
	f.Fuzz(func(t *testing.T, script string, most uint16) {
		if len(script) > 10_000 {
			return
		}
		markup := build(script)
		whole, err := notifytest.ReadMarkup(markup)
		if err != nil {
			t.Fatalf("%q: %v", markup, err)
		}
		limit := int(most)%200 + 1
		got := cut(markup, limit, maxMarkup)
		text, err := notifytest.ReadMarkup(got)
		if err != nil {
			t.Fatalf("%q, cut to %q: %v", markup, got, err)
		}
		if n := len(utf16.Encode([]rune(text))); n > limit || n != Length(got) {
			t.Errorf("%q is %d long, and counts as %d, of %d", got, n, Length(got), limit)
		}
		if body, isCut := strings.CutSuffix(text, "…"); got != markup && (!isCut || !strings.HasPrefix(whole, body)) {
			t.Errorf("%q became %q", whole, text)
		}
		if got != markup && len(utf16.Encode([]rune(text))) < limit-2 {
			t.Errorf("%q is cut to %q, more than needed for %d", markup, got, limit)
		}
	})
}

func FuzzCutAnything(f *testing.F) {
	f.Add("<b", 3)
	f.Add("&amp<", 1)
	f.Fuzz(func(t *testing.T, markup string, most int) {
		got := cut(markup, max(1, most%100), maxMarkup)
		if !utf8.ValidString(got) {
			t.Errorf("%q", got)
		}
		_ = plain(markup)
	})
}

func ExampleLink() {
	fmt.Println(Bold("API & Co"), Link("https://status.example.com/?a=1&b=2", "Details"))
	// Output: <b>API &amp; Co</b> <a href="https://status.example.com/?a=1&amp;b=2">Details</a>
}
