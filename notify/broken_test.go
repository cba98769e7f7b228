package notify_test

import (
	"testing"
	"time"

	"statusd/notify"
)

func letterTo(id int64) notify.Entry {
	e := hook(id, id, 1)
	e.Channel, e.Host = notify.Email, ""
	return e
}

func TestABrokenChannelIsTriedEveryMinuteAndLosesNothing(t *testing.T) {
	bubble(t, notify.Options{}, func(d *notify.Dispatcher, o *office) {
		broken := func(row) (notify.Outcome, time.Duration) {
			return notify.Outcome{Kind: notify.Broken, Reason: notify.Because(notify.NoNetwork)}, 0
		}
		o.reply(broken)
		began := time.Now()
		for id := range int64(100) {
			d.Add(o.put(letterTo(id + 1))...)
		}
		time.Sleep(time.Second)
		first := len(o.order()) // those who were on their way together
		time.Sleep(48*time.Hour - time.Second)
		if n := len(o.order()) - first; n < 48*60-1 || n > 48*60 {
			t.Errorf("%d trials in two days, want one a minute", n)
		}
		tried := map[int64]bool{}
		for _, id := range o.order() {
			tried[id] = true
		}
		if len(tried) != 100 {
			t.Errorf("%d different deliveries were tried", len(tried))
		}
		state := d.Channels()[notify.Email]
		if !state.Broken || state.Reason.Code != notify.NoNetwork || state.Since.Sub(began) > time.Second || state.Waiting != 100 {
			t.Errorf("the state is %+v", state)
		}
		if other := d.Channels()[notify.Webhook]; other.Broken {
			t.Error("the other channel is broken too")
		}
		o.reply(always(notify.Success, 50*time.Millisecond))
		time.Sleep(61 * time.Second)
		for id := range int64(100) {
			if r := o.row(id + 1); r.state != notify.Delivered || r.Attempts != 1 {
				t.Fatalf("a minute after it works again: %s, %d attempts", r.state, r.Attempts)
			}
		}
		if d.Channels()[notify.Email].Broken {
			t.Error("it is still broken")
		}
	})
}

func TestABrokenChannelStopsNoOther(t *testing.T) {
	bubble(t, notify.Options{}, func(d *notify.Dispatcher, o *office) {
		o.reply(func(r row) (notify.Outcome, time.Duration) {
			if r.Channel == notify.Email {
				return notify.Outcome{Kind: notify.Broken}, time.Millisecond
			}
			return notify.Outcome{Kind: notify.Success}, time.Millisecond
		})
		d.Add(o.put(letterTo(1))...)
		time.Sleep(time.Second)
		d.Add(o.put(hook(2, 2, 1))...)
		time.Sleep(time.Second)
		if o.row(2).state != notify.Delivered {
			t.Error("a webhook waits for the mail server")
		}
	})
}

func TestATrialThatFailsForItselfMendsTheChannel(t *testing.T) {
	bubble(t, notify.Options{}, func(d *notify.Dispatcher, o *office) {
		o.reply(always(notify.Broken, 0))
		d.Add(o.put(letterTo(1), letterTo(2))...)
		time.Sleep(time.Second)
		o.reply(always(notify.Temporary, 0))
		time.Sleep(time.Minute + time.Second)
		if d.Channels()[notify.Email].Broken || o.row(1).Attempts+o.row(2).Attempts != 2 {
			t.Errorf("%+v, %d and %d attempts", d.Channels()[notify.Email], o.row(1).Attempts, o.row(2).Attempts)
		}
	})
}

func TestNewSettingsAreTriedAtOnce(t *testing.T) {
	bubble(t, notify.Options{}, func(d *notify.Dispatcher, o *office) {
		o.reply(always(notify.Broken, 0))
		d.Add(o.put(letterTo(1))...)
		time.Sleep(time.Second)
		o.reply(always(notify.Success, 0))
		d.Try(notify.Email)
		time.Sleep(time.Second)
		if o.row(1).state != notify.Delivered {
			t.Error("it still waits")
		}
	})
}

func TestNewSettingsAreTriedAtOnceWhileATrialWithTheOldOnesHangs(t *testing.T) {
	bubble(t, notify.Options{}, func(d *notify.Dispatcher, o *office) {
		o.reply(always(notify.Broken, 0))
		d.Add(o.put(letterTo(1), letterTo(2))...)
		time.Sleep(time.Second)
		o.reply(func(row) (notify.Outcome, time.Duration) { return notify.Outcome{Kind: notify.Broken}, time.Minute })
		time.Sleep(time.Minute + time.Second)
		if d.Channels()[notify.Email].InFlight != 1 {
			t.Fatal("no trial is going on")
		}
		o.reply(always(notify.Success, 0))
		d.Try(notify.Email)
		time.Sleep(time.Second)
		if d.Channels()[notify.Email].Broken || o.row(1).state+o.row(2).state != notify.Delivered {
			t.Errorf("%+v, %s and %s", d.Channels()[notify.Email], o.row(1).state, o.row(2).state)
		}
	})
}
