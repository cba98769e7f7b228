package app

import (
	"context"
	"strings"

	"statusd/app/model"
	"statusd/notify/email"
	"statusd/store"
)

// DKIMSelector is the name under which the key's DNS record stands: <selector>._domainkey.<domain>.
const DKIMSelector = "statusd"

// DKIM is the key that mails are signed with, made on first use; fresh makes another one. A running server takes a new key up at its
// next start. It is for whoever holds the data folder.
func (a *App) DKIM(ctx context.Context, fresh bool) (key *email.Key, made bool, err error) {
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
		return a.auditedEverywhere(ctx, tx, commandLine(), model.InstanceChanged, secretChange("mail.dkim", stored != "", true))
	})
	return key, made, err
}

// MailDomain is the domain of the address that mails come from; "" while there is no mail server.
func (a *App) MailDomain(ctx context.Context) (domain string, err error) {
	err = a.read(ctx, func(v store.View) error {
		stored, err := v.MailSettings(ctx)
		if err != nil {
			return err
		}
		s, err := a.mailSettings(stored)
		domain = s.From.Address[strings.LastIndexByte(s.From.Address, '@')+1:]
		return err
	})
	return domain, err
}

// HasDKIM says whether there is a key that mails are signed with.
func (a *App) HasDKIM(ctx context.Context) (has bool, err error) {
	err = a.read(ctx, func(v store.View) error {
		key, err := v.DKIMKey(ctx)
		has = key != ""
		return err
	})
	return has, err
}
