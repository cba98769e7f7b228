package public

import (
	"encoding/xml"
	"time"

	"statusd/app/snapshot"
)

// atomFeed is RFC 4287's feed, as far as it says anything.
type atomFeed struct {
	XMLName xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
	Lang    string      `xml:"xml:lang,attr"`
	ID      string      `xml:"id"`
	Title   string      `xml:"title"`
	Updated string      `xml:"updated"`
	Author  string      `xml:"author>name"`
	Links   []atomLink  `xml:"link"`
	Entries []atomEntry `xml:"entry"`
}

type atomLink struct {
	Rel  string `xml:"rel,attr"`
	Type string `xml:"type,attr"`
	Href string `xml:"href,attr"`
}

type atomEntry struct {
	ID        string   `xml:"id"`
	Title     atomText `xml:"title"`
	Published string   `xml:"published"`
	Updated   string   `xml:"updated"`
	Link      atomLink `xml:"link"`
	Content   atomText `xml:"content"`
}

type atomText struct {
	Type string `xml:"type,attr,omitempty"`
	Lang string `xml:"xml:lang,attr,omitempty"`
	Text string `xml:",chardata"`
}

func (s *Site) renderAtom(f snapshot.Facts, who reader) (snapshot.Content, error) {
	feed, err := s.newFeed(newScene(f, who))
	if err != nil {
		return snapshot.Content{}, err
	}
	out := atomFeed{
		Lang: feed.Lang, ID: feed.ID, Title: feed.Title, Updated: atomTime(feed.Updated), Author: feed.Author,
		Links: []atomLink{{"self", atomType, feed.Atom}, {"alternate", "text/html", feed.Page}},
	}
	for _, e := range feed.Entries {
		out.Entries = append(out.Entries, atomEntry{
			ID: e.ID, Title: atomText{Lang: e.Title.Lang, Text: e.Title.Text},
			Published: atomTime(e.Published), Updated: atomTime(e.Updated),
			Link: atomLink{"alternate", "text/html", e.URL}, Content: atomText{Type: "html", Text: e.HTML},
		})
	}
	return asXML(atomType, out)
}

func atomTime(t time.Time) string { return t.UTC().Format(time.RFC3339) }
