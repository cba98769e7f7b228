package email

import (
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// line is a connection with an end of its own: go-smtp knows no contexts and sets and lifts deadlines as it goes, and none of them may lie
// behind the attempt's.
type line struct {
	net.Conn
	heard atomic.Bool // a first byte has come

	mu  sync.Mutex
	end time.Time
}

// until sets the end of what follows.
func (l *line) until(end time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.end = end
	l.Conn.SetDeadline(end)
}

func (l *line) earlier(t time.Time) time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	if t.IsZero() || t.After(l.end) {
		return l.end
	}
	return t
}

// SetDeadline sets the deadline, or the end when that is earlier.
func (l *line) SetDeadline(t time.Time) error { return l.Conn.SetDeadline(l.earlier(t)) }

// SetReadDeadline sets the deadline, or the end when that is earlier.
func (l *line) SetReadDeadline(t time.Time) error { return l.Conn.SetReadDeadline(l.earlier(t)) }

// SetWriteDeadline sets the deadline, or the end when that is earlier.
func (l *line) SetWriteDeadline(t time.Time) error { return l.Conn.SetWriteDeadline(l.earlier(t)) }

// Read notes that something came.
func (l *line) Read(p []byte) (int, error) {
	n, err := l.Conn.Read(p)
	if n > 0 {
		l.heard.Store(true)
	}
	return n, err
}
