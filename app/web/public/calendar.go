package public

import (
	"html/template"
	"strings"

	ics "github.com/arran4/golang-ical"
	"github.com/labstack/echo/v4"

	"statusd/app/maintenance"
	"statusd/app/markdown"
	"statusd/app/model"
	"statusd/app/snapshot"
	"statusd/app/web/view"
)

const (
	calendarType = "text/calendar; charset=utf-8"
	calendarName = "-//statusd//maintenance//EN"
	eventHost    = "@maintenance.statusd" // of every UID, whatever host a page is read at
	refresh      = "PT1H"
)

// calendar serves a page's maintenance windows for calendars (RFC 5545, RFC 7986).
func (s *Site) calendar(c echo.Context) error {
	who := s.readerOf(c.Request())
	snap, err := s.snapshot(c, who, s.notFound)
	if snap == nil {
		return err
	}
	return s.found(c, snap, who, "calendar", func() (render, error) {
		windows, err := s.pages.PublicCalendar(c.Request().Context(), snap.Facts.Page.Slug)
		return func() (snapshot.Content, error) { return newScene(snap.Facts, who).renderCalendar(windows), nil }, err
	})
}

func (s scene) renderCalendar(windows []model.Maintenance) snapshot.Content {
	c := ics.NewCalendar()
	c.SetProductId(calendarName)
	c.SetMethod(ics.MethodPublish)
	c.SetName(s.words.T("calendar.title", "Page", s.pageName()))
	c.SetRefreshInterval(refresh)
	c.SetXPublishedTTL(refresh)
	for _, m := range windows {
		c.AddVEvent(s.event(m))
	}
	return snapshot.Content{Type: calendarType, Body: []byte(c.Serialize(ics.WithNewLineWindows))}
}

// event is a window as a calendar shows it. A cancelled one stays, or calendars would keep showing what they once read.
func (s scene) event(m model.Maintenance) *ics.VEvent {
	from, to := actual(m)
	e := ics.NewEvent(m.ID.String() + eventHost)
	e.SetDtStampTime(m.Updated)
	e.SetModifiedAt(m.Updated)
	e.SetSequence(m.Sequence)
	e.SetStartAt(from)
	e.SetEndAt(to)
	title, text := s.phrase(m.Title), s.eventText(m)
	e.SetSummary(title.Text, inLanguage(title.Lang)...)
	if text.Text != "" {
		e.SetDescription(text.Text, inLanguage(text.Lang)...)
	}
	e.SetStatus(ics.ObjectStatusConfirmed)
	if m.State == maintenance.Cancelled {
		e.SetStatus(ics.ObjectStatusCancelled)
	}
	e.SetTimeTransparency(ics.TransparencyTransparent)
	e.AddCategory(s.words.T("past.maintenance"))
	if url := s.paths.Absolute(s.paths.PageIn(s.Page.Slug, s.lang)); url != "" {
		e.SetURL(url)
	}
	return e
}

// eventText is the description, and below it what it is about.
func (s scene) eventText(m model.Maintenance) phrase {
	words, in := m.Description.Best(s.lang)
	lines := []string{}
	for line := range strings.Lines(markdown.Plain(words)) {
		lines = append(lines, view.Name(line))
	}
	if about := s.affected(m.Affected); about != "" {
		lines = append(lines, about)
	}
	return phrase{strings.Join(lines, "\n"), s.foreign(in)}
}

// inLanguage says in which language a text is, where that is not the calendar's.
func inLanguage(lang string) []ics.PropertyParameter {
	if lang == "" {
		return nil
	}
	return []ics.PropertyParameter{&ics.KeyValues{Key: string(ics.ParameterLanguage), Value: []string{lang}}}
}

// subscription is the address that calendars subscribe to: webcal, where the public URL is known. html/template trusts no such
// scheme by itself; what stands behind it here is an address of ours.
func (s scene) subscription() template.URL {
	url := s.paths.Anywhere(s.paths.In(s.paths.Calendar(s.Page.Slug), s.lang))
	if _, rest, ok := strings.Cut(url, "://"); ok {
		return template.URL("webcal://" + rest)
	}
	return template.URL(url)
}
