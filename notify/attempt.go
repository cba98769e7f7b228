package notify

import (
	"context"
	"errors"
	"runtime/debug"
	"time"
)

// attemptLimit is how long an attempt may take, whatever a sender allows itself. A mail server looks for viruses before it says that it has
// a mail, and is asked several things; RFC 5321 §4.5.3.2 speaks of minutes for each.
var attemptLimit = [channels]time.Duration{Email: 90 * time.Second, Telegram: 20 * time.Second, Webhook: 20 * time.Second}

// flight is one attempt going on, from its start until its outcome is recorded.
type flight struct {
	lane  *lane
	entry Entry
	to    *receiver
	class class
	at    time.Time // wall
	began time.Time // monotonic
	trial int       // of a broken channel: which one; 0: it is none
	last  bool      // the entry was removed meanwhile
}

// start takes the lane's first entry on its way. The lock is held.
func (d *Dispatcher) start(work context.Context, p *pool, l *lane, now, mono time.Time) {
	r := l.to
	f := &flight{lane: l, entry: l.takeFirst(), to: r, class: r.class, at: now, began: mono}
	if p.broken {
		p.trials++
		f.trial, p.trying = p.trials, true
	}
	l.flight = f
	r.busy++
	p.busy[f.class]++
	if h := r.host; h != nil {
		h.busy[f.class]++
		if h.paced.Before(mono) {
			h.paced = mono
		}
		h.paced = h.paced.Add(p.limits.Pace)
	}
	d.flights.Go(func() {
		out, err := d.attempt(work, f)
		d.ended(f, out, err)
	})
}

// attempt makes the letter and sends it. An attempt that was cut off has an outcome only if that is final.
func (d *Dispatcher) attempt(work context.Context, f *flight) (out Outcome, err error) {
	ctx, cancel := context.WithTimeout(work, attemptLimit[f.entry.Channel])
	defer cancel()
	defer func() {
		if p := recover(); p != nil {
			d.opts.Log.Error("an attempt panicked; it counts as failed", "delivery", f.entry.ID, "stack", string(debug.Stack()))
			out, err = Outcome{Kind: Temporary, Reason: Because(Internal)}, nil
		}
	}()
	letter, err := d.opts.Outbox.Letter(ctx, f.entry.ID)
	if err != nil {
		return Outcome{}, err
	}
	out = letter.Send(ctx)
	if work.Err() != nil && (out.Kind == Temporary || out.Kind == Broken) {
		return Outcome{}, nil
	}
	if out.Took == 0 {
		out.Took = time.Since(f.began)
	}
	return out, nil
}

// ended gives the attempt's places back and decides what follows.
func (d *Dispatcher) ended(f *flight, out Outcome, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	defer d.poke()
	now := d.now()
	p := &d.pools[f.entry.Channel]
	p.busy[f.class]--
	if f.to.host != nil {
		f.to.host.busy[f.class]--
	}
	if f.trial > 0 && f.trial == p.trials {
		d.tried(p, out, err)
	}
	switch {
	case errors.Is(err, ErrNoLonger):
		d.close(f, false, now)
	case err != nil || out.Kind == Interrupted:
		d.sayNoLetter(f, err)
		f.entry.Due = againAt(err, now)
		d.close(f, true, now)
	case out.Kind == Broken:
		d.breaks(p, out.Reason, now)
		f.entry.Due = now
		d.close(f, true, now)
	default:
		if f.to.class = classOf(out); f.last {
			f.to.class = fresh // forgotten meanwhile
		}
		d.recorder.add(f, d.report(f, out, now))
	}
}

// report says what follows from an outcome.
func (d *Dispatcher) report(f *flight, out Outcome, now time.Time) Report {
	r := Report{Entry: f.entry, State: Failed, At: f.at, Outcome: out}
	r.Attempts++
	switch out.Kind {
	case Success:
		r.State = Delivered
	case Temporary:
		if wait, again := Delay(r.Attempts, out.RetryAfter, d.opts.Random()); again {
			r.State, r.Due = Waiting, now.Add(wait)
		}
	}
	d.say(r)
	return r
}

// recorded opens the lanes of what is recorded now.
func (d *Dispatcher) recorded(done []filed) {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := d.now()
	for _, it := range done {
		it.flight.entry = it.report.Entry
		d.close(it.flight, it.report.State == Waiting, now)
	}
	d.poke()
}

// close ends a flight: its lane and its receiver are free again, and the entry is back in its lane if it goes on.
func (d *Dispatcher) close(f *flight, goesOn bool, now time.Time) {
	f.lane.flight = nil
	f.to.busy--
	if goesOn && !f.last {
		f.lane.insert(f.entry, now)
	} else {
		d.release(f.entry)
	}
	d.settle(f.lane, now)
}

func (d *Dispatcher) say(r Report) {
	log := d.opts.Log.With("delivery", r.ID, "channel", r.Channel.String(), "subscriber", r.Lane.Subscriber,
		"attempt", r.Attempts, "took", r.Outcome.Took)
	switch r.State {
	case Delivered:
		log.Debug("delivered")
	case Waiting:
		log.Info("a delivery failed for now", "reason", r.Outcome.Reason.String(), "next", r.Due)
	case Failed:
		log.Warn("a delivery failed", "reason", r.Outcome.Reason.String())
	}
}

// againAt is when a letter that could not be made is asked for again.
func againAt(err error, now time.Time) time.Time {
	var later Later
	if errors.As(err, &later) {
		return later.At
	}
	return now.Add(askAgain)
}

func (d *Dispatcher) sayNoLetter(f *flight, err error) {
	if err != nil && !errors.Is(err, context.Canceled) && !errors.As(err, new(Later)) {
		d.opts.Log.Error("a letter could not be made; it is tried again", "delivery", f.entry.ID, "err", err)
	}
}
