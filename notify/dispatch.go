package notify

import (
	"context"
	"log/slog"
	"time"
)

// Options tune a Dispatcher. Outbox is required; the zero value of the rest is good.
type Options struct {
	Outbox Outbox
	Now    func() time.Time // wall clock; nil: time.Now
	Random func() float64   // in [0, 1), for the jitter; nil: math/rand/v2
	Log    *slog.Logger
	Limits map[Channel]Limits // nil, or a channel left out: DefaultLimits
	Grace  time.Duration      // for attempts in flight when Run is to end; 8 s
}

// Limits bound what goes on at a time in one channel.
type Limits struct {
	Fresh    int           // attempts at a time, suspects aside
	Suspect  int           // attempts at a time at receivers that failed or were slow the last time
	Receiver int           // attempts at a time at one receiver that is not suspect; a suspect has one
	Host     int           // attempts at a time at one host
	Pace     time.Duration // between two starts at one host, when the first few have gone; 0: none
}

// Dispatcher delivers what is added to it. Make it with New; it works while Run does. Safe for concurrent use.
type Dispatcher struct{}

// ChannelState is how a channel is doing.
type ChannelState struct {
	Channel  Channel
	Waiting  int       // deliveries held, those in flight included
	InFlight int       // attempts going on
	Broken   bool      // nothing goes out until a trial succeeds
	Reason   Reason    // why it is broken
	Since    time.Time // when it broke; wall clock
}

// New makes a Dispatcher at rest.
func New(opts Options) *Dispatcher { return &Dispatcher{} }

// Add hands over deliveries that wait. One that is already held, by its ID, is left as it is.
func (d *Dispatcher) Add(entries ...Entry) {}

// Remove lets go of deliveries. The attempt that one of them is making goes on and is recorded, but is its last.
func (d *Dispatcher) Remove(ids ...int64) {}

// Forget lets go of everything of a subscriber, as Remove does.
func (d *Dispatcher) Forget(subscriber int64) {}

// Wake makes everything due that a subscriber waits for.
func (d *Dispatcher) Wake(subscriber int64) {}

// Try lets a broken channel make its next trial now: its settings have changed.
func (d *Dispatcher) Try(c Channel) {}

// Channels says how each channel is doing.
func (d *Dispatcher) Channels() []ChannelState { return nil }

// Run delivers until ctx ends. Then it begins nothing more, gives what is in flight Options.Grace to end, records it, and returns.
func (d *Dispatcher) Run(ctx context.Context) { <-ctx.Done() }
