package probe

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/netip"
	"net/url"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

const (
	maxHeaderBytes = 64 << 10
	maxWireBytes   = 16 << 20 // of one connection: what a 1 MiB body can need in one-byte chunks, and no more
)

// errFlood ends a connection that sent maxWireBytes.
var errFlood = errors.New("too many bytes on the wire")

// proxyAnswer is the error of a proxy that answered CONNECT with something else than 200.
type proxyAnswer struct{ status int }

func (e *proxyAnswer) Error() string { return "proxy answered " + http.StatusText(e.status) }

// dialer opens connections for both transports.
type dialer struct {
	net   net.Dialer
	guard guard
}

func newDialer(o Options) *dialer {
	d := &dialer{guard: newGuard(o.Allow)}
	d.net = net.Dialer{Resolver: o.Resolver, KeepAlive: -1, ControlContext: d.control}
	return d
}

// control sees each address after resolving and before the first packet.
func (d *dialer) control(_ context.Context, _, address string, _ syscall.RawConn) error {
	ap, err := netip.ParseAddrPort(address)
	if err != nil {
		return err
	}
	return d.guard.check(ap.Addr())
}

func (d *dialer) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	c, err := d.net.DialContext(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	w := &wire{Conn: c, left: maxWireBytes, open: make(chan struct{})}
	if h := hopOf(ctx); h != nil {
		h.connected(w)
	}
	return w, nil
}

// transport makes the connections of one kind: verifying, or not. Connections are never kept.
func (d *dialer) transport(o Options, insecure bool) *http.Transport {
	conf := &tls.Config{RootCAs: o.Roots, Time: o.Now, InsecureSkipVerify: insecure, NextProtos: []string{"h2", "http/1.1"},
		GetClientCertificate: noCertificate}
	t := &http.Transport{
		DialContext: d.dial,
		// The handshake itself is net/http's: it runs it on whatever *tls.Conn it is given.
		DialTLSContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			c, err := d.dial(ctx, network, addr)
			if err != nil {
				return nil, err
			}
			own := conf.Clone()
			own.ServerName, _, _ = net.SplitHostPort(addr)
			return tls.Client(c, own), nil
		},
		TLSClientConfig:        conf.Clone(),
		ForceAttemptHTTP2:      true,
		DisableKeepAlives:      true,
		MaxResponseHeaderBytes: maxHeaderBytes,
		HTTP2:                  &http.HTTP2Config{MaxReceiveBufferPerStream: 256 << 10, MaxReceiveBufferPerConnection: 256 << 10},
		OnProxyConnectResponse: func(_ context.Context, _ *url.URL, _ *http.Request, r *http.Response) error {
			if r.StatusCode != http.StatusOK {
				return &proxyAnswer{r.StatusCode}
			}
			return nil
		},
	}
	if o.Proxy != nil {
		t.Proxy = http.ProxyURL(o.Proxy)
	}
	return t
}

// noCertificate notes that the server wants to know who we are: TLS 1.2 has no alert of its own for it.
func noCertificate(asked *tls.CertificateRequestInfo) (*tls.Certificate, error) {
	if h := hopOf(asked.Context()); h != nil {
		h.marks.mu.Lock()
		defer h.marks.mu.Unlock()
		h.marks.asked = true
	}
	return new(tls.Certificate), nil
}

// wire is a connection that lets nothing in before something went out, so that a server that speaks first (SSH, SMTP) is read as an
// answer to the request, and that ends after maxWireBytes.
type wire struct {
	net.Conn
	left     int
	open     chan struct{}
	opens    sync.Once
	first    [firstBytes]byte // what came first
	firstLen int
	ended    atomic.Bool // the other side closed
}

// firstBytes is how much of what comes first is kept, to say what it is when it is no HTTP.
const firstBytes = 256

func (w *wire) Read(p []byte) (int, error) {
	<-w.open
	if w.left <= 0 {
		return 0, errFlood
	}
	n, err := w.Conn.Read(p[:min(len(p), w.left)])
	w.left -= n
	w.firstLen += copy(w.first[w.firstLen:], p[:n])
	if err == io.EOF {
		w.ended.Store(true)
	}
	return n, err
}

func (w *wire) Write(p []byte) (int, error) {
	w.opens.Do(func() { close(w.open) })
	return w.Conn.Write(p)
}

func (w *wire) Close() error {
	w.opens.Do(func() { close(w.open) })
	return w.Conn.Close()
}

// stage is how far a hop came.
type stage uint8

const (
	resolving stage = iota + 1
	connecting
	shaking   // hands, in TLS
	waiting   // for the first byte of the answer
	answering // the headers are coming
	reading   // the body
)

// marks are the moments of a hop, as time since its start; zero when they did not come. Its methods are called by hooks
// on several goroutines, and by a late one after the hop ended.
type marks struct {
	mu                                             sync.Mutex
	stage                                          stage
	resolved, dialing, dialed, shook, ready, first time.Duration
	interim                                        int
	raw                                            *wire
	remote                                         string
	asked                                          bool  // in TLS, for a certificate of ours
	dialErr                                        error // the most telling of the addresses' errors
}

func (m *marks) reach(s stage, at *time.Duration, now time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.stage = max(m.stage, s)
	if at != nil && *at == 0 {
		*at = now
	}
}

// phases are the durations between the marks; end is when the last byte was read.
func (m *marks) phases(end time.Duration) Phases {
	m.mu.Lock()
	defer m.mu.Unlock()
	p := Phases{DNS: m.resolved}
	if m.dialed > 0 {
		p.Connect = m.dialed - m.dialing
	}
	if m.shook > 0 {
		p.TLS = m.shook - m.dialed
	}
	if m.first > 0 {
		p.FirstByte = m.first - m.ready
		p.Body = max(0, end-m.first)
	}
	return p
}

// hooks returns the trace that fills the marks. Its hooks may run after the hop is over.
func (h *hop) hooks() *httptrace.ClientTrace {
	m := &h.marks
	return &httptrace.ClientTrace{
		DNSDone: func(found httptrace.DNSDoneInfo) {
			if found.Err == nil {
				m.reach(connecting, &m.resolved, time.Since(h.start))
			}
		},
		ConnectStart: func(_, _ string) { m.reach(connecting, &m.dialing, time.Since(h.start)) },
		ConnectDone:  func(_, addr string, err error) { m.tried(addr, err) },
		TLSHandshakeStart: func() {
			m.reach(shaking, nil, 0)
		},
		TLSHandshakeDone: func(_ tls.ConnectionState, err error) {
			if err == nil {
				m.reach(shaking, &m.shook, time.Since(h.start))
			}
		},
		GotFirstResponseByte: func() { m.reach(answering, &m.first, time.Since(h.start)) },
		Got1xxResponse:       m.gotInterim,
	}
}

// tried notes an address that failed. One that says something of the target is kept before one that only says
// that this machine has no way there (IPv6).
func (m *marks) tried(addr string, err error) {
	if err == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.dialErr == nil || noRoute(m.dialErr) && !noRoute(err) {
		m.dialErr, m.remote = err, addr
	}
}
