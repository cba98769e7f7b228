package probetest

import (
	"bufio"
	"bytes"
	"net"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Serve listens on loopback, gives each connection to a goroutine of its own, and closes it afterwards. It returns host:port.
// When the test ends every connection is closed, and waited for.
func Serve(t testing.TB, serve func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var (
		mu    sync.Mutex
		open  = map[net.Conn]bool{}
		ended bool
		all   sync.WaitGroup
	)
	one := func(c net.Conn) {
		mu.Lock()
		open[c] = true
		if ended {
			c.Close()
		}
		mu.Unlock()
		serve(c)
		c.Close()
		mu.Lock()
		delete(open, c)
		mu.Unlock()
	}
	all.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			all.Go(func() { one(c) })
		}
	})
	t.Cleanup(func() {
		l.Close()
		mu.Lock()
		ended = true
		for c := range open {
			c.Close()
		}
		mu.Unlock()
		all.Wait()
	})
	return l.Addr().String()
}

// Wire is Serve as a URL of plain HTTP.
func Wire(t testing.TB, serve func(net.Conn)) string {
	t.Helper()
	return "http://" + Serve(t, serve)
}

// Head reads up to the end of a request's headers and returns what it read.
func Head(c net.Conn) []byte {
	var head []byte
	in := bufio.NewReaderSize(c, 4<<10)
	for {
		line, err := in.ReadBytes('\n')
		head = append(head, line...)
		if err != nil || len(bytes.TrimSpace(line)) == 0 {
			return head
		}
	}
}

// Raw answers every request with these bytes and closes.
func Raw(t testing.TB, answer []byte) string {
	t.Helper()
	return Wire(t, func(c net.Conn) { Head(c); c.Write(answer) })
}

// Hold answers with these bytes and then says nothing more, with the connection open.
func Hold(t testing.TB, answer []byte) string {
	t.Helper()
	return Wire(t, func(c net.Conn) { Head(c); c.Write(answer); Hang(c) })
}

// Early says these bytes before it was asked, as SSH and SMTP do.
func Early(t testing.TB, greeting []byte) string {
	t.Helper()
	return Wire(t, func(c net.Conn) { c.Write(greeting); Hang(c) })
}

// Echo says what it hears.
func Echo(t testing.TB) string {
	t.Helper()
	return Wire(t, func(c net.Conn) { c.Write(Head(c)) })
}

// Silent accepts and says nothing.
func Silent(t testing.TB) string {
	t.Helper()
	return Wire(t, Hang)
}

// Closing reads a request and closes.
func Closing(t testing.TB) string {
	t.Helper()
	return Raw(t, nil)
}

// Reset reads a request, answers with these bytes, and resets the connection.
func Reset(t testing.TB, answer []byte) string {
	t.Helper()
	return Wire(t, func(c net.Conn) {
		Head(c)
		c.Write(answer)
		Break(c)
	})
}

// Drip answers one byte at a time, so long apart.
func Drip(t testing.TB, answer []byte, apart time.Duration) string {
	t.Helper()
	return Wire(t, func(c net.Conn) { Head(c); Dribble(c, answer, apart) })
}

// Dribble writes one byte at a time.
func Dribble(c net.Conn, answer []byte, apart time.Duration) {
	tick := time.NewTicker(apart)
	defer tick.Stop()
	for i := range answer {
		if _, err := c.Write(answer[i : i+1]); err != nil {
			return
		}
		<-tick.C
	}
}

// Hang reads until the other side is gone.
func Hang(c net.Conn) {
	var sink [4 << 10]byte
	for {
		if _, err := c.Read(sink[:]); err != nil {
			return
		}
	}
}

// Break resets a connection.
func Break(c net.Conn) {
	if under, ok := c.(interface{ NetConn() net.Conn }); ok {
		c = under.NetConn()
	}
	if tcp, ok := c.(*net.TCPConn); ok {
		tcp.SetLinger(0)
	}
	c.Close()
}

// Refused is the URL of a port where nothing listens.
func Refused(t testing.TB) string {
	t.Helper()
	// Bound but not listening: nobody else can take it meanwhile.
	return "http://127.0.0.1:" + bound(t, func(int) error { return nil })
}

// Full is the URL of a port that drops what comes, as a firewall does: its backlog is full.
func Full(t testing.TB) string {
	t.Helper()
	port := bound(t, func(fd int) error { return syscall.Listen(fd, 0) })
	for {
		c, err := net.DialTimeout("tcp", "127.0.0.1:"+port, 100*time.Millisecond)
		if err != nil {
			return "http://127.0.0.1:" + port
		}
		t.Cleanup(func() { c.Close() })
	}
}

// bound makes a socket on a free port, does something to it, and returns the port.
func bound(t testing.TB, do func(fd int) error) string {
	t.Helper()
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { syscall.Close(fd) })
	if err := syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		t.Fatal(err)
	}
	if err := do(fd); err != nil {
		t.Fatal(err)
	}
	name, err := syscall.Getsockname(fd)
	if err != nil {
		t.Fatal(err)
	}
	return strconv.Itoa(name.(*syscall.SockaddrInet4).Port)
}
