package app_test

import (
	"testing"
	"time"

	"statusd/app"
	"statusd/app/incident"
	"statusd/app/model"
)

// TestAnIncidentEndsWithTheUpdateThatIsLeftToSaySo, whichever updates are deleted, in whichever order.
func TestAnIncidentEndsWithTheUpdateThatIsLeftToSaySo(t *testing.T) {
	steps := []incident.Status{incident.Investigating, incident.Resolved, incident.Resolved, incident.Monitoring, incident.Resolved}
	for name, c := range map[string]struct {
		gone []int // steps, in the order of their deletion
		want int   // the step that resolved it
	}{
		"a comment on the end":          {[]int{4, 3, 2}, 1},
		"the first to say so":           {[]int{4, 3, 1}, 2},
		"it was never reopened":         {[]int{3}, 1},
		"nor resolved a second time":    {[]int{3, 4}, 1},
		"the second end, then its open": {[]int{4, 3}, 1},
		"the first ends":                {[]int{1, 2}, 4},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, l *lab) {
				i, err := l.a.CreateIncident(bg, l.by, l.page.ID, func(d *app.IncidentDraft) error {
					d.Title, d.Status, d.Body = model.Text{"en": "Outage"}, steps[0], model.Text{"en": "we look"}
					return nil
				})
				l.must(err)
				for _, to := range steps[1:] {
					l.pass(time.Minute)
					l.must(l.post(i.ID, to))
				}
				all, err := l.a.Incident(bg, l.by, i.ID)
				l.must(err)
				step := func(n int) model.Update { return all.Updates[len(steps)-1-n] }
				for _, n := range c.gone {
					l.pass(time.Minute)
					l.must(l.a.DeleteUpdate(bg, l.by, step(n).ID))
				}
				got, err := l.a.Incident(bg, l.by, i.ID)
				l.must(err)
				if want := step(c.want).Created; got.Status != incident.Resolved || !got.Resolved.Equal(want) {
					t.Errorf("%v at %v, want %v", got.Status, got.Resolved, want)
				}
			})
		})
	}
}

func TestBlanksAreNoGroupAndNoTagline(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		c, err := l.a.UpdateComponent(bg, l.by, l.component("api").ID, func(c *model.Component) error { c.Group, c.Description = "  ", " a "; return nil })
		l.must(err)
		p, err := l.a.UpdatePage(bg, l.by, l.page.ID, func(p *model.Page) error {
			p.Branding.DisplayName, p.Branding.Tagline = " ", "\u00a0"
			return nil
		})
		l.must(err)
		if c.Group != "" || c.Description != "a" || p.Branding.DisplayName != "" || p.Branding.Tagline != "" {
			t.Errorf("%q %q %+v", c.Group, c.Description, p.Branding)
		}
	})
}
