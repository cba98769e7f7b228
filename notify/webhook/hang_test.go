package webhook

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime"
	"sync"
	"testing"
	"time"

	"statusd/notify"
	"statusd/notify/notifytest"
)

// outbox sends each delivery to its subscriber's receiver and says when the good ones have had all of theirs.
type outbox struct {
	sender *Sender
	urls   map[int64]string
	to     map[int64]int64 // delivery to subscriber

	mu   sync.Mutex
	left int // of the good ones
	done chan struct{}
}

func (o *outbox) Letter(_ context.Context, id int64) (notify.Letter, error) {
	r := request(o.urls[o.to[id]])
	r.ID = fmt.Sprintf("dlv_%d", id)
	r.Body, _ = json.Marshal(r.ID)
	return letter{o.sender, r}, nil
}

type letter struct {
	sender  *Sender
	request Request
}

func (l letter) Send(ctx context.Context) notify.Outcome { return l.sender.Send(ctx, l.request) }

func (o *outbox) Record(_ context.Context, reports []notify.Report) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, r := range reports {
		if r.Lane.Subscriber != 0 && r.State == notify.Delivered {
			if o.left--; o.left == 0 {
				close(o.done)
			}
		}
	}
	return nil
}

const (
	receivers = 10
	events    = 10
)

// deliver has ten receivers of one host and port hear of ten incidents. The first does what it is told; the time is that of the other nine.
func deliver(t *testing.T, first notifytest.Behaviour) (took time.Duration, grown int64) {
	t.Helper()
	server := notifytest.New(t)
	o := &outbox{sender: New(Options{Guard: loopback}), urls: map[int64]string{}, to: map[int64]int64{}, left: (receivers - 1) * events, done: make(chan struct{})}
	var entries []notify.Entry
	for s := range int64(receivers) {
		does := notifytest.Answer(200)
		if s == 0 {
			does = first
		}
		o.urls[s] = server.Receiver(fmt.Sprintf("/%d", s), does)
	}
	for subject := range int64(events) {
		for s := range int64(receivers) {
			id := subject*receivers + s + 1
			o.to[id] = s
			entries = append(entries, notify.Entry{ID: id, Lane: notify.Lane{Subscriber: s, Subject: subject}, Channel: notify.Webhook, Host: server.Listener.Addr().String(), Due: time.Now()})
		}
	}
	d := notify.New(notify.Options{Outbox: o, Grace: time.Millisecond})
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	before := heap()
	began := time.Now()
	running.Go(func() { d.Run(ctx) })
	d.Add(entries...)
	<-o.done
	took = time.Since(began)
	grown = heap() - before
	stop()
	running.Wait()
	return took, grown
}

func heap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

func TestOneReceiverOfTenThatMisbehavesDelaysNoneOfTheOthers(t *testing.T) {
	without, _ := deliver(t, notifytest.Answer(200))
	for what, first := range map[string]notifytest.Behaviour{
		"hangs": notifytest.Hang, "drips headers": notifytest.DripHeaders(time.Second), "drips a body": notifytest.DripBody(time.Second),
		"sends 1 GiB": notifytest.Flood(func(int64) {}), "never closes": notifytest.NeverClose, "resets": notifytest.Reset,
	} {
		with, grown := deliver(t, first)
		if with > without+defaultTimeout/2 { // whoever waits for one that hangs waits for a whole time-out
			t.Errorf("beside one that %s the others took %v; without it, %v", what, with, without)
		}
		if grown > 4<<20 {
			t.Errorf("one that %s costs %d KiB", what, grown>>10)
		}
		t.Logf("%s: %v beside %v, %d KiB", what, with, without, grown>>10)
	}
}
