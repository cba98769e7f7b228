package notifytest

import (
	"crypto/tls"
	"errors"
	"io"
	"log"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// MailStage is a place in an SMTP conversation where a [MailServer] can be told to do something else.
type MailStage string

// The stages. Those with a * are met in clear alone: under TLS the lines cannot be seen.
const (
	AtGreeting MailStage = "greeting"
	AtHello    MailStage = "EHLO"     // *
	AtStartTLS MailStage = "STARTTLS" // *
	AtAuth     MailStage = "AUTH"
	AtMail     MailStage = "MAIL"
	AtRcpt     MailStage = "RCPT"
	AtData     MailStage = "DATA" // *
	AtBody     MailStage = "body" // the mail is coming
	AtDot      MailStage = "."    // the mail is there and counts as taken
	AtReset    MailStage = "RSET" // *
)

// MailAct is what a server does at a stage instead of going on. The zero value is to go on.
type MailAct struct {
	Reply *smtp.SMTPError // refuse with it
	Drop  bool            // close the connection without a word
	Hang  bool            // say nothing until the test ends
	Wait  time.Duration   // then go on
}

// MailOptions make a MailServer. The zero value speaks clear SMTP to everybody.
type MailOptions struct {
	TLS      *tls.Config
	Implicit bool              // TLS from the first byte, instead of STARTTLS
	Users    map[string]string // passwords; nil: no AUTH
	Ways     []string          // of AUTH; nil: PLAIN and LOGIN
	UTF8     bool
	MaxBytes int64
	Forget   bool // count mails, do not keep them
}

// TakenMail is a mail that the server took.
type TakenMail struct {
	From, To string
	Raw      []byte
	TLS      bool
	User     string
}

// MailServer is a real SMTP server on loopback that can be told to refuse, drop, hang and dawdle.
type MailServer struct {
	Host string
	Port int

	opts   MailOptions
	over   chan struct{}
	server *smtp.Server

	mu          sync.Mutex
	act         func(MailStage, string) MailAct
	taken       []TakenMail
	count       int
	connections int
	open, peak  int
	said        map[MailStage]int
}

// NewMailServer starts a server. It ends with the test.
func NewMailServer(t testing.TB, o MailOptions) *MailServer {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	at := l.Addr().(*net.TCPAddr)
	s := &MailServer{Host: "127.0.0.1", Port: at.Port, opts: o, over: make(chan struct{}), said: map[MailStage]int{}}
	s.server = smtp.NewServer(smtp.BackendFunc(s.session))
	s.server.Domain, s.server.MaxMessageBytes, s.server.EnableSMTPUTF8 = "mx.test", o.MaxBytes, o.UTF8
	s.server.ErrorLog = log.New(io.Discard, "", 0)
	if !o.Implicit {
		s.server.TLSConfig = o.TLS
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.server.Serve(&mailListener{l, s})
	}()
	t.Cleanup(func() {
		close(s.over)
		s.server.Close()
		<-done
	})
	return s
}

// On has what happens at each stage decided by a function; the text is the argument: an address, a line.
func (s *MailServer) On(act func(at MailStage, text string) MailAct) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.act = act
}

// Refuse answers every command of a stage with a reply. It replaces whatever On has set.
func (s *MailServer) Refuse(at MailStage, reply *smtp.SMTPError) {
	s.On(func(stage MailStage, _ string) MailAct {
		if stage == at {
			return MailAct{Reply: reply}
		}
		return MailAct{}
	})
}

// Taken are the mails that the server took, in that order.
func (s *MailServer) Taken() []TakenMail {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]TakenMail(nil), s.taken...)
}

// Count is how many mails the server took.
func (s *MailServer) Count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.count
}

// Forget forgets the mails, and keeps none from now on: they are only counted.
func (s *MailServer) Forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.opts.Forget, s.taken = true, nil
}

// Connections is how many were accepted so far, how many are open now, and how many were at most.
func (s *MailServer) Connections() (all, now, peak int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.connections, s.open, s.peak
}

// Said is how often a stage was reached.
func (s *MailServer) Said(at MailStage) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.said[at]
}

var errDropped = errors.New("dropped")

// decide asks what to do at a stage and does what can be done without the connection.
func (s *MailServer) decide(at MailStage, text string) MailAct {
	s.mu.Lock()
	s.said[at]++
	act := s.act
	s.mu.Unlock()
	if act == nil {
		return MailAct{}
	}
	a := act(at, text)
	if a.Hang {
		<-s.over
		a.Drop = true
	}
	if a.Wait > 0 {
		timer := time.NewTimer(a.Wait)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-s.over:
		}
	}
	return a
}

// within decides at a stage that go-smtp's server hands over.
func (s *MailServer) within(c *smtp.Conn, at MailStage, text string) error {
	switch a := s.decide(at, text); {
	case a.Drop:
		c.Conn().Close()
		return errDropped
	case a.Reply != nil:
		return a.Reply
	}
	return nil
}

func (s *MailServer) session(c *smtp.Conn) (smtp.Session, error) {
	return &mailSession{server: s, conn: c}, nil
}

type mailSession struct {
	server *MailServer
	conn   *smtp.Conn
	user   string
	mail   TakenMail
}

// Reset forgets the mail at hand.
func (m *mailSession) Reset() { m.mail = TakenMail{} }

// Logout has nothing to do.
func (m *mailSession) Logout() error { return nil }

// Mail notes the sender.
func (m *mailSession) Mail(from string, _ *smtp.MailOptions) error {
	if m.server.opts.Users != nil && m.user == "" {
		return &smtp.SMTPError{Code: 530, EnhancedCode: smtp.EnhancedCode{5, 7, 0}, Message: "Authentication required"}
	}
	_, safe := m.conn.TLSConnectionState()
	m.mail = TakenMail{From: from, TLS: safe, User: m.user}
	return m.server.within(m.conn, AtMail, from)
}

// Rcpt notes the recipient.
func (m *mailSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	m.mail.To = to
	return m.server.within(m.conn, AtRcpt, to)
}

// Data takes the mail.
func (m *mailSession) Data(r io.Reader) error {
	if err := m.server.within(m.conn, AtBody, m.mail.To); err != nil {
		if err != errDropped {
			io.Copy(io.Discard, r)
		}
		return err
	}
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	m.mail.Raw = raw
	m.server.take(m.mail)
	return m.server.within(m.conn, AtDot, m.mail.To)
}

func (s *MailServer) take(m TakenMail) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.count++
	if !s.opts.Forget {
		s.taken = append(s.taken, m)
	}
}

// AuthMechanisms are the ways to sign in.
func (m *mailSession) AuthMechanisms() []string {
	switch {
	case m.server.opts.Users == nil:
		return nil
	case m.server.opts.Ways != nil:
		return m.server.opts.Ways
	}
	return []string{sasl.Plain, sasl.Login}
}

// Auth signs somebody in.
func (m *mailSession) Auth(way string) (sasl.Server, error) {
	check := func(user, password string) error {
		if err := m.server.within(m.conn, AtAuth, user); err != nil {
			return err
		}
		if want, ok := m.server.opts.Users[user]; !ok || want != password {
			return smtp.ErrAuthFailed
		}
		m.user = user
		return nil
	}
	if way == sasl.Login {
		return &loginServer{check: check}, nil
	}
	return sasl.NewPlainServer(func(_, user, password string) error { return check(user, password) }), nil
}

// loginServer is the LOGIN mechanism's other side, in a wording of its own.
type loginServer struct {
	check func(user, password string) error
	user  string
	step  int
}

// Next asks for the user name, then for the password.
func (l *loginServer) Next(response []byte) ([]byte, bool, error) {
	l.step++
	switch l.step {
	case 1:
		return []byte("User Name"), false, nil
	case 2:
		l.user = string(response)
		return []byte("Password"), false, nil
	}
	return nil, true, l.check(l.user, string(response))
}
