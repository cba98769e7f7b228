package probe_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"statusd/probe"
	"statusd/probe/probetest"
)

// secretive is a POST that carries secrets of all kinds.
func secretive(url string) probe.Target {
	t := at(url + "/?token=QUERYSECRET")
	t.Method, t.Body = http.MethodPost, "BODYSECRET"
	t.Headers = map[string]string{"X-Api-Key": "KEYSECRET", "Authorization": "Bearer AUTHSECRET", "Cookie": "a=COOKIESECRET", "User-Agent": "AGENTSECRET"}
	return t
}

func TestNothingConfiguredReachesAnotherOrigin(t *testing.T) {
	ca := probetest.NewAuthority(t, "root")
	for _, code := range []int{301, 302, 303, 307, 308} {
		here, there := probetest.New(t), probetest.New(t)
		fromTLS := ca.Secure(func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, there.URL, code) })
		for name, first := range map[string]string{
			"port":   here.Redirect(code, there.URL).URL,
			"host":   probetest.New(t).Redirect(code, named(there.URL)).URL,
			"scheme": fromTLS,
			"twice":  probetest.New(t).Redirect(code, probetest.New(t).Redirect(code, there.URL).URL).URL,
		} {
			before := there.Hits()
			wantUp(t, look(t, probe.Options{Roots: ca.Pool()}, secretive(first)))
			got := there.Last()
			if there.Hits() != before+1 {
				t.Fatalf("%d %s: not followed", code, name)
			}
			if sent := strings.ToUpper(got.URI + got.Body + strings.Join(values(got.Header), " ")); strings.Contains(sent, "SECRET") {
				t.Errorf("%d to another %s: sent %+v", code, name, got)
			}
			if got.Header.Get("Referer") != "" || got.Header.Get("User-Agent") != "statusd" {
				t.Errorf("%d to another %s: %v", code, name, got.Header)
			}
		}
	}
}

func values(h http.Header) (all []string) {
	for _, v := range h {
		all = append(all, v...)
	}
	return all
}

func TestOnTheSameOriginARedirectKeepsWhatItsCodeSays(t *testing.T) {
	for code, want := range map[int]string{301: "GET ", 302: "GET ", 303: "GET ", 307: "POST BODYSECRET", 308: "POST BODYSECRET"} {
		var got, key string
		url := probetest.Handler(t, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/" {
				http.Redirect(w, r, "/next", code)
				return
			}
			body := make([]byte, r.ContentLength)
			r.Body.Read(body)
			got, key = r.Method+" "+string(body), r.Header.Get("X-Api-Key")
		})
		wantUp(t, look(t, probe.Options{}, secretive(url)))
		if got != want || key != "KEYSECRET" {
			t.Errorf("%d: %q with key %q, want %q", code, got, key, want)
		}
	}
}

func TestHeadStaysHeadThroughRedirects(t *testing.T) {
	there := probetest.New(t)
	target := at(probetest.New(t).Redirect(303, there.URL).URL)
	target.Method = http.MethodHead
	wantUp(t, look(t, probe.Options{}, target))
	if got := there.Last().Method; got != http.MethodHead {
		t.Error(got)
	}
}

func TestRedirectsThatLeadNowhereSayWhy(t *testing.T) {
	to := func(where string) string { return probetest.New(t).Redirect(302, where).URL }
	loop, refused := probetest.RedirectLoop(t), named(probetest.Refused(t))
	say(t, probe.Options{}, at, []sentence{
		{"loop", loop, "more than 10 redirects, last to 127.0.0.1:{port}"},
		{"file", to("file:///etc/passwd"), "redirects to an address that cannot be probed (file:)"},
		{"ftp", to("ftp://127.0.0.1/"), "redirects to an address that cannot be probed (ftp:)"},
		{"script", to("javascript:alert(1)"), "redirects to an address that cannot be probed (javascript:)"},
		{"no host", to("http:///x"), "redirects to an address that cannot be probed"},
		{"opaque", to("http:x"), "redirects to an address that cannot be probed"},
		{"bracket", to("http://[::1"), "redirects to an address that cannot be probed"},
		{"port", to("http://127.0.0.1:99999/"), "redirects to an address that cannot be probed"},
		{"metadata", to("http://169.254.169.254/latest"), "after a redirect to 169.254.169.254: 169.254.169.254 is a cloud metadata address (only --probe-allow opens it)"},
		{"refused", to(refused), "after a redirect to localhost: connection refused (nothing listens on port " + probetest.Port(refused) + ")"},
	})
}

func TestTenRedirectsAreFollowedAndNotEleven(t *testing.T) {
	for hops, want := range map[int]probe.Outcome{10: probe.Operational, 11: probe.Down} {
		url := probetest.New(t).URL
		for range hops {
			url = probetest.New(t).Redirect(302, url).URL
		}
		if r := look(t, probe.Options{}, at(url)); r.Outcome != want {
			t.Errorf("%d hops: %v because %q", hops, r.Outcome, r.Reason)
		}
	}
}

func TestCredentialsInALocationAreNotSent(t *testing.T) {
	there := probetest.New(t)
	wantUp(t, look(t, probe.Options{}, at(probetest.New(t).Redirect(302, strings.Replace(there.URL, "http://", "http://user:pass@", 1)).URL)))
	if got := there.Last(); got.Header.Get("Authorization") != "" || strings.Contains(got.Host, "@") {
		t.Errorf("%+v", got)
	}
}

func TestARedirectIsTheAnswerWhenItIsNotFollowed(t *testing.T) {
	target := at(probetest.New(t).Redirect(302, "http://169.254.169.254/").URL)
	target.FollowRedirects = false
	wantDown(t, look(t, probe.Options{}, target), target.URL, "status 302, expected 200-299")
	target.ExpectedStatusMax = 302
	wantUp(t, look(t, probe.Options{}, target))
}

func TestStrangersCannotSayOurSecretsBack(t *testing.T) {
	echo := func(location func(*http.Request) string) string {
		return probetest.Handler(t, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Location", location(r))
			w.WriteHeader(http.StatusFound)
		})
	}
	query := func(r *http.Request) string { return r.URL.Query().Get("token") }
	for name, u := range map[string]string{
		"echo":         probetest.Echo(t),
		"status":       probetest.New(t).Status(500).URL,
		"refused":      probetest.Refused(t),
		"as a host":    echo(func(r *http.Request) string { return "http://" + url.PathEscape(query(r)) + ".invalid/" }),
		"as a scheme":  echo(func(r *http.Request) string { return query(r) + ":x" }),
		"header, host": echo(func(r *http.Request) string { return "http://" + r.Header.Get("X-Api-Key") + ".invalid/" }),
	} {
		r := look(t, probe.Options{Resolver: probetest.Names{}.Resolver(t)}, secretive(u))
		if said := strings.ToUpper(r.Reason.String() + r.Reason.Encode()); r.Outcome != probe.Down || strings.Contains(said, "SECRET") {
			t.Errorf("%s: %v because %s", name, r.Outcome, said)
		}
	}
}
