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
	"statusd/store"
)

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

	bouncesAtMost = 3 // in a row, and the subscription ends
)

// Record keeps what became of attempts.
func (k *Courier) Record(ctx context.Context, reports []notify.Report) error {
	pages := map[model.PageID]bool{}
	err := k.cfg.Store.Write(ctx, store.Synced, func(tx *store.Tx) error {
		rows, err := reported(ctx, tx, reports)
		if err != nil {
			return err
		}
		if err := k.arrived(ctx, tx, rows, reports); err != nil {
			return err
		}
		for _, r := range reports {
			d, ok := rows[r.ID]
			if !ok || !open(d, r.State) {
				continue
			}
			pages[d.Page] = true
			if err := k.record(ctx, tx, d, r); err != nil && !errors.Is(err, store.ErrNone) { // none: another of them ended the subscription
				return err
			}
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

// reported reads the deliveries that reports are about, by id.
func reported(ctx context.Context, tx *store.Tx, reports []notify.Report) (map[int64]model.Delivery, error) {
	ids := make([]model.DeliveryID, len(reports))
	for i, r := range reports {
		ids[i] = model.DeliveryID(r.ID)
	}
	rows, err := tx.DeliveriesOf(ctx, ids)
	out := make(map[int64]model.Delivery, len(rows))
	for _, d := range rows {
		out[int64(d.ID)] = d
	}
	return out, err
}

// arrived writes what arrived, all at once: of thousands, nearly all do.
func (k *Courier) arrived(ctx context.Context, tx *store.Tx, rows map[int64]model.Delivery, reports []notify.Report) error {
	var deliveries []model.DeliveryID
	var subscribers []model.SubscriberID
	for _, r := range reports {
		if d, ok := rows[r.ID]; ok && r.State == notify.Delivered && open(d, r.State) {
			deliveries, subscribers = append(deliveries, d.ID), append(subscribers, d.Subscriber)
		}
	}
	now := k.cfg.Now()
	return errors.Join(tx.Arrived(ctx, deliveries, now), tx.Reached(ctx, subscribers, now))
}

func (k *Courier) record(ctx context.Context, tx *store.Tx, d model.Delivery, r notify.Report) error {
	d.Attempts, d.Reason, d.Next = r.Attempts, r.Outcome.Reason.Encode(), time.Time{}
	switch r.State {
	case notify.Delivered:
		d.State, d.Done = model.Delivered, k.cfg.Now()
	case notify.Failed:
		d.State, d.Done = model.Undelivered, k.cfg.Now()
	default:
		d.Next = r.Due
	}
	if r.State != notify.Delivered { // which is written already
		if err := tx.SetDelivery(ctx, d); err != nil {
			return err
		}
	}
	k.cfg.Log.Info("delivery", "delivery", d.ID, "subscriber", d.Subscriber, "event", d.Type.String(), "state", d.State.String(),
		"attempts", d.Attempts, "took", r.Outcome.Took.Round(time.Millisecond), "why", r.Outcome.Reason.String())
	return errors.Join(k.judge(ctx, tx, d, r.Outcome), k.recordStorm(ctx, tx, d))
}

// open says that a delivery still becomes what is to be recorded of it. One that a newer one took the place of while it was on its way
// has arrived all the same; one whose subscription ended meanwhile has been told of already.
func open(d model.Delivery, s notify.State) bool {
	return d.State == model.Waiting || d.State == model.Superseded && s == notify.Delivered
}

// judge says what the end of a delivery means for its subscriber.
func (k *Courier) judge(ctx context.Context, tx *store.Tx, d model.Delivery, o notify.Outcome) error {
	switch {
	case d.State != model.Undelivered:
		return nil
	case o.Kind == notify.Gone:
		return k.end(ctx, tx, d, o)
	case o.Reason.Code == notify.MailboxUnknown:
		n, err := tx.Bounced(ctx, d.Subscriber)
		if err == nil && n >= bouncesAtMost {
			err = k.end(ctx, tx, d, o)
		}
		return err
	}
	paused, err := tx.Missed(ctx, d.Subscriber, k.cfg.Now().Add(-deafFor), deafAfter)
	if paused {
		k.cfg.Log.Warn("webhook paused: it has taken nothing for days", "subscriber", d.Subscriber)
		tx.AfterCommit(func() { k.Forget(d.Subscriber) })
	}
	return err
}

// end ends the subscription of a delivery that can never arrive.
func (k *Courier) end(ctx context.Context, tx *store.Tx, d model.Delivery, o notify.Outcome) error {
	k.cfg.Log.Info("subscription ended: it cannot be reached any more", "subscriber", d.Subscriber, "why", o.Reason.String())
	tx.AfterCommit(func() { k.Forget(d.Subscriber) })
	return tx.DeleteSubscriber(ctx, d.Subscriber, o.Reason.Encode(), k.cfg.Now())
}
