// Package webhook delivers by HTTP POST: signed twice, never redirected, never to an address that the guard refuses.
// It never looks at the body and never tells an address to anyone: what went wrong is a code.
// Start with send.go, then secret.go and sign.go; verdict.go turns answers and errors into outcomes. It implements SPEC.md section 6.
package webhook

import (
	"context"
	"time"

	"statusd/notify"
	"statusd/notify/outbound"
)

// Options tune a Sender. The zero value is good.
type Options struct {
	Guard   outbound.Guard
	Now     func() time.Time // wall clock, for the timestamp of signatures; nil: time.Now
	Timeout time.Duration    // of all of an attempt; 10 s
}

// Sender delivers webhooks.
type Sender struct{}

// Request is one delivery.
type Request struct {
	URL    string
	Event  string // "incident.updated"
	ID     string // webhook-id: the same in every attempt, without a dot
	Body   []byte // JSON
	Secret string // swhs_...
}

// New makes a Sender.
func New(opts Options) *Sender { return &Sender{} }

// Send makes one attempt.
func (s *Sender) Send(ctx context.Context, r Request) notify.Outcome { return notify.Outcome{} }

// NewSecret draws a secret: swhs_ and 32 letters and digits that are the base64 of 24 random bytes.
func NewSecret() string { return "" }

// StandardSecret is the secret in the form that Standard Webhooks libraries take: whsec_ and the same 32 characters.
func StandardSecret(secret string) string { return "" }
