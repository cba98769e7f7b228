// Package logo makes a picture of whoever's making one that we can serve: small, drawn anew, with nothing in it but what is seen.
// It fetches nothing, keeps nothing and knows no page; what it cannot make safe it refuses with a code.
// Start with Read, then readRaster, then readSVG. Implements SPEC §7 (logos), RELIABILITY 1.3.4 and 5.2.1.
package logo

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"math"
)

// What is accepted.
const (
	MaxBytes = 512 << 10 // of the file as it comes
	MaxSide  = 2000      // pixels of a raster, in either direction
)

// What is kept: four times the 200 x 32 pixels at which a page shows it, so that it is sharp on every screen and light on every page.
const keptWidth, keptHeight = 800, 128

// The media types of a Logo.
const (
	PNG  = "image/png"
	JPEG = "image/jpeg"
	SVG  = "image/svg+xml"
)

// Logo is a picture that is safe to serve.
type Logo struct {
	Bytes         []byte
	Type          string // PNG, JPEG or SVG
	Width, Height int    // in pixels, at most 800 x 128
	Plate         bool   // what is behind it shows through: in a dark theme it needs the light ground that it was drawn for
}

// Hash names the bytes, for a URL that may be kept for good.
func (l Logo) Hash() string {
	sum := sha256.Sum256(l.Bytes)
	return hex.EncodeToString(sum[:8])
}

// Refusal says why a file is no logo.
type Refusal string

// The refusals.
const (
	NoImage   Refusal = "no_image" // neither PNG, JPEG, GIF, WebP nor SVG
	TooLarge  Refusal = "too_large"
	TooWide   Refusal = "too_wide" // or too high
	Damaged   Refusal = "damaged"
	Doctype   Refusal = "doctype" // an SVG that declares a document type, and with it perhaps entities
	Sizeless  Refusal = "sizeless"
	Intricate Refusal = "intricate" // an SVG of too many elements, too deep, or drawn from itself too often
)

// Error is the code.
func (r Refusal) Error() string { return "logo: " + string(r) }

// Read looks at what a file is, not at what it is called, and makes a logo of it. The error is a Refusal.
func Read(file []byte) (Logo, error) {
	if len(file) > MaxBytes {
		return Logo{}, TooLarge
	}
	for _, kind := range rasters {
		if kind.begins(file) {
			return readRaster(file, kind)
		}
	}
	text := bytes.TrimLeft(bytes.TrimPrefix(file, []byte("\xef\xbb\xbf")), " \t\r\n")
	if bytes.HasPrefix(text, []byte("<")) {
		return readSVG(text)
	}
	return Logo{}, NoImage
}

// fit shrinks a size to what is kept, in proportion; it enlarges nothing.
func fit(width, height float64) (int, int) {
	scale := min(1, keptWidth/width, keptHeight/height)
	return max(1, int(math.Round(width*scale))), max(1, int(math.Round(height*scale)))
}
