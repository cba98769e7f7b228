package probe

import (
	"container/heap"
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"
)

// Key names an entry of a Scheduler.
type Key int64

// Entry is something to be done once an interval.
type Entry struct {
	Key      Key
	Interval time.Duration
	Run      func(ctx context.Context) // its context ends when the entry is replaced or removed, and at Stop
}

// SchedulerOptions tune a Scheduler. The zero value is good.
type SchedulerOptions struct {
	Slot        time.Duration // phases are multiples of it, so that one waking serves several entries; 250 ms
	MaxInFlight int           // runs at a time, of all entries together; 1,024
	Log         *slog.Logger
	OnLag       func(late time.Duration) // told at each start by how much it was late
}

// Stats is what a Scheduler is doing.
type Stats struct {
	Entries  int
	InFlight int
	Waiting  int           // due, but held back by MaxInFlight
	Skipped  int           // slots passed over since Start: the run before was still going, or it was too late
	MaxLate  time.Duration // by how much the latest of those that are due is late
}

// Scheduler calls each entry's Run once an interval, at a phase of its own. It runs on the monotonic clock alone:
//
//	phase  a hash of the key, within the interval, on a grid of slots
//	due    phase + k x interval for a whole k: nothing drifts, whatever a run takes
//	late   by more than a second (the process was suspended): the slot is passed over, there is no catching up; but never
//	       twice in a row, so that a busy machine still looks at everything
//	busy   the run before is still going: the slot is passed over, an entry never overlaps itself; one that was replaced
//	       meanwhile runs as soon as the old run, which is cut off, has ended
//
// Every run has a goroutine of its own, so a slow target delays nobody.
type Scheduler struct {
	opts  SchedulerOptions
	began time.Time
	wake  chan struct{}
	ctx   context.Context
	stop  context.CancelFunc
	runs  sync.WaitGroup

	mu       sync.Mutex
	started  bool
	entries  map[Key]*item
	running  map[Key]*item // by key: one that was replaced or removed may still be ending
	queue    byDue
	waiting  []*item // first come, first served
	inFlight int
	skipped  int
	full     bool // said in the log
}

// item is an entry and where it stands.
type item struct {
	Entry
	due     time.Duration // since began
	began   time.Duration // of the newest run; negative: none yet
	busy    bool          // running, waiting or owed
	owed    bool          // to be run as soon as the old run of its key has ended
	passed  bool          // its newest slot was passed over for lateness
	gone    bool
	index   int // in queue
	ctx     context.Context
	cancel  context.CancelFunc
	dueNext time.Duration // of the run that is waiting: what its lateness is counted from
}

const (
	defaultSlot        = 250 * time.Millisecond
	defaultMaxInFlight = 1024
	firstWithin        = 30 * time.Second // SPEC §2: after a start every check is probed within min(its interval, 30 s)
)

// NewScheduler makes a Scheduler at rest.
func NewScheduler(opts SchedulerOptions) *Scheduler {
	if opts.Slot <= 0 {
		opts.Slot = defaultSlot
	}
	if opts.MaxInFlight <= 0 {
		opts.MaxInFlight = defaultMaxInFlight
	}
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	s := &Scheduler{opts: opts, wake: make(chan struct{}, 1), entries: map[Key]*item{}, running: map[Key]*item{}}
	s.ctx, s.stop = context.WithCancel(context.Background())
	return s
}

// Start begins. What was put before is spread over the first half minute.
func (s *Scheduler) Start() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.began, s.started = time.Now(), true
	for _, it := range s.entries {
		it.due = s.phase(it.Key, min(it.Interval, firstWithin))
		heap.Push(&s.queue, it)
	}
	s.runs.Go(s.loop)
}

// Put adds an entry or replaces the one of its key, whose run is cut off. Once started, it is run at once.
func (s *Scheduler) Put(e Entry) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.remove(e.Key)
	it := &item{Entry: e, began: -1, index: -1}
	it.ctx, it.cancel = context.WithCancel(s.ctx)
	s.entries[e.Key] = it
	if !s.started {
		return
	}
	it.due = s.now()
	if s.running[e.Key] != nil {
		it.busy, it.owed, it.began, it.dueNext = true, true, it.due, it.due
		it.due = s.next(it, it.due)
	}
	heap.Push(&s.queue, it)
	s.poke()
}

// Remove takes an entry out and cuts off its run.
func (s *Scheduler) Remove(k Key) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.remove(k)
}

func (s *Scheduler) remove(k Key) {
	it := s.entries[k]
	if it == nil {
		return
	}
	it.gone = true
	it.cancel()
	delete(s.entries, k)
	s.waiting = slices.DeleteFunc(s.waiting, func(w *item) bool { return w == it })
	if it.index >= 0 && it.index < len(s.queue) && s.queue[it.index] == it {
		heap.Remove(&s.queue, it.index)
	}
}

// Stop cuts off every run and waits for all of them to end.
func (s *Scheduler) Stop() {
	s.stop()
	s.runs.Wait()
}

// Stats looks at the scheduler now.
func (s *Scheduler) Stats() Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	st := Stats{Entries: len(s.entries), InFlight: s.inFlight, Waiting: len(s.waiting), Skipped: s.skipped}
	if !s.started {
		return st
	}
	now := s.now()
	if len(s.queue) > 0 {
		st.MaxLate = max(0, now-s.queue[0].due)
	}
	if len(s.waiting) > 0 {
		st.MaxLate = max(st.MaxLate, now-s.waiting[0].dueNext)
	}
	return st
}

// loop sleeps until something is due, and starts it.
func (s *Scheduler) loop() {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-s.ctx.Done():
			return
		case <-timer.C:
		case <-s.wake:
		}
		if rest, any := s.startDue(); any {
			timer.Reset(rest)
		}
	}
}

// startDue starts what is due and says how long it is until the next is.
func (s *Scheduler) startDue() (time.Duration, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	for len(s.queue) > 0 && s.queue[0].due <= now {
		it := s.queue[0]
		s.fire(it, now)
		it.due = s.next(it, now)
		heap.Fix(&s.queue, 0)
	}
	if len(s.queue) == 0 {
		return 0, false
	}
	return s.queue[0].due - now, true
}

// fire starts one entry, or passes its slot over.
func (s *Scheduler) fire(it *item, now time.Duration) {
	if it.busy {
		s.skipped++
		return
	}
	tooLate := now-it.due > min(max(4*s.opts.Slot, time.Second), it.Interval/2)
	if it.passed = tooLate && it.began >= 0 && !it.passed; it.passed {
		s.skipped++
		return
	}
	it.busy, it.began, it.dueNext = true, now, it.due
	if s.inFlight >= s.opts.MaxInFlight {
		s.waiting = append(s.waiting, it)
		s.sayFull()
		return
	}
	s.run(it)
}

func (s *Scheduler) sayFull() {
	if !s.full {
		s.full = true
		s.opts.Log.Warn("as many probes as may be are in flight; others wait", "most", s.opts.MaxInFlight)
	}
}

// run starts an entry's goroutine. The lock is held.
func (s *Scheduler) run(it *item) {
	s.inFlight++
	s.running[it.Key] = it
	late := s.now() - it.dueNext
	s.runs.Go(func() {
		defer s.ended(it)
		defer s.survived(it)
		if s.opts.OnLag != nil {
			s.opts.OnLag(late)
		}
		it.Run(it.ctx)
	})
}

// survived keeps a panic of a run from ending the process: the others go on, and this one has its next slot.
func (s *Scheduler) survived(it *item) {
	if p := recover(); p != nil {
		s.opts.Log.Error("a run panicked; it is tried again at its next slot", "key", it.Key, "panic", p)
	}
}

// ended makes room for whoever waits longest.
func (s *Scheduler) ended(it *item) {
	s.mu.Lock()
	defer s.mu.Unlock()
	it.busy = false
	s.inFlight--
	if s.running[it.Key] == it {
		delete(s.running, it.Key)
	}
	if next := s.entries[it.Key]; next != nil && next.owed && s.ctx.Err() == nil {
		next.owed = false
		s.run(next)
	}
	for len(s.waiting) > 0 && s.inFlight < s.opts.MaxInFlight {
		first := s.waiting[0]
		s.waiting = s.waiting[1:]
		if first.gone || s.ctx.Err() != nil {
			continue
		}
		s.run(first)
	}
	if len(s.waiting) == 0 {
		s.full = false
	}
}

// next is the entry's next slot: the first one of its grid that is ahead and at least half an interval after its newest run.
func (s *Scheduler) next(it *item, now time.Duration) time.Duration {
	after := max(now, it.began+it.Interval/2)
	phase := s.phase(it.Key, it.Interval)
	return phase + (after-phase+it.Interval)/it.Interval*it.Interval
}

// phase spreads keys over an interval, on the grid of slots.
func (s *Scheduler) phase(k Key, interval time.Duration) time.Duration {
	x := uint64(k) + 0x9e3779b97f4a7c15 // splitmix64, Steele, Lea, Flood 2014
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	x ^= x >> 31
	return time.Duration(x % uint64(interval)).Truncate(s.opts.Slot)
}

func (s *Scheduler) now() time.Duration { return time.Since(s.began) }

func (s *Scheduler) poke() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// byDue is a heap of items, the next one first.
type byDue []*item

// Len is for heap.
func (q byDue) Len() int { return len(q) }

// Less is for heap.
func (q byDue) Less(i, j int) bool { return q[i].due < q[j].due }

// Swap is for heap.
func (q byDue) Swap(i, j int) {
	q[i], q[j] = q[j], q[i]
	q[i].index, q[j].index = i, j
}

// Push is for heap.
func (q *byDue) Push(x any) {
	it := x.(*item)
	it.index = len(*q)
	*q = append(*q, it)
}

// Pop is for heap.
func (q *byDue) Pop() any {
	old := *q
	it := old[len(old)-1]
	old[len(old)-1] = nil
	*q = old[:len(old)-1]
	it.index = -1
	return it
}
