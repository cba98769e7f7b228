package view_test

import (
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"statusd/app/brand"
	"statusd/app/status"
	"statusd/app/web/view"
)

var assets = os.DirFS("../../../assets")

func read(t testing.TB, file string) string {
	t.Helper()
	text, err := fs.ReadFile(assets, file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

var (
	comment     = regexp.MustCompile(`(?s)/\*.*?\*/`)
	declaration = regexp.MustCompile(`(--[\w-]+|color-scheme):\s*([^;]+);`)
)

// tokens are the declarations of the block behind a selector.
func tokens(t *testing.T, css, selector string) map[string]string {
	t.Helper()
	_, rest, ok := strings.Cut(css, selector+" {")
	if !ok {
		t.Fatalf("tokens.css has no %s", selector)
	}
	block, _, _ := strings.Cut(rest, "}")
	found := map[string]string{}
	for _, m := range declaration.FindAllStringSubmatch(block, -1) {
		found[m[1]] = m[2]
	}
	return found
}

func themes(t *testing.T) (light, dark map[string]string) {
	css := read(t, "shared/tokens.css")
	return tokens(t, css, "\n:root"), tokens(t, css, `:root:not([data-theme="light"])`)
}

func TestTheDarkBlockIsTheSameInBothPlaces(t *testing.T) {
	_, system := themes(t)
	chosen := tokens(t, read(t, "shared/tokens.css"), "\n"+`:root[data-theme="dark"]`)
	if diff := cmp.Diff(system, chosen); diff != "" {
		t.Errorf("system setting and explicit choice:\n%s", diff)
	}
}

func TestTheDarkBlockOnlyChangesWhatExists(t *testing.T) {
	light, dark := themes(t)
	for name := range dark {
		if light[name] == "" {
			t.Errorf("%s is dark only", name)
		}
	}
}

func TestEveryTokenThatIsUsedExists(t *testing.T) {
	light, _ := themes(t)
	// Set elsewhere: by the page's brand, by a status, by a component for its icons, by the script, by the dashboard.
	for _, name := range []string{"--status", "--status-ink", "--status-soft", "--knock", "--at", "--accent", "--frame"} {
		light[name] = "elsewhere"
	}
	for _, m := range declaration.FindAllStringSubmatch(brand.New("#3b82f6").CSS, -1) {
		light[m[1]] = "brand"
	}
	light["--brand-soft"] = "brand"
	used := regexp.MustCompile(`var\((--[\w-]+)`)
	eachStyle(t, func(file, css string) {
		for _, m := range used.FindAllStringSubmatch(css, -1) {
			if light[m[1]] == "" {
				t.Errorf("%s uses %s, which nothing sets", file, m[1])
			}
		}
	})
}

func eachStyle(t *testing.T, do func(file, css string)) {
	t.Helper()
	files, err := fs.Glob(assets, "*/*.css")
	if err != nil || len(files) < 5 {
		t.Fatalf("%d style sheets, %v", len(files), err)
	}
	for _, file := range files {
		do(file, comment.ReplaceAllString(read(t, file), ""))
	}
}

// A colour elsewhere would have no dark side. Two are the same in both themes on purpose: the button that destroys.
func TestRawColoursAreInTokensOnly(t *testing.T) {
	raw := regexp.MustCompile(`#[0-9a-fA-F]{3,8}\b|rgba?\(|hsla?\(`)
	eachStyle(t, func(file, css string) {
		if file == "shared/tokens.css" || file == "shared/button.css" {
			return
		}
		if found := raw.FindString(css); found != "" {
			t.Errorf("%s names the colour %s", file, found)
		}
	})
}

// The contrast that DESIGN.md promises, over every ground that text or a glyph stands on.
func TestStatusAndInkContrast(t *testing.T) {
	light, dark := themes(t)
	for theme, tokens := range map[string]map[string]string{"light": light, "dark": dark} {
		grounds := []string{"--canvas", "--surface", "--sunken", "--hover"}
		check := func(name string, least float64, more ...string) {
			for _, ground := range append(more, grounds...) {
				if got := contrastOf(tokens[name], tokens[ground]); got < least {
					t.Errorf("%s: %s on %s has %.2f, needs %.1f", theme, name, ground, got, least)
				}
			}
		}
		for _, ink := range []string{"--ink", "--ink-2", "--ink-3"} {
			check(ink, 4.5)
		}
		check("--edge", 3)
		check("--focus", 3)
		for _, s := range status.All() {
			name := "--" + s.String()
			check(name, 3, name+"-soft")
			check(name+"-ink", 4.5, name+"-soft")
		}
	}
}

// Badges and tab icons are drawn where no style sheet reaches.
func TestPaintsAreTheLightThemes(t *testing.T) {
	light, _ := themes(t)
	for _, s := range status.All() {
		if got, want := view.FillGlyph(s).Ink, light["--"+s.String()]; got != want {
			t.Errorf("%s: the icon is %s, the token %s", s, got, want)
		}
		if got, want := view.InkOf(s), light["--"+s.String()+"-ink"]; got != want {
			t.Errorf("%s: the badge is %s, the token %s", s, got, want)
		}
		if got := contrastOf("#ffffff", view.InkOf(s)); got < 4.5 {
			t.Errorf("%s: white on the badge has %.2f", s, got)
		}
	}
}

func templates(t *testing.T) []string {
	t.Helper()
	files, err := fs.Glob(assets, "*/*.html")
	if err != nil || len(files) < 10 {
		t.Fatalf("%d templates, %v", len(files), err)
	}
	return slices.DeleteFunc(files, func(file string) bool { return strings.HasPrefix(file, "mail/") }) // mails have a look of their own
}
