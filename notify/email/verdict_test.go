package email_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"statusd/notify"
	"statusd/notify/email"
	"statusd/notify/notifytest"
	"statusd/probe/probetest"
)

// refusals is what a server may say, where, and what that means to one sender who has not tried before.
// Source: SPEC.md section 6; INTEROP.md section 4.
var refusals = []struct {
	at    notifytest.MailStage
	reply *smtp.SMTPError
	want  string
}{
	{notifytest.AtGreeting, reply(554, 5, 7, 1, "go away"), "broken smtp_session|554 5.7.1"},
	{notifytest.AtGreeting, reply(554, 0, 0, 0, "no"), "broken smtp_session|554"},
	{notifytest.AtGreeting, reply(421, 4, 3, 2, "busy"), "temporary smtp_later|421 4.3.2"},
	{notifytest.AtGreeting, reply(450, 0, 0, 0, "busy"), "temporary smtp_later|450"},
	{notifytest.AtHello, reply(550, 5, 7, 1, "bad name"), "broken smtp_session|550 5.7.1"},
	{notifytest.AtHello, reply(451, 4, 3, 0, "later"), "temporary smtp_later|451 4.3.0"},
	{notifytest.AtHello, reply(421, 0, 0, 0, "later"), "temporary smtp_later|421"},
	{notifytest.AtStartTLS, reply(454, 4, 7, 0, "no TLS now"), "temporary smtp_later|454 4.7.0"},
	{notifytest.AtStartTLS, reply(501, 5, 5, 4, "no"), "broken smtp_session|501 5.5.4"},
	{notifytest.AtAuth, reply(535, 5, 7, 8, "wrong"), "broken smtp_bad_sign_in|535 5.7.8"},
	{notifytest.AtAuth, reply(534, 5, 7, 9, "application password"), "broken smtp_bad_sign_in|534 5.7.9"},
	{notifytest.AtAuth, reply(535, 0, 0, 0, "wrong"), "broken smtp_bad_sign_in|535"},
	{notifytest.AtAuth, reply(454, 4, 7, 0, "later"), "temporary smtp_later|454 4.7.0"},
	{notifytest.AtAuth, reply(421, 4, 7, 0, "too many"), "temporary smtp_later|421 4.7.0"},
	{notifytest.AtMail, reply(530, 5, 7, 0, "sign in"), "broken smtp_sender|530 5.7.0"},
	{notifytest.AtMail, reply(550, 5, 7, 1, "policy"), "broken smtp_sender|550 5.7.1"},
	{notifytest.AtMail, reply(553, 5, 1, 8, "sender"), "broken smtp_sender|553 5.1.8"},
	{notifytest.AtMail, reply(501, 5, 5, 4, "syntax"), "broken smtp_sender|501 5.5.4"},
	{notifytest.AtMail, reply(452, 4, 3, 1, "disk"), "temporary smtp_later|452 4.3.1"},
	{notifytest.AtMail, reply(421, 4, 3, 2, "bye"), "temporary smtp_later|421 4.3.2"},

	{notifytest.AtRcpt, reply(550, 5, 1, 1, "no such user"), "permanent mailbox_unknown|550 5.1.1"},
	{notifytest.AtRcpt, reply(550, 5, 1, 2, "no such host"), "permanent mailbox_unknown|550 5.1.2"},
	{notifytest.AtRcpt, reply(553, 5, 1, 3, "bad syntax"), "permanent mailbox_unknown|553 5.1.3"},
	{notifytest.AtRcpt, reply(551, 5, 1, 6, "moved"), "permanent mailbox_unknown|551 5.1.6"},
	{notifytest.AtRcpt, reply(550, 5, 1, 10, "null MX"), "permanent mailbox_unknown|550 5.1.10"},
	{notifytest.AtRcpt, reply(550, 5, 2, 1, "disabled"), "permanent mailbox_unknown|550 5.2.1"},
	{notifytest.AtRcpt, reply(550, 0, 0, 0, "unknown user"), "permanent mailbox_unknown|550"},
	{notifytest.AtRcpt, reply(550, 5, 0, 0, "unknown user"), "permanent mailbox_unknown|550 5.0.0"},
	{notifytest.AtRcpt, reply(551, 0, 0, 0, "not local"), "permanent mailbox_unknown|551"},
	{notifytest.AtRcpt, reply(553, 0, 0, 0, "not allowed"), "permanent mailbox_unknown|553"},
	{notifytest.AtRcpt, reply(554, 0, 0, 0, "no"), "permanent mailbox_refused|554"},
	{notifytest.AtRcpt, reply(501, 5, 5, 4, "syntax"), "permanent mailbox_refused|501 5.5.4"},
	{notifytest.AtRcpt, reply(503, 5, 5, 1, "order"), "permanent mailbox_refused|503 5.5.1"},
	{notifytest.AtRcpt, reply(552, 5, 2, 2, "full"), "temporary mailbox_full|552 5.2.2"},
	{notifytest.AtRcpt, reply(552, 0, 0, 0, "full"), "temporary mailbox_full|552"},
	{notifytest.AtRcpt, reply(552, 5, 3, 4, "too big"), "permanent mail_too_large"},
	{notifytest.AtRcpt, reply(550, 5, 4, 1, "routing"), "temporary smtp_later|550 5.4.1"},
	{notifytest.AtRcpt, reply(550, 5, 3, 0, "system"), "temporary smtp_later|550 5.3.0"},
	{notifytest.AtRcpt, reply(554, 5, 7, 1, "relay access denied"), "temporary smtp_policy|554 5.7.1"},
	{notifytest.AtRcpt, reply(550, 5, 7, 1, "blocked"), "temporary smtp_policy|550 5.7.1"},
	{notifytest.AtRcpt, reply(550, 5, 1, 8, "sender domain"), "temporary smtp_policy|550 5.1.8"},
	{notifytest.AtRcpt, reply(530, 0, 0, 0, "sign in first"), "temporary smtp_policy|530"},
	{notifytest.AtRcpt, reply(550, 0, 0, 0, "Relay not permitted"), "temporary smtp_policy|550"},
	{notifytest.AtRcpt, reply(550, 0, 0, 0, "authentication required"), "temporary smtp_policy|550"},
	{notifytest.AtRcpt, reply(450, 4, 2, 1, "busy"), "temporary smtp_later|450 4.2.1"},
	{notifytest.AtRcpt, reply(451, 4, 7, 1, "greylisted"), "temporary smtp_later|451 4.7.1"},
	{notifytest.AtRcpt, reply(452, 4, 2, 2, "over quota"), "temporary smtp_later|452 4.2.2"},
	{notifytest.AtRcpt, reply(450, 5, 1, 1, "at odds"), "permanent mailbox_unknown|450 5.1.1"},
	{notifytest.AtRcpt, reply(550, 4, 1, 1, "at odds"), "temporary smtp_later|550 4.1.1"},
	{notifytest.AtRcpt, reply(421, 4, 3, 2, "bye"), "temporary smtp_later|421 4.3.2"},

	{notifytest.AtData, reply(451, 4, 3, 0, "later"), "temporary smtp_later|451 4.3.0"},
	{notifytest.AtData, reply(554, 5, 5, 1, "no recipients"), "permanent mail_refused|554 5.5.1"},
	{notifytest.AtData, reply(421, 4, 3, 2, "bye"), "temporary smtp_later|421 4.3.2"},
	{notifytest.AtBody, reply(554, 5, 7, 1, "spam"), "permanent mail_refused|554 5.7.1"},
	{notifytest.AtBody, reply(554, 0, 0, 0, "no"), "permanent mail_refused|554"},
	{notifytest.AtBody, reply(550, 5, 6, 0, "malformed"), "permanent mail_refused|550 5.6.0"},
	{notifytest.AtBody, reply(554, 5, 1, 1, "no such user"), "permanent mailbox_unknown|554 5.1.1"},
	{notifytest.AtBody, reply(552, 5, 2, 2, "full"), "temporary mailbox_full|552 5.2.2"},
	{notifytest.AtBody, reply(552, 5, 3, 4, "too big"), "permanent mail_too_large"},
	{notifytest.AtBody, reply(550, 5, 7, 26, "unauthenticated"), "temporary smtp_policy|550 5.7.26"},
	{notifytest.AtBody, reply(554, 5, 3, 0, "system"), "temporary smtp_later|554 5.3.0"},
	{notifytest.AtBody, reply(452, 4, 3, 1, "disk"), "temporary smtp_later|452 4.3.1"},
	{notifytest.AtBody, reply(421, 4, 3, 2, "bye"), "temporary smtp_later|421 4.3.2"},
}

// serve starts the server that a stage needs: with TLS and a password for those before the mail.
func serve(t *testing.T, at notifytest.MailStage) (*notifytest.MailServer, *email.Sender) {
	t.Helper()
	if at != notifytest.AtStartTLS && at != notifytest.AtAuth {
		server := notifytest.NewMailServer(t, notifytest.MailOptions{})
		return server, newSender(t, clear(server), email.Options{Timeout: 10 * time.Second})
	}
	server, settings, o := secured(t, notifytest.MailOptions{Users: map[string]string{"u": "p"}}, probetest.Leaf{})
	settings.User, settings.Password = "u", "p"
	return server, newSender(t, settings, o)
}

func shown(out notify.Outcome) string { return fmt.Sprintf("%s %s", out.Kind, out.Reason.Encode()) }

func TestARefusalMeansWhatItsPlaceAndItsCodeSay(t *testing.T) {
	for _, c := range refusals {
		server, s := serve(t, c.at)
		c.reply.Message += " canary"
		server.Refuse(c.at, c.reply)
		out := s.Send(t.Context(), plain())
		name := fmt.Sprintf("%s %d %v", c.at, c.reply.Code, c.reply.EnhancedCode)
		if shown(out) != c.want || out.StatusCode != c.reply.Code {
			t.Errorf("%s: %s (%d), want %s", name, shown(out), out.StatusCode, c.want)
		}
		if !out.Reason.Known() || strings.Contains(out.Reason.String(), "canary") {
			t.Errorf("%s: %s", name, out.Reason)
		}
		answer, tested := s.Test(t.Context(), settingsFor(t, server, c.at), plain())
		if shown(tested) != c.want || !strings.HasSuffix(answer, c.reply.Message) {
			t.Errorf("%s, tested: %s, %q", name, shown(tested), answer)
		}
		server.On(nil)
		if out := s.Send(t.Context(), plain()); out.Kind != notify.Success {
			t.Errorf("%s: afterwards %s", name, shown(out))
		}
		if tr := s.Trouble(); !tr.At.IsZero() {
			t.Errorf("%s: afterwards %+v", name, tr)
		}
	}
}

func settingsFor(t *testing.T, server *notifytest.MailServer, at notifytest.MailStage) email.Settings {
	t.Helper()
	settings := clear(server)
	if at == notifytest.AtStartTLS || at == notifytest.AtAuth {
		settings.Security, settings.User, settings.Password = email.StartTLS, "u", "p"
	}
	return checked(t, settings)
}

func TestADropIsTemporaryWhereverItHappens(t *testing.T) {
	for _, at := range []notifytest.MailStage{notifytest.AtGreeting, notifytest.AtHello, notifytest.AtStartTLS, notifytest.AtAuth,
		notifytest.AtMail, notifytest.AtRcpt, notifytest.AtData, notifytest.AtBody, notifytest.AtDot} {
		server, s := serve(t, at)
		server.On(func(stage notifytest.MailStage, _ string) notifytest.MailAct {
			return notifytest.MailAct{Drop: stage == at}
		})
		out := s.Send(t.Context(), plain())
		if got := shown(out); got != "temporary closed" && got != "temporary reset" {
			t.Errorf("%s: %s", at, got)
		}
		server.On(nil)
		if out := s.Send(t.Context(), plain()); out.Kind != notify.Success {
			t.Errorf("%s: afterwards %s", at, shown(out))
		}
	}
}

func TestSilenceIsTemporaryWhereverItHappens(t *testing.T) {
	for _, at := range []notifytest.MailStage{notifytest.AtGreeting, notifytest.AtHello, notifytest.AtMail, notifytest.AtRcpt,
		notifytest.AtData, notifytest.AtBody, notifytest.AtDot} {
		server := notifytest.NewMailServer(t, notifytest.MailOptions{})
		s := newSender(t, clear(server), email.Options{Timeout: 200 * time.Millisecond})
		server.On(func(stage notifytest.MailStage, _ string) notifytest.MailAct {
			return notifytest.MailAct{Hang: stage == at}
		})
		out := s.Send(t.Context(), plain())
		want := notify.NoAnswer
		if at == notifytest.AtGreeting {
			want = notify.NoGreeting
		}
		if out.Kind != notify.Temporary || out.Reason.Code != want || out.Took < 200*time.Millisecond {
			t.Errorf("%s: %s after %s", at, shown(out), out.Took)
		}
	}
}

func TestTheServersWordsAreKeptWithoutTheRecipient(t *testing.T) {
	server := notifytest.NewMailServer(t, notifytest.MailOptions{})
	s := newSender(t, clear(server), email.Options{})
	server.Refuse(notifytest.AtRcpt, reply(554, 5, 7, 1, "<Someone@example.org>: Relay access denied"))
	s.Send(t.Context(), plain())
	tr := s.Trouble()
	if tr.Answer != "554 5.7.1 <…>: Relay access denied" || tr.Stands || tr.At.IsZero() {
		t.Errorf("%+v", tr)
	}
	server.Refuse(notifytest.AtRcpt, reply(550, 5, 1, 1, "no such user"))
	s.Use(email.Settings{})
	s.Use(checked(t, clear(server)))
	s.Send(t.Context(), plain())
	if tr := s.Trouble(); !tr.At.IsZero() {
		t.Errorf("an unknown mailbox is nobody else's trouble: %+v", tr)
	}
}

// forbids refuses some recipients by its rules.
func forbids(server *notifytest.MailServer, at notifytest.MailStage, whom func(string) bool) {
	server.On(func(stage notifytest.MailStage, address string) notifytest.MailAct {
		if stage == at && whom(address) {
			return notifytest.MailAct{Reply: reply(554, 5, 7, 1, "no relay")}
		}
		return notifytest.MailAct{}
	})
}

func TestRulesAgainstEverybodyBreakTheChannelAndAgainstOneDoNot(t *testing.T) {
	server := notifytest.NewMailServer(t, notifytest.MailOptions{})
	s := newSender(t, clear(server), email.Options{})
	send := func(who string, want notify.Kind) {
		t.Helper()
		if out := s.Send(t.Context(), to(who+"@example.org")); out.Kind != want {
			t.Errorf("%s: %s, want %s", who, shown(out), want)
		}
	}
	all := func(string) bool { return true }
	onlyX := func(address string) bool { return strings.HasPrefix(address, "x") }

	forbids(server, notifytest.AtRcpt, onlyX)
	for range 5 { // alone, it is never the channel
		send("x", notify.Temporary)
	}
	send("a", notify.Success)
	send("x", notify.Temporary)

	forbids(server, notifytest.AtRcpt, all)
	send("a", notify.Temporary)
	send("x", notify.Temporary) // its own matter by now
	send("b", notify.Temporary)
	send("c", notify.Broken)
	send("d", notify.Broken)
	if tr := s.Trouble(); !tr.Stands || tr.Answer != "554 5.7.1 no relay" || tr.Reason.Code != notify.PolicyRefused {
		t.Errorf("%+v", tr)
	}

	server.On(nil)
	send("d", notify.Success)
	forbids(server, notifytest.AtRcpt, all)
	send("e", notify.Temporary)
}

func TestAServerThatCannotBeReachedBreaksTheChannelTheThirdTime(t *testing.T) {
	server := notifytest.NewMailServer(t, notifytest.MailOptions{})
	settings := clear(server)
	s := newSender(t, settings, email.Options{})
	server.On(func(at notifytest.MailStage, _ string) notifytest.MailAct {
		return notifytest.MailAct{Drop: at == notifytest.AtGreeting}
	})
	for i, want := range []notify.Kind{notify.Temporary, notify.Temporary, notify.Broken, notify.Broken} {
		if out := s.Send(t.Context(), to(fmt.Sprintf("r%d@example.org", i))); out.Kind != want {
			t.Errorf("%d: %s", i, shown(out))
		}
	}
	server.On(nil)
	if out := s.Send(t.Context(), plain()); out.Kind != notify.Success || s.Trouble().Stands {
		t.Errorf("%s, %+v", shown(out), s.Trouble())
	}
}

func TestNoServerAtAll(t *testing.T) {
	s := email.New(email.Options{})
	t.Cleanup(s.Close)
	if out := s.Send(t.Context(), plain()); shown(out) != "broken no_mail_server" || s.Set() {
		t.Error(shown(out))
	}
	server := notifytest.NewMailServer(t, notifytest.MailOptions{})
	settings := clear(server)
	settings.Port = portOf(t, probetest.Refused(t))
	s.Use(checked(t, settings))
	if out := s.Send(t.Context(), plain()); shown(out) != "temporary refused" || !s.Set() {
		t.Error(shown(out))
	}
}

func TestACertificateThatDoesNotHoldBreaksTheChannelAndGetsNoPassword(t *testing.T) {
	now := time.Now()
	for _, implicit := range []bool{false, true} {
		for want, leaf := range map[string]probetest.Leaf{
			"broken tls_expired":    {From: now.Add(-48 * time.Hour), Until: now.Add(-time.Hour)},
			"broken tls_not_yet":    {From: now.Add(time.Hour), Until: now.Add(48 * time.Hour)},
			"broken tls_wrong_name": {Names: []string{"mail.example.com"}},
			"broken tls_untrusted":  {SelfSigned: true},
		} {
			server, settings, o := secured(t, notifytest.MailOptions{Implicit: implicit, Users: map[string]string{"u": "p"}}, leaf)
			settings.User, settings.Password = "u", "p"
			s := newSender(t, settings, o)
			if out := s.Send(t.Context(), plain()); shown(out) != want || server.Said(notifytest.AtAuth) != 0 {
				t.Errorf("implicit %v: %s, want %s", implicit, shown(out), want)
			}
		}
	}
}

func TestTheWrongKindOfPortIsNamed(t *testing.T) {
	plainServer := notifytest.NewMailServer(t, notifytest.MailOptions{})
	settings := clear(plainServer)
	settings.Security = email.TLS
	s := newSender(t, settings, email.Options{})
	if out := s.Send(t.Context(), plain()); shown(out) != "temporary smtp_plain" {
		t.Error(shown(out))
	}

	settings.Security = email.StartTLS
	s.Use(settings)
	if out := s.Send(t.Context(), plain()); shown(out) != "broken smtp_no_starttls" {
		t.Error(shown(out))
	}

	_, settings, o := secured(t, notifytest.MailOptions{Implicit: true}, probetest.Leaf{})
	settings.Security, o.Timeout = email.None, 200*time.Millisecond
	s = newSender(t, settings, o)
	if out := s.Send(t.Context(), plain()); out.Reason.Code != notify.NoGreeting {
		t.Error(shown(out))
	}

	web := probetest.Early(t, []byte("HTTP/1.1 400 Bad Request\r\n\r\n"))
	settings = email.Settings{Host: "127.0.0.1", Port: portOf(t, web), Security: email.None, From: sender}
	s = newSender(t, settings, email.Options{})
	if out := s.Send(t.Context(), plain()); shown(out) != "temporary smtp_strange" {
		t.Error(shown(out))
	}
}

func TestAMailTheServerCannotTakeIsNotSent(t *testing.T) {
	server := notifytest.NewMailServer(t, notifytest.MailOptions{MaxBytes: 2000})
	s := newSender(t, clear(server), email.Options{})
	large := plain()
	large.Text = strings.Repeat("x", 3000)
	if out := s.Send(t.Context(), large); shown(out) != "permanent mail_too_large" {
		t.Error(shown(out))
	}
	if out := s.Send(t.Context(), to("ü@example.org")); shown(out) != "permanent smtp_no_utf8" {
		t.Error(shown(out))
	}
	if out := s.Send(t.Context(), to("nobody")); shown(out) != "permanent bad_address" {
		t.Error(shown(out))
	}
	if n := server.Said(notifytest.AtMail); n != 0 {
		t.Errorf("%d mails were begun", n)
	}
	broken := plain()
	broken.ID = "a b"
	if out := s.Send(t.Context(), broken); shown(out) != "permanent internal" {
		t.Error(shown(out))
	}
}
