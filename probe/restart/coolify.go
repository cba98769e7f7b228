package restart

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"statusd/probe"
)

// Coolify is a resource (application, service or database) of a Coolify. Source: SPEC.md section 5, INTEROP.md section 1.
type Coolify struct {
	BaseURL string // the address under which it is opened; a trailing / or /api/v1 does not matter
	Token   Secret // whole, with the number and the |
	UUID    string // of one resource
	Force   bool   // build without cache
	Timeout time.Duration
}

// coolifyTimeout is Coolify's own time to answer: services are restarted while the request waits.
const coolifyTimeout = 30 * time.Second

// ParseUUID says whether a text is the uuid of one Coolify resource. A comma would make a list of it, of which Coolify silently starts
// what it knows. The error is an [Invalid].
func ParseUUID(text string) error {
	odd := func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-')
	}
	if text == "" || len(text) > 64 || strings.ContainsFunc(text, odd) {
		return invalid(CoolifyUUID)
	}
	return nil
}

// deployURL is the address of the endpoint that deploys.
func (c Coolify) deployURL() (string, error) {
	u, err := url.Parse(strings.TrimSpace(c.BaseURL))
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return "", invalid(CoolifyURL)
	}
	path := strings.TrimSuffix(strings.TrimRight(u.Path, "/"), "/api/v1")
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: path + "/api/v1/deploy"}).String(), nil
}

func (c Coolify) secrets() []string {
	_, bare, _ := strings.Cut(string(c.Token), "|")
	return []string{string(c.Token), bare}
}

// fire deploys: by GET, as Coolify had it, and where it answers 405, which means that it did nothing, once by POST, as it has it since
// 4.2.
func (c Coolify) fire(ctx context.Context, f *Firer) Firing {
	endpoint, err := c.deployURL()
	if err == nil {
		err = ParseUUID(c.UUID)
	}
	if err != nil {
		return failed(reasonOf(err))
	}
	endpoint += "?" + url.Values{"uuid": {c.UUID}, "force": {strconv.FormatBool(c.Force)}}.Encode()
	var said strings.Builder
	var out Firing
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		answer, why, err := c.call(ctx, f, method, endpoint)
		if err != nil {
			out = failed(Because(BrokenOff))
			break
		}
		note(&said, method, answer)
		out = judged(c.judge(answer, why))
		out.StatusCode = statusOf(answer)
		if answer.StatusCode != http.StatusMethodNotAllowed {
			break
		}
	}
	out.Output = said.String()
	return out
}

// note writes down what was asked and answered.
func note(said *strings.Builder, method string, a probe.Answer) {
	if a.StatusCode == 0 {
		return
	}
	body := string(a.Body)
	if isHTML(a) {
		body = firstLine(body)
	}
	said.WriteString(method + " " + strconv.Itoa(a.StatusCode) + " " + strings.TrimSpace(body) + "\n")
}

func (c Coolify) call(ctx context.Context, f *Firer, method, endpoint string) (probe.Answer, probe.Reason, error) {
	timeout := c.Timeout
	if timeout <= 0 {
		timeout = coolifyTimeout
	}
	return f.prober.Call(ctx, probe.Call{
		URL: endpoint, Method: method, Timeout: timeout, MaxBytes: maxAnswer,
		Headers: map[string]string{"Authorization": "Bearer " + strings.TrimSpace(string(c.Token)), "Accept": "application/json"},
	})
}

// check asks to deploy nothing: every version answers 400 to that, and only once token, address and permission are right.
func (c Coolify) check(ctx context.Context, f *Firer) Connection {
	endpoint, err := c.deployURL()
	if err == nil {
		err = ParseUUID(c.UUID)
	}
	if err != nil {
		return Connection{Detail: reasonOf(err)}
	}
	answer, why, err := c.call(ctx, f, http.MethodPost, endpoint)
	switch {
	case err != nil:
		return Connection{Detail: Because(BrokenOff)}
	case answer.StatusCode == http.StatusBadRequest && strings.Contains(messageOf(answer), "must provide uuid"):
		return Connection{OK: true, Detail: Because(CoolifyConnected)}
	}
	return Connection{Detail: c.judge(answer, why)}
}
