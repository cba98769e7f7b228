package model

import "time"

// TargetType is the way in which a restart target is called. The zero TargetType is none.
type TargetType uint8

// The types of restart target.
const (
	RestartHTTP TargetType = iota + 1
	RestartSSH
	RestartCoolify
)

// Trigger is what made a target fire. The zero Trigger is none.
type Trigger uint8

// The triggers.
const (
	BySchedule Trigger = iota + 1 // a bound check that kept failing
	ByTest                        // a person: it counts for nothing and starts no cooldown
)

// FiringOutcome is what has become of a firing. The zero FiringOutcome is none.
type FiringOutcome uint8

// The outcomes of a firing.
const (
	FiringRuns        FiringOutcome = iota + 1 // recorded; the call may not even have begun
	FiringSucceeded                            // which is not that the service is good again
	FiringFailed                               // with a reason
	FiringInterrupted                          // a start found it unfinished: nobody knows what came of it
)

// BrokenOff is why a firing is interrupted, in the code of probe/restart: the process ended before it knew how the call did.
const BrokenOff = "broken_off"

// NotRead is why a firing failed whose call was never made, in the code of probe/restart: the target could not be read from the database.
const NotRead = "not_read"

var (
	targetTypes    = [...]string{"", "http", "ssh", "coolify"}
	triggers       = [...]string{"", "schedule", "test"}
	firingOutcomes = [...]string{"", "running", "success", "failed", "interrupted"}
)

// TargetTypes lists every type.
func TargetTypes() []TargetType { return []TargetType{RestartHTTP, RestartSSH, RestartCoolify} }

// String is the type as JSON names it: "http", "ssh", "coolify".
func (t TargetType) String() string { return wordOf("TargetType", targetTypes[:], uint8(t)) }

// MarshalText writes the type as JSON names it.
func (t TargetType) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// ParseTargetType reads what String wrote.
func ParseTargetType(word string) (TargetType, bool) {
	n, ok := parseWord(targetTypes[:], word)
	return TargetType(n), ok
}

// String is the trigger as JSON names it: "schedule", "test".
func (t Trigger) String() string { return wordOf("Trigger", triggers[:], uint8(t)) }

// MarshalText writes the trigger as JSON names it.
func (t Trigger) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// FiringOutcomes lists every outcome.
func FiringOutcomes() []FiringOutcome {
	return []FiringOutcome{FiringRuns, FiringSucceeded, FiringFailed, FiringInterrupted}
}

// String is the outcome as JSON names it: "running", "success", "failed", "interrupted".
func (o FiringOutcome) String() string { return wordOf("FiringOutcome", firingOutcomes[:], uint8(o)) }

// MarshalText writes the outcome as JSON names it.
func (o FiringOutcome) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

// RestartTarget is something that is called to bring a service back. Of the three descriptions the one of its type counts, and the others
// are zero. SPEC §5 and §8 have the rule of each field.
type RestartTarget struct {
	ID               RestartTargetID
	Workspace        WorkspaceID
	Name             string
	Type             TargetType
	Timeout          time.Duration // of an HTTP or SSH target, for all of it
	HTTP             HTTPTarget
	SSH              SSHTarget
	Coolify          CoolifyTarget
	Created, Updated time.Time
}

// HTTPTarget is a request.
type HTTPTarget struct {
	URL               string
	Method            string // GET, POST
	AuthHeaderName    string // "": none is sent
	AuthHeaderValue   Secret
	Body              Secret
	ExpectedStatusMin int
	ExpectedStatusMax int
}

// SSHTarget is a command on another host.
type SSHTarget struct {
	Host       string
	Port       int
	User       string
	PrivateKey Secret // PEM
	Passphrase Secret // of the key; "": it has none
	Command    string
	HostKey    string // by which the host is known, as it was given: a SHA256 fingerprint, a known_hosts line or a public-key line; "": as Seen
	Seen       string // the public key that the host showed when it was first called, as authorized_keys has it; "": never called, or HostKey is given
	SeenAt     time.Time
}

// CoolifyTarget is a resource that a Coolify instance deploys anew.
type CoolifyTarget struct {
	BaseURL      string
	APIToken     Secret
	ResourceUUID string
	Force        bool
}

// NewRestartTarget is a target of a type with every default.
func NewRestartTarget(t TargetType) RestartTarget {
	r := RestartTarget{Type: t}
	switch t {
	case RestartHTTP:
		r.Timeout = 30 * time.Second
		r.HTTP = HTTPTarget{Method: "POST", ExpectedStatusMin: 200, ExpectedStatusMax: 299}
	case RestartSSH:
		r.Timeout = time.Minute
		r.SSH = SSHTarget{Port: 22}
	case RestartCoolify:
		r.Coolify = CoolifyTarget{Force: true}
	}
	return r
}

// Binding is how a check is bound to a restart target. The zero Binding is none.
type Binding struct {
	Target     RestartTargetID
	Threshold  int           // failures in a row that fire it
	Cooldown   time.Duration // since the target last fired, for whatever check
	MaxFirings int           // in one outage
}

// NewBinding is a binding with every default of SPEC §2; the threshold is the one at which incidents open.
func NewBinding(t RestartTargetID) Binding {
	return Binding{Target: t, Threshold: 3, Cooldown: 10 * time.Minute, MaxFirings: 5}
}

// Bound says that there is a target.
func (b Binding) Bound() bool { return b.Target != 0 }

// Firing is one call of a restart target. It outlives the check for which it was.
type Firing struct {
	ID         FiringID
	Workspace  WorkspaceID
	Target     RestartTargetID
	Check      CheckID // 0: none, it was by hand; the check may be gone
	CheckName  string  // as it is now, or was last
	Page       PageID
	Incident   IncidentID // on whose timeline it stands; 0: on none
	Trigger    Trigger
	Started    time.Time
	Duration   time.Duration // 0 while it runs, and when it was interrupted
	Outcome    FiringOutcome
	StatusCode int    // of an HTTP answer; 0: there was none
	ExitCode   *int   // of a command; nil: there was none
	Output     string // the first 4 KiB, secrets masked
	Reason     string // why it failed, in code; "" when it did not
	Recovered  time.Time
	Again      bool      // another followed before the check was good
	GaveUp     time.Time // when it was found to have been the last of its outage, in vain; zero: it was not
}

// RecoveredAfter is how long after its beginning the check was good again, which is the proof, unless another followed; false: it was not,
// or nobody knows.
func (f Firing) RecoveredAfter() (time.Duration, bool) {
	if f.Recovered.IsZero() {
		return 0, false
	}
	return max(0, f.Recovered.Sub(f.Started)), true
}

// Called is what came of one call of a restart target. Nothing in it shows a secret of the target.
type Called struct {
	Outcome    FiringOutcome // never FiringRuns
	StatusCode int           // of an HTTP answer; 0: there was none
	ExitCode   *int          // of a command; nil: there was none
	Output     string        // the first 4 KiB
	Reason     string        // why it failed, in code
	Took       time.Duration
	HostKey    string // that an SSH host showed and that was accepted, as authorized_keys has it; "": none was
}

// Ended is a firing that ran, with what came of its call.
func (f Firing) Ended(c Called) Firing {
	f.Outcome, f.StatusCode, f.ExitCode, f.Output, f.Reason, f.Duration = c.Outcome, c.StatusCode, c.ExitCode, c.Output, c.Reason, c.Took
	return f
}

// Connection is what a check of the connection to a restart target found; nothing was started.
type Connection struct {
	OK          bool
	Detail      string // what works, or why it does not, in code
	HostKey     string // that an SSH host showed, accepted or not, as authorized_keys has it; "": none was seen
	Fingerprint string // of HostKey, as ssh shows it: "SHA256:..."
}

// FiringTally is what the firings of a target on schedule have come to, those that have ended and of which the end is known.
type FiringTally struct {
	Firings   int
	Succeeded int // the call
	Recovered int // the check, without another firing in between
	Last      time.Time
}

// SuccessRate is the share of calls that succeeded; false: there was none.
func (t FiringTally) SuccessRate() (float64, bool) {
	if t.Firings == 0 {
		return 0, false
	}
	return float64(t.Succeeded) / float64(t.Firings), true
}

// BoundCheck is a check that is bound to a target.
type BoundCheck struct {
	ID       CheckID
	Name     string
	Page     PageID
	PageName string
}
