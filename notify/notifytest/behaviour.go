package notifytest

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"time"
)

// Behaviour is what a receiver does with a request that it has read. over closes when the test ends.
type Behaviour func(w http.ResponseWriter, r *http.Request, over <-chan struct{})

// Answer gives a status, with headers by pairs of name and value.
func Answer(status int, headers ...string) Behaviour {
	return func(w http.ResponseWriter, _ *http.Request, _ <-chan struct{}) {
		for i := 0; i+1 < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(status)
		io.WriteString(w, "ok\n")
	}
}

// Slowly answers 200 after a while.
func Slowly(after time.Duration) Behaviour {
	return func(w http.ResponseWriter, r *http.Request, over <-chan struct{}) {
		if wait(r, over, after) {
			w.WriteHeader(http.StatusOK)
		}
	}
}

// Hang never answers.
func Hang(_ http.ResponseWriter, r *http.Request, over <-chan struct{}) {
	select {
	case <-r.Context().Done():
	case <-over:
	}
}

// DripBody answers 200 and then a byte of a body at each step, without an end.
func DripBody(step time.Duration) Behaviour {
	return func(w http.ResponseWriter, r *http.Request, over <-chan struct{}) {
		w.WriteHeader(http.StatusOK)
		for wait(r, over, step) {
			w.Write([]byte{'.'})
			w.(http.Flusher).Flush()
		}
	}
}

// NeverClose answers 200 and the beginning of a body, and keeps the connection.
func NeverClose(w http.ResponseWriter, r *http.Request, over <-chan struct{}) {
	w.Header().Set("Content-Length", "1000")
	w.Write([]byte("the beginning"))
	w.(http.Flusher).Flush()
	Hang(w, r, over)
}

// Flood answers 200 and a gibibyte, or as much of it as anybody takes; took is told how much that was.
func Flood(took func(int64)) Behaviour {
	return func(w http.ResponseWriter, _ *http.Request, _ <-chan struct{}) {
		var sent int64
		chunk := bytes.Repeat([]byte("x"), 64<<10)
		for sent < 1<<30 {
			n, err := w.Write(chunk)
			sent += int64(n)
			if err != nil {
				break
			}
		}
		took(sent)
	}
}

// DripHeaders begins an answer and goes on with a byte of a header at each step, without an end.
func DripHeaders(step time.Duration) Behaviour {
	return taken(func(c net.Conn, over <-chan struct{}) {
		io.WriteString(c, "HTTP/1.1 200 OK\r\nX-Drip: ")
		for {
			select {
			case <-over:
				return
			case <-time.After(step):
			}
			if _, err := c.Write([]byte{'.'}); err != nil {
				return
			}
		}
	})
}

// Raw answers with these bytes and closes.
func Raw(answer string) Behaviour {
	return taken(func(c net.Conn, _ <-chan struct{}) { io.WriteString(c, answer) })
}

// Reset resets the connection instead of answering.
func Reset(w http.ResponseWriter, r *http.Request, over <-chan struct{}) {
	taken(func(c net.Conn, _ <-chan struct{}) {
		if tcp, ok := c.(*net.TCPConn); ok {
			tcp.SetLinger(0)
		}
	})(w, r, over)
}

// taken takes the connection from the HTTP server and closes it in the end.
func taken(does func(c net.Conn, over <-chan struct{})) Behaviour {
	return func(w http.ResponseWriter, _ *http.Request, over <-chan struct{}) {
		c, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			return
		}
		defer c.Close()
		does(c, over)
	}
}

// wait says whether the time passed with the caller still there.
func wait(r *http.Request, over <-chan struct{}, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-r.Context().Done():
	case <-over:
	}
	return false
}
