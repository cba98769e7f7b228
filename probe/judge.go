package probe

import (
	"bytes"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// maxBody is how much of a decoded body is read and searched.
const maxBody = 1 << 20

// judge reads the answer to its end, or to the limit, and says what it is worth.
func (h *hop) judge(res *http.Response, t Target, start time.Time) Result {
	b := newBodyReader(t.BodyContains)
	defer b.release()
	var err error
	// After a 101 the connection is no longer HTTP's, and there is no body to wait for.
	if h.method != http.MethodHead && res.StatusCode != http.StatusSwitchingProtocols {
		err = b.read(res.Body)
	}
	r := Result{At: start, Latency: time.Since(start), StatusCode: res.StatusCode, Outcome: Down}
	r.Phases = h.marks.phases(time.Since(h.start))
	switch {
	case res.StatusCode == http.StatusProxyAuthRequired && h.proxy != "" && h.url.Scheme == "http":
		r.Reason = reason("proxy_refused", strconv.Itoa(res.StatusCode))
	case res.StatusCode < t.ExpectedStatusMin || res.StatusCode > t.ExpectedStatusMax:
		r.Reason = h.statusReason(res.StatusCode, t, b.head)
	case err != nil:
		r.Reason = h.bodyReason(err, b.n)
	case t.BodyContains != "" && !b.found:
		r.Reason = b.lacks(t.BodyContains)
	case t.DegradedAfter > 0 && r.Latency > t.DegradedAfter:
		r.Outcome = Degraded
	default:
		r.Outcome = Operational
	}
	w, _ := wordingOf(r.Reason.Code)
	r.Sick = w.sick
	return r
}

func (h *hop) statusReason(code int, t Target, head []byte) Reason {
	// What servers say to plain HTTP on their TLS port (INTEROP.md 7): Go and nginx.
	if code == http.StatusBadRequest && h.url.Scheme == "http" &&
		(bytes.Contains(head, []byte("HTTP request to an HTTPS server")) || bytes.Contains(head, []byte("sent to HTTPS port"))) {
		return reason("status_https", strconv.Itoa(code))
	}
	want := strconv.Itoa(t.ExpectedStatusMin)
	if t.ExpectedStatusMax != t.ExpectedStatusMin {
		want += "-" + strconv.Itoa(t.ExpectedStatusMax)
	}
	return reason("status", strconv.Itoa(code), want)
}

// bodyReader reads a body within bounds and looks for a text in it.
type bodyReader struct {
	text  []byte
	n     int64
	found bool
	head  []byte // the first bytes, for hints
	buf   *[]byte
}

const (
	bufferSize = 16 << 10 // far more than the longest text that can be configured; for a longer one a larger is made
	headSize   = 512
)

var buffers = sync.Pool{New: func() any { b := make([]byte, bufferSize); return &b }}

func newBodyReader(text string) *bodyReader {
	b := &bodyReader{text: []byte(text)}
	if len(text) > bufferSize/2 {
		large := make([]byte, 2*len(text))
		b.buf = &large
	} else {
		b.buf = buffers.Get().(*[]byte)
	}
	return b
}

func (b *bodyReader) release() {
	if len(*b.buf) == bufferSize {
		buffers.Put(b.buf)
	}
}

// read takes in the body. Behind what was read the end of the last part is kept, since a text may lie across the border.
func (b *bodyReader) read(body io.Reader) error {
	buf, kept := *b.buf, 0
	limited := io.LimitReader(body, maxBody)
	for {
		n, err := limited.Read(buf[kept:])
		b.n += int64(n)
		part := buf[:kept+n]
		if len(b.head) < headSize {
			b.head = append(b.head, part[kept:min(len(part), kept+headSize-len(b.head))]...)
		}
		if len(b.text) > 0 && !b.found {
			b.found = bytes.Contains(part, b.text)
			kept = min(len(part), len(b.text)-1)
			copy(buf, part[len(part)-kept:])
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// shown is how much of a missing text a reason repeats.
const shown = 80

func (b *bodyReader) lacks(text string) Reason {
	if cut := []rune(text); len(cut) > shown {
		text = string(cut[:shown]) + "…"
	}
	text = strings.ToValidUTF8(strings.Map(printable, text), "�")
	if b.n >= maxBody {
		return reason("body_lacks_limit", text)
	}
	return reason("body_lacks", text)
}
