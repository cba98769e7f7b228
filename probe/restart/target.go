package restart

import (
	"context"
	"fmt"
	"time"

	"statusd/probe"
)

// Target is what can be fired: an [HTTP], an [SSH] or a [Coolify].
type Target interface {
	fire(ctx context.Context, f *Firer) Firing
	// secrets are what must not come back: of each, every form.
	secrets() []string
}

// Checkable is a Target whose connection can be checked without an effect: an [SSH] or a [Coolify].
type Checkable interface {
	Target
	check(ctx context.Context, f *Firer) Connection
}

// Outcome is what came of a firing.
type Outcome uint8

// The outcomes. The zero value is none.
const (
	Success     Outcome = iota + 1
	Failed              // the reason says why, and whether the target may have acted all the same
	Interrupted         // statusd broke it off or was broken off: nobody knows how it ended
)

// String returns "success", "failed" or "interrupted", as SPEC.md section 5 has them.
func (o Outcome) String() string {
	switch o {
	case Success:
		return "success"
	case Failed:
		return "failed"
	case Interrupted:
		return "interrupted"
	}
	return fmt.Sprintf("Outcome(%d)", uint8(o))
}

// Firing is what came of one call of a target. It holds no secret of the target in any form that is easily read back.
type Firing struct {
	Outcome    Outcome
	StatusCode *int          // of the last HTTP answer; nil: there was none
	ExitCode   *int          // of the command; nil: it ended otherwise, or nobody knows
	Output     string        // of its first 4 KiB what can be read
	Reason     Reason        // why not; zero for Success
	HostKey    string        // of SSH: the key that was accepted, as "ssh-ed25519 AAAA..."; "" when none was. To be recorded on first use
	Took       time.Duration // on the monotonic clock
}

// Connection is what a check of a connection found.
type Connection struct {
	OK          bool
	Detail      Reason // what works, or why it does not
	HostKey     string // of SSH: the key that the host showed, accepted or not, as "ssh-ed25519 AAAA..."; "" when none was seen
	Fingerprint string // of HostKey, as ssh shows it: "SHA256:..."
}

// Firer fires targets. Safe for concurrent use.
type Firer struct {
	prober *probe.Prober
}

// New makes a Firer that connects as the Prober does: the same resolver, trusted issuers, User-Agent, refused addresses, and for HTTP
// and Coolify the same proxy.
func New(p *probe.Prober) *Firer { return &Firer{prober: p} }

// Fire calls the target once. It takes no longer than the target's time; when ctx ends before, the outcome is Interrupted.
func (f *Firer) Fire(ctx context.Context, t Target) (out Firing) {
	start := time.Now()
	defer func() {
		// What strangers send goes through much code that is not ours: it cannot take the process with it.
		if recover() != nil {
			out = failed(Because(Internal))
		}
		out.Took = time.Since(start)
	}()
	out = t.fire(ctx, f)
	if out.Outcome == Failed && ctx.Err() != nil {
		out.Outcome, out.Reason = Interrupted, Because(BrokenOff)
	}
	m := newMasker(t.secrets())
	out.Output = m.output(out.Output)
	out.Reason = m.reason(out.Reason)
	return out
}

// Check signs in and starts nothing.
func (f *Firer) Check(ctx context.Context, t Checkable) (out Connection) {
	defer func() {
		if recover() != nil {
			out = Connection{Detail: Because(Internal)}
		}
	}()
	out = t.check(ctx, f)
	if !out.OK && ctx.Err() != nil {
		out.Detail = Because(BrokenOff)
	}
	out.Detail = newMasker(t.secrets()).reason(out.Detail)
	return out
}

func failed(why Reason) Firing { return Firing{Outcome: Failed, Reason: why} }

// judged is a firing that succeeded when there is no reason why not.
func judged(why Reason) Firing {
	if why.Code != "" {
		return failed(why)
	}
	return Firing{Outcome: Success}
}
