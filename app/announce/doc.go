// Package announce puts into words what happens: the payload of an event as webhooks carry it, what statusd itself writes on the
// timeline of an automatic incident, and the mails and messages that subscribers get. It knows no database, no clock and no address, and
// sends nothing; whatever people typed reaches a reader as text, never as markup or as a header.
// Start with Herald; then Told and Herald.Mail. A letter's templates and its look (mail.css, in the page's colour) are in assets/mail.
//
// Implements SPEC §6, events, payloads and letters, and §3, automatic updates.
package announce
