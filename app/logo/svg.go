package logo

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
)

// The namespaces that count.
const (
	svgSpace   = "http://www.w3.org/2000/svg"
	xlinkSpace = "http://www.w3.org/1999/xlink"
)

// Bounds of an SVG.
const (
	maxElements = 4000
	maxDepth    = 64
	maxDrawn    = 20_000 // elements, counting what is drawn again by reference each time
)

// node is an element that is kept.
type node struct {
	name     string
	attrs    []attr
	children []*node
	text     []byte // of text and style; between elements it is not drawn
}

type attr struct{ name, value string }

func (n *node) get(name string) string {
	for _, a := range n.attrs {
		if a.name == name {
			return a.value
		}
	}
	return ""
}

// readSVG keeps of an SVG the elements and attributes that draw, and writes them anew. Nothing is copied that was not understood.
func readSVG(text []byte) (Logo, error) {
	root, err := parse(text)
	if err != nil {
		return Logo{}, err
	}
	styles := restyle(root)
	width, height, err := measure(root)
	if err != nil {
		return Logo{}, err
	}
	if !affordable(root, styles) {
		return Logo{}, Intricate
	}
	var out bytes.Buffer
	root.write(&out)
	if out.Len() > MaxBytes { // escaping can make it longer
		return Logo{}, TooLarge
	}
	adapts := slices.ContainsFunc(styles, func(s rule) bool { return s.theme == "dark" })
	return Logo{Bytes: out.Bytes(), Type: SVG, Width: width, Height: height, Plate: !adapts}, nil
}

// builder makes nodes of what the reader of XML says.
type builder struct {
	open  []*node // from the root to where it is
	root  *node
	count int // of elements, kept or not
}

// parse reads the elements that are kept. What is not known goes with all that is in it.
func parse(text []byte) (*node, error) {
	d := xml.NewDecoder(bytes.NewReader(text)) // strict: no entity but XML's own five, no encoding but UTF-8
	var b builder
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) && b.root != nil {
			return b.root, nil
		}
		if err != nil {
			return nil, b.broken()
		}
		if err := b.take(d, token); err != nil {
			return nil, err
		}
	}
}

// broken tells a damaged SVG from what never was one, such as an HTML page.
func (b *builder) broken() error {
	if b.root == nil {
		return NoImage
	}
	return Damaged
}

func (b *builder) take(d *xml.Decoder, token xml.Token) error {
	switch t := token.(type) {
	case xml.Directive:
		if words := bytes.Fields(t); len(words) > 1 && bytes.EqualFold(words[1], []byte("html")) {
			return NoImage
		}
		return Doctype
	case xml.StartElement:
		return b.begin(d, t)
	case xml.EndElement:
		b.open = b.open[:len(b.open)-1]
	case xml.CharData:
		if n := len(b.open); n > 0 && texts[b.open[n-1].name] {
			b.open[n-1].text = append(b.open[n-1].text, t...)
		}
	}
	return nil
}

func (b *builder) begin(d *xml.Decoder, t xml.StartElement) error {
	known := t.Name.Space == svgSpace && elements[t.Name.Local]
	b.count++
	switch {
	case b.root == nil && (t.Name.Space != svgSpace || t.Name.Local != "svg"):
		return NoImage
	case b.root != nil && len(b.open) == 0:
		return Damaged // a second root
	case b.count > maxElements || len(b.open) >= maxDepth:
		return Intricate
	case !known:
		return b.skip(d)
	}
	n := &node{name: t.Name.Local, attrs: keptAttrs(t)}
	if b.root == nil {
		b.root = n
	} else {
		parent := b.open[len(b.open)-1]
		if len(parent.text) > 0 && parent.name != "style" { // what is written before a tspan goes into one of its own, to keep its place
			parent.children = append(parent.children, &node{text: parent.text})
			parent.text = nil
		}
		parent.children = append(parent.children, n)
	}
	b.open = append(b.open, n)
	return nil
}

// skip reads to the end of an element, within the same bounds.
func (b *builder) skip(d *xml.Decoder) error {
	for depth := 1; depth > 0; {
		token, err := d.Token()
		if err != nil {
			return Damaged
		}
		switch token.(type) {
		case xml.Directive:
			return Doctype
		case xml.StartElement:
			depth++
			if b.count++; b.count > maxElements || len(b.open)+depth > maxDepth {
				return Intricate
			}
		case xml.EndElement:
			depth--
		}
	}
	return nil
}

// keptAttrs are the attributes that draw, each once, without prefixes.
func keptAttrs(t xml.StartElement) []attr {
	var kept []attr
	for _, a := range t.Attr {
		name := a.Name.Local
		if a.Name.Space != "" && (a.Name.Space != xlinkSpace || name != "href") {
			continue
		}
		twice := slices.ContainsFunc(kept, func(k attr) bool { return k.name == name })
		value, ok := keptValue(t.Name.Local, name, a.Value)
		if ok && !twice && len(kept) < len(attributes) {
			kept = append(kept, attr{name, value})
		}
	}
	return kept
}

// write writes an element. The root carries the one namespace, so that no name has a prefix.
func (n *node) write(out *bytes.Buffer) {
	if n.name == "" { // a piece of text
		_ = xml.EscapeText(out, n.text)
		return
	}
	out.WriteString("<" + n.name)
	for _, a := range n.attrs {
		out.WriteString(" " + a.name + `="`)
		_ = xml.EscapeText(out, []byte(a.value)) // a buffer takes everything
		out.WriteString(`"`)
	}
	if len(n.children) == 0 && len(n.text) == 0 {
		out.WriteString("/>")
		return
	}
	out.WriteString(">")
	for _, c := range n.children {
		c.write(out)
	}
	_ = xml.EscapeText(out, n.text)
	out.WriteString("</" + n.name + ">")
}

// measure finds the size of an SVG, and writes it into the root together with the box that is scaled to it.
func measure(root *node) (width, height int, err error) {
	box := numbers(root.get("viewBox"))
	w, h := pixels(root.get("width")), pixels(root.get("height"))
	if len(box) != 4 || !plausible(box[2]) || !plausible(box[3]) {
		box = []float64{0, 0, w, h}
	}
	switch aspect := box[2] / box[3]; {
	case w == 0 && h == 0:
		w, h = box[2], box[3]
	case w == 0:
		w = h * aspect
	case h == 0:
		h = w / aspect
	}
	if !plausible(w) || !plausible(h) || !plausible(box[2]) || !plausible(box[3]) {
		return 0, 0, Sizeless
	}
	width, height = fit(w, h)
	own := []attr{{"xmlns", svgSpace}, {"width", strconv.Itoa(width)}, {"height", strconv.Itoa(height)}, {"viewBox", written(box)}}
	rest := slices.DeleteFunc(root.attrs, func(a attr) bool {
		return a.name == "width" || a.name == "height" || a.name == "viewBox" || a.name == "x" || a.name == "y"
	})
	root.attrs = append(own, rest...)
	return width, height, nil
}

// plausible says whether a length can be a picture's; it is false for what is no number.
func plausible(f float64) bool { return f >= 0.01 && f <= 1e6 }

// units are CSS's absolute lengths in pixels (css-values-4 §6.2).
var units = []struct {
	name   string
	pixels float64
}{{"px", 1}, {"pt", 4. / 3}, {"pc", 16}, {"in", 96}, {"cm", 96 / 2.54}, {"mm", 96 / 25.4}, {"", 1}}

// pixels reads an absolute length; 0 for a share of something and for what is none.
func pixels(text string) float64 {
	text = strings.TrimSpace(text)
	for _, u := range units {
		if number, ok := strings.CutSuffix(text, u.name); ok {
			f, err := strconv.ParseFloat(number, 64)
			if err != nil || !plausible(f*u.pixels) {
				return 0
			}
			return f * u.pixels
		}
	}
	return 0
}

// numbers reads a list; nil when anything in it is no number.
func numbers(text string) []float64 {
	var list []float64
	for _, part := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" ,\t\r\n", r) }) {
		f, err := strconv.ParseFloat(part, 64)
		if err != nil || f < -1e6 || f > 1e6 || math.IsNaN(f) {
			return nil
		}
		list = append(list, f)
	}
	return list
}

func written(list []float64) string {
	parts := make([]string, len(list))
	for i, f := range list {
		parts[i] = strconv.FormatFloat(f, 'f', -1, 64)
	}
	return strings.Join(parts, " ")
}
