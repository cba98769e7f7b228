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
		w, err = a.addWorkspace(ctx, tx, commandLine(), name)
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
	return a.addWorkspace(ctx, tx, commandLine(), DefaultWorkspace)
}

func (a *App) addWorkspace(ctx context.Context, tx *store.Tx, by model.Actor, name string) (model.Workspace, error) {
	w := model.Workspace{ID: model.NewWorkspaceID(), Name: strings.TrimSpace(name), Created: a.Now().UTC().Truncate(time.Millisecond)}
	if err := tx.AddWorkspace(ctx, w); err != nil {
		return w, err
	}
	return w, a.auditedIn(ctx, tx, by, w.ID, workspaceTrail.entry(nil, &w))
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
		if w, err = a.addWorkspace(ctx, tx, by, name); err != nil || by.User == 0 {
			return err
		}
		return a.makeOwner(ctx, tx, by, w.ID)
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
	return nameTaken(a.write(ctx, func(tx *store.Tx) error {
		old, err := tx.Workspace(ctx, by.Workspace)
		if err != nil {
			return err
		}
		next := old
		next.Name = strings.TrimSpace(name)
		if err := tx.RenameWorkspace(ctx, next.ID, next.Name); err != nil {
			return err
		}
		return a.audited(ctx, tx, by, workspaceTrail.entry(&old, &next))
	}))
}

// DeleteWorkspace removes a workspace that holds no pages, with its members' roles and its tokens; an admin may, who has to type its
// name. The last one stays. Its audit trail goes along, so that of the admins' workspaces tells of it.
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
		} else if err != nil {
			return err
		}
		witnesses, err := witnessesOf(ctx, tx.View, nil)
		for _, other := range witnesses {
			err = errors.Join(err, a.auditedIn(ctx, tx, by, other, workspaceTrail.entry(&w, nil)))
		}
		return err
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
		return a.makeOwner(ctx, tx, by, id)
	})
}

// makeOwner gives the acting user the greatest role in a workspace.
func (a *App) makeOwner(ctx context.Context, tx *store.Tx, by model.Actor, w model.WorkspaceID) error {
	u, err := tx.User(ctx, by.User)
	if err != nil {
		return known(err)
	}
	if err := tx.In(w).SetRole(ctx, u.ID, model.Owner); err != nil {
		return err
	}
	return a.auditedIn(ctx, tx, by, w, memberTrail.entry(memberOf(&u, w), &model.Member{User: u, Role: model.Owner}))
}
