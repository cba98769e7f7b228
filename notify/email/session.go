package email

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"statusd/notify"
)

// stage is how far an attempt came.
type stage uint8

const (
	dialling stage = iota
	shaking        // hands, in TLS
	greeting       // up to the answer to EHLO, the offer of STARTTLS included
	signingIn
	naming    // the sender: MAIL
	asking    // for the recipient: RCPT
	beginning // DATA
	sending   // the mail, to its last answer
)

// failure is an error with where it came.
type failure struct {
	at     stage
	err    error
	silent bool // nothing at all was heard
}

// Error is the error's.
func (f *failure) Error() string { return f.err.Error() }

// What a server does not offer.
var (
	errNoStartTLS = errors.New("no STARTTLS")
	errNoSignIn   = errors.New("neither AUTH PLAIN nor AUTH LOGIN")
	errNoUTF8     = errors.New("no SMTPUTF8")
	errTooLarge   = errors.New("larger than SIZE")
)

// session is a connection over which mails can be sent.
type session struct {
	client *smtp.Client
	line   *line
	epoch  int // of the settings it was opened with
	sent   int // mails, refused ones included
	dead   bool
	idle   *time.Timer
}

// open makes a session. The line ends when the context does.
func open(ctx context.Context, s Settings, o Options, end time.Time) (*session, *failure) {
	conn, err := o.Dial(ctx, "tcp", s.address())
	if err != nil {
		return nil, &failure{at: dialling, err: err}
	}
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	ss := &session{line: &line{Conn: conn}}
	ss.line.until(end)
	if f := ss.begin(ctx, s, o); f != nil {
		conn.Close()
		f.silent = !ss.line.heard.Load()
		return nil, f
	}
	return ss, nil
}

// begin does all that comes before the first mail.
func (ss *session) begin(ctx context.Context, s Settings, o Options) *failure {
	if f := ss.protect(ctx, s, o); f != nil {
		return f
	}
	ss.client.CommandTimeout, ss.client.SubmissionTimeout = o.Timeout, o.Timeout
	name := s.Hello
	if name == "" {
		name = literal(ss.line.LocalAddr())
	}
	err := ss.client.Hello(name)
	if state, ok := ss.client.TLSConnectionState(); err != nil && ok && !state.HandshakeComplete {
		return &failure{at: shaking, err: err} // STARTTLS shakes hands when the first command goes
	}
	if err != nil {
		return &failure{at: greeting, err: err}
	}
	return ss.signIn(s)
}

func (ss *session) protect(ctx context.Context, s Settings, o Options) *failure {
	switch s.Security {
	case TLS:
		conn := tls.Client(ss.line, s.tls(o))
		if err := conn.HandshakeContext(ctx); err != nil {
			return &failure{at: shaking, err: err}
		}
		ss.client = smtp.NewClient(conn)
	case None:
		ss.client = smtp.NewClient(ss.line)
	default:
		client, err := smtp.NewClientStartTLS(ss.line, s.tls(o))
		if err != nil && strings.Contains(err.Error(), "doesn't support STARTTLS") { // text is all that go-smtp gives
			err = errNoStartTLS
		}
		if err != nil {
			return &failure{at: greeting, err: err}
		}
		ss.client = client
	}
	return nil
}

// literal is an address as a greeting has it. Source: RFC 5321 §4.1.3.
func literal(addr net.Addr) string {
	tcp, ok := addr.(*net.TCPAddr)
	if !ok {
		return "localhost"
	}
	ip := tcp.AddrPort().Addr().Unmap().WithZone("")
	if ip.Is4() {
		return "[" + ip.String() + "]"
	}
	return "[IPv6:" + ip.String() + "]"
}

func (ss *session) signIn(s Settings) *failure {
	if s.User == "" {
		return nil
	}
	// go-smtp would send the password whatever is offered, and in clear.
	if state, ok := ss.client.TLSConnectionState(); !ok || !state.HandshakeComplete {
		return &failure{at: signingIn, err: errNoStartTLS}
	}
	var way sasl.Client
	switch {
	case ss.client.SupportsAuth(sasl.Plain):
		way = sasl.NewPlainClient("", s.User, string(s.Password))
	case ss.client.SupportsAuth(sasl.Login):
		way = &login{answers: []string{s.User, string(s.Password)}}
	default:
		return &failure{at: signingIn, err: errNoSignIn}
	}
	if err := ss.client.Auth(way); err != nil {
		return &failure{at: signingIn, err: err}
	}
	return nil
}

// login is the LOGIN mechanism. go-sasl's takes one wording of the questions, and servers have several; their order is all they share.
type login struct{ answers []string }

// Start begins without an answer.
func (l *login) Start() (string, []byte, error) { return sasl.Login, nil, nil }

// Next answers the next question.
func (l *login) Next([]byte) ([]byte, error) {
	if len(l.answers) == 0 {
		return nil, sasl.ErrUnexpectedServerChallenge
	}
	answer := l.answers[0]
	l.answers = l.answers[1:]
	return []byte(answer), nil
}

// send gives the server a mail and returns the line in which it takes it. After a refusal the session is ready for the next one; after
// anything else it is dead.
func (ss *session) send(ctx context.Context, from, to string, raw []byte, end time.Time) (string, *failure) {
	ss.line.until(end)
	stop := context.AfterFunc(ctx, func() { ss.line.Conn.Close() })
	ss.sent++
	answer, f := ss.transact(from, to, raw)
	if !stop() {
		ss.dead = true
	}
	if f != nil {
		ss.recover(f)
	}
	return answer, f
}

func (ss *session) transact(from, to string, raw []byte) (string, *failure) {
	if limit, ok := ss.client.MaxMessageSize(); ok && limit > 0 && len(raw) > limit {
		return "", &failure{at: naming, err: errTooLarge}
	}
	var opts *smtp.MailOptions
	if !ascii(to) {
		if ok, _ := ss.client.Extension("SMTPUTF8"); !ok {
			return "", &failure{at: naming, err: errNoUTF8}
		}
		opts = &smtp.MailOptions{UTF8: true}
	}
	if err := ss.client.Mail(from, opts); err != nil {
		return "", &failure{at: naming, err: err}
	}
	if err := ss.client.Rcpt(to, nil); err != nil {
		return "", &failure{at: asking, err: err}
	}
	data, err := ss.client.Data()
	if err != nil {
		return "", &failure{at: beginning, err: err}
	}
	if _, err := data.Write(raw); err != nil {
		return "", &failure{at: sending, err: err}
	}
	done, err := data.CloseWithResponse()
	if err != nil {
		return "", &failure{at: sending, err: err}
	}
	return "250 " + oneLine(done.StatusText), nil
}

// recover leaves the session as it must be for the next mail. Once the mail has been sent, or before MAIL, there is nothing to reset.
func (ss *session) recover(f *failure) {
	var reply *smtp.SMTPError
	switch {
	case f.err == errTooLarge, f.err == errNoUTF8:
	case !errors.As(f.err, &reply), reply.Code == 421:
		ss.dead = true
	case f.at != sending && ss.client.Reset() != nil:
		ss.dead = true
	}
}

// mindTime makes the end of time what it was, whatever it looked like: a connection that was closed under somebody's hands, say.
func (f *failure) mindTime(end time.Time) {
	var reply *smtp.SMTPError
	if f != nil && !time.Now().Before(end) && !errors.As(f.err, &reply) {
		f.err = context.DeadlineExceeded
	}
}

// stale says that a kept session turned out to be closed by the server, so that another one is worth an immediate try.
func (f *failure) stale() bool {
	var reply *smtp.SMTPError
	if errors.As(f.err, &reply) {
		return f.at == naming && reply.Code == 421
	}
	return f.at == naming && f.err != errTooLarge && f.err != errNoUTF8 && !notify.TimedOut(f.err)
}

// leave says goodbye, for at most a moment.
func (ss *session) leave() {
	ss.line.until(time.Now().Add(farewell))
	if ss.dead || ss.client.Quit() != nil {
		ss.client.Close()
	}
}

// answerOf is what the server said, as one line; "" when an error is not its word.
func answerOf(err error) string {
	var reply *smtp.SMTPError
	if !errors.As(err, &reply) {
		return ""
	}
	return oneLine(fmt.Sprintf("%s %s", number(reply), reply.Message))
}

// number is a reply's codes: "550 5.1.1".
func number(reply *smtp.SMTPError) string {
	if e := reply.EnhancedCode; e[0] > 0 {
		return fmt.Sprintf("%d %d.%d.%d", reply.Code, e[0], e[1], e[2])
	}
	return fmt.Sprint(reply.Code)
}

// oneLine is an answer that can be shown: as short as a banner.
func oneLine(s string) string {
	s = clean(s)
	if r := []rune(s); len(r) > maxAnswer {
		s = string(r[:maxAnswer-1]) + "…"
	}
	return s
}
