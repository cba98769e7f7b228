package probe

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"net/url"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/http/httpguts"
	"golang.org/x/net/idna"
)

const maxInterim = 20 // 1xx answers before one that counts

var (
	errInterim = errors.New("too many 1xx answers")
	errHeader  = errors.New("a configured header is not valid")
)

// order is one request to make. It carries what the operator configured only as long as no hop left the first origin.
type order struct {
	method  string
	url     *url.URL
	headers map[string]string
	body    string
	agent   string // User-Agent, unless configured
	proxy   string // what it goes through, "" for nothing
	target  *Target
}

// hop is one request on one connection of its own. It is a context, so that the dial hooks find it.
type hop struct {
	context.Context
	order
	host, port string
	start      time.Time
	timeout    time.Duration // of the whole attempt, for the sentences
	marks      marks
}

type hopKey struct{}

func hopOf(ctx context.Context) *hop {
	h, _ := ctx.Value(hopKey{}).(*hop)
	return h
}

// Value makes the hop findable from contexts derived of it.
func (h *hop) Value(key any) any {
	if key == (hopKey{}) {
		return h
	}
	return h.Context.Value(key)
}

func newHop(ctx context.Context, o order, timeout time.Duration) *hop {
	h := &hop{Context: ctx, order: o, host: o.url.Hostname(), port: portOf(o.url), start: time.Now(), timeout: timeout}
	h.marks.stage = resolving
	if net.ParseIP(h.host) != nil {
		h.marks.stage = connecting
	}
	return h
}

// send makes the connection and returns the answer's head; done must be called whatever came.
// A server that turns the request away unread (HTTP/2 GOAWAY, REFUSED_STREAM) is asked once more, as browsers do.
func (h *hop) send(t *http.Transport) (res *http.Response, done func(), err error) {
	res, done, err = h.sendOnce(t)
	if err != nil && turnedAway(err) && h.Err() == nil {
		done()
		h.marks.again()
		return h.sendOnce(t)
	}
	return res, done, err
}

func (h *hop) sendOnce(t *http.Transport) (*http.Response, func(), error) {
	ctx := httptrace.WithClientTrace(h, h.hooks())
	req, err := h.request(ctx)
	if err != nil {
		return nil, h.drop, err
	}
	conn, err := t.NewClientConn(ctx, h.url.Scheme, h.address())
	if err != nil {
		return nil, h.drop, err
	}
	h.marks.reach(waiting, &h.marks.ready, time.Since(h.start))
	res, err := conn.RoundTrip(req)
	if err != nil {
		return nil, func() { h.drop(); conn.Close() }, err
	}
	h.marks.reach(reading, nil, 0)
	return res, func() { h.drop(); res.Body.Close(); conn.Close() }, nil
}

// drop closes the socket under everything else: TLS would first say goodbye, for up to 5 s, to a peer that no longer reads.
func (h *hop) drop() {
	h.marks.mu.Lock()
	defer h.marks.mu.Unlock()
	if h.marks.raw != nil {
		h.marks.raw.Close()
	}
}

func (h *hop) connected(w *wire) {
	h.marks.reach(connecting, &h.marks.dialed, time.Since(h.start))
	h.marks.mu.Lock()
	defer h.marks.mu.Unlock()
	h.marks.raw, h.marks.remote, h.marks.dialErr = w, w.RemoteAddr().String(), nil
}

func (m *marks) gotInterim(int, textproto.MIMEHeader) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.interim++; m.interim > maxInterim {
		return errInterim
	}
	return nil
}

// again forgets the connection of a first try.
func (m *marks) again() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.stage = connecting
	m.dialed, m.dialing, m.shook, m.ready, m.first, m.raw, m.dialErr = 0, 0, 0, 0, 0, nil, nil
}

func (h *hop) request(ctx context.Context) (*http.Request, error) {
	r := http.Request{Method: h.method, URL: h.url, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Host: h.url.Host,
		Header: make(http.Header, len(h.headers)+2)}
	r.Header.Set("User-Agent", h.agent)
	for name, value := range h.headers {
		if !httpguts.ValidHeaderFieldName(name) || !httpguts.ValidHeaderFieldValue(value) {
			return nil, errHeader
		}
		if strings.EqualFold(name, "Host") {
			r.Host = value
			continue
		}
		r.Header.Set(name, value)
	}
	if h.body != "" && h.method != http.MethodHead {
		r.Body, r.ContentLength = stringBody{strings.NewReader(h.body)}, int64(len(h.body))
	}
	return r.WithContext(ctx), nil
}

// stringBody is a request body that needs no closing.
type stringBody struct{ *strings.Reader }

func (stringBody) Close() error { return nil }

func (h *hop) address() string {
	host := h.host
	if ascii, err := idna.Lookup.ToASCII(host); err == nil && !isASCII(host) {
		host = ascii
	}
	return net.JoinHostPort(host, h.port)
}

func isASCII(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r > 127 }) < 0
}

func portOf(u *url.URL) string {
	switch {
	case u.Port() != "":
		return u.Port()
	case u.Scheme == "https":
		return "443"
	}
	return "80"
}

// portOK says whether a URL's port, if it names one, can be dialled.
func portOK(u *url.URL) bool {
	n, err := strconv.ParseUint(portOf(u), 10, 16)
	return err == nil && n > 0
}

// first is the order of an attempt's first hop.
func (t Target) first() (order, error) {
	u, err := url.Parse(t.URL)
	if err != nil {
		return order{}, errors.New("unreadable URL") // not the parser's own words, which hold the URL
	}
	if u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		return order{}, errors.New("not an http or https URL")
	}
	if !portOK(u) {
		return order{}, errors.New("no such port")
	}
	o := order{method: t.Method, url: u, headers: t.Headers, body: t.Body}
	if o.method == "" {
		o.method = http.MethodGet
	}
	return o, nil
}
