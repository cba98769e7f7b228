package demo

import (
	"time"

	"statusd/app/model"
	"statusd/app/status"
	"statusd/probe"
)

// restartedSince is for how long there has been a restart target.
const restartedSince = 40 * time.Hour

// firings are the calls of the restart target of a check: in an outage three failures make one, and each cooldown another. The first of
// an outage that takes several finds the service too busy to hear of it.
func (p *past) firings(check int) (out []model.Firing) {
	if !p.checks[check].restarts {
		return nil
	}
	tooBusy := probe.Reason{Code: "status", Args: []string{"503", "200-299"}}.Encode()
	rule, r := model.NewBinding(0), p.dice(uint64(100+check))
	for _, s := range p.spans {
		if s.Status != status.Down || s.From < p.now.Add(-restartedSince) || s.To >= p.now {
			continue
		}
		at := s.From.Add(time.Duration(rule.Threshold-1)*interval + between(r, time.Second, interval))
		for n := 0; n < rule.MaxFirings && at < s.To; n++ {
			f := model.Firing{
				Started: at.Time(), Duration: time.Duration(300+r.IntN(900)) * time.Millisecond,
				Outcome: model.FiringSucceeded, StatusCode: 204, Recovered: s.To.Time(),
			}
			if at = at.Add(cooldown + interval); n == 0 && at < s.To {
				f.Outcome, f.StatusCode, f.Reason, f.Output = model.FiringFailed, 503, tooBusy, "busy: try again later\n"
			}
			out = append(out, f)
		}
	}
	return out
}
