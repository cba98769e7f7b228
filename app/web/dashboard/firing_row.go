package dashboard

import (
	"strconv"
	"time"

	"statusd/app/model"
	"statusd/app/status"
	"statusd/app/web/view"
)

// firingRow is a call of a restart target, as logs, checks and incidents show it.
type firingRow struct {
	ID        string
	At        stamp
	Target    string // "" where the log is of one target, and when that is gone
	TargetURL string
	Cause     string // what made it fire; "" where that goes without saying
	CheckURL  string // "" for none: by hand, or the check is gone
	Status    status.Status
	Result    string // "Status 200", "Exit 0", "Failed"
	Took      string // "" while nobody knows
	Reason    string // why it failed
	Proof     string // what became of the check; "" for a test
	Proven    bool   // it is good again
	Output    string
	GaveUp    bool // it was the last of its outage
}

// firingLog makes rows of firings, and asks once for each of their checks where it is.
type firingLog struct {
	s     *Site
	v     *visit
	links map[model.CheckID]string
}

func (s *Site) firingLog(v *visit) firingLog { return firingLog{s, v, map[model.CheckID]string{}} }

// rows are those of a log, in its order.
func (l firingLog) rows(firings []model.Firing) (rows []firingRow) {
	for _, f := range firings {
		rows = append(rows, l.row(f))
	}
	return rows
}

// withTargets makes rows of firings of several targets: each says which it called.
func (l firingLog) withTargets(firings []model.Firing) ([]firingRow, error) {
	if len(firings) == 0 {
		return nil, nil
	}
	targets, err := l.s.restartTargets(l.v)
	if err != nil {
		return nil, err
	}
	rows := l.rows(firings)
	for i, f := range firings {
		for _, r := range targets {
			if r.ID == f.Target {
				rows[i].Target, rows[i].TargetURL = view.Name(r.Name), l.s.paths.RestartTarget(l.v.page, r.ID, "")+"#firing-"+f.ID.String()
			}
		}
	}
	return rows, nil
}

func (l firingLog) row(f model.Firing) firingRow {
	v := l.v
	row := firingRow{
		ID: f.ID.String(), At: v.exact(f.Started), Status: firingStatus[f.Outcome], Result: v.firingResult(f), Reason: v.words.Restart(f.Reason),
		Output: f.Output, GaveUp: !f.GaveUp.IsZero(),
	}
	if f.Outcome == model.FiringSucceeded || f.Outcome == model.FiringFailed {
		row.Took = v.took(f.Duration)
	}
	if f.Trigger == model.ByTest {
		row.Cause = v.t("firing.byHand")
		return row
	}
	row.Cause = v.t("firing.gone")
	if f.CheckName != "" {
		row.Cause = view.InSentence(f.CheckName)
	}
	row.CheckURL = l.link(f.Check)
	row.Proof, row.Proven = l.s.proof(v, f)
	return row
}

// took is how long a call lasted: a request is measured in milliseconds, a restart in seconds and minutes.
func (v *visit) took(d time.Duration) string {
	if d < 10*time.Second {
		return v.words.Millis(d)
	}
	return v.roughly(d)
}

// link leads to a check; "" when that is gone. A log outlives checks, and is worth showing without its links.
func (l firingLog) link(id model.CheckID) string {
	link, asked := l.links[id]
	if !asked && id != 0 {
		if c, err := l.s.App.Check(l.v.c.Request().Context(), l.v.actor, id); err == nil {
			link = l.s.paths.Check(model.Page{ID: c.Page, Workspace: c.Workspace}, id, "")
		}
		l.links[id] = link
	}
	return link
}

// firingResult says what came of a call in two words: the answer's status or the command's exit code where there was one.
func (v *visit) firingResult(f model.Firing) string {
	switch {
	case f.Outcome == model.FiringRuns || f.Outcome == model.FiringInterrupted:
		return v.t("firing.outcome." + f.Outcome.String())
	case f.StatusCode != 0:
		return v.t("firing.status", "Code", strconv.Itoa(f.StatusCode))
	case f.ExitCode != nil:
		return v.t("firing.exit", "Code", strconv.Itoa(*f.ExitCode))
	}
	return v.t("firing.outcome." + f.Outcome.String())
}

// proof says what became of the check, which is what a restart is for.
func (s *Site) proof(v *visit, f model.Firing) (words string, good bool) {
	after, recovered := f.RecoveredAfter()
	_, now := s.App.Latest(f.Check)
	down := f.Check != 0 && now == status.Down
	switch gaveUp := !f.GaveUp.IsZero(); {
	case gaveUp && recovered: // by whatever else
		return v.t("firing.gaveUp.recovered", "Span", v.roughly(after)), false
	case gaveUp && down:
		return v.t("firing.gaveUp"), false
	case gaveUp:
		return v.t("firing.gaveUp.past"), false
	case recovered && f.Again:
		return v.t("firing.again"), false
	case recovered:
		return v.t("firing.recovered", "Span", v.roughly(after)), true
	case f.Outcome == model.FiringRuns:
		return "", false
	case down:
		return v.t("firing.stillDown"), false
	}
	return v.t("firing.unknown"), false
}
