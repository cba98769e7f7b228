// Package probe knows how to look at an HTTP target and when: a [Prober] turns a [Target] into a [Result], a [Scheduler] calls
// whatever it is given once an interval, each entry at a phase of its own.
// It never judges a component, stores anything or knows what a page is, and what it reads from a target never grows beyond fixed bounds.
// Start with look.go (one probe: attempts, redirects, verdict), then reason.go (why, in words) and schedule.go. It implements SPEC.md section 2.
package probe
