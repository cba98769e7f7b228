package probetest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
)

// CoolifyToken is the token that a new Coolify accepts.
const CoolifyToken = "12|AbCdEfGhIjKlMnOpQrStUvWxYz0123456789abcd1f2e3d4c"

// Coolify answers as Coolify 4.3 does at /api/v1/deploy, in the order in which it checks. Its setters may be called while it serves.
// Source: INTEROP.md section 1.
type Coolify struct {
	URL string // http://127.0.0.1:port

	mu        sync.Mutex
	old       bool // before 4.2: GET deploys
	token     string
	abilities []string
	left      int // status of the answer that the owner is no longer in the team; 0: he is
	member    bool
	disabled  bool
	elsewhere bool // our address is not on the list
	full      bool
	throttled bool
	front     http.HandlerFunc
	resources map[string]CoolifyResource
	started   []string
	asked     []Request
}

// CoolifyResource is something that Coolify deploys.
type CoolifyResource struct {
	Kind, Name string // Kind is "application", "service" or "database"
	Forbidden  bool   // the token's owner may not deploy it
	Queued     bool   // a deployment of the same commit waits already
}

// NewCoolify starts a Coolify of version 4.3 that accepts CoolifyToken, which may deploy, and knows no resource.
func NewCoolify(t testing.TB) *Coolify {
	t.Helper()
	c := &Coolify{token: CoolifyToken, abilities: []string{"deploy"}, resources: map[string]CoolifyResource{}}
	under := httptest.NewServer(c)
	t.Cleanup(under.Close)
	c.URL = under.URL
	return c
}

// Old makes it a version before 4.2: GET deploys.
func (c *Coolify) Old() *Coolify { return c.set(func() { c.old = true }) }

// Allow gives the token these abilities and no others.
func (c *Coolify) Allow(abilities ...string) *Coolify {
	return c.set(func() { c.abilities = abilities })
}

// Left makes the token's owner leave the team; the status is 401, before 4.2 it was 400.
func (c *Coolify) Left(status int) *Coolify { return c.set(func() { c.left = status }) }

// Member makes the token's owner a mere member of the team.
func (c *Coolify) Member() *Coolify { return c.set(func() { c.member = true }) }

// Disable switches the API off, as it is after an installation.
func (c *Coolify) Disable() *Coolify { return c.set(func() { c.disabled = true }) }

// Elsewhere allows the API to other addresses only.
func (c *Coolify) Elsewhere() *Coolify { return c.set(func() { c.elsewhere = true }) }

// Full makes the deployment queue full.
func (c *Coolify) Full() *Coolify { return c.set(func() { c.full = true }) }

// Throttle makes every request one too many.
func (c *Coolify) Throttle() *Coolify { return c.set(func() { c.throttled = true }) }

// Front puts something before it that answers instead: a proxy, Laravel's maintenance page.
func (c *Coolify) Front(answer http.HandlerFunc) *Coolify { return c.set(func() { c.front = answer }) }

// Has gives it a resource.
func (c *Coolify) Has(uuid string, r CoolifyResource) *Coolify {
	return c.set(func() { c.resources[uuid] = r })
}

// Started returns the uuids that were deployed or started, in order.
func (c *Coolify) Started() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.started)
}

// Asked returns the requests that came, in order.
func (c *Coolify) Asked() []Request {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.asked)
}

func (c *Coolify) set(change func()) *Coolify {
	c.mu.Lock()
	defer c.mu.Unlock()
	change()
	return c
}

// ServeHTTP answers as Coolify does.
func (c *Coolify) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asked = append(c.asked, Request{Method: r.Method, Host: r.Host, URI: r.RequestURI, Header: r.Header.Clone()})
	switch {
	case c.front != nil:
		c.front(w, r)
	case !strings.HasPrefix(r.URL.Path, "/api/"):
		http.Redirect(w, r, "/login", http.StatusFound)
	case r.URL.Path != "/api/v1/deploy":
		say(w, http.StatusNotFound, `{"message":"Not found.","docs":"https://coolify.io/docs"}`)
	case !c.admitted(w, r):
	case r.Method == http.MethodGet && !c.old:
		w.Header().Set("Allow", "POST")
		say(w, http.StatusMethodNotAllowed, `{"message":"This endpoint has changed to a POST request."}`)
	default:
		c.deploy(w, r)
	}
}

// admitted goes through the checks before the controller.
func (c *Coolify) admitted(w http.ResponseWriter, r *http.Request) bool {
	may := func(a string) bool { return slices.Contains(c.abilities, a) || slices.Contains(c.abilities, "root") }
	switch {
	case c.throttled:
		w.Header().Set("Retry-After", "42")
		w.Header().Set("X-RateLimit-Limit", "200")
		w.Header().Set("X-RateLimit-Remaining", "0")
		say(w, http.StatusTooManyRequests, `{"message":"Too Many Attempts."}`)
	case r.Header.Get("Authorization") != "Bearer "+c.token:
		if r.Header.Get("Accept") != "application/json" {
			http.Redirect(w, r, "/login", http.StatusFound)
			return false
		}
		say(w, http.StatusUnauthorized, `{"message":"Unauthenticated."}`)
	case c.left == http.StatusBadRequest:
		say(w, c.left, `{"message":"Invalid token.","docs":"https://coolify.io/docs/api-reference/authorization"}`)
	case c.left != 0:
		say(w, c.left, `{"message":"Invalid token."}`)
	case c.disabled:
		say(w, http.StatusForbidden, `{"success":true,"message":"API is disabled."}`)
	case c.elsewhere:
		say(w, http.StatusForbidden, `{"success":true,"message":"You are not allowed to access the API."}`)
	case !may("deploy"):
		say(w, http.StatusForbidden, `{"message":"Missing required permissions: deploy"}`)
	case c.member:
		say(w, http.StatusForbidden, `{"message":"Missing required team role."}`)
	default:
		return true
	}
	return false
}

func (c *Coolify) deploy(w http.ResponseWriter, r *http.Request) {
	uuids, tag := r.FormValue("uuid"), r.FormValue("tag")
	switch {
	case uuids != "" && tag != "":
		say(w, http.StatusBadRequest, `{"message":"You can only use uuid or tag, not both."}`)
		return
	case uuids == "" && tag == "":
		say(w, http.StatusBadRequest, `{"message":"You must provide uuid or tag."}`)
		return
	}
	asked := strings.FieldsFunc(uuids, func(r rune) bool { return r == ',' })
	if len(asked) == 0 {
		say(w, http.StatusBadRequest, `{"message":"No UUIDs provided."}`)
		return
	}
	var entries []map[string]string
	for _, uuid := range asked {
		res, ok := c.resources[uuid]
		if !ok {
			continue // silently, as Coolify does
		}
		if c.full && res.Kind == "application" && !res.Forbidden {
			w.Header().Set("Retry-After", "60")
			say(w, http.StatusTooManyRequests, `{"message":"Deployment queue is full. Please wait for existing deployments to complete."}`)
			return
		}
		entries = append(entries, c.start(uuid, res, r.FormValue("force") == "true"))
	}
	if len(entries) == 0 {
		say(w, http.StatusNotFound, `{"message":"No resources found."}`)
		return
	}
	body, _ := json.Marshal(map[string]any{"deployments": entries})
	say(w, http.StatusOK, string(body))
}

// start starts a resource and is the answer's entry of it.
func (c *Coolify) start(uuid string, res CoolifyResource, force bool) map[string]string {
	entry := map[string]string{"resource_uuid": uuid}
	switch {
	case res.Forbidden:
		entry["message"] = fmt.Sprintf("Unauthorized to deploy this %s.", res.Kind)
		return entry
	case res.Kind == "service":
		entry["message"] = fmt.Sprintf("Service %s started. It could take a while, be patient.", res.Name)
	case res.Kind == "database":
		entry["message"] = fmt.Sprintf("Database %s started.", res.Name)
	case res.Queued && !force:
		entry["message"], entry["deployment_uuid"] = "Deployment already queued for this commit.", "d0"
		return entry
	default:
		entry["message"], entry["deployment_uuid"] = fmt.Sprintf("Application %s deployment queued.", res.Name), "d1"
	}
	c.started = append(c.started, uuid)
	return entry
}

func say(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	fmt.Fprint(w, body)
}
