package deliver

import (
	"context"
	"errors"
	"time"

	"statusd/app/model"
	"statusd/store"
)

const (
	batch    = 500             // subscribers in one transaction
	tryAgain = 5 * time.Second // after a batch that could not be written
)

// expandAll writes the deliveries of new events whenever there are some, until the context ends.
func (k *Courier) expandAll(stop context.Context) {
	for {
		select {
		case <-stop.Done():
			return
		case <-k.wake:
		}
		for stop.Err() == nil {
			more, err := k.expand(stop)
			if err == nil && !more {
				break
			}
			if err != nil && !k.pause(stop, err) {
				return
			}
		}
	}
}

// pause waits before something is tried again; false when the context ends before.
func (k *Courier) pause(stop context.Context, err error) bool {
	k.cfg.Log.Error("deliveries could not be written; it is tried again", "err", err)
	t := time.NewTimer(tryAgain)
	defer t.Stop()
	select {
	case <-stop.Done():
		return false
	case <-t.C:
		return true
	}
}

// expand writes the deliveries of the oldest new event to one batch of subscribers, and hands them to the dispatcher. It says whether
// there may be more to do.
func (k *Courier) expand(ctx context.Context) (more bool, err error) {
	err = k.cfg.Store.Read(ctx, func(v store.View) error {
		_, err := v.OldestUnexpanded(ctx)
		if errors.Is(err, store.ErrNone) {
			return nil
		}
		more = err == nil
		return err
	})
	if err != nil || !more {
		return false, err
	}
	err = k.cfg.Store.Write(ctx, store.Synced, func(tx *store.Tx) error { return k.expandBatch(ctx, tx) })
	return true, err
}

func (k *Courier) expandBatch(ctx context.Context, tx *store.Tx) error {
	e, err := tx.OldestUnexpanded(ctx)
	if errors.Is(err, store.ErrNone) {
		return nil
	}
	if err != nil {
		return err
	}
	subscribers, err := tx.SubscribersAfter(ctx, e.Page, e.To, batch)
	if err != nil {
		return err
	}
	next, err := tx.NextDelivery(ctx)
	if err != nil {
		return err
	}
	promised, err := k.overtake(ctx, tx, e, subscribers)
	if err != nil {
		return err
	}
	var added []model.Delivery
	var waiting []store.WaitingDelivery
	for _, s := range subscribers {
		if !s.Wants(e.Event) {
			continue
		}
		d := model.Delivery{
			ID: next, Workspace: e.Workspace, Page: e.Page, Event: e.Seq, Subject: e.Subject, Subscriber: s.ID, Channel: s.Channel,
			State: model.Waiting, Created: k.cfg.Now(), Next: k.cfg.Now().Add(patience(e.Event, s.Channel)),
		}
		if p, ok := promised[s.ID]; ok && p.Before(d.Next) {
			d.Next = p
		}
		added = append(added, d)
		waiting = append(waiting, store.WaitingDelivery{
			ID: d.ID, Event: d.Event, Subscriber: s.ID, Subject: d.Subject, Channel: s.Channel, Host: s.Host, Next: d.Next,
		})
		next++
	}
	if err := tx.AddDeliveries(ctx, added); err != nil {
		return err
	}
	tx.AfterCommit(func() {
		k.Take(waiting)
		k.cfg.OnChange(e.Page)
	})
	if len(subscribers) < batch {
		return tx.Expanded(ctx, e.Seq)
	}
	return tx.ExpandedTo(ctx, e.Seq, subscribers[len(subscribers)-1].ID)
}

// overtake lets an event take the place of older ones about the same subject that have not reached people yet, with those who want to
// hear of it. It returns when they would have been told: what happens again and again must not put that off again and again.
func (k *Courier) overtake(ctx context.Context, tx *store.Tx, e store.Unexpanded, subscribers []model.Subscriber) (map[model.SubscriberID]time.Time, error) {
	if len(subscribers) == 0 {
		return nil, nil
	}
	rows, err := tx.Overtaken(ctx, e.Subject, e.To, subscribers[len(subscribers)-1].ID)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	listening := map[model.SubscriberID]bool{}
	for _, s := range subscribers {
		listening[s.ID] = s.Wants(e.Event)
	}
	var old []model.DeliveryID
	promised := map[model.SubscriberID]time.Time{}
	for _, d := range rows {
		if !listening[d.Subscriber] {
			continue
		}
		old = append(old, d.ID)
		if d.Attempts == 0 {
			promised[d.Subscriber] = d.Next
		}
	}
	tx.AfterCommit(func() { k.drop(old) })
	return promised, tx.Supersede(ctx, old, k.cfg.Now())
}

// drop lets go of deliveries that need nothing any more.
func (k *Courier) drop(ids []model.DeliveryID) {
	numbers := make([]int64, len(ids))
	for i, id := range ids {
		numbers[i] = int64(id)
	}
	k.dispatcher.Remove(numbers...)
}
