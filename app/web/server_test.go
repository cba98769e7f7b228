package web

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

func serverFor(t *testing.T, most limits) *Server {
	t.Helper()
	s, err := listen("127.0.0.1:0", quiet(), most)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if err := s.Stop(ctx); err != nil && !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
	})
	return s
}

// fetch asks over a connection of its own.
func fetch(t *testing.T, s *Server, path string) (int, string) {
	t.Helper()
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 10 * time.Second}
	res, err := client.Get("http://" + s.Address().String() + path)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(body)
}

func TestTheServerListensAtOnceAndSaysThatItIsStarting(t *testing.T) {
	s := serverFor(t, defaultLimits)
	if code, _ := fetch(t, s, "/p/shop"); code != 503 {
		t.Errorf("before it is told what to serve: %d", code)
	}
	s.Serve(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "hello") }))
	if code, body := fetch(t, s, "/p/shop"); code != 200 || body != "hello" {
		t.Errorf("%d %q", code, body)
	}
}

// dial opens a connection, sends a text and returns it.
func dial(t *testing.T, s *Server, text string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", s.Address().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if err := c.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(c, text); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestSlowClientsAreCutOffAndOthersAreServedMeanwhile(t *testing.T) {
	most := limits{header: 400 * time.Millisecond, read: 800 * time.Millisecond, write: 800 * time.Millisecond,
		idle: 400 * time.Millisecond, headerBytes: 32 << 10, connections: 2048}
	s := serverFor(t, most)
	s.Serve(site(t, Config{}))
	var slow []net.Conn
	for i := range 300 {
		text := "GET /p/shop HTTP/1.1\r\nHost: x\r\nX-Slow: "
		if i%2 == 0 {
			text = "POST /read HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nabc"
		}
		slow = append(slow, dial(t, s, text))
	}
	if code, _ := fetch(t, s, "/p/shop"); code != 200 {
		t.Errorf("beside slow clients: %d", code)
	}
	for i, c := range slow {
		if _, err := io.Copy(io.Discard, c); isTimeout(err) {
			t.Fatalf("slow client %d was never cut off", i)
		}
	}
}

func isTimeout(err error) bool {
	var ne net.Error
	return errors.As(err, &ne) && ne.Timeout()
}

func TestIdleConnectionsEnd(t *testing.T) {
	most := defaultLimits
	most.idle = 200 * time.Millisecond
	s := serverFor(t, most)
	s.Serve(site(t, Config{}))
	c := dial(t, s, "GET /p/shop HTTP/1.1\r\nHost: x\r\n\r\n")
	if _, err := io.Copy(io.Discard, c); isTimeout(err) {
		t.Error("an idle connection was kept")
	}
}

func TestHeadersAreBounded(t *testing.T) {
	s := serverFor(t, defaultLimits)
	s.Serve(site(t, Config{}))
	c := dial(t, s, "GET /p/shop HTTP/1.1\r\nHost: x\r\nX-Long: "+strings.Repeat("a", 60<<10)+"\r\n\r\n")
	line, err := bufio.NewReader(c).ReadString('\n')
	if err != nil || !strings.Contains(line, "431") {
		t.Errorf("%q, %v", line, err)
	}
}

func TestMoreConnectionsThanMayBeWaitTheirTurn(t *testing.T) {
	most := defaultLimits
	most.connections = 2
	s := serverFor(t, most)
	s.Serve(site(t, Config{}))
	first, second := dial(t, s, "GET /p/a HTTP/1.1\r\n"), dial(t, s, "GET /p/b HTTP/1.1\r\n")
	third := dial(t, s, "GET /p/c HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
	answered := make(chan error, 1)
	go func() {
		line, err := bufio.NewReader(third).ReadString('\n')
		if err == nil && !strings.Contains(line, "200") {
			err = fmt.Errorf("answered %q", line)
		}
		answered <- err
	}()
	first.Close()
	second.Close()
	if err := <-answered; err != nil {
		t.Error(err)
	}
}

func TestStopCutsOffWhatDoesNotEnd(t *testing.T) {
	s := serverFor(t, defaultLimits)
	begun := make(chan struct{})
	s.Serve(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		close(begun)
		<-r.Context().Done()
	}))
	dial(t, s, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	<-begun
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	if err := s.Stop(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("err = %v", err)
	}
}
