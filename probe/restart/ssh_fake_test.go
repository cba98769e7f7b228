package restart

import (
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"statusd/probe/probetest"
)

// What a real sshd cannot be made to do is done by a server of the library's, and what no SSH server does by bare connections.

func bare(t testing.TB, port int) SSH {
	t.Helper()
	private, _ := probetest.SSHKey(t, "", "-t", "ed25519")
	return SSH{Host: "127.0.0.1", Port: port, User: "deploy", PrivateKey: Secret(private), Command: "restart", Timeout: 5 * time.Second}
}

func TestWhatIsNoSSHServerIsSaid(t *testing.T) {
	say := func(text string) func(net.Conn) {
		return func(c net.Conn) { c.Write([]byte(text)); io.CopyN(io.Discard, c, 10) }
	}
	wait := func(c net.Conn) { io.Copy(io.Discard, c) }
	for name, c := range map[string]struct {
		speak   func(net.Conn)
		timeout time.Duration
		want    string
	}{
		"silent":   {wait, 500 * time.Millisecond, "connected, but no SSH handshake in 500 ms"},
		"http":     {say("HTTP/1.1 400 Bad Request\r\n\r\n"), 5 * time.Second, `what answers there is not SSH (it begins with "HTTP/1.1 400 Bad Request")`},
		"smtp":     {say("220 mail.example ESMTP\r\n"), 5 * time.Second, `what answers there is not SSH (it begins with "220 mail.example ESMTP")`},
		"ssh 1":    {say("SSH-1.5-OpenSSH_1.2\r\n"), 5 * time.Second, `what answers there is not SSH (it begins with "SSH-1.5-OpenSSH_1.2")`},
		"closes":   {func(net.Conn) {}, 5 * time.Second, "the host closed the connection before the handshake was done (too many connections, or a ban as by fail2ban?)"},
		"stops":    {say("SSH-2.0-OpenSSH_9.2\r\n"), 5 * time.Second, "the host closed the connection before the handshake was done (too many connections, or a ban as by fail2ban?)"},
		"hangs":    {func(c net.Conn) { c.Write([]byte("SSH-2.0-OpenSSH_9.2\r\n")); wait(c) }, 500 * time.Millisecond, "connected, but no SSH handshake in 500 ms"},
		"flooding": {func(c net.Conn) { io.Copy(c, zeros{}) }, 5 * time.Second, ""},
	} {
		t.Run(name, func(t *testing.T) {
			target := bare(t, speaker(t, c.speak))
			target.Timeout = c.timeout
			f := fire(t, target)
			if c.want != "" {
				wantFailed(t, f, "", c.want)
			} else if f.Outcome != Failed || !f.Reason.Known() {
				t.Errorf("%v because %v", f.Outcome, f.Reason)
			}
			if got := firer(t).Check(t.Context(), target); got.OK || got.HostKey != "" || c.want != "" && got.Detail.String() != c.want {
				t.Errorf("%+v", got)
			}
		})
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return copy(p, strings.Repeat("0", len(p))), nil }

func TestAHostThatCannotBeReachedIsSaid(t *testing.T) {
	port := closedPort(t)
	wantFailed(t, fire(t, bare(t, port)), "", fmt.Sprintf("connection refused (nothing listens on port %d)", port))
	target := bare(t, 22)
	target.Host = "169.254.169.254"
	wantFailed(t, fire(t, target), "", "169.254.169.254 is a cloud metadata address (only --probe-allow opens it)")
	target.Host = "fd00:ec2::254"
	wantFailed(t, fire(t, target), "", "fd00:ec2::254 is a cloud metadata address (only --probe-allow opens it)")
	target.Host, target.Port = "127.0.0.1", 70000
	wantFailed(t, fire(t, target), "", "the request cannot be made (no such port)")
	target.PrivateKey, target.Port = "nonsense", port
	wantFailed(t, fire(t, target), "", "this is not a private key: paste the whole file, with its BEGIN and END lines and its line breaks")
	target = bare(t, port)
	target.HostKey = "nonsense"
	wantFailed(t, fire(t, target), "", "this is no host key: give a fingerprint (SHA256:...), a line of known_hosts or a public key (ssh-ed25519 AAAA...)")
}

// fake is a server of the library's that lets everybody in.
type fake struct {
	config  func(*ssh.ServerConfig)
	session func(ch ssh.Channel, command string) // nil: exec is refused
	refuse  ssh.RejectionReason                  // of sessions
	lose    bool                                 // the connection, once a session is asked for
	ignore  bool                                 // who asks for a session
}

func (f fake) start(t testing.TB) int {
	t.Helper()
	private, _ := probetest.SSHKey(t, "", "-t", "ed25519")
	signer, err := open(Secret(private), "")
	if err != nil {
		t.Fatal(err)
	}
	return speaker(t, func(c net.Conn) {
		conf := &ssh.ServerConfig{NoClientAuth: true}
		conf.AddHostKey(signer)
		if f.config != nil {
			f.config(conf)
		}
		conn, chans, reqs, err := ssh.NewServerConn(c, conf)
		if err != nil {
			return
		}
		defer conn.Close()
		go ssh.DiscardRequests(reqs)
		for ask := range chans {
			f.serve(conn, ask)
		}
	})
}

func (f fake) serve(conn *ssh.ServerConn, ask ssh.NewChannel) {
	switch {
	case f.ignore:
		return
	case f.lose:
		conn.Close()
		return
	case f.refuse != 0:
		ask.Reject(f.refuse, "not today")
		return
	}
	ch, reqs, err := ask.Accept()
	if err != nil {
		return
	}
	for r := range reqs {
		var msg struct{ Command string }
		ok := r.Type == "exec" && f.session != nil && ssh.Unmarshal(r.Payload, &msg) == nil
		r.Reply(ok, nil)
		if ok {
			f.session(ch, msg.Command)
		}
	}
	ch.Close()
}

func TestWhatASSHServerMayRefuseOnceSignedInIsToldApart(t *testing.T) {
	end := func(kind string, payload any) func(ssh.Channel, string) {
		return func(ch ssh.Channel, _ string) {
			io.WriteString(ch, "so far\n")
			ch.SendRequest(kind, false, ssh.Marshal(payload))
			ch.Close()
		}
	}
	status := func(n uint32) any { return struct{ Status uint32 }{n} }
	signal := struct {
		Signal    string
		Core      bool
		Msg, Lang string
	}{"SEGV", true, "oom", ""}
	for name, c := range map[string]struct {
		fake fake
		want string
		code int // -1: none
	}{
		"sessions refused":    {fake{refuse: ssh.ResourceShortage}, "signed in, but the host opens no session (not today)", -1},
		"exec refused":        {fake{}, "signed in, but the host refuses to run a command", -1},
		"lost at once":        {fake{lose: true}, "the host closed the connection during the sign-in", -1},
		"no status":           {fake{session: func(ch ssh.Channel, _ string) { ch.Close() }}, "the connection ended before the command did: whether it did its work is not known (did the host itself restart?)", -1},
		"success":             {fake{session: end("exit-status", status(0))}, "", 0},
		"a large code":        {fake{session: end("exit-status", status(70000))}, "the command ended with exit code 70000", 70000},
		"a signal":            {fake{session: end("exit-signal", signal)}, "the command was killed by signal SEGV", -1},
		"a damaged status":    {fake{session: end("exit-status", struct{ A byte }{1})}, "the connection ended before the command did: whether it did its work is not known (did the host itself restart?)", -1},
		"a signal of no name": {fake{session: end("exit-signal", struct{ A byte }{1})}, "the connection ended before the command did: whether it did its work is not known (did the host itself restart?)", -1},
	} {
		t.Run(name, func(t *testing.T) {
			f := fire(t, bare(t, c.fake.start(t)))
			if c.want == "" {
				wantSuccess(t, f)
			} else {
				wantFailed(t, f, "", c.want)
			}
			if (f.ExitCode == nil) != (c.code < 0) || f.ExitCode != nil && *f.ExitCode != c.code {
				t.Errorf("exit code %v", f.ExitCode)
			}
		})
	}
}

func TestAServerThatAsksQuestionsGetsNoAnswer(t *testing.T) {
	asked := make(chan string, 10)
	port := fake{config: func(c *ssh.ServerConfig) {
		c.NoClientAuth = false
		c.PasswordCallback = func(ssh.ConnMetadata, []byte) (*ssh.Permissions, error) {
			asked <- "password"
			return nil, nil
		}
		c.KeyboardInteractiveCallback = func(ssh.ConnMetadata, ssh.KeyboardInteractiveChallenge) (*ssh.Permissions, error) {
			asked <- "keyboard-interactive"
			return nil, nil
		}
	}}.start(t)
	if f := fire(t, bare(t, port)); f.Outcome != Failed || f.Reason.Code != SSHKeyRefused || len(asked) != 0 {
		t.Errorf("%v because %v; %d questions were answered", f.Outcome, f.Reason, len(asked))
	}
}

func TestASignInThatNobodyDecidesAboutEnds(t *testing.T) {
	release := make(chan struct{})
	port := fake{config: func(c *ssh.ServerConfig) {
		c.NoClientAuth = false
		c.PublicKeyCallback = func(ssh.ConnMetadata, ssh.PublicKey) (*ssh.Permissions, error) {
			<-release
			return nil, io.EOF
		}
	}}.start(t)
	t.Cleanup(func() { close(release) })
	target := bare(t, port)
	target.Timeout = time.Second
	wantFailed(t, fire(t, target), "", "the host did not decide about the sign-in in 1 s")
}

func TestAHostThatFallsSilentInTheMiddleIsNotWaitedFor(t *testing.T) {
	release := make(chan struct{})
	port := fake{session: func(ch ssh.Channel, _ string) { io.WriteString(ch, "so far\n"); <-release }}.start(t)
	t.Cleanup(func() { close(release) })
	target := bare(t, port)
	target.Timeout = time.Second
	f := fire(t, target)
	wantFailed(t, f, "", "the command did not end in 1 s; it may go on running on the host")
	if f.Output != "so far\n" || f.Took > 4*time.Second {
		t.Errorf("%q after %v", f.Output, f.Took)
	}
	target = bare(t, fake{ignore: true}.start(t))
	target.Timeout = time.Second
	wantFailed(t, fire(t, target), "", "signed in, but the host opened no session in 1 s")
}
