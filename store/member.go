package store

import (
	"context"

	"statusd/app/model"
)

// Members lists the users who have a role in the workspace, by e-mail.
func (o Owned) Members(ctx context.Context) ([]model.User, error) {
	users, err := query(ctx, o.View, scanUser, `
		SELECT id, email, password, admin, language, created_at
		FROM memberships
		JOIN users ON users.id = memberships.user_id
		WHERE workspace_id = $1
		ORDER BY email_key`, o.workspace)
	for i := range users {
		if err == nil {
			users[i].Roles, err = o.rolesOf(ctx, users[i].ID)
		}
	}
	return users, err
}

// SetRole gives a user a role in the workspace, in place of one that there may be.
func (o OwnedTx) SetRole(ctx context.Context, user model.UserID, role model.Role) error {
	return o.tx.exec(ctx, `
		INSERT INTO memberships (user_id, workspace_id, role)
		VALUES ($1, $2, $3)
		ON CONFLICT (user_id, workspace_id) DO UPDATE SET role = excluded.role`, user, o.workspace, role)
}

// DeleteMember ends a user's role in the workspace.
func (o OwnedTx) DeleteMember(ctx context.Context, user model.UserID) error {
	return o.tx.execOne(ctx, `DELETE FROM memberships WHERE workspace_id = $1 AND user_id = $2`, o.workspace, user)
}
