// Package outbound decides what strangers may make us connect to: which URLs, which names, which addresses.
// It never sends anything itself. Start with guard.go, then url.go. It implements SPEC.md section 6, on webhook URLs.
package outbound

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"net/url"
)

// Guard refuses addresses that strangers must not reach. The zero value allows what is public and nothing else.
type Guard struct {
	Allow    []netip.Prefix // each opens exactly itself; a metadata address only when it is named alone
	Resolver *net.Resolver  // nil: Go's default
}

// Refusal is why a URL is refused; it is an error.
type Refusal uint8

// The refusals.
const (
	NotURL      Refusal = iota + 1 // no absolute http or https URL
	TooLong                        // over MaxURL characters
	UserInfo                       // holds a user or a password
	BadPort                        // neither 80, 443 nor from 1024 up
	BadHost                        // no host name or address in its usual spelling
	UnknownHost                    // the name does not exist
	Forbidden                      // leads to an address that is not public and not allowed
)

// Error says what is wrong, without naming the address.
func (r Refusal) Error() string { return "" }

// ErrUnresolved says that a name could not be looked up just now: nothing is known about it.
var ErrUnresolved = errors.New("the host name could not be looked up just now")

// CheckURL refuses what no webhook may have as its URL, and returns it with its host written in the usual way. It asks nobody.
func CheckURL(raw string) (*url.URL, error) { return nil, nil }

// CheckHost looks a host up and refuses it when any of its addresses is refused. The error is a Refusal, or wraps ErrUnresolved.
func (g Guard) CheckHost(ctx context.Context, host string) error { return nil }

// DialContext connects as net.Dialer does, and refuses at the last moment whatever address it is about to dial.
func (g Guard) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	return nil, nil
}

// ParseAllow reads a comma-separated list of CIDRs and addresses.
func ParseAllow(list string) ([]netip.Prefix, error) { return nil, nil }
