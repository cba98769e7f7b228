package app

import (
	"context"
	"slices"
	"strings"

	"statusd/app/model"
	"statusd/store"
)

// ActorOf is a user who asks for something in a workspace; model.ErrNotFound when the user has no role there. Without a workspace (0)
// it is the user as an account: good for what an admin does to the instance.
func (a *App) ActorOf(ctx context.Context, user model.UserID, w model.WorkspaceID) (model.Actor, error) {
	u, err := a.userByID(ctx, user)
	if err != nil {
		return model.Actor{}, err
	}
	by := model.Actor{Workspace: w, Role: u.Roles[w], Admin: u.Admin, User: u.ID, Name: u.Email}
	if w != 0 && !by.Role.Valid() {
		return model.Actor{}, model.ErrNotFound
	}
	return by, nil
}

// Memberships lists a user's workspaces by name, with the role in each.
func (a *App) Memberships(ctx context.Context, user model.UserID) (out []model.Membership, err error) {
	err = a.read(ctx, func(v store.View) error {
		u, err := v.User(ctx, user)
		if err != nil {
			return known(err)
		}
		all, err := v.Workspaces(ctx)
		out = membershipsOf(u, all)
		return err
	})
	return out, err
}

func membershipsOf(u model.User, all []model.Workspace) (out []model.Membership) {
	for _, w := range all {
		if role := u.Roles[w.ID]; role.Valid() {
			out = append(out, model.Membership{Workspace: w, Role: role})
		}
	}
	return out
}

// Members lists who has a role in the actor's workspace, by e-mail; an owner may.
func (a *App) Members(ctx context.Context, by model.Actor) (out []model.Member, err error) {
	if !by.May(model.Owner) {
		return nil, model.ErrForbidden
	}
	err = a.read(ctx, func(v store.View) error {
		users, err := v.In(by.Workspace).Members(ctx)
		for _, u := range users {
			role := u.Roles[by.Workspace]
			u = shown(u)
			u.Admin, u.Roles = false, map[model.WorkspaceID]model.Role{by.Workspace: role} // the rest is not this workspace's business
			out = append(out, model.Member{User: u, Role: role})
		}
		return err
	})
	return out, err
}

// SetRole gives a member of the actor's workspace another role, at once; an owner may. The last owner keeps it.
func (a *App) SetRole(ctx context.Context, by model.Actor, user model.UserID, role model.Role) error {
	var v model.Invalid
	if validRole(&v, role); len(v) > 0 {
		return v
	}
	return a.changeMember(ctx, by, user, role)
}

// RemoveMember ends a member's role in the actor's workspace, at once; an owner may. The last owner stays. The account remains.
func (a *App) RemoveMember(ctx context.Context, by model.Actor, user model.UserID) error {
	return a.changeMember(ctx, by, user, model.NoRole)
}

func (a *App) changeMember(ctx context.Context, by model.Actor, user model.UserID, role model.Role) error {
	if !by.May(model.Owner) {
		return model.ErrForbidden
	}
	return a.write(ctx, func(tx *store.Tx) error {
		own := tx.In(by.Workspace)
		members, err := own.Members(ctx)
		if err != nil {
			return err
		}
		at := slices.IndexFunc(members, func(u model.User) bool { return u.ID == user })
		if at < 0 {
			return model.ErrNotFound
		}
		from, to := memberOf(&members[at], by.Workspace), &model.Member{User: members[at], Role: role}
		var invited []model.Change
		if role != model.Owner {
			if soleOwner(members, user, by.Workspace) {
				return model.Conflict{Code: "last_owner"}
			}
			// What an owner has offered ends with the role, or it would be a way back in.
			if invited, err = invitedBy(ctx, own.Owned, user); err != nil {
				return err
			}
			if err := own.DeleteInvitesBy(ctx, user); err != nil {
				return err
			}
		}
		if role == model.NoRole {
			to, err = nil, own.DeleteMember(ctx, user)
		} else {
			err = own.SetRole(ctx, user, role)
		}
		if err != nil {
			return err
		}
		e := memberTrail.entry(from, to)
		e.Changes = append(e.Changes, invited...)
		return a.audited(ctx, tx, by, e)
	})
}

// soleOwner says whether a user is the only owner among the members of a workspace.
func soleOwner(members []model.User, user model.UserID, w model.WorkspaceID) bool {
	owns := false
	for _, u := range members {
		if u.Roles[w] == model.Owner {
			if u.ID != user {
				return false
			}
			owns = true
		}
	}
	return owns
}

// validRole checks a role that somebody is to be given.
func validRole(v *model.Invalid, role model.Role) {
	if !role.Valid() {
		v.Add("role", "choice", "choices", strings.Join([]string{model.Viewer.String(), model.Editor.String(), model.Owner.String()}, ", "))
	}
}
