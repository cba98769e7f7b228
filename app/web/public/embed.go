package public

import (
	"time"

	"statusd/app/snapshot"
	"statusd/app/web/view"
)

// embed is the widget, 320 x 80 in somebody else's page.
type embed struct {
	view.Head
	Name    string
	URL     string // of the page, in the language of the widget
	Verdict verdict
}

func (s *Site) renderEmbed(f snapshot.Facts, who reader) (snapshot.Content, error) {
	scene := newScene(f, who)
	v := newVerdict(scene)
	if at := lastChecked(f); v.Checked != nil {
		v.Checked = &moment{at.UTC().Format(time.RFC3339), who.words.Clock(at, scene.zone), "narrow"}
	}
	body, err := s.view.Render(who.lang, "embed/embed.html", embed{
		Head:    s.head(scene, v.Status, v.Sentence, "embed"),
		Name:    view.Name(f.Page.Title()),
		URL:     who.paths.PageIn(f.Page.Slug, who.lang),
		Verdict: v,
	})
	return snapshot.Content{Type: view.HTML, Body: body}, err
}
