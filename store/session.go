package store

import (
	"context"
	"time"

	"statusd/app/model"
)

const sessionColumns = `id, user_id, created_at, seen_at, agent, address`

func scanSession(_ View, row scanner) (model.Session, error) {
	var s model.Session
	var created, seen int64
	err := row.Scan(&s.ID, &s.User, &created, &seen, &s.Agent, &s.Address)
	s.Created, s.Seen = millis(created), millis(seen)
	return s, err
}

// SessionByHash finds the session whose token has a SHA-256.
func (v View) SessionByHash(ctx context.Context, hash []byte) (model.Session, error) {
	return one(ctx, v, scanSession, `
		SELECT `+sessionColumns+`
		FROM sessions
		WHERE hash = $1`, hash)
}

// SessionsOf lists a user's sessions, the last seen first.
func (v View) SessionsOf(ctx context.Context, user model.UserID) ([]model.Session, error) {
	return query(ctx, v, scanSession, `
		SELECT `+sessionColumns+`
		FROM sessions
		WHERE user_id = $1
		ORDER BY seen_at DESC, id`, user)
}

// AddSession writes a new session under the hash of its token.
func (tx *Tx) AddSession(ctx context.Context, s model.Session, hash []byte) error {
	return tx.exec(ctx, `
		INSERT INTO sessions (id, user_id, hash, created_at, seen_at, agent, address)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		s.ID, s.User, hash, toMillis(s.Created), toMillis(s.Seen), s.Agent, s.Address)
}

// SessionSeen notes when a session was last used.
func (tx *Tx) SessionSeen(ctx context.Context, id model.SessionID, at time.Time) error {
	return tx.exec(ctx, `
		UPDATE sessions
		SET seen_at = $1
		WHERE id = $2`, toMillis(at), id)
}

// DeleteSessionByHash ends the session with a token, if there is one.
func (tx *Tx) DeleteSessionByHash(ctx context.Context, hash []byte) error {
	return tx.exec(ctx, `DELETE FROM sessions WHERE hash = $1`, hash)
}

// DeleteSession ends one of a user's sessions.
func (tx *Tx) DeleteSession(ctx context.Context, user model.UserID, id model.SessionID) error {
	return tx.execOne(ctx, `DELETE FROM sessions WHERE user_id = $1 AND id = $2`, user, id)
}

// DeleteSessionsOf ends a user's sessions but one; 0 for all.
func (tx *Tx) DeleteSessionsOf(ctx context.Context, user model.UserID, except model.SessionID) error {
	return tx.exec(ctx, `DELETE FROM sessions WHERE user_id = $1 AND id <> $2`, user, except)
}

// DeleteSessionsOver removes the sessions that were not seen since one time, or began before another.
func (tx *Tx) DeleteSessionsOver(ctx context.Context, seen, began time.Time) error {
	return tx.exec(ctx, `DELETE FROM sessions WHERE seen_at <= $1 OR created_at <= $2`, toMillis(seen), toMillis(began))
}
