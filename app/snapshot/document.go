package snapshot

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
)

// Snapshot is one moment of a page and every document that was made of it so far. Safe for concurrent use.
type Snapshot struct {
	Facts Facts
	docs  sync.Map // Key to *slot
}

// New begins a snapshot without documents.
func New(facts Facts) *Snapshot { return &Snapshot{Facts: facts} }

// Key names a document of a snapshot.
type Key struct {
	Kind string // "json", "page", "embed", "badge" ...
	Lang string // "en", "tr"
}

// Content is what a renderer made.
type Content struct {
	Type string // media type with charset
	Body []byte
}

type slot struct {
	once sync.Once
	doc  *Document
	err  error
	done atomic.Pointer[Document] // doc, for those who do not wait
}

// Document returns the finished bytes for the key, rendering them on first use; concurrent callers wait for the one that renders.
func (s *Snapshot) Document(key Key, render func(Facts) (Content, error)) (*Document, error) {
	found, ok := s.docs.Load(key)
	if !ok {
		found, _ = s.docs.LoadOrStore(key, &slot{})
	}
	sl := found.(*slot)
	sl.once.Do(func() {
		content, err := render(s.Facts)
		if err != nil {
			sl.err = err
			return
		}
		if sl.doc, sl.err = Finish(content); sl.err == nil {
			sl.done.Store(sl.doc)
		}
	})
	return sl.doc, sl.err
}

// Finished is the document of the key if it was rendered already, else nil. It never waits and allocates nothing.
func (s *Snapshot) Finished(key Key) *Document {
	found, ok := s.docs.Load(key)
	if !ok {
		return nil
	}
	return found.(*slot).done.Load()
}

// Document is finished bytes: plain and compressed, each with its own strong ETag (RFC 9110 §8.8.3.3).
// Header values are kept as slices so that serving allocates nothing.
type Document struct {
	plain       encoded
	gzip        encoded // zero: not compressed
	contentType []string
}

type encoded struct {
	body   []byte
	etag   []string
	length []string
}

var (
	encodingGzip = []string{"gzip"}
	gzipLevel    = gzip.BestCompression // paid once per document, saved on every request
)

// Finish compresses and tags a document.
func Finish(c Content) (*Document, error) {
	var packed bytes.Buffer
	w, err := gzip.NewWriterLevel(&packed, gzipLevel)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(c.Body); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	d := FinishPacked(c)
	d.gzip = newEncoded(packed.Bytes(), tagOf(c)+"-gz")
	return d, nil
}

// FinishPacked tags a document that is compressed in itself, as photographs are: it is not compressed once more.
func FinishPacked(c Content) *Document {
	return &Document{contentType: []string{c.Type}, plain: newEncoded(c.Body, tagOf(c))}
}

func tagOf(c Content) string {
	sum := sha256.Sum256(c.Body)
	return hex.EncodeToString(sum[:12])
}

func newEncoded(body []byte, tag string) encoded {
	return encoded{body: body, etag: []string{`"` + tag + `"`}, length: []string{strconv.Itoa(len(body))}}
}

// ServeHTTP answers GET and HEAD with the encoding that the request accepts, or 304 when the client has it already
// (RFC 9110 §13.1.2). Caching headers are the caller's. The answer is the same for everybody, so it names no request.
func (d *Document) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	delete(h, "X-Request-Id")
	e := &d.plain
	if d.gzip.body != nil && acceptsGzip(r.Header["Accept-Encoding"]) {
		e = &d.gzip
	}
	h["Etag"] = e.etag
	if matches(r.Header["If-None-Match"], e.etag[0]) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	d.write(w, r, e, http.StatusOK)
}

// ServeStatus answers with a status that is not 200, such as an error page's: never 304, and without an ETag.
func (d *Document) ServeStatus(w http.ResponseWriter, r *http.Request, code int) {
	e := &d.plain
	if d.gzip.body != nil && acceptsGzip(r.Header["Accept-Encoding"]) {
		e = &d.gzip
	}
	d.write(w, r, e, code)
}

func (d *Document) write(w http.ResponseWriter, r *http.Request, e *encoded, code int) {
	h := w.Header()
	if e == &d.gzip {
		h["Content-Encoding"] = encodingGzip
	}
	h["Content-Type"] = d.contentType
	h["Content-Length"] = e.length
	w.WriteHeader(code)
	if r.Method != http.MethodHead {
		_, _ = w.Write(e.body) // the client is gone; nobody is left to tell
	}
}

// acceptsGzip reads Accept-Encoding (RFC 9110 §12.5.3): "gzip" or "*" with a weight above 0.
func acceptsGzip(lines []string) bool {
	star := false
	for _, line := range lines {
		for part := range strings.SplitSeq(line, ",") {
			name, params, _ := strings.Cut(part, ";")
			name = strings.TrimSpace(name)
			switch {
			case strings.EqualFold(name, "gzip"):
				return weight(params) > 0
			case name == "*":
				star = weight(params) > 0
			}
		}
	}
	return star
}

// weight reads the q parameter; 1 when there is none, 0 when it is not a number.
func weight(params string) float64 {
	name, value, found := strings.Cut(strings.TrimSpace(params), "=")
	if !found || !strings.EqualFold(strings.TrimSpace(name), "q") {
		return 1
	}
	q, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
	if err != nil {
		return 0
	}
	return q
}

// matches compares If-None-Match weakly (RFC 9110 §13.1.2).
func matches(lines []string, etag string) bool {
	for _, line := range lines {
		for part := range strings.SplitSeq(line, ",") {
			part = strings.TrimSpace(part)
			if part == "*" || strings.TrimPrefix(part, "W/") == etag {
				return true
			}
		}
	}
	return false
}
