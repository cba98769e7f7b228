package restart

import (
	"context"
	"errors"
	"net"
	"slices"
	"strconv"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/ssh"
)

// SSH is a command on a host. Source: SPEC.md section 5.
type SSH struct {
	Host       string // a name or an address
	Port       int    // 0 is 22
	User       string
	PrivateKey Secret // as ParsePrivateKey takes it
	Passphrase Secret
	Command    string        // run by the user's shell; a forced command in authorized_keys takes its place
	HostKey    string        // as ParseHostKey takes it; "" accepts the host's key, for it to be recorded
	Timeout    time.Duration // of all of it; 0 is 30 s
}

const (
	defaultSSHPort    = 22
	defaultSSHTimeout = 30 * time.Second

	// A host that lives answers each of these within moments; a minute's time for a command should not be spent on one that does not.
	connectLimit   = 10 * time.Second
	handshakeLimit = 10 * time.Second
	signInLimit    = 15 * time.Second // PAM and LDAP take their time
)

func (s SSH) withDefaults() SSH {
	if s.Port == 0 {
		s.Port = defaultSSHPort
	}
	if s.Timeout <= 0 {
		s.Timeout = defaultSSHTimeout
	}
	return s
}

func (s SSH) secrets() []string { return append(keySecrets(s.PrivateKey), string(s.Passphrase)) }

// fire signs in and runs the command.
func (s SSH) fire(ctx context.Context, f *Firer) Firing {
	s = s.withDefaults()
	ctx, cancel := context.WithTimeout(ctx, s.Timeout)
	defer cancel()
	l, _, why := s.signIn(ctx, f)
	if l == nil {
		return failed(why)
	}
	defer l.close()
	said := &capture{}
	end, why := l.run(ctx, s.Command, said)
	if why.Code == "" {
		why = end.reason(ctx, s.Timeout)
	}
	out := judged(why)
	out.Output, out.HostKey, out.ExitCode = said.String(), keyLine(l.key), end.status
	return out
}

// check signs in and opens no session, so that nothing runs.
func (s SSH) check(ctx context.Context, f *Firer) Connection {
	s = s.withDefaults()
	ctx, cancel := context.WithTimeout(ctx, s.Timeout)
	defer cancel()
	l, seen, why := s.signIn(ctx, f)
	out := Connection{Detail: why}
	if seen != nil {
		out.HostKey, out.Fingerprint = keyLine(seen), ssh.FingerprintSHA256(seen)
	}
	if l != nil {
		l.close()
		out.OK, out.Detail = true, Because(SSHConnected, s.User)
	}
	return out
}

// login is a connection that is signed in.
type login struct {
	client  *ssh.Client
	key     ssh.PublicKey // the host's
	timeout time.Duration // of all of it
	stop    func() bool   // no longer closes the connection when the context ends
}

func (l *login) close() {
	l.stop()
	l.client.Close()
	l.client.Wait()
}

// signIn connects until the host shows the pinned key, and signs in. Hosts have a key of each of several types and show the one that
// they are asked for, so a bare fingerprint is looked for among all of them: whatever did not fit is not asked for again. The host key
// that comes back is the one that was accepted, or the first that was not.
func (s SSH) signIn(ctx context.Context, f *Firer) (*login, ssh.PublicKey, Reason) {
	pinned, err := parsePin(s.HostKey)
	if err != nil {
		return nil, nil, reasonOf(err)
	}
	signer, err := open(s.PrivateKey, s.Passphrase)
	if err != nil {
		return nil, nil, reasonOf(err)
	}
	var strange ssh.PublicKey // the first that did not fit
	var why Reason
	for ask, widened := pinned.algorithms(), false; len(ask) > 0; {
		a := attempt{target: s, pin: pinned, ask: ask}
		var l *login
		l, why = a.signIn(ctx, f, signer)
		switch {
		case l != nil:
			return l, l.key, Reason{}
		case a.refused:
			if strange == nil {
				strange = a.seen
			}
			ask = pinned.others(ask, a.seen)
		case a.unknown && pinned.key != nil && !widened: // the host has no such key any more: which has it?
			ask, widened = without(hostKeyAlgorithms, ask), true
		case a.unknown:
			ask = nil
		default:
			return nil, a.seen, why
		}
	}
	if strange != nil {
		why = Because(HostKeyChanged, describe(strange), pinned.String())
	}
	return nil, strange, why
}

func reasonOf(err error) Reason {
	var inv *Invalid
	errors.As(err, &inv)
	return inv.Reason
}

func without(all, some []string) []string {
	return slices.DeleteFunc(slices.Clone(all), func(a string) bool { return slices.Contains(some, a) })
}

// attempt is one connection.
type attempt struct {
	target SSH
	pin    pin
	ask    []string // host key algorithms

	seen     ssh.PublicKey // what the host showed; nil: it did not come so far
	refused  bool          // seen does not fit
	unknown  bool          // the host has none of the algorithms
	signedIn atomic.Bool
	first    greeting
}

// errStrangeKey ends a handshake in which the host showed a key that does not fit.
var errStrangeKey = errors.New("not the pinned host key")

func (a *attempt) signIn(ctx context.Context, f *Firer, signer ssh.Signer) (*login, Reason) {
	s := a.target
	conn, why, err := f.prober.Dial(ctx, s.Host, s.Port, min(connectLimit, left(ctx)))
	if err != nil {
		return nil, Because(BrokenOff)
	}
	if conn == nil {
		return nil, connection(why)
	}
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	limit := func(d time.Duration) { conn.SetDeadline(time.Now().Add(min(d, left(ctx)))) }
	limit(handshakeLimit)
	a.first.Conn = conn
	c, chans, reqs, err := ssh.NewClientConn(&a.first, net.JoinHostPort(s.Host, strconv.Itoa(s.Port)), &ssh.ClientConfig{
		User:              s.User,
		Auth:              []ssh.AuthMethod{ssh.PublicKeys(signer)}, // and nothing that would ask somebody, or an agent
		HostKeyAlgorithms: a.ask,
		HostKeyCallback: func(_ string, _ net.Addr, key ssh.PublicKey) error {
			a.seen = key
			if a.refused = !a.pin.fits(key); a.refused {
				return errStrangeKey
			}
			if !a.signedIn.Load() { // keys are exchanged anew after every gigabyte, too
				limit(signInLimit)
			}
			return nil
		},
		ClientVersion: "SSH-2.0-statusd",
	})
	if err != nil {
		stop()
		conn.Close()
		return nil, a.reason(errors.Join(ctx.Err(), err), signer) // a connection that we closed looks like one that they did
	}
	a.signedIn.Store(true)
	conn.SetDeadline(time.Time{})
	return &login{client: ssh.NewClient(c, chans, reqs), key: a.seen, timeout: s.Timeout, stop: stop}, Reason{}
}

// left is how much time a context has.
func left(ctx context.Context) time.Duration {
	until, ok := ctx.Deadline()
	if !ok {
		return time.Hour
	}
	return max(0, time.Until(until))
}

// greeting is a connection that remembers how the other side began.
type greeting struct {
	net.Conn
	text [256]byte
	n    int
}

func (g *greeting) Read(p []byte) (int, error) {
	n, err := g.Conn.Read(p)
	g.n += copy(g.text[g.n:], p[:max(n, 0)])
	return n, err
}
