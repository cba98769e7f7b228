package locale_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// RFC 9110 §12.5.4 and RFC 4647 §3.4.
func TestTheReadersLanguageIsTheDearestThatThereIs(t *testing.T) {
	b := load(t)
	for _, c := range []struct{ query, header, want string }{
		{"", "", "en"},
		{"", "tr", "tr"},
		{"", "tr-TR", "tr"},
		{"", "TR-tr,tr;q=0.9", "tr"},
		{"", "tr-Latn-TR", "tr"},
		{"", "de", "en"},
		{"", "de,tr;q=0.5", "tr"},
		{"", "en;q=0.4, tr;q=0.6", "tr"},
		{"", "tr;q=0.4, en;q=0.6", "en"},
		{"", "en,tr", "en"},
		{"", "tr;q=0, *", "en"},
		{"", "en;q=0, *", "tr"},
		{"", "en;q=0, *;q=0.1, tr;q=0", "en"},
		{"", "*", "en"},
		{"", "*;q=0", "en"},
		{"", "tr;q=0", "en"},
		{"", "tr;q=2", "en"},
		{"", "tr;q=NaN", "en"},
		{"", "tr;q=-1", "en"},
		{"", "tr;q=", "en"},
		{"", "tr;Q=0.3", "tr"},
		{"", " tr ; q = 0.3 ", "tr"},
		{"", ",,,tr,,", "tr"},
		{"", "turkish", "en"},
		{"", "tr_TR", "en"},
		{"", "i-klingon, tr;q=0.1", "tr"},
		{"tr", "en", "tr"},
		{"tr-CY", "en", "tr"},
		{"EN", "tr", "en"},
		{"de", "tr", "tr"},
		{"../../etc", "tr", "tr"},
		{"-", "tr", "tr"},
	} {
		var lines []string
		if c.header != "" {
			lines = []string{c.header}
		}
		for range 2 { // the second answer is remembered
			if got := b.Match(c.query, lines); got != c.want {
				t.Errorf("?lang=%s, %q: %s, want %s", c.query, c.header, got, c.want)
			}
		}
	}
}

func TestSeveralHeaderLinesAreOneList(t *testing.T) {
	if got := load(t).Match("", []string{"de;q=0.9", "tr;q=0.8"}); got != "tr" {
		t.Errorf("got %s", got)
	}
}

func TestMatchingAKnownHeaderAllocatesNothing(t *testing.T) {
	b := load(t)
	header := []string{"tr-TR,tr;q=0.9,en;q=0.8"}
	b.Match("", header)
	if n := testing.AllocsPerRun(100, func() { b.Match("", header) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestMoreHeadersThanAreRememberedStillMatch(t *testing.T) {
	b := load(t)
	for i := range 1000 {
		if got := b.Match("", []string{fmt.Sprintf("x%d, tr;q=0.5", i)}); got != "tr" {
			t.Fatalf("header %d: %s", i, got)
		}
	}
}

func TestALongHeaderIsCutOff(t *testing.T) {
	if got := load(t).Match("", []string{strings.Repeat("xx,", 10_000) + "tr"}); got != "en" {
		t.Errorf("got %s: a range behind ten thousand others was read", got)
	}
}

func FuzzMatch(f *testing.F) {
	b := load(f)
	languages := b.Languages()
	for _, seed := range []string{"tr-TR,tr;q=0.9,en;q=0.8", "*;q=0.1", ";;;q=,", "tr;q=1e309", "\xff-\x00", strings.Repeat("a-", 99)} {
		f.Add("", seed)
		f.Add(seed, "tr")
	}
	f.Fuzz(func(t *testing.T, query, header string) {
		got := b.Match(query, []string{header})
		if !slices.Contains(languages, got) {
			t.Fatalf("%q is none of our languages", got)
		}
		if again := b.Match(query, []string{header}); again != got {
			t.Fatalf("%s, then %s", got, again)
		}
		if spread := b.Match(query, strings.Split(header, ",")); spread != got {
			t.Fatalf("%s in one line, %s in several", got, spread)
		}
	})
}
