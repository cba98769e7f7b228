package public

import (
	"cmp"
	"encoding/xml"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"statusd/app/incident"
	"statusd/app/model"
	"statusd/app/snapshot"
)

// The media types of feeds.
const (
	atomType = "application/atom+xml"
	rssType  = "application/rss+xml"
)

// feed is what both formats tell: incidents, the one with the newest news first.
type feed struct {
	ID, Title, Text, Author, Lang string
	Page, Atom, RSS               string // URLs
	Updated                       time.Time
	Entries                       []feedEntry
}

// feedEntry is an incident in a feed.
type feedEntry struct {
	ID, URL            string
	Title              phrase
	HTML               string
	Published, Updated time.Time
}

// told is the text of an entry, in words already.
type told struct {
	Impact   incident.Impact
	Affected string
	Updates  []update
}

// newFeed gathers the incidents of the snapshot. Where the public URL is unknown, its links are paths.
func (s *Site) newFeed(scene scene) (feed, error) {
	page, slug := scene.pageName(), scene.Page.Slug
	in := func(path string) string { return scene.paths.Anywhere(scene.paths.In(path, scene.lang)) }
	f := feed{
		ID: permanent("feed", scene.Page.ID.String()+"/"+scene.lang), Lang: scene.lang, Author: page,
		Title: scene.words.T("feed.title", "Page", page), Text: scene.words.T("feed.text", "Page", page),
		Page: in(scene.paths.Page(slug)), Atom: in(scene.paths.Atom(slug)), RSS: in(scene.paths.RSS(slug)),
		Updated: scene.Page.Created, // of a page on which nothing ever was
	}
	for _, t := range slices.Concat(scene.Active, scene.Past) {
		entry, err := s.newEntry(scene, t)
		if err != nil {
			return f, err
		}
		f.Entries = append(f.Entries, entry)
		if entry.Updated.After(f.Updated) {
			f.Updated = entry.Updated
		}
	}
	slices.SortStableFunc(f.Entries, func(a, b feedEntry) int {
		return cmp.Or(b.Updated.Compare(a.Updated), strings.Compare(a.ID, b.ID))
	})
	return f, nil
}

func (s *Site) newEntry(scene scene, t model.Timeline) (feedEntry, error) {
	card := scene.card(t)
	for i, u := range t.Updates {
		card.Updates[i].At = scene.instant(u.Created, formFull)
	}
	text, err := s.view.Render(scene.lang, "public/feed.html", told{card.Impact, card.Affected, card.Updates})
	return feedEntry{
		ID: permanent("incident", t.ID.String()), URL: scene.paths.Anywhere(scene.incidentURL(t.ID)),
		Title: card.Title, HTML: string(text), Published: t.Created, Updated: newest(t),
	}, err
}

// namespace is what all our permanent ids are derived in (RFC 9562 §5.5). It never changes: feed readers would show everything anew.
var namespace = uuid.MustParse("5b0a9d3e-6d2f-4c0b-9c39-3f1f0f6a7c11")

// permanent is an id that stays the same whatever host and scheme a page is read at.
func permanent(kind, id string) string {
	return uuid.NewSHA1(namespace, []byte(kind+"/"+id)).URN()
}

// asXML writes a document. What XML cannot hold, encoding/xml replaces.
func asXML(mediaType string, doc any) (snapshot.Content, error) {
	body, err := xml.MarshalIndent(doc, "", " ")
	return snapshot.Content{Type: mediaType + "; charset=utf-8", Body: append([]byte(xml.Header), append(body, '\n')...)}, err
}
