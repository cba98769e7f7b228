package app

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"statusd/app/model"
	"statusd/store"
)

// tokenPrefix makes a token recognisable to people and to scanners for leaked secrets.
const tokenPrefix = "statusd_"

// NewToken is what an API token is made of.
type NewToken struct {
	Name      string
	Role      model.Role
	Admin     bool
	Expires   time.Time // zero: never
	Workspace string    // name, for CreateToken; "" for the only one
}

// CreateToken makes a token and returns its text, which nobody can read again.
func (a *App) CreateToken(ctx context.Context, n NewToken) (text string, t model.Token, err error) {
	if err := a.validateToken(n); err != nil {
		return "", t, err
	}
	err = a.write(ctx, func(tx *store.Tx) error {
		w, err := a.workspaceFor(ctx, tx, n.Workspace, true)
		if err != nil {
			return err
		}
		text, t, err = a.addToken(ctx, tx, commandLine(), w.ID, n)
		return err
	})
	return text, t, err
}

// NewTokenBy makes a token of the actor's workspace, which an owner may; one that may change the instance, only an admin.
func (a *App) NewTokenBy(ctx context.Context, by model.Actor, n NewToken) (text string, t model.Token, err error) {
	if !by.May(model.Owner) || n.Admin && !by.Admin {
		return "", t, model.ErrForbidden
	}
	if err := a.validateToken(n); err != nil {
		return "", t, err
	}
	err = a.write(ctx, func(tx *store.Tx) error {
		text, t, err = a.addToken(ctx, tx, by, by.Workspace, n)
		return err
	})
	return text, t, err
}

func (a *App) validateToken(n NewToken) error {
	var v model.Invalid
	named(&v, "name", n.Name, 80)
	validRole(&v, n.Role)
	if !n.Expires.IsZero() && !n.Expires.After(a.Now()) {
		v.Add("expires", "future")
	}
	return v.Err()
}

func (a *App) addToken(ctx context.Context, tx *store.Tx, by model.Actor, w model.WorkspaceID, n NewToken) (string, model.Token, error) {
	text := tokenPrefix + rand.Text()
	if !n.Expires.IsZero() {
		n.Expires = n.Expires.UTC().Truncate(time.Millisecond)
	}
	t := model.Token{
		ID: model.NewTokenID(), Workspace: w, Name: n.Name, Role: n.Role, Admin: n.Admin,
		Created: a.Now().UTC().Truncate(time.Millisecond), Expires: n.Expires,
	}
	if err := tx.In(w).AddToken(ctx, t, hashToken(text)); err != nil {
		return "", t, err
	}
	return text, t, a.auditedIn(ctx, tx, by, w, tokenTrail.entry(nil, &t))
}

// WorkspaceTokens lists the tokens of the actor's workspace by creation, those that have expired too; an owner may.
func (a *App) WorkspaceTokens(ctx context.Context, by model.Actor) (out []model.Token, err error) {
	if !by.May(model.Owner) {
		return nil, model.ErrForbidden
	}
	err = a.read(ctx, func(v store.View) (err error) {
		out, err = v.In(by.Workspace).Tokens(ctx)
		return err
	})
	return out, err
}

// RevokeTokenByID ends a token of the actor's workspace; an owner may.
func (a *App) RevokeTokenByID(ctx context.Context, by model.Actor, id model.TokenID) error {
	if !by.May(model.Owner) {
		return model.ErrForbidden
	}
	return a.write(ctx, func(tx *store.Tx) error {
		own := tx.In(by.Workspace)
		all, err := own.Tokens(ctx)
		if err != nil {
			return err
		}
		if err := own.DeleteToken(ctx, id); err != nil {
			return known(err)
		}
		at := slices.IndexFunc(all, func(t model.Token) bool { return t.ID == id })
		return a.audited(ctx, tx, by, tokenTrail.entry(&all[at], nil))
	})
}

// Tokens lists all tokens by creation.
func (a *App) Tokens(ctx context.Context) (out []model.Token, err error) {
	err = a.read(ctx, func(v store.View) (err error) {
		out, err = v.Tokens(ctx)
		return err
	})
	return out, err
}

// RevokeToken ends the token with an id or a name; a name that several have is refused.
func (a *App) RevokeToken(ctx context.Context, nameOrID string) (t model.Token, err error) {
	err = a.write(ctx, func(tx *store.Tx) error {
		all, err := tx.Tokens(ctx)
		if err != nil {
			return err
		}
		var found []model.Token
		for _, one := range all {
			if one.ID.String() == nameOrID { // whatever others are named
				found = []model.Token{one}
				break
			}
			if one.Name == nameOrID {
				found = append(found, one)
			}
		}
		switch len(found) {
		case 0:
			return fmt.Errorf("there is no token %q: statusd token list shows them", nameOrID)
		case 1:
			t = found[0]
			if err := tx.DeleteToken(ctx, t.ID); err != nil {
				return err
			}
			return a.auditedIn(ctx, tx, commandLine(), t.Workspace, tokenTrail.entry(&t, nil))
		}
		return fmt.Errorf("%d tokens are named %q: revoke by id (statusd token list)", len(found), nameOrID)
	})
	return t, err
}

func hashToken(text string) []byte {
	sum := sha256.Sum256([]byte(text))
	return sum[:]
}

// Authenticate finds out who holds a token; model.ErrUnauthorized when it is none of ours. It asks the database each time, so
// that a token revoked by a command stops working at once.
func (a *App) Authenticate(ctx context.Context, text string) (model.Actor, error) {
	if !strings.HasPrefix(text, tokenPrefix) {
		return model.Actor{}, model.ErrUnauthorized
	}
	var t model.Token
	err := a.read(ctx, func(v store.View) (err error) {
		t, err = v.TokenByHash(ctx, hashToken(text))
		return err
	})
	if errors.Is(err, store.ErrNone) || err == nil && t.Expired(a.Now()) {
		return model.Actor{}, model.ErrUnauthorized
	}
	if err != nil {
		return model.Actor{}, err
	}
	if a.used.due(t.ID, a.Now()) {
		a.noteUse(ctx, t.ID)
	}
	return t.Actor(), nil
}

// noteUse records when a token was used. That it cannot be recorded is no reason to refuse the request.
func (a *App) noteUse(ctx context.Context, id model.TokenID) {
	err := a.Store.Write(ctx, store.Relaxed, func(tx *store.Tx) error { return tx.TokenUsed(ctx, id, a.Now()) })
	if err != nil {
		a.Log.Warn("last use of a token not recorded", "token", id, "err", err)
	}
}

// tokenUse remembers which tokens were noted in the last minute, so that reading does not write.
type tokenUse struct {
	mu    sync.Mutex
	noted map[model.TokenID]time.Time
}

func (u *tokenUse) due(id model.TokenID, now time.Time) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	if last, ok := u.noted[id]; ok && now.Sub(last) < time.Minute && !now.Before(last) {
		return false
	}
	if u.noted == nil {
		u.noted = map[model.TokenID]time.Time{}
	}
	u.noted[id] = now
	return true
}
