package app

import (
	"context"

	"statusd/app/model"
	"statusd/store"
)

// RotateKey gives the instance a new master key. Nothing else may work on it meanwhile: its store was opened as a server does, and
// the App is not started.
func (a *App) RotateKey(ctx context.Context) (store.Rotation, error) {
	return a.Store.RotateKey(ctx, func(tx *store.Tx, r store.Rotation) error {
		return a.auditedEverywhere(ctx, tx, commandLine(), model.KeyRotated, model.Change{Field: "key", From: r.Old, To: r.New})
	})
}
