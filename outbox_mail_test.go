package main

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"net/mail"
	"strings"
	"testing"
	"time"

	"statusd/app/model"
	"statusd/notify/notifytest"
	"statusd/store"
)

// populated is a data folder with a page and readers by mail who have confirmed, each told under an address of its own.
func populated(t *testing.T, readers int) (data, token, page string) {
	t.Helper()
	data = t.TempDir()
	token = command(t, data, "token", "create", "--name", "test", "--role", "owner", "--admin")
	s := serve(t, data)
	page = newClient(s.address, token).make(t, "pages", map[string]any{"name": "Test", "slug": "test"})
	if err := s.terminate(t); err != nil {
		t.Fatal(err)
	}
	db, err := store.Open(t.Context(), store.Options{Dir: data})
	if err != nil {
		t.Fatal(err)
	}
	err = db.Write(t.Context(), store.Synced, func(tx *store.Tx) error { return addReaders(t.Context(), tx, readers) })
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return data, token, page
}

func addReaders(ctx context.Context, tx *store.Tx, n int) error {
	p, err := tx.PageBySlug(ctx, "test")
	for i := range n {
		if err != nil {
			return err
		}
		now := time.Now()
		err = tx.In(p.Workspace).AddSubscriber(ctx, model.Subscriber{
			ID: model.NewSubscriberID(), Workspace: p.Workspace, Page: p.ID, Channel: model.Email, State: model.Active, Topic: model.TopicAll, Locale: "en",
			Address: model.Secret(reader(i)), Token: model.Secret(fmt.Sprintf("token%021d", i)), Host: "smtp", Created: now, Active: now, Updated: now,
		}, fmt.Appendf(nil, "hash%d", i))
	}
	return err
}

func reader(i int) string { return fmt.Sprintf("reader%d@example.org", i) }

// posting is a server that sends mails, at a port of its own, and how to ask it for the host that its links have.
type posting struct {
	listen string
	smtp   int
}

func newPosting(t *testing.T, smtp int) posting {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return posting{l.Addr().String(), smtp}
}

func (p posting) serve(t *testing.T, data string) *running {
	t.Helper()
	return serve(t, data, "--listen", p.listen, "--base-url", "https://status.example.com",
		"--smtp-url", fmt.Sprintf("smtp://127.0.0.1:%d?from=status@example.com&tls=none", p.smtp))
}

func (p posting) client(token string) *client {
	c := newClient("http://status.example.com", token)
	c.http.Transport = &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, p.listen)
	}}
	return c
}

// TestAFanOutOfMailsSurvivesAKillInItsMiddle tells 1,000 readers of three incidents, one after the other, and kills the process in the
// first third of each fan-out, in the second, in the third.
func TestAFanOutOfMailsSurvivesAKillInItsMiddle(t *testing.T) {
	const readers, kills = 1000, 3
	data, token, page := populated(t, readers)
	server := notifytest.NewMailServer(t, notifytest.MailOptions{})
	p := newPosting(t, server.Port)
	s, c := p.serve(t, data), p.client(token)
	for round := range kills {
		c.make(t, "pages/"+page+"/incidents", map[string]any{"title": fmt.Sprintf("Outage %d", round), "impact": "minor", "body": "we look"})
		sofar := server.Count()
		for end := time.Now().Add(time.Minute); server.Count() < sofar+readers*(round+1)/4 && time.Now().Before(end); {
			<-time.After(time.Millisecond)
		}
		s.kill()
		s = p.serve(t, data)
	}
	settled(t, c, page)
	repeats := 0
	for i, got := range received(t, server, readers) {
		repeats += checkMails(t, reader(i), got, kills)
	}
	t.Logf("%d repeats over %d kills", repeats, kills)
	if most := kills * mostInFlight; repeats > most {
		t.Errorf("%d repeats, at most %d were in flight", repeats, most)
	}
	if strings.Contains(s.log.String(), "@example.org") {
		t.Error("an address is logged")
	}
	if err := s.terminate(t); err != nil {
		t.Fatal(err)
	}
}

// took is a mail as a reader has it.
type took struct{ id, subject string }

// received are the mails of each reader, in the order of arrival.
func received(t *testing.T, server *notifytest.MailServer, readers int) [][]took {
	t.Helper()
	number := map[string]int{}
	for i := range readers {
		number[reader(i)] = i
	}
	out := make([][]took, readers)
	for _, m := range server.Taken() {
		parsed, err := mail.ReadMessage(bytes.NewReader(m.Raw))
		i, known := number[m.To]
		if err != nil || !known {
			t.Fatalf("%s: %v", m.To, err)
		}
		out[i] = append(out[i], took{parsed.Header.Get("Message-Id"), parsed.Header.Get("Subject")})
	}
	return out
}

// checkMails holds what one reader got against what happened, and says how much came more than once.
func checkMails(t *testing.T, who string, got []took, incidents int) (repeats int) {
	t.Helper()
	ids, last := map[string]string{}, ""
	for _, m := range got {
		if m.subject < last {
			t.Errorf("%s: %q after %q", who, m.subject, last)
		}
		if m.subject == last {
			repeats++
			if ids[last] != m.id {
				t.Errorf("%s: %q came under two ids", who, last)
			}
		}
		last, ids[m.subject] = m.subject, m.id
	}
	for i := range incidents {
		if want := fmt.Sprintf("[Test] Outage %d", i); ids[want] == "" {
			t.Errorf("%s was never told of %q", who, want)
		}
	}
	return repeats
}

// TestAMailIsTakenByARealMailServer goes the whole road, from the API to the box that a mail server keeps.
func TestAMailIsTakenByARealMailServer(t *testing.T) {
	data, token, page := populated(t, 1)
	mta := notifytest.NewExim(t)
	p := newPosting(t, mta.Port)
	s, c := p.serve(t, data), p.client(token)
	c.make(t, "pages/"+page+"/incidents", map[string]any{"title": "Çökme", "impact": "minor", "body": "we **look**"})
	text := mta.Box(t, 1)
	settled(t, c, page)
	code, out, err := c.call(http.MethodGet, "pages/"+page+"/deliveries?state=delivered", nil)
	if err != nil || code != http.StatusOK || len(out["items"].([]any)) != 1 {
		t.Fatalf("%d %v %v", code, out, err)
	}
	for _, want := range []string{"\nTo: <reader0@example.org>\n", "\nSubject: =?utf-8?B?W1Rlc3RdIMOHw7ZrbWU=?=\n", "\nList-Id: \"Test\" <test.status.example.com>\n",
		"\nList-Unsubscribe: <https://status.example.com/p/test/unsubscribe?token=token", "\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\n", "we look"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text[:min(len(text), 3000)])
		}
	}
	if err := s.terminate(t); err != nil {
		t.Fatal(err)
	}
}
