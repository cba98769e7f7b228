package logo

import (
	"regexp"
	"strings"
)

// set makes a set of words.
func set(words string) map[string]bool {
	m := map[string]bool{}
	for word := range strings.FieldsSeq(words) {
		m[word] = true
	}
	return m
}

// The elements that draw, or hold what is drawn. None of them runs, animates, links, loads or embeds anything.
// Markers are drawn once a corner of a path and filters once a pixel: what they cost cannot be told, so they are left out.
var elements = set(`svg g defs symbol use switch style path rect circle ellipse line polyline polygon text tspan
	linearGradient radialGradient stop clipPath mask pattern`)

// texts are the elements whose text is kept.
var texts = set(`text tspan style`)

// properties are what CSS may say as well (svg2 §6.6): in attributes, in style attributes and in style elements.
var properties = set(`clip-path clip-rule color color-interpolation display dominant-baseline fill fill-opacity fill-rule font-family
	font-size font-stretch font-style font-variant font-weight isolation letter-spacing mask mask-type mix-blend-mode opacity overflow paint-order shape-rendering stop-color stop-opacity stroke stroke-dasharray
	stroke-dashoffset stroke-linecap stroke-linejoin stroke-miterlimit stroke-opacity stroke-width text-anchor text-decoration
	text-rendering transform transform-origin vector-effect visibility word-spacing writing-mode`)

// attributes are all that are kept, with what their values must look like.
var attributes = func() map[string]func(string) bool {
	m := map[string]func(string) bool{
		"id": name.MatchString, "class": names.MatchString, "href": fragment.MatchString,
	}
	for p := range properties {
		m[p] = harmless
	}
	for a := range set(`clipPathUnits cx cy d dx dy fx fy fr gradientTransform gradientUnits height lengthAdjust
		maskContentUnits maskUnits offset pathLength patternContentUnits patternTransform
		patternUnits points preserveAspectRatio r rotate rx ry spreadMethod textLength viewBox width x x1 x2 y y1 y2`) {
		m[a] = harmless
	}
	return m
}()

var (
	name     = regexp.MustCompile(`^[A-Za-z_][-\w.]*$`)
	names    = regexp.MustCompile(`^[-\w\s]*$`)
	fragment = regexp.MustCompile(`^#[A-Za-z_][-\w.]*$`)

	// reference is the one form of url() that is kept; what may follow is a colour for when there is no such thing.
	reference = regexp.MustCompile(`(?i)url\(\s*["']?#([A-Za-z_][-\w.]*)["']?\s*\)`)

	// plain are the characters of numbers, paths, colours and fonts. No colon, at sign, backslash, semicolon, brace or angle bracket
	// is among them, so no scheme, rule, escape, second declaration or tag can be written with them. Nor is an asterisk: no comment.
	plain = regexp.MustCompile(`^[-+.,%#()/\w\s\p{L}"']*$`)

	function  = regexp.MustCompile(`([-\w\p{L}]*)\s*\(`)
	functions = set(`rgb rgba hsl hsla hwb lab lch oklab oklch matrix translate translatex translatey scale scalex scaley rotate skewx skewy`)
)

// harmless says whether a value names nothing outside of the picture.
func harmless(value string) bool {
	rest := reference.ReplaceAllString(value, " ")
	if !plain.MatchString(rest) {
		return false
	}
	for _, call := range function.FindAllStringSubmatch(rest, -1) {
		if !functions[strings.ToLower(call[1])] {
			return false
		}
	}
	return true
}

// keptValue says whether an attribute is kept, and how it is written.
func keptValue(element, attribute, value string) (string, bool) {
	if attribute == "style" {
		value = declarations(value)
		return value, value != ""
	}
	if element == "style" { // its type and media are CSS's and the screen's
		return "", false
	}
	fits := attributes[attribute]
	if fits == nil || !fits(value) {
		return "", false
	}
	return strings.Join(strings.Fields(value), " "), true
}
