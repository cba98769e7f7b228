package probetest

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// Server is a friendly server. Its setters may be called while it serves.
type Server struct {
	URL string // http://127.0.0.1:port

	mu     sync.Mutex
	status int
	body   string
	header http.Header
	delay  time.Duration
	down   bool
	hits   int
	last   Request
	ended  chan struct{}
}

// Request is what a server was asked.
type Request struct {
	Method, Host, URI, Body string
	Header                  http.Header
}

// New starts a server that answers 200 "ok".
func New(t testing.TB) *Server {
	t.Helper()
	s := &Server{status: http.StatusOK, body: "ok", header: http.Header{}, ended: make(chan struct{})}
	under := httptest.NewServer(s)
	t.Cleanup(func() { close(s.ended); under.Close() })
	s.URL = under.URL
	return s
}

// ServeHTTP answers as it was told.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	s.mu.Lock()
	s.hits++
	s.last = Request{r.Method, r.Host, r.RequestURI, string(body), r.Header.Clone()}
	status, say, header, delay, down := s.status, s.body, s.header.Clone(), s.delay, s.down
	s.mu.Unlock()
	if delay > 0 {
		select {
		case <-time.After(delay):
		case <-r.Context().Done():
		case <-s.ended:
		}
	}
	if down {
		http.Error(w, "down for now", http.StatusServiceUnavailable)
		return
	}
	for name, values := range header {
		w.Header()[name] = values
	}
	w.WriteHeader(status)
	io.WriteString(w, say)
}

// Status sets the status of its answers.
func (s *Server) Status(code int) *Server { return s.set(func() { s.status = code }) }

// Body sets the body of its answers.
func (s *Server) Body(body string) *Server { return s.set(func() { s.body = body }) }

// Header sets a header of its answers.
func (s *Server) Header(name, value string) *Server {
	return s.set(func() { s.header.Set(name, value) })
}

// Delay sets how long it waits before it answers.
func (s *Server) Delay(d time.Duration) *Server { return s.set(func() { s.delay = d }) }

// Redirect makes it answer with a redirect.
func (s *Server) Redirect(code int, to string) *Server {
	return s.Status(code).Header("Location", to)
}

// Down makes it answer 503, until Up.
func (s *Server) Down() *Server { return s.set(func() { s.down = true }) }

// Up ends Down.
func (s *Server) Up() *Server { return s.set(func() { s.down = false }) }

func (s *Server) set(change func()) *Server {
	s.mu.Lock()
	defer s.mu.Unlock()
	change()
	return s
}

// Hits returns how many requests came.
func (s *Server) Hits() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.hits
}

// Last returns the newest request; the zero Request when none came.
func (s *Server) Last() Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.last
}

// Port returns the port of a URL that one of the functions here returned.
func Port(url string) string { return url[strings.LastIndexByte(url, ':')+1:] }
