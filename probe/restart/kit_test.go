package restart

import (
	"errors"
	"net"
	"strings"
	"testing"

	"statusd/probe"
	"statusd/probe/probetest"
)

func firer(t testing.TB) *Firer {
	t.Helper()
	p := probe.New(probe.Options{})
	t.Cleanup(p.Close)
	return New(p)
}

func fire(t testing.TB, target Target) Firing {
	t.Helper()
	return firer(t).Fire(t.Context(), target)
}

func wantSuccess(t testing.TB, f Firing) {
	t.Helper()
	if f.Outcome != Success || f.Reason.Code != "" {
		t.Errorf("%v because %q, want success; it said %q", f.Outcome, f.Reason, f.Output)
	}
}

// wantFailed checks the sentence; {port} in it is the URL's.
func wantFailed(t testing.TB, f Firing, url, want string) {
	t.Helper()
	want = strings.ReplaceAll(want, "{port}", probetest.Port(url))
	if f.Outcome != Failed || f.Reason.String() != want || !f.Reason.Known() {
		t.Errorf("%v because %q (%s)\nwant failed because %q; it said %q", f.Outcome, f.Reason, f.Reason.Code, want, f.Output)
	}
}

func wantInvalid(t testing.TB, err error, want Code) {
	t.Helper()
	var inv *Invalid
	switch {
	case want == "" && err != nil:
		t.Errorf("refused: %v", err)
	case want != "" && (!errors.As(err, &inv) || inv.Reason.Code != want):
		t.Errorf("%v, want %s", err, want)
	}
}

// closedPort is one at which nobody listens.
func closedPort(t testing.TB) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// speaker is a server that does one thing with every connection, and its port.
func speaker(t testing.TB, speak func(net.Conn)) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			speak(c)
			c.Close()
		}
	}()
	t.Cleanup(func() { l.Close(); <-done })
	return l.Addr().(*net.TCPAddr).Port
}
