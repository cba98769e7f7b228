package probe_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"statusd/probe"
	"statusd/probe/probetest"
)

const mib = 1 << 20

func TestTheFirstMebibyteIsSearchedAndNoMore(t *testing.T) {
	s := probetest.New(t)
	for _, text := range []string{"x", "needle", strings.Repeat("long ", 200), strings.Repeat("longer than the buffer ", 1000)} {
		for _, before := range []int{0, 1, 16<<10 - 1, 16<<10 - 3, 16 << 10, 32<<10 - 2, mib - len(text), mib - len(text) + 1, mib} {
			target := at(s.Body(strings.Repeat("-", before) + text + "-----").URL)
			target.BodyContains = text
			r := look(t, probe.Options{}, target)
			if before+len(text) <= mib {
				wantUp(t, r)
			} else if r.Reason.Code != "body_lacks_limit" {
				t.Errorf("%d bytes after %d: %v because %q", len(text), before, r.Outcome, r.Reason)
			}
		}
	}
	target := at(s.Body("short").URL)
	target.BodyContains = "needle"
	wantDown(t, look(t, probe.Options{}, target), s.URL, `body lacks "needle"`)
}

func TestATextIsFoundAcrossAnyBorder(t *testing.T) {
	url := probetest.Handler(t, func(w http.ResponseWriter, r *http.Request) {
		for _, c := range "--needle--" {
			io.WriteString(w, string(c))
			w.(http.Flusher).Flush()
		}
	})
	target := at(url)
	target.BodyContains = "needle"
	wantUp(t, look(t, probe.Options{}, target))
}

func TestGzipIsDecodedUnlessTheTargetAsksForItItself(t *testing.T) {
	zipped := probetest.Gzip(strings.NewReader(strings.Repeat("needle in the hay ", 100)))
	var accepts string
	url := probetest.Handler(t, func(w http.ResponseWriter, r *http.Request) {
		accepts = r.Header.Get("Accept-Encoding")
		w.Header().Set("Content-Encoding", "gzip")
		w.Write(zipped)
	})
	target := at(url)
	target.BodyContains = "needle in the hay needle"
	wantUp(t, look(t, probe.Options{}, target))
	if accepts != "gzip" {
		t.Errorf("accepts %q", accepts)
	}
	target.Headers = map[string]string{"Accept-Encoding": "gzip"}
	if r := look(t, probe.Options{}, target); r.Reason.Code != "body_lacks" {
		t.Errorf("%v because %q", r.Outcome, r.Reason)
	}
}

func TestWhatNeverEndsIsReadToTheLimitAndIsGood(t *testing.T) {
	for _, url := range []string{probetest.Endless(t), probetest.GzipBomb(t, 256<<20)} {
		r := look(t, probe.Options{}, at(url))
		wantUp(t, r)
		if r.Latency > 3*time.Second {
			t.Errorf("took %s", r.Latency)
		}
	}
}

func TestHeadHasNoBody(t *testing.T) {
	target := at(probetest.Hold(t, []byte("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")))
	target.Method = http.MethodHead
	wantUp(t, look(t, probe.Options{}, target))
}

func TestAnExpected101IsNotWaitedFor(t *testing.T) {
	target := at(probetest.Hold(t, []byte("HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n")))
	target.ExpectedStatusMin, target.ExpectedStatusMax = 101, 101
	wantUp(t, look(t, probe.Options{}, target))
}

func TestASlowAnswerIsDegraded(t *testing.T) {
	target := at(probetest.New(t).Delay(60 * time.Millisecond).URL)
	target.DegradedAfter = 50 * time.Millisecond
	if r := look(t, probe.Options{}, target); r.Outcome != probe.Degraded || r.Reason.Code != "" || r.Latency < 60*time.Millisecond {
		t.Errorf("%+v", r)
	}
	target.DegradedAfter = 4 * time.Second
	wantUp(t, look(t, probe.Options{}, target))
}

func TestTheRequestIsWhatWasConfigured(t *testing.T) {
	s := probetest.New(t)
	target := at(s.URL + "/path?q=1#fragment")
	target.Method, target.Body = http.MethodPost, "body"
	target.Headers = map[string]string{"Host": "shop.example", "x-key": "value"}
	wantUp(t, look(t, probe.Options{UserAgent: "agent"}, target))
	got := s.Last()
	if fmt.Sprint(got.Method, got.Host, got.URI, got.Body, got.Header.Get("X-Key"), got.Header.Get("User-Agent")) !=
		fmt.Sprint("POST", "shop.example", "/path?q=1", "body", "value", "agent") {
		t.Errorf("%+v", got)
	}
	target.Headers = map[string]string{"X-Key": "SECRET\r\nvalue"}
	wantDown(t, look(t, probe.Options{}, target), s.URL, "the request cannot be made (a configured header is not valid)")
}
