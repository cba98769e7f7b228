package view

import (
	"net/url"
	"strings"

	"statusd/app/model"
)

// What belongs to a public page has the page's path before it; on the page's custom domain it stands alone.
func (p Paths) ofPage(slug, rest string) string {
	if p.CustomDomain {
		return rest
	}
	return p.below("/p/" + slug + rest)
}

// Incident is one incident of a page.
func (p Paths) Incident(slug string, id model.IncidentID) string {
	return p.ofPage(slug, "/incidents/"+id.String())
}

// History is what has been on a page, the newest months first.
func (p Paths) History(slug string) string { return p.ofPage(slug, "/history") }

// HistoryOf is the history up to and including a month: "2026-05".
func (p Paths) HistoryOf(slug, month string) string {
	return p.History(slug) + "?" + url.Values{"month": {month}}.Encode()
}

// Atom is a page's feed of incidents (RFC 4287).
func (p Paths) Atom(slug string) string { return p.ofPage(slug, "/feed.atom") }

// RSS is the same feed as RSS 2.0.
func (p Paths) RSS(slug string) string { return p.ofPage(slug, "/feed.rss") }

// Calendar is a page's calendar of maintenance windows (RFC 5545).
func (p Paths) Calendar(slug string) string { return p.ofPage(slug, "/maintenance.ics") }

// In is a path in a language, whatever the reader's browser asks for.
func (p Paths) In(path, lang string) string {
	between := "?"
	if strings.Contains(path, "?") {
		between = "&"
	}
	return path + between + url.Values{"lang": {lang}}.Encode()
}

// Anywhere is a path as a URL that works outside of the place too, where the public URL is known; else the path.
func (p Paths) Anywhere(path string) string {
	if whole := p.Absolute(path); whole != "" {
		return whole
	}
	return path
}
