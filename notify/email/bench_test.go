package email_test

import (
	"bytes"
	"fmt"
	"net"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"statusd/notify"
	"statusd/notify/email"
	"statusd/notify/notifytest"
)

const connections = 8

// each calls send for n mails from as many goroutines as there are connections, and returns how long it took.
func each(n int, send func(worker, i int)) time.Duration {
	start := time.Now()
	var next atomic.Int64
	var all sync.WaitGroup
	for worker := range connections {
		all.Go(func() {
			for i := next.Add(1); i <= int64(n); i = next.Add(1) {
				send(worker, int(i))
			}
		})
	}
	all.Wait()
	return time.Since(start)
}

// letterTo is a mail of about four kilobytes.
func letterTo(i int) email.Mail {
	m := full()
	m.ID, m.To = "d"+strconv.Itoa(i), fmt.Sprintf("user%d@example.org", i)
	return m
}

// bare sends the same bytes in a loop over go-smtp's client.
func bare(b *testing.B, server *notifytest.MailServer, n int) time.Duration {
	clients := make([]*smtp.Client, connections)
	for i := range clients {
		c, err := smtp.Dial(net.JoinHostPort(server.Host, strconv.Itoa(server.Port)))
		if err != nil {
			b.Fatal(err)
		}
		defer c.Quit()
		clients[i] = c
	}
	raw := compose(b, letterTo(1))
	return each(n, func(worker, i int) {
		if err := clients[worker].SendMail(sender.Address, []string{fmt.Sprintf("user%d@example.org", i)}, bytes.NewReader(raw)); err != nil {
			b.Error(err)
		}
	})
}

func ours(b *testing.B, s *email.Sender, n int) time.Duration {
	return each(n, func(_, i int) {
		if out := s.Send(b.Context(), letterTo(i)); out.Kind != notify.Success {
			b.Error(shown(out))
		}
	})
}

// BenchmarkSender sends mails through a server beside it, and the same bytes by a bare loop with as many connections.
func BenchmarkSender(b *testing.B) {
	server := notifytest.NewMailServer(b, notifytest.MailOptions{Forget: true})
	s := newSender(b, clear(server), email.Options{Connections: connections})
	const n = 10_000
	var loop, own time.Duration
	for b.Loop() {
		loop += bare(b, server, n/2)
		own += ours(b, s, n)
		loop += bare(b, server, n/2)
	}
	b.ReportMetric(float64(n)*float64(b.N)/own.Seconds(), "mails/s")
	b.ReportMetric(loop.Seconds()/own.Seconds(), "of-bare")
}

// BenchmarkSlowServer sends to a server that takes its time: the figures are the shares of connections / latency, and of a bare loop.
func BenchmarkSlowServer(b *testing.B) {
	const latency, n = 50 * time.Millisecond, 800
	server := notifytest.NewMailServer(b, notifytest.MailOptions{Forget: true})
	server.On(func(at notifytest.MailStage, _ string) notifytest.MailAct {
		if at == notifytest.AtDot {
			return notifytest.MailAct{Wait: latency}
		}
		return notifytest.MailAct{}
	})
	s := newSender(b, clear(server), email.Options{Connections: connections})
	var took, loop time.Duration
	for b.Loop() {
		took += ours(b, s, n)
		loop += bare(b, server, n)
	}
	rate := float64(n) * float64(b.N) / took.Seconds()
	b.ReportMetric(rate, "mails/s")
	b.ReportMetric(rate/(connections/latency.Seconds()), "of-possible")
	b.ReportMetric(loop.Seconds()/took.Seconds(), "of-bare")
}
