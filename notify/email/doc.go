// Package email delivers by SMTP to one mail server: composed to RFC 5322, one recipient a mail, over a few connections that are kept,
// never with a password in clear and never past a certificate that does not hold.
// It never knows what a mail is about, and what it says of a failure is a code without an address; the server's own words are kept apart.
// Start with mail.go and sender.go; verdict.go says what a refusal means, settings.go what there is to set. It implements SPEC.md sections
// 6 and 9.
//
// # What a refusal means
//
// A reply is judged by where it came and by its enhanced code, by the basic one where there is none:
//
//	up to MAIL          5yz: the channel is broken
//	RCPT                5.1.x, 5.2.1: no such mailbox; 5.7.x, 5.1.7, 5.1.8: its rules, see below; 5.2.2, 5.3.x, 5.4.x: later; else refused
//	DATA, the mail      5.7.20 to 5.7.29: its rules; 5.2.2, 5.3.x, 5.4.x: later; else refused
//	anywhere            4yz, a drop, no answer in time: later
//
// Two things only a look at more than one attempt can tell, so the [Sender] remembers them:
//
//   - A server whose rules forbid a mail may mean the recipient or us: Postfix says at RCPT what it holds against the client. So the channel
//     is broken when recipients are refused so one after the other and nobody is accepted; who was refused while others were accepted
//     is a matter of his own from then on.
//   - A server that cannot be reached is tried again like a receiver that cannot. When that happens three times in a row, whoever it is for,
//     the channel is broken: then nothing counts, and it is tried every minute.
package email
