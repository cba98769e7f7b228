package notifytest

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/emersion/go-smtp"
)

// mailListener hands out connections whose lines the server can answer itself, before go-smtp sees them.
type mailListener struct {
	net.Listener
	server *MailServer
}

// Accept takes the next connection.
func (l *mailListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	l.server.entered(1)
	line := &mailLine{Conn: c, server: l.server, lines: bufio.NewReader(c)}
	if l.server.opts.Implicit {
		line.blind, line.greeted = true, true
		return tls.Server(line, l.server.opts.TLS), nil
	}
	return line, nil
}

func (s *MailServer) entered(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open += n
	if n > 0 {
		s.connections++
	}
	s.peak = max(s.peak, s.open)
}

// mailLine is a connection that looks at each line in clear.
type mailLine struct {
	net.Conn
	server  *MailServer
	lines   *bufio.Reader
	pending []byte // of a line that go-smtp is to see
	greeted bool
	body    bool // a mail is coming
	blind   bool // TLS: nothing can be seen any more
	closed  bool
}

// Read hands on the next line that go-smtp is to see.
func (c *mailLine) Read(p []byte) (int, error) {
	if c.blind {
		return c.lines.Read(p)
	}
	for len(c.pending) == 0 {
		line, err := c.lines.ReadBytes('\n')
		if err != nil {
			return 0, err
		}
		if pass, err := c.look(line); err != nil {
			return 0, err
		} else if pass {
			c.pending = line
		}
	}
	n := copy(p, c.pending)
	c.pending = c.pending[n:]
	return n, nil
}

// look decides whether a line goes on to go-smtp.
func (c *mailLine) look(line []byte) (bool, error) {
	text := strings.TrimRight(string(line), "\r\n")
	if c.body {
		c.body = text != "."
		return true, nil
	}
	verb, rest, _ := strings.Cut(text, " ")
	at := MailStage(strings.ToUpper(verb))
	switch at {
	case AtHello, AtStartTLS, AtData, AtReset:
	default:
		return true, nil
	}
	a := c.server.decide(at, rest)
	switch {
	case a.Drop:
		c.Close()
		return false, io.EOF
	case a.Reply != nil:
		_, err := c.Conn.Write(replyLine(a.Reply))
		return false, err
	}
	c.body, c.blind = at == AtData, at == AtStartTLS
	return true, nil
}

func replyLine(r *smtp.SMTPError) []byte {
	if e := r.EnhancedCode; e[0] > 0 {
		return fmt.Appendf(nil, "%d %d.%d.%d %s\r\n", r.Code, e[0], e[1], e[2], r.Message)
	}
	return fmt.Appendf(nil, "%d %s\r\n", r.Code, r.Message)
}

// Write lets the greeting be another one.
func (c *mailLine) Write(p []byte) (int, error) {
	if c.greeted || !bytes.HasPrefix(p, []byte("220")) {
		return c.Conn.Write(p)
	}
	c.greeted = true
	switch a := c.server.decide(AtGreeting, ""); {
	case a.Drop:
		c.Close()
		return 0, io.ErrClosedPipe
	case a.Reply != nil:
		c.Conn.Write(replyLine(a.Reply))
		c.Close()
		return 0, io.ErrClosedPipe
	}
	return c.Conn.Write(p)
}

// Close counts.
func (c *mailLine) Close() error {
	c.server.mu.Lock()
	first := !c.closed
	c.closed = true
	c.server.mu.Unlock()
	if first {
		c.server.entered(-1)
	}
	return c.Conn.Close()
}
