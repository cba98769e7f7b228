package deliver_test

import (
	"bytes"
	"fmt"
	"net"
	"runtime"
	"runtime/debug"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"statusd/app/incident"
	"statusd/app/model"
	"statusd/notify"
	"statusd/notify/notifytest"
	"statusd/store"
	"statusd/store/storetest"
)

// connections are as many as the sender of mails keeps.
const connections = 8

// readers makes many subscribers by mail in one transaction.
func (k *kit) readers(n int) {
	k.t.Helper()
	storetest.Write(k.t, k.store, func(tx *store.Tx) error {
		last, err := tx.LastEvent(bg)
		for i := range n {
			if err != nil {
				return err
			}
			k.paths++
			err = tx.In(k.world.Page.Workspace).AddSubscriber(bg, model.Subscriber{
				ID: model.NewSubscriberID(), Page: k.world.Page.ID, Channel: model.Email, State: model.Active, Topic: model.TopicAll,
				Locale: []string{"en", "tr"}[i%2], Address: model.Secret(fmt.Sprintf("user%d@example.org", k.paths)),
				Token: model.Secret(fmt.Sprintf("token%022d", k.paths)), Host: "smtp", Since: last, Created: k.now(), Active: k.now(), Updated: k.now(),
			}, fmt.Appendf(nil, "%d", k.paths))
		}
		return err
	})
}

// bare sends the same bytes to n recipients in a loop over go-smtp's client.
func (k *kit) bare(raw []byte, n int) time.Duration {
	start := time.Now()
	var next atomic.Int64
	var all sync.WaitGroup
	for range connections {
		all.Go(func() {
			c, err := smtp.Dial(net.JoinHostPort(k.post.server.Host, strconv.Itoa(k.post.server.Port)))
			if err != nil {
				k.t.Error(err)
				return
			}
			defer c.Quit()
			for i := next.Add(1); i <= int64(n); i = next.Add(1) {
				if err := c.SendMail("status@acme.example", []string{fmt.Sprintf("user%d@example.org", i)}, bytes.NewReader(raw)); err != nil {
					k.t.Error(err)
				}
			}
		})
	}
	all.Wait()
	return time.Since(start)
}

// fanOut tells all readers of one more update and waits until each delivery is recorded.
func (k *kit) fanOut(i model.Incident, n int) time.Duration {
	k.t.Helper()
	start := time.Now()
	k.news(incident.Identified, "A **database** ran out of connections.\n\n- We roll back.\n- Nothing is lost.", i)
	for k.courier.Channels()[notify.Email].Waiting > 0 {
		<-time.After(10 * time.Millisecond)
	}
	took := time.Since(start)
	var tally store.Tally
	storetest.Read(k.t, k.store, func(v store.View) error {
		counts, err := v.In(i.Workspace).CountDeliveries(bg, i.Page, int64(i.ID))
		newest := int64(0)
		for seq, t := range counts {
			if seq > newest {
				newest, tally = seq, t
			}
		}
		return err
	})
	if tally[model.Delivered] != n {
		k.t.Fatalf("%v", tally)
	}
	return took
}

// sample is one of the mails.
func (k *kit) sample(i model.Incident) []byte {
	k.readers(1)
	k.fanOut(i, 1)
	return k.post.server.Taken()[0].Raw
}

// BenchmarkFanOut tells 10,000 readers by mail, from the event to the last record, and sends the same bytes by a bare loop with as many
// connections, before and after.
func BenchmarkFanOut(b *testing.B) {
	const n = 10_000
	debug.SetGCPercent(200) // as the program does
	k := newPostKit(b, notifytest.MailOptions{})
	k.start()
	defer k.stop()
	i := k.incident("Outage", incident.Manual)
	raw := k.sample(i)
	k.post.server.Forget()
	k.readers(n - 1)
	var loop, own, loopCPU, ownCPU time.Duration
	for b.Loop() {
		began := cpu()
		loop += k.bare(raw, n/2)
		middle := cpu()
		own += k.fanOut(i, n)
		end := cpu()
		loop += k.bare(raw, n/2)
		loopCPU += middle - began + cpu() - end
		ownCPU += end - middle
	}
	b.ReportMetric(float64(n)*float64(b.N)/own.Seconds(), "mails/s")
	b.ReportMetric(loop.Seconds()/own.Seconds(), "of-bare")
	b.ReportMetric(loopCPU.Seconds()/ownCPU.Seconds(), "cpu-of-bare") // which others on the machine do not change
	b.ReportMetric(float64(ownCPU.Microseconds())/float64(n)/float64(b.N), "cpu-us/mail")
	b.ReportMetric(float64(len(raw)), "bytes/mail")
}

// BenchmarkFanOutToASlowServer is the same to a server that takes 50 ms for a mail: the figure is the share of connections / latency.
func BenchmarkFanOutToASlowServer(b *testing.B) {
	const latency, n = 50 * time.Millisecond, 1600
	k := newPostKit(b, notifytest.MailOptions{Forget: true})
	k.post.server.On(func(at notifytest.MailStage, _ string) notifytest.MailAct {
		if at == notifytest.AtDot {
			return notifytest.MailAct{Wait: latency}
		}
		return notifytest.MailAct{}
	})
	k.readers(n)
	k.start()
	defer k.stop()
	i := k.incident("Outage", incident.Manual)
	var took time.Duration
	for b.Loop() {
		took += k.fanOut(i, n)
	}
	rate := float64(n) * float64(b.N) / took.Seconds()
	b.ReportMetric(rate, "mails/s")
	b.ReportMetric(rate/(connections/latency.Seconds()), "of-possible")
}

// BenchmarkWaiting says what 10,000 deliveries cost that wait for a mail server that is broken.
func BenchmarkWaiting(b *testing.B) {
	const n = 10_000
	k := newPostKit(b, notifytest.MailOptions{Forget: true})
	k.post.server.Refuse(notifytest.AtMail, refusal(550, 5, 7, 1))
	k.readers(n)
	k.start()
	defer k.stop()
	before := heap()
	for b.Loop() {
		k.news(incident.Investigating, "we look", k.incident("Outage", incident.Manual))
		k.until("the channel is broken", k.broken)
	}
	b.ReportMetric(float64(heap()-before)/float64(b.N)/1e6, "MB/10000")
	runtime.KeepAlive(k)
}

// cpu is the time of processors that the process has had.
func cpu() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func heap() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
