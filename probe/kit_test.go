package probe_test

import (
	"strings"
	"testing"
	"time"

	"statusd/probe"
	"statusd/probe/probetest"
)

// at is a target with what is usual: 200-299 expected, redirects followed, time enough.
func at(url string) probe.Target {
	return probe.Target{URL: url, ExpectedStatusMin: 200, ExpectedStatusMax: 299, FollowRedirects: true, Timeout: 5 * time.Second}
}

// quick is at with little time, for those who never answer.
func quick(url string) probe.Target {
	t := at(url)
	t.Timeout = 300 * time.Millisecond
	return t
}

func prober(t testing.TB, o probe.Options) *probe.Prober {
	t.Helper()
	p := probe.New(o)
	t.Cleanup(p.Close)
	return p
}

func look(t testing.TB, o probe.Options, target probe.Target) probe.Result {
	t.Helper()
	r, err := prober(t, o).Look(t.Context(), target)
	if err != nil {
		t.Fatalf("no outcome: %v", err)
	}
	return r
}

// wantDown checks the sentence; {port} in it is the URL's.
func wantDown(t testing.TB, r probe.Result, url, want string) {
	t.Helper()
	want = strings.ReplaceAll(want, "{port}", probetest.Port(strings.TrimSuffix(url, "/")))
	if r.Outcome != probe.Down || r.Reason.String() != want {
		t.Errorf("%v because %q (%s)\nwant down because %q", r.Outcome, r.Reason, r.Reason.Code, want)
	}
}

func wantUp(t testing.TB, r probe.Result) {
	t.Helper()
	if r.Outcome != probe.Operational || r.Reason.Code != "" {
		t.Errorf("%v because %q, want operational", r.Outcome, r.Reason)
	}
}

func secure(url string) string { return strings.Replace(url, "http://", "https://", 1) }

func named(url string) string { return strings.Replace(url, "127.0.0.1", "localhost", 1) }
