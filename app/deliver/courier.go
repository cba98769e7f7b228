// Package deliver is the outbox: it expands events into deliveries, has each delivered when its turn comes, and records what came of it.
// It decides nothing about when and how often, which is notify's, and never writes an address anywhere.
// Start with Courier, then expand (expand.go) and Courier.Letter and Courier.Record (record.go), which notify calls.
//
// What survives a kill: an event commits with what caused it; its deliveries commit in batches, each with how far they have come, and
// an event has at most one to each subscriber; that something was delivered commits within a moment of its delivery. What was on its
// way at a kill is sent once more, under the same id.
//
// Implements SPEC §6.
package deliver

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"statusd/app/announce"
	"statusd/app/model"
	"statusd/notify"
	"statusd/notify/email"
	"statusd/notify/telegram"
	"statusd/notify/webhook"
	"statusd/store"
)

// Config is what a Courier needs.
type Config struct {
	Store    *store.Store
	Webhooks *webhook.Sender
	Mails    *email.Sender
	Chats    *telegram.Sender
	Herald   *announce.Herald // puts events into words, for mails and chats
	BaseURL  func() string    // the public URL; "" while nobody has said it
	Log      *slog.Logger
	Now      func() time.Time        // the wall clock
	OnChange func(page model.PageID) // after a commit: deliveries or subscribers of the page have changed
}

// Courier brings events to those who want to hear of them. Safe for concurrent use.
type Courier struct {
	cfg        Config
	dispatcher *notify.Dispatcher
	wake       chan struct{}
	running    sync.WaitGroup
	stopping   context.CancelFunc
	facts      facts
	storms     sync.Map // what letters have told of beside their own delivery, by its id, until that is recorded: []model.DeliveryID
}

// New makes a Courier at rest: nothing goes out before Start.
func New(c Config) *Courier {
	k := &Courier{cfg: c, wake: make(chan struct{}, 1)}
	k.dispatcher = notify.New(notify.Options{Outbox: k, Now: c.Now, Log: c.Log})
	return k
}

// Start takes up what an earlier run has left, and what comes.
func (k *Courier) Start(ctx context.Context) error {
	err := k.cfg.Store.Read(ctx, func(v store.View) error {
		rows, err := v.EveryWaiting(ctx)
		k.dispatcher.Add(entries(rows)...)
		return err
	})
	if err != nil {
		return err
	}
	running, cancel := context.WithCancel(context.WithoutCancel(ctx))
	k.stopping = cancel
	k.running.Go(func() { k.dispatcher.Run(running) })
	k.running.Go(func() { k.expandAll(running) })
	k.Wake()
	return nil
}

// Stop begins nothing more, and waits for what is on its way, and for its record, as long as the context lasts.
func (k *Courier) Stop(ctx context.Context) error {
	if k.stopping == nil {
		return nil
	}
	k.stopping()
	done := make(chan struct{})
	go func() { k.running.Wait(); close(done) }()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Wake says that there are new events.
func (k *Courier) Wake() {
	select {
	case k.wake <- struct{}{}:
	default: // it is awake
	}
}

// Forget lets go of everything on its way to a subscriber: it is gone, or paused.
func (k *Courier) Forget(id model.SubscriberID) { k.dispatcher.Forget(int64(id)) }

// Take takes up deliveries that wait.
func (k *Courier) Take(rows []store.WaitingDelivery) { k.dispatcher.Add(entries(rows)...) }

// Try lets a channel that is broken be tried at once: its settings have changed.
func (k *Courier) Try(c model.Channel) { k.dispatcher.Try(channelOf[c]) }

// Channels says how each channel is doing.
func (k *Courier) Channels() []notify.ChannelState { return k.dispatcher.Channels() }

func entries(rows []store.WaitingDelivery) []notify.Entry {
	out := make([]notify.Entry, len(rows))
	for i, r := range rows {
		out[i] = notify.Entry{
			ID: int64(r.ID), Lane: laneOf(r), Channel: channelOf[r.Channel], Host: r.Host, Due: r.Next, Attempts: r.Attempts,
		}
	}
	return out
}

// laneOf is what goes in order. A person reads all that comes in one place, so whatever goes there goes in order; a program may be
// told of several subjects at once.
func laneOf(r store.WaitingDelivery) notify.Lane {
	if r.Channel == model.Webhook {
		return notify.Lane{Subscriber: int64(r.Subscriber), Subject: r.Subject}
	}
	return notify.Lane{Subscriber: int64(r.Subscriber)}
}

// channelOf is a channel as notify knows it.
var channelOf = map[model.Channel]notify.Channel{
	model.Email: notify.Email, model.Telegram: notify.Telegram, model.Webhook: notify.Webhook,
}

// Hurry makes everything due that waits for a subscriber.
func (k *Courier) Hurry(id model.SubscriberID) { k.dispatcher.Wake(int64(id)) }
