package notify_test

import (
	"context"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"statusd/notify"
)

// The walk: lanes of a few deliveries each, receivers that do as chance wills, a disk that is full now and then, and a process that is
// stopped or killed. What must hold at every attempt is checked by the office; what must hold in the end, here.
const (
	walks        = 100
	lanesPerWalk = 100
	days         = 4 // after which every delivery has its nine attempts behind it, restarts and followers in its lane included
)

func TestTenThousandRandomLanesLoseNothingRepeatNothingAndKeepTheirOrder(t *testing.T) {
	for seed := range uint64(walks) {
		synctest.Test(t, func(t *testing.T) { walk(t, rand.New(rand.NewPCG(seed, 1))) })
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

func walk(t *testing.T, chance *rand.Rand) {
	w := &world{t: t, chance: chance, office: newOffice(t)}
	w.office.answer, w.office.refuse, w.office.letters = w.answer, w.refuse, w.letter
	w.populate()
	for range 2 + w.roll(6) {
		w.live()
	}
	d := notify.New(notify.Options{Outbox: w.office})
	d.Add(w.office.waiting()...)
	stop := run(d)
	w.publish(d, len(w.later))
	time.Sleep(days * 24 * time.Hour)
	stop()
	w.judge()
}

// world is one walk's surroundings. Its chance is used by many goroutines.
type world struct {
	t      *testing.T
	office *office
	later  []notify.Entry // not published yet
	dead   atomic.Bool    // the process is: nothing is recorded any more

	mu     sync.Mutex
	chance *rand.Rand
}

func (w *world) roll(n int) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.chance.IntN(n)
}

// populate makes what will be published, lane after lane at random and in the order of ids.
func (w *world) populate() {
	var lanes []int64
	for lane := range int64(lanesPerWalk) {
		for range 1 + w.roll(4) {
			lanes = append(lanes, lane)
		}
	}
	w.chance.Shuffle(len(lanes), func(i, j int) { lanes[i], lanes[j] = lanes[j], lanes[i] })
	for i, lane := range lanes {
		e := hook(int64(i+1), lane%20, lane)
		e.Host = []string{"a", "b", ""}[w.roll(3)]
		e.Channel = notify.Channel(lane % 20 % 3)
		w.later = append(w.later, e)
	}
}

// publish stores the next n deliveries and hands them over.
func (w *world) publish(d *notify.Dispatcher, n int) {
	next := w.later[:n]
	w.later = w.later[n:]
	for i := range next {
		next[i].Due = time.Now()
	}
	d.Add(w.office.put(next...)...)
}

// live is one life of the process: it begins with what is recorded as waiting, is told of more, and ends somehow.
func (w *world) live() {
	opts := notify.Options{Outbox: w.office, Random: func() float64 { return float64(w.roll(1000)) / 1000 }}
	killed := w.roll(2) == 0
	if killed {
		opts.Grace = time.Nanosecond
	}
	d := notify.New(opts)
	d.Add(w.office.waiting()...)
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { d.Run(ctx) })
	for range 1 + w.roll(5) {
		time.Sleep(w.moment())
		w.publish(d, w.roll(1+len(w.later)))
		d.Add(w.office.waiting()...) // again: the same ids are the same deliveries
		if w.roll(4) == 0 {
			d.Wake(int64(w.roll(20)))
		}
	}
	w.dead.Store(killed)
	cancel()
	running.Wait()
	w.dead.Store(false)
	w.office.forgive()
}

// moment is from a few milliseconds to a few hours.
func (w *world) moment() time.Duration {
	return time.Millisecond << w.roll(24)
}

func (w *world) refuse() bool {
	return w.dead.Load() || w.roll(10) == 0
}

func (w *world) letter(row) error {
	if w.roll(50) == 0 {
		return errDiskFull
	}
	return nil
}

func (w *world) answer(row) (notify.Outcome, time.Duration) {
	quick := time.Duration(w.roll(2000)) * time.Millisecond
	out := notify.Outcome{Kind: notify.Temporary, Reason: notify.Because(notify.StatusRefused, "500")}
	switch n := w.roll(100); {
	case n < 40:
		return notify.Outcome{Kind: notify.Success}, quick
	case n < 60:
		return out, quick
	case n < 75:
		out.RetryAfter = time.Duration(w.roll(7200)) * time.Second
		return out, quick
	case n < 85:
		return out, 10 * time.Second
	case n < 90:
		return out, -1
	case n < 94:
		return notify.Outcome{Kind: notify.Broken, Reason: notify.Because(notify.NoNetwork)}, quick
	case n < 97:
		return notify.Outcome{Kind: notify.Gone}, quick
	}
	return notify.Outcome{Kind: notify.Permanent}, quick
}

// forgive notes the attempts whose outcome ended with the process.
func (o *office) forgive() {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, r := range o.rows {
		r.lost = r.sent - r.Attempts - r.uncounted
	}
}

func (w *world) judge() {
	for id, r := range w.office.rows {
		switch {
		case r.state == notify.Waiting:
			w.t.Errorf("delivery %d still waits after %d attempts", id, r.Attempts)
		case r.state == notify.Failed && r.last.Kind == notify.Temporary && r.Attempts != notify.MaxAttempts:
			w.t.Errorf("delivery %d failed after %d attempts", id, r.Attempts)
		case r.sent != r.Attempts+r.lost+r.uncounted:
			w.t.Errorf("delivery %d was sent %d times: %d are recorded, %d ended with the process, %d count for nothing", id, r.sent, r.Attempts, r.lost, r.uncounted)
		}
	}
}
