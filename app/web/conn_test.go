package web

import (
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"testing"
	"time"
)

// pair is both ends of a connection through a bounded listener whose sweeps the test makes itself.
func pair(t *testing.T) (*bounded, *conn, net.Conn) {
	t.Helper()
	l, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	most := defaultLimits
	most.connections = 1
	b := bound(l, most)
	t.Cleanup(func() { b.Close(); b.finish() })
	other, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	accepted, err := b.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { other.Close(); accepted.Close() })
	return b, accepted.(*conn), other
}

func TestAPassedDeadlineInterruptsAtTheNextSweep(t *testing.T) {
	b, c, other := pair(t)
	now := time.Now()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(c.SetDeadline(now.Add(time.Second)))
	must(c.SetReadDeadline(now.Add(time.Minute))) // moved on before it passed
	b.check(now.Add(2 * time.Second))
	_, err := other.Write([]byte("a"))
	must(err)
	_, err = c.Read(make([]byte, 1))
	must(err)
	if _, err := c.Write([]byte("a")); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("a write after its deadline: %v", err)
	}
	b.check(now.Add(2 * time.Minute))
	if _, err := c.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("a read after its deadline: %v", err)
	}
	must(c.SetReadDeadline(time.Time{})) // a new one, or none, takes back what the sweep did
	_, err = other.Write([]byte("b"))
	must(err)
	_, err = c.Read(make([]byte, 1))
	must(err)
}

func TestADeadlineInThePastInterruptsAtOnce(t *testing.T) {
	_, c, _ := pair(t)
	done := make(chan error, 1)
	go func() { _, err := io.ReadFull(c, make([]byte, 1)); done <- err }()
	if err := c.SetReadDeadline(time.Unix(1, 0)); err != nil {
		t.Fatal(err)
	}
	if err := <-done; !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("%v", err)
	}
}

func TestAConnectionThatEndedFreesItsPlace(t *testing.T) {
	b, c, _ := pair(t)
	if len(b.places) != 1 {
		t.Fatalf("%d places taken by one connection", len(b.places))
	}
	b.left(c, http.StateIdle)
	b.left(c, http.StateClosed)
	if len(b.places) != 0 || len(b.open) != 0 {
		t.Errorf("%d places and %d connections are kept", len(b.places), len(b.open))
	}
}
