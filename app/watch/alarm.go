package watch

import (
	"context"
	"time"

	"statusd/store"
)

// tick is how often the clock is looked at: whatever time alone brings is done within a second, also by a wall clock that was set.
const tick = 500 * time.Millisecond

// ring does what time alone brings, until the context ends. Looking costs nothing while nothing is due.
func (w *Watch) ring(stop context.Context) {
	ctx := context.WithoutCancel(stop) // a stop undoes no commit
	ticks := time.NewTicker(tick)
	defer ticks.Stop()
	for {
		select {
		case <-stop.Done():
			return
		case <-ticks.C:
		}
		if !w.due() {
			continue
		}
		err := w.cfg.Store.Write(ctx, store.Synced, func(tx *store.Tx) error {
			_, err := w.Edit(ctx, tx)
			return err
		})
		if err != nil {
			w.cfg.Log.Error("what was due could not be done; it is tried again", "err", err)
			ticks.Reset(beat) // a disk that is full stays so for a while
			continue
		}
		ticks.Reset(tick)
	}
}

// due says that something has become due.
func (w *Watch) due() bool {
	now := w.Now()
	w.mu.RLock()
	defer w.mu.RUnlock()
	return now >= w.nextDue
}
