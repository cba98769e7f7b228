package notify

import "time"

// Outcome is what came of one attempt.
type Outcome struct {
	Kind       Kind
	Reason     Reason        // why not; zero for Success
	RetryAfter time.Duration // what the receiver asked to wait; 0: nothing
	Took       time.Duration // filled in by the Dispatcher when 0
	StatusCode int           // of an HTTP answer or an SMTP reply; 0: there was none
}

// Kind is what an outcome means for the delivery.
type Kind uint8

// The kinds of outcome.
const (
	Interrupted Kind = iota // we broke it off: no outcome at all, nothing is recorded
	Success                 // the receiver has it
	Temporary               // tried again after a while; after the ninth attempt the delivery fails
	Permanent               // the delivery fails at once
	Gone                    // permanent, and the subscription ends
	Broken                  // the channel does not work: nothing is counted, everything of it waits
)

// String is the kind's name in logs.
func (k Kind) String() string {
	return [...]string{"interrupted", "success", "temporary", "permanent", "gone", "broken"}[k]
}
