package email

import (
	"context"
	"crypto/x509"
	"net"
	"regexp"
	"slices"
	"sync"
	"time"

	"statusd/notify"
)

// Options tune a Sender. The zero value is good.
type Options struct {
	Connections   int            // at a time; 8
	PerConnection int            // mails over one before it is closed; 100
	Idle          time.Duration  // how long one is kept for the next mail; 5 s
	Timeout       time.Duration  // of all of an attempt; 80 s, and never beyond its context
	Roots         *x509.CertPool // nil: the system's
	Now           func() time.Time
	Dial          func(ctx context.Context, network, address string) (net.Conn, error)
}

const (
	patience  = 80 * time.Second // RFC 5321 §4.5.3.2 speaks of minutes; a person who waits is told before
	farewell  = 2 * time.Second  // for the answer to QUIT
	maxAnswer = 300              // characters of a server's answer that are kept
)

func (o Options) filled() Options {
	if o.Connections <= 0 {
		o.Connections = 8
	}
	if o.PerConnection <= 0 {
		o.PerConnection = 100
	}
	if o.Idle <= 0 {
		o.Idle = 5 * time.Second
	}
	if o.Timeout <= 0 {
		o.Timeout = patience
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Dial == nil {
		o.Dial = (&net.Dialer{}).DialContext
	}
	return o
}

// Sender delivers mails over connections that it keeps. Safe for concurrent use.
type Sender struct {
	opts     Options
	places   chan struct{} // one for each connection
	working  sync.WaitGroup
	openings openings

	mu       sync.Mutex
	settings Settings
	epoch    int // counts the settings
	idle     []*session
	memory   memory
	trouble  Trouble
	closed   bool
}

// Trouble is what keeps the channel from working, or may.
type Trouble struct {
	Reason notify.Reason
	Answer string // the server's words; "" when it said nothing. Recipient and password are cut out
	Stands bool   // the channel is broken by it
	At     time.Time
}

// New makes a Sender, with no mail server yet.
func New(o Options) *Sender {
	o = o.filled()
	return &Sender{opts: o, places: make(chan struct{}, o.Connections), memory: newMemory()}
}

// Use changes the settings, for mails that are sent from now on. They are as Settings.Checked returns them; the zero value is no mail server.
func (s *Sender) Use(settings Settings) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.settings == settings {
		return
	}
	s.settings = settings
	s.epoch++
	s.memory, s.trouble = newMemory(), Trouble{}
	s.dismiss()
}

// Set says that there is a mail server.
func (s *Sender) Set() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.settings.Set()
}

// Trouble is the newest failure that is not about one recipient or mail; the zero value when a mail went through since.
func (s *Sender) Trouble() Trouble {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.trouble
}

// Close ends the kept connections, and waits for them and for what is being sent.
func (s *Sender) Close() {
	s.mu.Lock()
	s.closed = true
	s.dismiss()
	s.mu.Unlock()
	s.working.Wait()
}

// Send makes one attempt. The outcome is Permanent with the reason notify.MailboxUnknown for a mailbox that does not exist, Broken for what
// is not about this mail, and Interrupted when the context was cancelled.
func (s *Sender) Send(ctx context.Context, m Mail) notify.Outcome {
	s.mu.Lock()
	settings, epoch, closed := s.settings, s.epoch, s.closed
	if !closed {
		s.working.Add(1)
		defer s.working.Done()
	}
	s.mu.Unlock()
	switch {
	case closed:
		return notify.Outcome{}
	case !settings.Set():
		return notify.Outcome{Kind: notify.Broken, Reason: notify.Because(notify.NoMailServer)}
	}
	start := time.Now()
	to, raw, refused := s.prepare(settings, m)
	if refused != nil {
		return *refused
	}
	if !s.enter(ctx) {
		return cut(ctx, time.Since(start))
	}
	defer func() { <-s.places }()
	end := s.end(ctx)
	f := s.attempt(ctx, settings, epoch, to, raw, end)
	if f != nil && ctx.Err() == context.Canceled {
		return notify.Outcome{}
	}
	f.mindTime(end)
	out := s.outcome(epoch, to, f, time.Since(start))
	out.Took = time.Since(start)
	return out
}

// prepare makes the bytes to send, or says why there are none.
func (s *Sender) prepare(settings Settings, m Mail) (to string, raw []byte, refused *notify.Outcome) {
	to, ok := Address(m.To)
	if !ok {
		return "", nil, &notify.Outcome{Kind: notify.Permanent, Reason: notify.Because(notify.BadAddress)}
	}
	raw, err := compose(settings.From, m, &s.openings)
	if err == nil && settings.DKIM != nil {
		raw, err = settings.DKIM.sign(domainOf(settings.From.Address), raw)
	}
	if err != nil {
		return "", nil, &notify.Outcome{Kind: notify.Permanent, Reason: notify.Because(notify.Internal)}
	}
	return to, raw, nil
}

// enter waits for a place.
func (s *Sender) enter(ctx context.Context) bool {
	select {
	case s.places <- struct{}{}:
		return true
	case <-ctx.Done():
		return false
	}
}

// attempt sends over a kept session or a new one. When a kept one turns out to have been closed by the server, the next one is taken.
func (s *Sender) attempt(ctx context.Context, settings Settings, epoch int, to string, raw []byte, end time.Time) *failure {
	for {
		ss := s.kept(epoch)
		fresh := ss == nil
		if fresh {
			var f *failure
			within, cancel := context.WithDeadline(ctx, end)
			ss, f = open(within, settings, s.opts, end)
			cancel()
			if f != nil {
				return f
			}
			ss.epoch = epoch
			s.reached(epoch)
		}
		_, f := ss.send(ctx, settings.From.Address, to, raw, end)
		s.keep(ss)
		if f == nil || fresh || !f.stale() || ctx.Err() != nil {
			return f
		}
	}
}

// outcome says what came of an attempt, and remembers what is not about it alone. What went wrong with settings that are no longer used
// is no outcome.
func (s *Sender) outcome(epoch int, to string, f *failure, took time.Duration) notify.Outcome {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.opts.Now()
	if f == nil {
		if epoch == s.epoch {
			s.memory.took(to)
			s.trouble = Trouble{}
		}
		return notify.Outcome{Kind: notify.Success, StatusCode: 250}
	}
	v := judge(f, took, now)
	about := v.doubt != none || v.Kind == notify.Broken
	switch {
	case !about:
		return v.Outcome
	case epoch != s.epoch:
		return notify.Outcome{}
	}
	out := s.memory.weigh(v, to)
	s.trouble = Trouble{Reason: out.Reason, Answer: s.settings.hide(answerOf(f.err), to), Stands: out.Kind == notify.Broken, At: now}
	return out
}

// end is when an attempt that begins now must be over.
func (s *Sender) end(ctx context.Context) time.Time {
	end := time.Now().Add(s.opts.Timeout)
	if d, ok := ctx.Deadline(); ok && d.Before(end) {
		return d
	}
	return end
}

// hide cuts a recipient and what signs us in out of a server's answer.
func (s Settings) hide(answer, to string) string {
	for _, private := range []string{to, string(s.Password)} {
		if len(private) > 3 { // a shorter one would tell itself by what is missing
			answer = regexp.MustCompile("(?i)"+regexp.QuoteMeta(private)).ReplaceAllLiteralString(answer, "…")
		}
	}
	return answer
}

// cut is the outcome when the context ended first.
func cut(ctx context.Context, took time.Duration) notify.Outcome {
	if ctx.Err() == context.Canceled {
		return notify.Outcome{}
	}
	return notify.Outcome{Kind: notify.Temporary, Reason: notify.Because(notify.NoAnswer, notify.Span(took)), Took: took}
}

// Test sends a mail with settings that need not be in use, over a connection of its own, and returns the server's last answer with what
// it means. The answer is "" when the server said nothing.
func (s *Sender) Test(ctx context.Context, settings Settings, m Mail) (answer string, out notify.Outcome) {
	to, raw, refused := s.prepare(settings, m)
	if refused != nil {
		return "", *refused
	}
	start, end := time.Now(), s.end(ctx)
	within, cancel := context.WithDeadline(ctx, end)
	defer cancel()
	ss, f := open(within, settings, s.opts, end)
	if f == nil {
		answer, f = ss.send(within, settings.From.Address, to, raw, end)
		defer ss.leave()
	}
	if f != nil {
		f.mindTime(end)
		out = judge(f, time.Since(start), s.opts.Now()).Outcome
		out.Took = time.Since(start)
		return settings.hide(answerOf(f.err), ""), out
	}
	return answer, notify.Outcome{Kind: notify.Success, StatusCode: 250, Took: time.Since(start)}
}

// kept takes the session that was used last.
func (s *Sender) kept(epoch int) *session {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := len(s.idle); n > 0 && s.idle[n-1].epoch == epoch {
		ss := s.idle[n-1]
		s.idle = s.idle[:n-1]
		ss.idle.Stop()
		return ss
	}
	return nil
}

// keep puts a session back for the next mail, or ends it.
func (s *Sender) keep(ss *session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if ss.dead || s.closed || ss.epoch != s.epoch || ss.sent >= s.opts.PerConnection {
		s.working.Go(ss.leave)
		return
	}
	s.idle = append(s.idle, ss)
	ss.idle = time.AfterFunc(s.opts.Idle, func() { s.expire(ss) })
}

// expire ends a session that nobody needed.
func (s *Sender) expire(ss *session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.Index(s.idle, ss)
	if i < 0 || s.closed {
		return // taken, or dismissed, while the timer went off
	}
	s.idle = slices.Delete(s.idle, i, i+1)
	s.working.Go(ss.leave)
}

// dismiss ends all sessions that wait. The lock is held.
func (s *Sender) dismiss() {
	for _, ss := range s.idle {
		ss.idle.Stop()
		s.working.Go(ss.leave)
	}
	s.idle = nil
}

func (s *Sender) reached(epoch int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if epoch == s.epoch {
		s.memory.reached()
	}
}
