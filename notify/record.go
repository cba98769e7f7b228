package notify

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

const (
	gather     = 100 * time.Millisecond // outcomes that come within it are recorded together
	together   = 100                    // or this many: what is not recorded comes again after a kill
	retryFirst = 100 * time.Millisecond // after a recording that failed, doubled each time
	retryMost  = time.Second
	lastTries  = 1500 * time.Millisecond // to record what is left, when Run is to end
)

// filed is a report on its way into the outbox.
type filed struct {
	flight *flight
	report Report
}

// recorder hands reports to the outbox until it has taken them, and then says so.
type recorder struct {
	outbox  Outbox
	log     *slog.Logger
	done    func([]filed)
	wake    chan struct{}
	full    chan struct{} // enough are together
	closing chan struct{}

	mu      sync.Mutex
	pending []filed
}

func newRecorder(outbox Outbox, log *slog.Logger, done func([]filed)) recorder {
	return recorder{outbox: outbox, log: log, done: done, wake: make(chan struct{}, 1), full: make(chan struct{}, 1), closing: make(chan struct{})}
}

func (r *recorder) add(f *flight, report Report) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.pending = append(r.pending, filed{f, report})
	signal(r.wake)
	if len(r.pending) >= together {
		signal(r.full)
	}
}

func signal(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// close says that nothing more will be added.
func (r *recorder) close() { close(r.closing) }

func (r *recorder) take() []filed {
	r.mu.Lock()
	defer r.mu.Unlock()
	taken := r.pending
	r.pending = nil
	return taken
}

// run records until close, and what is left then for as long as ctx lets it.
func (r *recorder) run(ctx context.Context) {
	for open := true; open; {
		select {
		case <-r.wake:
			r.collect()
		case <-r.closing:
			open = false
		}
		r.record(ctx)
	}
}

// collect waits until there is enough to record, or long enough.
func (r *recorder) collect() {
	timer := time.NewTimer(gather)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-r.full:
	case <-r.closing:
	}
}

// record hands over what is pending, however often that takes.
func (r *recorder) record(ctx context.Context) {
	var batch []filed
	for wait := retryFirst; ctx.Err() == nil; wait = min(2*wait, retryMost) {
		batch = append(batch, r.take()...)
		if len(batch) == 0 {
			return
		}
		err := r.outbox.Record(ctx, reports(batch))
		if err == nil {
			r.done(batch)
			return
		}
		r.log.Error("outcomes of deliveries could not be recorded; tried again", "deliveries", len(batch), "err", err)
		pause(ctx.Done(), wait)
	}
}

func reports(batch []filed) []Report {
	out := make([]Report, len(batch))
	for i, it := range batch {
		out[i] = it.report
	}
	return out
}

// pause waits, unless it is stopped.
func pause(stop <-chan struct{}, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-stop:
	}
}
