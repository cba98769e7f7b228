package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"statusd/store"
)

// lateIntervals is how far behind its schedule a check may be before the process no longer calls itself ready.
const lateIntervals = 3 * time.Hour // checks may be an hour apart

// Ready says why the process cannot do its work right now; nil when it can: the database takes writes and the schedule is kept.
func (a *App) Ready(ctx context.Context) error {
	if a.stopping == nil {
		return errors.New("starting")
	}
	err := a.Store.Write(ctx, store.Relaxed, func(tx *store.Tx) error { return tx.SeenAlive(ctx, a.instant()) })
	if store.IsFull(err) {
		return errors.New("the disk is full: probing goes on, what it finds is kept in memory for now")
	}
	if err != nil {
		return fmt.Errorf("the database does not take writes: %w", err)
	}
	if late := a.scheduler.Stats().MaxLate; late > lateIntervals {
		return fmt.Errorf("a check is %s late", late.Round(time.Second))
	}
	return nil
}

// Full says that an error means that the disk has no room, and that nothing was changed.
func Full(err error) bool { return store.IsFull(err) }
