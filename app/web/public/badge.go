package public

import (
	"math"

	"github.com/labstack/echo/v4"
	"golang.org/x/text/unicode/norm"

	"statusd/app/snapshot"
	"statusd/app/status"
	"statusd/app/web/view"
)

// badge is a small picture for readmes: label, shape, word. Lengths are in pixels.
type badge struct {
	Label, Word           string
	Status                status.Status
	Ground                string
	LabelWidth, WordWidth int
	Edge                  int // between label and status
	GlyphAt, WordAt       int
	Width, Corner         int
}

const (
	badgeMargin = 8 // beside each text
	badgeGlyph  = 7 // from the edge to the glyph
	badgeWord   = 21
	badgeRadius = 4
)

func (s *Site) renderBadge(f snapshot.Facts, who reader) (snapshot.Content, error) {
	return s.badge(who, f.Overall, who.words.T("badge."+f.Overall.String()))
}

// unknownBadge answers 200 for a page that does not exist: image proxies show nothing at all for a 404.
func (s *Site) unknownBadge(c echo.Context) error {
	sc := newScreen("badge", func(_ snapshot.Facts, who reader) (snapshot.Content, error) {
		return s.badge(who, status.NoData, who.words.T("badge.unknown"))
	}, nil, view.CSP, cacheBadge)
	who := s.readerOf(c.Request())
	doc, err := s.finish(&sc, s.unknown, who)
	if err != nil {
		return s.failed(c, who, err)
	}
	sc.headers.Set(c.Response().Header())
	doc.ServeHTTP(c.Response(), c.Request())
	return nil
}

func (s *Site) badge(who reader, state status.Status, word string) (snapshot.Content, error) {
	body, err := s.view.Render(who.lang, "embed/badge.html", newBadge(who.words.T("badge.label"), word, state))
	return snapshot.Content{Type: "image/svg+xml; charset=utf-8", Body: body}, err
}

func newBadge(label, word string, state status.Status) badge {
	b := badge{
		Label: label, Word: word, Status: state, Ground: view.InkOf(state),
		LabelWidth: textWidth(label, 1), WordWidth: textWidth(word, semiBold),
	}
	b.Edge = 2*badgeMargin + b.LabelWidth
	b.GlyphAt = b.Edge + badgeGlyph
	b.WordAt = b.Edge + badgeWord
	b.Width = b.WordAt + b.WordWidth + badgeMargin
	b.Corner = b.Width - badgeRadius
	return b
}

const (
	badgeFont = 11
	semiBold  = 1.06 // how much wider weight 600 runs
)

// advances are the widths of letters in thousandths of the font size, a mean of the system fonts that the badge asks for.
// The picture states its text's length, so a font that runs wider or narrower is fitted to it.
var advances = func() map[rune]int {
	m := map[rune]int{}
	for width, letters := range map[int]string{
		250: "ijl.,:;'|!ı", 300: " ftI()[]-", 370: "r\"/", 510: "szcJ", 540: "vxyk", 560: "aeghnopqubd", 580: "FL0123456789",
		640: "EPSTXYZABK", 700: "CDGHNRUVOQ", 770: "w&", 870: "mMW%",
	} {
		for _, r := range letters {
			m[r] = width
		}
	}
	return m
}()

// textWidth estimates how wide a text runs. Accents sit on their letter; scripts without an entry are taken as square.
func textWidth(text string, weight float64) int {
	sum := 0
	for _, r := range norm.NFD.String(text) {
		switch width, known := advances[r]; {
		case known:
			sum += width
		case r >= 0x300 && r < 0x370: // combining
		default:
			sum += 1000
		}
	}
	return int(math.Ceil(float64(sum) * badgeFont * weight / 1000))
}
