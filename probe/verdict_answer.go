package probe

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
	"unicode"
	"unicode/utf8"
)

// tail is an error's text from a marker on; all of it when the marker is not there.
func tail(err error, marker string) string {
	all := err.Error()
	if i := strings.Index(all, marker); i >= 0 {
		return all[i:]
	}
	return all
}

var (
	streamError = regexp.MustCompile(`stream error: stream ID \d+; (?:unknown error code )?([A-Za-z0-9_]+)`)
	goAway      = regexp.MustCompile(`GOAWAY.*ErrCode[=:](?:unknown error code )?([A-Za-z0-9_]+)`)
	connError   = regexp.MustCompile(`connection error: (?:unknown error code )?([A-Za-z0-9_]+)`)
)

// undebugged is an error's text without what the other side added to a GOAWAY.
func undebugged(err error) string {
	said, _, _ := strings.Cut(err.Error(), ", debug=")
	return said
}

// turnedAway says that an HTTP/2 server did not look at the request.
func turnedAway(err error) bool {
	said := undebugged(err)
	return strings.Contains(said, "REFUSED_STREAM") || strings.Contains(said, "graceful shutdown") ||
		strings.Contains(said, "ErrCode=NO_ERROR") || strings.Contains(said, "ErrCode:NO_ERROR") || strings.Contains(said, "http2: client conn not usable") ||
		strings.Contains(said, "http2: Transport received Server's graceful")
}

func (h *hop) h2Reason(err error) Reason {
	said := undebugged(err)
	if turnedAway(err) {
		return reason("h2_refusing")
	}
	if strings.Contains(said, "response header list larger") {
		return reason("headers_too_large")
	}
	if strings.Contains(said, "could not be established") || strings.Contains(said, "client connection lost") {
		return reason("closed")
	}
	if m := goAway.FindStringSubmatch(said); m != nil {
		return reason("h2_goaway", m[1])
	}
	if m := streamError.FindStringSubmatch(said); m != nil {
		if strings.Contains(said, "received from peer") {
			return reason("h2_reset", m[1])
		}
		return reason("h2_invalid", m[1])
	}
	if m := connError.FindStringSubmatch(said); m != nil {
		return reason("h2_invalid", m[1])
	}
	if strings.Contains(said, "http2: ") && !timedOut(err) {
		return reason("h2_invalid", h.text(said[strings.Index(said, "http2: ")+len("http2: "):]))
	}
	return Reason{}
}

// invalids are how Go says that an answer is no HTTP.
var invalids = []string{"malformed", "bad Content-Length", "unsupported transfer encoding", "invalid header", "invalid Trailer",
	"too many transfer encodings", "http: suspiciously long", "HTTP/0.9", "invalid Content-Length", "conflicting", "multiple Content-Length"}

func (h *hop) answerReason(err error, at stage) Reason {
	said := err.Error()
	switch {
	case timedOut(err) && at == answering:
		return reason("headers_timeout", span(h.timeout))
	case timedOut(err):
		return reason("no_answer", span(h.timeout), span(h.connectedIn()))
	case strings.Contains(said, "response headers exceeded"):
		return reason("headers_too_large")
	case strings.Contains(said, "malformed HTTP"):
		return h.notHTTP(said)
	case strings.Contains(said, "malformed MIME header") && h.ended():
		return reason("headers_cut") // within a line, which Go takes for a bad one
	case containsAny(said, invalids):
		return reason("not_http")
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return reason("reset")
	case errors.Is(err, io.ErrUnexpectedEOF) && at == answering:
		return reason("headers_cut")
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), strings.HasSuffix(said, "EOF"),
		strings.Contains(said, "server closed"), strings.Contains(said, "connection broken"), errors.Is(err, net.ErrClosed):
		return reason("closed")
	}
	return reason("failed", h.text(said))
}

func containsAny(s string, parts []string) bool {
	for _, p := range parts {
		if strings.Contains(s, p) {
			return true
		}
	}
	return false
}

// notHTTP repeats how the answer began: "SSH-2.0-..." tells all. Bytes that are no text tell nothing.
func (h *hop) notHTTP(said string) Reason {
	begins, whole := h.firstLine()
	if !whole {
		if strings.HasPrefix(begins, "HTTP/1.") && len(begins) < firstBytes {
			return reason("headers_cut")
		}
		// Go repeats all of a long line, but of some lines only a part.
		_, quoted, _ := strings.Cut(said, `"`)
		begins, _ = strconv.Unquote(`"` + quoted)
	}
	begins = strings.TrimSpace(begins)
	if begins == "" || !utf8.ValidString(begins) || strings.ContainsFunc(begins, unicode.IsControl) {
		return reason("not_http")
	}
	return reason("not_http_says", h.text(begins))
}

// firstLine is what came first over the connection, in clear, and whether it is a whole line: a part might hold a part of a secret,
// which could not be told from other text.
func (h *hop) firstLine() (string, bool) {
	h.marks.mu.Lock()
	w := h.marks.raw
	h.marks.mu.Unlock()
	if w == nil || h.url.Scheme == "https" {
		return "", false
	}
	line, _, whole := strings.Cut(string(w.first[:w.firstLen]), "\n")
	return line, whole
}

// ended says whether the other side closed the connection.
func (h *hop) ended() bool {
	h.marks.mu.Lock()
	defer h.marks.mu.Unlock()
	return h.marks.raw != nil && h.marks.raw.ended.Load()
}

func (h *hop) connectedIn() time.Duration {
	h.marks.mu.Lock()
	defer h.marks.mu.Unlock()
	return max(h.marks.dialed, h.marks.shook)
}

func (h *hop) bodyReason(err error, n int64) Reason {
	if r := h.ours(err); r.Code != "" {
		return r
	}
	switch {
	case timedOut(err):
		return reason("body_timeout", span(h.timeout))
	case errors.Is(err, gzip.ErrHeader), errors.Is(err, gzip.ErrChecksum):
		return reason("body_damaged", "gzip")
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET):
		return reason("body_cut", fmt.Sprintf("%d bytes", n))
	}
	if r := h.h2Reason(err); r.Code != "" {
		return r
	}
	if strings.Contains(err.Error(), "flate: corrupt") {
		return reason("body_damaged", "gzip")
	}
	if strings.Contains(err.Error(), "chunk") || strings.Contains(err.Error(), "malformed") {
		return reason("body_damaged", "chunks")
	}
	return reason("body_cut", fmt.Sprintf("%d bytes", n))
}

// maxText bounds what strangers put into a reason.
const maxText = 60

// text makes what a stranger or a library said fit to be shown: one line, printable, short, without what was sent to the stranger.
func (h *hop) text(s string) string {
	if h.target != nil {
		s = h.target.hide(s)
	}
	s = strings.ToValidUTF8(strings.Map(printable, s), "�")
	if cut := []rune(s); len(cut) > maxText {
		s = string(cut[:maxText]) + "…"
	}
	return strings.TrimSpace(s)
}

// secretLength is from how many bytes on a value counts as a secret: shorter ones are in any text.
const secretLength = 4

// hide takes out of a text what the target's URL has as a query, its headers and its body: whoever is asked may say them again.
func (t *Target) hide(s string) string {
	secrets := []string{t.Body}
	for name, value := range t.Headers {
		if !strings.EqualFold(name, "Host") {
			secrets = append(secrets, value)
		}
	}
	if u, err := url.Parse(t.URL); err == nil && u.RawQuery != "" {
		secrets = append(secrets, u.RawQuery)
		for pair := range strings.SplitSeq(u.RawQuery, "&") {
			_, value, _ := strings.Cut(pair, "=")
			plain, _ := url.QueryUnescape(value)
			secrets = append(secrets, value, plain)
		}
	}
	slices.SortFunc(secrets, func(a, b string) int { return len(b) - len(a) })
	for _, secret := range secrets {
		if len(secret) >= secretLength {
			s = replaceFold(s, secret, "…")
		}
	}
	return s
}

// replaceFold replaces whatever equals old but for the case of ASCII letters: names of hosts come back in lower case.
func replaceFold(s, old, by string) string {
	for from := 0; from+len(old) <= len(s); from++ {
		if strings.EqualFold(s[from:from+len(old)], old) {
			s = s[:from] + by + s[from+len(old):]
			from += len(by) - 1
		}
	}
	return s
}

func printable(r rune) rune {
	if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069' {
		return ' '
	}
	return r
}
