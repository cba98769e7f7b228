package probetest

import (
	"context"
	"net"
	"net/netip"
	"testing"

	"golang.org/x/net/dns/dnsmessage"
)

// Names is a DNS server on loopback.
type Names struct {
	Of    map[string][]netip.Addr // by name, without the dot at the end; other names do not exist
	Code  dnsmessage.RCode        // when set, the answer to everything
	Quiet bool                    // no answers at all
}

// Resolver starts the server and returns a resolver that asks it.
func (n Names) Resolver(t testing.TB) *net.Resolver {
	t.Helper()
	c, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		b := make([]byte, 1500)
		for {
			size, from, err := c.ReadFrom(b)
			if err != nil {
				return
			}
			if answer := n.answer(b[:size]); answer != nil {
				c.WriteTo(answer, from)
			}
		}
	}()
	t.Cleanup(func() { c.Close(); <-done })
	return ResolverAt(c.LocalAddr().String())
}

// ResolverAt returns a resolver that asks whatever is at this UDP address.
func ResolverAt(addr string) *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		c, err := d.DialContext(ctx, "udp", addr)
		if err == nil {
			// Go's resolver reads on for seconds after its caller gave up.
			context.AfterFunc(ctx, func() { c.Close() })
		}
		return c, err
	}}
}

func (n Names) answer(question []byte) []byte {
	var m dnsmessage.Message
	if n.Quiet || m.Unpack(question) != nil || len(m.Questions) != 1 {
		return nil
	}
	q := m.Questions[0]
	name := q.Name.String()
	addrs, known := n.Of[name[:len(name)-1]]
	m.Response, m.RecursionAvailable, m.RCode, m.Additionals = true, true, n.Code, nil
	if !known && n.Code == 0 {
		m.RCode = dnsmessage.RCodeNameError
	}
	for _, a := range addrs {
		head := dnsmessage.ResourceHeader{Name: q.Name, Class: q.Class, Type: q.Type, TTL: 1}
		switch {
		case a.Is4() && q.Type == dnsmessage.TypeA:
			m.Answers = append(m.Answers, dnsmessage.Resource{Header: head, Body: &dnsmessage.AResource{A: a.As4()}})
		case a.Is6() && q.Type == dnsmessage.TypeAAAA:
			m.Answers = append(m.Answers, dnsmessage.Resource{Header: head, Body: &dnsmessage.AAAAResource{AAAA: a.As16()}})
		}
	}
	out, err := m.Pack()
	if err != nil {
		return nil
	}
	return out
}
