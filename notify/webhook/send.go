package webhook

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
	"time"

	"statusd/notify"
	"statusd/notify/outbound"
)

// Options tune a Sender. The zero value is good.
type Options struct {
	Guard   outbound.Guard
	Now     func() time.Time // wall clock, for signatures and certificates; nil: time.Now
	Timeout time.Duration    // of all of an attempt; 10 s
	Roots   *x509.CertPool   // nil: the system's
}

const (
	defaultTimeout = 10 * time.Second
	maxHeaders     = 16 << 10
	maxAnswer      = 4 << 10     // of the body, which is only read so that the receiver is not cut off in the middle of it
	patience       = time.Second // for that
)

// Sender delivers webhooks. Safe for concurrent use.
type Sender struct {
	transport *http.Transport
	now       func() time.Time
	timeout   time.Duration
	online    func() bool
}

// Request is one delivery.
type Request struct {
	URL    string
	Event  string // "incident.updated"
	ID     string // webhook-id: the same in every attempt, without a dot
	Body   []byte // JSON, signed and sent as it is
	Secret string // as NewSecret makes it
}

// New makes a Sender. Every attempt has a connection of its own: nothing of one receiver can come in another's way, and a connection
// that the other side has just closed fails nobody's delivery.
func New(o Options) *Sender {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Timeout <= 0 {
		o.Timeout = defaultTimeout
	}
	return &Sender{now: o.Now, timeout: o.Timeout, online: online, transport: &http.Transport{
		Proxy:                  nil, // or the guard would see the proxy's address
		DialContext:            dialer(o.Guard),
		TLSClientConfig:        &tls.Config{RootCAs: o.Roots, Time: o.Now},
		DisableKeepAlives:      true,
		DisableCompression:     true,
		MaxResponseHeaderBytes: maxHeaders,
	}}
}

// attemptKey is where a request's context keeps the attempt's.
type attemptKey struct{}

// dialer makes connections that end with their attempt. The transport's own context does not: it would go on for minutes, for the sake of
// a later request that there never is.
func dialer(guard outbound.Guard) func(context.Context, string, string) (net.Conn, error) {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		if attempt, ok := ctx.Value(attemptKey{}).(context.Context); ok {
			ctx = attempt
		}
		c, err := guard.DialContext(ctx, network, address)
		if err == nil {
			context.AfterFunc(ctx, func() { c.Close() })
		}
		return c, err
	}
}

// Send makes one attempt. It takes no longer than Options.Timeout; Interrupted is the outcome when ctx ended before that.
func (s *Sender) Send(ctx context.Context, r Request) notify.Outcome {
	start := time.Now()
	p := &progress{}
	within, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	within = httptrace.WithClientTrace(within, p.trace())
	req, err := s.request(context.WithValue(within, attemptKey{}, within), r)
	if err != nil {
		return notify.Outcome{Kind: notify.Permanent, Reason: unmakeable(err)}
	}
	answer, err := s.transport.RoundTrip(req) // and not a Client's Do: a redirect is an answer like any other
	var out notify.Outcome
	switch {
	case err == nil:
		out = judge(answer, s.now())
	case ctx.Err() != nil:
		return notify.Outcome{}
	case within.Err() != nil: // whatever else the end of time may look like
		out = s.failed(errors.Join(within.Err(), err), p)
	default:
		out = s.failed(err, p)
	}
	out.Took = time.Since(start)
	if err == nil {
		leave(answer.Body, cancel)
	}
	return out
}

func (s *Sender) request(ctx context.Context, r Request) (*http.Request, error) {
	to, err := outbound.CheckURL(r.URL) // once more: what is stored may come from elsewhere
	if err != nil {
		return nil, err
	}
	at := s.now()
	standard, err := signStandard(r.Secret, r.ID, at, r.Body)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to.String(), bytes.NewReader(r.Body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "statusd")
	req.Header.Set("X-Sentroy-Event", r.Event)
	req.Header.Set("X-Sentroy-Signature", signSentroy(r.Secret, r.Body))
	req.Header.Set("Webhook-Id", r.ID)
	req.Header.Set("Webhook-Timestamp", seconds(at))
	req.Header.Set("Webhook-Signature", standard)
	return req, nil
}

// leave reads a little of a body and lets go of it.
func leave(body io.ReadCloser, cancel context.CancelFunc) {
	timer := time.AfterFunc(patience, cancel)
	defer timer.Stop()
	io.Copy(io.Discard, io.LimitReader(body, maxAnswer))
	body.Close()
}

// progress is how far an attempt came.
type progress struct {
	connected atomic.Bool // TCP
	shaking   atomic.Bool // hands, in TLS: begun and not done
}

func (p *progress) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		ConnectDone: func(_, _ string, err error) {
			if err == nil {
				p.connected.Store(true)
			}
		},
		TLSHandshakeStart: func() { p.shaking.Store(true) },
		TLSHandshakeDone: func(_ tls.ConnectionState, err error) {
			if err == nil {
				p.shaking.Store(false)
			}
		},
	}
}
