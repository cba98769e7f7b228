package public

import (
	"math"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"
	"golang.org/x/text/unicode/norm"

	"statusd/app/model"
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
	badgeLabel  = 40 // characters
)

var badgeHeaders = newHeaders(view.CSP, cacheBadge)

func (s *Site) renderBadge(f snapshot.Facts, who reader) (snapshot.Content, error) {
	scene := newScene(f, who)
	state, _ := scene.headline(byStatus(f))
	return s.badge(who, who.words.T("badge.label"), state, scene.badgeWord(f.Overall, state))
}

// badgeWord is the state that checks find, or that there is an incident where they find nothing as bad.
func (s scene) badgeWord(found, state status.Status) string {
	if state > found && state != status.Maintenance {
		return s.words.T("badge.incident")
	}
	return s.words.T("badge." + state.String())
}

// badgeOf serves the badge of the component that was asked for, by id or name; else the page's, as always.
func (s *Site) badgeOf(page echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if c.Request().URL.RawQuery == "" || !c.QueryParams().Has("component") {
			return page(c)
		}
		who := s.readerOf(c.Request())
		snap, err := s.snapshot(c, who, s.unknownBadge)
		if snap == nil {
			return err
		}
		component := findComponent(snap.Facts, c.QueryParam("component"))
		if component == nil {
			return s.unknownBadge(c)
		}
		doc, err := snap.Document(keyOf("badge "+component.ID.String(), who), func(f snapshot.Facts) (snapshot.Content, error) {
			return s.componentBadge(newScene(f, who), *component)
		})
		if err != nil {
			return s.failed(c, who, err)
		}
		hand(c, snap, doc, badgeHeaders)
		return nil
	}
}

// findComponent finds by id, else by name as written, else by name in whatever case; nil when there is none.
func findComponent(f snapshot.Facts, asked string) *snapshot.Component {
	for _, is := range []func(c snapshot.Component) bool{
		func(c snapshot.Component) bool { return c.ID.String() == asked },
		func(c snapshot.Component) bool { return c.Name == asked },
		func(c snapshot.Component) bool { return strings.EqualFold(c.Name, asked) },
	} {
		if i := slices.IndexFunc(f.Components, is); i >= 0 {
			return &f.Components[i]
		}
	}
	return nil
}

// componentBadge has the component's name in place of the word "status". Incidents that concern it count as on the page.
func (s *Site) componentBadge(scene scene, c snapshot.Component) (snapshot.Content, error) {
	var own []model.Timeline
	for _, t := range scene.Active {
		if slices.Contains(model.AffectedIDs(t.Affected), c.ID) {
			own = append(own, t)
		}
	}
	state := max(c.Status, standing(own))
	return s.badge(scene.reader, shortened(view.Name(c.Name), badgeLabel), state, scene.badgeWord(c.Status, state))
}

// unknownBadge answers 200 for a page that does not exist: image proxies show nothing at all for a 404.
func (s *Site) unknownBadge(c echo.Context) error {
	sc := newScreen("badge", func(_ snapshot.Facts, who reader) (snapshot.Content, error) {
		return s.badge(who, who.words.T("badge.label"), status.NoData, who.words.T("badge.unknown"))
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

func (s *Site) badge(who reader, label string, state status.Status, word string) (snapshot.Content, error) {
	body, err := s.view.Render(who.lang, "embed/badge.html", newBadge(label, word, state))
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
