package public

import (
	"slices"
	"time"

	"statusd/app/incident"
	"statusd/app/locale"
	"statusd/app/model"
	"statusd/app/snapshot"
	"statusd/app/status"
	"statusd/app/web/view"
)

// verdict is the answer: one sentence, then what it leaves out.
type verdict struct {
	Status   status.Status
	Sentence string
	Details  []string
	Checked  *moment // nil: never
}

func newVerdict(s scene) verdict {
	names := byStatus(s.Facts)
	v := verdict{}
	v.Status, v.Sentence = s.headline(names)
	v.Details = s.details(names, v.Status)
	if at := lastChecked(s.Facts); !at.IsZero() {
		checked := s.ago(at)
		v.Checked = &checked
	}
	return v
}

// headline says what is worst: what the checks find of the components, or else what people or statusd itself tell of. While an
// incident is open, or a window in progress, all is not well whatever the checks find.
func (s scene) headline(names map[status.Status][]string) (status.Status, string) {
	if told := standing(s.Active); told > s.Overall {
		return told, s.incidentHeadline()
	}
	if s.isMaintained() && s.Overall < status.Maintenance {
		return status.Maintenance, s.words.T("verdict.maintenance")
	}
	return s.Overall, s.componentHeadline(names)
}

// componentHeadline names one component, two, or how many of how many.
func (s scene) componentHeadline(names map[status.Status][]string) string {
	switch s.Overall {
	case status.Down:
		return affected("verdict.down.", names[status.Down], len(s.Components), s.words)
	case status.Degraded:
		return affected("verdict.degraded.", names[status.Degraded], len(s.Components), s.words)
	case status.Maintenance:
		return s.words.T("verdict.maintenance")
	case status.Operational:
		return s.words.T("verdict.operational")
	}
	if s.everSeen() {
		return s.words.T("verdict.no-data.now")
	}
	return s.words.T("verdict.no-data")
}

// everSeen says that something is known of a component, if only from the past: statusd may have been off, or blind, since.
func (s scene) everSeen() bool {
	return slices.ContainsFunc(s.Components, func(c snapshot.Component) bool { return c.Uptime30d.Known || !c.LastChecked.IsZero() })
}

// incidentHeadline tells impact and state of the open incident, or how many there are; or that all is good again, and watched.
func (s scene) incidentHeadline() string {
	if s.Overall == status.Operational && !slices.ContainsFunc(s.Active, unmonitored) {
		return s.words.T("verdict.recovered")
	}
	if n := len(s.Active); n > 1 {
		return s.words.N("verdict.incidents", n)
	}
	one := s.Active[0]
	return s.words.T("verdict.incident."+one.Impact.String(), "State", s.words.T("verdict.state."+one.Status.String()))
}

// unmonitored says that nobody claims an incident's cause to be gone.
func unmonitored(t model.Timeline) bool { return t.Status != incident.Monitoring }

// standing is how bad the open incidents say that it is: as a component that is down when one is critical and not yet only monitored, else
// as a slow one.
func standing(open []model.Timeline) status.Status {
	worst := status.NoData
	for _, t := range open {
		if t.Impact == incident.Critical && unmonitored(t) {
			return status.Down
		}
		worst = status.Degraded
	}
	return worst
}

func affected(key string, names []string, total int, words *locale.Words) string {
	switch n := len(names); {
	case n == 1:
		return words.T(key+"one", "Name", names[0])
	case n == 2:
		return words.T(key+"two", "Names", words.List(names))
	case n == total:
		return words.T(key + "all")
	default:
		return words.N(key+"many", n, "Total", words.Number(total))
	}
}

// details are sentences about the components that the headline, of a status, does not speak of, worst first.
func (s scene) details(names map[status.Status][]string, headline status.Status) []string {
	if len(s.Components) == 0 {
		return []string{s.words.T("details.empty")}
	}
	if lastChecked(s.Facts).IsZero() && len(names[status.NoData]) == len(s.Components) { // else some are set by hand
		if s.everSeen() {
			return []string{s.words.T("details.blind")}
		}
		return []string{s.words.T("details.waiting")}
	}
	var out []string
	if slow := names[status.Degraded]; len(slow) > 0 && headline != status.Degraded {
		out = append(out, some("details.degraded.", slow, s.words))
	}
	if planned := names[status.Maintenance]; len(planned) > 0 {
		out = append(out, some("details.maintenance.", planned, s.words))
	}
	if unknown := len(names[status.NoData]); unknown > 0 && headline != status.NoData {
		out = append(out, s.words.N("details.no-data", unknown))
	}
	return append(out, s.goodOnes(len(names[status.Operational]), headline)...)
}

// goodOnes tells of the components that work as they should.
func (s scene) goodOnes(good int, headline status.Status) []string {
	switch {
	case good == 0:
		return nil
	case good < len(s.Components):
		return []string{s.words.N("details.others", good)}
	case headline != status.Operational:
		return []string{s.words.N("details.all", good)}
	}
	return []string{s.words.N("details.operational", good)}
}

// some names one or two and counts more.
func some(key string, names []string, words *locale.Words) string {
	if len(names) > 2 {
		return words.N(key+"many", len(names))
	}
	return words.N(key+"named", len(names), "Names", words.List(names))
}

// lastChecked is the newest look at any component.
func lastChecked(f snapshot.Facts) time.Time {
	var newest time.Time
	for _, c := range f.Components {
		if c.LastChecked.After(newest) {
			newest = c.LastChecked
		}
	}
	return newest
}

// byStatus sorts components into their states, each in the page's order.
func byStatus(f snapshot.Facts) map[status.Status][]string {
	names := map[status.Status][]string{}
	for _, c := range f.Components {
		names[c.Status] = append(names[c.Status], view.InSentence(c.Name))
	}
	return names
}
