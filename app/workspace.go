package app

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"statusd/app/model"
	"statusd/store"
)

// Use cases of workspaces, users and tokens that take no actor are called from the command line, by somebody who holds the data folder.

// DefaultWorkspace is the name of the workspace that an empty instance gets by itself.
const DefaultWorkspace = "Default"

// AddWorkspace makes a workspace; the name must be new.
func (a *App) AddWorkspace(ctx context.Context, name string) (w model.Workspace, err error) {
	var v model.Invalid
	named(&v, "name", name, 80)
	if err := v.Err(); err != nil {
		return w, err
	}
	err = a.write(ctx, func(tx *store.Tx) (err error) {
		w, err = a.addWorkspace(ctx, tx, name)
		return err
	})
	return w, nameTaken(err)
}

// Workspace is the actor's.
func (a *App) Workspace(ctx context.Context, by model.Actor) (w model.Workspace, err error) {
	err = a.read(ctx, func(v store.View) (err error) {
		w, err = v.Workspace(ctx, by.Workspace)
		return known(err)
	})
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
	return a.addWorkspace(ctx, tx, DefaultWorkspace)
}

func (a *App) addWorkspace(ctx context.Context, tx *store.Tx, name string) (model.Workspace, error) {
	w := model.Workspace{ID: model.NewWorkspaceID(), Name: strings.TrimSpace(name), Created: a.Now().UTC().Truncate(time.Millisecond)}
	return w, tx.AddWorkspace(ctx, w)
}

// CreateWorkspace makes a workspace that its creator owns; an admin may.
func (a *App) CreateWorkspace(ctx context.Context, by model.Actor, name string) (w model.Workspace, err error) {
	if !by.Admin {
		return w, model.ErrForbidden
	}
	var v model.Invalid
	if named(&v, "name", name, 80); len(v) > 0 {
		return w, v
	}
	err = a.write(ctx, func(tx *store.Tx) (err error) {
		if w, err = a.addWorkspace(ctx, tx, name); err != nil || by.User == 0 {
			return err
		}
		return tx.In(w.ID).SetRole(ctx, by.User, model.Owner)
	})
	return w, nameTaken(err)
}

// nameTaken words that another workspace has the name.
func nameTaken(err error) error {
	if errors.Is(err, store.ErrTaken) {
		var v model.Invalid
		v.Add("name", "taken")
		return v
	}
	return known(err)
}

// RenameWorkspace gives the actor's workspace another name; an owner may.
func (a *App) RenameWorkspace(ctx context.Context, by model.Actor, name string) error {
	if !by.May(model.Owner) {
		return model.ErrForbidden
	}
	var v model.Invalid
	if named(&v, "name", name, 80); len(v) > 0 {
		return v
	}
	return nameTaken(a.write(ctx, func(tx *store.Tx) error { return tx.RenameWorkspace(ctx, by.Workspace, strings.TrimSpace(name)) }))
}

// DeleteWorkspace removes a workspace that holds no pages, with its members' roles and its tokens; an admin may, who has to type its
// name. The last one stays.
func (a *App) DeleteWorkspace(ctx context.Context, by model.Actor, id model.WorkspaceID, typedName string) error {
	if !by.Admin {
		return model.ErrForbidden
	}
	return a.write(ctx, func(tx *store.Tx) error {
		w, err := tx.Workspace(ctx, id)
		if err != nil {
			return known(err)
		}
		if strings.TrimSpace(typedName) != w.Name {
			var v model.Invalid
			v.Add("name", "typed_name")
			return v
		}
		all, err := tx.Workspaces(ctx)
		if err != nil {
			return err
		}
		if len(all) == 1 {
			return model.Conflict{Code: "last_workspace"}
		}
		if err := tx.DeleteWorkspace(ctx, id); errors.Is(err, store.ErrHeld) {
			return model.Conflict{Code: "workspace_in_use"}
		} else {
			return err
		}
	})
}

// JoinWorkspace makes the acting admin an owner of a workspace: the way to one whose owners have gone.
func (a *App) JoinWorkspace(ctx context.Context, by model.Actor, id model.WorkspaceID) error {
	if !by.Admin || by.User == 0 {
		return model.ErrForbidden
	}
	return a.write(ctx, func(tx *store.Tx) error {
		if _, err := tx.Workspace(ctx, id); err != nil {
			return known(err)
		}
		return tx.In(id).SetRole(ctx, by.User, model.Owner)
	})
}
