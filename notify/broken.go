package notify

import (
	"errors"
	"time"
)

// trialEvery is how often one delivery of a broken channel is tried.
const trialEvery = time.Minute

// ChannelState is how a channel is doing.
type ChannelState struct {
	Channel  Channel
	Waiting  int       // deliveries held, those in flight included
	InFlight int       // attempts going on
	Broken   bool      // nothing goes out until a trial succeeds
	Reason   Reason    // why it is broken
	Since    time.Time // when it broke; wall clock
}

// Channels says how each channel is doing.
func (d *Dispatcher) Channels() []ChannelState {
	d.mu.Lock()
	defer d.mu.Unlock()
	out := make([]ChannelState, channels)
	for i := range d.pools {
		p := &d.pools[i]
		out[i] = ChannelState{Channel: p.channel, Waiting: p.held, InFlight: p.inFlight()}
		if p.broken {
			out[i].Broken, out[i].Reason, out[i].Since = true, p.why, p.since
		}
	}
	return out
}

// Try lets a broken channel make its next trial now, whatever one is going on: its settings have changed, and that one has the old ones.
func (d *Dispatcher) Try(c Channel) {
	d.mu.Lock()
	defer d.mu.Unlock()
	p := &d.pools[c]
	p.trial, p.trying = time.Now(), false
	p.trials++
	d.poke()
}

// breaks notes that a channel does not work.
func (d *Dispatcher) breaks(p *pool, why Reason, now time.Time) {
	p.why = why
	if p.broken {
		return
	}
	p.broken, p.since, p.trial = true, now, time.Now().Add(trialEvery)
	d.opts.Log.Warn("a channel is broken; its deliveries wait", "channel", p.channel.String(), "reason", why.String())
}

// tried ends a broken channel's trial, and mends the channel if the attempt had an outcome of its own.
func (d *Dispatcher) tried(p *pool, out Outcome, err error) {
	p.trying = false
	switch {
	case errors.Is(err, ErrNoLonger): // says nothing: the next one at once
	case err != nil || out.Kind == Interrupted || out.Kind == Broken:
		p.trial = time.Now().Add(trialEvery)
	default:
		p.broken = false
		d.opts.Log.Info("a channel works again", "channel", p.channel.String())
	}
}
