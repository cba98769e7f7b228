package logo

import (
	"bytes"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"

	"golang.org/x/image/draw"
	"golang.org/x/image/webp"
)

// raster is a kind of picture made of pixels.
type raster struct {
	magic  string // how a file begins; a dot stands for any byte
	size   func(io.Reader) (image.Config, error)
	decode func(io.Reader) (image.Image, error)
	photo  bool
}

var rasters = []raster{
	{"\x89PNG\r\n\x1a\n", png.DecodeConfig, png.Decode, false},
	{"\xff\xd8\xff", jpeg.DecodeConfig, jpeg.Decode, true},
	{"GIF87a", gif.DecodeConfig, gif.Decode, false},
	{"GIF89a", gif.DecodeConfig, gif.Decode, false},
	{"RIFF....WEBP", webp.DecodeConfig, webp.Decode, false},
}

func (k raster) begins(file []byte) bool {
	if len(file) < len(k.magic) {
		return false
	}
	for i := range len(k.magic) {
		if k.magic[i] != '.' && k.magic[i] != file[i] {
			return false
		}
	}
	return true
}

// maxScans bounds how often a progressive JPEG may go over its pixels; cameras and editors need about ten. Each costs a few bytes
// and up to some milliseconds.
const maxScans = 64

// readRaster decodes a picture and encodes it anew: metadata, further frames and what stands behind the end are gone.
func readRaster(file []byte, kind raster) (Logo, error) {
	size, err := kind.size(bytes.NewReader(file))
	switch {
	case err != nil || size.Width < 1 || size.Height < 1:
		return Logo{}, Damaged
	case size.Width > MaxSide || size.Height > MaxSide: // before anything is made room for
		return Logo{}, TooWide
	case bytes.Count(file, []byte("\xff\xda")) > maxScans && kind.photo:
		return Logo{}, Damaged
	}
	picture, err := kind.decode(bytes.NewReader(file))
	if err != nil || picture.Bounds().Dx() > MaxSide || picture.Bounds().Dy() > MaxSide {
		return Logo{}, Damaged
	}
	drawn := redraw(picture, image.Rect(0, 0, size.Width, size.Height))
	return encode(drawn, kind.photo)
}

// redraw puts a picture at its place on a canvas (the first frame of a GIF may be smaller than the GIF) and shrinks it to what is kept.
func redraw(picture image.Image, canvas image.Rectangle) *image.NRGBA {
	width, height := fit(float64(canvas.Dx()), float64(canvas.Dy()))
	if picture.Bounds() != canvas {
		whole := image.NewNRGBA(canvas)
		draw.Draw(whole, picture.Bounds(), picture, picture.Bounds().Min, draw.Src)
		picture = whole
	}
	out := image.NewNRGBA(image.Rect(0, 0, width, height))
	if out.Bounds() == canvas {
		draw.Draw(out, canvas, picture, canvas.Min, draw.Src)
		return out
	}
	draw.CatmullRom.Scale(out, out.Bounds(), picture, canvas, draw.Src, nil)
	return out
}

// encode writes a photograph as JPEG and everything else as PNG.
func encode(picture *image.NRGBA, photograph bool) (Logo, error) {
	out := Logo{Type: PNG, Width: picture.Rect.Dx(), Height: picture.Rect.Dy(), Plate: !picture.Opaque()}
	var file bytes.Buffer
	write := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode
	if photograph {
		out.Type = JPEG
		write = func(w io.Writer, m image.Image) error { return jpeg.Encode(w, m, &jpeg.Options{Quality: 92}) }
	}
	err := write(&file, picture)
	out.Bytes = file.Bytes()
	return out, err
}
