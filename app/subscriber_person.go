package app

import (
	"context"
	"strings"

	"statusd/app/model"
	"statusd/notify/email"
	"statusd/store"
)

// Personal is all that a workspace stores about somebody who is subscribed: one subscription and what was sent for it.
type Personal struct {
	Subscriber model.Subscriber // without its key and token
	Page       model.Page
	Components []string // names; none: all
	Deliveries []model.Delivery
}

// PersonalData finds what the actor's workspace stores about an address: a mail address, a chat or a URL, exactly; an editor may.
func (a *App) PersonalData(ctx context.Context, by model.Actor, address string) (out []Personal, err error) {
	if !by.May(model.Editor) {
		return nil, model.ErrForbidden
	}
	if address = searched(address); address == "" {
		var v model.Invalid
		v.Add("address", "required")
		return nil, v
	}
	err = a.read(ctx, func(v store.View) error {
		own := v.In(by.Workspace)
		found, err := own.SubscribersAt(ctx, model.Secret(address))
		if err != nil {
			return err
		}
		for _, s := range found {
			p, err := personal(ctx, own, s)
			if err != nil {
				return err
			}
			out = append(out, p)
		}
		return nil
	})
	return out, err
}

// searched is an address as it is kept.
func searched(text string) string {
	text = strings.TrimSpace(text)
	if address, ok := email.Address(text); ok {
		return address
	}
	return text
}

func personal(ctx context.Context, own store.Owned, s model.Subscriber) (p Personal, err error) {
	s.Key, s.Token = "", ""
	p.Subscriber = s
	if p.Page, err = own.Page(ctx, s.Page); err != nil {
		return p, known(err)
	}
	names, err := namesByID(ctx, own, s.Page)
	if err != nil {
		return p, err
	}
	p.Components = chosen(s, names)
	p.Deliveries, err = own.Deliveries(ctx, s.Page, DeliveryFilter{Subscriber: s.ID}, store.After{}, maxListed)
	return p, err
}

// ErasePerson ends every subscription of an address in the actor's workspace, and says how many there were; an editor may.
func (a *App) ErasePerson(ctx context.Context, by model.Actor, address string) (n int, err error) {
	if !by.May(model.Editor) {
		return 0, model.ErrForbidden
	}
	err = a.write(ctx, func(tx *store.Tx) error {
		found, err := tx.View.In(by.Workspace).SubscribersAt(ctx, model.Secret(searched(address)))
		if err != nil {
			return err
		}
		n = len(found)
		for _, s := range found {
			if err := a.remove(ctx, tx, by, s); err != nil {
				return err
			}
		}
		return nil
	})
	return n, err
}
