package email

import (
	"errors"
	"strings"
	"time"

	"github.com/emersion/go-smtp"

	"statusd/notify"
)

// doubt is whom a failure may be about besides the mail at hand.
type doubt uint8

const (
	none   doubt = iota
	server       // it may be out of reach for all
	rules        // its rules may forbid all of our mails
)

// verdict is what a failure means as far as it alone can tell.
type verdict struct {
	notify.Outcome
	doubt doubt
}

func broken(code notify.Code, args ...string) verdict {
	return verdict{Outcome: notify.Outcome{Kind: notify.Broken, Reason: notify.Because(code, args...)}}
}

func permanent(code notify.Code, args ...string) verdict {
	return verdict{Outcome: notify.Outcome{Kind: notify.Permanent, Reason: notify.Because(code, args...)}}
}

func temporary(code notify.Code, args ...string) verdict {
	return verdict{Outcome: notify.Outcome{Kind: notify.Temporary, Reason: notify.Because(code, args...)}}
}

// judge says what a failure means. Source: SPEC.md section 6, "What a refusal means"; INTEROP.md section 4, "Reply -> what to do".
func judge(f *failure, limit time.Duration, now time.Time) verdict {
	var reply *smtp.SMTPError
	switch {
	case f.err == errNoStartTLS:
		return broken(notify.NoStartTLS)
	case f.err == errNoSignIn:
		return broken(notify.NoSignIn)
	case f.err == errNoUTF8:
		return permanent(notify.NoUTF8)
	case f.err == errTooLarge:
		return permanent(notify.MailTooLarge)
	case errors.As(f.err, &reply):
		v := judgeReply(f.at, reply)
		v.StatusCode = reply.Code
		return v
	}
	return judgeSilence(f, limit, now)
}

// judgeSilence judges a failure that is not the server's word.
func judgeSilence(f *failure, limit time.Duration, now time.Time) verdict {
	phase := notify.Talking
	switch f.at {
	case dialling:
		phase = notify.Connecting
	case shaking:
		phase = notify.Shaking
	}
	v := verdict{Outcome: notify.Fault(f.err, phase, limit, now)}
	switch v.Reason.Code {
	case notify.TLSExpired, notify.TLSNotYet, notify.TLSWrongName, notify.TLSUntrusted: // as refused by us: no waiting mends it
		v.Kind = notify.Broken
	case notify.TLSFailed:
		if strings.Contains(f.err.Error(), "first record does not look like a TLS handshake") {
			v.Reason = notify.Because(notify.PlainMailServer)
		}
	case notify.BadAnswer:
		v.Reason = notify.Because(notify.NotSMTP)
	case notify.NoAnswer:
		if f.at == greeting && f.silent {
			v.Reason = notify.Because(notify.NoGreeting, notify.Span(limit))
		}
	}
	if f.at <= signingIn {
		v.doubt = server
	}
	return v
}

// judgeReply judges a refusal. The enhanced code decides where there is one.
func judgeReply(at stage, reply *smtp.SMTPError) verdict {
	n := number(reply)
	if classOf(reply) != 5 || reply.Code == 421 {
		v := temporary(notify.MailPostponed, n)
		if at <= signingIn {
			v.doubt = server
		}
		return v
	}
	switch at {
	case dialling, shaking, greeting:
		return broken(notify.SessionRefused, n)
	case signingIn:
		return broken(notify.BadSignIn, n)
	case naming:
		return broken(notify.SenderRefused, n)
	case asking:
		return judgeRecipient(reply, n)
	}
	return judgeMail(reply, n)
}

// classOf is 4 for a refusal for now and 5 for one for good.
func classOf(reply *smtp.SMTPError) int {
	if e := reply.EnhancedCode[0]; e == 4 || e == 5 {
		return e
	}
	return reply.Code / 100
}

// judgeRecipient judges a 5yz to RCPT.
func judgeRecipient(reply *smtp.SMTPError, n string) verdict {
	ruled := temporary(notify.PolicyRefused, n)
	ruled.doubt = rules
	subject, detail := reply.EnhancedCode[1], reply.EnhancedCode[2]
	switch {
	case bare(reply):
		return judgeBare(reply, n, ruled)
	case subject == 7, subject == 1 && (detail == 7 || detail == 8): // the last two: the sender's address, complained of late
		return ruled
	case subject == 1, subject == 2 && detail == 1:
		return permanent(notify.MailboxUnknown, n)
	case subject == 2 && detail == 2:
		return temporary(notify.MailboxFull, n)
	case subject == 3 && detail == 4, subject == 2 && detail == 3:
		return permanent(notify.MailTooLarge)
	case subject == 3, subject == 4:
		return temporary(notify.MailPostponed, n)
	}
	return permanent(notify.MailboxRefused, n)
}

// bare says that a reply has no enhanced code that says anything.
func bare(reply *smtp.SMTPError) bool {
	e := reply.EnhancedCode
	return e[0] != 5 || e[1] == 0
}

// judgeBare judges a 5yz to RCPT by its basic code. Those who have not signed in are told so with the code of an unknown mailbox by Exim
// ("550 relay not permitted") and others; taking their word for it would end everybody's subscription.
func judgeBare(reply *smtp.SMTPError, n string, ruled verdict) verdict {
	said := strings.ToLower(reply.Message)
	for _, word := range []string{"relay", "authenticat", "sender", "blocked", "blacklist", "blocklist"} {
		if strings.Contains(said, word) {
			return ruled
		}
	}
	switch reply.Code {
	case 530, 534, 535, 538:
		return ruled
	case 550, 551, 553:
		return permanent(notify.MailboxUnknown, n)
	case 552:
		return temporary(notify.MailboxFull, n)
	}
	return permanent(notify.MailboxRefused, n)
}

// judgeMail judges a 5yz to DATA or to the mail.
func judgeMail(reply *smtp.SMTPError, n string) verdict {
	subject, detail := reply.EnhancedCode[1], reply.EnhancedCode[2]
	switch {
	case bare(reply):
		return permanent(notify.MailRefused, n)
	case subject == 7 && detail >= 20 && detail < 30: // SPF, DKIM, DMARC, a name for the address: RFC 7372
		v := temporary(notify.PolicyRefused, n)
		v.doubt = rules
		return v
	case subject == 1:
		return permanent(notify.MailboxUnknown, n)
	case subject == 2 && detail == 2:
		return temporary(notify.MailboxFull, n)
	case subject == 3 && detail == 4, subject == 2 && detail == 3:
		return permanent(notify.MailTooLarge)
	case subject == 3, subject == 4:
		return temporary(notify.MailPostponed, n)
	}
	return permanent(notify.MailRefused, n)
}
