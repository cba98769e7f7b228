package web

import (
	"net"
	"net/http"
	"sync"
	"time"
)

// bounded accepts a connection only when there is a place for it, and cuts off those whose time is up.
//
// A server with time-outs moves a connection's deadline five times a request, and each move is a timer of the runtime. Here it is a
// note on the connection, and one sweep now and then acts on those that have passed: late by a sweep at most, and free for the rest.
type bounded struct {
	*net.TCPListener
	every  time.Duration // between sweeps
	places chan struct{}
	closed chan struct{} // no more are accepted
	close  sync.Once
	ended  chan struct{} // no sweep is needed any more
	end    sync.Once

	mu   sync.Mutex
	open map[*conn]struct{}
}

// bound limits a listener. Its http.Server must report to left.
func bound(l *net.TCPListener, most limits) *bounded {
	every := min(most.header, most.read, most.write, most.idle) / 5
	b := &bounded{
		TCPListener: l, every: every, places: make(chan struct{}, most.connections),
		closed: make(chan struct{}), ended: make(chan struct{}), open: map[*conn]struct{}{},
	}
	go b.sweep()
	return b
}

// Accept waits for a place, then for a connection.
func (b *bounded) Accept() (net.Conn, error) {
	select {
	case b.places <- struct{}{}:
	case <-b.closed:
		return nil, net.ErrClosed
	}
	tcp, err := b.AcceptTCP()
	if err != nil {
		<-b.places
		return nil, err
	}
	c := &conn{TCPConn: tcp}
	c.read.set, c.write.set = tcp.SetReadDeadline, tcp.SetWriteDeadline
	b.mu.Lock()
	defer b.mu.Unlock()
	b.open[c] = struct{}{}
	return c, nil
}

// Close accepts no more; open connections stay.
func (b *bounded) Close() error {
	b.close.Do(func() { close(b.closed) })
	return b.TCPListener.Close()
}

// left frees the place of a connection that ended. The server reports it once; nothing here takes connections over.
func (b *bounded) left(c net.Conn, now http.ConnState) {
	if now != http.StateClosed {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.open, c.(*conn))
	<-b.places
}

// finish ends the sweep, when the server has closed its connections.
func (b *bounded) finish() { b.end.Do(func() { close(b.ended) }) }

func (b *bounded) sweep() {
	tick := time.NewTicker(b.every)
	defer tick.Stop()
	for {
		select {
		case now := <-tick.C:
			b.check(now)
		case <-b.ended:
			return
		}
	}
}

func (b *bounded) check(now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for c := range b.open {
		c.read.check(now)
		c.write.check(now)
	}
}

// conn is a connection whose deadlines in the future are kept by bounded.sweep.
type conn struct {
	*net.TCPConn
	read, write deadline
}

// deadline is one direction's.
type deadline struct {
	set func(time.Time) error // the connection's own

	mu    sync.Mutex
	at    time.Time // zero: none
	armed bool      // the connection has one of its own, in the past
}

// move takes a new deadline. One in the past, which interrupts a read at once, goes to the connection itself.
func (d *deadline) move(to time.Time, past bool) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.at = to
	switch {
	case past:
		d.armed = true
		return d.set(to)
	case d.armed:
		d.armed = false
		return d.set(time.Time{})
	}
	return nil
}

// check interrupts what waits when the deadline has passed.
func (d *deadline) check(now time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.armed && !d.at.IsZero() && now.After(d.at) {
		d.armed = d.set(longAgo) == nil // a closed connection has nothing to interrupt
	}
}

func (c *conn) SetReadDeadline(t time.Time) error  { return c.read.move(t, over(t)) }
func (c *conn) SetWriteDeadline(t time.Time) error { return c.write.move(t, over(t)) }

// SetDeadline sets both.
func (c *conn) SetDeadline(t time.Time) error {
	if err := c.SetReadDeadline(t); err != nil {
		return err
	}
	return c.SetWriteDeadline(t)
}

// longAgo is before any deadline that is meant to be waited for. The server interrupts a read with one at the beginning of 1970.
var longAgo = time.Unix(1<<30, 0)

func over(t time.Time) bool { return !t.IsZero() && t.Before(longAgo) }
