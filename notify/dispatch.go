package notify

import (
	"container/heap"
	"context"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"time"
)

// Options tune a Dispatcher. Outbox is required; the zero value of the rest is good.
type Options struct {
	Outbox Outbox
	Now    func() time.Time // wall clock; nil: time.Now
	Random func() float64   // in [0, 1), for the jitter; nil: math/rand/v2
	Log    *slog.Logger
	Limits map[Channel]Limits // what is left out has its DefaultLimits
	Grace  time.Duration      // for attempts in flight when Run is to end; 8 s
}

const (
	defaultGrace = 8 * time.Second
	clockEvery   = 15 * time.Second // at the latest the wall clock is read again
	askAgain     = 10 * time.Second // after a letter could not be made
)

// Dispatcher delivers what is added to it. Make it with New; it works while Run does. Safe for concurrent use.
type Dispatcher struct {
	opts     Options
	wake     chan struct{}
	recorder recorder
	flights  sync.WaitGroup

	mu        sync.Mutex
	clock     clock
	lanes     map[Lane]*lane
	held      map[int64]*lane // by delivery
	sleeping  byDue
	receivers map[receiverKey]*receiver
	hosts     map[hostKey]*host
	pools     [channels]pool
}

// New makes a Dispatcher at rest.
func New(opts Options) *Dispatcher {
	if opts.Now == nil {
		opts.Now = time.Now
	}
	if opts.Random == nil {
		opts.Random = rand.Float64
	}
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	if opts.Grace <= 0 {
		opts.Grace = defaultGrace
	}
	d := &Dispatcher{
		opts: opts, wake: make(chan struct{}, 1), clock: newClock(opts.Now),
		lanes: map[Lane]*lane{}, held: map[int64]*lane{},
		receivers: map[receiverKey]*receiver{}, hosts: map[hostKey]*host{},
	}
	for c := range channels {
		d.pools[c] = newPool(Channel(c), opts.Limits)
	}
	d.recorder = newRecorder(opts.Outbox, opts.Log, d.recorded)
	return d
}

// Add hands over deliveries that wait. One that is already held, by its ID, is left as it is.
func (d *Dispatcher) Add(entries ...Entry) {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := d.now()
	for _, e := range entries {
		switch l := d.held[e.ID]; {
		case l == nil:
			d.hold(e, now)
		case l.flight != nil && l.flight.entry.ID == e.ID:
			l.flight.last = false // removed a moment ago, and back
		}
	}
	d.poke()
}

func (d *Dispatcher) hold(e Entry, now time.Time) {
	r := d.receiver(e)
	r.held++
	if e.Attempts > 0 && r.class == fresh {
		r.class = failing // so it was before a restart
	}
	d.pools[e.Channel].held++
	l := d.lanes[e.Lane]
	if l == nil {
		l = &lane{key: e.Lane, index: -1}
		d.lanes[e.Lane] = l
	}
	d.held[e.ID] = l
	l.insert(e, now)
	d.settle(l, now)
}

// release undoes hold, for an entry that is no longer in its lane.
func (d *Dispatcher) release(e Entry) {
	delete(d.held, e.ID)
	d.pools[e.Channel].held--
	r := d.receiver(e)
	r.held--
	d.tidy(r)
}

// Remove lets go of deliveries. The attempt that one of them is making goes on and is recorded, but is its last.
func (d *Dispatcher) Remove(ids ...int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := d.now()
	for _, id := range ids {
		if l := d.held[id]; l != nil {
			d.drop(l, now, func(e Entry) bool { return e.ID == id })
		}
	}
	d.poke()
}

// Forget lets go of everything of subscribers, as Remove does, and of what is known about their receivers.
func (d *Dispatcher) Forget(subscribers ...int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := d.now()
	for _, l := range d.lanes {
		if slices.Contains(subscribers, l.key.Subscriber) {
			d.drop(l, now, func(Entry) bool { return true })
		}
	}
	for key, r := range d.receivers {
		if slices.Contains(subscribers, key.subscriber) {
			r.class = fresh
			d.tidy(r)
		}
	}
	d.poke()
}

// drop lets go of the lane's entries that are gone.
func (d *Dispatcher) drop(l *lane, now time.Time, gone func(Entry) bool) {
	for _, e := range l.remove(gone) {
		d.release(e)
	}
	if l.flight != nil && gone(l.flight.entry) {
		l.flight.last = true
	}
	d.settle(l, now)
}

// Wake makes everything due that a subscriber waits for.
func (d *Dispatcher) Wake(subscriber int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := d.now()
	for _, l := range d.lanes {
		if l.key.Subscriber == subscriber {
			l.hasten(now)
			d.settle(l, now)
		}
	}
	d.poke()
}

// Run delivers until ctx ends. Then it begins nothing more, gives what is in flight Options.Grace to end, records it, and returns.
func (d *Dispatcher) Run(ctx context.Context) {
	work, cut := context.WithCancel(context.WithoutCancel(ctx))
	defer cut()
	paper, giveUp := context.WithCancel(context.WithoutCancel(ctx))
	defer giveUp()
	var recording sync.WaitGroup
	recording.Go(func() { d.recorder.run(paper) })

	d.loop(ctx, work)

	grace := time.AfterFunc(d.opts.Grace, cut)
	defer grace.Stop()
	d.flights.Wait()
	d.recorder.close()
	last := time.AfterFunc(lastTries, giveUp)
	defer last.Stop()
	recording.Wait()
}

// loop starts what may start, and sleeps until something changes.
func (d *Dispatcher) loop(ctx, work context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		case <-d.wake:
		}
		if ctx.Err() == nil {
			timer.Reset(d.turn(work))
		}
	}
}

// turn starts what may start now and says how long there is nothing more to do unless something changes.
func (d *Dispatcher) turn(work context.Context) time.Duration {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := d.now()
	for len(d.sleeping) > 0 && !d.sleeping[0].due().After(now) {
		d.settle(d.sleeping[0], now)
	}
	rest := clockEvery
	if len(d.sleeping) > 0 {
		rest = min(rest, d.sleeping[0].due().Sub(now))
	}
	for c := range d.pools {
		rest = min(rest, d.startReady(work, &d.pools[c], now))
	}
	return rest
}

// settle puts a lane to where it belongs after a change: asleep, among the ready, or away. A lane in flight is settled when it ends.
func (d *Dispatcher) settle(l *lane, now time.Time) {
	if l.index >= 0 {
		heap.Remove(&d.sleeping, l.index)
	}
	switch {
	case l.flight != nil:
	case len(l.entries) == 0:
		if d.lanes[l.key] == l {
			delete(d.lanes, l.key)
		}
	case l.due().After(now):
		heap.Push(&d.sleeping, l)
	default:
		l.to = d.receiver(l.entries[0])
		if !l.ready {
			d.pools[l.entries[0].Channel].enqueue(l)
		}
	}
}

// now reads the clocks, and moves what waits when the wall clock was set back.
func (d *Dispatcher) now() time.Time {
	now, back := d.clock.read()
	if back > 0 {
		for _, l := range d.lanes {
			l.move(-back) // all alike, so the order of the sleeping stays
		}
	}
	return now
}

func (d *Dispatcher) poke() {
	select {
	case d.wake <- struct{}{}:
	default:
	}
}
