package store

import (
	"context"
	"database/sql"

	"statusd/app/model"
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

// MailSettings are the settings of the mail server, as the caller has written them; "" when there are none.
func (v View) MailSettings(ctx context.Context) (model.Secret, error) {
	return v.sealedInstanceValue(ctx, mailSettings, "mail")
}

// SetMailSettings writes them; "" removes them.
func (tx *Tx) SetMailSettings(ctx context.Context, text model.Secret) error {
	return tx.sealInstanceValue(ctx, mailSettings, "mail", text)
}

// DKIMKey is the key that mails are signed with; "" when there is none.
func (v View) DKIMKey(ctx context.Context) (model.Secret, error) {
	return v.sealedInstanceValue(ctx, dkimKey, "dkim")
}

// SetDKIMKey writes it.
func (tx *Tx) SetDKIMKey(ctx context.Context, text model.Secret) error {
	return tx.sealInstanceValue(ctx, dkimKey, "dkim", text)
}

func (v View) sealedInstanceValue(ctx context.Context, p place, name string) (model.Secret, error) {
	sealed, err := instanceValue(ctx, v.q, name)
	if err == sql.ErrNoRows {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return v.reveal(p, 0, sealed)
}

func (tx *Tx) sealInstanceValue(ctx context.Context, p place, name string, text model.Secret) error {
	if text == "" {
		return tx.exec(ctx, `DELETE FROM instance WHERE name = $1`, name)
	}
	return tx.exec(ctx, `
		INSERT INTO instance (name, value)
		VALUES ($1, $2)
		ON CONFLICT (name) DO UPDATE SET value = excluded.value`, name, tx.conceal(p, 0, text))
}
