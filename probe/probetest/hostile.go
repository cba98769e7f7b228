package probetest

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// Handler starts a server of plain HTTP with a handler of the test's own.
func Handler(t testing.TB, serve http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(serve)
	t.Cleanup(s.Close)
	return s.URL
}

// Endless answers 200 with a body that never ends.
func Endless(t testing.TB) string {
	t.Helper()
	return flood(t, "HTTP/1.1 200 OK\r\n\r\n", strings.Repeat("endless ", 1<<12))
}

// HeaderFlood answers 200 with headers that never end.
func HeaderFlood(t testing.TB) string {
	t.Helper()
	return flood(t, "HTTP/1.1 200 OK\r\n", strings.Repeat("X-Flood: more and more\r\n", 1<<10))
}

// InterimFlood sends 1xx answers that never end.
func InterimFlood(t testing.TB) string {
	t.Helper()
	return flood(t, "", strings.Repeat("HTTP/1.1 103 Early Hints\r\n\r\n", 1<<10))
}

// GzipNothing answers 200 with gzip that never ends and never decodes to anything.
func GzipNothing(t testing.TB) string {
	t.Helper()
	begin := "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
	empty := "\x00\x00\x00\xff\xff" // a stored block of no bytes
	return flood(t, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n"+begin, strings.Repeat(empty, 1<<12))
}

func flood(t testing.TB, first, again string) string {
	t.Helper()
	return Wire(t, func(c net.Conn) {
		Head(c)
		_, err := io.WriteString(c, first)
		for err == nil {
			_, err = io.WriteString(c, again)
		}
	})
}

// GzipBomb answers 200 with so many bytes that compress to almost none. It compresses while it sends, and stops when nobody reads on:
// to have them all ready takes longer than anything that is tested with them.
func GzipBomb(t testing.TB, size int64) string {
	t.Helper()
	return Wire(t, func(c net.Conn) {
		Head(c)
		if _, err := io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n"); err != nil {
			return
		}
		z := gzip.NewWriter(c)
		if _, err := io.Copy(z, io.LimitReader(zeros{}, size)); err == nil {
			z.Close()
		}
	})
}

type zeros struct{}

// Read is for io.Reader.
func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// Gzip compresses.
func Gzip(r io.Reader) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	io.Copy(z, r)
	z.Close()
	return b.Bytes()
}

// RedirectLoop redirects to itself, each time to another path.
func RedirectLoop(t testing.TB) string {
	t.Helper()
	return Handler(t, func(w http.ResponseWriter, r *http.Request) {
		hop := 0
		fmt.Sscanf(r.URL.Path, "/%d", &hop)
		w.Header().Set("Location", fmt.Sprintf("/%d", hop+1))
		w.WriteHeader(http.StatusFound)
	})
}
