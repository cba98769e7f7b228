package store

import (
	"bytes"
	"context"
	"time"

	"statusd/app/model"
)

// Answer is what a POST with an Idempotency-Key was answered, kept so that repeating it does nothing and answers the same.
type Answer struct {
	Fingerprint []byte // SHA-256 of method, path and body
	Status      int
	Location    string
	Body        []byte
	Created     time.Time
}

// Same says whether the answer is to the same request.
func (a Answer) Same(fingerprint []byte) bool { return bytes.Equal(a.Fingerprint, fingerprint) }

func scanAnswer(_ View, row scanner) (Answer, error) {
	var a Answer
	var created int64
	err := row.Scan(&a.Fingerprint, &a.Status, &a.Location, &a.Body, &created)
	a.Created = millis(created)
	return a, err
}

// Answer finds what a token was answered under a key; ErrNone when nothing.
func (v View) Answer(ctx context.Context, t model.TokenID, key string) (Answer, error) {
	return one(ctx, v, scanAnswer, `
		SELECT fingerprint, status, location, body, created_at
		FROM answers
		WHERE token_id = $1 AND key = $2`, t, key)
}

// AddAnswer keeps an answer, replacing an older one under the key.
func (tx *Tx) AddAnswer(ctx context.Context, t model.TokenID, key string, a Answer) error {
	return tx.exec(ctx, `
		INSERT INTO answers (token_id, key, fingerprint, status, location, body, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (token_id, key) DO UPDATE SET fingerprint = excluded.fingerprint, status = excluded.status,
			location = excluded.location, body = excluded.body, created_at = excluded.created_at`,
		t, key, a.Fingerprint, a.Status, a.Location, append([]byte{}, a.Body...), toMillis(a.Created))
}
