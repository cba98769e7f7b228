package probe_test

import (
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"statusd/probe"
	"statusd/probe/probetest"
)

const (
	stormTimeout = 250 * time.Millisecond
	stormSlack   = 2 * time.Second // the machine may be busy; what hangs, hangs for ever
)

// sound checks what must be true of every outcome.
func sound(t testing.TB, r probe.Result, took time.Duration) {
	t.Helper()
	switch {
	case r.Reason.Code == "internal":
		t.Error("panic")
	case r.Outcome == probe.Down && (probe.English(r.Reason.Code) == "" || strings.Contains(probe.English(r.Reason.Code), fmt.Sprintf("{%d}", len(r.Reason.Args)))):
		t.Errorf("down because %q (%s)", r.Reason, r.Reason.Encode())
	case r.Outcome != probe.Down && r.Reason.Code != "" || r.Outcome == 0:
		t.Errorf("%v because %q", r.Outcome, r.Reason)
	case took > stormTimeout+stormSlack:
		t.Errorf("took %s (%s)", took, r.Reason)
	}
}

func heapSize() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

func TestTenThousandHostileAnswers(t *testing.T) {
	total := 10_000
	if testing.Short() {
		total = 500
	}
	ca := probetest.NewAuthority(t, "root")
	plain := probetest.Wire(t, probetest.Storm)
	inTLS, h2 := ca.Inside(probetest.Storm, "http/1.1"), ca.Inside(probetest.StormH2, "h2")
	p := prober(t, probe.Options{Roots: ca.Pool()})
	log.SetOutput(io.Discard) // net/http writes there what it thinks of odd HTTP/2 frames
	defer log.SetOutput(os.Stderr)
	before := heapSize()
	var next, ups, slowest atomic.Int64
	var all sync.WaitGroup
	for range 64 {
		all.Go(func() {
			for n := next.Add(1); n <= int64(total); n = next.Add(1) {
				target := at(fmt.Sprintf("%s/%d?token=SECRET", map[int64]string{0: inTLS, 1: h2}[n%20]+map[bool]string{true: plain}[n%20 > 1], n))
				target.Timeout, target.BodyContains = stormTimeout, "l"
				began := time.Now()
				r, err := p.Look(t.Context(), target)
				took := time.Since(began)
				if err != nil {
					t.Error(err)
				}
				sound(t, r, took)
				if strings.Contains(r.Reason.Encode(), "SECRET") {
					t.Errorf("/%d: %s", n, r.Reason)
				}
				if r.Outcome.Good() {
					ups.Add(1)
				}
				slowest.Store(max(slowest.Load(), int64(took)))
			}
		})
	}
	all.Wait()
	if grown := heapSize() - before; grown > 16<<20 {
		t.Errorf("the heap grew by %d KiB", grown>>10)
	}
	if up := ups.Load(); up < int64(total)/100 || up > int64(total)/2 {
		t.Errorf("%d of %d were good: the storm is not what it should be", up, total)
	}
	t.Logf("%d good, slowest %s, heap %+d KiB", ups.Load(), time.Duration(slowest.Load()), (heapSize()-before)>>10)
}

func FuzzResponse(f *testing.F) {
	for _, seed := range []string{"", "HTTP/1.1 200 OK\r\n\r\nhello", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
		"HTTP/1.1 103 Early\r\n\r\nHTTP/1.1 204 No\r\n\r\n", "SSH-2.0-x\r\n", "HTTP/1.1 302 Found\r\nLocation: file:///\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + string(probetest.Gzip(strings.NewReader("hello")))} {
		f.Add([]byte(seed))
	}
	var mu sync.Mutex
	var answer []byte
	url := probetest.Wire(f, func(c net.Conn) {
		probetest.Head(c)
		mu.Lock()
		defer mu.Unlock()
		c.Write(answer)
	})
	p := prober(f, probe.Options{})
	f.Fuzz(func(t *testing.T, raw []byte) {
		mu.Lock()
		answer = raw
		mu.Unlock()
		target := at(url)
		// Not followed: it must not lead fuzzing to other machines.
		target.Timeout, target.FollowRedirects, target.BodyContains = stormTimeout, false, "hello"
		began := time.Now()
		r, err := p.Look(t.Context(), target)
		if err != nil {
			t.Fatal(err)
		}
		sound(t, r, time.Since(began))
	})
}
