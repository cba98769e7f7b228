package store

import (
	"context"
	"database/sql"

	"statusd/app/status"
)

// SeenAlive notes a sign of life.
func (tx *Tx) SeenAlive(ctx context.Context, at status.Instant) error {
	return tx.exec(ctx, `
		INSERT INTO life (id, seen_at)
		VALUES (1, $1)
		ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at`, at)
}

// LastAlive is the newest sign of life: the one noted, or the newest segment, which is one too. 0 when there never was one.
func (v View) LastAlive(ctx context.Context) (status.Instant, error) {
	var seen, segment sql.NullInt64
	err := v.q.QueryRowContext(ctx, `
		SELECT (SELECT seen_at FROM life), (SELECT at FROM segments ORDER BY id DESC LIMIT 1)`).Scan(&seen, &segment)
	return status.Instant(max(seen.Int64, segment.Int64)), err
}

// InstanceValue reads what the instance knows about itself; "" when it does not.
func (v View) InstanceValue(ctx context.Context, name string) (string, error) {
	value, err := instanceValue(ctx, v.q, name)
	if err == sql.ErrNoRows {
		return "", nil
	}
	return string(value), err
}

// SetInstanceValue writes it.
func (tx *Tx) SetInstanceValue(ctx context.Context, name, value string) error {
	return tx.exec(ctx, `
		INSERT INTO instance (name, value)
		VALUES ($1, $2)
		ON CONFLICT (name) DO UPDATE SET value = excluded.value`, name, []byte(value))
}
