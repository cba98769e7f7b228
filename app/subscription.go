package app

import (
	"context"
	"crypto/sha256"
	"errors"
	"slices"
	"strings"
	"time"

	"statusd/app/model"
	"statusd/notify/outbound"
	"statusd/notify/webhook"
	"statusd/store"
)

// Wishes are what a subscriber wants to hear of.
type Wishes struct {
	Topic      model.Topic
	Components []model.ComponentID // none: all
	Locale     string              // of what it is sent
}

// SubscribeDraft is what somebody says who wants to be told.
type SubscribeDraft struct {
	Wishes
	Channel    model.Channel
	WebhookURL string
}

// Subscribed is a new subscription: what its owner is told once.
type Subscribed struct {
	ID    model.SubscriberID
	Token string // manages the subscription; of a webhook it signs the deliveries as well

	StandardSecret string // of a webhook: its secret as the libraries of Standard Webhooks take it
}

// Subscribe takes a subscriber of a page on. A page that takes none answers model.ErrForbidden.
func (a *App) Subscribe(ctx context.Context, slug string, fill func(*SubscribeDraft) error) (out Subscribed, err error) {
	page, err := a.pageBySlug(ctx, slug)
	if err != nil {
		return out, err
	}
	if !page.SubscribersEnabled {
		return out, model.ErrForbidden
	}
	s := model.Subscriber{ID: model.NewSubscriberID(), Workspace: page.Workspace, Page: page.ID, Created: a.Now().UTC().Truncate(time.Millisecond)}
	if err := a.fillSubscriber(ctx, &s, fill); err != nil {
		return out, err
	}
	out = Subscribed{ID: s.ID, Token: s.Key.Reveal(), StandardSecret: webhook.StandardSecret(s.Key.Reveal())}
	err = a.write(ctx, func(tx *store.Tx) error {
		if err := roomFor(ctx, tx, s); err != nil {
			return err
		}
		if err := a.activate(ctx, tx, &s); err != nil {
			return err
		}
		tx.AfterCommit(func() { a.followers.tell(page.ID) })
		return tx.In(page.Workspace).AddSubscriber(ctx, s, tokenHash(out.Token))
	})
	return out, err
}

// fillSubscriber applies a draft to a new subscriber and validates all of it.
func (a *App) fillSubscriber(ctx context.Context, s *model.Subscriber, fill func(*SubscribeDraft) error) error {
	d := SubscribeDraft{Wishes: Wishes{Topic: model.TopicAll, Locale: model.DefaultLanguage}}
	v, err := applied(fill(&d))
	if err != nil {
		return err
	}
	switch {
	case v.Has("type"):
	case d.Channel == 0:
		v.Add("type", "choice", "choices", "webhook")
	case d.Channel != model.Webhook:
		v.Add("type", "channel_off")
	default:
		a.checkHook(ctx, &v, s, d.WebhookURL)
	}
	s.Channel, s.Key = d.Channel, model.Secret(webhook.NewSecret())
	return a.grant(ctx, &v, s, d.Wishes)
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

// refusedHook is how a refusal of a URL is told.
var refusedHook = map[outbound.Refusal]string{
	outbound.NotURL: "hook_url", outbound.TooLong: "hook_long", outbound.UserInfo: "url_user", outbound.BadPort: "hook_port",
	outbound.BadHost: "hook_host", outbound.UnknownHost: "hook_unknown", outbound.Forbidden: "hook_forbidden",
}

// checkHook validates the URL of a webhook, and that it leads to where strangers may send us.
func (a *App) checkHook(ctx context.Context, v *model.Invalid, s *model.Subscriber, raw string) {
	const field = "webhookUrl"
	switch {
	case v.Has(field):
		return
	case raw == "":
		v.Add(field, "required")
		return
	}
	u, err := outbound.CheckURL(raw)
	if err == nil {
		err = a.Guard.CheckHost(ctx, u.Hostname())
	}
	var refused outbound.Refusal
	if errors.As(err, &refused) { // a name that cannot be looked up just now may be good; each delivery looks again
		v.Add(field, refusedHook[refused])
		return
	}
	s.Address, s.Host = model.Secret(u.String()), u.Hostname()
}

// maxHooks is how many subscriptions of a page may lead to one URL.
const maxHooks = 5

func roomFor(ctx context.Context, tx *store.Tx, s model.Subscriber) error {
	n, err := tx.CountAddress(ctx, s.Page, s.Channel, s.Address)
	if err != nil || n < maxHooks {
		return err
	}
	var v model.Invalid
	v.Add("webhookUrl", "hook_many", "max", maxHooks)
	return v
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
