package notify_test

import (
	"testing"
	"time"

	"statusd/notify"
)

// hangers answer never when their subscriber's number says so.
func hangers(hang func(subscriber int64) bool) func(row) (notify.Outcome, time.Duration) {
	return func(r row) (notify.Outcome, time.Duration) {
		if hang(r.Lane.Subscriber) {
			return notify.Outcome{Kind: notify.Temporary, Reason: notify.Because(notify.NoAnswer, "10 s")}, 10 * time.Second
		}
		return notify.Outcome{Kind: notify.Success}, 20 * time.Millisecond
	}
}

// timed delivers in fake time and says when the last of the good had theirs.
func timed(t *testing.T, hang func(int64) bool, entries func() []notify.Entry) (took time.Duration) {
	bubble(t, notify.Options{}, func(d *notify.Dispatcher, o *office) {
		o.reply(hangers(hang))
		began := time.Now()
		d.Add(o.put(entries()...)...)
		time.Sleep(2 * time.Minute)
		for _, r := range o.all() {
			if hang(r.Lane.Subscriber) {
				continue
			}
			if r.state != notify.Delivered {
				t.Errorf("delivery %d of a good receiver is %s", r.ID, r.state)
			}
			took = max(took, r.done.Sub(began))
		}
	})
	return took
}

func nobody(int64) bool { return false }

// oneHost is a delivery about each subject for each subscriber, all at one host, subject after subject.
func oneHost(subscribers, subjects int64) func() []notify.Entry {
	return func() (out []notify.Entry) {
		for subject := range subjects {
			for s := range subscribers {
				e := hook(subject*subscribers+s+1, s, subject)
				e.Host = "one"
				out = append(out, e)
			}
		}
		return out
	}
}

func TestWhoHangsDelaysNobodyAtTheSameHost(t *testing.T) {
	for _, c := range []struct {
		what                  string
		subscribers, subjects int64
		hang                  func(int64) bool
	}{
		{"one of ten", 10, 1, func(s int64) bool { return s == 0 }},
		{"one of ten, of two hundred incidents at once", 10, 200, func(s int64) bool { return s == 3 }},
		{"a hundred of a thousand", 1000, 1, func(s int64) bool { return s%10 == 0 }},
		{"the first hundred of a thousand", 1000, 1, func(s int64) bool { return s < 100 }},
		{"fifty of five hundred, of three incidents", 500, 3, func(s int64) bool { return s%10 == 7 }},
	} {
		entries := oneHost(c.subscribers, c.subjects)
		without, with := timed(t, nobody, entries), timed(t, c.hang, entries)
		if with > without*12/10 {
			t.Errorf("%s: the good ones are done after %v; without those who hang, after %v", c.what, with, without)
		}
	}
}

// gathering is for how long outcomes may wait for others before all are recorded.
const gathering = 100 * time.Millisecond

func TestWhoHangsDelaysNobodyElsewhere(t *testing.T) {
	everywhere := func() (out []notify.Entry) {
		for s := range int64(500) {
			out = append(out, hook(s+1, s, 1))
		}
		return out
	}
	without, with := timed(t, nobody, everywhere), timed(t, func(s int64) bool { return s%10 == 0 }, everywhere)
	if with > (without+gathering)*12/10 {
		t.Errorf("the good ones are done after %v; without those who hang, after %v", with, without)
	}
}

func TestWhoIsKnownToHangTakesNoPlaceFromOthers(t *testing.T) {
	took := func(hang func(int64) bool) (took time.Duration) {
		bubble(t, notify.Options{}, func(d *notify.Dispatcher, o *office) {
			o.reply(hangers(hang))
			for s := range int64(2000) {
				d.Add(o.put(hook(s+1, s, 1))...)
			}
			time.Sleep(35 * time.Second)
			began := time.Now()
			for s := range int64(2000) {
				d.Add(o.put(hook(5000+s, s, 2))...)
			}
			time.Sleep(5 * time.Second)
			for s := range int64(2000) {
				if r := o.row(5000 + s); r.state == notify.Delivered {
					took = max(took, r.done.Sub(began))
				} else if !hang(s) {
					t.Errorf("delivery %d of a good receiver is %s", r.ID, r.state)
				}
			}
		})
		return took
	}
	without, with := took(nobody), took(func(s int64) bool { return s%4 == 0 })
	if with > (without+gathering)*12/10 {
		t.Errorf("the good ones are done after %v; without the five hundred who hang, after %v", with, without)
	}
}

func TestWhoIsKnownToHangFillsUpNoHost(t *testing.T) {
	bubble(t, notify.Options{}, func(d *notify.Dispatcher, o *office) {
		o.reply(hangers(func(s int64) bool { return s < 500 }))
		d.Add(o.put(oneHost(500, 1)()...)...)
		time.Sleep(70 * time.Second)
		for s := range int64(500) {
			d.Wake(s)
		}
		time.Sleep(5 * time.Second)
		if n := d.Channels()[notify.Webhook].InFlight; n < 30 {
			t.Fatalf("only %d attempts are in flight: this proves nothing", n)
		}
		good := hook(9000, 9000, 1)
		good.Host = "one"
		d.Add(o.put(good)...)
		time.Sleep(100 * time.Millisecond)
		if o.row(9000).sent != 1 {
			t.Error("a fresh delivery waits for those who are known to hang")
		}
	})
}

func TestRetriesDoNotWaitForWhoHangs(t *testing.T) {
	bubble(t, notify.Options{}, func(d *notify.Dispatcher, o *office) {
		hang := hangers(func(s int64) bool { return s < 1000 })
		fail := always(notify.Temporary, 20*time.Millisecond)
		o.reply(func(r row) (notify.Outcome, time.Duration) {
			if r.Lane.Subscriber < 1000 {
				return hang(r)
			}
			return fail(r)
		})
		for s := range int64(1000) {
			d.Add(o.put(hook(s+1, s, 1))...)
		}
		time.Sleep(time.Minute)
		for s := range int64(50) {
			d.Add(o.put(hook(5000+s, 5000+s, 1))...)
		}
		time.Sleep(15 * time.Second)
		for s := range int64(50) {
			if r := o.row(5000 + s); r.sent != 2 {
				t.Errorf("15 s after a failure there have been %d attempts", r.sent)
			}
		}
	})
}

func TestWhatIsFreshGoesBeforeRetries(t *testing.T) {
	bubble(t, notify.Options{}, func(d *notify.Dispatcher, o *office) {
		o.reply(hangers(func(s int64) bool { return s < 2000 }))
		for s := range int64(2000) {
			e := hook(s+1, s, 1)
			e.Host, e.Attempts = "one", 3
			d.Add(o.put(e)...)
		}
		time.Sleep(time.Minute)
		fresh := hook(5000, 5000, 1)
		fresh.Host = "one"
		d.Add(o.put(fresh)...)
		time.Sleep(100 * time.Millisecond)
		if r := o.row(5000); r.sent != 1 {
			t.Error("a fresh delivery waits for two thousand retries")
		}
		if n := d.Channels()[notify.Webhook].InFlight; n > 129 {
			t.Errorf("%d attempts are in flight: those who hang have more than their places", n)
		}
	})
}

func TestWhoFailsIsTriedOnceAtATimeUntilItAnswers(t *testing.T) {
	bubble(t, notify.Options{}, func(d *notify.Dispatcher, o *office) {
		o.reply(always(notify.Temporary, 9*time.Second))
		for subject := range int64(20) {
			d.Add(o.put(hook(subject+1, 1, subject))...)
		}
		time.Sleep(5 * time.Second)
		if n := d.Channels()[notify.Webhook].InFlight; n != 4 {
			t.Errorf("%d attempts at one receiver, nothing known of it; want 4", n)
		}
		time.Sleep(10 * time.Second)
		for range 20 {
			time.Sleep(time.Second)
			if n := d.Channels()[notify.Webhook].InFlight; n > 1 {
				t.Fatalf("%d attempts at one that fails", n)
			}
		}
		o.reply(always(notify.Success, 50*time.Millisecond))
		d.Wake(1)
		time.Sleep(15 * time.Second)
		for id := range int64(20) {
			if r := o.row(id + 1); r.state != notify.Delivered {
				t.Errorf("delivery %d is %s", id+1, r.state)
			}
		}
	})
}

func TestAHostHasItsPace(t *testing.T) {
	bubble(t, notify.Options{}, func(d *notify.Dispatcher, o *office) {
		d.Add(o.put(oneHost(1000, 1)()...)...)
		time.Sleep(time.Millisecond)
		if n := len(o.order()); n != 4 {
			t.Errorf("%d starts at once, want 4", n)
		}
		time.Sleep(time.Second)
		if n := len(o.order()); n < 100 || n > 105 {
			t.Errorf("%d starts in the first second, want about 104", n)
		}
		time.Sleep(9 * time.Second)
		if n := len(o.order()); n != 1000 {
			t.Errorf("%d starts in ten seconds, want all", n)
		}
	})
}

func TestAHostNeverHasMoreThanItsShare(t *testing.T) {
	bubble(t, notify.Options{}, func(d *notify.Dispatcher, o *office) {
		o.reply(always(notify.Temporary, 10*time.Second))
		d.Add(o.put(oneHost(1000, 1)()...)...)
		time.Sleep(9 * time.Second)
		if n := d.Channels()[notify.Webhook].InFlight; n != 128 {
			t.Errorf("%d attempts at one host, want 128", n)
		}
		d.Add(o.put(hook(5000, 5000, 1))...)
		time.Sleep(time.Millisecond)
		if o.row(5000).sent != 1 {
			t.Error("another host has to wait for that")
		}
	})
}
