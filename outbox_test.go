package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// The outbox of the real binary, killed at random moments: what its clients were told, held against what receivers got.

// mailbox is a server with a receiver at each path, which writes down what came. It lives on several hosts: each is spared.
type mailbox struct {
	hosts []string // URLs
	mu    sync.Mutex
	got   map[string][]letter // by path, in the order of arrival
}

// letter is one request that a receiver took.
type letter struct {
	id       string // webhook-id
	incident string
	body     string // in English
}

func newMailbox(t *testing.T) *mailbox {
	t.Helper()
	m := &mailbox{got: map[string][]letter{}}
	for i := range 10 {
		listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.%d:0", i+1))
		if err != nil {
			t.Fatal(err)
		}
		s := &httptest.Server{Listener: listener, Config: &http.Server{Handler: m}}
		s.Start()
		t.Cleanup(s.Close)
		m.hosts = append(m.hosts, s.URL)
	}
	return m
}

// hook is the URL of a receiver.
func (m *mailbox) hook(i int) string { return fmt.Sprintf("%s/%d", m.hosts[i%len(m.hosts)], i) }

func (m *mailbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var payload struct {
		Data struct {
			IncidentID string `json:"incidentId"`
			Update     struct {
				Body map[string]string `json:"body"`
			} `json:"update"`
		} `json:"data"`
	}
	text, err := io.ReadAll(r.Body)
	if err != nil || json.Unmarshal(text, &payload) != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.got[r.URL.Path] = append(m.got[r.URL.Path], letter{r.Header.Get("Webhook-Id"), payload.Data.IncidentID, payload.Data.Update.Body["en"]})
}

// letters is what came to a path until now.
func (m *mailbox) letters(path string) []letter {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]letter(nil), m.got[path]...)
}

// arrived is how many letters came to all paths.
func (m *mailbox) arrived() (n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, l := range m.got {
		n += len(l)
	}
	return n
}

// subscribe makes a webhook subscriber, each as a visitor of its own: the limit is for one address.
func subscribe(t *testing.T, base, hook string, visitor int) {
	t.Helper()
	body, err := json.Marshal(map[string]string{"type": "webhook", "webhookUrl": hook})
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequest(http.MethodPost, base+"/api/v1/status/test/subscribe", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Forwarded-For", fmt.Sprintf("10.0.%d.%d", visitor/250, visitor%250+1))
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if answer, _ := io.ReadAll(res.Body); res.StatusCode != http.StatusCreated {
		t.Fatalf("subscribe: %d %s", res.StatusCode, answer)
	}
}

// outboxFlags let webhooks reach the test, which stands for a proxy with many visitors behind it.
var outboxFlags = []string{"--webhook-allow", "127.0.0.0/8", "--trusted-proxies", "127.0.0.0/8"}

// settled waits until nothing of a page is on its way any more.
func settled(t *testing.T, c *client, page string) {
	t.Helper()
	for end := time.Now().Add(2 * time.Minute); ; <-time.After(100 * time.Millisecond) {
		code, out, err := c.call(http.MethodGet, "pages/"+page+"/deliveries?state=waiting&limit=1", nil)
		if err != nil || code != http.StatusOK {
			t.Fatalf("deliveries: %d %v %v", code, out, err)
		}
		if len(out["items"].([]any)) == 0 {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("still on its way after two minutes: %v", out["items"])
		}
	}
}

// story is what one writer says about one incident: numbered updates, of which each that was acknowledged must be told.
type story struct {
	incident string
	next     int
	acked    []string
}

// tell posts a few updates, or as many as the server takes until it is gone.
func (s *story) tell(ctx context.Context, c *client) {
	for range 5 {
		if ctx.Err() != nil {
			return
		}
		s.next++
		body := fmt.Sprintf("update %06d", s.next)
		code, _, err := c.call(http.MethodPost, "incidents/"+s.incident+"/updates", map[string]any{"status": "investigating", "body": body})
		if err != nil {
			return
		}
		if code == http.StatusCreated {
			s.acked = append(s.acked, body)
		}
	}
}

func TestNoMessageIsLostOrOvertakenWhenTheProcessIsKilled(t *testing.T) {
	t.Parallel()
	data, token, page := instance(t)
	box := newMailbox(t)
	const receivers, writers = 4, 8
	s := serve(t, data, outboxFlags...)
	c := newClient(s.address, token)
	for i := range receivers {
		subscribe(t, s.address, box.hook(i), i)
	}
	stories := make([]*story, writers)
	for i := range stories {
		stories[i] = &story{incident: c.make(t, "pages/"+page+"/incidents", map[string]any{
			"title": fmt.Sprintf("Story %d", i), "impact": "minor", "body": "update 000000",
		})}
		stories[i].acked = []string{"update 000000"}
	}
	s.kill()
	rnd := rand.New(rand.NewPCG(5, 5))
	const rounds = 15
	for range rounds {
		s := serve(t, data, outboxFlags...)
		ctx, stop := context.WithCancel(context.Background())
		var wg sync.WaitGroup
		for _, one := range stories {
			wg.Go(func() { one.tell(ctx, newClient(s.address, token)) })
		}
		<-time.After(time.Duration(50+rnd.IntN(400)) * time.Millisecond) // the moment is what is random here
		s.kill()
		stop()
		wg.Wait()
		judge(t, data)
	}
	s = serve(t, data, outboxFlags...)
	settled(t, newClient(s.address, token), page)
	acked := 0
	for _, one := range stories {
		acked += len(one.acked)
	}
	if acked < 10*rounds {
		t.Fatalf("only %d updates were acknowledged: the test proves nothing", acked)
	}
	repeats := 0
	for i := range receivers {
		repeats += checkLetters(t, box.letters(fmt.Sprintf("/%d", i)), stories)
	}
	t.Logf("%d updates to %d receivers over %d kills, %d repeats", acked, receivers, rounds+1, repeats)
	if most := receivers * writers * (rounds + 1); repeats > most {
		t.Errorf("%d repeats, at most %d were in flight", repeats, most)
	}
	if err := s.terminate(t); err != nil {
		t.Fatal(err)
	}
}

// checkLetters holds what one receiver got against the stories, and says how much came more than once.
func checkLetters(t *testing.T, letters []letter, stories []*story) (repeats int) {
	t.Helper()
	ids := map[string]string{} // what came under an id
	last := map[string]string{}
	for _, l := range letters {
		if before, ok := ids[l.id]; ok {
			repeats++
			if before != l.incident+l.body {
				t.Errorf("%s is %q and %q", l.id, before, l.incident+l.body)
			}
		}
		ids[l.id] = l.incident + l.body
		if l.body < last[l.incident] {
			t.Errorf("%s came after %s", l.body, last[l.incident])
		}
		last[l.incident] = l.body
	}
	came := map[string]bool{}
	for _, what := range ids {
		if came[what] {
			t.Errorf("%q came under two ids", what)
		}
		came[what] = true
	}
	for _, s := range stories {
		for _, body := range s.acked {
			if !came[s.incident+body] {
				t.Errorf("%s of %s was acknowledged and never told", body, s.incident)
			}
		}
	}
	return repeats
}

// mostInFlight is what the dispatcher has going on at a time in one channel, and what it has not recorded yet.
const mostInFlight = 300

func TestAFanOutSurvivesAKillInItsMiddle(t *testing.T) {
	data, token, page := instance(t)
	box := newMailbox(t)
	const subscribers = 1000
	s := serve(t, data, outboxFlags...)
	for i := range subscribers {
		subscribe(t, s.address, box.hook(i), i)
	}
	c := newClient(s.address, token)
	one := &story{incident: c.make(t, "pages/"+page+"/incidents", map[string]any{"title": "All", "impact": "minor", "body": "update 000000"})}
	one.acked = []string{"update 000000"}
	for round := range 3 { // in the first third of the fan-out, in the second, in the third
		one.next++
		body := fmt.Sprintf("update %06d", one.next)
		one.acked = append(one.acked, body)
		if code, out, err := c.call(http.MethodPost, "incidents/"+one.incident+"/updates", map[string]any{"body": body}); err != nil || code != http.StatusCreated {
			t.Fatalf("%d %v %v", code, out, err)
		}
		sofar := box.arrived()
		for end := time.Now().Add(time.Minute); box.arrived() < sofar+subscribers*(round+1)/4 && time.Now().Before(end); {
			<-time.After(time.Millisecond)
		}
		s.kill()
		s = serve(t, data, outboxFlags...)
		c = newClient(s.address, token)
	}
	settled(t, c, page)
	repeats := 0
	for i := range subscribers {
		repeats += checkLetters(t, box.letters(fmt.Sprintf("/%d", i)), []*story{one})
	}
	t.Logf("%d repeats over 3 kills", repeats)
	if most := 3 * mostInFlight; repeats > most {
		t.Errorf("%d repeats, at most %d were in flight", repeats, most)
	}
	if !strings.Contains(s.log.String(), `"delivery"`) {
		t.Error("deliveries are not logged")
	}
	if err := s.terminate(t); err != nil {
		t.Fatal(err)
	}
}
