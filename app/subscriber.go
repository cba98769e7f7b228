package app

import (
	"context"
	"strings"
	"time"

	"statusd/app/model"
	"statusd/store"
)

// SubscriberFilter says which subscribers of a page are wanted; a zero field does not matter.
type SubscriberFilter struct {
	Text    string // anywhere in the address, in whichever case
	Channel model.Channel
	State   model.SubscriberState
	Topic   model.Topic
}

func (f SubscriberFilter) takes(s model.Subscriber) bool {
	return (f.Channel == 0 || f.Channel == s.Channel) && (f.State == 0 || f.State == s.State) && (f.Topic == 0 || f.Topic == s.Topic) &&
		strings.Contains(strings.ToLower(s.Address.Reveal()), strings.ToLower(f.Text))
}

// Subscribers lists a page's subscribers. Their addresses are for editors, to see and to search.
func (a *App) Subscribers(ctx context.Context, by model.Actor, page model.PageID, f SubscriberFilter, w model.Window) (out model.List[model.Subscriber], err error) {
	after, limit, err := position(w)
	if err != nil {
		return out, err
	}
	err = a.read(ctx, func(v store.View) error {
		own := v.In(by.Workspace)
		if _, err := own.Page(ctx, page); err != nil {
			return known(err)
		}
		rows, err := pickSubscribers(ctx, own, by, page, f, after, limit)
		out = list(rows, limit, func(s model.Subscriber) store.After { return store.After{ID: int64(s.ID)} })
		return err
	})
	return out, err
}

// looked is how many subscribers are read at once to find those that a filter takes: addresses are sealed, so the database cannot.
const looked = 500

// pickSubscribers reads on until it has as many as wanted, as an actor may see them.
func pickSubscribers(ctx context.Context, own store.Owned, by model.Actor, page model.PageID, f SubscriberFilter, after store.After, wanted int) (out []model.Subscriber, err error) {
	for {
		rows, err := own.Subscribers(ctx, page, after, looked)
		if err != nil {
			return nil, err
		}
		for _, s := range rows {
			after.ID = int64(s.ID)
			if s = shownTo(by, s); !f.takes(s) {
				continue
			}
			if out = append(out, s); len(out) == wanted {
				return out, nil
			}
		}
		if len(rows) < looked {
			return out, nil
		}
	}
}

// CountSubscribers counts a page's subscribers of each channel and state.
func (a *App) CountSubscribers(ctx context.Context, by model.Actor, page model.PageID) (n map[model.Channel]map[model.SubscriberState]int, err error) {
	err = a.read(ctx, func(v store.View) error {
		own := v.In(by.Workspace)
		if _, err := own.Page(ctx, page); err != nil {
			return known(err)
		}
		n, err = own.CountSubscribers(ctx, page)
		return err
	})
	return n, err
}

// Subscriber finds one subscriber.
func (a *App) Subscriber(ctx context.Context, by model.Actor, id model.SubscriberID) (s model.Subscriber, err error) {
	err = a.read(ctx, func(v store.View) error {
		s, err = v.In(by.Workspace).Subscriber(ctx, id)
		s = shownTo(by, s)
		return known(err)
	})
	return s, err
}

// shownTo is a subscriber as an actor may see it: nobody sees its key, and not everybody its address.
func shownTo(by model.Actor, s model.Subscriber) model.Subscriber {
	s.Key = ""
	if !by.May(model.Editor) {
		s.Address, s.Host = "", ""
	}
	return s
}

// DeleteSubscriber ends a subscription and removes the address. What is on its way to it is given up.
func (a *App) DeleteSubscriber(ctx context.Context, by model.Actor, id model.SubscriberID) error {
	return a.writeSubscriber(ctx, by, id, func(tx *store.Tx, s model.Subscriber) error { return a.remove(ctx, tx, by, s) })
}

// remove ends a subscription because somebody of the workspace wants it.
func (a *App) remove(ctx context.Context, tx *store.Tx, by model.Actor, s model.Subscriber) error {
	if err := a.endSubscription(ctx, tx, s, reasonRemoved); err != nil {
		return err
	}
	return a.audited(ctx, tx, by, model.Audit{Page: s.Page, Action: model.SubscriberDeleted, Subject: subscriberSubject(s)})
}

// Why deliveries were given up without an attempt, as codes of the locale files' family "delivery.reason.".
const (
	reasonUnsubscribed = "unsubscribed"
	reasonRemoved      = "removed"
	reasonUnconfirmed  = "unconfirmed"
	reasonPageDeleted  = "page_deleted"
)

func (a *App) endSubscription(ctx context.Context, tx *store.Tx, s model.Subscriber, why string) error {
	tx.AfterCommit(func() {
		a.courier.Forget(s.ID)
		a.followers.tell(s.Page)
	})
	return known(tx.DeleteSubscriber(ctx, s.ID, why, a.Now()))
}

// ResumeSubscriber lets a webhook that was paused be told again; what waited for it goes out at once. One that is not paused is a
// model.Conflict.
func (a *App) ResumeSubscriber(ctx context.Context, by model.Actor, id model.SubscriberID) (s model.Subscriber, err error) {
	err = a.writeSubscriber(ctx, by, id, func(tx *store.Tx, found model.Subscriber) error {
		s = found
		if s.State != model.Paused {
			return model.Conflict{Code: "not_paused"}
		}
		if err := a.activate(ctx, tx, &s); err != nil {
			return err
		}
		if err := tx.SetSubscriber(ctx, s); err != nil {
			return known(err)
		}
		waiting, err := tx.WaitingOf(ctx, id)
		if err != nil {
			return err
		}
		for i := range waiting {
			waiting[i].Next = a.Now()
		}
		tx.AfterCommit(func() {
			a.courier.Take(waiting)
			a.followers.tell(s.Page)
		})
		return a.audited(ctx, tx, by, model.Audit{Page: s.Page, Action: model.SubscriberResumed, Subject: subscriberSubject(s)})
	})
	return shownTo(by, s), err
}

// activate makes a subscriber one that is told of whatever comes from now on.
func (a *App) activate(ctx context.Context, tx *store.Tx, s *model.Subscriber) error {
	last, err := tx.LastEvent(ctx)
	if err != nil {
		return err
	}
	s.State, s.Since, s.Active, s.Failed = model.Active, last, a.Now().UTC().Truncate(time.Millisecond), 0
	s.Updated = a.touched(s.Updated)
	return nil
}

// writeSubscriber runs an act on a subscriber in a transaction, for an editor.
func (a *App) writeSubscriber(ctx context.Context, by model.Actor, id model.SubscriberID, act func(*store.Tx, model.Subscriber) error) error {
	return a.write(ctx, func(tx *store.Tx) error {
		s, err := tx.In(by.Workspace).Subscriber(ctx, id)
		if err != nil {
			return known(err)
		}
		if !by.May(model.Editor) {
			return model.ErrForbidden
		}
		return act(tx, s)
	})
}

// Reach is how many subscribers of a page would be told of an event of a topic about components; none of them: about everything.
func (a *App) Reach(ctx context.Context, by model.Actor, page model.PageID, topic model.Topic, components []model.ComponentID) (n int, err error) {
	e := model.Event{Seq: int64(forever), Components: components}
	e.Type = model.IncidentUpdated
	if topic == model.TopicMaintenance {
		e.Type = model.MaintenanceScheduled
	}
	err = a.read(ctx, func(v store.View) error {
		if _, err := v.In(by.Workspace).Page(ctx, page); err != nil {
			return known(err)
		}
		rows, err := v.SubscribersAfter(ctx, page, 0, maxListed)
		for _, s := range rows {
			if s.Wants(e) {
				n++
			}
		}
		return err
	})
	return n, err
}
