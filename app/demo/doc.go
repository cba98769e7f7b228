// Package demo is a living example for people who look at statusd for the first time: two invented companies, ninety days of
// history, and a server on loopback that is now slow, now down, so that something is always going on.
// It writes only through use cases of package app, and never into an instance that somebody has made something of.
// Start with Fill, which has one step a kind of content, then content.go (who and what), history.go (how it went so far) and
// target.go (how it goes on).
//
// Implements SPEC §9 (serve --demo).
package demo
