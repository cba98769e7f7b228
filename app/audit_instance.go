package app

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"statusd/app/model"
	"statusd/store"
)

// An entry belongs to a workspace, an account and the instance do not. What is done to an account stands in the trail of every
// workspace in which it has a role, what is done to the instance in that of all.

// commandLine is whoever runs a command, and so holds the data folder.
func commandLine() model.Actor { return model.Actor{CLI: true} }

// self is a user who acts on the own account.
func self(u model.User) model.Actor { return model.Actor{User: u.ID, Name: u.Email} }

// auditedIn is audited for somebody who need not be in the workspace: the command line, an admin.
func (a *App) auditedIn(ctx context.Context, tx *store.Tx, by model.Actor, w model.WorkspaceID, e model.Audit) error {
	by.Workspace = w
	return a.audited(ctx, tx, by, e)
}

// auditedEverywhere records what concerns the whole instance.
func (a *App) auditedEverywhere(ctx context.Context, tx *store.Tx, by model.Actor, action model.Action, changes ...model.Change) error {
	all, err := tx.Workspaces(ctx)
	if err != nil {
		return err
	}
	e := model.Audit{Action: action, Subject: model.Subject{Kind: model.SubjectInstance}, Changes: changes}
	for _, w := range all {
		if err := a.auditedIn(ctx, tx, by, w.ID, e); err != nil {
			return err
		}
	}
	return nil
}

// auditedAccount records a change of an account: from is nil for one that is new, to for one that is about to go. Its role in the
// workspace is told with an account that comes or goes.
func (a *App) auditedAccount(ctx context.Context, tx *store.Tx, by model.Actor, from, to *model.User) error {
	e := userTrail.entry(from, to)
	if e.Action == "" {
		return nil
	}
	u := cmp.Or(to, from)
	witnesses, err := witnessesOf(ctx, tx.View, u.Roles)
	if err != nil {
		return err
	}
	for _, w := range witnesses {
		one := e
		one.Changes = slices.Concat(e.Changes, memberTrail.changes(memberOf(from, w), memberOf(to, w)))
		if to == nil {
			invited, err := invitedBy(ctx, tx.In(w).Owned, u.ID)
			if err != nil {
				return err
			}
			one.Changes = append(one.Changes, invited...)
		}
		if err := a.auditedIn(ctx, tx, by, w, one); err != nil {
			return err
		}
	}
	return nil
}

// witnessesOf are the workspaces whose trails tell of something that has roles in some. Without any they are those of the admins,
// who see every account and workspace anyway; and without those all, so that nothing goes unrecorded.
func witnessesOf(ctx context.Context, v store.View, roles map[model.WorkspaceID]model.Role) ([]model.WorkspaceID, error) {
	if len(roles) > 0 {
		return slices.Sorted(maps.Keys(roles)), nil
	}
	users, err := v.Users(ctx)
	if err != nil {
		return nil, err
	}
	found := map[model.WorkspaceID]bool{}
	for _, u := range users {
		for w := range u.Roles {
			found[w] = found[w] || u.Admin
		}
	}
	maps.DeleteFunc(found, func(_ model.WorkspaceID, admins bool) bool { return !admins })
	if len(found) > 0 {
		return slices.Sorted(maps.Keys(found)), nil
	}
	all, err := v.Workspaces(ctx)
	var out []model.WorkspaceID
	for _, w := range all {
		out = append(out, w.ID)
	}
	return out, err
}

// invitedBy names the invitations of a user that go along with the role.
func invitedBy(ctx context.Context, own store.Owned, user model.UserID) ([]model.Change, error) {
	all, err := own.Invites(ctx)
	var emails []string
	for _, i := range all {
		if i.By == user {
			emails = append(emails, i.Email)
		}
	}
	return wentAlong("invites", emails), err
}
