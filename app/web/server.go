package web

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"time"
)

// limits are what a connection may cost.
type limits struct {
	header, read, write, idle time.Duration // until the headers are in, the whole request is, the answer is out, the next begins
	headerBytes               int
	connections               int
}

// Source: RELIABILITY E11.
var defaultLimits = limits{
	header: 5 * time.Second, read: 30 * time.Second, write: 30 * time.Second, idle: time.Minute,
	headerBytes: 32 << 10, connections: 2048,
}

// runTimeout is for an answer that waits for a probe: six attempts of a minute and the pauses between them; or for the connection to a
// restart target, of which each step has its own time.
const runTimeout = 7 * time.Minute

// waits says whether the answer to a request waits for somebody else's.
func waits(r *http.Request) bool {
	return r.Method == http.MethodPost && (strings.HasSuffix(r.URL.Path, "/run") || strings.HasSuffix(r.URL.Path, "/connection"))
}

// Server listens at once and answers 503 until it is told what to serve.
type Server struct {
	http     *http.Server
	listener *bounded
	handler  atomic.Pointer[http.Handler]
	failed   chan error
}

// Listen opens the address and begins to answer.
func Listen(address string, log *slog.Logger) (*Server, error) {
	return listen(address, log, defaultLimits)
}

func listen(address string, log *slog.Logger, most limits) (*Server, error) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, err
	}
	places := bound(l.(*net.TCPListener), most)
	s := &Server{listener: places, failed: make(chan error, 1)}
	s.Serve(http.HandlerFunc(starting))
	s.http = &http.Server{
		Handler:           http.HandlerFunc(s.dispatch),
		ReadHeaderTimeout: most.header,
		ReadTimeout:       most.read,
		WriteTimeout:      most.write,
		IdleTimeout:       most.idle,
		MaxHeaderBytes:    most.headerBytes,
		ConnState:         places.left,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug), // strangers' broken handshakes and the like
	}
	go func() {
		if err := s.http.Serve(places); !errors.Is(err, http.ErrServerClosed) {
			s.failed <- err
		}
	}()
	return s, nil
}

// Address is where it listens.
func (s *Server) Address() net.Addr { return s.listener.Addr() }

// Failed receives the error after which nothing is served any more.
func (s *Server) Failed() <-chan error { return s.failed }

// Serve replaces what is served, from the next request on.
func (s *Server) Serve(h http.Handler) { s.handler.Store(&h) }

func (s *Server) dispatch(w http.ResponseWriter, r *http.Request) {
	if waits(r) {
		rc := http.NewResponseController(w)
		until := time.Now().Add(runTimeout)
		_ = errors.Join(rc.SetReadDeadline(until), rc.SetWriteDeadline(until)) // at worst it is cut off as any other
	}
	(*s.handler.Load()).ServeHTTP(w, r)
}

func starting(w http.ResponseWriter, _ *http.Request) {
	secure(w.Header(), false)
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Retry-After", "1")
	http.Error(w, "starting or stopping", http.StatusServiceUnavailable)
}

// Stop accepts nothing new and waits for the answers that are under way, until the context ends.
func (s *Server) Stop(ctx context.Context) error {
	defer s.listener.finish()
	err := s.http.Shutdown(ctx)
	if err != nil {
		return errors.Join(err, s.http.Close())
	}
	return nil
}
