package app

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"statusd/app/model"
	"statusd/store"
)

// The use cases of workspaces, users and tokens are called from the command line, by somebody who holds the data folder.

// DefaultWorkspace is the name of the workspace that an empty instance gets by itself.
const DefaultWorkspace = "Default"

// AddWorkspace makes a workspace; the name must be new.
func (a *App) AddWorkspace(ctx context.Context, name string) (w model.Workspace, err error) {
	var v model.Invalid
	named(&v, "name", name, 80)
	if err := v.Err(); err != nil {
		return w, err
	}
	w = model.Workspace{ID: model.NewWorkspaceID(), Name: strings.TrimSpace(name), Created: a.Now().UTC()}
	err = a.write(ctx, func(tx *store.Tx) error { return tx.AddWorkspace(ctx, w) })
	if errors.Is(err, store.ErrTaken) {
		v.Add("name", "taken")
		err = v
	}
	return w, err
}

// Workspaces lists all workspaces by name.
func (a *App) Workspaces(ctx context.Context) (out []model.Workspace, err error) {
	err = a.read(ctx, func(v store.View) (err error) {
		out, err = v.Workspaces(ctx)
		return err
	})
	return out, err
}

// workspaceFor finds the workspace that a command means: the named one, or the only one. On an empty instance it makes one when
// that is wanted.
func (a *App) workspaceFor(ctx context.Context, tx *store.Tx, name string, create bool) (model.Workspace, error) {
	if name != "" {
		w, err := tx.WorkspaceNamed(ctx, name)
		if errors.Is(err, store.ErrNone) {
			return w, fmt.Errorf("there is no workspace %q: statusd workspace list shows them", name)
		}
		return w, err
	}
	all, err := tx.Workspaces(ctx)
	switch {
	case err != nil:
		return model.Workspace{}, err
	case len(all) == 1:
		return all[0], nil
	case len(all) > 1:
		return model.Workspace{}, errors.New("there is more than one workspace: choose with --workspace NAME")
	case !create:
		return model.Workspace{}, errors.New("there is no workspace yet: make one with statusd workspace add NAME")
	}
	w := model.Workspace{ID: model.NewWorkspaceID(), Name: DefaultWorkspace, Created: a.Now().UTC()}
	return w, tx.AddWorkspace(ctx, w)
}
