package model

import "time"

// Secret is a value that never leaves the server again: it prints "set" or "", also in logs and in JSON.
type Secret string

// String hides the value.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return "set"
}

// GoString hides the value from %#v.
func (s Secret) GoString() string { return s.String() }

// MarshalText hides the value from every encoder.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Reveal is the value, for the one place that uses it.
func (s Secret) Reveal() string { return string(s) }

// Check is an HTTP probe of a component. SPEC §2 has the rule of each field.
type Check struct {
	ID                   CheckID
	Workspace            WorkspaceID
	Page                 PageID
	Component            ComponentID
	Version              int64 // grows with every edit; a result of an older version is dropped
	Name                 string
	URL                  string
	Method               string // GET, POST, HEAD
	Interval             time.Duration
	ExpectedStatusMin    int
	ExpectedStatusMax    int
	ExpectedBodyContains string
	Timeout              time.Duration
	DegradedLatency      time.Duration // 0: never degraded
	InsecureSkipVerify   bool
	Retries              int
	Headers              map[string]Secret
	Body                 Secret
	FollowRedirects      bool
	Enabled              bool
	IncidentThreshold    int       // 0: opens no incident
	Restart              Binding   // what is called when it keeps failing
	JudgedFrom           time.Time // what was seen before belongs to another target
	Created, Updated     time.Time
}

// NewCheck is a check with every default of SPEC §2.
func NewCheck() Check {
	return Check{
		Method:            "GET",
		Interval:          30 * time.Second,
		ExpectedStatusMin: 200,
		ExpectedStatusMax: 299,
		Timeout:           10 * time.Second,
		Retries:           1,
		FollowRedirects:   true,
		Enabled:           true,
		IncidentThreshold: 3,
	}
}

// RetryPause is how long a failed attempt waits for the next: min(2 s, a quarter of the interval).
func (c Check) RetryPause() time.Duration { return min(2*time.Second, c.Interval/4) }

// longest is how long a probe takes at most, with all its attempts.
func (c Check) longest() time.Duration {
	return c.Timeout + time.Duration(c.Retries)*(c.Timeout+c.RetryPause())
}

// StaleAfter is how old the latest outcome may be and still count: 2 x interval + timeout. A probe that takes longer than the interval lets
// turns pass, and an outcome is as old as its first attempt: then it is the time from one such attempt to the end of the next probe, and the
// timeout. Otherwise a target that hangs would be down and unknown by turns.
func (c Check) StaleAfter() time.Duration {
	takes := c.longest()
	turn := c.Interval
	if takes > turn && c.Interval > 0 {
		turn *= (takes + c.Interval - 1) / c.Interval
	}
	return max(2*c.Interval, turn+takes) + c.Timeout
}
