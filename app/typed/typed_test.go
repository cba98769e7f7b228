package typed_test

import (
	"strings"
	"testing"
	"unicode"

	"statusd/app/typed"
)

func TestNamesCannotTurnOrBreakTheLineTheyStandIn(t *testing.T) {
	for words, want := range map[string]string{
		"API":                         "API",
		"  two\n\tlines\r\nof text  ": "two lines of text",
		"\u202egnp.live\u2066":        "gnp.live",
		"a\u200fb\u200ec\u061cd":      "abcd",
		"nul\x00 bell\a esc\x1b[31m":  "nul bell esc[31m",
		"Çınar İşletme ığüşöç":        "Çınar İşletme ığüşöç",
		"no\u00a0break":               "no break",
		"👩\u200d🔧 emoji":              "👩\u200d🔧 emoji",
		"\u2028":                      "",
		"":                            "",
	} {
		if got := typed.Name(words); got != want {
			t.Errorf("%q became %q, want %q", words, got, want)
		}
	}
}

func TestRightToLeftNamesAreIsolatedInSentences(t *testing.T) {
	for _, name := range []string{"خدمة الدفع", "שלום", "Pay خدمة"} {
		if got := typed.InSentence(name); got != "\u2068"+name+"\u2069" {
			t.Errorf("%q became %q", name, got)
		}
	}
	if got := typed.InSentence("API"); got != "API" {
		t.Errorf("got %q", got)
	}
}

func TestTheInitialIsTheFirstLetterAsTyped(t *testing.T) {
	for name, want := range map[string]string{
		"Harbourline": "H", "istanbul": "i", "İzmir": "İ", "  (2go)": "2", "<script>": "s", "ß": "ß", "…": "·", "": "·",
	} {
		if got := typed.Initial(name); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}

func FuzzName(f *testing.F) {
	for _, seed := range []string{"API", "\u202e\u2066x", "\xff\xfe", "a\u2029b", strings.Repeat("\u2067", 99)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, words string) {
		got := typed.Name(words)
		if again := typed.Name(got); again != got {
			t.Fatalf("%q is cleaned once more to %q", got, again)
		}
		if i := strings.IndexFunc(got, unicode.IsControl); i >= 0 || strings.ContainsAny(got, "\u202e\u202d\u2066\u2067\u2068\u2069\u2028\u2029") {
			t.Fatalf("%q still has what turns or breaks a line", got)
		}
		typed.Initial(words)
	})
}
