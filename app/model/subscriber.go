package model

import (
	"fmt"
	"time"
)

// Channel is a way to reach a subscriber. The zero Channel is none.
type Channel uint8

// The channels.
const (
	Email Channel = iota + 1
	Telegram
	Webhook
)

// Topic is what a subscriber wants to hear of. The zero Topic is none.
type Topic uint8

// The topics.
const (
	TopicAll Topic = iota + 1
	TopicIncidents
	TopicMaintenance
)

// SubscriberState is whether a subscriber is told anything. The zero SubscriberState is none.
type SubscriberState uint8

// The states of a subscriber. One that has ended is not there any more.
const (
	Pending SubscriberState = iota + 1 // has not confirmed yet
	Active
	Paused // has not answered for days: told nothing until somebody resumes it
)

var (
	channels         = [...]string{"", "email", "telegram", "webhook"}
	topics           = [...]string{"", "all", "incidents", "maintenance"}
	subscriberStates = [...]string{"", "pending", "active", "paused"}
)

// String is the channel as JSON names it.
func (c Channel) String() string { return wordOf("Channel", channels[:], uint8(c)) }

// MarshalText writes the channel as JSON names it.
func (c Channel) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// ParseChannel reads "email", "telegram" or "webhook".
func ParseChannel(word string) (Channel, bool) {
	n, ok := parseWord(channels[:], word)
	return Channel(n), ok
}

// String is the topic as JSON names it.
func (t Topic) String() string { return wordOf("Topic", topics[:], uint8(t)) }

// MarshalText writes the topic as JSON names it.
func (t Topic) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// ParseTopic reads "all", "incidents" or "maintenance".
func ParseTopic(word string) (Topic, bool) {
	n, ok := parseWord(topics[:], word)
	return Topic(n), ok
}

// Covers says that events of a topic are wanted.
func (t Topic) Covers(other Topic) bool { return t == TopicAll || t == other }

// String is the state as JSON names it.
func (s SubscriberState) String() string {
	return wordOf("SubscriberState", subscriberStates[:], uint8(s))
}

// MarshalText writes the state as JSON names it.
func (s SubscriberState) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// ParseSubscriberState reads what String wrote.
func ParseSubscriberState(word string) (SubscriberState, bool) {
	n, ok := parseWord(subscriberStates[:], word)
	return SubscriberState(n), ok
}

func wordOf(kind string, words []string, n uint8) string {
	if int(n) < len(words) {
		return words[n]
	}
	return fmt.Sprintf("%s(%d)", kind, n)
}

func parseWord(words []string, text string) (uint8, bool) {
	for n, w := range words {
		if n > 0 && w == text {
			return uint8(n), true
		}
	}
	return 0, false
}

// Subscriber is somebody who wants to be told what happens on a page.
type Subscriber struct {
	ID         SubscriberID
	Workspace  WorkspaceID
	Page       PageID
	Channel    Channel
	State      SubscriberState
	Topic      Topic
	Components []ComponentID // none: all. One that is gone stays in the list, so that it never turns into all
	Locale     string
	Address    Secret // where to reach it: of a webhook its URL
	Key        Secret // of a webhook: what its deliveries are signed with, which is its management token as well
	Host       string // of the address, for people who look after it and for fairness between receivers; no secret
	Since      int64  // Seq of the newest event when it became active: it is told of what comes later
	Created    time.Time
	Active     time.Time // when it became active, last; zero: never
	Succeeded  time.Time // the newest delivery that arrived; zero: none
	Failed     int       // deliveries given up since then
	Updated    time.Time
}

// Wants says that a subscriber is to be told of an event.
func (s Subscriber) Wants(e Event) bool {
	return s.State == Active && s.Since < e.Seq && s.Topic.Covers(e.Type.Topic()) && e.Concerns(s.Components)
}

// DeliveryState is what has become of a delivery. The zero DeliveryState is none.
type DeliveryState uint8

// The states of a delivery.
const (
	Waiting DeliveryState = iota + 1
	Delivered
	Undelivered // given up
	Superseded  // a newer one about the same took its place
)

var deliveryStates = [...]string{"", "waiting", "delivered", "failed", "superseded"}

// String is the state as JSON names it: "waiting", "delivered", "failed", "superseded".
func (s DeliveryState) String() string {
	return wordOf("DeliveryState", deliveryStates[:], uint8(s))
}

// MarshalText writes the state as JSON names it.
func (s DeliveryState) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// ParseDeliveryState reads what String wrote.
func ParseDeliveryState(word string) (DeliveryState, bool) {
	n, ok := parseWord(deliveryStates[:], word)
	return DeliveryState(n), ok
}

// Delivery is one event on its way to one subscriber. It never holds an address.
type Delivery struct {
	ID         DeliveryID
	Workspace  WorkspaceID
	Page       PageID
	Event      int64 // its Seq
	Type       EventType
	Subject    int64
	Subscriber SubscriberID
	Channel    Channel
	State      DeliveryState
	Attempts   int
	Reason     string    // why the last attempt failed, as the channel words it in code; "" when none did
	Next       time.Time // not before; zero when nothing is to come
	Created    time.Time
	Done       time.Time // zero while it waits
}
