package restart

import (
	"bytes"
	"encoding/json"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"statusd/probe"
)

// deployment is an entry of the answer that says what was queued or started.
type deployment struct {
	Message  string `json:"message"`
	Resource string `json:"resource_uuid"`
}

// refusals are what Coolify's JSON answers say, by status and how the message begins; "" is any. Source: INTEROP.md section 1.
var refusals = []struct {
	status int
	begins string
	code   Code
	quoted bool // the sentence repeats the message
}{
	{http.StatusBadRequest, "Invalid token", CoolifyTeam, false}, // before 4.2
	{http.StatusUnauthorized, "Invalid token", CoolifyTeam, false},
	{http.StatusUnauthorized, "", CoolifyToken, false},
	{http.StatusForbidden, "Missing required permissions", CoolifyPermission, true},
	{http.StatusForbidden, "Missing required team role", CoolifyRole, false},
	{http.StatusForbidden, "API is disabled", CoolifyDisabled, false},
	{http.StatusForbidden, "You are not allowed to access the API", CoolifyAddress, false},
	{http.StatusNotFound, "Not found", CoolifyPath, false},
	{http.StatusTooManyRequests, "Deployment queue is full", CoolifyQueueFull, false},
	{http.StatusTooManyRequests, "", CoolifyPace, false},
}

// judge says why an answer is no success; the zero Reason when it is. A status of 200 alone proves nothing.
func (c Coolify) judge(a probe.Answer, why probe.Reason) Reason {
	status := strconv.Itoa(a.StatusCode)
	switch {
	case a.StatusCode == 0:
		return connection(why)
	case a.StatusCode >= 300 && a.StatusCode < 400:
		return Because(CoolifyRedirect, status, whither(c.BaseURL, a.Header.Get("Location")))
	case a.StatusCode == http.StatusOK && why.Code != "":
		return connection(why) // half an answer: whether it names us is not known
	case a.StatusCode == http.StatusOK:
		return c.judgeDeployments(a)
	case !isJSON(a):
		return judgeForeign(a)
	}
	return c.judgeRefusal(a, messageOf(a))
}

func (c Coolify) judgeDeployments(a probe.Answer) Reason {
	var body struct {
		Deployments []deployment `json:"deployments"`
	}
	if !isJSON(a) {
		return strange(a)
	}
	if err := json.Unmarshal(a.Body, &body); err != nil {
		return strange(a)
	}
	named := false
	for _, d := range body.Deployments {
		if d.Resource != c.UUID {
			continue
		}
		if strings.HasPrefix(strings.ToLower(strings.TrimSpace(d.Message)), "unauthorized") {
			return Because(CoolifyPolicy, d.Message)
		}
		named = true
	}
	if !named {
		return Because(CoolifyUnnamed, c.UUID)
	}
	return Reason{}
}

func (c Coolify) judgeRefusal(a probe.Answer, message string) Reason {
	status := strconv.Itoa(a.StatusCode)
	if a.StatusCode == http.StatusNotFound && strings.HasPrefix(message, "No resources found") {
		return Because(CoolifyUnknown, c.UUID)
	}
	for _, r := range refusals {
		switch {
		case r.status != a.StatusCode || !strings.HasPrefix(message, r.begins):
		case r.quoted:
			return Because(r.code, message)
		default:
			return Because(r.code)
		}
	}
	switch {
	case a.StatusCode == http.StatusServiceUnavailable:
		return Because(CoolifyMaintenance, status)
	case message == "":
		return Because(CoolifyStatus, status)
	}
	return Because(CoolifyRefused, status, message)
}

// judgeForeign judges an answer that is no JSON: a proxy's, Laravel's own page, or somebody else's.
func judgeForeign(a probe.Answer) Reason {
	status, begins := strconv.Itoa(a.StatusCode), firstLine(string(a.Body))
	switch a.StatusCode {
	case http.StatusServiceUnavailable:
		if isHTML(a) {
			return Because(CoolifyMaintenance, status)
		}
		return Because(CoolifyAway, status) // Traefik's "no available server", Caddy's empty one
	case http.StatusNotFound:
		if begins == "404 page not found" { // Traefik, without a router for the host
			return Because(CoolifyAway, status)
		}
	case http.StatusBadGateway, http.StatusGatewayTimeout, http.StatusInternalServerError, 499:
		return Because(CoolifyProxy, status)
	case http.StatusUnauthorized:
		if begins == "" {
			return Because(CoolifyToken)
		}
	case http.StatusTooManyRequests:
		return Because(CoolifyPace)
	}
	if begins == "" {
		return Because(CoolifyStatus, status)
	}
	return strange(a)
}

func strange(a probe.Answer) Reason {
	return Because(CoolifyStrange, strconv.Itoa(a.StatusCode), firstLine(string(a.Body)))
}

// isJSON goes by the body: a framework's error may have any type.
func isJSON(a probe.Answer) bool {
	body := bytes.TrimSpace(a.Body)
	return len(body) > 0 && body[0] == '{' && json.Valid(body)
}

func isHTML(a probe.Answer) bool {
	kind, _, _ := mime.ParseMediaType(a.Header.Get("Content-Type"))
	return kind == "text/html" || strings.HasPrefix(strings.TrimSpace(string(a.Body)), "<")
}

func messageOf(a probe.Answer) string {
	var body struct {
		Message string `json:"message"`
	}
	if json.Unmarshal(bytes.TrimSpace(a.Body), &body) != nil {
		return ""
	}
	return strings.TrimSpace(body.Message)
}
