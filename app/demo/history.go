package demo

import (
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"statusd/app/status"
)

// life is how a component has fared: how many days it has been there, and what happened in them.
type life struct {
	days       int
	outages    int           // of minutes to hours, on any day
	evenings   int           // on which it was slow
	storm      bool          // whether it went down with others on the one bad day
	shaky      int           // short outages within the last hours
	slowAtLast time.Duration // for how long it has been slow when the demo begins
	trend      float64       // by how much its latency has grown in all that time: 1 is twice
}

// On two days something happened to many at once. They are counted back from today.
const (
	rebuilt  = 57 // statusd's own server was rebuilt: nothing is known of that day
	stormDay = 23
)

// seed makes every demo tell the same story.
const seed = 0x5747_5553

// past is what happened to one component until now, and the dice for its details.
type past struct {
	service
	number uint64
	from   status.Instant
	now    status.Instant
	spans  []status.Span
}

func newPast(s service, number uint64, now status.Instant) *past {
	today := status.DayOf(now)
	p := &past{service: s, number: number, from: today.Add(-time.Duration(s.days-1) * day), now: now}
	p.spans = overlay(status.Interval{From: p.from, To: now}, append(p.common(today), p.own(today)...))
	return p
}

// dice are the same for the same part of the same component.
func (p *past) dice(part uint64) *rand.Rand { return rand.New(rand.NewPCG(seed+p.number, part)) }

// common are the events that all had, or many.
func (p *past) common(today status.Instant) []status.Span {
	events := []status.Span{lasting(today.Add(-rebuilt*day), day, status.NoData)}
	if p.storm {
		began := today.Add(-stormDay*day + 9*time.Hour + 12*time.Minute)
		events = append(events,
			lasting(began.Add(-38*time.Minute), 40*time.Minute, status.Degraded),
			lasting(began, 107*time.Minute, status.Down),
			lasting(began.Add(107*time.Minute), 64*time.Minute, status.Degraded))
	}
	return events
}

// own are the events that only this component had.
func (p *past) own(today status.Instant) []status.Span {
	r := p.dice(0)
	var events []status.Span
	anyDay := func() status.Instant { return today.Add(-time.Duration(1+r.IntN(p.days-1)) * day) }
	for range p.outages {
		began := anyDay().Add(time.Duration(r.IntN(24*60)) * time.Minute)
		events = append(events, lasting(began, between(r, 3*time.Minute, 140*time.Minute), status.Down))
	}
	for range p.evenings {
		began := anyDay().Add(18*time.Hour + time.Duration(r.IntN(120))*time.Minute)
		events = append(events, lasting(began, between(r, 25*time.Minute, 3*time.Hour), status.Degraded))
	}
	for range p.shaky {
		began := p.now.Add(-time.Hour - time.Duration(r.IntN(19*60))*time.Minute)
		events = append(events, lasting(began, between(r, 2*time.Minute, 8*time.Minute), status.Down))
	}
	return append(events, lasting(p.now.Add(-p.slowAtLast), p.slowAtLast, status.Degraded))
}

func lasting(from status.Instant, d time.Duration, s status.Status) status.Span {
	return status.Span{Interval: status.Interval{From: from, To: from.Add(d)}, Status: s}
}

// between draws a duration: short ones are likelier than long ones, as with real outages.
func between(r *rand.Rand, least, most time.Duration) time.Duration {
	span := math.Log(float64(most) / float64(least))
	return time.Duration(float64(least) * math.Exp(span*r.Float64())).Truncate(time.Second)
}

// overlay is a time in which all was well but for the events: the worst of those that overlap counts, and where nobody was
// looking there is nothing.
func overlay(w status.Interval, events []status.Span) []status.Span {
	cuts := []status.Instant{w.From, w.To}
	for _, e := range events {
		if part := e.Clip(w); !part.Empty() {
			cuts = append(cuts, part.From, part.To)
		}
	}
	slices.Sort(cuts)
	var spans []status.Span
	for i, to := range cuts[1:] {
		part := status.Interval{From: cuts[i], To: to}
		s := worst(events, part.From)
		switch last := len(spans) - 1; {
		case part.Empty() || s == status.NoData:
		case last >= 0 && spans[last].To == part.From && spans[last].Status == s:
			spans[last].To = part.To
		default:
			spans = append(spans, status.Span{Interval: part, Status: s})
		}
	}
	return spans
}

// worst is what counts at an instant.
func worst(events []status.Span, at status.Instant) status.Status {
	s := status.Operational
	for _, e := range events {
		if e.From > at || e.To <= at {
			continue
		}
		if e.Status == status.NoData {
			return status.NoData
		}
		s = max(s, e.Status)
	}
	return s
}
