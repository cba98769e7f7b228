package notify_test

import (
	"sync/atomic"
	"testing"
	"time"

	"statusd/notify"
)

// wrong is a wall clock that is wrong by something.
type wrong struct{ by atomic.Int64 }

func (w *wrong) now() time.Time { return time.Now().Add(time.Duration(w.by.Load())) }

func TestAClockThatIsSetBackLengthensNoWait(t *testing.T) {
	for _, jump := range []time.Duration{-2 * time.Second, -time.Hour, -24 * time.Hour, -30 * 365 * 24 * time.Hour} {
		clock := &wrong{}
		bubble(t, notify.Options{Now: clock.now, Random: func() float64 { return 0.5 }}, func(d *notify.Dispatcher, o *office) {
			o.reply(always(notify.Temporary, time.Second))
			d.Add(o.put(hook(1, 1, 1))...)
			time.Sleep(5 * time.Second)
			clock.by.Store(int64(jump))
			late := hook(2, 2, 1)
			late.Due = clock.now().Add(20 * time.Second)
			d.Add(o.put(late)...)
			time.Sleep(8 * time.Second)
			if r := o.row(1); r.sent != 2 {
				t.Errorf("set by %v: the retry after 10 s was not made", jump)
			}
			time.Sleep(10 * time.Second)
			if r := o.row(2); r.sent != 0 {
				t.Errorf("set by %v: what was added after is sent too early", jump)
			}
			time.Sleep(5 * time.Second)
			if r := o.row(2); r.sent != 1 {
				t.Errorf("set by %v: what was added after is not sent", jump)
			}
		})
	}
}

func TestAClockThatIsSetForwardMakesDueWhatItPasses(t *testing.T) {
	clock := &wrong{}
	bubble(t, notify.Options{Now: clock.now}, func(d *notify.Dispatcher, o *office) {
		o.reply(always(notify.Temporary, time.Second))
		e := hook(1, 1, 1)
		e.Attempts = 6
		d.Add(o.put(e)...)
		time.Sleep(5 * time.Second)
		clock.by.Store(int64(12 * time.Hour))
		time.Sleep(20 * time.Second)
		if r := o.row(1); r.sent != 8 {
			t.Errorf("%d attempts", r.sent)
		}
	})
}

func TestADueInstantOfAClockThatWasAheadIsBounded(t *testing.T) {
	bubble(t, notify.Options{}, func(d *notify.Dispatcher, o *office) {
		first, retried := hook(1, 1, 1), hook(2, 2, 1)
		first.Due, retried.Due = first.Due.AddDate(30, 0, 0), retried.Due.AddDate(30, 0, 0)
		retried.Attempts = 7
		d.Add(o.put(first, retried)...)
		time.Sleep(73 * time.Minute)
		if o.row(1).state != notify.Delivered || o.row(2).state != notify.Waiting {
			t.Errorf("the first is %s, the retried %s", o.row(1).state, o.row(2).state)
		}
		time.Sleep(9 * time.Hour)
		if o.row(2).state != notify.Delivered {
			t.Errorf("the retried is %s", o.row(2).state)
		}
	})
}
