package api

import (
	"time"

	"statusd/app/model"
	"statusd/probe/restart"
)

// firingJSON is one call of a restart target. The check for which it was may be gone; its name stays.
type firingJSON struct {
	ID                    model.FiringID        `json:"id"`
	TargetID              model.RestartTargetID `json:"targetId"`
	Trigger               model.Trigger         `json:"trigger"`
	CheckID               *model.CheckID        `json:"checkId"`
	CheckName             *string               `json:"checkName"`
	PageID                *model.PageID         `json:"pageId"`
	IncidentID            *model.IncidentID     `json:"incidentId"`
	StartedAt             seconds               `json:"startedAt"`
	DurationMs            *int64                `json:"durationMs"`
	Outcome               model.FiringOutcome   `json:"outcome"`
	StatusCode            *int                  `json:"statusCode"`
	ExitCode              *int                  `json:"exitCode"`
	Output                *string               `json:"output"`
	Error                 *string               `json:"error"`
	ErrorCode             *string               `json:"errorCode"`
	RecoveredAfterSeconds *int64                `json:"recoveredAfterSeconds"`
	GaveUpAt              seconds               `json:"gaveUpAt"`
}

func showFiring(f model.Firing) firingJSON {
	why := restart.DecodeReason(f.Reason)
	out := firingJSON{
		ID: f.ID, TargetID: f.Target, Trigger: f.Trigger, CheckID: idOrNull(f.Check), CheckName: orNull(f.CheckName), PageID: idOrNull(f.Page),
		IncidentID: idOrNull(f.Incident), StartedAt: seconds(f.Started), Outcome: f.Outcome, ExitCode: f.ExitCode, Output: orNull(f.Output),
		Error: orNull(why.String()), ErrorCode: orNull(string(why.Code)), GaveUpAt: seconds(f.GaveUp),
	}
	if f.Outcome == model.FiringSucceeded || f.Outcome == model.FiringFailed {
		out.DurationMs = new(f.Duration.Milliseconds())
	}
	if f.StatusCode != 0 {
		out.StatusCode = &f.StatusCode
	}
	if after, recovered := f.RecoveredAfter(); recovered {
		out.RecoveredAfterSeconds = new(int64(after / time.Second))
	}
	return out
}

// idOrNull is how the id of something that may be missing is shown.
func idOrNull[K any](id model.ID[K]) *model.ID[K] {
	if id == 0 {
		return nil
	}
	return &id
}

// connectionJSON is what a check of the connection to a target found.
type connectionJSON struct {
	OK          bool    `json:"ok"`
	Detail      string  `json:"detail"`
	DetailCode  string  `json:"detailCode"`
	HostKey     *string `json:"hostKey"`
	Fingerprint *string `json:"fingerprint"`
}

func showConnection(c model.Connection) connectionJSON {
	detail := restart.DecodeReason(c.Detail)
	return connectionJSON{
		OK: c.OK, Detail: detail.String(), DetailCode: string(detail.Code), HostKey: orNull(c.HostKey), Fingerprint: orNull(c.Fingerprint),
	}
}

// bindingJSON is how a check is bound to a restart target.
type bindingJSON struct {
	TargetID        model.RestartTargetID `json:"targetId"`
	Threshold       int                   `json:"threshold"`
	CooldownSeconds int64                 `json:"cooldownSeconds"`
	MaxFirings      int                   `json:"maxFirings"`
}

var blankBinding = model.NewBinding(0)

// bindingFields are the fields of a binding (SPEC §2).
var bindingFields = fields[model.Binding]{
	"targetId":        setTarget,
	"threshold":       func(b *model.Binding, g given) { g.integer(&b.Threshold, blankBinding.Threshold) },
	"cooldownSeconds": func(b *model.Binding, g given) { g.duration(&b.Cooldown, time.Second, blankBinding.Cooldown) },
	"maxFirings":      func(b *model.Binding, g given) { g.integer(&b.MaxFirings, blankBinding.MaxFirings) },
}

func setTarget(b *model.Binding, g given) {
	var id string
	g.text(&id, "")
	switch {
	case g.wrong.Has(g.path):
	case g.null():
		b.Target = 0
	case b.Target.UnmarshalText([]byte(id)) != nil:
		g.refuse("unknown_target")
	}
}

// setRestart merges the given part into how the check is bound, or into the defaults when it is not; null unbinds it.
func setRestart(c *model.Check, g given) {
	if g.null() {
		c.Restart = model.Binding{}
		return
	}
	b := c.Restart
	if !b.Bound() {
		b = blankBinding
	}
	bindingFields.nested(&b, g)
	if target := g.path + ".targetId"; !b.Bound() && !g.wrong.Has(g.path) && !g.wrong.Has(target) {
		g.wrong.Add(target, "required")
	}
	c.Restart = b
}

func showBinding(b model.Binding) *bindingJSON {
	if !b.Bound() {
		return nil
	}
	return &bindingJSON{TargetID: b.Target, Threshold: b.Threshold, CooldownSeconds: int64(b.Cooldown / time.Second), MaxFirings: b.MaxFirings}
}
