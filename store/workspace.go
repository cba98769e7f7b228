package store

import (
	"context"
	"errors"
	"fmt"

	"modernc.org/sqlite"

	"statusd/app/model"
)

const workspaceColumns = `id, name, created_at`

func scanWorkspace(_ View, row scanner) (model.Workspace, error) {
	var w model.Workspace
	var created int64
	err := row.Scan(&w.ID, &w.Name, &created)
	w.Created = millis(created)
	return w, err
}

// Workspaces lists all workspaces of the instance by name.
func (v View) Workspaces(ctx context.Context) ([]model.Workspace, error) {
	return query(ctx, v, scanWorkspace, `
		SELECT `+workspaceColumns+`
		FROM workspaces
		ORDER BY name`)
}

// WorkspaceNamed finds a workspace by its name.
func (v View) WorkspaceNamed(ctx context.Context, name string) (model.Workspace, error) {
	return one(ctx, v, scanWorkspace, `
		SELECT `+workspaceColumns+`
		FROM workspaces
		WHERE name = $1`, name)
}

// Workspace finds a workspace by id.
func (v View) Workspace(ctx context.Context, id model.WorkspaceID) (model.Workspace, error) {
	return one(ctx, v, scanWorkspace, `
		SELECT `+workspaceColumns+`
		FROM workspaces
		WHERE id = $1`, id)
}

// AddWorkspace writes a new workspace; ErrTaken when the name is in use.
func (tx *Tx) AddWorkspace(ctx context.Context, w model.Workspace) error {
	return tx.exec(ctx, `
		INSERT INTO workspaces (id, name, created_at)
		VALUES ($1, $2, $3)`, w.ID, w.Name, toMillis(w.Created))
}

// RenameWorkspace gives a workspace another name; ErrTaken when it is in use.
func (tx *Tx) RenameWorkspace(ctx context.Context, id model.WorkspaceID, name string) error {
	return tx.execOne(ctx, `
		UPDATE workspaces
		SET name = $1
		WHERE id = $2`, name, id)
}

// DeleteWorkspace removes a workspace with its memberships, invitations and tokens; ErrHeld when it owns anything else.
func (tx *Tx) DeleteWorkspace(ctx context.Context, id model.WorkspaceID) error {
	err := tx.execOne(ctx, `DELETE FROM workspaces WHERE id = $1`, id)
	var sq *sqlite.Error
	if errors.As(err, &sq) && sq.Code() == sqliteForeignKey {
		return fmt.Errorf("%w: %w", ErrHeld, err)
	}
	return err
}
