package brand

import (
	"fmt"
	"math"
	"strconv"
)

// rgb is an sRGB colour, each channel 0 to 255.
type rgb [3]uint8

// parseColor reads #rrggbb.
func parseColor(text string) (rgb, bool) {
	if len(text) != 7 || text[0] != '#' {
		return rgb{}, false
	}
	n, err := strconv.ParseUint(text[1:], 16, 24)
	return rgb{uint8(n >> 16), uint8(n >> 8), uint8(n)}, err == nil
}

func (c rgb) String() string { return fmt.Sprintf("#%02x%02x%02x", c[0], c[1], c[2]) }

// mix lays a share of c over a ground.
func (c rgb) mix(ground rgb, share float64) rgb {
	var out rgb
	for i := range c {
		out[i] = uint8(math.Round(float64(ground[i]) + (float64(c[i])-float64(ground[i]))*share))
	}
	return out
}

// contrast is WCAG 2's ratio of two colours, 1 to 21.
func contrast(a, b rgb) float64 {
	x, y := a.luminance(), b.luminance()
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func (c rgb) luminance() float64 {
	return 0.2126*linear(c[0]) + 0.7152*linear(c[1]) + 0.0722*linear(c[2])
}

// linear undoes the sRGB transfer function.
func linear(channel uint8) float64 {
	v := float64(channel) / 255
	if v <= 0.04045 {
		return v / 12.92
	}
	return math.Pow((v+0.055)/1.055, 2.4)
}

// encode applies the sRGB transfer function.
func encode(v float64) uint8 {
	v = min(1, max(0, v))
	if v <= 0.0031308 {
		v *= 12.92
	} else {
		v = 1.055*math.Pow(v, 1/2.4) - 0.055
	}
	return uint8(math.Round(v * 255))
}

// oklch is a colour in Björn Ottosson's OKLab, in polar form: equal steps of lightness look equal.
// Source: https://bottosson.github.io/posts/oklab/
type oklch struct{ lightness, chroma, hue float64 }

func (c rgb) oklch() oklch {
	r, g, b := linear(c[0]), linear(c[1]), linear(c[2])
	l := math.Cbrt(0.4122214708*r + 0.5363325363*g + 0.0514459929*b)
	m := math.Cbrt(0.2119034982*r + 0.6806995451*g + 0.1073969566*b)
	s := math.Cbrt(0.0883024619*r + 0.2817188376*g + 0.6299787005*b)
	x := 1.9779984951*l - 2.4285922050*m + 0.4505937099*s
	y := 0.0259040371*l + 0.7827717662*m - 0.8086757660*s
	return oklch{
		lightness: 0.2104542553*l + 0.7936177850*m - 0.0040720468*s,
		chroma:    math.Hypot(x, y),
		hue:       math.Atan2(y, x),
	}
}

// rgb is the colour, with less chroma where sRGB cannot show it: lightness decides contrast, so that is what stays.
func (c oklch) rgb() rgb {
	for range 200 {
		channels := c.linear()
		if inGamut(channels) {
			return rgb{encode(channels[0]), encode(channels[1]), encode(channels[2])}
		}
		c.chroma *= 0.95
	}
	return oklch{lightness: min(1, max(0, c.lightness))}.rgb()
}

func (c oklch) linear() [3]float64 {
	x, y := c.chroma*math.Cos(c.hue), c.chroma*math.Sin(c.hue)
	l := cube(c.lightness + 0.3963377774*x + 0.2158037573*y)
	m := cube(c.lightness - 0.1055613458*x - 0.0638541728*y)
	s := cube(c.lightness - 0.0894841775*x - 1.2914855480*y)
	return [3]float64{
		4.0767416621*l - 3.3077115913*m + 0.2309699292*s,
		-1.2684380046*l + 2.6097574011*m - 0.3413193965*s,
		-0.0041960863*l - 0.7034186147*m + 1.7076147010*s,
	}
}

func cube(v float64) float64 { return v * v * v }

func inGamut(channels [3]float64) bool {
	const slack = 1e-4 // half a step of a channel
	for _, v := range channels {
		if v < -slack || v > 1+slack {
			return false
		}
	}
	return true
}
