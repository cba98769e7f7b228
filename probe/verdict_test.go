package probe_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"statusd/probe"
	"statusd/probe/probetest"

	"golang.org/x/net/dns/dnsmessage"
	"golang.org/x/net/http2"
)

type sentence struct {
	name, url, want string
}

// say looks at each URL with the same prober and compares what it says.
func say(t *testing.T, o probe.Options, aim func(string) probe.Target, rows []sentence) {
	t.Helper()
	p := prober(t, o)
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			r, err := p.Look(t.Context(), aim(row.url))
			if err != nil {
				t.Fatal(err)
			}
			wantDown(t, r, row.url, row.want)
			if r.Latency <= 0 || r.At.IsZero() || r.Attempts != 1 {
				t.Errorf("latency %s, at %s, attempts %d", r.Latency, r.At, r.Attempts)
			}
		})
	}
}

func TestConnectionsThatFailSayWhy(t *testing.T) {
	say(t, probe.Options{}, quick, []sentence{
		{"refused", probetest.Refused(t), "connection refused (nothing listens on port {port})"},
		{"dropped", probetest.Full(t), "no connection in 300 ms (dropped by a firewall?)"},
		{"no answer", probetest.Closing(t), "server closed the connection without an answer"},
		{"reset", probetest.Reset(t, nil), "server reset the connection"},
		{"scheme", "ftp://127.0.0.1", "the request cannot be made (not an http or https URL)"},
		{"URL", "http://127.0.0.1/%zz?token=secret", "the request cannot be made (unreadable URL)"},
		{"port", "http://127.0.0.1:99999", "the request cannot be made (no such port)"},
	})
}

func TestWhatIsNoAnswerSaysWhy(t *testing.T) {
	raw := func(s string) string { return probetest.Raw(t, []byte(s)) }
	say(t, probe.Options{}, at, []sentence{
		{"SSH before it is asked", probetest.Early(t, []byte("SSH-2.0-OpenSSH_9.2\r\n")), `answer is not valid HTTP (it begins with "SSH-2.0-OpenSSH_9.2")`},
		{"mail", probetest.Early(t, []byte("220 mail ESMTP\r\n")), `answer is not valid HTTP (it begins with "220 mail ESMTP")`},
		{"headers cut within a line", raw("HTTP/1.1 200 OK\r\nContent-Le"), "answer cut off in the headers"},
		{"binary", raw("\x00\xff\xfe\x80\r\n\r\n"), "answer is not valid HTTP"},
		{"TLS alert", raw("\x15\x03\x01\x00\x02\x02\x28"), "answer is not valid HTTP"},
		{"version", raw("HTTP/x.1 200 OK\r\n\r\n"), `answer is not valid HTTP (it begins with "HTTP/x.1 200 OK")`},
		{"status", raw("HTTP/1.1 abc OK\r\n\r\n"), `answer is not valid HTTP (it begins with "HTTP/1.1 abc OK")`},
		{"header", raw("HTTP/1.1 200 OK\r\nno colon\r\n\r\n"), "answer is not valid HTTP"},
		{"length", raw("HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n"), "answer is not valid HTTP"},
		{"lengths", raw("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"), "answer is not valid HTTP"},
		{"encoding", raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: bogus\r\n\r\n"), "answer is not valid HTTP"},
		{"cut", raw("HTTP/1.1 200 OK\r\nX: y\r\n"), "answer cut off in the headers"},
		{"cut in the first line", raw("HTTP/1.1 2"), "answer cut off in the headers"},
		{"large headers", probetest.HeaderFlood(t), "headers too large (over 64 KiB)"},
		{"1xx", probetest.InterimFlood(t), "server sends interim answers (1xx) without an end"},
		{"body cut", raw("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello"), "answer cut off after 5 bytes"},
		{"chunks cut", raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"), "answer cut off after 5 bytes"},
		{"chunk", raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"), "answer is damaged (chunks)"},
		{"gzip cut", raw("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"), "answer cut off after 0 bytes"},
		{"gzip", raw("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\nnot gzip, not at all"), "answer is damaged (gzip)"},
		{"deflate", raw("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff\xff\xff\xff\xff"), "answer is damaged (gzip)"},
		{"reset in the body", probetest.Reset(t, []byte("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n")), "answer cut off after 0 bytes"},
		{"gzip of nothing", probetest.GzipNothing(t), "server sent over 16 MiB without finishing an answer"},
		{"999", raw("HTTP/1.1 999 ?\r\nContent-Length: 0\r\n\r\n"), "status 999, expected 200-299"},
		{"101", probetest.Hold(t, []byte("HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n")), "status 101, expected 200-299"},
		{"302 to nowhere", raw("HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n"), "status 302, expected 200-299"},
		{"nginx", raw("HTTP/1.1 400 Bad Request\r\n\r\n<h1>400</h1>The plain HTTP request was sent to HTTPS port"), "status 400 (this port expects https)"},
	})
}

func TestTimeIsUpSaysWhere(t *testing.T) {
	ca := probetest.NewAuthority(t, "root")
	say(t, probe.Options{Roots: ca.Pool()}, quick, []sentence{
		{"TLS", secure(probetest.Silent(t)), "TLS handshake did not finish in 300 ms"},
		{"headers", probetest.Drip(t, []byte("HTTP/1.1 200 OK\r\nX: "+strings.Repeat("y", 1000)), 5*time.Millisecond), "answer began but its headers did not finish in 300 ms"},
		{"body", probetest.Wire(t, func(c net.Conn) {
			probetest.Head(c)
			io.WriteString(c, "HTTP/1.1 200 OK\r\n\r\n")
			probetest.Dribble(c, make([]byte, 1000), 5*time.Millisecond)
		}), "answer began but did not finish in 300 ms"},
		{"held", probetest.Hold(t, []byte("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab")), "answer began but did not finish in 300 ms"},
	})
	for _, url := range []string{probetest.Silent(t), ca.SettingsFlood(), ca.H2(func(*http2.Framer, uint32) {})} {
		r := look(t, probe.Options{Roots: ca.Pool()}, quick(url))
		if got := r.Reason.String(); !strings.HasPrefix(got, "no answer in 300 ms (connected in ") || !strings.HasSuffix(got, " ms)") {
			t.Errorf("%q", got)
		}
	}
}

func TestNamesThatFailSayWhy(t *testing.T) {
	const url = "http://shop.example:8080"
	closed, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody := closed.LocalAddr().String()
	closed.Close()
	for _, row := range []struct {
		name     string
		resolver *net.Resolver
		want     string
		sick     bool
	}{
		{"unknown", probetest.Names{}.Resolver(t), "the name shop.example does not exist", false},
		{"no addresses", probetest.Names{Of: map[string][]netip.Addr{"shop.example": nil}}.Resolver(t), "the name shop.example does not exist", false},
		{"SERVFAIL", probetest.Names{Code: dnsmessage.RCodeServerFailure}.Resolver(t), "the DNS server failed for shop.example", false},
		{"REFUSED", probetest.Names{Code: dnsmessage.RCodeRefused}.Resolver(t), "the DNS server failed for shop.example", false},
		{"silent", probetest.Names{Quiet: true}.Resolver(t), "DNS did not answer within 300 ms", true},
		{"nobody", probetest.ResolverAt(nobody), "statusd cannot reach its DNS server", true},
	} {
		t.Run(row.name, func(t *testing.T) {
			r := look(t, probe.Options{Resolver: row.resolver}, quick(url))
			wantDown(t, r, url, row.want)
			if r.Sick != row.sick {
				t.Errorf("sick is %t", r.Sick)
			}
		})
	}
}

func TestAQuestionThatNeverLeftIsSickness(t *testing.T) {
	for errno, want := range map[syscall.Errno]string{
		syscall.ENETUNREACH:  "statusd has no network",
		syscall.EHOSTUNREACH: "statusd has no network",
		syscall.EMFILE:       "statusd has reached its limit of open files",
		syscall.EPERM:        "statusd cannot reach its DNS server",
	} {
		resolver := &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
			return nil, &net.OpError{Op: "dial", Net: "udp", Err: os.NewSyscallError("connect", errno)}
		}}
		r := look(t, probe.Options{Resolver: resolver}, at("http://shop.example"))
		wantDown(t, r, "http://shop.example:80", want)
		if !r.Sick {
			t.Errorf("%v: not sick", errno)
		}
	}
}

func TestCertificatesThatFailSayWhy(t *testing.T) {
	ca, other := probetest.NewAuthority(t, "root"), probetest.NewAuthority(t, "Example CA")
	day, now := 24*time.Hour, time.Now()
	tomorrow := now.Add(day)
	say(t, probe.Options{Roots: ca.Pool()}, at, []sentence{
		{"days ago", ca.TLS(probetest.Leaf{From: now.Add(-9 * day), Until: now.Add(-3*day - time.Hour)}), "TLS certificate expired 3 days ago"},
		{"hours ago", ca.TLS(probetest.Leaf{From: now.Add(-9 * day), Until: now.Add(-5*time.Hour - time.Minute)}), "TLS certificate expired 5 h ago"},
		{"not yet", ca.TLS(probetest.Leaf{From: tomorrow, Until: tomorrow.Add(day)}), "TLS certificate is valid only from " + tomorrow.UTC().Format("2006-01-02 15:04") + " UTC (is a clock wrong?)"},
		{"other host", ca.TLS(probetest.Leaf{Names: []string{"a.example", "b.example"}}), "TLS certificate is for a.example, b.example, not 127.0.0.1"},
		{"many hosts", ca.TLS(probetest.Leaf{Names: []string{"a.x", "b.x", "c.x", "d.x", "e.x", "f.x"}}), "TLS certificate is for a.x, b.x, c.x, d.x and 2 more, not 127.0.0.1"},
		{"no host", ca.TLS(probetest.Leaf{Nameless: true}), "TLS certificate names no host (needed: 127.0.0.1)"},
		{"self-signed", ca.TLS(probetest.Leaf{SelfSigned: true}), "self-signed TLS certificate"},
		{"unknown issuer", other.Intermediate("Example CA 2").TLS(probetest.Leaf{}), "TLS certificate's issuer is not trusted (Example CA 2)"},
		{"no intermediate", ca.Intermediate("R3").TLS(probetest.Leaf{Short: true}), "the server does not send its intermediate TLS certificate (issued by R3)"},
		{"SHA-1", ca.TLS(probetest.Leaf{Signature: x509.ECDSAWithSHA1}), "TLS certificate is signed with an outdated algorithm (SHA-1?)"},
		{"usage", ca.TLS(probetest.Leaf{Usage: x509.ExtKeyUsageClientAuth}), "TLS certificate is not a server certificate"},
	})
	wantUp(t, look(t, probe.Options{Roots: ca.Pool()}, at(ca.Intermediate("R3").TLS(probetest.Leaf{}))))
	careless := at(ca.TLS(probetest.Leaf{SelfSigned: true, Names: []string{"x.example"}}))
	careless.InsecureSkipVerify = true
	wantUp(t, look(t, probe.Options{}, careless))
}

func TestHandshakesThatFailSayWhy(t *testing.T) {
	ca := probetest.NewAuthority(t, "root")
	say(t, probe.Options{Roots: ca.Pool()}, at, []sentence{
		{"old version", ca.OldVersion(), "server speaks no TLS 1.2 or newer"},
		{"cipher", ca.OddCipher(), "no common TLS cipher or settings (the server gave up the handshake)"},
		{"protocol", ca.OddProtocol(), "server speaks neither HTTP/1.1 nor HTTP/2 over TLS (ALPN)"},
		{"client certificate, 1.3", ca.WantsClient(tls.VersionTLS13), "server wants a client certificate"},
		{"client certificate, 1.2", ca.WantsClient(tls.VersionTLS12), "server wants a client certificate"},
		{"unknown name", named(ca.Stranger()), "server gave up TLS (does it know the host name localhost?)"},
		{"http", secure(probetest.New(t).URL), "this port speaks http, not https"},
		{"SSH", secure(probetest.Early(t, []byte("SSH-2.0-OpenSSH_9.2\r\n"))), "this port does not speak TLS"},
		{"closed", secure(probetest.Wire(t, func(c net.Conn) { io.ReadFull(c, make([]byte, 5)) })), "server closed the connection during the TLS handshake"},
		{"reset", secure(probetest.Wire(t, func(c net.Conn) { io.ReadFull(c, make([]byte, 5)); probetest.Break(c) })), "server closed the connection during the TLS handshake"},
		{"https asked in http", "http" + strings.TrimPrefix(ca.TLS(probetest.Leaf{}), "https"), "status 400 (this port expects https)"},
	})
}

func TestHTTP2ThatFailsSaysWhy(t *testing.T) {
	ca := probetest.NewAuthority(t, "root")
	say(t, probe.Options{Roots: ca.Pool()}, at, []sentence{
		{"reset", ca.ResetStream(http2.ErrCodeInternal), "server aborted the request (HTTP/2 INTERNAL_ERROR)"},
		{"refused", ca.ResetStream(http2.ErrCodeRefusedStream), "no answer (server keeps refusing HTTP/2 streams)"},
		{"odd code", ca.ResetStream(0x99), "server aborted the request (HTTP/2 0x99)"},
		{"goaway", ca.GoAway(http2.ErrCodeEnhanceYourCalm, 1, "ErrCode=LIE, REFUSED_STREAM"), "server closed the connection (HTTP/2 ENHANCE_YOUR_CALM)"},
		{"goaway, left open", ca.H2(func(f *http2.Framer, _ uint32) { f.WriteGoAway(0, http2.ErrCodeEnhanceYourCalm, nil) }),
			"server closed the connection (HTTP/2 ENHANCE_YOUR_CALM)"},
		{"goaway unread", ca.GoAway(http2.ErrCodeNo, 0, ""), "no answer (server keeps refusing HTTP/2 streams)"},
		{"large headers", ca.LargeHeaders(48 << 10), "headers too large (over 64 KiB)"},
		{"garbage", ca.Inside(func(c net.Conn) {
			if f, _ := probetest.H2Request(c); f != nil {
				io.WriteString(c, strings.Repeat("\xff", 100))
				probetest.Hang(c)
			}
		}, "h2"), "answer is not valid HTTP/2 (frame too large)"},
		{"body reset", ca.H2(func(f *http2.Framer, stream uint32) {
			f.WriteHeaders(http2.HeadersFrameParam{StreamID: stream, BlockFragment: probetest.Fields(":status", "200"), EndHeaders: true})
			f.WriteRSTStream(stream, http2.ErrCodeCancel)
		}), "server aborted the request (HTTP/2 CANCEL)"},
		{"closed", ca.Inside(func(c net.Conn) { probetest.H2Request(c); closeGently(c) }, "h2"), "server closed the connection without an answer"},
	})
}

func TestAGoodHTTP2AnswerIsGood(t *testing.T) {
	ca := probetest.NewAuthority(t, "root")
	proto := ""
	conf := &tls.Config{Certificates: []tls.Certificate{ca.Issue(probetest.Leaf{})}}
	url := probetest.Secure(t, conf, func(w http.ResponseWriter, r *http.Request) { proto = r.Proto; io.WriteString(w, "ok") })
	target := at(url)
	target.BodyContains = "ok"
	r := look(t, probe.Options{Roots: ca.Pool()}, target)
	wantUp(t, r)
	if proto != "HTTP/2.0" || r.Phases.TLS <= 0 || r.Phases.Connect <= 0 || r.Phases.FirstByte <= 0 || r.RemoteAddr != strings.TrimPrefix(url, "https://") {
		t.Errorf("%s, %+v", proto, r)
	}
}

func TestAServerThatTurnsAwayOnceIsAskedAgain(t *testing.T) {
	ca := probetest.NewAuthority(t, "root")
	asked := make(chan bool, 10)
	url := ca.H2(func(f *http2.Framer, stream uint32) {
		asked <- true
		if len(asked) == 1 {
			f.WriteGoAway(0, http2.ErrCodeNo, nil)
			return
		}
		f.WriteHeaders(http2.HeadersFrameParam{StreamID: stream, BlockFragment: probetest.Fields(":status", "200"), EndHeaders: true, EndStream: true})
	})
	wantUp(t, look(t, probe.Options{Roots: ca.Pool()}, at(url)))
	if len(asked) != 2 {
		t.Errorf("asked %d times", len(asked))
	}
}

// closeGently ends a connection without a reset: what the other side still sends is read.
func closeGently(c net.Conn) {
	if half, ok := c.(interface{ CloseWrite() error }); ok && half.CloseWrite() == nil {
		_, _ = io.Copy(io.Discard, c)
	}
}
