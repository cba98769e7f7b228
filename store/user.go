package store

import (
	"context"
	"strings"

	"statusd/app/model"
)

const userColumns = `id, email, password, admin, language, created_at`

func scanUser(_ View, row scanner) (model.User, error) {
	var u model.User
	var created int64
	err := row.Scan(&u.ID, &u.Email, &u.Password, &u.Admin, &u.Language, &created)
	u.Created = millis(created)
	return u, err
}

// Users lists all users of the instance by e-mail, with their roles.
func (v View) Users(ctx context.Context) ([]model.User, error) {
	users, err := query(ctx, v, scanUser, `
		SELECT `+userColumns+`
		FROM users
		ORDER BY email_key`)
	for i := range users {
		if err == nil {
			users[i].Roles, err = v.rolesOf(ctx, users[i].ID)
		}
	}
	return users, err
}

// UserByEmail finds a user by e-mail, without regard to case.
func (v View) UserByEmail(ctx context.Context, email string) (model.User, error) {
	u, err := one(ctx, v, scanUser, `
		SELECT `+userColumns+`
		FROM users
		WHERE email_key = $1`, strings.ToLower(email))
	if err == nil {
		u.Roles, err = v.rolesOf(ctx, u.ID)
	}
	return u, err
}

// User finds a user by id.
func (v View) User(ctx context.Context, id model.UserID) (model.User, error) {
	u, err := one(ctx, v, scanUser, `
		SELECT `+userColumns+`
		FROM users
		WHERE id = $1`, id)
	if err == nil {
		u.Roles, err = v.rolesOf(ctx, u.ID)
	}
	return u, err
}

type membership struct {
	workspace model.WorkspaceID
	role      model.Role
}

func scanMembership(_ View, row scanner) (membership, error) {
	var m membership
	err := row.Scan(&m.workspace, &m.role)
	return m, err
}

func (v View) rolesOf(ctx context.Context, id model.UserID) (map[model.WorkspaceID]model.Role, error) {
	list, err := query(ctx, v, scanMembership, `
		SELECT workspace_id, role
		FROM memberships
		WHERE user_id = $1`, id)
	roles := make(map[model.WorkspaceID]model.Role, len(list))
	for _, m := range list {
		roles[m.workspace] = m.role
	}
	return roles, err
}

// CountUsers is how many accounts the instance has.
func (v View) CountUsers(ctx context.Context) (n int, err error) {
	err = v.q.QueryRowContext(ctx, `SELECT count(*) FROM users`).Scan(&n)
	return n, err
}

// AddUser writes a new account and its roles; ErrTaken when the e-mail is in use.
func (tx *Tx) AddUser(ctx context.Context, u model.User) error {
	err := tx.exec(ctx, `
		INSERT INTO users (id, email, email_key, password, admin, language, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		u.ID, u.Email, strings.ToLower(u.Email), u.Password, u.Admin, u.Language, toMillis(u.Created))
	for w, role := range u.Roles {
		if err == nil {
			err = tx.In(w).SetRole(ctx, u.ID, role)
		}
	}
	return err
}

// SetPassword replaces the hash of a user's password.
func (tx *Tx) SetPassword(ctx context.Context, id model.UserID, hash string) error {
	return tx.execOne(ctx, `
		UPDATE users
		SET password = $1
		WHERE id = $2`, hash, id)
}

// SetAdmin says whether a user may change the instance.
func (tx *Tx) SetAdmin(ctx context.Context, id model.UserID, admin bool) error {
	return tx.execOne(ctx, `
		UPDATE users
		SET admin = $1
		WHERE id = $2`, admin, id)
}

// SetLanguage chooses a user's language.
func (tx *Tx) SetLanguage(ctx context.Context, id model.UserID, language string) error {
	return tx.execOne(ctx, `
		UPDATE users
		SET language = $1
		WHERE id = $2`, language, id)
}

// DeleteUser removes an account with its roles, sessions and invitations.
func (tx *Tx) DeleteUser(ctx context.Context, id model.UserID) error {
	return tx.execOne(ctx, `DELETE FROM users WHERE id = $1`, id)
}
