package public

import (
	"time"

	"statusd/app/locale"
	"statusd/app/snapshot"
	"statusd/app/status"
)

// verdict is the answer: one sentence, then what it leaves out.
type verdict struct {
	Status   status.Status
	Sentence string
	Details  []string
	Checked  *moment // nil: never
}

func newVerdict(f snapshot.Facts, words *locale.Words) verdict {
	names := byStatus(f)
	v := verdict{
		Status:   f.Overall,
		Sentence: headline(f, names, words),
		Details:  details(f, names, words),
	}
	if at := lastChecked(f); !at.IsZero() {
		v.Checked = &moment{at.UTC().Format(time.RFC3339), words.DateTime(at, zoneOf(f)), "long"}
	}
	return v
}

// headline names what is worst: one component, two, or how many of how many.
func headline(f snapshot.Facts, names map[status.Status][]string, words *locale.Words) string {
	switch f.Overall {
	case status.Down:
		return affected("verdict.down.", names[status.Down], len(f.Components), words)
	case status.Degraded:
		return affected("verdict.degraded.", names[status.Degraded], len(f.Components), words)
	case status.Maintenance:
		return words.T("verdict.maintenance")
	case status.Operational:
		return words.T("verdict.operational")
	}
	return words.T("verdict.no-data")
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

// details are sentences about the components that the headline does not speak of, worst first.
func details(f snapshot.Facts, names map[status.Status][]string, words *locale.Words) []string {
	if len(f.Components) == 0 {
		return []string{words.T("details.empty")}
	}
	if lastChecked(f).IsZero() {
		return []string{words.T("details.waiting")}
	}
	var out []string
	if slow := names[status.Degraded]; len(slow) > 0 && f.Overall != status.Degraded {
		out = append(out, some("details.degraded.", slow, words))
	}
	if planned := names[status.Maintenance]; len(planned) > 0 {
		out = append(out, some("details.maintenance.", planned, words))
	}
	if unknown := len(names[status.NoData]); unknown > 0 && f.Overall != status.NoData {
		out = append(out, words.N("details.no-data", unknown))
	}
	if good := len(names[status.Operational]); good == len(f.Components) {
		out = append(out, words.N("details.operational", good))
	} else if good > 0 {
		out = append(out, words.N("details.others", good))
	}
	return out
}

// some names one or two and counts more.
func some(key string, names []string, words *locale.Words) string {
	if len(names) > 2 {
		return words.N(key+"many", len(names))
	}
	return words.N(key+"named", len(names), "Names", words.List(names))
}
