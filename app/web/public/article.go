package public

import (
	"time"

	"github.com/labstack/echo/v4"

	"statusd/app/model"
	"statusd/app/snapshot"
	"statusd/app/web/view"
)

// article is the page of one incident.
type article struct {
	view.Head
	Meta     meta
	Masthead masthead
	Back     back
	Incident incidentCard
	Colophon colophon
}

// incident serves the page of one incident.
func (s *Site) incident(c echo.Context) error {
	who := s.readerOf(c.Request())
	snap, err := s.snapshot(c, who, s.notFound)
	if snap == nil {
		return err
	}
	var id model.IncidentID
	if id.UnmarshalText([]byte(c.Param("id"))) != nil {
		return s.gone(c, snap, who)
	}
	return s.found(c, snap, who, "incident "+id.String(), func() (render, error) {
		scene := newScene(snap.Facts, who)
		t, ok := scene.find(id)
		if !ok {
			if t, err = s.pages.PublicIncident(c.Request().Context(), snap.Facts.Page.Slug, id); err != nil {
				return nil, err
			}
		}
		return func() (snapshot.Content, error) { return s.renderIncident(scene, t) }, nil
	})
}

func (s *Site) renderIncident(scene scene, t model.Timeline) (snapshot.Content, error) {
	card := scene.card(t)
	for i := range card.Updates {
		card.Updates[i].Own = true
	}
	path := scene.paths.Incident(scene.Page.Slug, t.ID)
	m := s.newMeta(scene, path, shortened(card.Title.Text, previewTitle))
	m.Article = &published{t.Created.UTC().Format(time.RFC3339), newest(t).UTC().Format(time.RFC3339)}
	if len(t.Updates) > 0 {
		m.Description = scene.summary(t.Updates[0].Body, previewText).Text
	}
	body, err := s.view.Render(scene.lang, "public/incident.html", article{
		Head:     s.head(scene, newVerdict(scene).Status, card.Title.Text, "page"),
		Meta:     m,
		Masthead: newMasthead(scene),
		Back:     scene.back(),
		Incident: card,
		Colophon: s.newColophon(scene, path),
	})
	return snapshot.Content{Type: view.HTML, Body: body}, err
}

// newest is when an incident last had something new to tell. Correcting a word is not news.
func newest(t model.Timeline) time.Time {
	if len(t.Updates) == 0 {
		return t.Created
	}
	return t.Updates[0].Created
}

// missing is what the page says of something that it does not have.
type missing struct {
	view.Head
	Masthead masthead
	Back     back
	History  string // URL
	Colophon colophon
}

func (s *Site) renderGone(scene scene) (snapshot.Content, error) {
	history := scene.paths.History(scene.Page.Slug)
	p := missing{
		Head:     s.head(scene, newVerdict(scene).Status, scene.words.T("gone.title"), "page"),
		Masthead: newMasthead(scene),
		Back:     scene.back(),
		History:  scene.paths.In(history, scene.lang),
		Colophon: s.newColophon(scene, history),
	}
	p.NoIndex = true
	body, err := s.view.Render(scene.lang, "public/gone.html", p)
	return snapshot.Content{Type: view.HTML, Body: body}, err
}

// back leads to the public page.
type back struct{ Name, URL string }

func (s scene) back() back {
	return back{view.Name(s.Page.Title()), s.paths.PageIn(s.Page.Slug, s.lang)}
}
