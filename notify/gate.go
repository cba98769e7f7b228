package notify

import (
	"context"
	"time"
)

// Limits bound what goes on at a time in one channel. The package comment says why they are as they are.
type Limits struct {
	Fresh    int           // attempts at a time at receivers that answered the last time, or are new
	Failing  int           // attempts at a time at receivers that failed the last time
	Hanging  int           // attempts at a time at receivers that were slow to answer the last time, or did not
	Receiver int           // attempts at a time at one receiver; one that fails or hangs has one
	Host     int           // attempts at a time at one host, and a quarter of it each for those who fail and those who hang
	Pace     time.Duration // between two starts at one host, when the first few have gone; 0: none
}

// burst is how many starts at a host that has rested go before the pace begins.
const burst = 4

// DefaultLimits are what a channel has unless Options say otherwise.
func DefaultLimits(c Channel) Limits {
	switch c {
	case Email: // to one relay of our own, in as many sessions as it will like
		return Limits{Fresh: 8, Failing: 2, Hanging: 2, Receiver: 1, Host: 8}
	case Telegram: // 30 a second for one bot, INTEROP.md section 2; a bot is a host here
		return Limits{Fresh: 32, Failing: 8, Hanging: 8, Receiver: 1, Host: 16, Pace: time.Second / 25}
	}
	return Limits{Fresh: 256, Failing: 64, Hanging: 128, Receiver: 4, Host: 128, Pace: 10 * time.Millisecond}
}

// class is what is known of a receiver; each has its places and its queue, and an earlier one goes before a later one.
type class uint8

const (
	fresh class = iota
	failing
	hanging

	classes = iota
)

// slow is how long an attempt may take without making its receiver one that hangs.
const slow = 3 * time.Second

// classOf is the class of a receiver after an outcome.
func classOf(out Outcome) class {
	switch {
	case out.Took > slow:
		return hanging
	case out.Kind == Temporary:
		return failing
	}
	return fresh
}

// receiver is where a subscriber's deliveries go. It is known as long as something is held for it, or it is not fresh.
type receiver struct {
	key   receiverKey
	host  *host // nil: none to spare
	held  int   // entries
	busy  int   // lanes in flight
	class class
}

type receiverKey struct {
	subscriber int64
	hostKey
}

// host is where several receivers may live.
type host struct {
	receivers int
	busy      [classes]int // attempts going on
	paced     time.Time    // when the starts so far are over at the pace; monotonic
}

type hostKey struct {
	channel Channel
	name    string
}

// receiver finds or makes the entry's receiver.
func (d *Dispatcher) receiver(e Entry) *receiver {
	key := receiverKey{e.Lane.Subscriber, hostKey{e.Channel, e.Host}}
	r := d.receivers[key]
	if r != nil {
		return r
	}
	r = &receiver{key: key}
	if e.Host != "" {
		r.host = d.hosts[key.hostKey]
		if r.host == nil {
			r.host = &host{}
			d.hosts[key.hostKey] = r.host
		}
		r.host.receivers++
	}
	d.receivers[key] = r
	return r
}

// tidy forgets a receiver of which there is nothing to remember.
func (d *Dispatcher) tidy(r *receiver) {
	if r.held > 0 || r.class != fresh || d.receivers[r.key] != r {
		return
	}
	delete(d.receivers, r.key)
	if r.host == nil {
		return
	}
	if r.host.receivers--; r.host.receivers == 0 {
		delete(d.hosts, r.key.hostKey)
	}
}

// pool is a channel's places, and the lanes that are ready to take them.
type pool struct {
	channel Channel
	limits  Limits
	ready   [classes][]*lane // first come, first served
	busy    [classes]int     // attempts going on
	held    int              // entries

	broken bool
	why    Reason
	since  time.Time // wall
	trial  time.Time // when the next one may be tried; monotonic
	trying bool
	trials int // begun so far: what an older one than the newest finds out says nothing any more
}

func newPool(c Channel, configured map[Channel]Limits) pool {
	limits, ok := configured[c]
	if !ok {
		limits = DefaultLimits(c)
	}
	return pool{channel: c, limits: limits}
}

func (p *pool) enqueue(l *lane) {
	l.ready = true
	p.ready[l.to.class] = append(p.ready[l.to.class], l)
}

func (p *pool) inFlight() (n int) {
	for _, busy := range p.busy {
		n += busy
	}
	return n
}

// full says that nothing more of a class may start just now.
func (p *pool) full(c class, mono time.Time) bool {
	if p.broken {
		return p.trying || mono.Before(p.trial)
	}
	return p.busy[c] >= [classes]int{p.limits.Fresh, p.limits.Failing, p.limits.Hanging}[c]
}

// shut says whether the receiver has to wait, and until when if that is known; else it is until some attempt ends.
func (p *pool) shut(r *receiver, mono time.Time) (until time.Time, shut bool) {
	if r.busy >= p.limits.Receiver || r.busy > 0 && r.class != fresh {
		return time.Time{}, true
	}
	if r.host == nil {
		return time.Time{}, false
	}
	most := p.limits.Host
	if r.class != fresh {
		most = max(1, most/4)
	}
	if r.host.busy[r.class] >= most {
		return time.Time{}, true
	}
	until = r.host.paced.Add(-(burst - 1) * p.limits.Pace)
	return until, until.After(mono)
}

// startReady starts of a channel's ready lanes what may start, class after class, and says how long it is until the next may.
func (d *Dispatcher) startReady(work context.Context, p *pool, now time.Time) time.Duration {
	mono := time.Now()
	rest := clockEvery
	if p.broken && p.trial.After(mono) {
		rest = min(rest, p.trial.Sub(mono))
	}
	for c := range classes {
		rest = min(rest, d.startClass(work, p, class(c), now, mono))
	}
	return rest
}

func (d *Dispatcher) startClass(work context.Context, p *pool, c class, now, mono time.Time) time.Duration {
	rest := clockEvery
	queue := p.ready[c]
	kept := queue[:0]
	for i, l := range queue {
		if p.full(c, mono) {
			kept = append(kept, queue[i:]...)
			break
		}
		if l.index >= 0 || l.flight != nil || len(l.entries) == 0 { // changed since it was ready
			l.ready = false
			continue
		}
		if l.to.class != c {
			p.enqueue(l)
			rest = 0
			continue
		}
		if until, shut := p.shut(l.to, mono); shut {
			kept = append(kept, l)
			if !until.IsZero() {
				rest = min(rest, until.Sub(mono))
			}
			continue
		}
		l.ready = false
		d.start(work, p, l, now, mono)
	}
	clear(queue[len(kept):])
	p.ready[c] = kept
	return rest
}
