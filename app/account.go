package app

import (
	"context"
	"errors"
	"strings"
	"unicode/utf8"

	"statusd/app/model"
	"statusd/store"
)

// NewUser is what an account is made of.
type NewUser struct {
	Email, Password string
	Role            model.Role
	Workspace       string // name; "" for the only one, or for a first one
	Admin           *bool  // nil: the first account is an admin, later ones are not
}

// AddUser makes an account.
func (a *App) AddUser(ctx context.Context, n NewUser) (u model.User, err error) {
	var v model.Invalid
	n.Email = strings.TrimSpace(n.Email)
	if len(n.Email) > 254 || !emailForm.MatchString(n.Email) {
		v.Add("email", "email")
	}
	a.validatePassword(&v, n.Password)
	if err := v.Err(); err != nil {
		return u, err
	}
	hash := hashPassword(n.Password)
	err = a.write(ctx, func(tx *store.Tx) error {
		count, err := tx.CountUsers(ctx)
		if err != nil {
			return err
		}
		w, err := a.workspaceFor(ctx, tx, n.Workspace, count == 0)
		if err != nil {
			return err
		}
		admin := count == 0
		if n.Admin != nil {
			admin = *n.Admin
		}
		u = model.User{
			ID: model.NewUserID(), Email: n.Email, Password: hash, Admin: admin, Created: a.Now().UTC(),
			Roles: map[model.WorkspaceID]model.Role{w.ID: n.Role},
		}
		return tx.AddUser(ctx, u)
	})
	if errors.Is(err, store.ErrTaken) {
		v.Add("email", "taken")
		err = v
	}
	return u, err
}

// SetPassword replaces a user's password.
func (a *App) SetPassword(ctx context.Context, email, password string) error {
	var v model.Invalid
	a.validatePassword(&v, password)
	if err := v.Err(); err != nil {
		return err
	}
	hash := hashPassword(password)
	return a.write(ctx, func(tx *store.Tx) error {
		u, err := tx.UserByEmail(ctx, email)
		if err != nil {
			return known(err)
		}
		return tx.SetPassword(ctx, u.ID, hash)
	})
}

// Users lists all accounts by e-mail.
func (a *App) Users(ctx context.Context) (out []model.User, err error) {
	err = a.read(ctx, func(v store.View) (err error) {
		out, err = v.Users(ctx)
		return err
	})
	return out, err
}

// The lengths of a password, in characters (SPEC §8).
const minPassword, maxPassword = 10, 200

func (a *App) validatePassword(v *model.Invalid, password string) {
	n := utf8.RuneCountInString(password)
	switch {
	case n < minPassword || n > maxPassword:
		v.Add("password", "password_length", "min", minPassword, "max", maxPassword)
	case a.CommonPasswords[strings.ToLower(password)]:
		v.Add("password", "password_common")
	}
}
