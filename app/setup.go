package app

import (
	"context"
	"crypto/subtle"
	"strings"
	"sync"
	"time"

	"statusd/app/model"
	"statusd/store"
)

// setupLife is how long a set-up link works (ASVS 6.4.1).
const setupLife = 24 * time.Hour

// setup is the token of the set-up link. It is in memory only: a new start makes a new one.
type setup struct {
	mu    sync.Mutex
	token string
	made  time.Duration // on the monotonic clock
}

// current is the token, and whether it has just taken the place of one whose day is over.
func (s *setup) current(now time.Duration) (token string, again bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.token != "" && now-s.made < setupLife {
		return s.token, false
	}
	again = s.token != ""
	s.token, s.made = newSecretToken(), now
	return s.token, again
}

// SetupToken is the token of the set-up link; "" once there is an account.
func (a *App) SetupToken(ctx context.Context) (string, error) {
	count, err := a.CountUsers(ctx)
	if err != nil || count > 0 {
		return "", err
	}
	token, _ := a.setup.current(a.mono())
	return token, nil
}

// CountUsers is how many accounts the instance has; without one it wants to be set up.
func (a *App) CountUsers(ctx context.Context) (n int, err error) {
	err = a.read(ctx, func(v store.View) (err error) {
		n, err = v.CountUsers(ctx)
		return err
	})
	return n, err
}

// CanSetUp looks at a set-up link, which does not use it up: model.ErrNotFound when it is not the one, or there is an account.
func (a *App) CanSetUp(ctx context.Context, token string) error {
	count, err := a.CountUsers(ctx)
	if err != nil {
		return err
	}
	if count > 0 {
		return model.ErrNotFound
	}
	want, again := a.setup.current(a.mono())
	if again {
		a.OnSetupToken()
	}
	if subtle.ConstantTimeCompare([]byte(token), []byte(want)) != 1 {
		return model.ErrNotFound
	}
	return nil
}

// SetUp is what the first account is made of.
type SetUp struct {
	Email, Password string
	Workspace       string // "": DefaultWorkspace
	BaseURL         string // "": not known yet; ignored when it was given at the start
	Language        string
	Client
}

// SetUp makes the first account of the instance, an admin who owns every workspace that there is and the one that is named, confirms
// the public URL, and signs in. Of several at once, one succeeds.
func (a *App) SetUp(ctx context.Context, token string, n SetUp) (in SignedIn, err error) {
	if err := a.CanSetUp(ctx, token); err != nil {
		return in, err
	}
	if n, err = a.validSetUp(n); err != nil {
		return in, err
	}
	hash, err := a.hasher.hash(ctx, n.Password)
	if err != nil {
		return in, err
	}
	err = a.write(ctx, func(tx *store.Tx) error {
		count, err := tx.CountUsers(ctx)
		if err != nil {
			return err
		}
		if count > 0 {
			return model.ErrNotFound
		}
		u := model.User{
			ID: model.NewUserID(), Email: n.Email, Password: hash, Admin: true, Language: n.Language,
			Created: a.Now().UTC().Truncate(time.Millisecond),
		}
		if u.Roles, err = a.firstRoles(ctx, tx, self(u), n.Workspace); err != nil {
			return err
		}
		if err := tx.AddUser(ctx, u); err != nil {
			return err
		}
		if err := a.auditedAccount(ctx, tx, self(u), nil, &u); err != nil {
			return err
		}
		if n.BaseURL != "" { // now that there is a workspace whose trail can tell of it
			if err := a.storeBaseURL(ctx, tx, self(u), n.BaseURL); err != nil {
				return err
			}
		}
		in, err = a.beginSession(ctx, tx, u, n.Client)
		return err
	})
	if err == nil && n.BaseURL != "" {
		a.moved()
	}
	return in, err
}

// validSetUp checks the form and brings its fields into the form in which they are stored.
func (a *App) validSetUp(n SetUp) (SetUp, error) {
	var v model.Invalid
	n.Email, n.Workspace = strings.TrimSpace(n.Email), strings.TrimSpace(n.Workspace)
	mailAddress(&v, "email", n.Email)
	a.validatePassword(&v, n.Password)
	oneLine(&v, "workspace", n.Workspace, 80)
	a.validateLanguage(&v, n.Language)
	switch {
	case a.BaseURLFixed():
		n.BaseURL = ""
	case n.BaseURL != "":
		n.BaseURL = publicURL(&v, "baseUrl", n.BaseURL)
	}
	if n.Workspace == "" {
		n.Workspace = DefaultWorkspace
	}
	return n, v.Err()
}

// firstRoles makes the first account an owner of what was there before it (the command line can make workspaces), and of the
// workspace that it names.
func (a *App) firstRoles(ctx context.Context, tx *store.Tx, by model.Actor, name string) (map[model.WorkspaceID]model.Role, error) {
	all, err := tx.Workspaces(ctx)
	if err != nil {
		return nil, err
	}
	roles, found := map[model.WorkspaceID]model.Role{}, false
	for _, w := range all {
		roles[w.ID] = model.Owner
		found = found || w.Name == name
	}
	if !found {
		w, err := a.addWorkspace(ctx, tx, by, name)
		if err != nil {
			return nil, err
		}
		roles[w.ID] = model.Owner
	}
	return roles, nil
}
