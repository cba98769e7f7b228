package notify_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"statusd/notify"
)

func TestOutcomesOfATenthOfASecondAreRecordedTogether(t *testing.T) {
	bubble(t, notify.Options{}, func(d *notify.Dispatcher, o *office) {
		for s := range int64(90) {
			d.Add(o.put(hook(s+1, s, 1))...)
		}
		time.Sleep(time.Second)
		o.mu.Lock()
		defer o.mu.Unlock()
		if o.records != 1 {
			t.Errorf("%d recordings of ninety outcomes", o.records)
		}
	})
}

func TestAHundredOutcomesAreRecordedAtOnce(t *testing.T) {
	bubble(t, notify.Options{}, func(d *notify.Dispatcher, o *office) {
		began := time.Now()
		o.reply(always(notify.Success, 10*time.Millisecond))
		for s := range int64(100) {
			d.Add(o.put(hook(s+1, s, 1))...)
		}
		time.Sleep(time.Second)
		if took := o.row(1).done.Sub(began); took != 10*time.Millisecond {
			t.Errorf("recorded after %v", took)
		}
	})
}

func TestWhatCannotBeRecordedIsNotSentAgain(t *testing.T) {
	bubble(t, notify.Options{}, func(d *notify.Dispatcher, o *office) {
		full := true
		o.refuse = func() bool { return full }
		d.Add(o.put(hook(1, 1, 1), hook(2, 1, 1), hook(3, 2, 1))...)
		time.Sleep(time.Hour)
		d.Add(o.put(hook(4, 3, 1))...)
		time.Sleep(time.Minute)
		for id, want := range map[int64]int{1: 1, 2: 0, 3: 1, 4: 1} {
			if got := o.row(id).sent; got != want {
				t.Errorf("on a full disk delivery %d was sent %d times, want %d", id, got, want)
			}
		}
		o.mu.Lock()
		full = false
		o.mu.Unlock()
		time.Sleep(3 * time.Second)
		for id := range int64(4) {
			if r := o.row(id + 1); r.sent != 1 || r.state != notify.Delivered {
				t.Errorf("with room again delivery %d was sent %d times and is %s", r.ID, r.sent, r.state)
			}
		}
	})
}

// stopped runs a dispatcher for a second, stops it, and says how long that took.
func stopped(t *testing.T, prepare func(*notify.Dispatcher, *office)) (o *office, took time.Duration) {
	synctest.Test(t, func(t *testing.T) {
		o = newOffice(t)
		d := notify.New(notify.Options{Outbox: o})
		ctx, cancel := context.WithCancel(context.Background())
		var running sync.WaitGroup
		running.Go(func() { d.Run(ctx) })
		prepare(d, o)
		time.Sleep(time.Second)
		cancel()
		at := time.Now()
		running.Wait()
		took = time.Since(at)
	})
	return o, took
}

func TestStoppingWhenIdleTakesNoTime(t *testing.T) {
	if _, took := stopped(t, func(*notify.Dispatcher, *office) {}); took > 0 {
		t.Errorf("it took %v", took)
	}
}

func TestStoppingRecordsWhatEndsAndBeginsNothingMore(t *testing.T) {
	o, took := stopped(t, func(d *notify.Dispatcher, o *office) {
		o.reply(always(notify.Success, 4*time.Second))
		d.Add(o.put(hook(1, 1, 1), hook(2, 1, 1))...)
	})
	if took != 3*time.Second || o.row(1).state != notify.Delivered || o.row(2).sent != 0 {
		t.Errorf("after %v the first is %s, the second was sent %d times", took, o.row(1).state, o.row(2).sent)
	}
}

func TestStoppingCutsOffWhoHangsAndCountsNothing(t *testing.T) {
	o, took := stopped(t, func(d *notify.Dispatcher, o *office) {
		o.reply(always(notify.Temporary, -1))
		d.Add(o.put(hook(1, 1, 1))...)
	})
	if r := o.row(1); took != 8*time.Second || r.Attempts != 0 || r.state != notify.Waiting {
		t.Errorf("after %v: %s, %d attempts", took, r.state, r.Attempts)
	}
}

func TestStoppingOnAFullDiskEndsWithinTenSeconds(t *testing.T) {
	o, took := stopped(t, func(d *notify.Dispatcher, o *office) {
		o.refuse = func() bool { return true }
		o.reply(func(r row) (notify.Outcome, time.Duration) {
			return notify.Outcome{Kind: notify.Success}, time.Duration(r.ID) * 8 * time.Second
		})
		d.Add(o.put(hook(0, 1, 1), hook(1, 2, 1))...)
	})
	if took > 9600*time.Millisecond || o.row(0).state != notify.Waiting {
		t.Errorf("it took %v, and a delivery is %s", took, o.row(0).state)
	}
}
