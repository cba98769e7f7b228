package dashboard_test

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"statusd/app/model"
	"statusd/app/web/view"
)

// signIn sends the form of the door to a host, and gives back the whole answer.
func (c *client) signIn(host, next string) *http.Response {
	c.t.Helper()
	form := url.Values{"email": {"owner@example.org"}, "password": {password}, "next": {next}}
	r, err := http.NewRequestWithContext(c.t.Context(), http.MethodPost, c.url+"/login", strings.NewReader(form.Encode()))
	c.must(err)
	r.Host = host
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := c.http.Do(r)
	c.must(err)
	_, err = io.Copy(io.Discard, res.Body)
	c.must(err)
	c.must(res.Body.Close())
	return res
}

// ASVS 3.3.1 to 3.3.4.
func TestTheCookieIsAsStrictAsTheConnectionAllows(t *testing.T) {
	for base, want := range map[string]string{
		"":                                  "statusd=*; Path=/; Max-Age=2592000; HttpOnly; SameSite=Lax",
		"https://status.example.org":        "__Host-statusd=*; Path=/; Max-Age=2592000; HttpOnly; Secure; SameSite=Lax",
		"https://status.example.org/status": "__Secure-statusd=*; Path=/status; Max-Age=2592000; HttpOnly; Secure; SameSite=Lax",
	} {
		t.Run(base, func(t *testing.T) {
			l := newLabWith(t, extra{baseURL: base})
			l.member("owner@example.org", model.Owner)
			l.url += l.half.Place.BasePath
			got := l.visitor().signIn("status.example.org", "").Header["Set-Cookie"]
			if len(got) != 1 {
				t.Fatalf("%d cookies", len(got))
			}
			name, rest, _ := strings.Cut(got[0], "=")
			value, rest, _ := strings.Cut(rest, ";")
			if cookie := name + "=*;" + rest; cookie != want || len(value) != 43 {
				t.Errorf("%s with %d characters, wanted %s", cookie, len(value), want)
			}
		})
	}
}

// ASVS 15.3.2: where somebody goes after signing in is part of an address that anybody can make.
func TestSigningInLeadsNowhereElse(t *testing.T) {
	l := newLab(t)
	l.member("owner@example.org", model.Owner)
	for next, want := range map[string]string{
		"/d/account": "/d/account", "/d/account?x=1": "/d/account?x=1", "": "/d",
		"https://evil.example/d": "/d", "//evil.example/d": "/d", `/\\evil.example`: "/d", "/d//evil.example": "/d", `/d\evil`: "/d",
		"/d\r\nSet-Cookie: a=b": "/d", "javascript:alert(1)": "/d", "/p/elsewhere": "/d",
	} {
		if got := l.visitor().signIn("", next).Header.Get("Location"); got != want {
			t.Errorf("%q leads to %q, wanted %q", next, got, want)
		}
	}
}

// ASVS 3.4.3 to 3.4.6 and 14.3.2, for every screen there is, with and without a session.
func TestEveryScreenIsKeptOutOfCachesAndFrames(t *testing.T) {
	l := newLab(t)
	own := l.everything("Default")
	l.member("owner@example.org", model.Owner) // the first account: an admin
	admin := l.as("owner@example.org")
	for _, r := range l.routes() {
		if r.Method != http.MethodGet || strings.HasSuffix(r.Path, "/live") {
			continue
		}
		path, err := own.fill(r.Path)
		l.must(err)
		policy := view.CSPDashboard
		for _, c := range []*client{l.visitor(), admin} {
			res, err := c.http.Get(l.url + path)
			l.must(err)
			l.must(res.Body.Close())
			if c == admin && strings.HasSuffix(path, "/preview") {
				policy = view.CSPPreview
			}
			for name, want := range map[string]string{
				"Cache-Control": "no-store", "Content-Security-Policy": policy, "Referrer-Policy": "same-origin", "X-Content-Type-Options": "nosniff",
				"Access-Control-Allow-Origin": "",
			} {
				if got := res.Header.Get(name); got != want {
					t.Errorf("%s (%d): %s is %q", path, res.StatusCode, name, got)
				}
			}
		}
	}
}

// shared is a log that several goroutines write.
type shared struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (s *shared) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.buf.Write(p)
}

func (s *shared) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.buf.String()
}

// ASVS 16.3.2.
func TestRefusalsAreLogged(t *testing.T) {
	log := &shared{}
	l := newLabWith(t, extra{log: log})
	l.member("owner@example.org", model.Owner)
	viewer := l.member("viewer@example.org", model.Viewer)
	p := l.page("acme")
	c := l.as("viewer@example.org")
	c.wants(c.get("/d/w/"+p.Workspace.String()+"/members"), 403)
	c.send(http.MethodPost, "/d/account/language", "Sec-Fetch-Site", "cross-site")
	for _, want := range []string{"msg=refused user=" + viewer.ID.String() + " method=GET route=/d/w/:ws/members", "msg=refused user=00000000 method=POST route=/d/account/language"} {
		if got := log.String(); !strings.Contains(got, want) {
			t.Errorf("no %s in\n%s", want, got)
		}
	}
}

// ASVS 13.4.4: nothing sends a request back, and nothing but GET, HEAD and POST is answered.
func TestOtherMethodsAreRefused(t *testing.T) {
	l := newLab(t)
	l.member("owner@example.org", model.Owner)
	c := l.as("owner@example.org")
	own := l.everything("Default")
	before := l.dump()
	for _, r := range l.routes() {
		path, err := own.fill(r.Path)
		l.must(err)
		for _, method := range []string{http.MethodTrace, http.MethodPut, http.MethodDelete, http.MethodPatch} {
			if got := c.send(method, path); got.code != http.StatusMethodNotAllowed && got.code != http.StatusNotFound {
				t.Errorf("%s %s: %d", method, path, got.code)
			}
		}
	}
	l.unchanged(before)
}
