package deliver

import (
	"context"
	"slices"
	"time"

	"statusd/app/announce"
	"statusd/app/model"
	"statusd/notify"
	"statusd/store"
)

// The storm rule: an outage of fifty components is one letter to a person (SPEC §6).
const (
	gatherFor  = 10 * time.Second // an event of an automatic incident waits for others
	stormEvery = time.Minute      // at most one such letter

	// The parts of an outage fail, and recover, spread over the minute in which each is looked at. The first letter about it is soon, for it is
	// news; each further one about many of them waits until all are in it.
	stormMany = 10
	stormAge  = time.Hour
)

// patience is how long an event waits for others like it.
func patience(e model.Event, c model.Channel) time.Duration {
	if e.Auto && c != model.Webhook {
		return gatherFor
	}
	return 0
}

// storm is a letter about automatic incidents; the zero value is none.
type storm struct {
	courier *Courier
	head    model.DeliveryID
	beside  []model.DeliveryID // what it tells of beside its own delivery
}

// sent notes that a letter about automatic incidents has been taken, or refused for good; what else it told of is recorded with it.
func (s storm) sent(out notify.Outcome) notify.Outcome {
	if s.courier != nil && (out.Kind == notify.Success || out.Kind == notify.Permanent) {
		s.courier.storms.Store(s.head, s.beside)
	}
	return out
}

// toTell is what a letter to a person tells: its own event, and of automatic incidents all others that wait for the same person.
// Letters about them go out once a minute at most.
func (k *Courier) toTell(ctx context.Context, v store.View, page model.Page, o order) ([]announce.Told, storm, error) {
	first, err := k.told(ctx, v, page, o)
	if err != nil || !o.event.Auto {
		return []announce.Told{first}, storm{}, err
	}
	last, err := v.Stormed(ctx, o.Subscriber)
	if err != nil {
		return nil, storm{}, err
	}
	waiting, err := v.WaitingStorm(ctx, o.Subscriber)
	if err != nil {
		return nil, storm{}, err
	}
	if !slices.ContainsFunc(waiting, func(d model.Delivery) bool { return d.ID == o.ID }) {
		return nil, storm{}, notify.ErrNoLonger // overtaken since it was read: what took its place has its turn next
	}
	if next := stormDue(last, waiting, k.cfg.Now()); next.After(k.cfg.Now()) {
		return nil, storm{}, notify.Later{At: next}
	}
	all, about := []announce.Told{first}, storm{courier: k, head: o.ID}
	for _, d := range waiting {
		if d.ID == o.ID {
			continue
		}
		other := order{Delivery: d, subscriber: o.subscriber}
		if other.event, err = k.event(ctx, v, d.Event); err != nil {
			return nil, storm{}, err
		}
		one, err := k.told(ctx, v, page, other)
		if err != nil {
			return nil, storm{}, err
		}
		all, about.beside = append(all, one), append(about.beside, d.ID)
	}
	return all, about, nil
}

// stormDue is when a letter about what waits may go, after the last one.
func stormDue(last time.Time, waiting []model.Delivery, now time.Time) time.Time {
	if last.IsZero() || last.After(now) { // the clock was set back
		return now
	}
	due := last.Add(stormEvery)
	if len(waiting) >= stormMany && now.Sub(last) < stormAge {
		if all := waiting[0].Created.Add(stormEvery); all.After(due) {
			due = all
		}
	}
	return due
}

// recordStorm lets what a letter has told of beside its own delivery share its fate, if it arrived, and notes when that was. What was
// not told waits, for the next letter.
func (k *Courier) recordStorm(ctx context.Context, tx *store.Tx, head model.Delivery) error {
	found, ok := k.storms.Load(head.ID)
	if !ok {
		return nil
	}
	tx.AfterCommit(func() { k.storms.Delete(head.ID) })
	if head.State == model.Delivered {
		told := found.([]model.DeliveryID)
		if err := k.recordTold(ctx, tx, told, head.Done); err != nil {
			return err
		}
		tx.AfterCommit(func() { k.drop(told) })
	}
	return tx.SetStormed(ctx, head.Subscriber, head.Done)
}

// recordTold writes that deliveries arrived together with another one.
func (k *Courier) recordTold(ctx context.Context, tx *store.Tx, ids []model.DeliveryID, at time.Time) error {
	for _, id := range ids {
		d, err := tx.AnyDelivery(ctx, id)
		if err != nil || !open(d, notify.Delivered) {
			continue
		}
		d.State, d.Done, d.Attempts, d.Reason, d.Next = model.Delivered, at, d.Attempts+1, "", time.Time{}
		if err := tx.SetDelivery(ctx, d); err != nil {
			return err
		}
	}
	return nil
}
