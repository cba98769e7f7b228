package app

import (
	"context"
	"errors"
	"slices"
	"strings"

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
	mailAddress(&v, "email", n.Email)
	a.validatePassword(&v, n.Password)
	if err := v.Err(); err != nil {
		return u, err
	}
	hash, err := a.hasher.hash(ctx, n.Password)
	if err != nil {
		return u, err
	}
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
		if err := tx.AddUser(ctx, u); err != nil {
			return err
		}
		return a.auditedAccount(ctx, tx, commandLine(), nil, &u)
	})
	if errors.Is(err, store.ErrTaken) {
		v.Add("email", "taken")
		err = v
	}
	return shown(u), err
}

// SetPassword replaces a user's password and ends the user's sessions.
func (a *App) SetPassword(ctx context.Context, email, password string) error {
	return a.replacePassword(ctx, commandLine(), password, func(v store.View) (model.User, error) { return v.UserByEmail(ctx, email) })
}

// replacePassword gives the user that find finds another password.
func (a *App) replacePassword(ctx context.Context, by model.Actor, password string, find func(store.View) (model.User, error)) error {
	var v model.Invalid
	a.validatePassword(&v, password)
	if err := v.Err(); err != nil {
		return err
	}
	hash, err := a.hasher.hash(ctx, password)
	if err != nil {
		return err
	}
	return a.write(ctx, func(tx *store.Tx) error {
		u, err := find(tx.View)
		if err != nil {
			return known(err)
		}
		return a.setPassword(ctx, tx, by, u.ID, hash)
	})
}

// setPassword replaces a hash; whoever signed in with the old password is signed out.
func (a *App) setPassword(ctx context.Context, tx *store.Tx, by model.Actor, id model.UserID, hash string) error {
	u, err := tx.User(ctx, id)
	if err != nil {
		return err
	}
	next := u
	next.Password = hash
	if err := errors.Join(tx.SetPassword(ctx, id, hash), tx.DeleteSessionsOf(ctx, id, 0)); err != nil {
		return err
	}
	return a.auditedAccount(ctx, tx, by, &u, &next)
}

// ChangePassword replaces the password of the user of a session, who must know the old one. It ends all of the user's sessions and
// begins one in place of this. Wrong old passwords are counted for the session: whoever found a browser open cannot guess on
// from elsewhere, and does not keep the owner from signing in.
func (a *App) ChangePassword(ctx context.Context, s model.Session, old, now string) (in SignedIn, err error) {
	var v model.Invalid
	a.validatePassword(&v, now)
	if err := v.Err(); err != nil {
		return in, err
	}
	u, err := a.userByID(ctx, s.User)
	if err != nil {
		return in, err
	}
	if u, err = a.prove(ctx, u.Email, old, "session "+s.ID.String()); errors.Is(err, errWrongPassword) {
		v.Add("old", "old_password")
		return in, v
	} else if err != nil {
		return in, err
	}
	hash, err := a.hasher.hash(ctx, now)
	if err != nil {
		return in, err
	}
	err = a.write(ctx, func(tx *store.Tx) error {
		if err := unchanged(ctx, tx.View, u); err != nil {
			return model.ErrUnauthorized // somebody else was quicker
		}
		if err := tx.DeleteSession(ctx, s.User, s.ID); err != nil {
			return model.ErrUnauthorized // ended meanwhile
		}
		if err := a.setPassword(ctx, tx, self(u), u.ID, hash); err != nil {
			return err
		}
		in, err = a.resumeSession(ctx, tx, u, s)
		return err
	})
	return in, err
}

// SetLanguage chooses the language of a user's dashboard; "" for the browser's.
func (a *App) SetLanguage(ctx context.Context, user model.UserID, language string) error {
	var v model.Invalid
	a.validateLanguage(&v, language)
	if err := v.Err(); err != nil {
		return err
	}
	return a.write(ctx, func(tx *store.Tx) error { return known(tx.SetLanguage(ctx, user, language)) })
}

func (a *App) validateLanguage(v *model.Invalid, language string) {
	if language != "" && !slices.Contains(a.Languages, language) {
		v.Add("language", "choice", "choices", strings.Join(a.Languages, ", "))
	}
}

func (a *App) userByID(ctx context.Context, id model.UserID) (u model.User, err error) {
	err = a.read(ctx, func(v store.View) (err error) {
		u, err = v.User(ctx, id)
		return known(err)
	})
	return u, err
}

// Users lists all accounts by e-mail.
func (a *App) Users(ctx context.Context) (out []model.User, err error) {
	err = a.read(ctx, func(v store.View) (err error) {
		out, err = v.Users(ctx)
		return err
	})
	for i := range out {
		out[i] = shown(out[i])
	}
	return out, err
}
