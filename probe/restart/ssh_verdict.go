package restart

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/crypto/ssh"
)

// reason finds the sentence for a handshake or a sign-in that failed, and notes what the next attempt needs to know.
// Source: INTEROP.md section 6, "Outcomes".
func (a *attempt) reason(err error, signer ssh.Signer) Reason {
	var none *ssh.AlgorithmNegotiationError
	switch {
	case a.refused:
		return Because(HostKeyChanged, describe(a.seen), a.pin.String())
	case errors.As(err, &none) && none.What == "host key":
		a.unknown = true
		return Because(HostKeyUnknown, strings.Join(none.RequestedAlgorithms, ", "))
	case errors.As(err, &none):
		return Because(SSHNoCommon, none.What)
	case a.seen == nil:
		return a.unshaken(err)
	case strings.Contains(err.Error(), "unable to authenticate"):
		return Because(SSHKeyRefused, a.target.User, describe(signer.PublicKey()))
	case timedOut(err):
		return Because(SSHSignInTime, span(min(signInLimit, a.target.Timeout)))
	case cutOff(err):
		return Because(SSHSignInClosed)
	}
	return broken(err)
}

// unshaken is why there is no handshake.
func (a *attempt) unshaken(err error) Reason {
	begins := firstLine(string(a.first.text[:a.first.n]))
	switch {
	case begins != "" && !strings.HasPrefix(begins, "SSH-2") && !strings.HasPrefix(begins, "SSH-1.99"):
		return Because(NotSSH, begins)
	case timedOut(err):
		return Because(SSHSilent, span(min(handshakeLimit, a.target.Timeout)))
	case cutOff(err):
		return Because(SSHClosed)
	}
	return broken(err)
}

var disconnected = regexp.MustCompile(`ssh: disconnect, reason \d+: (".*")`)

func broken(err error) Reason {
	if m := disconnected.FindStringSubmatch(err.Error()); m != nil {
		if said, err := strconv.Unquote(m[1]); err == nil {
			return Because(SSHDisconnected, said)
		}
	}
	said := err.Error()
	if i := strings.LastIndex(said, "ssh: "); i >= 0 {
		said = said[i+len("ssh: "):]
	}
	return Because(SSHBroken, said)
}

func timedOut(err error) bool {
	var ne net.Error
	return errors.Is(err, context.DeadlineExceeded) || errors.As(err, &ne) && ne.Timeout()
}

func cutOff(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) ||
		errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}

// reason is why a command's end is no success; zero when it is.
func (e ending) reason(ctx context.Context, limit time.Duration) Reason {
	switch {
	case e.signal != "":
		return Because(SSHSignal, e.signal)
	case e.status == nil && ctx.Err() != nil:
		return Because(SSHTimeout, span(limit))
	case e.status == nil:
		return Because(SSHNoStatus)
	case *e.status == 127:
		return Because(SSHNotFound)
	case *e.status != 0:
		return Because(SSHExit, strconv.Itoa(*e.status))
	}
	return Reason{}
}

// span writes a duration as probe does: "40 ms", "10 s".
func span(d time.Duration) string {
	if d < time.Second {
		return fmt.Sprintf("%d ms", d.Milliseconds())
	}
	return fmt.Sprintf("%g s", float64(d.Round(100*time.Millisecond))/float64(time.Second))
}
