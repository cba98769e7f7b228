package public

import (
	"encoding/xml"
	"time"

	"statusd/app/snapshot"
)

// rssFeed is RSS 2.0, as far as it says anything.
type rssFeed struct {
	XMLName xml.Name   `xml:"rss"`
	Version string     `xml:"version,attr"`
	Atom    string     `xml:"xmlns:atom,attr"`
	Channel rssChannel `xml:"channel"`
}

type rssChannel struct {
	Title       string    `xml:"title"`
	Link        string    `xml:"link"`
	Description string    `xml:"description"`
	Language    string    `xml:"language"`
	Built       string    `xml:"lastBuildDate"`
	TTL         int       `xml:"ttl"` // in minutes
	Self        atomLink  `xml:"atom:link"`
	Items       []rssItem `xml:"item"`
}

type rssItem struct {
	Title       string  `xml:"title"`
	Link        string  `xml:"link"`
	Description string  `xml:"description"`
	GUID        rssGUID `xml:"guid"`
	Published   string  `xml:"pubDate"`
}

type rssGUID struct {
	IsPermaLink bool   `xml:"isPermaLink,attr"`
	ID          string `xml:",chardata"`
}

// rssMinutes is how long readers may wait before they ask again.
const rssMinutes = 5

func (s *Site) renderRSS(f snapshot.Facts, who reader) (snapshot.Content, error) {
	feed, err := s.newFeed(newScene(f, who))
	if err != nil {
		return snapshot.Content{}, err
	}
	out := rssFeed{Version: "2.0", Atom: "http://www.w3.org/2005/Atom", Channel: rssChannel{
		Title: feed.Title, Link: feed.Page, Description: feed.Text, Language: feed.Lang,
		Built: rssTime(feed.Updated), TTL: rssMinutes, Self: atomLink{"self", rssType, feed.RSS},
	}}
	for _, e := range feed.Entries {
		out.Channel.Items = append(out.Channel.Items, rssItem{
			Title: e.Title.Text, Link: e.URL, Description: e.HTML, GUID: rssGUID{ID: e.ID}, Published: rssTime(e.Published),
		})
	}
	return asXML(rssType, out)
}

// rssTime is RFC 822's date with four digits of the year.
func rssTime(t time.Time) string { return t.UTC().Format(time.RFC1123Z) }
