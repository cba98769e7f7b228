package api

import (
	"context"
	"strconv"
	"time"

	"statusd/app"
	"statusd/app/model"
	"statusd/app/snapshot"
	"statusd/app/status"
	"statusd/probe"
)

// spansJSON is what a component's uptime was computed from. Its times have milliseconds, so that the sum can be done again.
type spansJSON struct {
	From         millis           `json:"from"`
	To           millis           `json:"to"`
	Spans        []spanJSON       `json:"spans"`
	Maintenances []maintainedJSON `json:"maintenances"`
	Uptime       percent          `json:"uptime"`
	KnownSeconds int64            `json:"knownSeconds"`
}

type spanJSON struct {
	From   millis        `json:"from"`
	To     millis        `json:"to"`
	Status status.Status `json:"status"`
}

type maintainedJSON struct {
	ID   model.MaintenanceID `json:"id"`
	From millis              `json:"from"`
	To   millis              `json:"to"`
}

// percent is an uptime with at most two decimals, null when it is not known.
type percent snapshot.Uptime

// MarshalJSON writes the number.
func (p percent) MarshalJSON() ([]byte, error) {
	if !p.Known {
		return []byte("null"), nil
	}
	return strconv.AppendFloat(nil, float64(p.Hundredths)/100, 'f', -1, 64), nil
}

func showSpans(s model.Spans) spansJSON {
	hundredths, known := s.Totals.Uptime()
	out := spansJSON{
		From: millis(s.Window.From.Time()), To: millis(s.Window.To.Time()),
		Spans: make([]spanJSON, len(s.Spans)), Maintenances: make([]maintainedJSON, len(s.Maintenances)),
		Uptime: percent{hundredths, known}, KnownSeconds: int64(s.Totals.Known() / time.Second),
	}
	for i, one := range s.Spans {
		out.Spans[i] = spanJSON{millis(one.From.Time()), millis(one.To.Time()), one.Status}
	}
	for i, one := range s.Maintenances {
		out.Maintenances[i] = maintainedJSON{one.ID, millis(one.From.Time()), millis(one.To.Time())}
	}
	return out
}

func (a *API) listSpans(ctx context.Context, in call) (app.Answer, error) {
	var wrong model.Invalid
	w := in.interval(&wrong)
	if err := wrong.Err(); err != nil {
		return app.Answer{}, err
	}
	id, err := componentID(in)
	if err != nil {
		return app.Answer{}, err
	}
	s, err := a.App.Spans(ctx, in.by, id, w)
	return found(showSpans(s), err)
}

// resultJSON is one look of a check.
type resultJSON struct {
	At         millis        `json:"at"`
	Status     status.Status `json:"status"`
	LatencyMs  int64         `json:"latencyMs"`
	StatusCode *int          `json:"statusCode"`
	Error      *string       `json:"error"`
	Manual     bool          `json:"manual"`
}

func showResult(r model.Result) resultJSON {
	out := resultJSON{At: millis(r.At), Status: r.Status, LatencyMs: r.Latency.Milliseconds(), Error: sentence(r.Reason), Manual: r.Manual}
	if r.StatusCode != 0 {
		out.StatusCode = &r.StatusCode
	}
	return out
}

// sentence is a recorded reason in English; null when there is none.
func sentence(reason string) *string {
	if reason == "" {
		return nil
	}
	return new(probe.Sentence(reason))
}

func (a *API) listResults(ctx context.Context, in call) (app.Answer, error) {
	var wrong model.Invalid
	wanted := model.Wanted{Within: in.interval(&wrong)}
	wanted.Limit, wanted.Cursor = in.limit(&wrong), in.query.Get("cursor")
	if err := wrong.Err(); err != nil {
		return app.Answer{}, err
	}
	id, err := checkID(in)
	if err != nil {
		return app.Answer{}, err
	}
	rows, err := a.App.Results(ctx, in.by, id, wanted)
	return listed(rows, err, showResult)
}

// window reads ?limit= and ?cursor=.
func (in call) window() (model.Window, error) {
	var wrong model.Invalid
	w := model.Window{Limit: in.limit(&wrong), Cursor: in.query.Get("cursor")}
	return w, wrong.Err()
}

// limit reads ?limit=; 0 when it is not given, and out of any range when it is 0.
func (in call) limit(wrong *model.Invalid) int {
	text := in.query.Get("limit")
	if text == "" {
		return 0
	}
	n, err := strconv.Atoi(text)
	switch {
	case err != nil:
		wrong.Add("limit", "type", "want", "integer")
	case n == 0:
		return -1
	}
	return n
}

// interval reads ?from= and ?to=; 0 for one that is not given.
func (in call) interval(wrong *model.Invalid) status.Interval {
	return status.Interval{From: in.instant("from", wrong), To: in.instant("to", wrong)}
}

func (in call) instant(name string, wrong *model.Invalid) status.Instant {
	text := in.query.Get(name)
	if text == "" {
		return 0
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil || t.Before(time.UnixMilli(1)) {
		wrong.Add(name, "time")
		return 0
	}
	return status.At(t)
}
