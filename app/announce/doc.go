// Package announce puts into words what happens: the payload of an event as webhooks carry it, and what statusd itself writes on the
// timeline of an automatic incident. It knows no database and no clock, and sends nothing.
// Start with Herald.
//
// Implements SPEC §6, events and payloads, and §3, automatic updates.
package announce
