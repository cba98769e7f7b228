package telegram

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"hash/maphash"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"statusd/notify"
)

// DefaultAPI is Telegram's own.
const DefaultAPI = "https://api.telegram.org"

// Options tune a Sender. The zero value is good.
type Options struct {
	API     string           // where the Bot API is; "": DefaultAPI
	Timeout time.Duration    // of all of an attempt; 15 s
	Roots   *x509.CertPool   // nil: the system's
	Now     func() time.Time // wall clock, for certificates; nil: time.Now
}

const (
	defaultTimeout = 15 * time.Second
	maxAnswer      = 64 << 10
	kept           = 30 * time.Second // an idle connection
)

// Sender delivers messages. Safe for concurrent use.
type Sender struct {
	api       string
	transport *http.Transport
	opts      Options

	mu     sync.Mutex
	seed   maphash.Seed
	pauses map[uint64]time.Time // until when Telegram wants nothing of a bot, by the hash of its token; monotonic
}

// Message is one message to one chat.
type Message struct {
	Token  string // of the bot, as ValidToken says
	Chat   string // as ValidChat says
	HTML   string // as this package writes it; cut when it is too long
	Silent bool   // no sound
}

// Result is what came of a message.
type Result struct {
	notify.Outcome
	Chat  string // where the chat has moved to: use this from now on; "" when it has not
	Words string // what Telegram said when it refused
}

// Both are as SPEC.md section 6 and INTEROP.md section 2 have them. A token becomes part of a path, so it is held to its form always.
var (
	tokens = regexp.MustCompile(`^[1-9][0-9]{0,15}:[A-Za-z0-9_-]{1,80}$`)
	chats  = regexp.MustCompile(`^(-?[1-9][0-9]{0,18}|@[A-Za-z][A-Za-z0-9_]{2,63})$`)
)

// ValidToken says that a bot's token has the form of one.
func ValidToken(token string) bool { return tokens.MatchString(token) }

// ValidChat says that a chat has the form of one: a number, or @name of a public channel or group.
func ValidChat(chat string) bool { return chats.MatchString(chat) }

// errAPI holds nothing of the URL: somebody may have put a token into it.
var errAPI = errors.New("the Bot API's URL must be http:// or https://, a host and nothing else but a path, such as " + DefaultAPI)

// New makes a Sender. The error says what is wrong with Options.API.
func New(o Options) (*Sender, error) {
	if o.API == "" {
		o.API = DefaultAPI
	}
	if o.Timeout <= 0 {
		o.Timeout = defaultTimeout
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	u, err := url.Parse(o.API)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, errAPI
	}
	return &Sender{
		api: strings.TrimRight(o.API, "/"), opts: o, seed: maphash.MakeSeed(), pauses: map[uint64]time.Time{},
		transport: &http.Transport{
			Proxy:                  http.ProxyFromEnvironment, // where Telegram is blocked there is no other way
			TLSClientConfig:        &tls.Config{RootCAs: o.Roots, Time: o.Now},
			ForceAttemptHTTP2:      true,
			MaxIdleConnsPerHost:    16,
			IdleConnTimeout:        kept,
			MaxResponseHeaderBytes: maxAnswer,
		},
	}, nil
}

// Close ends the connections that are kept.
func (s *Sender) Close() { s.transport.CloseIdleConnections() }

// Send makes one attempt. It follows a chat that has moved, once, and sends what Telegram does not understand once more without its tags.
// The outcome is Gone for what is refused for good, and Interrupted when the context was cancelled.
func (s *Sender) Send(ctx context.Context, m Message) Result {
	start := time.Now()
	switch {
	case !ValidToken(m.Token):
		return refused(notify.BadBotToken)
	case !ValidChat(m.Chat):
		return refused(notify.ChatUnknown)
	case Length(m.HTML) == 0:
		return refused(notify.MessageRefused)
	}
	if left := s.pause(m.Token); left > 0 {
		return paused(left)
	}
	within, cancel := context.WithTimeout(ctx, s.opts.Timeout)
	defer cancel()
	r := s.deliver(within, m, start)
	if ctx.Err() == context.Canceled && r.Kind != notify.Success {
		return Result{}
	}
	r.Took = time.Since(start)
	return r
}

// Check sends the message by which a subscription begins. The error is a *Refused when Telegram, or what stands before it, did not take it;
// the chat is where it went: another one than the message's when that has moved.
func (s *Sender) Check(ctx context.Context, m Message) (chat string, err error) {
	r := s.Send(ctx, m)
	switch {
	case r.Kind == notify.Interrupted:
		return "", context.Cause(ctx)
	case r.Kind != notify.Success:
		return "", &Refused{r}
	case r.Chat != "":
		return r.Chat, nil
	}
	return m.Chat, nil
}

// Refused is why a subscription cannot begin. Its Words are Telegram's, when it said something; RetryAfter says when to try again.
type Refused struct{ Result }

// Error is what Telegram said, or else why it said nothing.
func (r *Refused) Error() string {
	if r.Words != "" {
		return r.Words
	}
	return r.Reason.String()
}

func refused(code notify.Code) Result {
	return Result{Outcome: notify.Outcome{Kind: notify.Permanent, Reason: notify.Because(code)}}
}

// deliver sends, and once more where that repairs what was wrong.
func (s *Sender) deliver(ctx context.Context, m Message, start time.Time) Result {
	p := payload{Chat: m.Chat, Text: Cut(m.HTML), Mode: "HTML", Silent: m.Silent, Preview: preview{Disabled: true}}
	moved := ""
	for {
		a, err := s.call(ctx, m.Token, p)
		if err != nil {
			return Result{Outcome: s.failed(ctx, err, start), Chat: moved}
		}
		switch {
		case a.movedTo() != "" && moved == "":
			moved = a.movedTo()
			p.Chat = moved
			continue
		case a.misread() && p.Mode != "":
			p.Mode, p.Text = "", plain(p.Text)
			continue
		}
		r := judge(a)
		r.Chat = moved
		r.Words = strings.ReplaceAll(r.Words, m.Token, "…")
		if r.RetryAfter > 0 {
			s.keepPause(m.Token, r.RetryAfter)
		}
		return r
	}
}

// payload is the body of sendMessage.
type payload struct {
	Chat    string  `json:"chat_id"`
	Text    string  `json:"text"`
	Mode    string  `json:"parse_mode,omitempty"`
	Silent  bool    `json:"disable_notification,omitempty"`
	Preview preview `json:"link_preview_options"`
}

type preview struct {
	Disabled bool `json:"is_disabled"`
}

// failure is an attempt without an answer, with how far it came.
type failure struct {
	err error
	at  notify.Phase
}

// Error tells nothing: the error's own text holds the URL and so the token.
func (f *failure) Error() string { return "no answer" }

// call makes one request. A redirect is an answer like any other: whoever it leads to would get the token.
func (s *Sender) call(ctx context.Context, token string, p payload) (answer, *failure) {
	body, err := json.Marshal(p)
	if err != nil {
		return answer{}, &failure{err: err, at: notify.Talking}
	}
	var at atomic.Int32 // a notify.Phase
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		TLSHandshakeStart: func() { at.Store(int32(notify.Shaking)) },
		GotConn:           func(httptrace.GotConnInfo) { at.Store(int32(notify.Talking)) },
	})
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.api+"/bot"+token+"/sendMessage", bytes.NewReader(body))
	if err != nil {
		return answer{}, &failure{err: err, at: notify.Talking}
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "statusd")
	req.Header["Idempotency-Key"] = nil // not sent: it has a connection that was closed while nobody used it replaced by a new one
	got, err := s.transport.RoundTrip(req)
	if err != nil {
		return answer{}, &failure{err: err, at: notify.Phase(at.Load())}
	}
	defer got.Body.Close()
	text, err := io.ReadAll(io.LimitReader(got.Body, maxAnswer))
	if err != nil {
		return answer{}, &failure{err: err, at: notify.Talking}
	}
	return read(got, text), nil
}

func (s *Sender) failed(ctx context.Context, f *failure, start time.Time) notify.Outcome {
	err := f.err
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	return notify.Fault(err, f.at, time.Since(start), s.opts.Now())
}

// pause is how long Telegram still wants nothing of a bot.
func (s *Sender) pause(token string) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return time.Until(s.pauses[maphash.String(s.seed, token)])
}

// keepPause notes a pause. Those that are over are forgotten.
func (s *Sender) keepPause(token string, d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for key, until := range s.pauses {
		if time.Until(until) <= 0 {
			delete(s.pauses, key)
		}
	}
	s.pauses[maphash.String(s.seed, token)] = time.Now().Add(d)
}
