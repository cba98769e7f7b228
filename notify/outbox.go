package notify

import (
	"context"
	"errors"
	"time"
)

// Entry is one delivery that waits: all that a Dispatcher keeps of it in memory.
type Entry struct {
	ID       int64 // of the delivery; ids grow with time
	Lane     Lane
	Channel  Channel   // the same for all of a subscriber
	Host     string    // where it goes, for the pace of a host; "" when there is nothing to spare
	Due      time.Time // not before; wall clock
	Attempts int       // made so far
}

// Lane is what goes in order, one at a time: the deliveries to one subscriber about one subject.
type Lane struct{ Subscriber, Subject int64 }

// Channel is a way to reach people.
type Channel uint8

// The channels.
const (
	Email Channel = iota
	Telegram
	Webhook

	channels = iota
)

// String is the channel's name in the API and in logs.
func (c Channel) String() string {
	return [...]string{"email", "telegram", "webhook"}[c]
}

// Letter is a delivery that is ready to be sent. It is made when its turn comes, so that memory does not hold thousands.
type Letter interface {
	// Send makes one attempt. It ends when its context does.
	Send(ctx context.Context) Outcome
}

// Outbox is where deliveries are kept.
type Outbox interface {
	// Letter makes the delivery's letter from what is stored now. ErrNoLonger says that there is nothing to be sent any more; with any
	// other error it is asked for again a little later, or when a Later says, and no attempt is counted. A letter that can never be made is one whose Send
	// answers Permanent.
	Letter(ctx context.Context, id int64) (Letter, error)

	// Record keeps what became of attempts, in one transaction. The reports of one call are of different lanes. A delivery that
	// is no longer there is no error; after an error it is called again with the same reports, and perhaps more of them.
	Record(ctx context.Context, reports []Report) error
}

// ErrNoLonger says that a delivery needs nothing any more: superseded, its subscription ended or paused.
var ErrNoLonger = errors.New("the delivery needs nothing any more")

// Later is the answer of an Outbox that a delivery's turn comes at another time. No attempt is counted.
type Later struct{ At time.Time } // wall clock

// Error says so.
func (l Later) Error() string { return "not before " + l.At.String() }

// Report is what is to be recorded of an attempt.
type Report struct {
	Entry   // as it stands after the attempt: Attempts counts it, Due is when it goes on if it does
	State   State
	At      time.Time // when the attempt began; wall clock
	Outcome Outcome
}

// State is what a delivery is after an attempt.
type State uint8

// The states of a delivery.
const (
	Waiting State = iota // for the next attempt, at Due
	Delivered
	Failed // for good. When the outcome is Gone, the subscription ends with it
)

// String is the state's name in the API.
func (s State) String() string {
	return [...]string{"waiting", "delivered", "failed"}[s]
}
