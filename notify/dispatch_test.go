package notify_test

import (
	"runtime"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"statusd/notify"
)

func TestALaneGoesInOrderWhateverTheOrderItIsAddedIn(t *testing.T) {
	bubble(t, notify.Options{}, func(d *notify.Dispatcher, o *office) {
		var all []notify.Entry
		for id := range int64(50) {
			all = append(all, hook(id+1, 1, 1))
		}
		o.put(all...)
		slices.Reverse(all)
		d.Add(all...)
		d.Add(all...)
		time.Sleep(time.Minute)
		if len(o.order()) != 50 {
			t.Fatalf("%d starts", len(o.order()))
		}
		for i, id := range o.order() {
			if id != int64(i+1) {
				t.Fatalf("the order is %v", o.order())
			}
		}
	})
}

func TestALaneWaitsForTheRetriesOfItsFirst(t *testing.T) {
	bubble(t, notify.Options{}, func(d *notify.Dispatcher, o *office) {
		o.reply(func(r row) (notify.Outcome, time.Duration) {
			if r.ID == 1 && r.Attempts < 3 {
				return notify.Outcome{Kind: notify.Temporary}, time.Second
			}
			return notify.Outcome{Kind: notify.Success}, time.Second
		})
		d.Add(o.put(hook(1, 1, 1), hook(2, 1, 1), hook(3, 1, 2))...)
		time.Sleep(5 * time.Second)
		if o.row(2).sent != 0 || o.row(3).state != notify.Delivered {
			t.Errorf("the second was sent %d times, the other lane's is %s", o.row(2).sent, o.row(3).state)
		}
		time.Sleep(10 * time.Minute)
		if o.row(1).state != notify.Delivered || o.row(2).state != notify.Delivered {
			t.Errorf("the first is %s, the second %s", o.row(1).state, o.row(2).state)
		}
	})
}

func TestALaneGoesOnAfterAFailure(t *testing.T) {
	for _, kind := range []notify.Kind{notify.Permanent, notify.Gone} {
		bubble(t, notify.Options{}, func(d *notify.Dispatcher, o *office) {
			o.reply(func(r row) (notify.Outcome, time.Duration) {
				if r.ID == 1 {
					return notify.Outcome{Kind: kind}, time.Second
				}
				return notify.Outcome{Kind: notify.Success}, time.Second
			})
			d.Add(o.put(hook(1, 1, 1), hook(2, 1, 1))...)
			time.Sleep(5 * time.Second)
			if r := o.row(1); r.state != notify.Failed || r.Attempts != 1 || r.last.Kind != kind || r.last.Took != time.Second {
				t.Errorf("%s: the first is %s after %d attempts, %+v", kind, r.state, r.Attempts, r.last)
			}
			if r := o.row(2); r.state != notify.Delivered {
				t.Errorf("%s: the second is %s", kind, r.state)
			}
		})
	}
}

func TestNothingIsSentBeforeItIsDue(t *testing.T) {
	bubble(t, notify.Options{}, func(d *notify.Dispatcher, o *office) {
		e := hook(1, 1, 1)
		e.Due = e.Due.Add(10 * time.Second)
		d.Add(o.put(e)...)
		time.Sleep(10*time.Second - time.Millisecond)
		if o.row(1).sent != 0 {
			t.Error("it was sent too early")
		}
		time.Sleep(2 * time.Millisecond)
		if o.row(1).sent != 1 {
			t.Error("it was not sent in time")
		}
	})
}

func TestALetterThatCannotBeMadeIsAskedForAgainAndNotCounted(t *testing.T) {
	bubble(t, notify.Options{}, func(d *notify.Dispatcher, o *office) {
		var asked int
		o.letters = func(row) error {
			if asked++; asked <= 3 {
				return errDiskFull
			}
			return nil
		}
		d.Add(o.put(hook(1, 1, 1))...)
		time.Sleep(35 * time.Second)
		if r := o.row(1); r.state != notify.Delivered || r.Attempts != 1 || asked != 4 {
			t.Errorf("%s after %d attempts, asked %d times", r.state, r.Attempts, asked)
		}
	})
}

func TestWhatIsNoLongerNeededMakesRoom(t *testing.T) {
	bubble(t, notify.Options{}, func(d *notify.Dispatcher, o *office) {
		asked := 0
		o.letters = func(r row) error {
			if asked++; r.ID == 1 {
				return notify.ErrNoLonger
			}
			return nil
		}
		o.put(hook(1, 1, 1), hook(2, 1, 2))
		d.Add(hook(1, 1, 1), hook(2, 1, 1))
		time.Sleep(time.Second)
		if o.row(2).state != notify.Delivered || asked != 2 || d.Channels()[notify.Webhook].Waiting != 0 {
			t.Errorf("the second is %s, letters were asked for %d times, %+v is held", o.row(2).state, asked, d.Channels())
		}
	})
}

func TestAPanicIsAFailureOfOneAttempt(t *testing.T) {
	bubble(t, notify.Options{}, func(d *notify.Dispatcher, o *office) {
		o.reply(func(r row) (notify.Outcome, time.Duration) {
			if r.Attempts == 0 {
				panic("a bug")
			}
			return notify.Outcome{Kind: notify.Success}, 0
		})
		d.Add(o.put(hook(1, 1, 1))...)
		time.Sleep(time.Second)
		if r := o.row(1); r.last.Reason.Code != notify.Internal {
			t.Errorf("recorded is %v", r.last.Reason)
		}
		time.Sleep(20 * time.Second)
		if r := o.row(1); r.state != notify.Delivered {
			t.Errorf("it is %s", r.state)
		}
	})
}

func TestNoAttemptTakesLongerThanItsChannelAllows(t *testing.T) {
	for channel, limit := range map[notify.Channel]time.Duration{
		notify.Email: 90 * time.Second, notify.Telegram: 20 * time.Second, notify.Webhook: 20 * time.Second,
	} {
		bubble(t, notify.Options{}, func(d *notify.Dispatcher, o *office) {
			o.reply(always(notify.Temporary, -1))
			e := hook(1, 1, 1)
			e.Channel = channel
			d.Add(o.put(e)...)
			time.Sleep(limit + time.Second)
			if r := o.row(1); r.Attempts != 1 || r.last.Took != limit {
				t.Errorf("%s: %d attempts, the last took %v", channel, r.Attempts, r.last.Took)
			}
		})
	}
}

func TestWhatIsRemovedIsNotSent(t *testing.T) {
	bubble(t, notify.Options{}, func(d *notify.Dispatcher, o *office) {
		o.reply(always(notify.Temporary, 5*time.Second))
		d.Add(o.put(hook(1, 1, 1), hook(2, 1, 1), hook(3, 2, 1), hook(4, 2, 2))...)
		time.Sleep(time.Second)
		o.mu.Lock()
		o.rows[1].gone = true
		o.mu.Unlock()
		d.Remove(1)
		d.Forget(2)
		time.Sleep(time.Hour)
		if r := o.row(1); r.sent != 1 || r.Attempts != 1 {
			t.Errorf("what was in flight was sent %d times and has %d attempts on record", r.sent, r.Attempts)
		}
		if r := o.row(2); r.sent < 2 {
			t.Error("the lane is shut behind what was removed")
		}
		if o.row(3).sent != 1 || o.row(4).sent != 1 {
			t.Errorf("a forgotten subscriber's were sent %d and %d times", o.row(3).sent, o.row(4).sent)
		}
		if n := d.Channels()[notify.Webhook].Waiting; n != 1 {
			t.Errorf("%d are held, want 1", n)
		}
	})
}

func TestWhatIsRemovedInFlightAndAddedAgainGoesOn(t *testing.T) {
	bubble(t, notify.Options{}, func(d *notify.Dispatcher, o *office) {
		o.reply(always(notify.Temporary, 5*time.Second))
		e := o.put(hook(1, 1, 1))
		d.Add(e...)
		time.Sleep(time.Second)
		d.Forget(1)
		d.Add(e...)
		time.Sleep(time.Minute)
		if r := o.row(1); r.sent < 2 {
			t.Errorf("it was sent %d times", r.sent)
		}
	})
}

func TestWakingASubscriberMakesItsRetriesDue(t *testing.T) {
	bubble(t, notify.Options{}, func(d *notify.Dispatcher, o *office) {
		o.reply(always(notify.Temporary, time.Second))
		for id := range int64(3) {
			d.Add(o.put(hook(id+1, 1, id), hook(id+11, 2, id))...)
		}
		time.Sleep(20 * time.Minute)
		o.reply(always(notify.Success, time.Second))
		d.Wake(1)
		time.Sleep(10 * time.Second)
		for id := range int64(3) {
			if o.row(id+1).state != notify.Delivered || o.row(id+11).state != notify.Waiting {
				t.Errorf("the woken one's is %s, the other's %s", o.row(id+1).state, o.row(id+11).state)
			}
		}
	})
}

func TestWhatIsAddedBeforeRunIsDelivered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t)
		d := notify.New(notify.Options{Outbox: o})
		d.Add(o.put(hook(1, 1, 1))...)
		defer run(d)()
		time.Sleep(time.Second)
		if o.row(1).state != notify.Delivered {
			t.Error("it was not")
		}
	})
}

func TestTenThousandThatWaitTakeAFewMegabytes(t *testing.T) {
	d := notify.New(notify.Options{Outbox: newOffice(t)})
	entries := make([]notify.Entry, 10_000)
	for i := range entries {
		entries[i] = hook(int64(i), int64(i), 1)
		entries[i].Due = entries[i].Due.Add(time.Minute)
	}
	before := heap()
	d.Add(entries...)
	if grown := heap() - before; grown > 8<<20 {
		t.Errorf("%d KiB", grown>>10)
	} else {
		t.Logf("%d KiB", grown>>10)
	}
	runtime.KeepAlive(d)
	runtime.KeepAlive(entries)
}

func heap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
