package probe

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// book notes when each key was run.
type book struct {
	mu    sync.Mutex
	began time.Time
	runs  map[Key][]time.Duration
	now   map[Key]int // going on
	over  int         // overlaps seen
}

func newBook() *book {
	return &book{began: time.Now(), runs: map[Key][]time.Duration{}, now: map[Key]int{}}
}

// entry runs for as long as takes says; forever (until cut off) when that is negative.
func (b *book) entry(k Key, interval, takes time.Duration) Entry {
	return Entry{Key: k, Interval: interval, Run: func(ctx context.Context) {
		b.mu.Lock()
		b.runs[k] = append(b.runs[k], time.Since(b.began))
		if b.now[k]++; b.now[k] > 1 {
			b.over++
		}
		b.mu.Unlock()
		if takes < 0 {
			<-ctx.Done()
		} else {
			select {
			case <-time.After(takes):
			case <-ctx.Done():
			}
		}
		b.mu.Lock()
		b.now[k]--
		b.mu.Unlock()
	}}
}

func (b *book) of(k Key) []time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]time.Duration(nil), b.runs[k]...)
}

func (b *book) going(k Key) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.now[k]
}

func bubble(t *testing.T, opts SchedulerOptions, f func(*Scheduler, *book)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s, b := NewScheduler(opts), newBook()
		f(s, b)
		s.Stop()
	})
}

func TestEveryEntryKeepsItsPhaseForADay(t *testing.T) {
	bubble(t, SchedulerOptions{}, func(s *Scheduler, b *book) {
		const n = 40
		for k := range Key(n) {
			s.Put(b.entry(k, 30*time.Second, 300*time.Millisecond))
		}
		s.Start()
		time.Sleep(24*time.Hour - time.Millisecond)
		for k := range Key(n) {
			runs := b.of(k)
			if len(runs) != 24*60*2 {
				t.Fatalf("key %d ran %d times, want %d", k, len(runs), 24*60*2)
			}
			if runs[0] > 30*time.Second {
				t.Errorf("key %d ran first after %s", k, runs[0])
			}
			for i := 1; i < len(runs); i++ {
				if gap := runs[i] - runs[i-1]; gap != 30*time.Second {
					t.Fatalf("key %d: gap %s at run %d", k, gap, i)
				}
			}
		}
	})
}

func TestPhasesAreSpreadOverTheInterval(t *testing.T) {
	s := NewScheduler(SchedulerOptions{})
	slots := map[time.Duration]int{}
	for k := range Key(1200) {
		p := s.phase(k, 30*time.Second)
		if p%defaultSlot != 0 || p < 0 || p >= 30*time.Second {
			t.Fatalf("phase %s is off the grid", p)
		}
		slots[p]++
	}
	for p, n := range slots { // 10 a slot on average
		if n > 28 {
			t.Errorf("%d of 1,200 share the slot at %s", n, p)
		}
	}
}

func TestHourlyEntriesAreLookedAtSoonAfterAStart(t *testing.T) {
	bubble(t, SchedulerOptions{}, func(s *Scheduler, b *book) {
		for k := range Key(20) {
			s.Put(b.entry(k, time.Hour, 0))
		}
		s.Start()
		time.Sleep(3 * time.Hour)
		for k := range Key(20) {
			runs := b.of(k)
			if runs[0] > 30*time.Second {
				t.Errorf("key %d ran first after %s", k, runs[0])
			}
			if gap := runs[1] - runs[0]; gap < 30*time.Minute || gap > 90*time.Minute {
				t.Errorf("key %d ran again after %s", k, gap)
			}
			if gap := runs[2] - runs[1]; gap != time.Hour {
				t.Errorf("key %d then had a gap of %s", k, gap)
			}
		}
	})
}

func TestHangingTargetsDelayNobody(t *testing.T) {
	bubble(t, SchedulerOptions{}, func(s *Scheduler, b *book) {
		const n, interval = 300, 30 * time.Second
		for k := range Key(n) {
			takes := 20 * time.Millisecond
			if k%10 == 0 {
				takes = 10 * time.Second
			}
			s.Put(b.entry(k, interval, takes))
		}
		s.Start()
		time.Sleep(30 * time.Minute)
		for k := range Key(n) {
			runs := b.of(k)
			for i := 1; i < len(runs); i++ {
				if gap := runs[i] - runs[i-1]; gap > interval*12/10 {
					t.Fatalf("key %d waited %s", k, gap)
				}
			}
		}
	})
}

func TestARunThatOutlastsItsIntervalIsNeverOverlapped(t *testing.T) {
	bubble(t, SchedulerOptions{}, func(s *Scheduler, b *book) {
		s.Put(b.entry(1, 30*time.Second, 75*time.Second))
		s.Start()
		time.Sleep(10 * time.Minute)
		runs := b.of(1)
		for i := 1; i < len(runs); i++ {
			if gap := runs[i] - runs[i-1]; gap != 90*time.Second {
				t.Errorf("gap %s, want the next slot after the run ended", gap)
			}
		}
		if b.over > 0 || s.Stats().Skipped == 0 {
			t.Errorf("%d overlaps, %d slots passed over", b.over, s.Stats().Skipped)
		}
	})
}

func TestWhatIsPutLaterRunsAtOnceAndAnEditCutsOffTheRunBefore(t *testing.T) {
	bubble(t, SchedulerOptions{}, func(s *Scheduler, b *book) {
		s.Start()
		time.Sleep(7*time.Second + 13*time.Millisecond)
		s.Put(b.entry(1, 30*time.Second, -1))
		synctest.Wait()
		if runs := b.of(1); len(runs) != 1 || runs[0] != 7*time.Second+13*time.Millisecond {
			t.Fatalf("runs = %v", runs)
		}
		time.Sleep(time.Second)
		s.Put(b.entry(1, 30*time.Second, 0))
		synctest.Wait()
		if runs := b.of(1); len(runs) != 2 || b.going(1) != 0 {
			t.Fatalf("runs = %v, %d going on", runs, b.going(1))
		}
		time.Sleep(time.Minute)
		runs := b.of(1)
		if gap := runs[2] - runs[1]; gap < 15*time.Second || gap > 45*time.Second || runs[2]%defaultSlot != 0 {
			t.Errorf("the run after the edit came after %s at %s", gap, runs[2])
		}
	})
}

func TestRemovedEntriesEndAndStayAway(t *testing.T) {
	bubble(t, SchedulerOptions{}, func(s *Scheduler, b *book) {
		s.Put(b.entry(1, 30*time.Second, -1))
		s.Put(b.entry(2, 30*time.Second, 0))
		s.Start()
		time.Sleep(time.Minute)
		s.Remove(1)
		s.Remove(3) // was never there
		synctest.Wait()
		if b.going(1) != 0 || s.Stats().Entries != 1 {
			t.Errorf("%d going on, %d entries", b.going(1), s.Stats().Entries)
		}
		before := len(b.of(1))
		time.Sleep(5 * time.Minute)
		if len(b.of(1)) != before {
			t.Error("a removed entry was run")
		}
	})
}

func TestNoMoreThanTheBoundRunAtOnceAndTheOthersWaitTheirTurn(t *testing.T) {
	bubble(t, SchedulerOptions{MaxInFlight: 3}, func(s *Scheduler, b *book) {
		s.Start()
		for k := range Key(5) {
			s.Put(b.entry(k, time.Hour, 10*time.Second))
		}
		time.Sleep(time.Second)
		if st := s.Stats(); st.InFlight != 3 || st.Waiting != 2 || st.MaxLate != time.Second {
			t.Errorf("stats %+v", st)
		}
		time.Sleep(10 * time.Second)
		if st := s.Stats(); st.InFlight != 2 || st.Waiting != 0 {
			t.Errorf("stats %+v", st)
		}
	})
}

func TestAfterASuspendSlotsArePassedOverWithoutABurst(t *testing.T) {
	bubble(t, SchedulerOptions{}, func(s *Scheduler, b *book) {
		const n = 300
		for k := range Key(n) {
			s.Put(b.entry(k, 30*time.Second, 0))
		}
		s.Start()
		time.Sleep(time.Minute)
		s.mu.Lock()
		s.began = s.began.Add(-8*time.Hour - 7*time.Second) // the monotonic clock went on, nobody was running
		s.mu.Unlock()
		woken := time.Since(b.began)
		time.Sleep(time.Minute)
		perSlot := map[time.Duration]int{}
		for k := range Key(n) {
			after := 0
			for _, at := range b.of(k) {
				if at > woken {
					perSlot[at.Truncate(defaultSlot)]++
					after++
				}
			}
			if after < 1 || after > 2 {
				t.Errorf("key %d ran %d times in the minute after", k, after)
			}
		}
		for at, count := range perSlot {
			if count > 15 {
				t.Errorf("%d runs at %s: a burst", count, at)
			}
		}
	})
}

func TestSchedulerAgainstAPlainModel(t *testing.T) {
	for seed := range uint64(30) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			bubble(t, SchedulerOptions{}, func(s *Scheduler, b *book) { walk(t, s, b, rand.New(rand.NewPCG(seed, 1))) })
		})
	}
}

// walk puts, edits and removes at random, and holds each life of a key against what the comment of Scheduler promises.
func walk(t *testing.T, s *Scheduler, b *book, rnd *rand.Rand) {
	type life struct {
		from     time.Duration
		interval time.Duration
		takes    time.Duration
	}
	alive := map[Key]life{}
	s.Start()
	check := func(k Key, l life, until time.Duration) {
		var runs []time.Duration
		for _, at := range b.of(k) {
			if at >= l.from && at < until {
				runs = append(runs, at)
			}
		}
		if len(runs) == 0 || runs[0] != l.from {
			t.Fatalf("key %d put at %s ran at %v", k, l.from, runs)
		}
		phase := s.phase(k, l.interval)
		for i, at := range runs[1:] {
			if (at-phase)%l.interval != 0 {
				t.Errorf("key %d ran at %s, off its grid", k, at)
			}
			if gap := at - runs[i]; gap < l.takes || gap > max(2*l.interval, l.takes+l.interval) {
				t.Errorf("key %d: gap %s with interval %s, runs of %s", k, gap, l.interval, l.takes)
			}
		}
	}
	for range 60 {
		time.Sleep(time.Duration(rnd.IntN(200_000)+1) * time.Millisecond)
		now, k := time.Since(b.began), Key(rnd.IntN(6))
		if l, ok := alive[k]; ok {
			check(k, l, now)
		}
		if rnd.IntN(4) == 0 {
			s.Remove(k)
			delete(alive, k)
			continue
		}
		l := life{now, time.Duration(rnd.IntN(90)+30) * time.Second, time.Duration(rnd.IntN(100)) * time.Second}
		s.Put(b.entry(k, l.interval, l.takes))
		synctest.Wait()
		alive[k] = l
	}
}

func TestAShortPauseBringsNoBurstEither(t *testing.T) {
	bubble(t, SchedulerOptions{}, func(s *Scheduler, b *book) {
		const n = 300
		for k := range Key(n) {
			s.Put(b.entry(k, 30*time.Second, 0))
		}
		s.Start()
		time.Sleep(time.Minute)
		s.mu.Lock()
		s.began = s.began.Add(-14 * time.Second)
		s.mu.Unlock()
		woken := time.Since(b.began)
		time.Sleep(time.Minute)
		perSlot := map[time.Duration]int{}
		for k := range Key(n) {
			for _, at := range b.of(k) {
				if at >= woken {
					perSlot[at.Truncate(defaultSlot)]++
				}
			}
		}
		for at, count := range perSlot {
			if count > 25 { // what was due in one second, and no more
				t.Errorf("%d runs at %s: a burst", count, at)
			}
		}
	})
}

func TestAnEditWaitsForTheRunThatItCutsOff(t *testing.T) {
	bubble(t, SchedulerOptions{}, func(s *Scheduler, b *book) {
		s.Start()
		slow := b.entry(1, 30*time.Second, 0)
		run := slow.Run
		slow.Run = func(ctx context.Context) {
			<-ctx.Done()
			time.Sleep(3 * time.Second) // it takes its time to end
			run(context.Background())
		}
		s.Put(slow)
		time.Sleep(time.Second)
		var began []time.Duration
		edited := Entry{Key: 1, Interval: 30 * time.Second, Run: func(context.Context) { began = append(began, time.Since(b.began)) }}
		s.Put(Entry{Key: 1, Interval: 30 * time.Second, Run: func(context.Context) { t.Error("an edit that was itself replaced ran") }})
		s.Put(edited)
		time.Sleep(10 * time.Second)
		synctest.Wait()
		if len(began) != 1 || began[0] != 4*time.Second {
			t.Errorf("the edited entry ran at %v, want once, when the old run had ended", began)
		}
	})
}

func TestAPanicOfARunEndsNothingElse(t *testing.T) {
	bubble(t, SchedulerOptions{}, func(s *Scheduler, b *book) {
		s.Put(Entry{Key: 1, Interval: 30 * time.Second, Run: func(context.Context) { panic("oh") }})
		s.Put(b.entry(2, 30*time.Second, 0))
		s.Start()
		time.Sleep(5 * time.Minute)
		if n := len(b.of(2)); n != 10 || s.Stats().InFlight != 0 {
			t.Errorf("the other ran %d times, %d in flight", n, s.Stats().InFlight)
		}
	})
}

func TestRemovedEntriesDoNotWait(t *testing.T) {
	bubble(t, SchedulerOptions{MaxInFlight: 1}, func(s *Scheduler, b *book) {
		s.Start()
		for k := range Key(3) {
			s.Put(b.entry(k, time.Hour, time.Minute))
		}
		synctest.Wait()
		s.Remove(1)
		s.Remove(2)
		if st := s.Stats(); st.Waiting != 0 || st.MaxLate != 0 {
			t.Errorf("stats %+v", st)
		}
	})
}
