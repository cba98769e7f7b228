package notify_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"statusd/notify"
)

// row is a delivery as a database would keep it.
type row struct {
	notify.Entry
	state     notify.State
	sent      int // by how many attempts the receiver was reached
	lost      int // of these, attempts whose outcome ended with the process
	uncounted int // and those that found the channel broken
	going     bool
	gone      bool // the dispatcher was told to let go of it
	last      notify.Outcome
	done      time.Time
}

// office is an outbox in memory, the naive model that a Dispatcher is held against, and the receivers behind it.
type office struct {
	t       *testing.T
	answer  func(r row) (notify.Outcome, time.Duration) // what the receiver says, and after how long; negative: never
	refuse  func() bool                                 // whether Record fails
	letters func(r row) error

	mu      sync.Mutex
	rows    map[int64]*row
	lanes   map[notify.Lane][]*row
	starts  []start
	records int
}

// start is one attempt that began.
type start struct {
	id int64
	at time.Time
}

func newOffice(t *testing.T) *office {
	return &office{t: t, rows: map[int64]*row{}, lanes: map[notify.Lane][]*row{}, answer: func(row) (notify.Outcome, time.Duration) {
		return notify.Outcome{Kind: notify.Success}, 20 * time.Millisecond
	}}
}

// reply changes what receivers say from now on.
func (o *office) reply(f func(row) (notify.Outcome, time.Duration)) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.answer = f
}

// order is the ids of the attempts so far.
func (o *office) order() (ids []int64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, s := range o.starts {
		ids = append(ids, s.id)
	}
	return ids
}

// all are the deliveries as they stand.
func (o *office) all() (out []row) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, r := range o.rows {
		out = append(out, *r)
	}
	return out
}

// put stores deliveries and returns their entries.
func (o *office) put(entries ...notify.Entry) []notify.Entry {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, e := range entries {
		r := &row{Entry: e, sent: e.Attempts}
		o.rows[e.ID] = r
		o.lanes[e.Lane] = append(o.lanes[e.Lane], r)
	}
	return entries
}

// waiting are the entries that a start would hand over.
func (o *office) waiting() (out []notify.Entry) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, r := range o.rows {
		if r.state == notify.Waiting {
			out = append(out, r.Entry)
		}
	}
	return out
}

func (o *office) row(id int64) row {
	o.mu.Lock()
	defer o.mu.Unlock()
	return *o.rows[id]
}

// begun are the times since the first of an id's attempts.
func (o *office) begun(id int64) (out []time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	var first time.Time
	for _, s := range o.starts {
		if s.id != id {
			continue
		}
		if len(out) == 0 {
			first = s.at
		}
		out = append(out, s.at.Sub(first))
	}
	return out
}

func (o *office) Letter(_ context.Context, id int64) (notify.Letter, error) {
	r := o.row(id)
	if o.letters != nil {
		if err := o.letters(r); err != nil {
			return nil, err
		}
	}
	if r.state != notify.Waiting {
		return nil, notify.ErrNoLonger
	}
	return letter{o, id}, nil
}

type letter struct {
	office *office
	id     int64
}

func (l letter) Send(ctx context.Context) notify.Outcome {
	o := l.office
	r, answer := o.begin(l.id)
	defer o.end(l.id)
	out, after := answer(r)
	if after < 0 {
		<-ctx.Done()
		return notify.Outcome{Kind: notify.Temporary, Reason: notify.Because(notify.NoAnswer, "10 s")}
	}
	select {
	case <-time.After(after):
	case <-ctx.Done():
		return notify.Outcome{Kind: notify.Temporary, Reason: notify.Because(notify.NoAnswer, "10 s")}
	}
	if out.Kind == notify.Broken {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.rows[l.id].uncounted++
	}
	return out
}

// begin checks at every attempt what must hold for the whole of an outbox.
func (o *office) begin(id int64) (row, func(row) (notify.Outcome, time.Duration)) {
	o.mu.Lock()
	defer o.mu.Unlock()
	r := o.rows[id]
	if r.state != notify.Waiting {
		o.t.Errorf("delivery %d is sent although it is recorded as %s", id, r.state)
	}
	for _, other := range o.lanes[r.Lane] {
		if other.ID < id && other.state == notify.Waiting && !other.gone {
			o.t.Errorf("delivery %d overtakes %d", id, other.ID)
		}
		if other.going {
			o.t.Errorf("deliveries %d and %d of one lane are in flight together", id, other.ID)
		}
	}
	r.sent++
	r.going = true
	if extra := r.sent - 1 - r.Attempts - r.lost - r.uncounted; extra != 0 {
		o.t.Errorf("delivery %d is sent again, and %d attempts before are not recorded", id, extra)
	}
	o.starts = append(o.starts, start{id, time.Now()})
	return *r, o.answer
}

func (o *office) end(id int64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.rows[id].going = false
}

var errDiskFull = errors.New("the disk is full")

func (o *office) Record(_ context.Context, reports []notify.Report) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.refuse != nil && o.refuse() {
		return errDiskFull
	}
	o.records++
	for _, rep := range reports {
		r := o.rows[rep.ID]
		if r.state != notify.Waiting || rep.Attempts != r.Attempts+1 {
			o.t.Errorf("delivery %d, %s after %d attempts, is recorded as %s after %d", rep.ID, r.state, r.Attempts, rep.State, rep.Attempts)
		}
		r.Attempts, r.Due, r.state, r.last, r.done = rep.Attempts, rep.Due, rep.State, rep.Outcome, time.Now()
	}
	return nil
}

// bubble runs a dispatcher in fake time.
func bubble(t *testing.T, opts notify.Options, f func(*notify.Dispatcher, *office)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t)
		opts.Outbox = o
		d := notify.New(opts)
		stop := run(d)
		defer stop()
		f(d, o)
	})
}

// run starts a dispatcher and returns what stops it.
func run(d *notify.Dispatcher) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var done sync.WaitGroup
	done.Go(func() { d.Run(ctx) })
	return func() { cancel(); done.Wait() }
}

// hook is a webhook delivery that is due now, to a subscriber of its own host unless told otherwise.
func hook(id, subscriber, subject int64) notify.Entry {
	return notify.Entry{ID: id, Lane: notify.Lane{Subscriber: subscriber, Subject: subject}, Channel: notify.Webhook,
		Host: fmt.Sprintf("host-%d", subscriber), Due: time.Now()}
}

func always(kind notify.Kind, after time.Duration) func(row) (notify.Outcome, time.Duration) {
	return func(row) (notify.Outcome, time.Duration) {
		return notify.Outcome{Kind: kind, Reason: notify.Because(notify.StatusRefused, "500")}, after
	}
}
