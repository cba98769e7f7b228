package notifytest

import (
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"
)

// Server is one host and port with any number of receivers, each at a path of its own.
type Server struct {
	*httptest.Server
	over chan struct{}

	mu        sync.Mutex
	receivers map[string]Behaviour
	got       map[string][]Got
}

// Got is one request that came, whole.
type Got struct {
	Header http.Header
	Body   []byte
	At     time.Time
}

// New starts a server that speaks http.
func New(t testing.TB) *Server {
	t.Helper()
	s := Unstarted(t)
	s.Start()
	return s
}

// Unstarted makes a server that the caller starts: with TLS, say. It ends with the test.
func Unstarted(t testing.TB) *Server {
	t.Helper()
	s := &Server{over: make(chan struct{}), receivers: map[string]Behaviour{}, got: map[string][]Got{}}
	s.Server = httptest.NewUnstartedServer(s)
	t.Cleanup(func() { close(s.over); s.Close() })
	return s
}

// Receiver puts a receiver at a path and returns its URL. The server has started.
func (s *Server) Receiver(path string, does Behaviour) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.receivers[path] = does
	return s.URL + path
}

// Got returns what came to a path, in the order in which it came.
func (s *Server) Got(path string) []Got {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Got(nil), s.got[path]...)
}

// ServeHTTP reads the whole request, then leaves it to the path's receiver.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	s.mu.Lock()
	s.got[r.URL.Path] = append(s.got[r.URL.Path], Got{r.Header.Clone(), body, time.Now()})
	does := s.receivers[r.URL.Path]
	s.mu.Unlock()
	if does == nil {
		http.NotFound(w, r)
		return
	}
	does(w, r, s.over)
}
