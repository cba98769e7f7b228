package locale_test

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"statusd/app/locale"
	"statusd/app/maintenance"
)

// formats is what every language must say about its way of writing.
const formats = `"format.decimal": ".", "format.group": ",", "format.months": "a b c d e f g h i j k l"`

func files(byLanguage map[string]string) fstest.MapFS {
	fs := fstest.MapFS{}
	for lang, text := range byLanguage {
		fs["locales/"+lang+".json"] = &fstest.MapFile{Data: []byte(text)}
	}
	return fs
}

func TestAKeyThatOneLanguageLacksIsAnErrorThatNamesBoth(t *testing.T) {
	for lacking, texts := range map[string]map[string]string{
		`locale tr lacks "greeting"`: {"en": `{` + formats + `, "greeting": "Hello"}`, "tr": `{` + formats + `}`},
		`locale en lacks "greeting"`: {"tr": `{` + formats + `, "greeting": "Merhaba"}`, "en": `{` + formats + `}`},
	} {
		_, err := locale.Load(files(texts))
		if err == nil || !strings.Contains(err.Error(), lacking) {
			t.Errorf("got %v, want %s", err, lacking)
		}
	}
}

func TestFilesThatCannotBeUsedAreRefused(t *testing.T) {
	for name, texts := range map[string]map[string]string{
		"no default":    {"tr": `{` + formats + `}`},
		"no JSON":       {"en": `{`},
		"eleven months": {"en": `{"format.decimal": ".", "format.group": ",", "format.months": "a b c d e f g h i j k"}`},
		"no language":   {"en": `{` + formats + `}`, "no-such-language-at-all": `{` + formats + `}`},
	} {
		if b, err := locale.Load(files(texts)); err == nil {
			t.Errorf("%s: loaded, with %v", name, b.Languages())
		}
	}
}

func TestAThirdLanguageIsOneFile(t *testing.T) {
	words := `{` + formats + `, "greeting": %}`
	texts := map[string]string{}
	for lang, hello := range map[string]string{"en": `"Hello"`, "tr": `"Merhaba"`, "de": `"Hallo"`} {
		texts[lang] = strings.Replace(words, "%", hello, 1)
	}
	b, err := locale.Load(files(texts))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"en", "de", "tr"}, b.Languages()); diff != "" {
		t.Error(diff)
	}
	if got := b.Words(b.Match("", []string{"de-AT,de;q=0.9"})).T("greeting"); got != "Hallo" {
		t.Errorf("got %q", got)
	}
	if got := b.Words("fr").T("greeting"); got != "Hello" {
		t.Errorf("an unknown language reads %q", got)
	}
}

func TestMissingWordsReadAsTheirKeyAndAreReported(t *testing.T) {
	b := load(t)
	var reported []string
	b.Missing = func(lang, key string, _ error) { reported = append(reported, lang+" "+key) }
	if got := b.Words("tr").T("no.such.key"); got != "no.such.key" {
		t.Errorf("got %q", got)
	}
	b.Words("en").T("verdict.down.one") // without its Name
	if diff := cmp.Diff([]string{"tr no.such.key", "en verdict.down.one"}, reported); diff != "" {
		t.Error(diff)
	}
}

func TestPluralsAndPlaceholdersFollowTheLanguage(t *testing.T) {
	b := load(t)
	en, tr := b.Words("en"), b.Words("tr")
	got := map[string]string{
		"one":     en.N("components.checks", 1),
		"two":     en.N("components.checks", 2),
		"tr":      tr.N("components.checks", 2),
		"big":     en.N("components.checks", 1234),
		"big tr":  tr.N("components.checks", 1234),
		"invalid": en.Invalid("range", map[string]any{"min": 1, "max": 5}),
		"clash":   tr.Conflict("taken", nil),
	}
	want := map[string]string{
		"one": "1 check", "two": "2 checks", "tr": "2 denetim", "big": "1,234 checks", "big tr": "1.234 denetim",
		"invalid": "Must be a number from 1 to 5.", "clash": "Bu ad az önce başkası tarafından alındı; başka bir ad seçin.",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestAroundCutsATextAtItsPlaceholder(t *testing.T) {
	b := load(t)
	for lang, want := range map[string]locale.Halves{
		"en": {"", " over 30 days"},
		"tr": {"30 günde ", ""},
	} {
		if got := b.Words(lang).Around("uptime.30d", "Figure"); got != want {
			t.Errorf("%s: %+v, want %+v", lang, got, want)
		}
	}
}

func TestLanguagesAreACopy(t *testing.T) {
	b := load(t)
	slices.Reverse(b.Languages())
	if got := b.Languages()[0]; got != locale.Default {
		t.Errorf("the first language is %s now", got)
	}
}

func TestAConflictNamesTheStateInTheReadersWords(t *testing.T) {
	b := load(t)
	for lang, want := range map[string]string{"en": "“In progress”", "tr": "“Sürüyor”"} {
		for _, code := range []string{"maintenance_start", "maintenance_complete", "maintenance_cancel", "maintenance_delete", "maintenance_frozen"} {
			if got := b.Words(lang).Conflict(code, map[string]any{"State": maintenance.InProgress}); !strings.Contains(got, want) {
				t.Errorf("%s %s: got %q, want %s in it", lang, code, got, want)
			}
		}
	}
}
