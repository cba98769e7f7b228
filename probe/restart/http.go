package restart

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"statusd/probe"
)

// HTTP is an endpoint that restarts something when it is called. Source: SPEC.md section 5.
//
// A redirect is not followed: a POST would become a GET on the way, a login page behind it would pass for success, and the secret
// header would be at the mercy of whoever answers. What the range says of a 3xx counts like any other status.
type HTTP struct {
	URL                  string // absolute, http or https; private addresses are the admin's own, cloud metadata addresses are refused
	Method               string // GET or POST; "" is POST
	HeaderName           string // "" for none
	HeaderValue          Secret
	Body                 string        // sent as JSON when it is JSON, as text otherwise
	StatusMin, StatusMax int           // inclusive; 0 is 200 and 299
	Timeout              time.Duration // of all of it; 0 is 10 s
}

// maxAnswer is how much of an answer is read. Far more is read than kept: whoever is cut off while he answers may stop his work.
const maxAnswer = 1 << 20

func (h HTTP) withDefaults() HTTP {
	if h.Method == "" {
		h.Method = http.MethodPost
	}
	if h.StatusMin == 0 {
		h.StatusMin = 200
	}
	if h.StatusMax == 0 {
		h.StatusMax = 299
	}
	return h
}

func (h HTTP) fire(ctx context.Context, f *Firer) Firing {
	h = h.withDefaults()
	answer, why, err := f.prober.Call(ctx, probe.Call{
		URL: h.URL, Method: h.Method, Headers: h.headers(), Body: h.Body, Timeout: h.Timeout, MaxBytes: maxAnswer,
	})
	if err != nil {
		return failed(Because(BrokenOff))
	}
	out := judged(h.judge(answer, why))
	out.Output = string(answer.Body)
	out.StatusCode = statusOf(answer)
	return out
}

func statusOf(a probe.Answer) *int {
	if a.StatusCode == 0 {
		return nil
	}
	return &a.StatusCode
}

func (h HTTP) headers() map[string]string {
	headers := map[string]string{}
	if h.Body != "" {
		headers["Content-Type"] = "text/plain; charset=utf-8"
		if json.Valid([]byte(h.Body)) {
			headers["Content-Type"] = "application/json"
		}
	}
	if h.HeaderName != "" {
		headers[http.CanonicalHeaderKey(h.HeaderName)] = string(h.HeaderValue)
	}
	return headers
}

func (h HTTP) judge(a probe.Answer, why probe.Reason) Reason {
	in := h.StatusMin <= a.StatusCode && a.StatusCode <= h.StatusMax
	switch to := a.Header.Get("Location"); {
	case a.StatusCode == 0 || in:
		return connection(why)
	case a.StatusCode >= 300 && a.StatusCode < 400 && to != "":
		return Because(HTTPRedirect, strconv.Itoa(a.StatusCode), whither(h.URL, to))
	}
	want := strconv.Itoa(h.StatusMin)
	if h.StatusMax != h.StatusMin {
		want += "-" + strconv.Itoa(h.StatusMax)
	}
	return Because("status", strconv.Itoa(a.StatusCode), want)
}

// whither is where a redirect leads, without the query.
func whither(from, to string) string {
	base, err := url.Parse(from)
	if err != nil {
		return "an unreadable address"
	}
	u, err := base.Parse(to)
	if err != nil {
		return "an unreadable address"
	}
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
}

// leastInURL is from how many bytes on a value in a query is masked: the URL is shown, and "true" and "restart" belong to any answer.
const leastInURL = 8

// secrets are the header's value, what credentials it holds, the query and the body: whoever is called may say them again.
func (h HTTP) secrets() []string {
	out := append(append(credentials(string(h.HeaderValue)), h.Body), values(h.Body)...)
	u, err := url.Parse(h.URL)
	if err != nil {
		return out
	}
	for pair := range strings.SplitSeq(u.RawQuery, "&") {
		_, value, _ := strings.Cut(pair, "=")
		if plain, _ := url.QueryUnescape(value); len(plain) >= leastInURL {
			out = append(out, plain)
		}
	}
	return out
}

// values are what a body in JSON, or one of a form, holds: a receiver may say one of them again.
func values(body string) (out []string) {
	var any any
	if json.Unmarshal([]byte(body), &any) == nil {
		return leaves(any)
	}
	form, err := url.ParseQuery(strings.TrimSpace(body))
	if err != nil || !strings.Contains(body, "=") {
		return nil
	}
	for _, list := range form {
		out = append(out, list...)
	}
	return out
}

// leaves are the texts in a value of JSON.
func leaves(value any) (out []string) {
	switch value := value.(type) {
	case string:
		out = append(out, value)
	case []any:
		for _, v := range value {
			out = append(out, leaves(v)...)
		}
	case map[string]any:
		for _, v := range value {
			out = append(out, leaves(v)...)
		}
	}
	return out
}

// credentials are a header's value and what is secret in it by itself: "Bearer TOKEN" holds TOKEN, "Basic BASE64" user and password.
func credentials(value string) []string {
	out := []string{value}
	_, given, ok := strings.Cut(strings.TrimSpace(value), " ")
	if !ok {
		return out
	}
	out = append(out, given)
	if plain, err := base64.StdEncoding.DecodeString(strings.TrimSpace(given)); err == nil {
		_, password, _ := strings.Cut(string(plain), ":")
		out = append(out, string(plain), password)
	}
	return out
}
