package webhook

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"statusd/notify"
	"statusd/notify/notifytest"
	"statusd/notify/outbound"
	"statusd/probe/probetest"
)

func TestAnAnswerIsAnOutcome(t *testing.T) {
	server := notifytest.New(t)
	sender := New(Options{Guard: loopback})
	for status := 200; status < 600; status++ {
		if status == http.StatusSwitchingProtocols {
			continue
		}
		out := sender.Send(t.Context(), request(server.Receiver("/", notifytest.Answer(status, "Retry-After", "7"))))
		want, asked := notify.Outcome{Kind: notify.Temporary, Reason: notify.Because(notify.StatusRefused, strconv.Itoa(status))}, 7*time.Second
		switch {
		case status < 300:
			want, asked = notify.Outcome{Kind: notify.Success}, 0
		case status < 400:
			want.Reason.Code = notify.Redirected
		case status == 410:
			want, asked = notify.Outcome{Kind: notify.Gone, Reason: notify.Because(notify.ReceiverGone, "410")}, 0
		}
		if out.Kind != want.Kind || out.Reason.String() != want.Reason.String() || out.RetryAfter != asked || out.StatusCode != status || out.Took <= 0 {
			t.Errorf("%d is %+v, want %+v", status, out, want)
		}
	}
}

func TestRetryAfterIsSecondsOrADate(t *testing.T) {
	now := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Duration{
		"":                                 0,
		"0":                                0,
		"120":                              2 * time.Minute,
		"86401":                            24 * time.Hour,
		"99999999999999999999999":          24 * time.Hour,
		"-5":                               0,
		"1.5":                              0,
		"soon":                             0,
		"Sat, 28 Nov 2026 12:00:30 GMT":    30 * time.Second,
		"Sat, 28 Nov 2026 11:00:30 GMT":    0,
		"Sat, 28 Nov 2099 12:00:30 GMT":    24 * time.Hour,
		"Saturday, 28-Nov-26 12:01:00 GMT": time.Minute,
	} {
		if got := retryAfter(text, now); got != want {
			t.Errorf("%q is %v, want %v", text, got, want)
		}
	}
}

func FuzzRetryAfter(f *testing.F) {
	f.Add("120")
	f.Add("Sat, 28 Nov 2026 12:00:30 GMT")
	f.Fuzz(func(t *testing.T, text string) {
		if got := retryAfter(text, time.Unix(1_800_000_000, 0)); got < 0 || got > mostAsked {
			t.Errorf("%q is %v", text, got)
		}
	})
}

func TestAReceiverThatMisbehavesFailsForNowWithACode(t *testing.T) {
	server := notifytest.New(t)
	for what, c := range map[string]struct {
		does notifytest.Behaviour
		want notify.Code
	}{
		"hangs":                      {notifytest.Hang, notify.NoAnswer},
		"drips headers":              {notifytest.DripHeaders(10 * time.Millisecond), notify.NoAnswer},
		"closes":                     {notifytest.Raw(""), notify.Closed},
		"closes in the headers":      {notifytest.Raw("HTTP/1.1 200 OK\r\nContent-Type: te"), notify.Closed},
		"resets":                     {notifytest.Reset, notify.Reset},
		"speaks SSH":                 {notifytest.Raw("SSH-2.0-OpenSSH_9.2p1\r\n"), notify.BadAnswer},
		"says 1,000 times 102":       {notifytest.Raw(strings.Repeat("HTTP/1.1 102 Processing\r\n\r\n", 1000)), notify.LargeAnswer},
		"sends a header of 1 MiB":    {notifytest.Raw("HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", 1<<20)), notify.LargeAnswer},
		"sends two content lengths":  {notifytest.Raw("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"), notify.BadAnswer},
		"sends an impossible status": {notifytest.Raw("HTTP/1.1 2000 OK\r\n\r\n"), notify.BadAnswer},
	} {
		out := New(Options{Guard: loopback, Timeout: 300 * time.Millisecond}).Send(t.Context(), request(server.Receiver("/", c.does)))
		if out.Kind != notify.Temporary || out.Reason.Code != c.want || !out.Reason.Known() {
			t.Errorf("one that %s: %+v, want %s", what, out, c.want)
		}
	}
}

func TestWhoSaid2xxHasItWhateverComesAfter(t *testing.T) {
	server := notifytest.New(t)
	var flooded atomic.Int64
	flood := notifytest.Flood(func(n int64) { flooded.Store(n) })
	for what, does := range map[string]notifytest.Behaviour{
		"drips a body": notifytest.DripBody(10 * time.Millisecond), "never closes": notifytest.NeverClose, "sends 1 GiB": flood,
		"closes in the body": notifytest.Raw("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"),
	} {
		out := New(Options{Guard: loopback}).Send(t.Context(), request(server.Receiver("/"+what[:3], does)))
		if out.Kind != notify.Success || out.Took > patience {
			t.Errorf("one that %s: %+v", what, out)
		}
	}
	server.Close()
	if n := flooded.Load(); n > 16<<20 {
		t.Errorf("%d KiB of the gibibyte were taken", n>>10)
	}
}

func TestARedirectIsNeverFollowed(t *testing.T) {
	server := notifytest.New(t)
	elsewhere := notifytest.New(t)
	elsewhere.Receiver("/", notifytest.Answer(200))
	for _, to := range []string{"/other", elsewhere.URL + "/", "http://127.0.0.1:22/", "file:///etc/passwd"} {
		for _, status := range []int{300, 301, 302, 303, 307, 308} {
			out := New(Options{Guard: loopback}).Send(t.Context(), request(server.Receiver("/", notifytest.Answer(status, "Location", to))))
			if out.Kind != notify.Temporary || out.Reason.Code != notify.Redirected {
				t.Errorf("%d to %s: %+v", status, to, out)
			}
		}
	}
	if len(server.Got("/other"))+len(elsewhere.Got("/")) > 0 {
		t.Error("it was followed")
	}
}

func TestTLSIsVerified(t *testing.T) {
	authority := probetest.NewAuthority(t, "a root")
	day := 24 * time.Hour
	for what, c := range map[string]struct {
		leaf probetest.Leaf
		want notify.Code
	}{
		"good":          {probetest.Leaf{}, ""},
		"expired":       {probetest.Leaf{From: time.Now().Add(-2 * day), Until: time.Now().Add(-day)}, notify.TLSExpired},
		"not yet valid": {probetest.Leaf{From: time.Now().Add(day), Until: time.Now().Add(2 * day)}, notify.TLSNotYet},
		"another's":     {probetest.Leaf{Names: []string{"other.example"}}, notify.TLSWrongName},
		"self-signed":   {probetest.Leaf{SelfSigned: true}, notify.TLSUntrusted},
	} {
		server := notifytest.Unstarted(t)
		server.Config.ErrorLog = log.New(io.Discard, "", 0)
		server.TLS = &tls.Config{Certificates: []tls.Certificate{authority.Issue(c.leaf)}}
		server.StartTLS()
		url := server.Receiver("/", notifytest.Answer(200))
		out := New(Options{Guard: loopback, Roots: authority.Pool()}).Send(t.Context(), request(url))
		if out.Reason.Code != c.want || (out.Kind == notify.Success) != (c.want == "") {
			t.Errorf("%s: %+v, want %q", what, out, c.want)
		}
	}
	plain := notifytest.New(t)
	url := strings.Replace(plain.Receiver("/", notifytest.Answer(200)), "http:", "https:", 1)
	if out := New(Options{Guard: loopback}).Send(t.Context(), request(url)); out.Reason.Code != notify.TLSFailed {
		t.Errorf("http at an https URL: %+v", out)
	}
}

func TestWhatKeepsAConnectionFromComingAbout(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody := "http://" + l.Addr().String() + "/"
	l.Close()
	guard := loopback
	guard.Resolver = probetest.Names{}.Resolver(t)
	sick, quiet := loopback, loopback
	sick.Resolver = probetest.Names{Code: dnsmessage.RCodeServerFailure}.Resolver(t)
	quiet.Resolver = probetest.Names{Quiet: true}.Resolver(t)
	for _, c := range []struct {
		guard outbound.Guard
		url   string
		kind  notify.Kind
		want  notify.Code
	}{
		{guard, nobody, notify.Temporary, notify.Refused},
		{guard, "http://missing.example/", notify.Temporary, notify.DNSUnknown},
		{sick, "http://some.example/", notify.Temporary, notify.DNSFailed},
		{quiet, "http://some.example/", notify.Temporary, notify.NoConnection},
		{guard, "http://10.0.0.1/", notify.Temporary, notify.BlockedAddress},
		{guard, "http://127.1/", notify.Permanent, notify.BadURL},
		{guard, "http://127.0.0.1:25/", notify.Permanent, notify.BadURL},
	} {
		s := New(Options{Guard: c.guard, Timeout: 300 * time.Millisecond})
		s.online = func() bool { return true }
		out := s.Send(t.Context(), request(c.url))
		if c.want == notify.NoConnection && out.Reason.Code == notify.DNSFailed {
			continue // the lookup's own end came first
		}
		if out.Kind != c.kind || out.Reason.Code != c.want {
			t.Errorf("%s: %+v, want %s", c.url, out, c.want)
		}
	}
}

// dialError is how the transport gives what a connect said.
func dialError(errno syscall.Errno) error {
	return &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", errno)}
}

func TestWhatIsWrongWithUsCountsForNobody(t *testing.T) {
	asked := &net.DNSError{Err: "dial udp 127.0.0.53:53: socket: too many open files", Name: "a.example"}
	for _, c := range []struct {
		err    error
		online bool
		kind   notify.Kind
		code   notify.Code
	}{
		{dialError(syscall.EMFILE), true, notify.Broken, notify.FileLimit},
		{dialError(syscall.ENFILE), true, notify.Broken, notify.FileLimit},
		{asked, true, notify.Broken, notify.FileLimit},
		{dialError(syscall.ENOBUFS), true, notify.Broken, notify.SocketLimit},
		{dialError(syscall.ENETUNREACH), false, notify.Broken, notify.NoNetwork},
		{&net.DNSError{Err: "server misbehaving"}, false, notify.Broken, notify.NoNetwork},
		{context.DeadlineExceeded, false, notify.Temporary, notify.NoConnection}, // one that is down, in a network without a way out
		{dialError(syscall.EHOSTUNREACH), false, notify.Temporary, notify.Unreachable},
		{dialError(syscall.ENETUNREACH), true, notify.Temporary, notify.Unreachable}, // an IPv6 address, and we have none
		{dialError(syscall.EHOSTUNREACH), true, notify.Temporary, notify.Unreachable},
		{&net.DNSError{Err: "server misbehaving"}, true, notify.Temporary, notify.DNSFailed},
		{dialError(syscall.ECONNREFUSED), false, notify.Temporary, notify.Refused},
		{dialError(syscall.EPERM), true, notify.Temporary, notify.NotConnected},
	} {
		s := New(Options{})
		s.online = func() bool { return c.online }
		if out := s.failed(fmt.Errorf("wrapped: %w", c.err), &progress{}); out.Kind != c.kind || out.Reason.Code != c.code {
			t.Errorf("%v, online %v: %+v, want %s", c.err, c.online, out, c.code)
		}
	}
}

func TestAnAttemptThatItsCallerEndsHasNoOutcome(t *testing.T) {
	server := notifytest.New(t)
	ctx, cancel := context.WithCancel(t.Context())
	url := server.Receiver("/", func(w http.ResponseWriter, r *http.Request, over <-chan struct{}) {
		cancel()
		notifytest.Hang(w, r, over)
	})
	if out := New(Options{Guard: loopback}).Send(ctx, request(url)); out.Kind != notify.Interrupted {
		t.Errorf("%+v", out)
	}
}

func TestNoReasonHoldsAnAddressOrASecret(t *testing.T) {
	server := notifytest.New(t)
	refused, _ := net.Listen("tcp", "127.0.0.1:0")
	refused.Close()
	for _, url := range []string{
		"http://user-canary.example:1/", "http://10.99.88.77/canary?token=canary", "http://" + refused.Addr().String() + "/canary",
		server.Receiver("/canary", notifytest.Raw("canary\r\n")), server.Receiver("/canary2", notifytest.Answer(500, "X", "canary")),
		server.Receiver("/canary3", notifytest.Hang), "https" + strings.TrimPrefix(server.URL, "http") + "/canary",
	} {
		guard := loopback
		guard.Resolver = probetest.Names{}.Resolver(t)
		out := New(Options{Guard: guard, Timeout: 200 * time.Millisecond}).Send(t.Context(), request(url))
		text := out.Reason.String() + out.Reason.Encode()
		for _, secret := range []string{"canary", "127.0.0", "10.99", secret[5:], "example"} {
			if strings.Contains(text, secret) {
				t.Errorf("%s: %q", url, text)
			}
		}
		if out.Reason.Code == "" {
			t.Errorf("%s: %+v", url, out)
		}
	}
}

func TestTheEnvironmentsProxyIsIgnored(t *testing.T) {
	proxy := notifytest.New(t)
	t.Setenv("HTTP_PROXY", proxy.URL)
	t.Setenv("http_proxy", proxy.URL)
	t.Setenv("ALL_PROXY", proxy.URL)
	guard := loopback
	guard.Resolver = probetest.Names{Of: map[string][]netip.Addr{"hook.example": {netip.MustParseAddr("127.0.0.1")}}}.Resolver(t)
	server := notifytest.New(t)
	_, port, _ := net.SplitHostPort(server.Listener.Addr().String())
	server.Receiver("/", notifytest.Answer(200))
	if out := New(Options{Guard: guard}).Send(t.Context(), request("http://hook.example:"+port+"/")); out.Kind != notify.Success {
		t.Errorf("%+v", out)
	}
	if len(proxy.Got("/")) > 0 {
		t.Error("somebody asked for a proxy")
	}
}
