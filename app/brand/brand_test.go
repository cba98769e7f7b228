package brand_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"statusd/app/brand"
	"statusd/app/model"
)

// The table of DESIGN.md, "Brand colour".
func TestBrandColoursAreThoseOfTheDesign(t *testing.T) {
	const white, dark = "#ffffff", "#18181b"
	for _, c := range []struct {
		picked, fill, on   string
		contrast           float64
		inkLight, inkDark  string
		outlineLight, outD bool
	}{
		{"#3b82f6", "#2b72e5", white, 4.52, "#256cde", "#3b82f6", false, false},
		{"#0f766e", "#0f766e", white, 5.47, "#0f766e", "#359087", false, false},
		{"#dc2626", "#dc2626", white, 4.83, "#da2324", "#f2403a", false, false},
		{"#facc15", "#facc15", dark, 11.57, "#876d09", "#facc15", true, false},
		{"#fbcfe8", "#fbcfe8", dark, 12.82, "#8c657c", "#fbcfe8", true, false},
		{"#111111", "#111111", white, 18.88, "#111111", "#828282", false, true},
		{"#ffffff", "#ffffff", dark, 17.72, "#717171", "#ffffff", true, false},
	} {
		b := brand.New(c.picked)
		for _, theme := range []brand.Theme{b.Light, b.Dark} {
			if theme.Fill != c.fill || theme.On != c.on || math.Abs(theme.Contrast-c.contrast) > 0.006 {
				t.Errorf("%s: %s with %s at %.3f, want %s with %s at %.2f", c.picked, theme.Fill, theme.On, theme.Contrast, c.fill, c.on, c.contrast)
			}
		}
		if b.Light.Ink != c.inkLight || b.Dark.Ink != c.inkDark {
			t.Errorf("%s: inks %s and %s, want %s and %s", c.picked, b.Light.Ink, b.Dark.Ink, c.inkLight, c.inkDark)
		}
		if light, dark := b.Light.Edge != "transparent", b.Dark.Edge != "transparent"; light != c.outlineLight || dark != c.outD {
			t.Errorf("%s: outlines %v and %v, want %v and %v", c.picked, light, dark, c.outlineLight, c.outD)
		}
	}
}

func TestWhateverIsPickedCanBeRead(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 3000 {
		picked := fmt.Sprintf("#%06x", random.IntN(1<<24))
		b := brand.New(picked)
		for name, c := range map[string]struct {
			theme          brand.Theme
			canvas, sunken string
		}{"light": {b.Light, "#ffffff", "#f6f6f7"}, "dark": {b.Dark, "#0d0d10", "#1a1a20"}} {
			if got := contrastOf(c.theme.Fill, c.theme.On); got < 4.5 {
				t.Errorf("%s, %s: text on the fill has %.2f", picked, name, got)
			}
			if got := min(contrastOf(c.theme.Ink, c.canvas), contrastOf(c.theme.Ink, c.sunken)); got < 4.5 {
				t.Errorf("%s, %s: ink has %.2f", picked, name, got)
			}
			outlined := c.theme.Edge != "transparent"
			if got := contrastOf(c.theme.Fill, c.canvas); got < 3 && !outlined {
				t.Errorf("%s, %s: the fill has %.2f and no outline", picked, name, got)
			}
		}
	}
}

func TestWhatIsNoColourBecomesTheDefault(t *testing.T) {
	want := brand.New(model.DefaultColor)
	for _, picked := range []string{"", "red", "#12345", "#1234567", "#12345g", "#+12345", "red;}body{display:none", "</style>", "\x00"} {
		if got := brand.New(picked); got != want {
			t.Errorf("%q became %s", picked, got.Light.Fill)
		}
	}
}

func TestTheBrandsURLChangesWithItsColours(t *testing.T) {
	one, two := brand.New("#3b82f6"), brand.New("#3b82f7")
	if one.Hash == two.Hash {
		t.Error("two colours have one hash")
	}
	if again := brand.New("#3b82f6"); again != one {
		t.Error("one colour has two style sheets")
	}
	if strings.Count(one.CSS, "--brand-fill:") != 3 {
		t.Errorf("the style sheet does not have light, dark and chosen dark:\n%s", one.CSS)
	}
}

// contrastOf is WCAG 2's ratio, worked out apart from the product's.
func contrastOf(a, b string) float64 {
	x, y := luminance(a), luminance(b)
	return (math.Max(x, y) + 0.05) / (math.Min(x, y) + 0.05)
}

func luminance(hex string) float64 {
	if len(hex) == 4 {
		hex = "#" + strings.Repeat(hex[1:2], 2) + strings.Repeat(hex[2:3], 2) + strings.Repeat(hex[3:4], 2)
	}
	sum := 0.0
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		n, err := strconv.ParseUint(hex[1+2*i:3+2*i], 16, 8)
		if err != nil {
			panic(err)
		}
		v := float64(n) / 255
		if v <= 0.04045 {
			v /= 12.92
		} else {
			v = math.Pow((v+0.055)/1.055, 2.4)
		}
		sum += weight * v
	}
	return sum
}
