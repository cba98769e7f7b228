package public

import (
	"time"

	"statusd/app/incident"
	"statusd/app/model"
)

// incidentCard is an incident with its timeline: on the page while it is open, and on a page of its own.
type incidentCard struct {
	ID       model.IncidentID
	Title    phrase
	URL      string // "" on its own page
	Impact   incident.Impact
	Affected string   // "" when it concerns everybody
	Started  *moment  // while it is open
	Began    *instant // once it is over, with Ended and Lasted
	Ended    *instant
	Lasted   string
	Updates  []update // newest first
	Earlier  []update // behind a fold
	Fold     string   // its words
}

// update is an entry of a timeline.
type update struct {
	ID     model.UpdateID
	Status incident.Status
	At     instant
	Body   *prose
	Own    bool // on the incident's own page, where it stands right below the title
}

// How much of the open incidents' timelines the page shows at once: a long night must not push the components out of sight.
const (
	updatesShown = 3 // of each of the first incidents
	cardsInFull  = 3 // of the others only the newest update
)

// activeCards are the open incidents, newest first.
func (s scene) activeCards() []incidentCard {
	cards := make([]incidentCard, len(s.Active))
	for i, t := range s.Active {
		cards[i] = s.card(t)
		cards[i].URL = s.incidentURL(t.ID)
		if i < cardsInFull {
			cards[i].fold(updatesShown, s)
		} else {
			cards[i].fold(1, s)
		}
	}
	return cards
}

// fold puts all updates but the newest ones behind a fold, when that hides more than one.
func (c *incidentCard) fold(shown int, s scene) {
	if hidden := len(c.Updates) - shown; hidden > 1 {
		c.Updates, c.Earlier = c.Updates[:shown], c.Updates[shown:]
		c.Fold = s.words.N("incident.earlier", hidden)
	}
}

func (s scene) card(t model.Timeline) incidentCard {
	c := incidentCard{ID: t.ID, Title: s.phrase(t.Title), Impact: t.Impact, Affected: s.affected(t.Affected)}
	if t.Open() {
		started := s.ago(t.Started)
		c.Started = &started
	} else {
		began, ended := s.instant(t.Started, formBegin), s.end(t.Resolved, t.Started)
		c.Began, c.Ended, c.Lasted = &began, &ended, s.lasted(t.Started, t.Resolved)
	}
	for _, u := range t.Updates {
		c.Updates = append(c.Updates, update{u.ID, u.Status, s.instant(u.Created, formDay), s.prose(u.Body), false})
	}
	return c
}

func (s scene) lasted(from, to time.Time) string { return s.words.Span(max(0, to.Sub(from))) }

// incidentURL is an incident's page in the language of this one.
func (s scene) incidentURL(id model.IncidentID) string {
	return s.paths.In(s.paths.Incident(s.Page.Slug, id), s.lang)
}

// find is an incident that the facts hold; false when it is older, or unknown.
func (s scene) find(id model.IncidentID) (model.Timeline, bool) {
	for _, list := range [][]model.Timeline{s.Active, s.Past} {
		for _, t := range list {
			if t.ID == id {
				return t, true
			}
		}
	}
	return model.Timeline{}, false
}
