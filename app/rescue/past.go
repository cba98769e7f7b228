package rescue

import "time"

// Rest is how a target stands right now.
type Rest struct {
	Fired   bool          // ever, on schedule: a firing by hand is none
	Ago     time.Duration // since it last fired, for whatever check; counted from the beginning of that firing
	Running bool          // it is being called, on schedule or by hand
}

// over says that a cooldown is.
func (r Rest) over(cooldown time.Duration) bool {
	return !r.Running && (!r.Fired || r.Ago >= cooldown)
}

// Past is when a target last fired on schedule, told by the monotonic clock of this process, so that a wall clock which people set
// neither shortens a cooldown nor prolongs it. The zero Past is never.
type Past struct {
	Fired   bool
	At      time.Duration // on the monotonic clock; less than 0 when it was before the process began
	Running bool          // that firing has not ended
	ByHand  bool          // it is being called by hand
}

// FiredNow is the Past of a target that begins to fire at an instant of the monotonic clock.
func FiredNow(mono time.Duration) Past { return Past{Fired: true, At: mono, Running: true} }

// FiredBefore is the Past of a target that an earlier process fired, a while ago as far as its record can tell: of a clock that is behind
// its record it is taken that it fired just now.
func FiredBefore(ago, mono time.Duration) Past { return Past{Fired: true, At: mono - max(0, ago)} }

// Ended is the Past of a target whose firing has ended.
func (p Past) Ended() Past {
	p.Running = false
	return p
}

// Called is the Past of a target of which a call by hand begins or ends. It starts no cooldown.
func (p Past) Called(now bool) Past {
	p.ByHand = now
	return p
}

// Rest is how the target stands at an instant of the monotonic clock.
func (p Past) Rest(mono time.Duration) Rest {
	return Rest{Fired: p.Fired, Ago: mono - p.At, Running: p.Running || p.ByHand}
}
