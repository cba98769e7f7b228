package app

import (
	"context"
	"crypto/sha256"
	"errors"
	"slices"
	"strings"

	"statusd/app/model"
	"statusd/store"
)

// Wishes are what a subscriber wants to hear of.
type Wishes struct {
	Topic      model.Topic
	Components []model.ComponentID // none: all
	Locale     string              // of what it is sent
}

// grant writes wishes into a subscriber, after what is wrong with anything.
func (a *App) grant(ctx context.Context, v *model.Invalid, s *model.Subscriber, w Wishes) error {
	if (w.Topic < model.TopicAll || w.Topic > model.TopicMaintenance) && !v.Has("topic") {
		v.Add("topic", "choice", "choices", "all, incidents, maintenance")
	}
	if !slices.Contains(a.Languages, w.Locale) && !v.Has("locale") {
		v.Add("locale", "choice", "choices", strings.Join(a.Languages, ", "))
	}
	err := a.read(ctx, func(view store.View) error {
		rows, err := view.In(s.Workspace).Components(ctx, s.Page, store.After{}, maxListed)
		known := slices.Concat(componentIDs(rows), s.Components)
		for _, id := range w.Components {
			if !slices.Contains(known, id) && !v.Has("componentIds") {
				v.Add("componentIds", "unknown_component", "id", id.String())
			}
		}
		return err
	})
	if err != nil {
		return err
	}
	s.Topic, s.Locale = w.Topic, w.Locale
	s.Components = slices.Compact(slices.Sorted(slices.Values(w.Components)))
	return v.Err()
}

// tokenHash is under what a management token is kept.
func tokenHash(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

// Subscription finds the subscriber of a page that a token manages.
func (a *App) Subscription(ctx context.Context, slug, token string) (page model.Page, s model.Subscriber, err error) {
	err = a.Store.Read(ctx, func(v store.View) error {
		if page, err = v.PageBySlug(ctx, slug); err != nil {
			return known(err)
		}
		s, err = v.SubscriberByToken(ctx, page.ID, tokenHash(token))
		return known(err)
	})
	return page, s, err
}

// ChangeSubscription lets a subscriber change what it wants to hear of.
func (a *App) ChangeSubscription(ctx context.Context, slug, token string, change func(*Wishes) error) (s model.Subscriber, err error) {
	err = a.write(ctx, func(tx *store.Tx) error {
		ctx := within(ctx, tx)
		page, err := tx.PageBySlug(ctx, slug)
		if err != nil {
			return known(err)
		}
		if s, err = tx.SubscriberByToken(ctx, page.ID, tokenHash(token)); err != nil {
			return known(err)
		}
		w := Wishes{s.Topic, s.Components, s.Locale}
		v, err := applied(change(&w))
		if err != nil {
			return err
		}
		if err := a.grant(ctx, &v, &s, w); err != nil {
			return err
		}
		s.Updated = a.touched(s.Updated)
		return known(tx.SetSubscriber(ctx, s))
	})
	return s, err
}

// Unsubscribe ends the subscription that a token manages, and removes the address.
func (a *App) Unsubscribe(ctx context.Context, slug, token string) error {
	return a.write(ctx, func(tx *store.Tx) error {
		page, err := tx.PageBySlug(ctx, slug)
		if err != nil {
			return known(err)
		}
		s, err := tx.SubscriberByToken(ctx, page.ID, tokenHash(token))
		if err != nil {
			return known(err)
		}
		return a.endSubscription(ctx, tx, s, reasonUnsubscribed)
	})
}

// Confirm lets a subscriber that was asked to confirm be told from now on. Once is enough; again changes nothing.
func (a *App) Confirm(ctx context.Context, slug, token string) (s model.Subscriber, err error) {
	err = a.write(ctx, func(tx *store.Tx) error {
		page, err := tx.PageBySlug(ctx, slug)
		if err != nil {
			return known(err)
		}
		if s, err = tx.SubscriberByToken(ctx, page.ID, tokenHash(token)); err != nil || s.State != model.Pending {
			return known(err)
		}
		if a.Now().Sub(s.Created) > confirmTill {
			return model.ErrNotFound // it has ended; what is left of it goes within the hour
		}
		if err := a.activate(ctx, tx, &s); err != nil {
			return err
		}
		tx.AfterCommit(func() { a.followers.tell(page.ID) })
		return errors.Join(a.asksNoMore(ctx, tx, s.ID), known(tx.SetSubscriber(ctx, s)))
	})
	return s, err
}

// asksNoMore ends what would still ask a subscriber to confirm.
func (a *App) asksNoMore(ctx context.Context, tx *store.Tx, id model.SubscriberID) error {
	rows, err := asking(ctx, tx, id)
	if err != nil || len(rows) == 0 {
		return err
	}
	ids := make([]model.DeliveryID, len(rows))
	for i, d := range rows {
		ids[i] = d.ID
	}
	return tx.Supersede(ctx, ids, a.Now())
}
