package probe

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strconv"
	"time"
)

// Call is one request that is made for its effect, whatever the answer says.
type Call struct {
	URL      string            // absolute, http or https
	Method   string            // "" is GET
	Headers  map[string]string // may hold secrets: they go to the URL's own origin and nowhere else, since no redirect is followed
	Body     string
	Timeout  time.Duration // of all of it; 0 is 10 s
	MaxBytes int64         // of the decoded body that are read; the connection is closed after them
}

// Answer is what was answered to a Call.
type Answer struct {
	StatusCode int         // 0: there was no answer
	Header     http.Header // nil: there was no answer
	Body       []byte      // at most MaxBytes of it, and what there was of one that was cut off
}

// Call makes a request once and returns what was answered, with the same care as a probe: metadata addresses are refused, bounds hold.
// A redirect is an answer like any other. It is never made twice, not even where a browser would ask again: who is called may have
// begun to act. The reason says why there is no answer, or that its body is not whole. The error is that of a context of the caller
// that ended before there was an answer: then nobody knows whether the call arrived.
func (p *Prober) Call(ctx context.Context, c Call) (Answer, Reason, error) {
	if c.Timeout <= 0 {
		c.Timeout = defaultTimeout
	}
	t := Target{URL: c.URL, Method: c.Method, Headers: c.Headers, Body: c.Body}
	o, err := t.first()
	if err != nil {
		return Answer{}, reason("bad_request", err.Error()), nil
	}
	o.agent, o.target, o.proxy = p.agent, &t, p.proxy
	within, cancel := context.WithTimeout(ctx, c.Timeout)
	defer cancel()
	answer, why := p.call(newHop(within, o, c.Timeout), c.MaxBytes)
	if why.Code != "" {
		if err := ended(ctx); err != nil {
			return answer, Reason{}, err
		}
	}
	return answer, why, nil
}

func (p *Prober) call(h *hop, maxBytes int64) (Answer, Reason) {
	if p.proxy != "" {
		if err := p.guard.checkHost(h.host); err != nil {
			return Answer{}, h.reason(err, p.now())
		}
	}
	res, done, err := h.sendOnce(p.strict)
	defer done()
	if err != nil {
		return Answer{}, h.reason(err, p.now())
	}
	a := Answer{StatusCode: res.StatusCode, Header: res.Header}
	if h.method == http.MethodHead || res.StatusCode == http.StatusSwitchingProtocols {
		return a, Reason{}
	}
	a.Body, err = io.ReadAll(io.LimitReader(res.Body, maxBytes))
	if err != nil {
		return a, h.bodyReason(err, int64(len(a.Body)))
	}
	return a, Reason{}
}

// Dial opens a TCP connection for another protocol than HTTP, directly and through no proxy; a metadata address is refused. The reason
// says why there is none; the error is that of a context that the caller cancelled, while its deadline is a time-out like any other.
func (p *Prober) Dial(ctx context.Context, host string, port int, timeout time.Duration) (net.Conn, Reason, error) {
	if timeout <= 0 {
		timeout = defaultTimeout
	}
	if port < 1 || port > 65535 {
		return nil, reason("bad_request", "no such port"), nil
	}
	within, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	at := order{url: &url.URL{Host: net.JoinHostPort(host, strconv.Itoa(port))}}
	h := newHop(within, at, timeout)
	c, err := p.dialer.net.DialContext(httptrace.WithClientTrace(h, h.hooks()), "tcp", h.address())
	if err == nil {
		return c, Reason{}, nil
	}
	if err := ctx.Err(); errors.Is(err, context.Canceled) {
		return nil, Reason{}, err
	}
	return nil, h.reason(err, p.now()), nil
}
