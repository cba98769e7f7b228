package demo

import (
	"math"
	"math/rand/v2"
	"net/http"
	"time"

	"statusd/app"
	"statusd/app/model"
	"statusd/app/status"
	"statusd/probe"
)

// recent is for how long single results are there; before, hours are.
const recent = 24 * time.Hour

// cutover is where single results begin: with a full hour.
func (p *past) cutover() status.Instant {
	at := p.now.Add(-recent)
	return max(p.from, at-at%status.Instant(time.Hour.Milliseconds()))
}

// seenBy is what one check saw of the component's spans: an outage hits all of them, slowness only the first.
func (p *past) seenBy(check int) []status.Span {
	spans := append([]status.Span(nil), p.spans...)
	for i := range spans {
		if check > 0 && spans[i].Status == status.Degraded {
			spans[i].Status = status.Operational
		}
	}
	return spans
}

// hours are what the hours before the single results came to. An hour in which nobody looked has none.
func (p *past) hours(check int) []app.Hour {
	r, spans := p.dice(uint64(1+2*check)), p.seenBy(check)
	var out []app.Hour
	for from := p.from; from < p.cutover(); from = from.Add(time.Hour) {
		hour := status.Interval{From: from, To: from.Add(time.Hour)}
		for len(spans) > 0 && spans[0].To <= hour.From {
			spans = spans[1:]
		}
		sum := status.Sum(spans, nil, hour)
		if sum.Known() == 0 {
			continue
		}
		h := app.Hour{From: from}
		h.Operational, h.Degraded, h.Down = looks(sum.Operational), looks(sum.Degraded), looks(sum.Down)
		usual := p.usual(check, from.Add(30*time.Minute))
		mean := jitter(r, usual, 0.06)
		h.Latency = time.Duration(h.Operational)*mean + time.Duration(h.Degraded)*(mean+limp)
		h.Slowest = min(jitter(r, 2*usual, 0.3), slowAfter-time.Millisecond)
		if h.Degraded > 0 {
			h.Slowest = jitter(r, (mean+limp)*5/4, 0.15)
		}
		out = append(out, h)
	}
	return out
}

func looks(d time.Duration) int { return int(d / interval) }

// unavailable is what a failed look found.
var unavailable = probe.Reason{Code: "status", Args: []string{"503", "200-299"}}.Encode()

// results are the single looks until now.
func (p *past) results(check int) []model.Result {
	r, spans := p.dice(uint64(2+2*check)), p.seenBy(check)
	out := make([]model.Result, 0, looks(p.now.Sub(p.cutover())))
	phase := time.Duration(r.Int64N(int64(interval)))
	for at := p.cutover().Add(phase); at < p.now; at = at.Add(interval) {
		for len(spans) > 0 && spans[0].To <= at {
			spans = spans[1:]
		}
		if len(spans) > 0 && spans[0].From <= at {
			out = append(out, p.result(r, check, at, spans[0].Status))
		}
	}
	return out
}

func (p *past) result(r *rand.Rand, check int, at status.Instant, s status.Status) model.Result {
	latency := jitter(r, p.usual(check, at), 0.2)
	if r.IntN(150) == 0 {
		latency *= 3 // a hiccup, as everybody has
	}
	result := model.Result{At: at.Time(), Status: s, Latency: min(latency, slowAfter-time.Millisecond), StatusCode: http.StatusOK}
	switch s {
	case status.Degraded:
		result.Latency = latency + limp
	case status.Down:
		result.StatusCode, result.Reason = http.StatusServiceUnavailable, unavailable
	}
	return result
}

// usual is a check's latency at an instant: more in the afternoon than at night, less at weekends, and more with the trend.
func (p *past) usual(check int, at status.Instant) time.Duration {
	t := at.Time()
	busy := (1 - math.Cos(2*math.Pi*(float64(t.Hour())+float64(t.Minute())/60-3)/24)) / 2 // most at three in the afternoon
	if t.Weekday() == time.Saturday || t.Weekday() == time.Sunday {
		busy *= 0.4
	}
	grown := p.trend * float64(at-p.from) / float64(p.now-p.from)
	return time.Duration(float64(p.checks[check].usual) * (1 + 0.5*busy) * (1 + grown))
}

// jitter is a duration that is off by up to a share of it.
func jitter(r *rand.Rand, d time.Duration, share float64) time.Duration {
	return time.Duration(float64(d) * (1 - share + 2*share*r.Float64()))
}
