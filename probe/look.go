package probe

import (
	"context"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"
)

// Options tune a Prober. The zero value is good.
type Options struct {
	Allow     []netip.Prefix   // metadata addresses that may be dialled, each named by itself
	Proxy     *url.URL         // what probes go through; nil: nothing, and the environment's proxies are ignored
	UserAgent string           // unless the target configures its own; "statusd"
	Now       func() time.Time // wall clock for certificates; nil: time.Now. Latency is measured on the monotonic clock
	Resolver  *net.Resolver    // nil: Go's default
	Roots     *x509.CertPool   // nil: the system's
}

// Prober looks at targets. Every attempt makes connections of its own. Safe for concurrent use.
type Prober struct {
	guard    guard
	dialer   *dialer
	proxy    string // host and port, "" for none
	agent    string
	now      func() time.Time
	strict   *http.Transport
	insecure *http.Transport
}

const (
	defaultTimeout = 10 * time.Second
	maxHops        = 10
)

// New makes a Prober.
func New(o Options) *Prober {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.UserAgent == "" {
		o.UserAgent = "statusd"
	}
	d := newDialer(o)
	p := &Prober{
		guard: d.guard, dialer: d, agent: o.UserAgent, now: o.Now,
		strict: d.transport(o, false), insecure: d.transport(o, true),
	}
	if o.Proxy != nil {
		p.proxy = o.Proxy.Host // and not its user info
	}
	return p
}

// Close lets go of what is kept between looks.
func (p *Prober) Close() {
	p.strict.CloseIdleConnections()
	p.insecure.CloseIdleConnections()
}

// Look makes attempts until one is good or the retries are used up. It returns an error only when the caller's context ended:
// then there is no outcome.
func (p *Prober) Look(ctx context.Context, t Target) (Result, error) {
	if t.Timeout <= 0 {
		t.Timeout = defaultTimeout
	}
	var since Result
	for attempt := 1; ; attempt++ {
		r := p.guarded(ctx, t)
		if err := ended(ctx); err != nil {
			return Result{}, err
		}
		r.Attempts = attempt
		if r.Outcome.Good() {
			return r, nil
		}
		if attempt == 1 || since.Sick && !r.Sick {
			since = r // what was blindness says nothing, so the target is down only since it was seen to be
		}
		if attempt > t.Retries {
			// Down since the first attempt that could see, for the reason of the last, which is what is wrong now.
			r.At, r.Latency = since.At, since.Latency
			return r, nil
		}
		if err := pause(ctx, t.RetryPause); err != nil {
			return Result{}, err
		}
	}
}

// ended is the context's error. A socket whose deadline is the context's can notice it a moment before the context does.
func ended(ctx context.Context) error {
	if at, ok := ctx.Deadline(); ok && !time.Now().Before(at) {
		return context.DeadlineExceeded
	}
	return ctx.Err()
}

func pause(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// guarded is one attempt that cannot take the process with it: what strangers send goes through much code that is not ours.
func (p *Prober) guarded(ctx context.Context, t Target) (r Result) {
	start := time.Now()
	defer func() {
		if recover() != nil {
			r = down(start, reason("internal"))
		}
	}()
	return p.attempt(ctx, t, start)
}

func down(start time.Time, why Reason) Result {
	w, _ := wordingOf(why.Code)
	return Result{At: start, Outcome: Down, Latency: time.Since(start), Reason: why, Sick: w.sick}
}

// attempt follows one request to its last answer.
func (p *Prober) attempt(ctx context.Context, t Target, start time.Time) Result {
	ctx, cancel := context.WithTimeout(ctx, t.Timeout)
	defer cancel()
	o, err := t.first()
	if err != nil {
		return down(start, reason("bad_request", err.Error()))
	}
	o.agent, o.target, o.proxy = p.agent, &t, p.proxy
	origin := o.url
	for hops := 0; ; hops++ {
		h := newHop(ctx, o, t.Timeout)
		r, next, why := p.take(h, t, start, hops)
		if why.Code != "" {
			code := r.StatusCode
			r = down(start, why)
			r.StatusCode, r.Phases = code, h.marks.phases(time.Since(h.start))
		}
		if next == nil {
			r.RemoteAddr = h.remoteAddr()
			if r.Reason.Code != "" && hops > 0 {
				r.Reason = t.redirected(r.Reason, origin, o.url)
			}
			return r
		}
		o = *next
	}
}

// redirected is the reason of a later hop. Where it led is a stranger's word: it may repeat what was sent to him.
func (t *Target) redirected(r Reason, origin, last *url.URL) Reason {
	if !sameOrigin(origin, last) {
		r.After = t.hide(last.Hostname())
	}
	for i := range r.Args {
		if r.Code != "body_lacks" && r.Code != "body_lacks_limit" {
			r.Args[i] = t.hide(r.Args[i])
		}
	}
	return r
}

// take makes one hop: its result, or the order of the next hop, or why there is neither.
func (p *Prober) take(h *hop, t Target, start time.Time, hops int) (Result, *order, Reason) {
	if p.proxy != "" {
		if err := p.guard.checkHost(h.host); err != nil {
			return Result{}, nil, h.reason(err, p.now())
		}
	}
	transport := p.strict
	if t.InsecureSkipVerify {
		transport = p.insecure
	}
	res, done, err := h.send(transport)
	defer done()
	if err != nil {
		return Result{}, nil, h.reason(err, p.now())
	}
	if to := res.Header.Get("Location"); t.FollowRedirects && redirects(res.StatusCode) && to != "" {
		next, why := h.follow(res.StatusCode, to)
		if why.Code == "" && hops >= maxHops {
			why = reason("redirect_loop", h.text(next.url.Host))
		}
		if why.Code != "" {
			return Result{StatusCode: res.StatusCode}, nil, why
		}
		return Result{}, &next, Reason{}
	}
	return h.judge(res, t, start), nil, Reason{}
}

func (h *hop) remoteAddr() string {
	h.marks.mu.Lock()
	defer h.marks.mu.Unlock()
	return h.marks.remote
}

func redirects(code int) bool {
	switch code {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return true
	}
	return false
}

// follow is the order that a redirect asks for (RFC 9110 §15.4). To another origin nothing goes that the operator configured: a
// header or a body may be a secret.
func (h *hop) follow(code int, location string) (order, Reason) {
	to, err := h.url.Parse(location)
	switch {
	case err != nil:
		return order{}, reason("redirect_bad")
	case to.Scheme != "http" && to.Scheme != "https":
		return order{}, reason("redirect_scheme", h.text(to.Scheme))
	case to.Hostname() == "" || !portOK(to):
		return order{}, reason("redirect_bad")
	}
	to.User = nil // a stranger's credentials are not ours to send
	next := h.order
	next.url = to
	if code != http.StatusTemporaryRedirect && code != http.StatusPermanentRedirect {
		next.body, next.headers = "", withoutContent(next.headers, next.body)
		if next.method != http.MethodHead {
			next.method = http.MethodGet
		}
	}
	if !sameOrigin(h.url, to) {
		next.headers, next.body = nil, ""
	}
	return next, Reason{}
}

// withoutContent leaves out what describes a body that is not sent on (RFC 9110 §15.4).
func withoutContent(headers map[string]string, dropped string) map[string]string {
	if dropped == "" {
		return headers
	}
	kept := make(map[string]string, len(headers))
	for name, value := range headers {
		if !strings.HasPrefix(strings.ToLower(name), "content-") {
			kept[name] = value
		}
	}
	return kept
}

func sameOrigin(a, b *url.URL) bool {
	return a.Scheme == b.Scheme && a.Hostname() == b.Hostname() && portOf(a) == portOf(b)
}

// span writes a duration as people read it: "40 ms", "10 s", "2.5 s".
func span(d time.Duration) string {
	if d < time.Second {
		return fmt.Sprintf("%d ms", d.Milliseconds())
	}
	return fmt.Sprintf("%g s", float64(d.Round(100*time.Millisecond))/float64(time.Second))
}
