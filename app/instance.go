package app

import (
	"context"

	"statusd/app/model"
	"statusd/store"
)

// Account is a user as an admin sees them.
type Account struct {
	User        model.User
	Memberships []model.Membership
}

// AllUsers lists every account of the instance by e-mail; an admin may.
func (a *App) AllUsers(ctx context.Context, by model.Actor) (out []Account, err error) {
	if !by.Admin {
		return nil, model.ErrForbidden
	}
	err = a.read(ctx, func(v store.View) error {
		users, err := v.Users(ctx)
		if err != nil {
			return err
		}
		all, err := v.Workspaces(ctx)
		for _, u := range users {
			out = append(out, Account{shown(u), membershipsOf(u, all)})
		}
		return err
	})
	return out, err
}

// AllWorkspaces lists every workspace of the instance by name; an admin may.
func (a *App) AllWorkspaces(ctx context.Context, by model.Actor) ([]model.Workspace, error) {
	if !by.Admin {
		return nil, model.ErrForbidden
	}
	return a.Workspaces(ctx)
}

// SetAdmin says whether a user may change the instance; an admin may. The last admin remains one.
func (a *App) SetAdmin(ctx context.Context, by model.Actor, user model.UserID, admin bool) error {
	if !by.Admin {
		return model.ErrForbidden
	}
	return a.write(ctx, func(tx *store.Tx) error {
		if !admin {
			if err := notLastAdmin(ctx, tx.View, user); err != nil {
				return err
			}
		}
		u, err := tx.User(ctx, user)
		if err != nil {
			return known(err)
		}
		next := u
		next.Admin = admin
		if err := tx.SetAdmin(ctx, user, admin); err != nil {
			return err
		}
		return a.auditedAccount(ctx, tx, by, &u, &next)
	})
}

// SetPasswordOf gives a user another password and ends the user's sessions; an admin may.
func (a *App) SetPasswordOf(ctx context.Context, by model.Actor, user model.UserID, password string) error {
	if !by.Admin {
		return model.ErrForbidden
	}
	return a.replacePassword(ctx, by, password, func(v store.View) (model.User, error) { return v.User(ctx, user) })
}

// DeleteUser removes an account with its sessions; an admin may. The last admin stays, and so does the only owner of a workspace:
// JoinWorkspace is the way out.
func (a *App) DeleteUser(ctx context.Context, by model.Actor, user model.UserID) error {
	if !by.Admin {
		return model.ErrForbidden
	}
	return a.write(ctx, func(tx *store.Tx) error {
		u, err := tx.User(ctx, user)
		if err != nil {
			return known(err)
		}
		if err := notLastAdmin(ctx, tx.View, user); err != nil {
			return err
		}
		for w := range u.Roles {
			members, err := tx.In(w).Members(ctx)
			if err != nil {
				return err
			}
			if soleOwner(members, user, w) {
				return model.Conflict{Code: "last_owner"}
			}
		}
		if err := a.auditedAccount(ctx, tx, by, &u, nil); err != nil {
			return err
		}
		return tx.DeleteUser(ctx, user)
	})
}

// notLastAdmin is a Conflict when a user is the only admin.
func notLastAdmin(ctx context.Context, v store.View, user model.UserID) error {
	users, err := v.Users(ctx)
	if err != nil {
		return err
	}
	last := false
	for _, u := range users {
		if u.Admin && u.ID != user {
			return nil
		}
		last = last || u.Admin
	}
	if last {
		return model.Conflict{Code: "last_admin"}
	}
	return nil
}
