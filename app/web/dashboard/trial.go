package dashboard

import (
	"fmt"
	"time"

	"statusd/app"
	"statusd/app/status"
	"statusd/probe"
)

// trial is what a probe found that somebody asked for, with the time each phase took.
type trial struct {
	Status   status.Status
	Sentence string // "Works: 200 OK in 142 ms"
	Phases   []phase
	Total    string
	Address  string // that answered
	Saved    bool   // a run of a saved check, not a test of a form
}

// phase is a bar of the waterfall: from and width in hundredths of the whole.
type phase struct {
	Name, Took  string
	From, Width string
}

func (v *visit) trial(r probe.Result) *trial {
	t := &trial{Status: app.StatusOf(r.Outcome), Total: v.words.Millis(r.Latency), Address: r.RemoteAddr}
	switch {
	case r.Sick:
		t.Status = status.NoData
		t.Sentence = v.t("trial.blind", "Reason", v.words.Reason(r.Reason.Encode()))
	case r.Outcome == probe.Down:
		t.Sentence = v.t("trial.down", "Reason", v.words.Reason(r.Reason.Encode()))
	case r.Outcome == probe.Degraded:
		t.Sentence = v.t("trial.slow", "Code", r.StatusCode, "Took", t.Total)
	default:
		t.Sentence = v.t("trial.works", "Code", r.StatusCode, "Took", t.Total)
	}
	t.Phases = v.phases(r.Phases)
	return t
}

// phases draws what took its time; what did not happen is left out.
func (v *visit) phases(p probe.Phases) []phase {
	total := p.DNS + p.Connect + p.TLS + p.FirstByte + p.Body
	if total <= 0 {
		return nil
	}
	var out []phase
	var before time.Duration
	for _, one := range []struct {
		key  string
		took time.Duration
	}{{"phase.dns", p.DNS}, {"phase.connect", p.Connect}, {"phase.tls", p.TLS}, {"phase.firstByte", p.FirstByte}, {"phase.body", p.Body}} {
		if one.took > 0 {
			out = append(out, phase{v.t(one.key), v.words.Millis(one.took), hundredths(before, total), hundredths(one.took, total)})
		}
		before += one.took
	}
	return out
}

func hundredths(part, whole time.Duration) string {
	return fmt.Sprintf("%.1f", 100*float64(part)/float64(whole))
}
