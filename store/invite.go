package store

import (
	"context"
	"database/sql"
	"strings"
	"time"

	"statusd/app/model"
)

const inviteColumns = `id, workspace_id, email, role, created_at, expires_at, by_user`

func scanInvite(_ View, row scanner) (model.Invite, error) {
	var i model.Invite
	var created, expires int64
	var by sql.NullInt64
	err := row.Scan(&i.ID, &i.Workspace, &i.Email, &i.Role, &created, &expires, &by)
	i.Created, i.Expires, i.By = millis(created), millis(expires), model.UserID(by.Int64)
	return i, err
}

// InviteByHash finds the invitation whose token has a SHA-256, in whichever workspace: the token is the right to see it.
func (v View) InviteByHash(ctx context.Context, hash []byte) (model.Invite, error) {
	return one(ctx, v, scanInvite, `
		SELECT `+inviteColumns+`
		FROM invites
		WHERE hash = $1`, hash)
}

// Invites lists the workspace's invitations by e-mail.
func (o Owned) Invites(ctx context.Context) ([]model.Invite, error) {
	return query(ctx, o.View, scanInvite, `
		SELECT `+inviteColumns+`
		FROM invites
		WHERE workspace_id = $1
		ORDER BY email_key`, o.workspace)
}

// SetInvite writes an invitation under the hash of its token, in place of an earlier one to the same address.
func (o OwnedTx) SetInvite(ctx context.Context, i model.Invite, hash []byte) error {
	if err := o.tx.exec(ctx, `DELETE FROM invites WHERE workspace_id = $1 AND email_key = $2`, o.workspace, strings.ToLower(i.Email)); err != nil {
		return err
	}
	return o.tx.exec(ctx, `
		INSERT INTO invites (id, workspace_id, email, email_key, role, hash, created_at, expires_at, by_user)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		i.ID, o.workspace, i.Email, strings.ToLower(i.Email), i.Role, hash, toMillis(i.Created), toMillis(i.Expires),
		sql.NullInt64{Int64: int64(i.By), Valid: i.By != 0})
}

// DeleteInvite takes an invitation back.
func (o OwnedTx) DeleteInvite(ctx context.Context, id model.InviteID) error {
	return o.tx.execOne(ctx, `DELETE FROM invites WHERE workspace_id = $1 AND id = $2`, o.workspace, id)
}

// DeleteInvitesBy takes back what a user has invited to the workspace.
func (o OwnedTx) DeleteInvitesBy(ctx context.Context, user model.UserID) error {
	return o.tx.exec(ctx, `DELETE FROM invites WHERE workspace_id = $1 AND by_user = $2`, o.workspace, user)
}

// DeleteInvitesOver removes the invitations that ended before a time.
func (tx *Tx) DeleteInvitesOver(ctx context.Context, now time.Time) error {
	return tx.exec(ctx, `DELETE FROM invites WHERE expires_at <= $1`, toMillis(now))
}
