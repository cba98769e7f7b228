// Package probe looks at targets; this is a first cut that the real prober replaces.
package probe

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"
)

type Outcome uint8

const (
	Down Outcome = iota + 1
	Degraded
	Operational
)

func (o Outcome) String() string { return [...]string{"", "down", "degraded", "operational"}[o] }

type Target struct {
	URL, Method                          string
	Headers                              map[string]string
	Body                                 string
	ExpectedStatusMin, ExpectedStatusMax int
	BodyContains                         string
	Timeout, DegradedAfter               time.Duration
	InsecureSkipVerify, FollowRedirects  bool
	Retries                              int
	RetryPause                           time.Duration
}
type Reason struct {
	Code string
	Args []string
}

func (r Reason) String() string { return strings.Join(append([]string{r.Code}, r.Args...), " ") }
func (r Reason) Encode() string { return strings.TrimSpace(r.String()) }
func DecodeReason(s string) Reason {
	f := strings.Split(s, " ")
	return Reason{f[0], f[1:]}
}

type Phases struct{ DNS, Connect, TLS, FirstByte, Body time.Duration }
type Result struct {
	At         time.Time
	Outcome    Outcome
	Latency    time.Duration
	StatusCode int
	Reason     Reason
	Phases     Phases
	Attempts   int
	RemoteAddr string
	Sick       bool
}
type Options struct {
	Allow     []netip.Prefix
	Proxy     *url.URL
	UserAgent string
	Now       func() time.Time
}
type Prober struct{ c *http.Client }

func New(Options) *Prober {
	return &Prober{&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}}
}
func (p *Prober) Close() {}
func (p *Prober) Look(ctx context.Context, t Target) (Result, error) {
	r := Result{At: time.Now(), Outcome: Down, Attempts: 1}
	inner, cancel := context.WithTimeout(ctx, t.Timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(inner, t.Method, t.URL, nil)
	if err != nil {
		return r, err
	}
	res, err := p.c.Do(req)
	if ctx.Err() != nil {
		return r, ctx.Err()
	}
	if err != nil {
		r.Reason = Reason{Code: "failed"}
		r.Latency = time.Since(r.At)
		return r, nil
	}
	io.Copy(io.Discard, io.LimitReader(res.Body, 1<<20))
	res.Body.Close()
	r.StatusCode, r.Latency = res.StatusCode, time.Since(r.At)
	if res.StatusCode < t.ExpectedStatusMin || res.StatusCode > t.ExpectedStatusMax {
		r.Reason = Reason{"status", []string{fmt.Sprint(res.StatusCode)}}
		return r, nil
	}
	r.Outcome = Operational
	if t.DegradedAfter > 0 && r.Latency > t.DegradedAfter {
		r.Outcome = Degraded
	}
	return r, nil
}

