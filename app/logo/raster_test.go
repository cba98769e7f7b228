package logo_test

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"runtime"
	"strings"
	"testing"

	"statusd/app/logo"
)

// square is a picture with a see-through left half when clear.
func square(width, height int, clear bool) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			c := color.NRGBA{200, 30, 60, 255}
			if clear && x < width/2 {
				c.A = 0
			}
			m.SetNRGBA(x, y, c)
		}
	}
	return m
}

func encoded(t testing.TB, write func(*bytes.Buffer) error) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func asPNG(t testing.TB, m image.Image) []byte {
	return encoded(t, func(b *bytes.Buffer) error { return png.Encode(b, m) })
}

func asJPEG(t testing.TB, m image.Image) []byte {
	return encoded(t, func(b *bytes.Buffer) error { return jpeg.Encode(b, m, nil) })
}

// asGIF is a GIF of 40 x 30 whose first frame of 10 x 10 stands at 20, 10; a second one follows.
func asGIF(t testing.TB) []byte {
	palette := color.Palette{color.NRGBA{}, color.NRGBA{200, 30, 60, 255}}
	frame := func(r image.Rectangle) *image.Paletted {
		p := image.NewPaletted(r, palette)
		for i := range p.Pix {
			p.Pix[i] = 1
		}
		return p
	}
	return encoded(t, func(b *bytes.Buffer) error {
		return gif.EncodeAll(b, &gif.GIF{
			Image: []*image.Paletted{frame(image.Rect(20, 10, 30, 20)), frame(image.Rect(0, 0, 40, 30))}, Delay: []int{1, 1},
			Config: image.Config{Width: 40, Height: 30, ColorModel: palette},
		})
	})
}

// dot is a lossless WebP of one pixel.
var dot, _ = base64.StdEncoding.DecodeString("UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==")

// chunk is a PNG chunk.
func chunk(kind string, data []byte) []byte {
	out := binary.BigEndian.AppendUint32(nil, uint32(len(data)))
	out = append(append(out, kind...), data...)
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(out[4:]))
}

func declared(width, height uint32) []byte {
	head := binary.BigEndian.AppendUint32(nil, width)
	head = binary.BigEndian.AppendUint32(head, height)
	return append([]byte("\x89PNG\r\n\x1a\n"), chunk("IHDR", append(head, 8, 6, 0, 0, 0))...)
}

func TestRastersAreDrawnAnew(t *testing.T) {
	secret := "GPS 41.0082 N <script>alert(1)</script>"
	commented := asPNG(t, square(30, 20, true))
	commented = bytes.Replace(commented, chunk("IEND", nil), append(chunk("tEXt", []byte("Comment\x00"+secret)), chunk("IEND", nil)...), 1)
	exif := asJPEG(t, square(30, 20, false))
	exif = append(append([]byte("\xff\xd8\xff\xe1\x00"+string(rune(len(secret)+8))+"Exif\x00\x00"), secret...), exif[2:]...)
	for _, c := range []struct {
		name  string
		file  []byte
		kind  string
		size  string
		plate bool
	}{
		{"PNG", append(commented, secret...), logo.PNG, "30 x 20", true},
		{"opaque PNG", asPNG(t, square(30, 20, false)), logo.PNG, "30 x 20", false},
		{"large PNG", asPNG(t, square(2000, 500, false)), logo.PNG, "512 x 128", false},
		{"wide PNG", asPNG(t, square(2000, 20, true)), logo.PNG, "800 x 8", true},
		{"one pixel high", asPNG(t, square(2000, 1, false)), logo.PNG, "800 x 1", false},
		{"JPEG", append(exif, secret...), logo.JPEG, "30 x 20", false},
		{"GIF", append(asGIF(t), secret...), logo.PNG, "40 x 30", true},
		{"WebP", append(bytes.Clone(dot), secret...), logo.PNG, "1 x 1", true},
	} {
		got, err := logo.Read(c.file)
		if have := fmt.Sprintf("%d x %d", got.Width, got.Height); err != nil || got.Type != c.kind || have != c.size || got.Plate != c.plate {
			t.Errorf("%s: got %s %s %v, %v", c.name, got.Type, have, got.Plate, err)
			continue
		}
		if bytes.Contains(got.Bytes, []byte("script")) || bytes.Contains(got.Bytes, []byte("Exif")) {
			t.Errorf("%s: what was not to be seen is still in it", c.name)
		}
		m, _, err := image.Decode(bytes.NewReader(got.Bytes))
		if err != nil || m.Bounds().Dx() != got.Width || m.Bounds().Dy() != got.Height {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestTheFirstFrameOfAGIFKeepsItsPlace(t *testing.T) {
	got, err := logo.Read(asGIF(t))
	if err != nil {
		t.Fatal(err)
	}
	m, _ := png.Decode(bytes.NewReader(got.Bytes))
	_, _, _, corner := m.At(0, 0).RGBA()
	_, _, _, inside := m.At(25, 15).RGBA()
	if corner != 0 || inside != 0xffff {
		t.Errorf("got %x in the corner and %x inside", corner, inside)
	}
}

func TestHostileRastersAreRefusedBeforeTheyAreDecoded(t *testing.T) {
	good := asPNG(t, square(40, 40, true))
	wide := bytes.Clone(asGIF(t))
	binary.LittleEndian.PutUint16(wide[6:], 60000)
	extended := append([]byte("RIFF\x00\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x00\x00\x00\x00"), 9, 0, 0, 9, 0, 0)
	extended = append(extended, dot[12:]...)
	binary.LittleEndian.PutUint32(extended[4:], uint32(len(extended)-8))
	for _, c := range []struct {
		name string
		file []byte
		want logo.Refusal
	}{
		{"nothing", nil, logo.NoImage},
		{"text", []byte("hello"), logo.NoImage},
		{"HTML", []byte("\n <html><script>alert(1)</script>"), logo.NoImage},
		{"HTML behind a PNG's signature", append([]byte("\x89PNG\r\n\x1a\n"), "<script>alert(1)</script>"...), logo.Damaged},
		{"a PDF", []byte("%PDF-1.7"), logo.NoImage},
		{"a gzipped SVG", []byte("\x1f\x8b\x08\x00"), logo.NoImage},
		{"UTF-16", []byte("\xff\xfe<\x00s\x00"), logo.NoImage},
		{"an icon", []byte("\x00\x00\x01\x00\x01\x00"), logo.NoImage},
		{"60,000 x 60,000 pixels", declared(60000, 60000), logo.TooWide},
		{"2001 x 1 pixels", asPNG(t, square(2001, 1, false)), logo.TooWide},
		{"4 billion pixels in a line", declared(1<<31-1, 1), logo.TooWide},
		{"no pixels", declared(0, 10), logo.Damaged},
		{"a GIF of 60,000 pixels", wide, logo.TooWide},
		{"2000 x 2000 declared, none there", append(declared(2000, 2000), chunk("IDAT", nil)...), logo.Damaged},
		{"cut off", good[:len(good)/2], logo.Damaged},
		{"a WebP that holds another size than it says", extended, logo.Damaged},
		{"513 KiB", append(good, make([]byte, 512<<10)...), logo.TooLarge},
		{"a JPEG of a thousand scans", append(asJPEG(t, square(8, 8, false)), strings.Repeat("\xff\xda", 1000)...), logo.Damaged},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		got, err := logo.Read(c.file)
		if runtime.ReadMemStats(&after); after.TotalAlloc-before.TotalAlloc > 48<<20 {
			t.Errorf("%s: took %d MiB", c.name, (after.TotalAlloc-before.TotalAlloc)>>20)
		}
		if !errors.Is(err, c.want) || got.Bytes != nil {
			t.Errorf("%s: got %v, want %v", c.name, err, c.want)
		}
	}
}

func FuzzRaster(f *testing.F) {
	for _, file := range [][]byte{asPNG(f, square(9, 7, true)), asJPEG(f, square(9, 7, false)), asGIF(f), dot, declared(60000, 60000)} {
		f.Add(file)
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		got, err := logo.Read(file)
		var refusal logo.Refusal
		if err != nil {
			if !errors.As(err, &refusal) || got.Bytes != nil {
				t.Errorf("got %v", err)
			}
			return
		}
		if got.Type == logo.SVG {
			return
		}
		config, kind, err := image.DecodeConfig(bytes.NewReader(got.Bytes))
		if err != nil || "image/"+kind != got.Type || config.Width != got.Width || config.Height != got.Height || got.Width > 800 || got.Height > 128 {
			t.Errorf("a %s of %d x %d that is a %s: %v", got.Type, got.Width, got.Height, kind, err)
		}
	})
}
