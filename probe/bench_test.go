package probe_test

import (
	"container/heap"
	"context"
	"io"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"statusd/probe"
	"statusd/probe/probetest"
)

// fixed answers every connection at once with the same bytes, so that what is measured is the client.
func fixed(b *testing.B) string {
	return probetest.Wire(b, func(c net.Conn) {
		head := make([]byte, 4<<10)
		c.Read(head)
		io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
	})
}

// BenchmarkLook measures a look beside a bare GET on a fresh connection of a shared transport, taking turns in the same loop.
func BenchmarkLook(b *testing.B) {
	url := fixed(b)
	p := prober(b, probe.Options{})
	target := at(url)
	bare := &http.Transport{DisableKeepAlives: true}
	var looks, gets time.Duration
	b.ReportAllocs()
	for b.Loop() {
		began := time.Now()
		if r, err := p.Look(b.Context(), target); err != nil || r.Outcome != probe.Operational {
			b.Fatal(err, r.Reason)
		}
		middle := time.Now()
		looks += middle.Sub(began)
		get(b, bare, url)
		gets += time.Since(middle)
	}
	b.ReportMetric(float64(looks)/float64(gets), "look/get")
}

// BenchmarkLookAlone is for profiles and allocations.
func BenchmarkLookAlone(b *testing.B) {
	p, target := prober(b, probe.Options{}), at(fixed(b))
	b.ReportAllocs()
	for b.Loop() {
		if r, err := p.Look(b.Context(), target); err != nil || r.Outcome != probe.Operational {
			b.Fatal(err, r.Reason)
		}
	}
}

// BenchmarkGet is the bare loop, for its allocations.
func BenchmarkGet(b *testing.B) {
	url, bare := fixed(b), &http.Transport{DisableKeepAlives: true}
	b.ReportAllocs()
	for b.Loop() {
		get(b, bare, url)
	}
}

func get(b *testing.B, bare *http.Transport, url string) {
	ctx, cancel := context.WithTimeout(b.Context(), 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		b.Fatal(err)
	}
	res, err := bare.RoundTrip(req)
	if err != nil {
		b.Fatal(err)
	}
	io.Copy(io.Discard, io.LimitReader(res.Body, mib))
	res.Body.Close()
}

// BenchmarkFiring measures what the scheduler adds to an entry's run: 1,000 entries on a grid so fine that all are always due, so that
// it never sleeps; beside it a bare heap that does the same in one goroutine, with a goroutine a run.
func BenchmarkFiring(b *testing.B) {
	const entries = 1000
	fire := make(chan struct{}, 1<<16)
	s := probe.NewScheduler(probe.SchedulerOptions{Slot: time.Microsecond})
	for k := range entries {
		s.Put(probe.Entry{Key: probe.Key(k), Interval: time.Millisecond, Run: func(context.Context) {
			select {
			case fire <- struct{}{}:
			default:
			}
		}})
	}
	s.Start()
	began, n := time.Now(), 0
	for b.Loop() {
		<-fire
		n++
	}
	firing := time.Since(began) / time.Duration(max(n, 1))
	s.Stop()
	b.ReportMetric(float64(firing)/float64(bareHeap(entries, n)), "firing/heap")
}

// dues is the plainest schedule there is.
type dues []time.Duration

func (d dues) Len() int           { return len(d) }
func (d dues) Less(i, j int) bool { return d[i] < d[j] }
func (d dues) Swap(i, j int)      { d[i], d[j] = d[j], d[i] }
func (d *dues) Push(x any)        { *d = append(*d, x.(time.Duration)) }
func (d *dues) Pop() any          { panic("never") }

// bareHeap is the cost of one firing of a bare heap.
func bareHeap(entries, n int) time.Duration {
	q := make(dues, entries)
	for i := range q {
		q[i] = time.Duration(i) * time.Microsecond
	}
	var all sync.WaitGroup
	began := time.Now()
	for range n {
		all.Go(func() {})
		q[0] += time.Millisecond
		heap.Fix(&q, 0)
	}
	all.Wait()
	return max(1, time.Since(began)/time.Duration(max(n, 1)))
}
