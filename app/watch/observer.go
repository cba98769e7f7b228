package watch

import (
	"context"
	"errors"
	"slices"
	"time"

	"statusd/app/model"
	"statusd/app/status"
	"statusd/probe"
	"statusd/store"
)

// observer takes probe results in and writes them: what changes nothing waits for company, at most a second; what changes a
// status is written at once, together with what has come before it.
type observer struct {
	w    *Watch
	in   chan observed
	held []observed // not written yet
}

// observed is a result on its way to the database.
type observed struct {
	check   model.CheckID
	version int64 // of the check that looked
	manual  bool
	at      status.Instant // when a manual one was: the person has been told, so the record says the same
	probe.Result
}

const (
	commitWithin = time.Second
	commitAt     = 500             // results
	beat         = 5 * time.Second // between signs of life
	holdAtMost   = 20_000          // results, while the disk takes none: older ones are let go, and counted
)

func newObserver(w *Watch) *observer {
	return &observer{w: w, in: make(chan observed, 2*maxInFlight)}
}

// look probes a check at its time. A probe that was cut off is no outcome.
func (w *Watch) look(ctx context.Context, c model.Check) {
	began := time.Now()
	result, err := w.Look(ctx, c)
	if err != nil {
		return
	}
	w.counted.probed(result, time.Since(began))
	w.Take(ctx, c, result)
}

// Take hands what a look at a check found to the observer, which records and judges it. A look in which statusd could not see says
// nothing about the target, which then grows stale.
func (w *Watch) Take(ctx context.Context, c model.Check, found probe.Result) {
	w.heard.at(c.ID, w.mono())
	if found.Sick {
		w.cfg.Log.Warn("statusd cannot see", "check", c.ID, "why", found.Reason.String())
		return
	}
	select {
	case w.observer.in <- observed{check: c.ID, version: c.Version, Result: found}:
	case <-ctx.Done():
	}
}

// TakeManual is Take for a look that a person asked for, which is recorded as such and never judged. It waits for nobody, and says
// what the record will be.
func (w *Watch) TakeManual(c model.Check, found probe.Result) model.Result {
	r := observed{check: c.ID, version: c.Version, manual: true, at: w.Now().Add(-time.Since(found.At)), Result: found}
	select {
	case w.observer.in <- r:
	default: // more results are waiting than the database takes: the answer stands, its record does not
		w.cfg.Log.Warn("manual result not recorded", "check", c.ID, "err", errors.New("observer is full"))
	}
	return recorded(r, r.at)
}

// run is the observer's loop, until the context ends; then it writes what it has.
func (o *observer) run(stop context.Context) {
	ctx := context.WithoutCancel(stop) // a stop undoes no commit
	signs := time.NewTicker(beat)
	defer signs.Stop()
	due := time.NewTimer(commitWithin)
	due.Stop()
	defer due.Stop()
	for {
		select {
		case r := <-o.in:
			if len(o.held) == 0 {
				due.Reset(commitWithin)
			}
			o.held = append(o.held, r)
			if len(o.held) >= commitAt || o.w.turns(r) {
				o.takeMore()
				o.commit(ctx)
			}
		case <-due.C:
			o.commit(ctx)
		case <-signs.C:
			o.commit(ctx)
		case <-stop.Done():
			o.takeMore()
			o.commit(ctx)
			return
		}
	}
}

// takeMore collects what is waiting already, so that changes that come together are written together.
func (o *observer) takeMore() {
	for {
		select {
		case r := <-o.in:
			o.held = append(o.held, r)
		default:
			return
		}
	}
}

// turns says whether a result may change a status, or an incident.
func (w *Watch) turns(r observed) bool {
	w.mu.RLock()
	defer w.mu.RUnlock()
	l := w.checks[r.check]
	if l == nil || r.manual {
		return false
	}
	now := w.ruler.Last()
	return StatusOf(r.Outcome) != l.status(now) || w.strikes(l, r, now)
}

// commit writes what is held, or a sign of life when there is nothing. What cannot be written is kept for the next time.
func (o *observer) commit(ctx context.Context) {
	durability := store.Relaxed
	if slices.ContainsFunc(o.held, o.w.turns) {
		durability = store.Synced
	}
	began := time.Now()
	err := o.w.record(ctx, durability, o.held)
	o.w.counted.committed(time.Since(began), err)
	if err == nil {
		o.held = o.held[:0]
		return
	}
	o.w.glance()
	o.w.cfg.Log.Error("results could not be written; they are kept", "results", len(o.held), "err", err)
	if over := len(o.held) - holdAtMost; over > 0 {
		o.w.cfg.Log.Error("results are let go: the database has not taken any for too long", "results", over)
		o.held = slices.Delete(o.held, 0, over)
	}
}

// record writes results, or a sign of life without any. What turns out to be told to subscribers is written once more, synced.
func (w *Watch) record(ctx context.Context, d store.Durability, results []observed) error {
	observe := func(tx *store.Tx) error { return w.observe(ctx, tx, results) }
	err := w.cfg.Store.Write(ctx, d, observe)
	if errors.Is(err, errUnsynced) {
		return w.cfg.Store.Write(ctx, store.Synced, observe)
	}
	return err
}
