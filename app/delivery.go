package app

import (
	"cmp"
	"context"
	"time"

	"statusd/app/model"
	"statusd/notify"
	"statusd/store"
)

// DeliveryFilter says which deliveries of a page are wanted; a zero field does not matter.
type DeliveryFilter = store.DeliveryFilter

// Deliveries lists a page's deliveries, those of the newest event first.
func (a *App) Deliveries(ctx context.Context, by model.Actor, page model.PageID, f DeliveryFilter, w model.Window) (out model.List[model.Delivery], err error) {
	after, limit, err := position(w)
	if err != nil {
		return out, err
	}
	err = a.read(ctx, func(v store.View) error {
		own := v.In(by.Workspace)
		if _, err := own.Page(ctx, page); err != nil {
			return known(err)
		}
		rows, err := own.Deliveries(ctx, page, f, after, limit)
		out = list(rows, limit, func(d model.Delivery) store.After { return store.After{Position: d.Event, ID: int64(d.ID)} })
		return err
	})
	return out, err
}

// Tally is how many deliveries are in each state.
type Tally = store.Tally

// Telling is what has become of what subscribers were told of one event.
type Telling struct {
	Tally
	Why string // in code: why those that wait do; "" when none does, or their first turn is still to come
}

// Told says what has become of what subscribers were told about an incident or a window of a page, by when it happened: an update was
// made in the moment of its event. Milliseconds are unix time.
func (a *App) Told(ctx context.Context, by model.Actor, page model.PageID, subject int64) (map[int64]Telling, error) {
	out := map[int64]Telling{}
	broken := a.brokenChannels()
	err := a.read(ctx, func(v store.View) error {
		own := v.In(by.Workspace)
		counts, err := own.CountDeliveries(ctx, page, subject)
		if err != nil {
			return err
		}
		waits, err := own.WhyWaiting(ctx, page, subject)
		if err != nil {
			return err
		}
		for seq, tally := range counts {
			e, err := v.Event(ctx, seq)
			if err != nil {
				return err
			}
			out[e.At.UnixMilli()] = Telling{tally, whyWaiting(waits[seq], broken)}
		}
		return nil
	})
	return out, err
}

// whyWaiting is the reason that concerns the most: that of a channel which does not work, before that of one receiver.
func whyWaiting(waits, broken map[model.Channel]string) (why string) {
	for _, c := range []model.Channel{model.Email, model.Telegram, model.Webhook} {
		own, waiting := waits[c]
		if waiting && broken[c] != "" {
			return broken[c]
		}
		why = cmp.Or(why, own)
	}
	return why
}

// brokenChannels are why channels do not work, of those that do not.
func (a *App) brokenChannels() map[model.Channel]string {
	out := map[model.Channel]string{}
	for _, c := range a.courier.Channels() {
		if channel, ok := model.ParseChannel(c.Channel.String()); ok && c.Broken {
			out[channel] = c.Reason.Encode()
		}
	}
	return out
}

// RetryDelivery sends a delivery that was given up once more, or one that waits at once. What was delivered already, or whose
// subscriber is gone or paused, is a model.Conflict.
func (a *App) RetryDelivery(ctx context.Context, by model.Actor, id model.DeliveryID) (d model.Delivery, err error) {
	err = a.write(ctx, func(tx *store.Tx) error {
		own := tx.In(by.Workspace)
		if d, err = own.Delivery(ctx, id); err != nil {
			return known(err)
		}
		if !by.May(model.Editor) {
			return model.ErrForbidden
		}
		s, err := own.Subscriber(ctx, d.Subscriber)
		if known(err) == model.ErrNotFound || err == nil && s.State != model.Active {
			return model.Conflict{Code: "no_subscriber"}
		}
		if err != nil {
			return err
		}
		if d.State != model.Undelivered && d.State != model.Waiting {
			return model.Conflict{Code: "delivered"}
		}
		if d.State == model.Undelivered {
			d.State, d.Attempts, d.Done = model.Waiting, 0, time.Time{}
		}
		d.Next = a.Now().UTC().Truncate(time.Millisecond)
		if err := tx.SetDelivery(ctx, d); err != nil {
			return known(err)
		}
		waiting, err := tx.WaitingOf(ctx, d.Subscriber)
		if err != nil {
			return err
		}
		tx.AfterCommit(func() {
			a.courier.Take(waiting)
			a.courier.Hurry(d.Subscriber)
		})
		return a.audited(ctx, tx, by, model.Audit{Page: d.Page, Action: model.DeliveryRetried, Subject: subscriberSubject(s)})
	})
	return d, err
}

// Channels says how each channel of delivery is doing.
func (a *App) Channels() []notify.ChannelState { return a.courier.Channels() }
