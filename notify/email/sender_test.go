package email_test

import (
	"context"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"statusd/notify"
	"statusd/notify/email"
	"statusd/notify/notifytest"
	"statusd/probe/probetest"
)

func mustSend(t *testing.T, s *email.Sender, m email.Mail) {
	t.Helper()
	if out := s.Send(t.Context(), m); out.Kind != notify.Success || out.StatusCode != 250 || out.Took <= 0 {
		t.Errorf("%s: %+v", m.To, out)
	}
}

func TestAMailArrivesAsItWasComposed(t *testing.T) {
	server := notifytest.NewMailServer(t, notifytest.MailOptions{UTF8: true})
	s := newSender(t, clear(server), email.Options{})
	mustSend(t, s, full())
	got := server.Taken()
	if len(got) != 1 || got[0].From != sender.Address || got[0].To != "ayşe@xn--rnek-4qa.com.tr" || string(got[0].Raw) != string(compose(t, full())) {
		t.Errorf("%+v", got)
	}
}

func TestAConnectionIsUsedForAHundredMails(t *testing.T) {
	server := notifytest.NewMailServer(t, notifytest.MailOptions{})
	s := newSender(t, clear(server), email.Options{Idle: time.Hour})
	for i := range 250 {
		mustSend(t, s, to(fmt.Sprintf("r%d@example.org", i)))
	}
	if all, _, peak := server.Connections(); all != 3 || server.Count() != 250 {
		t.Errorf("%d connections, %d at a time, %d mails", all, peak, server.Count())
	}
}

func TestNoMoreConnectionsThanAllowed(t *testing.T) {
	server := notifytest.NewMailServer(t, notifytest.MailOptions{})
	s := newSender(t, clear(server), email.Options{Connections: 3, Idle: time.Hour})
	var all sync.WaitGroup
	for i := range 200 {
		all.Go(func() { mustSend(t, s, to(fmt.Sprintf("r%d@example.org", i))) })
	}
	all.Wait()
	if made, _, peak := server.Connections(); peak > 3 || made > 5 || server.Count() != 200 {
		t.Errorf("%d connections, %d at a time, %d mails", made, peak, server.Count())
	}
}

// quits reports each QUIT, by the end of a connection that was dialled.
type quits struct {
	net.Conn
	ended chan<- struct{}
	once  sync.Once
}

func (q *quits) Close() error {
	q.once.Do(func() { q.ended <- struct{}{} })
	return q.Conn.Close()
}

// watched dials, and tells of each connection that ends.
func watched() (func(context.Context, string, string) (net.Conn, error), <-chan struct{}) {
	ended := make(chan struct{}, 100)
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := (&net.Dialer{}).DialContext(ctx, network, address)
		return &quits{Conn: c, ended: ended}, err
	}, ended
}

func TestAConnectionThatNobodyNeedsIsClosed(t *testing.T) {
	server := notifytest.NewMailServer(t, notifytest.MailOptions{})
	dial, ended := watched()
	s := newSender(t, clear(server), email.Options{Idle: 20 * time.Millisecond, Dial: dial})
	mustSend(t, s, plain())
	<-ended
	mustSend(t, s, plain())
	<-ended
}

func TestNewSettingsCloseTheConnectionsOfTheOld(t *testing.T) {
	old, young := notifytest.NewMailServer(t, notifytest.MailOptions{}), notifytest.NewMailServer(t, notifytest.MailOptions{})
	dial, ended := watched()
	s := newSender(t, clear(old), email.Options{Idle: time.Hour, Dial: dial})
	mustSend(t, s, plain())
	s.Use(checked(t, clear(old)))
	if len(ended) != 0 {
		t.Error("the same settings close connections")
	}
	s.Use(checked(t, clear(young)))
	<-ended
	mustSend(t, s, plain())
	if old.Count() != 1 || young.Count() != 1 {
		t.Errorf("%d, %d", old.Count(), young.Count())
	}
	s.Use(email.Settings{})
	<-ended
}

func TestAMailThatGoesWithOldSettingsEndsWithoutBreakingTheNew(t *testing.T) {
	old, young := notifytest.NewMailServer(t, notifytest.MailOptions{}), notifytest.NewMailServer(t, notifytest.MailOptions{})
	s := newSender(t, clear(old), email.Options{})
	old.On(func(at notifytest.MailStage, _ string) notifytest.MailAct {
		if at != notifytest.AtMail {
			return notifytest.MailAct{}
		}
		s.Use(checked(t, clear(young)))
		return notifytest.MailAct{Reply: reply(550, 5, 7, 1, "no")}
	})
	if out := s.Send(t.Context(), plain()); out.Kind != notify.Interrupted {
		t.Error(shown(out))
	}
	if tr := s.Trouble(); !tr.At.IsZero() {
		t.Errorf("%+v", tr)
	}
	mustSend(t, s, plain())
}

func TestAfterARefusalTheConnectionGoesOn(t *testing.T) {
	server := notifytest.NewMailServer(t, notifytest.MailOptions{})
	s := newSender(t, clear(server), email.Options{Idle: time.Hour})
	server.On(func(at notifytest.MailStage, who string) notifytest.MailAct {
		if at == notifytest.AtRcpt && strings.HasPrefix(who, "no") {
			return notifytest.MailAct{Reply: reply(550, 5, 1, 1, "no such user")}
		}
		return notifytest.MailAct{}
	})
	for range 3 {
		if out := s.Send(t.Context(), to("no@example.org")); out.Reason.Code != notify.MailboxUnknown {
			t.Error(shown(out))
		}
		mustSend(t, s, to("yes@example.org"))
	}
	if all, _, _ := server.Connections(); all != 1 || server.Said(notifytest.AtReset) != 3 {
		t.Errorf("%d connections, %d resets", all, server.Said(notifytest.AtReset))
	}
}

func TestAConnectionThatTheServerClosedFailsNobody(t *testing.T) {
	for _, act := range []notifytest.MailAct{{Drop: true}, {Reply: reply(421, 4, 4, 2, "idle for too long")}} {
		server := notifytest.NewMailServer(t, notifytest.MailOptions{})
		s := newSender(t, clear(server), email.Options{Idle: time.Hour})
		mustSend(t, s, plain())
		first := true
		server.On(func(at notifytest.MailStage, _ string) notifytest.MailAct {
			if at == notifytest.AtMail && first {
				first = false
				return act
			}
			return notifytest.MailAct{}
		})
		mustSend(t, s, plain())
		if all, _, _ := server.Connections(); all != 2 || server.Count() != 2 {
			t.Errorf("%d connections, %d mails", all, server.Count())
		}
	}
}

func TestSigningInIsByPlainOrLoginAndOnlyUnderTLS(t *testing.T) {
	for _, ways := range [][]string{nil, {"PLAIN"}, {"LOGIN"}} {
		for _, implicit := range []bool{false, true} {
			server, settings, o := secured(t, notifytest.MailOptions{Users: map[string]string{"u": "päss wörd"}, Ways: ways, Implicit: implicit}, probetest.Leaf{})
			settings.User, settings.Password = "u", "päss wörd"
			s := newSender(t, settings, o)
			mustSend(t, s, plain())
			mustSend(t, s, plain())
			if got := server.Taken(); len(got) != 2 || !got[1].TLS || got[1].User != "u" {
				t.Errorf("%v: %+v", ways, got)
			}
		}
	}
	_, settings, o := secured(t, notifytest.MailOptions{Users: map[string]string{}, Ways: []string{"CRAM-MD5", "XOAUTH2"}}, probetest.Leaf{})
	settings.User, settings.Password = "u", "p"
	s := newSender(t, settings, o)
	if out := s.Send(t.Context(), plain()); shown(out) != "broken smtp_no_sign_in" {
		t.Error(shown(out))
	}
}

func TestSignedInStaysSignedInAfterARefusal(t *testing.T) {
	server, settings, o := secured(t, notifytest.MailOptions{Users: map[string]string{"u": "p"}}, probetest.Leaf{})
	settings.User, settings.Password = "u", "p"
	s := newSender(t, settings, o)
	server.Refuse(notifytest.AtRcpt, reply(550, 5, 1, 1, "no such user"))
	s.Send(t.Context(), plain())
	server.On(nil)
	mustSend(t, s, plain())
	if all, _, _ := server.Connections(); all != 1 {
		t.Errorf("%d connections", all)
	}
}

func TestAPasswordNeverGoesInClearEvenWhenTheSettingsWereNotChecked(t *testing.T) {
	server := notifytest.NewMailServer(t, notifytest.MailOptions{Users: map[string]string{"u": "p"}})
	settings := clear(server)
	settings.User, settings.Password = "u", "p"
	s := email.New(email.Options{})
	t.Cleanup(s.Close)
	s.Use(settings)
	if out := s.Send(t.Context(), plain()); shown(out) != "broken smtp_no_starttls" || server.Said(notifytest.AtAuth) != 0 {
		t.Error(shown(out))
	}
}

func TestACancelledAttemptHasNoOutcome(t *testing.T) {
	for _, at := range []notifytest.MailStage{notifytest.AtGreeting, notifytest.AtMail, notifytest.AtDot} {
		server := notifytest.NewMailServer(t, notifytest.MailOptions{})
		s := newSender(t, clear(server), email.Options{})
		ctx, cancel := context.WithCancel(t.Context())
		server.On(func(stage notifytest.MailStage, _ string) notifytest.MailAct {
			if stage == at {
				cancel()
			}
			return notifytest.MailAct{Hang: stage == at}
		})
		if out := s.Send(ctx, plain()); out.Kind != notify.Interrupted {
			t.Errorf("%s: %s", at, shown(out))
		}
	}
}

func TestAnAttemptEndsWithItsContext(t *testing.T) {
	server := notifytest.NewMailServer(t, notifytest.MailOptions{})
	s := newSender(t, clear(server), email.Options{Connections: 1})
	server.On(func(stage notifytest.MailStage, _ string) notifytest.MailAct {
		return notifytest.MailAct{Hang: stage == notifytest.AtDot}
	})
	var all sync.WaitGroup
	for _, limit := range []time.Duration{100 * time.Millisecond, 400 * time.Millisecond} { // one that hangs, and one that waits for its place
		all.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), limit)
			defer cancel()
			if out := s.Send(ctx, plain()); out.Kind != notify.Temporary || out.Reason.Code != notify.NoAnswer {
				t.Error(shown(out))
			}
		})
	}
	all.Wait()
}

func TestAClosedSenderSendsNothing(t *testing.T) {
	server := notifytest.NewMailServer(t, notifytest.MailOptions{})
	s := newSender(t, clear(server), email.Options{})
	mustSend(t, s, plain())
	s.Close()
	if out := s.Send(t.Context(), plain()); out.Kind != notify.Interrupted || server.Count() != 1 {
		t.Error(shown(out))
	}
}

func TestATestMailTellsTheServersAnswer(t *testing.T) {
	server := notifytest.NewMailServer(t, notifytest.MailOptions{})
	s := email.New(email.Options{})
	t.Cleanup(s.Close)
	answer, out := s.Test(t.Context(), checked(t, clear(server)), plain())
	if out.Kind != notify.Success || !strings.HasPrefix(answer, "250 ") || len(answer) < 6 || s.Set() {
		t.Errorf("%q, %s", answer, shown(out))
	}
	settings := clear(server)
	settings.Port = portOf(t, probetest.Refused(t))
	if answer, out := s.Test(t.Context(), settings, plain()); answer != "" || shown(out) != "temporary refused" {
		t.Errorf("%q, %s", answer, shown(out))
	}
}

func TestTheGreetingIsTheAddressOrTheNameThatWasSet(t *testing.T) {
	for hello, want := range map[string]string{"": "[127.0.0.1]", "status.example.com": "status.example.com"} {
		server := notifytest.NewMailServer(t, notifytest.MailOptions{})
		settings := clear(server)
		settings.Hello = hello
		var got string
		server.On(func(at notifytest.MailStage, name string) notifytest.MailAct {
			if at == notifytest.AtHello {
				got = name
			}
			return notifytest.MailAct{}
		})
		s := newSender(t, settings, email.Options{})
		mustSend(t, s, plain())
		s.Close()
		if got != want {
			t.Errorf("%q", got)
		}
	}
}
