package store

import (
	"context"
	"time"

	"statusd/app/model"
)

const tokenColumns = `id, workspace_id, name, role, admin, created_at, last_used_at, expires_at`

func scanToken(_ View, row scanner) (model.Token, error) {
	var t model.Token
	var created, used, expires int64
	err := row.Scan(&t.ID, &t.Workspace, &t.Name, &t.Role, &t.Admin, &created, &used, &expires)
	t.Created, t.LastUsed, t.Expires = millis(created), millis(used), millis(expires)
	return t, err
}

// TokenByHash finds the token whose SHA-256 is given.
func (v View) TokenByHash(ctx context.Context, hash []byte) (model.Token, error) {
	return one(ctx, v, scanToken, `
		SELECT `+tokenColumns+`
		FROM tokens
		WHERE hash = $1`, hash)
}

// Tokens lists every token of the instance by creation.
func (v View) Tokens(ctx context.Context) ([]model.Token, error) {
	return query(ctx, v, scanToken, `
		SELECT `+tokenColumns+`
		FROM tokens
		ORDER BY created_at, id`)
}

// Tokens lists the workspace's tokens by creation.
func (o Owned) Tokens(ctx context.Context) ([]model.Token, error) {
	return query(ctx, o.View, scanToken, `
		SELECT `+tokenColumns+`
		FROM tokens
		WHERE workspace_id = $1
		ORDER BY created_at, id`, o.workspace)
}

// AddToken writes a new token under the hash of its text.
func (o OwnedTx) AddToken(ctx context.Context, t model.Token, hash []byte) error {
	return o.tx.exec(ctx, `
		INSERT INTO tokens (id, workspace_id, name, hash, role, admin, created_at, last_used_at, expires_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $8)`,
		t.ID, o.workspace, t.Name, hash, t.Role, t.Admin, toMillis(t.Created), toMillis(t.Expires))
}

// TokenUsed notes when a token was last used.
func (tx *Tx) TokenUsed(ctx context.Context, id model.TokenID, at time.Time) error {
	return tx.exec(ctx, `
		UPDATE tokens
		SET last_used_at = $1
		WHERE id = $2`, toMillis(at), id)
}

// DeleteToken ends a token of the workspace at once.
func (o OwnedTx) DeleteToken(ctx context.Context, id model.TokenID) error {
	return o.tx.execOne(ctx, `DELETE FROM tokens WHERE workspace_id = $1 AND id = $2`, o.workspace, id)
}

// DeleteToken ends a token at once.
func (tx *Tx) DeleteToken(ctx context.Context, id model.TokenID) error {
	return tx.execOne(ctx, `DELETE FROM tokens WHERE id = $1`, id)
}
