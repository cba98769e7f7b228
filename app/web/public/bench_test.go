package public_test

import (
	"bytes"
	"net/http"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"statusd/app/web/view"
)

// BenchmarkPage serves a finished page. "x-bare" is how often longer that takes than an echo handler that only writes the same
// bytes with their type: what finding the page, the language and the right encoding costs.
func BenchmarkPage(b *testing.B) {
	site := newSite(b, examples(), view.Place{})
	r := visitor("/p/outage")
	first := get(site, "/p/outage?lang=tr", "Accept-Encoding", "gzip")
	bare := echo.New()
	body, contentType := bytes.Clone(first.Body.Bytes()), first.Header().Get("Content-Type")
	bare.GET("/p/:slug", func(c echo.Context) error { return c.Blob(http.StatusOK, contentType, body) })

	w := sink{http.Header{}}
	const rounds = 20_000
	began := time.Now()
	for range rounds {
		clear(w.header)
		bare.ServeHTTP(w, r)
	}
	plain := float64(time.Since(began).Nanoseconds()) / rounds
	b.ReportAllocs()
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		clear(w.header)
		site.ServeHTTP(w, r)
	}
	perPage := float64(b.Elapsed().Nanoseconds()) / float64(b.N)
	b.ReportMetric(plain, "bare-ns/op")
	b.ReportMetric(perPage/plain, "x-bare")
}

// BenchmarkRender is the first reader's wait: a page of fifty components, rendered and compressed.
func BenchmarkRender(b *testing.B) {
	facts := many()
	p := pages{}
	site := newSite(b, p, view.Place{})
	w, r := sink{http.Header{}}, visitor("/p/many")
	b.ReportAllocs()
	for b.Loop() {
		p.put(facts)
		site.ServeHTTP(w, r)
	}
}
