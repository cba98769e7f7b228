// Package telegram delivers by Telegram's Bot API, each subscriber through a bot of his own: text within the limit in the HTML that Telegram
// takes, link previews off, pauses kept.
// It never knows what a message is about, and never tells a bot's token, although every URL holds it: what went wrong is a code, and
// Telegram's own words are kept apart.
// Start with send.go; text.go writes and cuts HTML, verdict.go says what an answer means. It implements SPEC.md section 6.
package telegram
