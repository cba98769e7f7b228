package deliver_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"statusd/app/model"
	"statusd/notify"
	"statusd/store"
	"statusd/store/storetest"
)

// hooks are receivers of webhooks, each at a socket of its own. Every tenth hangs when it is told to.
type hooks struct {
	server http.Server
	at     map[string]bool // by address: it is one of those that may hang

	mu    sync.Mutex
	hang  chan struct{} // closed when nobody hangs
	left  atomic.Int64  // of those that never hang, how many have yet to be told
	done  chan struct{} // closed when none is left
	tired atomic.Int64  // requests that were given up by who asked, since some hang
}

// newHooks listens at n sockets, and has a subscriber for each. They are as many hosts, or one.
func (k *kit) newHooks(n int, hosts bool) *hooks {
	k.t.Helper()
	h := &hooks{at: map[string]bool{}, hang: make(chan struct{})}
	close(h.hang)
	h.server.Handler = h
	var serving sync.WaitGroup
	for i := range n {
		host := "127.0.0.1"
		if hosts {
			host = fmt.Sprintf("127.1.%d.%d", i/250, i%250+1)
		}
		l, err := net.Listen("tcp", host+":0")
		k.must(err)
		h.at[l.Addr().String()] = i%10 == 0
		serving.Go(func() { _ = h.server.Serve(l) })
		k.subscriber(nil, func(s *model.Subscriber) { s.Address, s.Host = model.Secret("http://"+l.Addr().String()+"/hook"), host })
	}
	k.t.Cleanup(func() { h.server.Close(); serving.Wait() })
	return h
}

// ServeHTTP answers, or hangs.
func (h *hooks) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	if !h.at[r.Host] {
		if h.left.Add(-1) == 0 {
			close(h.done)
		}
		return
	}
	h.mu.Lock()
	hang := h.hang
	h.mu.Unlock()
	select {
	case <-hang:
	case <-r.Context().Done():
		h.tired.Add(1)
	}
}

// hangs lets every tenth hang, until the function that it returns is called.
func (h *hooks) hangs() (release func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	c := make(chan struct{})
	h.hang = c
	h.tired.Store(0)
	return func() { close(c) }
}

// tellHooks tells all of one more incident and returns when those that never hang have it.
func (k *kit) tellHooks(h *hooks, subject int64) time.Duration {
	h.done = make(chan struct{})
	h.left.Store(int64(len(h.at) - len(h.at)/10))
	start := time.Now()
	k.tell(model.IncidentUpdated, subject)
	<-h.done
	return time.Since(start)
}

// drained waits until nothing is on its way, and hurries what waits for its next attempt.
func (k *kit) drained() {
	k.until("all is delivered", func() bool {
		var rows []store.WaitingDelivery
		storetest.Read(k.t, k.store, func(v store.View) (err error) {
			rows, err = v.EveryWaiting(bg)
			return err
		})
		for _, r := range rows {
			k.courier.Hurry(r.Subscriber)
		}
		return k.courier.Channels()[notify.Webhook].Waiting == 0
	})
}

// BenchmarkHooks tells a thousand receivers, each at a socket of its own, of incidents: while all of them answer, when every tenth has just
// begun to hang, and when those are known to. The figures are how much longer it takes until the other nine hundred have it, of medians.
func BenchmarkHooks(b *testing.B) {
	for name, times := range map[string]int{"hosts=1000": 10, "hosts=1": 1} { // at one host the pace makes each last ten seconds
		b.Run(name, func(b *testing.B) { benchHooks(b, name == "hosts=1000", times) })
	}
}

func benchHooks(b *testing.B, hosts bool, times int) {
	k := newKit(b)
	h := k.newHooks(1000, hosts)
	k.start()
	defer k.stop()
	subject := int64(0)
	tell := func(took *[]time.Duration) { subject++; *took = append(*took, k.tellHooks(h, subject)) }
	var warm, free, surprised, known []time.Duration
	tell(&warm)
	k.drained()
	for b.Loop() {
		for range times {
			tell(&free)
			k.drained()
			release := h.hangs()
			tell(&surprised)
			release()
			k.drained()
		}
		release := h.hangs()
		tell(&surprised)
		k.until("all that hang are known to", func() bool { return h.tired.Load() >= int64(len(h.at)/10) })
		for i := range times {
			tell(&known)
			k.until("what arrived is recorded", func() bool { return k.courier.Channels()[notify.Webhook].Waiting <= (i+2)*len(h.at)/10 })
		}
		release()
		k.drained()
	}
	base := median(free)
	b.ReportMetric(1000*base.Seconds(), "ms-free")
	b.ReportMetric(median(surprised).Seconds()/base.Seconds(), "begin-to-hang/free")
	b.ReportMetric(median(known).Seconds()/base.Seconds(), "known-to-hang/free")
}

// median is what the others on the machine move least.
func median(list []time.Duration) time.Duration {
	slices.Sort(list)
	return list[len(list)/2]
}
