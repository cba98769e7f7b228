package watch

import (
	"context"
	"errors"
	"fmt"
	"time"

	"statusd/app/model"
	"statusd/store"
)

// lateIntervals is how many of its own intervals a check may be silent before the process no longer calls itself ready.
const lateIntervals = 3

// Ready says why the watch cannot do its work right now; nil when it can: the database takes writes and every check is heard of.
func (w *Watch) Ready(ctx context.Context) error {
	// The same commit as every few seconds, so that nothing is noted here that the observer would have had to look at first.
	err := w.record(ctx, store.Relaxed, nil)
	if store.IsFull(err) {
		return errors.New("the disk is full: probing goes on, what it finds is kept in memory for now")
	}
	if err != nil {
		return fmt.Errorf("the database does not take writes: %w", err)
	}
	if id, silent := w.mostSilent(); id != 0 {
		return fmt.Errorf("nothing was heard of check %s for %s, more than %d of its intervals", id, silent.Round(time.Second), lateIntervals)
	}
	return nil
}

// mostSilent is the enabled check that is the longest overdue, 0 when none is. A gap is nobody's fault: all begin anew after it.
func (w *Watch) mostSilent() (worst model.CheckID, silent time.Duration) {
	w.mu.RLock()
	defer w.mu.RUnlock()
	now := w.mono()
	var over time.Duration
	for id, l := range w.checks {
		last, ok := w.heard.last(id)
		if !ok || !l.Enabled {
			continue
		}
		last = max(last, w.lookedFrom.Sub(w.began))
		if late := now - last - patience(l.Check); late > over {
			worst, silent, over = id, now-last, late
		}
	}
	return worst, silent
}

// patience is how long a check may take to be heard of: its intervals, and a look in which every attempt times out.
func patience(c model.Check) time.Duration {
	attempts := time.Duration(c.Retries + 1)
	return lateIntervals*c.Interval + attempts*c.Timeout + time.Duration(c.Retries)*c.RetryPause()
}
