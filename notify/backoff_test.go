package notify_test

import (
	"testing"
	"time"

	"statusd/notify"
)

func TestTheScheduleIsNineAttemptsOverADay(t *testing.T) {
	want := []time.Duration{10 * time.Second, time.Minute, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour, 8 * time.Hour, 8 * time.Hour}
	var sum time.Duration
	for i, step := range want {
		for _, at := range []struct {
			random, factor float64
		}{{0, 0.8}, {0.5, 1}, {1, 1.2}} {
			got, again := notify.Delay(i+1, 0, at.random)
			exact := time.Duration(float64(step) * at.factor)
			if !again || (got-exact).Abs() > time.Microsecond {
				t.Errorf("after attempt %d with %v the wait is %v, %v; want %v", i+1, at.random, got, again, exact)
			}
		}
		sum += step
	}
	if _, again := notify.Delay(9, time.Minute, 0); again {
		t.Error("there is a tenth attempt")
	}
	if sum.Truncate(time.Minute) != 23*time.Hour+36*time.Minute {
		t.Errorf("the waits add up to %v", sum)
	}
	if first, _ := notify.Delay(1, 0, 1); first > 15*time.Second {
		t.Errorf("the first retry comes after %v", first)
	}
}

func TestWhatTheReceiverAsksForIsTheLeastWait(t *testing.T) {
	for _, c := range []struct {
		attempts    int
		asked       time.Duration
		least, most time.Duration
	}{
		{1, time.Minute, time.Minute, 72 * time.Second},
		{1, time.Second, 8 * time.Second, 12 * time.Second},
		{1, 48 * time.Hour, time.Hour, 72 * time.Minute},
		{4, time.Minute, 24 * time.Minute, 36 * time.Minute},
		{8, time.Hour, 384 * time.Minute, 576 * time.Minute},
		{1, -time.Hour, 8 * time.Second, 12 * time.Second},
	} {
		for random := 0.0; random < 1; random += 0.01 {
			if got, _ := notify.Delay(c.attempts, c.asked, random); got < c.least || got > c.most {
				t.Errorf("attempt %d, asked for %v: %v", c.attempts, c.asked, got)
			}
		}
	}
}

func TestAThousandThatFailTogetherComeBackSpread(t *testing.T) {
	bubble(t, notify.Options{}, func(d *notify.Dispatcher, o *office) {
		o.reply(always(notify.Temporary, time.Second))
		for id := range int64(1000) {
			d.Add(o.put(hook(id, id, 1))...)
		}
		time.Sleep(10 * time.Minute)
		for step, length := range []time.Duration{10 * time.Second, time.Minute, 5 * time.Minute} {
			earliest, latest := time.Duration(1<<62), time.Duration(0)
			for id := range int64(1000) {
				at := o.begun(id)
				wait := at[step+1] - at[step] - time.Second
				earliest, latest = min(earliest, wait), max(latest, wait)
			}
			if latest-earliest < 3*length/10 {
				t.Errorf("the waits of %v lie between %v and %v", length, earliest, latest)
			}
		}
	})
}

func TestADeliveryIsTriedNineTimesAndFails(t *testing.T) {
	bubble(t, notify.Options{Random: func() float64 { return 0.5 }}, func(d *notify.Dispatcher, o *office) {
		o.reply(always(notify.Temporary, 100*time.Millisecond))
		d.Add(o.put(hook(1, 1, 1))...)
		time.Sleep(23*time.Hour + 30*time.Minute)
		if r := o.row(1); r.state != notify.Waiting || r.Attempts != 8 {
			t.Errorf("%s after %d attempts", r.state, r.Attempts)
		}
		time.Sleep(10 * time.Minute)
		if r := o.row(1); r.state != notify.Failed || r.Attempts != 9 {
			t.Errorf("%s after %d attempts", r.state, r.Attempts)
		}
		at := o.begun(1)
		if last := at[8]; (last - (23*time.Hour + 36*time.Minute + 10*time.Second)).Abs() > 2*time.Second {
			t.Errorf("the last attempt is %v after the first", last)
		}
	})
}
