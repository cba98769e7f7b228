package deliver_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/netip"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"statusd/app/deliver"
	"statusd/app/model"
	"statusd/notify/notifytest"
	"statusd/notify/outbound"
	"statusd/notify/webhook"
	"statusd/store"
	"statusd/store/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var bg = context.Background()

// kit is an outbox over a real store and real receivers.
type kit struct {
	t       testing.TB
	store   *store.Store
	world   storetest.World
	server  *notifytest.Server
	courier *deliver.Courier
	post    *post        // nil: webhooks alone
	log     *slog.Logger // nil: nobody reads it
	ahead   atomic.Int64 // of the wall clock, what the kit's says
	paths   int
}

func newKit(t testing.TB) *kit {
	t.Helper()
	k := &kit{t: t, store: storetest.New(t), server: notifytest.New(t)}
	k.world = storetest.Fill(t, k.store, "acme", "api: k")
	return k
}

func (k *kit) now() time.Time { return time.Now().Add(time.Duration(k.ahead.Load())) }

// start begins a courier, as a process does.
func (k *kit) start() {
	k.t.Helper()
	guard := outbound.Guard{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}
	c := deliver.Config{
		Store: k.store, Webhooks: webhook.New(webhook.Options{Guard: guard, Now: k.now}), Log: k.log, Now: k.now,
		OnChange: func(model.PageID) {},
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if k.post != nil {
		k.post.open(k, &c)
	}
	k.courier = deliver.New(c)
	k.must(k.courier.Start(bg))
}

func (k *kit) stop() {
	k.must(k.courier.Stop(bg))
	if k.post != nil {
		k.post.close()
	}
}

func (k *kit) must(err error) {
	k.t.Helper()
	if err != nil {
		k.t.Fatal(err)
	}
}

// subscriber makes one that is active, with a receiver of its own, and returns its path.
func (k *kit) subscriber(does notifytest.Behaviour, change func(*model.Subscriber)) (model.Subscriber, string) {
	k.t.Helper()
	k.paths++
	path := fmt.Sprintf("/%d", k.paths)
	s := model.Subscriber{
		ID: model.NewSubscriberID(), Workspace: k.world.Page.Workspace, Page: k.world.Page.ID, Channel: model.Webhook, State: model.Active,
		Topic: model.TopicAll, Locale: "en", Address: model.Secret(k.server.Receiver(path, does)), Key: model.Secret(webhook.NewSecret()),
		Host: "127.0.0.1", Created: k.now(), Active: k.now(), Updated: k.now(),
	}
	if change != nil {
		change(&s)
	}
	storetest.Write(k.t, k.store, func(tx *store.Tx) error {
		last, err := tx.LastEvent(bg)
		if err != nil {
			return err
		}
		s.Since = last
		return tx.In(s.Workspace).AddSubscriber(bg, s, []byte(path))
	})
	return s, path
}

// tell publishes an event about a subject.
func (k *kit) tell(kind model.EventType, subject int64, components ...model.ComponentID) model.Event {
	k.t.Helper()
	e := model.Event{Workspace: k.world.Page.Workspace, Page: k.world.Page.ID, Type: kind, Subject: subject, Components: components, At: k.now()}
	storetest.Write(k.t, k.store, func(tx *store.Tx) (err error) {
		next, err := tx.LastEvent(bg)
		if err != nil {
			return err
		}
		if e.Payload, err = json.Marshal(next + 1); err != nil {
			return err
		}
		e, err = tx.AddEvent(bg, e)
		return err
	})
	if k.courier != nil {
		k.courier.Wake()
	}
	return e
}

// bodies are what came to a path.
func (k *kit) bodies(path string) (out []string) {
	for _, g := range k.server.Got(path) {
		out = append(out, string(g.Body))
	}
	return out
}

// until waits for something that other goroutines bring about.
func (k *kit) until(what string, ok func() bool) {
	k.t.Helper()
	for end := time.Now().Add(2 * time.Minute); !ok(); <-time.After(5 * time.Millisecond) {
		if time.Now().After(end) {
			k.t.Fatalf("not in time: %s", what)
		}
	}
}

// states counts deliveries by state.
func (k *kit) states() map[model.DeliveryState]int {
	out := map[model.DeliveryState]int{}
	storetest.Read(k.t, k.store, func(v store.View) error {
		rows, err := v.In(k.world.Page.Workspace).Deliveries(bg, k.world.Page.ID, store.DeliveryFilter{}, store.After{}, 1<<20)
		for _, d := range rows {
			out[d.State]++
		}
		return err
	})
	return out
}

func (k *kit) settled() {
	k.until("nothing waits", func() bool { return k.states()[model.Waiting] == 0 })
}

var fine = notifytest.Answer(200)

func TestAnEventReachesThoseWhoWantItAndNobodyElse(t *testing.T) {
	k := newKit(t)
	api := k.world.Component("api").ID
	other := model.NewComponentID()
	_, all := k.subscriber(fine, nil)
	_, windows := k.subscriber(fine, func(s *model.Subscriber) { s.Topic = model.TopicMaintenance })
	_, mine := k.subscriber(fine, func(s *model.Subscriber) { s.Components = []model.ComponentID{api} })
	_, others := k.subscriber(fine, func(s *model.Subscriber) { s.Components = []model.ComponentID{other} })
	_, paused := k.subscriber(fine, func(s *model.Subscriber) { s.State = model.Paused })
	_, pending := k.subscriber(fine, func(s *model.Subscriber) { s.State = model.Pending })
	k.tell(model.IncidentUpdated, 1, api)
	k.tell(model.MaintenanceScheduled, 2)
	_, late := k.subscriber(fine, nil)
	k.tell(model.IncidentResolved, 1, other)
	k.start()
	defer k.stop()
	k.until("all are told", func() bool { return k.states()[model.Delivered] == 9 })
	for path, want := range map[string][]string{
		all: {"1", "2", "3"}, windows: {"2"}, mine: {"1", "2"}, others: {"2", "3"}, paused: nil, pending: nil, late: {"3"},
	} {
		got := k.bodies(path)
		slices.Sort(got) // of one subject in order; of different ones in any
		if !slices.Equal(got, want) {
			t.Errorf("%s got %v, want %v", path, got, want)
		}
	}
	if got := k.bodies(all); slices.Index(got, "1") > slices.Index(got, "3") {
		t.Errorf("resolved before it was opened: %v", got)
	}
}

func TestAnExpansionThatWasCutOffGoesOn(t *testing.T) {
	k := newKit(t)
	const many = 1100 // more than two batches
	for range many {
		k.subscriber(fine, nil)
	}
	k.tell(model.IncidentUpdated, 1)
	heal := storetest.Break(t, k.store.Dir(), "deliveries")
	k.start()
	k.until("the disk refuses", func() bool { return true })
	k.stop()
	heal()
	for range 3 { // each time cut off somewhere
		k.start()
		k.courier.Wake()
		k.stop()
	}
	k.start()
	defer k.stop()
	k.until("all are told", func() bool { return k.states()[model.Delivered] == many })
	for i := range many {
		if got := k.bodies(fmt.Sprintf("/%d", i+1)); len(got) != 1 {
			t.Errorf("%d got %v", i+1, got)
		}
	}
}

func TestAReceiverThatIsGoneEndsItsSubscription(t *testing.T) {
	k := newKit(t)
	gone, path := k.subscriber(notifytest.Answer(410), nil)
	k.start()
	defer k.stop()
	k.tell(model.IncidentUpdated, 1)
	k.until("it is given up", func() bool { return k.states()[model.Undelivered] == 1 })
	storetest.Read(t, k.store, func(v store.View) error {
		if _, err := v.AnySubscriber(bg, gone.ID); err != store.ErrNone {
			t.Errorf("the subscriber: %v", err)
		}
		return nil
	})
	k.tell(model.IncidentUpdated, 1)
	k.until("it is expanded", func() bool { return k.expanded() })
	if got := k.bodies(path); len(got) != 1 {
		t.Errorf("it got %v", got)
	}
}

// expanded says that no event waits for its deliveries.
func (k *kit) expanded() (done bool) {
	storetest.Read(k.t, k.store, func(v store.View) error {
		_, err := v.OldestUnexpanded(bg)
		done = err == store.ErrNone
		return nil
	})
	return done
}

func TestWhatWaitsIsTakenUpByTheNextProcessUnderTheSameID(t *testing.T) {
	k := newKit(t)
	_, path := k.subscriber(notifytest.Answer(503), nil)
	k.start()
	k.tell(model.IncidentUpdated, 1)
	k.until("it was tried", func() bool { return len(k.bodies(path)) == 1 && k.tries() == 1 })
	k.stop()
	k.server.Receiver(path, fine)
	k.ahead.Store(int64(time.Minute)) // behind the first pause
	k.start()
	defer k.stop()
	k.until("it arrives", func() bool { return k.states()[model.Delivered] == 1 })
	got := k.server.Got(path)
	if len(got) != 2 || got[0].Header.Get("Webhook-Id") != got[1].Header.Get("Webhook-Id") || got[0].Header.Get("Webhook-Id") == "" {
		t.Errorf("%d letters: %v", len(got), got)
	}
}

// tries is how many attempts are on record.
func (k *kit) tries() (n int) {
	storetest.Read(k.t, k.store, func(v store.View) error {
		rows, err := v.In(k.world.Page.Workspace).Deliveries(bg, k.world.Page.ID, store.DeliveryFilter{}, store.After{}, 100)
		for _, d := range rows {
			n += d.Attempts
		}
		return err
	})
	return n
}

func TestAWebhookThatIsDeafForDaysIsPaused(t *testing.T) {
	k := newKit(t)
	s, _ := k.subscriber(notifytest.Answer(500), nil)
	fail := func(events int) {
		for range events {
			e := k.tell(model.IncidentUpdated, 1)
			storetest.Write(t, k.store, func(tx *store.Tx) error { // as if eight attempts were behind it
				id, err := tx.NextDelivery(bg)
				if err != nil {
					return err
				}
				if err := tx.Expanded(bg, e.Seq); err != nil {
					return err
				}
				return tx.AddDelivery(bg, model.Delivery{
					ID: id, Workspace: s.Workspace, Page: s.Page, Event: e.Seq, Subject: 1, Subscriber: s.ID, Channel: s.Channel,
					State: model.Waiting, Attempts: 8, Created: k.now(), Next: k.now(),
				})
			})
		}
		k.start()
		k.settled()
		k.stop()
		k.courier = nil
	}
	state := func() (state model.SubscriberState) {
		storetest.Read(t, k.store, func(v store.View) error {
			found, err := v.AnySubscriber(bg, s.ID)
			state = found.State
			return err
		})
		return state
	}
	fail(4)
	if got := state(); got != model.Active {
		t.Errorf("after four failures within a day it is %s", got)
	}
	k.ahead.Store(int64(5*24*time.Hour + time.Second))
	fail(1)
	if got := state(); got != model.Paused {
		t.Errorf("after five days it is %s", got)
	}
}

func TestTwoRefusalsAtOnceEndASubscriptionOnce(t *testing.T) {
	k := newKit(t)
	gone, _ := k.subscriber(notifytest.Answer(410), nil)
	other, _ := k.subscriber(fine, nil)
	for subject := range int64(3) {
		k.tell(model.IncidentUpdated, subject+1)
	}
	k.start()
	defer k.stop()
	k.until("all are recorded", func() bool { n := k.states(); return n[model.Undelivered] == 3 && n[model.Delivered] == 3 })
	if k.state(gone) != 0 || k.state(other) != model.Active {
		t.Errorf("%s, %s", k.state(gone), k.state(other))
	}
}
