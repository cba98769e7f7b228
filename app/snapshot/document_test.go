package snapshot

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

var words = strings.Repeat("all systems operational ", 100)

func TestDocumentIsRenderedOnceForAllWhoWait(t *testing.T) {
	s := New(Facts{Days: 90})
	var rendered atomic.Int32
	var wg sync.WaitGroup
	for range 32 {
		wg.Go(func() {
			d, err := s.Document(Key{"json", "en"}, func(f Facts) (Content, error) {
				rendered.Add(1)
				return Content{"text/plain", []byte(words)}, nil
			})
			if err != nil || string(d.plain.body) != words {
				t.Errorf("%v", err)
			}
		})
	}
	wg.Wait()
	if n := rendered.Load(); n != 1 {
		t.Errorf("rendered %d times", n)
	}
	boom := errors.New("boom")
	if _, err := s.Document(Key{"json", "tr"}, func(Facts) (Content, error) { return Content{}, boom }); err != boom {
		t.Errorf("error %v", err)
	}
}

func TestServingByEncodingAndTag(t *testing.T) {
	d, err := Finish(Content{"text/html; charset=utf-8", []byte(words)})
	if err != nil {
		t.Fatal(err)
	}
	plain, packed := d.plain.etag[0], d.gzip.etag[0]
	for _, tt := range []struct {
		method, accept, match string
		code                  int
		encoding              string
	}{
		{"GET", "", "", 200, ""},
		{"HEAD", "gzip", "", 200, "gzip"},
		{"GET", "gzip, br", "", 200, "gzip"},
		{"GET", "br;q=1, GZIP;q=0.5", "", 200, "gzip"},
		{"GET", "gzip;q=0", "", 200, ""},
		{"GET", "*", "", 200, "gzip"},
		{"GET", "*;q=0", "", 200, ""},
		{"GET", "gzip;q=0, *", "", 200, ""},
		{"GET", "gzip;q=x", "", 200, ""},
		{"GET", "identity", "", 200, ""},
		{"GET", "", plain, 304, ""},
		{"GET", "gzip", packed, 304, ""},
		{"GET", "gzip", plain, 200, "gzip"}, // strong: the bytes differ
		{"GET", "", `"x", W/` + plain, 304, ""},
		{"GET", "", "*", 304, ""},
	} {
		r := httptest.NewRequest(tt.method, "/", nil)
		if tt.accept != "" {
			r.Header.Set("Accept-Encoding", tt.accept)
		}
		if tt.match != "" {
			r.Header.Set("If-None-Match", tt.match)
		}
		w := httptest.NewRecorder()
		d.ServeHTTP(w, r)
		if w.Code != tt.code || w.Header().Get("Content-Encoding") != tt.encoding {
			t.Errorf("%+v: %d %q", tt, w.Code, w.Header().Get("Content-Encoding"))
		}
		if tt.code == 200 && tt.method == "GET" && unpacked(t, w) != words {
			t.Errorf("%+v: wrong body", tt)
		}
		if tt.method == "HEAD" && w.Body.Len() != 0 || tt.code == 304 && w.Body.Len() != 0 {
			t.Errorf("%+v: a body of %d bytes", tt, w.Body.Len())
		}
	}
}

func unpacked(t *testing.T, w *httptest.ResponseRecorder) string {
	t.Helper()
	var body io.Reader = bytes.NewReader(w.Body.Bytes())
	if w.Header().Get("Content-Encoding") == "gzip" {
		z, err := gzip.NewReader(body)
		if err != nil {
			t.Fatal(err)
		}
		body = z
	}
	text, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

type nowhere struct{ h http.Header }

func (n nowhere) Header() http.Header         { return n.h }
func (n nowhere) Write(b []byte) (int, error) { return len(b), nil }
func (n nowhere) WriteHeader(int)             {}

func TestServingAllocatesNothing(t *testing.T) {
	d, err := Finish(Content{"text/html", []byte(words)})
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("Accept-Encoding", "gzip, deflate, br")
	r.Header.Set("If-None-Match", `"other"`)
	w := nowhere{http.Header{}}
	if n := testing.AllocsPerRun(100, func() { d.ServeHTTP(w, r) }); n != 0 {
		t.Errorf("%v allocations a request", n)
	}
}
