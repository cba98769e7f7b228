// Package webhook delivers by HTTP POST: signed twice, never redirected, never to an address that the guard refuses.
// It never looks at the body and never tells an address to anyone: what went wrong is a code, and a secret is only ever a key.
// Start with send.go, then sign.go; verdict.go turns answers and errors into outcomes. It implements SPEC.md section 6.
package webhook
