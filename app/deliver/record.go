package deliver

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"statusd/app/model"
	"statusd/notify"
	"statusd/notify/webhook"
	"statusd/store"
)

// Letter makes a delivery's letter from what is stored now.
func (k *Courier) Letter(ctx context.Context, id int64) (letter notify.Letter, err error) {
	err = k.cfg.Store.Read(ctx, func(v store.View) error {
		d, err := v.AnyDelivery(ctx, model.DeliveryID(id))
		if err != nil {
			return noLonger(err)
		}
		s, err := v.AnySubscriber(ctx, d.Subscriber)
		if err != nil {
			return noLonger(err)
		}
		if d.State != model.Waiting || s.State != model.Active {
			return notify.ErrNoLonger
		}
		e, err := v.Event(ctx, d.Event)
		if err != nil {
			return noLonger(err)
		}
		letter = webhookLetter{k.cfg.Webhooks, webhook.Request{
			URL: s.Address.Reveal(), Event: e.Type.String(), ID: messageID(d), Body: e.Payload, Secret: s.Key.Reveal(),
		}}
		return nil
	})
	return letter, err
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

// messageID names a delivery to its receiver, the same at each attempt. It holds when the delivery was made: a number alone would come
// again for something else after an older backup was restored, and a receiver that remembers it would drop what is new.
func messageID(d model.Delivery) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d %d", d.ID, d.Created.UnixMilli()))
	return "msg_" + hex.EncodeToString(sum[:12])
}

// When a webhook is paused: it has taken nothing for so long, and so much has been given up meanwhile (SPEC §6).
const (
	deafFor   = 5 * 24 * time.Hour
	deafAfter = 3 // deliveries
)

// Record keeps what became of attempts.
func (k *Courier) Record(ctx context.Context, reports []notify.Report) error {
	pages := map[model.PageID]bool{}
	err := k.cfg.Store.Write(ctx, store.Synced, func(tx *store.Tx) error {
		for _, r := range reports {
			page, err := k.record(ctx, tx, r)
			if err != nil && !errors.Is(err, store.ErrNone) {
				return err
			}
			pages[page] = true
		}
		return nil
	})
	if err != nil {
		return err
	}
	for page := range pages {
		k.cfg.OnChange(page)
	}
	return nil
}

func (k *Courier) record(ctx context.Context, tx *store.Tx, r notify.Report) (model.PageID, error) {
	d, err := tx.AnyDelivery(ctx, model.DeliveryID(r.ID))
	if err != nil {
		return 0, err
	}
	if d.State != model.Waiting {
		return d.Page, nil // its subscription has ended meanwhile, which was told already
	}
	d.Attempts, d.Reason, d.Next = r.Attempts, r.Outcome.Reason.Encode(), time.Time{}
	switch r.State {
	case notify.Delivered:
		d.State, d.Done = model.Delivered, k.cfg.Now()
	case notify.Failed:
		d.State, d.Done = model.Undelivered, k.cfg.Now()
	default:
		d.Next = r.Due
	}
	if err := tx.SetDelivery(ctx, d); err != nil {
		return d.Page, err
	}
	k.cfg.Log.Info("delivery", "delivery", d.ID, "subscriber", d.Subscriber, "event", d.Type.String(), "state", d.State.String(),
		"attempts", d.Attempts, "took", r.Outcome.Took.Round(time.Millisecond), "why", r.Outcome.Reason.String())
	return d.Page, k.judge(ctx, tx, d, r.Outcome)
}

// judge says what the end of a delivery means for its subscriber.
func (k *Courier) judge(ctx context.Context, tx *store.Tx, d model.Delivery, o notify.Outcome) error {
	switch {
	case d.State == model.Delivered:
		return tx.Reached(ctx, d.Subscriber, k.cfg.Now())
	case d.State != model.Undelivered:
		return nil
	case o.Kind == notify.Gone:
		tx.AfterCommit(func() { k.Forget(d.Subscriber) })
		return tx.DeleteSubscriber(ctx, d.Subscriber, notify.Because(notify.ReceiverGone, fmt.Sprint(o.StatusCode)).Encode(), k.cfg.Now())
	}
	paused, err := tx.Missed(ctx, d.Subscriber, k.cfg.Now().Add(-deafFor), deafAfter)
	if paused {
		k.cfg.Log.Warn("webhook paused: it has taken nothing for days", "subscriber", d.Subscriber)
		tx.AfterCommit(func() { k.Forget(d.Subscriber) })
	}
	return err
}
