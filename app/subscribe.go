package app

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"time"

	"statusd/app/announce"
	"statusd/app/model"
	"statusd/notify/email"
	"statusd/notify/outbound"
	"statusd/notify/telegram"
	"statusd/notify/webhook"
	"statusd/store"
)

// SubscribeDraft is what somebody says who wants to be told.
type SubscribeDraft struct {
	Wishes
	Channel          model.Channel
	WebhookURL       string
	Email            string
	TelegramChatID   string
	TelegramBotToken model.Secret
	From             string // the client's address: kept as long as the subscription, as part of the consent
}

// Subscribed is a new subscription: what its owner is told once.
type Subscribed struct {
	ID      model.SubscriberID
	Channel model.Channel
	Token   string // manages the subscription; of a webhook it signs the deliveries as well. "" by mail, where it is sent

	StandardSecret string // of a webhook: its secret as the libraries of Standard Webhooks take it
}

// askTakes is how long it takes to subscribe by mail, so that nobody can tell by a stopwatch whose address is known: more is written for one
// that is not. It is longer than writing takes, also on a disk that turns.
const askTakes = 150 * time.Millisecond

// Subscribe takes a subscriber of a page on. By mail it has to confirm, and the answer is the same, and as late, whether it was known or
// not. A page that takes none answers model.ErrForbidden.
func (a *App) Subscribe(ctx context.Context, slug string, fill func(*SubscribeDraft) error) (out Subscribed, err error) {
	page, err := a.pageBySlug(ctx, slug)
	if err != nil {
		return out, err
	}
	if !page.SubscribersEnabled {
		return out, model.ErrForbidden
	}
	s := model.Subscriber{ID: model.NewSubscriberID(), Workspace: page.Workspace, Page: page.ID, Created: a.Now().UTC().Truncate(time.Millisecond)}
	if err := a.fillSubscriber(ctx, page, &s, fill); err != nil {
		return out, err
	}
	if s.Channel == model.Email {
		answer := time.After(askTakes)
		err := a.write(ctx, func(tx *store.Tx) error { return a.askToConfirm(ctx, tx, s) })
		select {
		case <-answer:
		case <-ctx.Done():
		}
		return Subscribed{Channel: s.Channel}, err
	}
	out = Subscribed{ID: s.ID, Channel: s.Channel, Token: s.Token.Reveal()}
	if s.Channel == model.Webhook {
		out.StandardSecret = webhook.StandardSecret(out.Token)
	}
	return out, a.write(ctx, func(tx *store.Tx) error { return a.take(ctx, tx, s) })
}

// take writes a subscriber who is told from now on.
func (a *App) take(ctx context.Context, tx *store.Tx, s model.Subscriber) error {
	if err := roomFor(ctx, tx, s); err != nil {
		return err
	}
	if err := a.activate(ctx, tx, &s); err != nil {
		return err
	}
	tx.AfterCommit(func() { a.followers.tell(s.Page) })
	return tx.In(s.Workspace).AddSubscriber(ctx, s, tokenHash(s.Token.Reveal()))
}

// fillSubscriber applies a draft to a new subscriber and validates all of it.
func (a *App) fillSubscriber(ctx context.Context, page model.Page, s *model.Subscriber, fill func(*SubscribeDraft) error) error {
	d := SubscribeDraft{Wishes: Wishes{Topic: model.TopicAll, Locale: model.DefaultLanguage}}
	v, err := applied(fill(&d))
	if err != nil {
		return err
	}
	s.Channel, s.Consent = d.Channel, d.From
	switch {
	case v.Has("type"):
	case d.Channel == 0:
		v.Add("type", "choice", "choices", strings.Join(a.offered(), ", "))
	case !a.OffersChannel(d.Channel):
		v.Add("type", "channel_off", "choices", strings.Join(a.offered(), ", "))
	}
	if err := a.grant(ctx, &v, s, d.Wishes); err != nil {
		return a.alsoAddress(ctx, page, s, d, err)
	}
	a.reach(ctx, &v, page, s, d)
	return v.Err()
}

// alsoAddress adds to what is wrong with wishes what is wrong with the address, as far as that can be said without asking anybody.
func (a *App) alsoAddress(ctx context.Context, page model.Page, s *model.Subscriber, d SubscribeDraft, err error) error {
	v, ok := model.AsInvalid(err)
	if !ok || v.Has("type") || d.Channel == model.Telegram {
		return err
	}
	a.reach(ctx, &v, page, s, d)
	return v
}

// offered are the channels by which visitors can subscribe.
func (a *App) offered() (out []string) {
	for _, c := range []model.Channel{model.Email, model.Telegram, model.Webhook} {
		if a.OffersChannel(c) {
			out = append(out, c.String())
		}
	}
	return out
}

// reach writes into a subscriber where it is reached, and into v what is wrong with that.
func (a *App) reach(ctx context.Context, v *model.Invalid, page model.Page, s *model.Subscriber, d SubscribeDraft) {
	switch d.Channel {
	case model.Webhook:
		s.Key = model.Secret(webhook.NewSecret())
		s.Token = s.Key
		a.checkHook(ctx, v, s, d.WebhookURL)
	case model.Email:
		s.Token = newManagementToken()
		checkMailbox(v, s, d.Email)
	case model.Telegram:
		s.Token = newManagementToken()
		a.checkChat(ctx, v, page, s, d)
	}
}

// newManagementToken draws a token that manages a subscription: 26 characters, 128 bits.
func newManagementToken() model.Secret { return model.Secret(strings.ToLower(rand.Text())) }

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

// checkMailbox validates a mail address. Whether it exists is for the mail to find out.
func checkMailbox(v *model.Invalid, s *model.Subscriber, raw string) {
	const field = "email"
	raw = strings.TrimSpace(raw)
	if v.Has(field) {
		return
	}
	if raw == "" {
		v.Add(field, "required")
		return
	}
	address, ok := email.Address(raw)
	if !ok || len(address) > 254 {
		v.Add(field, "email")
		return
	}
	s.Address, s.Host = model.Secret(address), "smtp"
}

// checkChat sends a welcome to a Telegram chat: only what arrives there is a subscription. What Telegram says against it is told.
func (a *App) checkChat(ctx context.Context, v *model.Invalid, page model.Page, s *model.Subscriber, d SubscribeDraft) {
	token := d.TelegramBotToken.Reveal()
	if !v.Has("telegramChatId") && !telegram.ValidChat(d.TelegramChatID) {
		v.Add("telegramChatId", "chat_id")
	}
	if !v.Has("telegramBotToken") && !telegram.ValidToken(token) {
		v.Add("telegramBotToken", "bot_token")
	}
	if len(*v) > 0 {
		return
	}
	links := announce.LinksFor(page.Home(a.BaseURL()), *s)
	chat, err := a.chats.Check(ctx, telegram.Message{Token: token, Chat: d.TelegramChatID, HTML: a.herald.ChatWelcome(page, s.Locale, links)})
	var refused *telegram.Refused
	if errors.As(err, &refused) {
		refusedChat(v, refused)
		return
	}
	s.Address, s.Key, s.Host = model.Secret(chat), d.TelegramBotToken, hostOfBot(token)
}

// maxHooks is how many subscriptions of a page may lead to one URL.
const maxHooks = 5

// roomFor refuses what is subscribed too often already: a URL or a chat. A chat is one person's, or one group's.
func roomFor(ctx context.Context, tx *store.Tx, s model.Subscriber) error {
	n, err := tx.CountAddress(ctx, s.Page, s.Channel, s.Address)
	if err != nil {
		return err
	}
	var v model.Invalid
	switch {
	case s.Channel == model.Webhook && n >= maxHooks:
		v.Add("webhookUrl", "hook_many", "max", maxHooks)
	case s.Channel == model.Telegram && n > 0:
		v.Add("telegramChatId", "chat_known")
	}
	return v.Err()
}

// The limits of mails to somebody who has not confirmed, or is asked once more though subscribed (SPEC §6).
const (
	askEvery    = time.Hour
	askAtMost   = 3
	confirmTill = 48 * time.Hour
)

// askToConfirm writes a mail that asks to confirm, or says that the address is subscribed already; unless too many were sent. Nobody
// is told which of it happened.
func (a *App) askToConfirm(ctx context.Context, tx *store.Tx, s model.Subscriber) error {
	known, err := tx.SubscriberByAddress(ctx, s.Page, s.Channel, s.Address)
	switch {
	case errors.Is(err, store.ErrNone):
		s.State, s.Updated = model.Pending, s.Created
		return a.ask(ctx, tx, s, model.Confirmation, func(s model.Subscriber) error {
			return tx.In(s.Workspace).AddSubscriber(ctx, s, tokenHash(s.Token.Reveal()))
		})
	case err != nil:
		return err
	}
	kind := model.Known
	if known.State == model.Pending { // whoever asks again may have changed their mind
		kind = model.Confirmation
		known.Topic, known.Components, known.Locale, known.Consent = s.Topic, s.Components, s.Locale, s.Consent
		if err := tx.SetSubscriber(ctx, known); err != nil {
			return err
		}
	} else if a.Now().Sub(known.AskedAt) >= confirmTill { // as for one that was unknown
		known.Asked = 0
	}
	if enough, err := a.askedEnough(ctx, tx, known); enough || err != nil {
		return err
	}
	return a.ask(ctx, tx, known, kind, func(s model.Subscriber) error { return tx.SetSubscriber(ctx, s) })
}

// askedEnough says that a subscriber gets no further mail of ask just now: too many were sent, or one is still on its way.
func (a *App) askedEnough(ctx context.Context, tx *store.Tx, s model.Subscriber) (bool, error) {
	if s.Asked >= askAtMost || a.Now().Sub(s.AskedAt) < askEvery {
		return true, nil
	}
	rows, err := asking(ctx, tx, s.ID)
	return len(rows) > 0, err
}

// asking lists the mails of ask to a subscriber that wait.
func asking(ctx context.Context, tx *store.Tx, id model.SubscriberID) ([]model.Delivery, error) {
	return tx.Overtaken(ctx, int64(id), id-1, id)
}

// ask writes a mail to one subscriber, as an event of its own that no other hears of.
func (a *App) ask(ctx context.Context, tx *store.Tx, s model.Subscriber, kind model.EventType, store func(model.Subscriber) error) error {
	now := a.Now().UTC().Truncate(time.Millisecond)
	s.Asked, s.AskedAt = s.Asked+1, now
	if err := store(s); err != nil {
		return err
	}
	e, err := tx.AddEvent(ctx, model.Event{Workspace: s.Workspace, Page: s.Page, Type: kind, Subject: int64(s.ID), At: now, Payload: []byte("{}")})
	if err != nil {
		return err
	}
	if err := tx.Expanded(ctx, e.Seq); err != nil {
		return err
	}
	next, err := tx.NextDelivery(ctx)
	if err != nil {
		return err
	}
	err = tx.AddDelivery(ctx, model.Delivery{
		ID: next, Workspace: s.Workspace, Page: s.Page, Event: e.Seq, Subject: e.Subject, Subscriber: s.ID, Channel: s.Channel,
		State: model.Waiting, Created: now, Next: now,
	})
	if err != nil {
		return err
	}
	waiting, err := tx.WaitingOf(ctx, s.ID)
	tx.AfterCommit(func() {
		a.courier.Take(waiting)
		a.followers.tell(s.Page)
	})
	return err
}

// forgetUnconfirmed ends subscriptions that nobody has confirmed in time.
func (a *App) forgetUnconfirmed(ctx context.Context) error {
	return a.write(ctx, func(tx *store.Tx) error {
		rows, err := tx.UnconfirmedSince(ctx, a.Now().Add(-confirmTill))
		if err != nil {
			return err
		}
		for _, s := range rows {
			if err := a.endSubscription(ctx, tx, s, reasonUnconfirmed); err != nil {
				return err
			}
		}
		return nil
	})
}
