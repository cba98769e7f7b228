package probetest

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
)

// Proxy is an HTTP proxy. It sends everything to loopback, whatever host is asked for.
type Proxy struct {
	URL *url.URL

	mu    sync.Mutex
	asked []string
}

// NewProxy starts one.
func NewProxy(t testing.TB) *Proxy {
	t.Helper()
	p := &Proxy{}
	s := httptest.NewServer(p)
	t.Cleanup(s.Close)
	p.URL, _ = url.Parse(s.URL)
	return p
}

// Asked returns the hosts and ports that were asked for.
func (p *Proxy) Asked() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string(nil), p.asked...)
}

// ServeHTTP passes a request, or with CONNECT a connection, on.
func (p *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	p.asked = append(p.asked, r.Host)
	p.mu.Unlock()
	_, port, err := net.SplitHostPort(r.Host)
	if err != nil {
		port = "80"
	}
	to, err := net.Dial("tcp", net.JoinHostPort("127.0.0.1", port))
	if err != nil {
		http.Error(w, "nobody there", http.StatusBadGateway)
		return
	}
	defer to.Close()
	if r.Method != http.MethodConnect {
		r.Header.Set("Connection", "close")
		r.Write(to)
		p.join(w, to, "")
		return
	}
	p.join(w, to, "HTTP/1.1 200 Connected\r\n\r\n")
}

func (p *Proxy) join(w http.ResponseWriter, to net.Conn, first string) {
	from, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		return
	}
	defer from.Close()
	io.WriteString(from, first)
	var there sync.WaitGroup
	there.Go(func() { io.Copy(to, from); to.Close() })
	io.Copy(from, to)
	from.Close()
	there.Wait()
}
