package probe

import (
	"context"
	"io"
	"net/http"
	"strconv"
	"time"
)

// Fetch bounds a document that is got once, as a browser would get it.
type Fetch struct {
	URL      string
	Timeout  time.Duration // of all of it
	MaxBytes int64         // of the decoded body
	MaxHops  int           // redirects that are followed
}

// Fetch gets a document with the same care as a probe: metadata addresses are refused at every hop, nothing secret is sent along.
// Of a body that is longer than MaxBytes it returns one byte more than that. It returns an error only when the caller's context ended.
func (p *Prober) Fetch(ctx context.Context, f Fetch) (body []byte, why Reason, err error) {
	t := Target{URL: f.URL, Timeout: f.Timeout, FollowRedirects: true}
	o, err := t.first()
	if err != nil {
		return nil, reason("bad_request", err.Error()), nil
	}
	o.agent, o.target, o.proxy = p.agent, &t, p.proxy
	origin := o.url
	within, cancel := context.WithTimeout(ctx, f.Timeout)
	defer cancel()
	for hops := 0; ; hops++ {
		h := newHop(within, o, f.Timeout)
		body, next, why := p.fetchHop(h, f, hops)
		if err := ended(ctx); err != nil {
			return nil, Reason{}, err
		}
		if next == nil {
			if why.Code != "" && hops > 0 {
				why = t.redirected(why, origin, o.url)
			}
			return body, why, nil
		}
		o = *next
	}
}

// fetchHop makes one hop: the body, or the order of the next hop, or why there is neither.
func (p *Prober) fetchHop(h *hop, f Fetch, hops int) ([]byte, *order, Reason) {
	if p.proxy != "" {
		if err := p.guard.checkHost(h.host); err != nil {
			return nil, nil, h.reason(err, p.now())
		}
	}
	res, done, err := h.send(p.strict)
	defer done()
	if err != nil {
		return nil, nil, h.reason(err, p.now())
	}
	if to := res.Header.Get("Location"); redirects(res.StatusCode) && to != "" {
		next, why := h.follow(res.StatusCode, to)
		if why.Code == "" && hops >= f.MaxHops {
			why = reason("redirect_many", strconv.Itoa(f.MaxHops), h.text(next.url.Host))
		}
		if why.Code != "" {
			return nil, nil, why
		}
		return nil, &next, Reason{}
	}
	if res.StatusCode != http.StatusOK {
		return nil, nil, reason("status", strconv.Itoa(res.StatusCode), "200")
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, f.MaxBytes+1))
	if err != nil {
		return nil, nil, h.bodyReason(err, int64(len(body)))
	}
	return body, nil, Reason{}
}
