package announce

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"statusd/app/incident"
	"statusd/app/locale"
	"statusd/app/model"
	"statusd/app/typed"
)

// Told is one event and what is needed to put it into words for one reader.
type Told struct {
	Event    model.Event
	Page     model.Page
	Affected []string       // names of components; none: it concerns everybody
	Earlier  []model.Update // of the same incident, newest first, without the one that is told
	Links    Links
	Lang     string
}

// Links are absolute URLs; "" where there is none.
type Links struct{ Page, Subject, Preferences, Unsubscribe string }

// LinksFor are where a subscriber of a page at home can go; none while nobody has said where the page is.
func LinksFor(home string, s model.Subscriber) Links {
	if home == "" {
		return Links{}
	}
	return Links{Page: home, Preferences: OwnLink(home, "/preferences", s), Unsubscribe: OwnLink(home, "/unsubscribe", s)}
}

// OwnLink leads to a page of a subscriber's own, which its token opens.
func OwnLink(home, path string, s model.Subscriber) string {
	return home + path + "?token=" + s.Token.Reveal()
}

// story is an event in the words of one reader's language.
type story struct {
	Word     string // how far it has come: "Investigating"
	Title    string
	Tone     string // how it looks: the name of a status
	Markdown string // what people wrote
	Facts    []fact
	Moment   string // when it was
	rank     int    // in a list: what needs attention first
}

type fact struct{ Label, Value string }

// Heading is the first line of whatever is written.
func (s story) Heading() string { return s.Word + ": " + s.Title }

// carried is the payload of any event: see payload, incidentData and maintenanceData.
type carried struct {
	Data struct {
		IncidentTitle model.Text
		Impact        incident.Impact
		Update        struct {
			Status    incident.Status
			Body      model.Text
			CreatedAt time.Time
		}

		Title          model.Text
		Description    model.Text
		Status         string
		ScheduledStart time.Time
		ScheduledEnd   time.Time
	}
}

// story puts an event into words.
func (h *Herald) story(t Told) (story, error) {
	var c carried
	if err := json.Unmarshal(t.Event.Payload, &c); err != nil {
		return story{}, fmt.Errorf("event %d: payload: %w", t.Event.Seq, err)
	}
	if t.Event.Type.Topic() == model.TopicIncidents {
		return h.teller(t).incident(c, t), nil
	}
	return h.teller(t).maintenance(c, t), nil
}

// teller has the words and the clock of one reader.
type teller struct {
	words *locale.Words
	zone  *time.Location
}

func (h *Herald) teller(t Told) teller { return teller{h.words.Words(t.Lang), zoneOf(t.Page)} }

func zoneOf(p model.Page) *time.Location {
	zone, err := time.LoadLocation(p.TimeZone)
	if err != nil { // the zone is not in this machine's tables any more
		return time.UTC
	}
	return zone
}

// tones say how an incident looks that is not resolved, as its impact does on the page.
var tones = map[incident.Impact]string{incident.Minor: "no-data", incident.Major: "degraded", incident.Critical: "down"}

func (r teller) incident(c carried, t Told) story {
	status, impact := c.Data.Update.Status, c.Data.Impact
	s := story{
		Word: r.status(status), Title: typed.Name(c.Data.IncidentTitle.In(t.Lang)), Tone: tones[impact],
		Markdown: c.Data.Update.Body.In(t.Lang), Moment: r.moment(c.Data.Update.CreatedAt), rank: int(status)*4 - int(impact),
	}
	if status == incident.Resolved {
		s.Tone = "operational"
	}
	s.Facts = append(r.affected(t.Affected),
		fact{r.words.T("mail.impact"), r.words.T("incident.impact." + impact.String())}, fact{r.words.T("mail.time"), s.Moment})
	return s
}

func (r teller) status(s incident.Status) string { return r.words.T("incident.status." + s.String()) }

func (r teller) maintenance(c carried, t Told) story {
	s := story{
		Word: r.words.T("maintenance.state." + c.Data.Status), Title: typed.Name(c.Data.Title.In(t.Lang)), Tone: "maintenance",
		Markdown: c.Data.Description.In(t.Lang), Moment: r.moment(t.Event.At),
	}
	start := fact{r.words.T("mail.start"), r.moment(c.Data.ScheduledStart)}
	end := fact{r.words.T("mail.end"), r.moment(c.Data.ScheduledEnd)}
	switch t.Event.Type {
	case model.MaintenanceReminder:
		s.Word = r.words.T("mail.reminder")
	case model.MaintenanceStarted:
		start = fact{r.words.T("mail.started"), s.Moment}
	case model.MaintenanceCompleted:
		s.Tone = "operational"
		start, end = fact{r.words.T("mail.completed"), s.Moment}, fact{}
	case model.MaintenanceCancelled:
		s.Tone = "no-data"
	}
	s.Facts = append(r.affected(t.Affected), start)
	if end != (fact{}) {
		s.Facts = append(s.Facts, end)
	}
	return s
}

// affectedMost is how many components are named, as on the page; of more it is said how many.
const affectedMost = 8

func (r teller) affected(names []string) []fact {
	if len(names) == 0 {
		return nil
	}
	more := 0
	if len(names) > affectedMost {
		more = len(names) - affectedMost + 1
		names = names[:affectedMost-1]
	}
	clean := make([]string, len(names))
	for i, name := range names {
		clean[i] = typed.InSentence(name)
	}
	joined := strings.Join(clean, ", ")
	if more > 0 {
		joined = r.words.N("affected.more", more, "Names", joined)
	}
	return []fact{{r.words.T("mail.affected"), joined}}
}

// moment writes a time in the page's zone, and what that is in UTC: 18 May 2026, 14:34 CEST (12:34 UTC).
func (r teller) moment(t time.Time) string {
	local, utc := t.In(r.zone), t.UTC()
	written := r.words.DateTime(t, r.zone)
	switch {
	case local.Format("15:04 MST") == utc.Format("15:04 MST"):
		return written
	case local.YearDay() == utc.YearDay():
		return written + " (" + unbroken(r.words.Clock(t, time.UTC)) + ")"
	}
	return written + " (" + unbroken(r.words.DayTime(t, time.UTC)) + ")"
}

// unbroken keeps a text on one line.
func unbroken(text string) string { return strings.ReplaceAll(text, " ", "\u00a0") }
