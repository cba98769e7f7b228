package probe

import (
	"fmt"
	"time"
)

// Outcome is what one look at a target found. It is not a status: a component has more states than a look has outcomes.
type Outcome uint8

// The outcomes, ordered from bad to good. The zero value is no outcome at all.
const (
	Down        Outcome = iota + 1 // no connection, no answer, or not the expected one
	Degraded                       // the expected answer, but slower than DegradedAfter
	Operational                    // the expected answer in time
)

// String returns "down", "degraded" or "operational".
func (o Outcome) String() string {
	switch o {
	case Down:
		return "down"
	case Degraded:
		return "degraded"
	case Operational:
		return "operational"
	}
	return fmt.Sprintf("Outcome(%d)", uint8(o))
}

// Good reports whether the target gave the expected answer, slow or not.
func (o Outcome) Good() bool { return o == Degraded || o == Operational }

// Target is what to look at and what to expect of it. Source: SPEC.md section 2, "HTTP check fields".
type Target struct {
	URL     string            // absolute, http or https
	Method  string            // GET, POST or HEAD; "" is GET
	Headers map[string]string // configured by the operator; never sent on to another origin. With an Accept-Encoding of its own the body is searched as it came, not decoded
	Body    string            // the same; not sent with HEAD

	ExpectedStatusMin, ExpectedStatusMax int    // inclusive
	BodyContains                         string // searched in the first 1 MiB of the decoded body; "" is not searched

	Timeout       time.Duration // of one attempt, from its start to the last byte read; 0 is 10 s
	DegradedAfter time.Duration // a good answer slower than this is Degraded; 0: never

	InsecureSkipVerify bool // accept any TLS certificate
	FollowRedirects    bool // at most 10 hops, the last answer is judged; when false a 3xx is itself the answer

	Retries    int           // further attempts before the target counts as down
	RetryPause time.Duration // from the end of a failed attempt to the next one
}

// Phases are the parts of an attempt's last hop, each with its own duration; zero when it did not happen.
// Through a proxy, DNS and Connect are those of the proxy.
type Phases struct {
	DNS       time.Duration // name to addresses
	Connect   time.Duration // TCP, from the first address tried to a connection
	TLS       time.Duration // handshake
	FirstByte time.Duration // from the connection being ready to the first byte of the answer
	Body      time.Duration // from there to the last byte read
}

// Result is what a look found, after its retries.
type Result struct {
	// At is when the attempt that decided began: for Down the first failed attempt, otherwise the good one.
	// It keeps its monotonic reading.
	At time.Time
	// Outcome is never zero in a Result that came without an error.
	Outcome Outcome
	// Latency is the time from At to the last byte read, or to the failure.
	Latency time.Duration
	// StatusCode is that of the last hop's answer; 0: no answer.
	StatusCode int
	// Reason is why the outcome is Down; the zero Reason otherwise.
	Reason Reason
	// Phases are those of the deciding attempt's last hop.
	Phases Phases
	// Attempts is how many were made, at least 1.
	Attempts int
	// RemoteAddr is the address and port that answered or refused; "" when none was reached.
	RemoteAddr string
	// Sick says that statusd itself could not see (no network, no route, no free file descriptor, no resolver),
	// so that a Down says nothing about the target.
	Sick bool
}
