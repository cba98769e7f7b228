package probe_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"statusd/probe"
	"statusd/probe/probetest"
)

func TestFetchGetsADocumentWithinItsBounds(t *testing.T) {
	url := probetest.Handler(t, func(w http.ResponseWriter, r *http.Request) {
		var n int
		if _, err := fmt.Sscanf(r.URL.Path, "/hop%d", &n); err == nil && n > 0 {
			http.Redirect(w, r, fmt.Sprintf("/hop%d", n-1), http.StatusMovedPermanently)
			return
		}
		_, _ = io.WriteString(w, strings.Repeat("x", 100))
	})
	p := probe.New(probe.Options{})
	t.Cleanup(p.Close)
	for _, c := range []struct {
		url, code string
		max, want int64
	}{
		{url + "/", "", 100, 100},
		{url + "/", "", 99, 100},
		{url + "/", "", 10, 11},
		{url + "/hop3", "", 100, 100},
		{url + "/hop4", "redirect_many", 100, 0},
		{"http://169.254.169.254/", "metadata", 100, 0},
		{"http://[fd00:ec2::254]/", "metadata", 100, 0},
		{"http://2852039166/", "*", 100, 0},
		{"ftp://127.0.0.1/", "bad_request", 100, 0},
		{probetest.Refused(t), "refused", 100, 0},
		{probetest.Silent(t), "no_answer", 100, 0},
		{probetest.Drip(t, []byte("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n"+strings.Repeat("x", 50)), 20*time.Millisecond), "*", 100, 0},
	} {
		body, why, err := p.Fetch(t.Context(), probe.Fetch{URL: c.url, Timeout: 300 * time.Millisecond, MaxBytes: c.max, MaxHops: 3})
		if err != nil || why.Code != c.code && (c.code != "*" || why.Code == "") || int64(len(body)) != c.want {
			t.Errorf("%s: got %d bytes, %v (%s), %v", c.url, len(body), why, why.Code, err)
		}
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := p.Fetch(gone, probe.Fetch{URL: url, Timeout: time.Second, MaxBytes: 1}); !errors.Is(err, context.Canceled) {
		t.Errorf("a context that ended: %v", err)
	}
}
