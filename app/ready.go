package app

import (
	"context"
	"errors"

	"statusd/store"
)

// Ready says why the process cannot do its work right now; nil when it can: the database takes writes and every check is heard of.
func (a *App) Ready(ctx context.Context) error {
	if !a.ready.Load() {
		return errors.New("starting or stopping")
	}
	return a.watch.Ready(ctx)
}

// Full says that an error means that the disk has no room, and that nothing was changed.
func Full(err error) bool { return store.IsFull(err) }
