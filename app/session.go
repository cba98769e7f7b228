package app

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"net/netip"
	"strings"
	"time"
	"unicode"

	"statusd/app/model"
	"statusd/store"
)

// Client is whoever sent a request, as sessions and the limit of guesses know it.
type Client struct {
	Address netip.Addr
	Agent   string // User-Agent
	Session string // token of the session that it still has, which a new one ends; "": none
}

// Credentials are what somebody signs in with.
type Credentials struct {
	Email, Password string
	Client
}

// SignedIn is a session that has just begun. The token is for the cookie; nobody can read it again.
type SignedIn struct {
	Token   string
	Session model.Session
	User    model.User
}

// SignIn begins a session. A wrong e-mail and a wrong password are the same model.Invalid; after ten of them in a quarter of an hour
// for one account from one client it is model.TooMany for that pair, also for the right password.
func (a *App) SignIn(ctx context.Context, c Credentials) (SignedIn, error) {
	c.Email = strings.TrimSpace(c.Email)
	u, err := a.prove(ctx, c.Email, c.Password, clientOf(c.Address))
	if errors.Is(err, errWrongPassword) {
		return SignedIn{}, wrongSignIn()
	}
	if err != nil {
		return SignedIn{}, err
	}
	var in SignedIn
	err = a.write(ctx, func(tx *store.Tx) error {
		if err := unchanged(ctx, tx.View, u); err != nil {
			return err
		}
		in, err = a.beginSession(ctx, tx, u, c.Client)
		return err
	})
	if errors.Is(err, errWrongPassword) {
		return SignedIn{}, wrongSignIn()
	}
	if err == nil {
		a.Log.Info("signed in", "user", u.ID, "client", clientOf(c.Address))
	}
	return in, err
}

func wrongSignIn() error {
	var v model.Invalid
	v.Add("email", "sign_in")
	return v
}

var errWrongPassword = errors.New("wrong password")

// prove finds the account that an e-mail and a password belong to; errWrongPassword when there is none, model.TooMany when the
// client has tried too often. Both cost the same whether the account exists or not.
func (a *App) prove(ctx context.Context, email, password, client string) (u model.User, err error) {
	k, began := guessAt(email, client), a.mono()
	if err := a.guesses.begin(k, began); err != nil {
		return u, err
	}
	how := nothing
	defer func() { a.guesses.end(k, began, how) }()
	err = a.read(ctx, func(v store.View) (err error) {
		u, err = v.UserByEmail(ctx, email)
		return err
	})
	if err != nil && !errors.Is(err, store.ErrNone) {
		return u, err
	}
	ok, err := a.hasher.matches(ctx, u.Password, password)
	if err != nil {
		return u, err
	}
	if how = wrong; !ok {
		a.noteWrong(u, client)
		return model.User{}, errWrongPassword
	}
	how = right
	return a.renewed(ctx, u, password), nil
}

// noteWrong tells of a wrong password (ASVS 16.3.1). Not of the e-mail that was typed: it may be a password in the wrong field.
func (a *App) noteWrong(u model.User, client string) {
	who := "unknown"
	if u.ID != 0 {
		who = u.ID.String()
	}
	a.Log.Warn("wrong password", "user", who, "client", client)
}

// renewed brings a stored password to the present cost. That it cannot is no reason to refuse somebody.
func (a *App) renewed(ctx context.Context, u model.User, password string) model.User {
	if !a.hasher.outdated(u.Password) {
		return u
	}
	hash, err := a.hasher.hash(ctx, password)
	if err == nil {
		err = a.write(ctx, func(tx *store.Tx) error {
			if err := unchanged(ctx, tx.View, u); err != nil {
				return err
			}
			return tx.SetPassword(ctx, u.ID, hash)
		})
	}
	if err != nil {
		a.Log.Warn("a password keeps its old hash", "user", u.ID, "err", err)
		return u
	}
	u.Password = hash
	return u
}

// unchanged is errWrongPassword when the account has gone or got another password since it was read.
func unchanged(ctx context.Context, v store.View, u model.User) error {
	now, err := v.User(ctx, u.ID)
	if errors.Is(err, store.ErrNone) || err == nil && now.Password != u.Password {
		return errWrongPassword
	}
	return err
}

// beginSession writes a session with a token of its own.
func (a *App) beginSession(ctx context.Context, tx *store.Tx, u model.User, c Client) (SignedIn, error) {
	s := model.Session{Agent: tidyAgent(c.Agent)}
	if c.Address.IsValid() {
		s.Address = c.Address.Unmap().String()
	}
	if c.Session != "" {
		if err := tx.DeleteSessionByHash(ctx, hashToken(c.Session)); err != nil {
			return SignedIn{}, err
		}
	}
	return a.resumeSession(ctx, tx, u, s)
}

// resumeSession begins a session where another was.
func (a *App) resumeSession(ctx context.Context, tx *store.Tx, u model.User, before model.Session) (SignedIn, error) {
	now := a.Now().UTC().Truncate(time.Millisecond)
	s := model.Session{ID: model.NewSessionID(), User: u.ID, Created: now, Seen: now, Agent: before.Agent, Address: before.Address}
	token := newSecretToken()
	return SignedIn{token, s, shown(u)}, tx.AddSession(ctx, s, hashToken(token))
}

// newSecretToken is 32 random bytes, as a cookie or a URL can hold them.
func newSecretToken() string {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // never fails: crypto/rand, Go 1.24
	return base64.RawURLEncoding.EncodeToString(b)
}

// tidyAgent keeps what can be shown of a User-Agent, which strangers write.
func tidyAgent(agent string) string {
	runes := []rune(strings.ToValidUTF8(agent, ""))
	if len(runes) > 200 {
		runes = runes[:200]
	}
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, string(runes))
}

// shown is a user without what only a comparison needs.
func shown(u model.User) model.User {
	u.Password = ""
	return u
}

// Session finds the session with a token and its user; model.ErrUnauthorized when there is none or it is over. It asks the database
// each time, so that what another process ends is over at once.
func (a *App) Session(ctx context.Context, token string) (s model.Session, u model.User, err error) {
	if token == "" {
		return s, u, model.ErrUnauthorized
	}
	err = a.read(ctx, func(v store.View) (err error) {
		if s, err = v.SessionByHash(ctx, hashToken(token)); err == nil {
			u, err = v.User(ctx, s.User)
		}
		return err
	})
	now := a.Now()
	if errors.Is(err, store.ErrNone) || err == nil && s.Over(now) {
		return model.Session{}, model.User{}, model.ErrUnauthorized
	}
	if err != nil {
		return model.Session{}, model.User{}, err
	}
	if now.Sub(s.Seen).Abs() >= time.Minute {
		a.noteSeen(ctx, s.ID, now)
	}
	return s, shown(u), nil
}

// noteSeen records when a session was used. That it cannot be recorded is no reason to refuse the request.
func (a *App) noteSeen(ctx context.Context, id model.SessionID, now time.Time) {
	err := a.Store.Write(ctx, store.Relaxed, func(tx *store.Tx) error { return tx.SessionSeen(ctx, id, now) })
	if err != nil {
		a.Log.Warn("last use of a session not recorded", "session", id, "err", err)
	}
}

// SignOut ends the session with a token; nothing happens when there is none.
func (a *App) SignOut(ctx context.Context, token string) error {
	return a.write(ctx, func(tx *store.Tx) error { return tx.DeleteSessionByHash(ctx, hashToken(token)) })
}

// Sessions lists a user's sessions that are not over, the last seen first.
func (a *App) Sessions(ctx context.Context, user model.UserID) (out []model.Session, err error) {
	err = a.read(ctx, func(v store.View) error {
		all, err := v.SessionsOf(ctx, user)
		for _, s := range all {
			if !s.Over(a.Now()) {
				out = append(out, s)
			}
		}
		return err
	})
	return out, err
}

// EndSession ends one of a user's sessions; model.ErrNotFound when it is none of theirs.
func (a *App) EndSession(ctx context.Context, user model.UserID, id model.SessionID) error {
	return a.write(ctx, func(tx *store.Tx) error { return known(tx.DeleteSession(ctx, user, id)) })
}

// EndSessions ends all of a user's sessions but one; 0 for all.
func (a *App) EndSessions(ctx context.Context, user model.UserID, except model.SessionID) error {
	return a.write(ctx, func(tx *store.Tx) error { return tx.DeleteSessionsOf(ctx, user, except) })
}

// expire removes the sessions and invitations that are over; they open nothing already. It waits until the clock has been believed
// for an hour, as forget does.
func (a *App) expire(ctx context.Context) error {
	if !a.watch.Settled() {
		return nil
	}
	now := a.Now()
	if err := a.forgetUnconfirmed(ctx); err != nil {
		return err
	}
	return a.Store.Write(ctx, store.Relaxed, func(tx *store.Tx) error {
		if err := tx.DeleteSessionsOver(ctx, now.Add(-model.SessionIdle), now.Add(-model.SessionLife)); err != nil {
			return err
		}
		return tx.DeleteInvitesOver(ctx, now)
	})
}
