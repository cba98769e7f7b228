package app

import (
	"context"

	"statusd/app/model"
	"statusd/notify/email"
	"statusd/store"
)

// DKIMSelector is the name under which the key's DNS record stands: <selector>._domainkey.<domain>.
const DKIMSelector = "statusd"

// DKIM is the key that mails are signed with, made on first use; fresh makes another one. A server takes a new key up at its next start.
func (a *App) DKIM(ctx context.Context, by model.Actor, fresh bool) (key *email.Key, made bool, err error) {
	if !by.Admin {
		return nil, false, model.ErrForbidden
	}
	err = a.write(ctx, func(tx *store.Tx) error {
		stored, err := tx.DKIMKey(ctx)
		if err != nil {
			return err
		}
		if stored != "" && !fresh {
			key, err = email.ParseKey(DKIMSelector, stored.Reveal())
			return err
		}
		if key, err = email.NewKey(DKIMSelector); err != nil {
			return err
		}
		made = true
		text, err := key.PEM()
		if err != nil {
			return err
		}
		if err := tx.SetDKIMKey(ctx, model.Secret(text)); err != nil {
			return err
		}
		return a.auditedEverywhere(ctx, tx, by, model.InstanceChanged, secretChange("mail.dkim", stored != "", true))
	})
	return key, made, err
}
