package notify

import (
	"fmt"
	"strings"
)

// Reason says why an attempt failed in a form that every language can word: a code of a fixed list and its arguments, which are
// numbers and quantities such as "10 s". It never holds an address, a URL or anything that the receiver said.
type Reason struct {
	Code Code
	Args []string // as many as the code's sentence takes
}

// Code names a reason.
type Code string

// The codes. Once released, a code is stored in databases: add, never rename.
const (
	BadURL         Code = "bad_url"
	BlockedAddress Code = "blocked_address"

	DNSUnknown Code = "dns_unknown"
	DNSFailed  Code = "dns_failed"

	NoConnection Code = "no_connection"
	Refused      Code = "refused"
	Unreachable  Code = "unreachable"
	NotConnected Code = "not_connected"

	TLSExpired   Code = "tls_expired"
	TLSNotYet    Code = "tls_not_yet"
	TLSWrongName Code = "tls_wrong_name"
	TLSUntrusted Code = "tls_untrusted"
	TLSFailed    Code = "tls_failed"

	NoAnswer      Code = "no_answer"
	Reset         Code = "reset"
	Closed        Code = "closed"
	BadAnswer     Code = "bad_answer"
	LargeAnswer   Code = "large_answer"
	Redirected    Code = "redirected"
	StatusRefused Code = "status"
	ReceiverGone  Code = "gone"

	NoNetwork   Code = "no_network"
	FileLimit   Code = "fd_limit"
	SocketLimit Code = "socket_limit"
	Internal    Code = "internal"

	NoMailServer    Code = "no_mail_server"
	NoPublicURL     Code = "no_public_url"
	PlainMailServer Code = "smtp_plain"
	NotSMTP         Code = "smtp_strange"
	NoGreeting      Code = "smtp_silent"
	NoStartTLS      Code = "smtp_no_starttls"
	NoSignIn        Code = "smtp_no_sign_in"
	BadSignIn       Code = "smtp_bad_sign_in"
	SessionRefused  Code = "smtp_session"
	SenderRefused   Code = "smtp_sender"
	PolicyRefused   Code = "smtp_policy"
	MailPostponed   Code = "smtp_later"
	BadAddress      Code = "bad_address"
	NoUTF8          Code = "smtp_no_utf8"
	MailboxUnknown  Code = "mailbox_unknown"
	MailboxFull     Code = "mailbox_full"
	MailboxRefused  Code = "mailbox_refused"
	MailRefused     Code = "mail_refused"
	MailTooLarge    Code = "mail_too_large"

	BadBotToken      Code = "telegram_token"
	ChatUnknown      Code = "telegram_chat"
	ChatForbidden    Code = "telegram_forbidden"
	MessageRefused   Code = "telegram_message"
	TooManyMessages  Code = "telegram_pace"
	TelegramFailed   Code = "telegram_failed"
	NotTelegram      Code = "telegram_strange"
	TelegramRedirect Code = "telegram_redirect"
)

// wording is a code with its English sentence.
type wording struct {
	code    Code
	english string
}

var wordings = []wording{
	{BadURL, "the URL is not one that webhooks may have"},
	{BlockedAddress, "the name leads to an address that webhooks may not reach (only --webhook-allow opens it)"},

	{DNSUnknown, "the host name does not exist"},
	{DNSFailed, "the host name could not be looked up"},

	{NoConnection, "no connection in {0}"},
	{Refused, "connection refused"},
	{Unreachable, "host unreachable"},
	{NotConnected, "cannot connect"},

	{TLSExpired, "TLS certificate has expired"},
	{TLSNotYet, "TLS certificate is not valid yet (is a clock wrong?)"},
	{TLSWrongName, "TLS certificate is for another host name"},
	{TLSUntrusted, "TLS certificate's issuer is not trusted"},
	{TLSFailed, "TLS handshake failed"},

	{NoAnswer, "no answer in {0}"},
	{Reset, "receiver reset the connection"},
	{Closed, "receiver closed the connection without an answer"},
	{BadAnswer, "answer is not valid HTTP"},
	{LargeAnswer, "headers of the answer are too large"},
	{Redirected, "status {0}: redirects are not followed; subscribe with the final URL"},
	{StatusRefused, "status {0}, expected 2xx"},
	{ReceiverGone, "status {0}: the receiver wants no more"},

	{NoNetwork, "statusd has no network"},
	{FileLimit, "statusd has reached its limit of open files"},
	{SocketLimit, "statusd's machine has no free ports or memory for connections"},
	{Internal, "statusd failed while delivering (a bug: please report it)"},

	{NoMailServer, "no mail server is set up"},
	{NoPublicURL, "statusd's public URL, to which every mail leads, is not set"},
	{PlainMailServer, "the mail server's port does not begin with TLS: choose STARTTLS, or another port"},
	{NotSMTP, "the mail server's answer is not SMTP"},
	{NoGreeting, "the mail server says nothing for {0}: does its port begin with TLS?"},
	{NoStartTLS, "the mail server does not offer STARTTLS"},
	{NoSignIn, "the mail server offers neither of the ways to sign in that statusd knows, PLAIN and LOGIN"},
	{BadSignIn, "the mail server refuses user name or password: {0}"},
	{SessionRefused, "the mail server refuses statusd: {0}"},
	{SenderRefused, "the mail server refuses the sender's address: {0}"},
	{PolicyRefused, "the mail server's rules forbid it to take the mail: {0}"},
	{MailPostponed, "the mail server says not now: {0}"},
	{BadAddress, "the address is not one that a mail can go to"},
	{NoUTF8, "the mail server cannot reach an address with letters beyond ASCII before the @"},
	{MailboxUnknown, "there is no such mailbox: {0}"},
	{MailboxFull, "the mailbox is full: {0}"},
	{MailboxRefused, "the mail server refuses the recipient: {0}"},
	{MailRefused, "the mail server refuses the mail: {0}"},
	{MailTooLarge, "the mail is larger than the mail server takes"},

	{BadBotToken, "Telegram does not know the bot's token"},
	{ChatUnknown, "Telegram does not know the chat, or the bot may not see it"},
	{ChatForbidden, "the bot may not write into the chat"},
	{MessageRefused, "Telegram refuses the message"},
	{TooManyMessages, "Telegram wants a pause of {0}"},
	{TelegramFailed, "Telegram answers with status {0}"},
	{NotTelegram, "the answer, status {0}, is not Telegram's"},
	{TelegramRedirect, "Telegram's address leads elsewhere, status {0}, which is not followed"},
}

// Because makes a Reason.
func Because(code Code, args ...string) Reason { return Reason{Code: code, Args: args} }

// String words the reason in English; "" for none.
func (r Reason) String() string {
	if !r.Known() {
		return strings.TrimSpace(string(r.Code) + " " + strings.Join(r.Args, " "))
	}
	sentence := r.Code.English()
	for i, arg := range r.Args {
		sentence = strings.Replace(sentence, fmt.Sprintf("{%d}", i), arg, 1)
	}
	return sentence
}

// Known says that this version has words for the reason: its code is in the list and has as many arguments as the sentence takes.
func (r Reason) Known() bool {
	sentence := r.Code.English()
	return sentence != "" && strings.Count(sentence, "{") == len(r.Args)
}

// Encode returns compact text for storage, code|arg|arg; "" for none.
func (r Reason) Encode() string {
	return strings.Join(append([]string{string(r.Code)}, r.Args...), "|")
}

// DecodeReason reads what Encode wrote. It accepts any text: what Encode never writes becomes some Reason, not an error.
func DecodeReason(text string) Reason {
	code, args, any := strings.Cut(text, "|")
	r := Reason{Code: Code(code)}
	if any {
		r.Args = strings.Split(args, "|")
	}
	return r
}

// Codes returns every code that a Reason may have.
func Codes() []Code {
	codes := make([]Code, len(wordings))
	for i, w := range wordings {
		codes[i] = w.code
	}
	return codes
}

// English returns the code's sentence with {0} where the argument goes; "" for an unknown code.
func (c Code) English() string {
	for _, w := range wordings {
		if w.code == c {
			return w.english
		}
	}
	return ""
}
