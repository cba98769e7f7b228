package deliver

import (
	"context"
	"errors"
	"net/url"
	"strconv"
	"strings"

	"statusd/app/announce"
	"statusd/app/model"
	"statusd/notify"
	"statusd/notify/email"
	"statusd/notify/telegram"
	"statusd/notify/webhook"
	"statusd/store"
)

// order is a delivery whose turn has come, and what belongs to it.
type order struct {
	model.Delivery
	event      model.Event
	subscriber model.Subscriber
}

// Letter makes a delivery's letter from what is stored now.
func (k *Courier) Letter(ctx context.Context, id int64) (letter notify.Letter, err error) {
	err = k.cfg.Store.Peek(func(v store.View) error { // whatever changes meanwhile might as well have changed a moment later
		o, err := k.order(ctx, v, model.DeliveryID(id))
		if err != nil {
			return err
		}
		switch o.Channel {
		case model.Email:
			letter, err = k.mail(ctx, v, o)
		case model.Telegram:
			letter, err = k.chat(ctx, v, o)
		default:
			letter = webhookLetter{k.cfg.Webhooks, webhook.Request{
				URL: o.subscriber.Address.Reveal(), Event: o.event.Type.String(), ID: messageID(o.Delivery), Body: o.event.Payload, Secret: o.subscriber.Key.Reveal(),
			}}
		}
		return err
	})
	return letter, err
}

func (k *Courier) order(ctx context.Context, v store.View, id model.DeliveryID) (o order, err error) {
	found, err := v.Addressed(ctx, id)
	if err != nil {
		return o, noLonger(err)
	}
	o.Delivery, o.subscriber = found.Delivery, found.Subscriber
	if o.event, err = k.event(ctx, v, o.Event); err != nil {
		return o, noLonger(err)
	}
	if o.Delivery.State != model.Waiting || o.subscriber.State != stateFor(o.event.Type) {
		return o, notify.ErrNoLonger
	}
	return o, nil
}

// stateFor is the state of a subscriber who may be told of an event.
func stateFor(t model.EventType) model.SubscriberState {
	if t == model.Confirmation {
		return model.Pending
	}
	return model.Active
}

// noLonger turns the store's "no such row" into what it means to the dispatcher.
func noLonger(err error) error {
	if errors.Is(err, store.ErrNone) {
		return notify.ErrNoLonger
	}
	return err
}

type webhookLetter struct {
	sender  *webhook.Sender
	request webhook.Request
}

// Send makes one attempt.
func (l webhookLetter) Send(ctx context.Context) notify.Outcome { return l.sender.Send(ctx, l.request) }

type mailLetter struct {
	sender *email.Sender
	mail   email.Mail
	storm  storm
}

// Send makes one attempt.
func (l mailLetter) Send(ctx context.Context) notify.Outcome {
	return l.storm.sent(l.sender.Send(ctx, l.mail))
}

// homeless is a mail that would lead nowhere: the public URL is unknown. It waits.
type homeless struct{}

// Send tries nothing.
func (homeless) Send(context.Context) notify.Outcome {
	return notify.Outcome{Kind: notify.Broken, Reason: notify.Because(notify.NoPublicURL)}
}

// mail writes a mail.
func (k *Courier) mail(ctx context.Context, v store.View, o order) (notify.Letter, error) {
	page, err := k.page(ctx, v, o.Page)
	if err != nil {
		return nil, noLonger(err)
	}
	links := k.links(page, o)
	if links.Page == "" {
		return homeless{}, nil
	}
	m := email.Mail{
		ID: messageID(o.Delivery), To: o.subscriber.Address.Reveal(), FromName: page.Title(), Date: k.cfg.Now(), Language: o.subscriber.Locale, AutoSubmitted: true,
	}
	var l announce.Letter
	var about storm
	switch o.event.Type {
	case model.Confirmation:
		l, err = k.cfg.Herald.Confirmation(page, o.subscriber.Locale, announce.OwnLink(links.Page, "/confirm", o.subscriber))
	case model.Known:
		l, err = k.cfg.Herald.AlreadySubscribed(page, o.subscriber.Locale, links.Preferences)
	default:
		m.List = email.List{ID: listID(page, links.Page), Name: page.Title()}
		m.ListUnsubscribe, m.OneClick = links.Unsubscribe, strings.HasPrefix(links.Unsubscribe, "https:")
		var told []announce.Told
		if told, about, err = k.toTell(ctx, v, page, o); err == nil {
			l, err = k.cfg.Herald.Digest(told)
		}
		if len(told) == 1 { // one that tells of several incidents belongs to the thread of none
			thread := "subject-" + strconv.FormatInt(o.Subject, 36)
			m.InReplyTo, m.References = thread, []string{thread}
		}
	}
	m.Subject, m.Text, m.HTML, m.Opening = l.Subject, l.Text, l.HTML, email.Opening{Text: l.SharedText, HTML: l.SharedHTML}
	return mailLetter{k.cfg.Mails, m, about}, err
}

// listID names a page's letters, by which mail programs sort them: a name under a domain that is ours. Source: RFC 2919 §2.
func listID(page model.Page, home string) string {
	u, err := url.Parse(home)
	if err != nil || strings.Contains(u.Hostname(), ":") || len(u.Hostname()) > 180 { // an address, or what would be too long
		return page.Slug + ".status"
	}
	return page.Slug + "." + u.Hostname()
}

type chatLetter struct {
	courier    *Courier
	message    telegram.Message
	subscriber model.Subscriber
	storm      storm
}

// Send makes one attempt. A chat that has moved is followed from then on.
func (l chatLetter) Send(ctx context.Context) notify.Outcome {
	r := l.courier.cfg.Chats.Send(ctx, l.message)
	if r.Chat != "" {
		l.courier.follow(ctx, l.subscriber, r.Chat)
	}
	return l.storm.sent(r.Outcome)
}

// follow writes where a chat has moved to. When it cannot be written, the next message finds out again.
func (k *Courier) follow(ctx context.Context, s model.Subscriber, chat string) {
	s.Address = model.Secret(chat)
	err := k.cfg.Store.Write(context.WithoutCancel(ctx), store.Synced, func(tx *store.Tx) error { return tx.MoveSubscriber(ctx, s) })
	if err != nil {
		k.cfg.Log.Error("a Telegram chat has moved, which could not be written", "subscriber", s.ID, "err", err)
	}
}

// chat writes a Telegram message.
func (k *Courier) chat(ctx context.Context, v store.View, o order) (notify.Letter, error) {
	page, err := k.page(ctx, v, o.Page)
	if err != nil {
		return nil, noLonger(err)
	}
	told, about, err := k.toTell(ctx, v, page, o)
	if err != nil {
		return nil, err
	}
	text, err := k.cfg.Herald.ChatDigest(told)
	m := telegram.Message{Token: o.subscriber.Key.Reveal(), Chat: o.subscriber.Address.Reveal(), HTML: text}
	return chatLetter{k, m, o.subscriber, about}, err
}

// links are where a letter leads; none while nobody has said where the page is.
func (k *Courier) links(page model.Page, o order) announce.Links {
	home := page.Home(k.cfg.BaseURL())
	l := announce.LinksFor(home, o.subscriber)
	if home != "" && o.event.Type.Topic() == model.TopicIncidents {
		l.Subject = home + "/incidents/" + model.IncidentID(o.Subject).String()
	}
	return l
}
