package dashboard_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"statusd/app/model"
	"statusd/probe/probetest"
)

func (st *stage) targets() []model.RestartTarget {
	st.t.Helper()
	list, err := st.app.RestartTargets(st.t.Context(), st.by, model.Window{})
	st.must(err)
	return list.Items
}

func (st *stage) targetPath(id model.RestartTargetID, rest string) string {
	return st.path("/restart-targets/" + id.String() + rest)
}

func TestAnHTTPTargetIsMadeChangedAndDeleted(t *testing.T) {
	st := newStage(t, "API")
	list, made := st.path("/restart-targets"), st.path("/restart-targets/new")
	st.editor.wants(st.editor.get(list), 200, "Nothing restarts by itself", made)
	lacks(t, st.viewer.wants(st.viewer.get(list), 200, "Nothing restarts by itself"), made)
	st.editor.wants(st.editor.get(made), 200, made+"?type=http", made+"?type=ssh", made+"?type=coolify")
	st.editor.wants(st.editor.get(made+"?type=none"), 200, made+"?type=ssh")
	st.editor.wants(st.editor.get(made+"?type=http"), 200, `name="url"`, `name="timeoutSeconds" type="text" value="30"`, `value="299"`)

	post := func(pairs ...string) reply {
		return st.editor.post(made, append([]string{"type", "http", "method", "POST", "expectedStatusMin", "200", "expectedStatusMax", "299"}, pairs...)...)
	}
	r := st.editor.wants(post("name", "Typed & kept", "url", "ftp://x", "timeoutSeconds", "301", "authHeaderName", "X-Key", "authHeaderValue", "canary-1", "body", "canary-2"), 422,
		"Typed &amp; kept", "ftp://x", `value="X-Key"`, "Start with https:// or http://.", "Must be a number from 1 to 300.", `href="#f-timeoutSeconds"`, "type them again")
	lacks(t, r, "canary")
	st.editor.wants(post("name", "Hook", "url", "http://127.0.0.1:9/", "timeoutSeconds", "soon", "authHeaderName", "X-Key"), 422, "Type a whole number.", "Type the value of this header")
	st.goesToNew(post("name", "Hook", "url", "http://127.0.0.1:9/?key=1", "timeoutSeconds", "1,5", "authHeaderName", "X-Key", "authHeaderValue", "canary-1", "body", "canary-2"), "/restart-targets/", "target-created")
	one := st.targets()[0]
	if h := one.HTTP; one.Timeout != 1500*time.Millisecond || h.AuthHeaderValue != "canary-1" || h.Body != "canary-2" || h.Method != "POST" {
		t.Fatalf("%+v", one)
	}

	jump := "/d/jump?ws=" + st.page.Workspace.String() + "&page=" + st.page.ID.String() + "&q="
	st.viewer.wants(st.viewer.get(jump+"hook"), 200, st.targetPath(one.ID, ""), "POST 127.0.0.1:9")
	st.editor.wants(st.editor.get(jump+"new+restart"), 200, made)

	edit := st.targetPath(one.ID, "/edit")
	form := st.editor.wants(st.editor.get(edit), 200, "The value is set", "A body is set", `value="1.5"`, `name="remove.body"`)
	lacks(t, form, "canary")
	save := func(seen string, pairs ...string) reply {
		return st.editor.post(edit, append([]string{"seen", seen, "name", "Hook", "url", "http://127.0.0.1:9/new", "method", "POST", "expectedStatusMin", "200", "expectedStatusMax", "204", "timeoutSeconds", "9", "authHeaderName", "X-Key"}, pairs...)...)
	}
	st.goesTo(save(hidden(form.body, "seen")), st.targetPath(one.ID, ""), "target-saved")
	if h := st.targets()[0].HTTP; h.URL != "http://127.0.0.1:9/new" || h.AuthHeaderValue != "canary-1" || h.Body != "canary-2" || h.ExpectedStatusMax != 204 {
		t.Errorf("%+v", h)
	}
	st.editor.wants(save(hidden(form.body, "seen"), "name", "Late"), 409, "Somebody else has changed this")
	seen := hidden(st.editor.get(edit).body, "seen")
	moved := st.editor.post(edit, "seen", seen, "name", "Hook", "url", "http://127.0.0.1:10/", "method", "POST", "expectedStatusMin", "200", "expectedStatusMax", "204", "timeoutSeconds", "9", "authHeaderName", "X-Key")
	st.editor.wants(moved, 422, "This was entered for 127.0.0.1:9 and is sent nowhere else", `href="#f-authHeaderValue"`, `href="#f-body"`)
	st.goesTo(save(seen, "remove.body", "on", "remove.authHeader", "on"), st.targetPath(one.ID, ""), "target-saved")
	if h := st.targets()[0].HTTP; h.AuthHeaderName != "" || h.AuthHeaderValue != "" || h.Body != "" {
		t.Errorf("%+v", h)
	}

	st.bind(st.by, st.checks[0].ID, one.ID)
	st.viewer.wants(st.viewer.get(list), 200, "Hook", "1 check", "Never fired", "127.0.0.1:9")
	lacks(t, st.viewer.wants(st.viewer.get(st.targetPath(one.ID, "")), 200, "API check"), "/fire", "/edit", "/delete")
	st.viewer.wants(st.viewer.get(edit), 403)
	remove := st.targetPath(one.ID, "/delete")
	st.editor.wants(st.editor.get(remove), 200, "Delete Hook?", "Its secrets and its log go with it.")
	st.editor.wants(st.editor.post(remove, "typed", "Hok"), 422, "This is not the name.")
	st.editor.wants(st.editor.post(remove, "typed", "Hook"), 409, "API check (acme)")
	st.bind(st.by, st.checks[0].ID, 0)
	st.goesTo(st.editor.post(remove, "typed", "Hook"), list, "target-deleted")
	if len(st.targets()) != 0 {
		t.Error("it is still there")
	}
	owner := st.as("owner@example.org")
	owner.wants(owner.get("/d/w/"+st.page.Workspace.String()+"/audit"), 200, "Restart target created", "Restart target changed", "Restart target deleted")
}

// TestSecretsOfTargetsDoNotTravelThroughTheSignIn: a form that waits for somebody to sign in has every field but those.
func TestSecretsOfTargetsDoNotTravelThroughTheSignIn(t *testing.T) {
	st := newStage(t, "API")
	fields := []string{"type", "ssh", "name", "Kept name"}
	for _, secret := range []string{"authHeaderValue", "body", "privateKey", "passphrase", "apiToken"} {
		fields = append(fields, secret, "canary")
	}
	nobody := st.visitor()
	lacks(t, nobody.wants(nobody.post(st.path("/restart-targets/new"), fields...), 401, "Kept name"), "canary")
}

func TestAnHTTPTargetIsFiredByHandAfterAQuestion(t *testing.T) {
	called := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		called++
		w.WriteHeader(http.StatusBadGateway)
		_, _ = io.WriteString(w, "no upstream for "+r.Header.Get("X-Key"))
	}))
	t.Cleanup(server.Close)
	st := newStage(t, "API")
	r := st.target(st.by, server.URL+"/restart")
	_, err := st.app.UpdateRestartTarget(t.Context(), st.by, r.ID, func(r *model.RestartTarget) error {
		r.HTTP.AuthHeaderName, r.HTTP.AuthHeaderValue = "X-Key", "canary-value"
		return nil
	})
	st.must(err)
	fire, one := st.targetPath(r.ID, "/fire"), st.targetPath(r.ID, "")
	st.editor.wants(st.editor.get(st.path("/restart-targets")), 200, fire, "Test fire")
	st.editor.wants(st.editor.get(fire), 200, "Fire now? Restart hook", "POST "+server.URL+"/restart", "It starts no cooldown")
	if called != 0 {
		t.Fatal("the question fires")
	}
	st.viewer.wants(st.viewer.post(fire), 403)
	st.goesTo(st.editor.post(fire), one, "fired-failed")
	log := st.editor.wants(st.editor.get(one+"?done=fired-failed"), 200, "Fired, and it failed.", "Status 502", "Fired by hand", "expected 200-299", "no upstream for")
	lacks(t, log, "canary-value", "not known whether it helped")
	if called != 1 {
		t.Errorf("called %d times", called)
	}
	st.editor.wants(st.editor.post(st.targetPath(r.ID, "/connection")), 409, "An HTTP target has no connection to check.")
}

func TestAnSSHTargetIsMadeAndItsHostKnown(t *testing.T) {
	host := probetest.NewSSHD(t)
	private, public := probetest.SSHKey(t, "open sesame")
	host.Authorize(t, public)
	st := newStage(t, "API")
	made := st.path("/restart-targets/new")
	st.editor.wants(st.editor.get(made+"?type=ssh"), 200, "ssh-keygen -t ed25519", `restrict,command=&#34;docker restart api-server&#34;`)
	post := func(pairs ...string) reply {
		return st.editor.post(made, append([]string{"type", "ssh", "name", "Box", "host", host.Host, "port", strconv.Itoa(host.Port), "user", host.User, "command", "false", "timeoutSeconds", "20"}, pairs...)...)
	}
	lacks(t, st.editor.wants(post("privateKey", private), 422, "its passphrase is needed", `href="#f-passphrase"`), "PRIVATE KEY-----\n")
	st.editor.wants(post("privateKey", public), 422, "This cannot be used: this is a public key", `href="#f-privateKey"`)
	st.editor.wants(post("privateKey", private, "passphrase", "open sesame", "hostKey", "nonsense"), 422, "this is no host key", `value="nonsense"`)
	st.goesToNew(post("privateKey", private, "passphrase", "open sesame"), "/restart-targets/", "target-created")
	r := st.targets()[0]
	one, connect, key := st.targetPath(r.ID, ""), st.targetPath(r.ID, "/connection"), st.targetPath(r.ID, "/host-key")
	lacks(t, st.editor.wants(st.editor.get(one), 200, "Not known yet"), "PRIVATE KEY", "sesame", st.targetPath(r.ID, "/fire"))
	st.editor.wants(st.editor.get(st.targetPath(r.ID, "/fire")), 409, "fires only when a check fails")

	fingerprint := strings.Fields(host.Fingerprint(t, "ed25519"))[1]
	shown := strings.ReplaceAll(fingerprint, "+", "&#43;")
	st.viewer.wants(st.viewer.post(connect), 403)
	st.editor.wants(st.editor.post(connect), 200, "The connection works: signed in as "+host.User, shown, "Yes, that is the host: pin it")
	if r := st.editor.get(connect); r.code != 303 || r.location != one {
		t.Errorf("reloaded it leads with %d to %s", r.code, r.location)
	}
	lacks(t, st.viewer.wants(st.viewer.get(one), 200, shown, "recorded on first use"), "pin it")
	st.editor.wants(st.editor.post(key, "do", "pin", "fingerprint", "SHA256:another"), 409, "Somebody else has changed this")
	st.goesTo(st.editor.post(key, "do", "forget", "fingerprint", fingerprint), one, "host-key-forgotten")
	st.editor.wants(st.editor.get(one), 200, "Not known yet")
	st.editor.wants(st.editor.post(connect), 200, shown)
	st.goesTo(st.editor.post(key, "do", "pin", "fingerprint", fingerprint), one, "host-key-pinned")
	lacks(t, st.editor.wants(st.editor.get(one), 200, shown, "(pinned)"), "recorded on first use")

	form := st.editor.wants(st.editor.get(st.targetPath(r.ID, "/edit")), 200, "A private key is set", "A passphrase is set", `name="remove.passphrase"`)
	lacks(t, form, "PRIVATE KEY-----\n", "sesame")
	next, _ := probetest.SSHKey(t, "")
	st.goesTo(st.editor.post(st.targetPath(r.ID, "/edit"), "seen", hidden(form.body, "seen"), "name", "Box", "host", host.Host, "port", strconv.Itoa(host.Port), "user", host.User, "command", "true",
		"timeoutSeconds", "20", "hostKey", st.targets()[0].SSH.HostKey, "privateKey", next), one, "target-saved")
	if s := st.targets()[0].SSH; s.PrivateKey.Reveal() != next || s.Passphrase != "" || s.Command != "true" || s.HostKey == "" {
		t.Errorf("%+v", s)
	}
	st.editor.wants(st.editor.post(connect), 200, "The connection does not work: the host refuses to let")
}

func TestACoolifyTargetSaysWhatItsTokenMay(t *testing.T) {
	coolify := probetest.NewCoolify(t)
	st := newStage(t, "API")
	made := st.path("/restart-targets/new")
	st.editor.wants(st.editor.post(made, "type", "coolify", "name", "Web", "baseUrl", coolify.URL, "resourceUuid", "a,b", "apiToken", "canary"), 422, "Copy the UUID of one resource", `value="a,b"`)
	st.goesToNew(st.editor.post(made, "type", "coolify", "name", "Web", "baseUrl", coolify.URL+"/", "resourceUuid", "u1", "apiToken", probetest.CoolifyToken, "force", "on"), "/restart-targets/", "target-created")
	r := st.targets()[0]
	if c := r.Coolify; c.BaseURL != coolify.URL || c.APIToken.Reveal() != probetest.CoolifyToken || !c.Force {
		t.Errorf("%+v", r.Coolify)
	}
	st.editor.wants(st.editor.post(st.targetPath(r.ID, "/connection")), 200, "The connection works: Coolify accepts the token")
	form := st.editor.wants(st.editor.get(st.targetPath(r.ID, "/edit")), 200, "A token is set")
	lacks(t, form, probetest.CoolifyToken)
	st.goesTo(st.editor.post(st.targetPath(r.ID, "/edit"), "seen", hidden(form.body, "seen"), "name", "Web", "baseUrl", coolify.URL, "resourceUuid", "u1", "apiToken", "7|wrong"), st.targetPath(r.ID, ""), "target-saved")
	st.editor.wants(st.editor.post(st.targetPath(r.ID, "/connection")), 200, "The connection does not work: Coolify does not accept the token")
}

func TestFiringsStandWhereTheyMatterAndNotInPublic(t *testing.T) {
	st := newStage(t, "API")
	opened, _ := st.news(st.by, st.page.ID, model.Text{"en": "API is down"}, model.Text{"en": "We look into it."})
	_, ssh, _ := st.rescued(st.by, st.checks[0], opened.ID)
	all := []string{"Exit 0", "Exit 1", "Interrupted", "good again after 42\u00a0s", "good again after 1\u00a0min 11\u00a0s", "gave up", "not known whether it helped",
		"the command ended with exit code 1", "No such container: api-server", "4,100 ms", st.checkPath(0, "")}
	for _, c := range []*client{st.editor, st.viewer} {
		c.wants(c.get(st.targetPath(ssh.ID, "")), 200, append(all, "2 of 3 calls succeeded", "API check")...)
		c.wants(c.get(st.checkPath(0, "")), 200, append(all, "After 3 failures in a row, at most every 10\u00a0min, at most 5 times in one outage.", st.targetPath(ssh.ID, ""))...)
		c.wants(c.get(st.path("/restart-targets")), 200, "api-1 restart", "deploy@api-1.internal", "Coolify: web", "Never fired", "Restart hook", "Status 200", "good again after 1")
		incident := c.wants(c.get(st.path("/incidents/"+opened.ID.String())), 200, "Restart target fired", "Visitors do not see this", "api-1 restart", "good again after 1\u00a0min 11\u00a0s")
		if strings.Index(incident.body, "firing-") < strings.Index(incident.body, "We look into it.") {
			t.Error("what was fired earlier stands above what was said later")
		}
		c.wants(c.get(st.path("")), 200, "Auto-restart", "good again after 1", "api-1 restart")
	}
	for _, path := range []string{"/p/acme", "/p/acme/incidents/" + opened.ID.String(), "/api/v1/status/acme", "/p/acme/history"} {
		lacks(t, st.visitor().get(path), "api-1 restart", "Restart target", "docker", "good again after")
	}
	st.editor.wants(st.editor.get(st.targetPath(ssh.ID, "?cursor=x")), 404)
	for range 50 {
		st.fired(ssh, model.Firing{Trigger: model.ByTest, Outcome: model.FiringRuns})
	}
	st.editor.wants(st.editor.get(st.targetPath(ssh.ID, "")), 200, "?cursor=", "Running")
}

func TestACheckIsBoundByItsForm(t *testing.T) {
	st := newStage(t, "API")
	form := st.editor.wants(st.editor.get(st.checkPath(0, "/edit")), 200, "There is no restart target in this workspace yet.", st.path("/restart-targets/new"))
	lacks(t, form, "restart.targetId")
	r := st.target(st.by, "http://127.0.0.1:9/restart")
	st.editor.wants(st.editor.get(st.checkPath(0, "/edit")), 200, `name="restart.targetId"`, "Restart hook (HTTP)", `name="restart.cooldownSeconds" type="text" value="600"`)
	save := func(pairs ...string) reply {
		return st.editor.post(st.checkPath(0, "/edit"), append([]string{"seen", hidden(st.editor.get(st.checkPath(0, "/edit")).body, "seen"), "name", "API check", "url", "http://127.0.0.1:9/", "method", "GET", "intervalSeconds", "30",
			"expectedStatusMin", "200", "expectedStatusMax", "299", "timeoutMs", "1000", "retries", "0"}, pairs...)...)
	}
	st.editor.wants(save("restart.targetId", r.ID.String(), "restart.threshold", "0", "restart.cooldownSeconds", "many", "restart.maxFirings", "101"), 422,
		`href="#f-restart-threshold"`, `href="#f-restart-cooldownSeconds"`, `href="#f-restart-maxFirings"`, `value="many"`, r.ID.String()+`" selected`)
	st.editor.wants(save("restart.targetId", "zzzzzzzz", "restart.threshold", "1", "restart.cooldownSeconds", "1", "restart.maxFirings", "1"), 422, "There is no restart target with this id.")
	st.goesTo(save("restart.targetId", r.ID.String(), "restart.threshold", "4", "restart.cooldownSeconds", "90", "restart.maxFirings", "2"), st.checkPath(0, ""), "check-saved")
	st.read()
	if want := (model.Binding{Target: r.ID, Threshold: 4, Cooldown: 90 * time.Second, MaxFirings: 2}); st.checks[0].Restart != want {
		t.Errorf("%+v", st.checks[0].Restart)
	}
	st.editor.wants(st.editor.get(st.checkPath(0, "")), 200, "Restart hook", "Nothing was fired for this check.")
	st.editor.wants(st.editor.get(st.checkPath(0, "/edit")), 200, r.ID.String()+`" selected`, `value="90"`, "See its log")
	st.goesTo(save(), st.checkPath(0, ""), "check-saved")
	if st.read(); !st.checks[0].Restart.Bound() {
		t.Error("a form without the section unbinds")
	}
	st.goesTo(save("restart.targetId", "", "restart.threshold", "x"), st.checkPath(0, ""), "check-saved")
	if st.read(); st.checks[0].Restart != (model.Binding{}) {
		t.Errorf("%+v", st.checks[0].Restart)
	}
}

// TestTheOverviewSaysWhereRestartsWereGivenUp lets a check fail for real, and its target with it.
func TestTheOverviewSaysWhereRestartsWereGivenUp(t *testing.T) {
	st := newStageWith(t, extra{minInterval: time.Second, grace: -1}, "API")
	r := st.target(st.by, "http://127.0.0.1:9/restart")
	st.givesUp(st.checks[0], r)
	st.viewer.wants(st.viewer.get(st.path("")), 200, "Auto-restart gave up: API check", "Only people can help now.", "still down, gave up", "Restart hook", st.checkPath(0, "")+"#fired")
	st.viewer.wants(st.viewer.get(st.targetPath(r.ID, "")), 200, "still down, gave up", "0 of 1 call succeeded")
}
