// Package brand turns the colour that a page has picked into the few that its pages and mails are drawn with: readable in both themes,
// whatever was picked. It is arithmetic, and knows no page and no style sheet but the one line of custom properties that it writes.
// Start with New.
//
// Implements SPEC §7, branding.
package brand

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"statusd/app/model"
)

// Brand is what a page's picked colour becomes: readable in both themes, whatever was picked. DESIGN.md, "Brand colour".
type Brand struct {
	Light, Dark Theme
	CSS         string
	Hash        string // of CSS, for its URL
}

// Theme is the brand in one theme. Every colour is #rrggbb.
type Theme struct {
	Fill      string // buttons and the mark
	FillHover string
	On        string // text on Fill
	Ink       string // links
	Edge      string // outline of Fill, "transparent" when Fill stands out by itself
	Soft      string
	Contrast  float64 // of On on Fill
}

// ground is what a theme is drawn on; the same colours as in tokens.css.
type ground struct {
	canvas, sunken rgb
	towards        float64 // which way lightness goes for more contrast
	soft           float64 // share of the picked colour in Soft
}

var (
	white      = rgb{255, 255, 255}
	black      = rgb{0x18, 0x18, 0x1b}
	lightTheme = ground{canvas: white, sunken: rgb{0xf6, 0xf6, 0xf7}, towards: -1, soft: 0.08}
	darkTheme  = ground{canvas: rgb{0x0d, 0x0d, 0x10}, sunken: rgb{0x1a, 0x1a, 0x20}, towards: 1, soft: 0.16}
)

// WCAG 2.2: text 4.5, what is not text 3.
const (
	readable = 4.5
	visible  = 3.0

	step       = 0.005 // of lightness, finer than an eye
	maxDarken  = 0.12  // how far a colour may be darkened for white text before it is another colour
	hoverDark  = 0.05
	hoverLight = 0.10
	veryDark   = 0.25 // below this a hover gets lighter, since darker cannot be seen
)

// New derives a brand from #rrggbb; from model.DefaultColor when that is no colour.
func New(picked string) Brand {
	p, ok := parseColor(picked)
	if !ok {
		p, _ = parseColor(model.DefaultColor)
	}
	b := Brand{Light: derive(p, lightTheme), Dark: derive(p, darkTheme)}
	b.CSS = b.css()
	sum := sha256.Sum256([]byte(b.CSS))
	b.Hash = hex.EncodeToString(sum[:5])
	return b
}

// IsColor says whether a text is #rrggbb.
func IsColor(text string) bool {
	_, ok := parseColor(text)
	return ok
}

func derive(p rgb, g ground) Theme {
	fill, on := fillOf(p)
	ink := inkOf(p, g)
	edge := "transparent"
	if contrast(fill, g.canvas) < visible {
		edge = ink.String()
	}
	return Theme{
		Fill:      fill.String(),
		FillHover: hoverOf(fill).String(),
		On:        on.String(),
		Ink:       ink.String(),
		Edge:      edge,
		Soft:      p.mix(g.canvas, g.soft).String(),
		Contrast:  contrast(fill, on),
	}
}

// fillOf is the colour itself with white text, a little darker with white text, or itself with dark text.
func fillOf(p rgb) (fill, on rgb) {
	shade := p.oklch()
	for darker := 0.0; darker <= maxDarken; darker += step {
		c := oklch{shade.lightness - darker, shade.chroma, shade.hue}.rgb()
		if darker == 0 {
			c = p
		}
		if contrast(c, white) >= readable {
			return c, white
		}
	}
	return p, black
}

// inkOf moves lightness until the colour can be read as text on the theme's grounds.
func inkOf(p rgb, g ground) rgb {
	shade, c := p.oklch(), p
	for range int(1 / step) {
		if min(contrast(c, g.canvas), contrast(c, g.sunken)) >= readable {
			break
		}
		shade.lightness += g.towards * step
		c = shade.rgb()
	}
	return c
}

func hoverOf(fill rgb) rgb {
	shade := fill.oklch()
	if shade.lightness < veryDark {
		shade.lightness += hoverLight
	} else {
		shade.lightness -= hoverDark
	}
	return shade.rgb()
}

func (b Brand) css() string {
	var out strings.Builder
	fmt.Fprintf(&out, ":root{%s}\n", b.Light.css())
	fmt.Fprintf(&out, "@media (prefers-color-scheme:dark){:root:not([data-theme=\"light\"]){%s}}\n", b.Dark.css())
	fmt.Fprintf(&out, ":root[data-theme=\"dark\"]{%s}\n", b.Dark.css())
	return out.String()
}

func (t Theme) css() string {
	return fmt.Sprintf("--brand-fill:%s;--brand-fill-hover:%s;--brand-on:%s;--brand-ink:%s;--brand-edge:%s;--brand-soft:%s",
		t.Fill, t.FillHover, t.On, t.Ink, t.Edge, t.Soft)
}
