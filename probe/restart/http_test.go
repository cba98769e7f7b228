package restart

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"statusd/probe"
	"statusd/probe/probetest"
)

func TestAnHTTPTargetIsCalledAsItIsConfigured(t *testing.T) {
	s := probetest.New(t).Body("restarting api-server\n")
	f := fire(t, HTTP{URL: s.URL + "/restart?unit=api", HeaderName: "x-api-key", HeaderValue: "hunter2hunter2", Body: `{"unit":"api"}`})
	wantSuccess(t, f)
	got := s.Last()
	if got.Method != "POST" || got.URI != "/restart?unit=api" || got.Body != `{"unit":"api"}` ||
		got.Header.Get("X-Api-Key") != "hunter2hunter2" || got.Header.Get("Content-Type") != "application/json" {
		t.Errorf("asked %+v", got)
	}
	if f.StatusCode == nil || *f.StatusCode != 200 || f.ExitCode != nil || f.Output != "restarting api-server\n" || f.Took <= 0 {
		t.Errorf("%+v", f)
	}
	wantSuccess(t, fire(t, HTTP{URL: s.URL, Method: "GET"}))
	if got := s.Last(); got.Method != "GET" || got.Body != "" || got.Header.Get("Content-Type") != "" || s.Hits() != 2 {
		t.Errorf("asked %+v", got)
	}
	wantSuccess(t, fire(t, HTTP{URL: s.URL, Body: "restart", HeaderName: "Content-Type", HeaderValue: "text/x-mine"}))
	if got := s.Last(); got.Header.Get("Content-Type") != "text/x-mine" {
		t.Errorf("the header that was configured became %q", got.Header.Get("Content-Type"))
	}
}

func TestTheStatusRangeDecides(t *testing.T) {
	s := probetest.New(t)
	for _, c := range []struct {
		status, min, max int
		want             string
	}{
		{200, 0, 0, ""}, {204, 0, 0, ""}, {202, 202, 202, ""}, {500, 500, 500, ""},
		{500, 0, 0, "status 500, expected 200-299"},
		{200, 202, 202, "status 200, expected 202"},
		{404, 200, 399, "status 404, expected 200-399"},
	} {
		s.Status(c.status)
		f := fire(t, HTTP{URL: s.URL, StatusMin: c.min, StatusMax: c.max})
		if c.want == "" {
			wantSuccess(t, f)
		} else {
			wantFailed(t, f, s.URL, c.want)
		}
		if f.StatusCode == nil || *f.StatusCode != c.status {
			t.Errorf("status %v", f.StatusCode)
		}
	}
}

func TestARedirectIsAnAnswerAndCarriesNoSecretAway(t *testing.T) {
	other := probetest.New(t)
	s := probetest.New(t).Redirect(307, other.URL+"/login?back=1")
	target := HTTP{URL: s.URL, HeaderName: "Authorization", HeaderValue: "Bearer hunter2hunter2", Body: "payload of mine"}
	wantFailed(t, fire(t, target), s.URL, "status 307 leads to "+other.URL+"/login, and redirects are not followed: enter the final URL")
	target.StatusMax = 399
	wantSuccess(t, fire(t, target))
	if other.Hits() != 0 || s.Hits() != 2 {
		t.Errorf("%d requests came to where it leads, %d to the target", other.Hits(), s.Hits())
	}
}

func TestWhatKeepsAnHTTPTargetFromAnsweringIsSaid(t *testing.T) {
	gone := fmt.Sprintf("http://127.0.0.1:%d", closedPort(t))
	wantFailed(t, fire(t, HTTP{URL: gone}), gone, "connection refused (nothing listens on port {port})")
	wantFailed(t, fire(t, HTTP{URL: "http://169.254.169.254/latest"}), "", "169.254.169.254 is a cloud metadata address (only --probe-allow opens it)")
	wantFailed(t, fire(t, HTTP{URL: "http://[::ffff:169.254.169.254]/"}), "", "169.254.169.254 is a cloud metadata address (only --probe-allow opens it)")
	wantFailed(t, fire(t, HTTP{URL: "ftp://127.0.0.1/"}), "", "the request cannot be made (not an http or https URL)")
	wantFailed(t, fire(t, HTTP{URL: gone, HeaderName: "X-Key", HeaderValue: "a\nb: c"}), "", "the request cannot be made (a configured header is not valid)")
	slow := probetest.New(t).Delay(time.Minute)
	f := fire(t, HTTP{URL: slow.URL, Timeout: 300 * time.Millisecond})
	if f.Outcome != Failed || f.Reason.Code != "no_answer" || f.StatusCode != nil || slow.Hits() != 1 {
		t.Errorf("%v because %v, %d hits", f.Outcome, f.Reason, slow.Hits())
	}
}

func TestAStopInTheMiddleIsAnInterruption(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { cancel(); <-r.Context().Done() }))
	defer s.Close()
	if f := firer(t).Fire(ctx, HTTP{URL: s.URL}); f.Outcome != Interrupted || f.Reason.Code != BrokenOff {
		t.Errorf("%v because %v", f.Outcome, f.Reason)
	}
}

func TestAnAnswerThatNeverEndsIsBounded(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for block := []byte(strings.Repeat("y\n", 8<<10)); ; {
			if _, err := w.Write(block); err != nil {
				return
			}
		}
	}))
	defer s.Close()
	f := fire(t, HTTP{URL: s.URL})
	wantSuccess(t, f) // the status said so, and more than the bound is read of nobody
	if len(f.Output) != maxOutput {
		t.Errorf("%d bytes are kept", len(f.Output))
	}
}

func TestATargetIsNeverCalledTwice(t *testing.T) {
	for range 3 {
		calls := make(chan struct{}, 10)
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			calls <- struct{}{}
			panic(http.ErrAbortHandler) // having begun to act
		}))
		f := fire(t, HTTP{URL: s.URL, Method: "GET"})
		s.Close()
		if f.Outcome != Failed || len(calls) != 1 {
			t.Errorf("%v, called %d times", f.Outcome, len(calls))
		}
	}
}

func TestAFirerThatPanicsTakesNobodyWithIt(t *testing.T) {
	f := New(&probe.Prober{}) // without its parts
	if out := f.Fire(t.Context(), HTTP{URL: "http://127.0.0.1:1"}); out.Outcome != Failed || out.Reason.Code != Internal {
		t.Errorf("%v because %v", out.Outcome, out.Reason)
	}
	if out := f.Check(t.Context(), Coolify{BaseURL: "http://127.0.0.1:1", UUID: "u1"}); out.OK || out.Detail.Code != Internal {
		t.Errorf("%+v", out)
	}
}

func TestWhatABodyHoldsIsMaskedByItself(t *testing.T) {
	for _, body := range []string{`{"a": [{"token": "s3cr3t-abcdef"}]}`, "service=shop&token=s3cr3t-abcdef"} {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, "unknown token s3cr3t-abcdef of nobody")
		}))
		f := fire(t, HTTP{URL: s.URL, Body: body})
		if s.Close(); f.Output != "unknown token *** of nobody" {
			t.Errorf("%s: %q", body, f.Output)
		}
	}
}
