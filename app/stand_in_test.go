package app_test

import (
	"strings"
	"testing"

	"statusd/app"
	"statusd/app/model"
	"statusd/store/storetest"
)

// secretive is a check and targets that send secrets.
func (l *lab) secretive() (k model.Check, hook, coolify model.RestartTarget) {
	l.t.Helper()
	k, err := l.a.CreateCheck(bg, l.by, l.component("api").ID, func(k *model.Check) error {
		k.Name, k.URL, k.Method = "login", "http://API.example:80/login", "POST"
		k.Headers, k.Body = map[string]model.Secret{"X-Key": "hunter2", "Accept": "text/html"}, "secret"
		return nil
	})
	l.must(err)
	hook, err = l.newTarget(model.RestartHTTP, func(r *model.RestartTarget) {
		r.HTTP.URL, r.HTTP.AuthHeaderName, r.HTTP.AuthHeaderValue, r.HTTP.Body = "https://hook.example/a", "X-Key", "hunter2", "secret"
	})
	l.must(err)
	coolify, err = l.newTarget(model.RestartCoolify, func(r *model.RestartTarget) {
		r.Coolify.BaseURL, r.Coolify.APIToken = "https://coolify.example", "1|hunter2"
	})
	l.must(err)
	return k, hook, coolify
}

// TestAStoredSecretGoesNowhereElse: whoever may change an address does not get what others have entered for the one before.
func TestAStoredSecretGoesNowhereElse(t *testing.T) {
	const headers, hook = "headers headers_elsewhere", "authHeaderValue secret_elsewhere"
	const both, hookBoth, coolify = headers + ", body secret_elsewhere", hook + ", body secret_elsewhere", "apiToken secret_elsewhere"
	bubble(t, func(t *testing.T, l *lab) {
		k, h, c := l.secretive()
		for _, row := range []struct {
			name   string
			change any
			want   string
		}{
			{"to another host", func(k *model.Check) { k.URL = "http://evil.example/login" }, both},
			{"to another port", func(k *model.Check) { k.URL = "http://api.example:8080/login" }, both},
			{"to a host below", func(k *model.Check) { k.URL = "http://api.example.evil.example/login" }, both},
			{"to a host behind a name", func(k *model.Check) { k.URL = "http://api.example@evil.example/" }, "url url_user"},
			{"one header anew", func(k *model.Check) { k.URL, k.Headers["X-Key"], k.Body = "http://evil.example/", "mine", "" }, headers},
			{"under another name", func(k *model.Check) {
				k.URL, k.Headers, k.Body = "http://evil.example/", map[string]model.Secret{"X-Mine": k.Headers["X-Key"]}, ""
			}, headers},
			{"an https port", func(k *model.Check) { k.URL = "https://api.example:8443/" }, both},
			{"to another host", func(r *model.RestartTarget) { r.HTTP.URL = "https://evil.example" }, hookBoth},
			{"in the clear", func(r *model.RestartTarget) { r.HTTP.URL = "http://hook.example/a" }, hookBoth},
			{"to another host", func(r *model.RestartTarget) { r.Coolify.BaseURL = "https://evil.example" }, coolify},
		} {
			var err error
			switch change := row.change.(type) {
			case func(*model.Check):
				act := func(k *model.Check) error { change(k); return nil }
				_, err = l.a.UpdateCheck(bg, l.by, k.ID, act)
				if _, tried := l.a.TryCheck(bg, l.by, k.ID, act); wrong(tried) != row.want {
					t.Errorf("%s, a trial: %v", row.name, tried)
				}
			case func(*model.RestartTarget):
				id := h.ID
				if row.want == coolify {
					id = c.ID
				}
				_, err = l.a.UpdateRestartTarget(bg, l.by, id, func(r *model.RestartTarget) error { change(r); return nil })
			}
			if got := wrong(err); got != row.want {
				t.Errorf("%s: %q, want %q", row.name, got, row.want)
			}
		}
	})
}

// TestASecretIsKeptWhereItGoesToTheSameHost, and goes elsewhere once it is entered for that, if only as it was.
func TestASecretIsKeptWhereItGoesToTheSameHost(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		k, h, c := l.secretive()
		for _, url := range []string{"http://api.example/other?q=1", "https://api.example/other", "https://api.example:443/"} {
			got, err := l.a.UpdateCheck(bg, l.by, k.ID, func(k *model.Check) error { k.URL = url; return nil })
			if err != nil || got.Headers["X-Key"] != "hunter2" || got.Headers["Accept"] != "text/html" || got.Body != "secret" {
				t.Errorf("%s: %v %+v", url, err, got)
			}
		}
		moved, err := l.a.UpdateCheck(bg, l.by, k.ID, func(k *model.Check) error {
			k.URL, k.Headers, k.Body = "http://new.example/", map[string]model.Secret{"X-Key": "hunter2"}, "secret"
			return nil
		})
		if err != nil || moved.Headers["X-Key"] != "hunter2" || moved.Body != "secret" {
			t.Errorf("entered again: %v %+v", err, moved)
		}
		_, err = l.a.UpdateCheck(bg, l.by, k.ID, func(k *model.Check) error { k.URL, k.Headers, k.Body = "http://newer.example/", nil, ""; return nil })
		l.must(err)
		hook, err := l.a.UpdateRestartTarget(bg, l.by, h.ID, func(r *model.RestartTarget) error {
			r.HTTP.URL, r.HTTP.AuthHeaderValue, r.HTTP.Body = "https://new.example", "hunter2", ""
			return nil
		})
		if err != nil || hook.HTTP.AuthHeaderValue != "hunter2" || hook.HTTP.Body != "" {
			t.Errorf("%v %+v", err, hook.HTTP)
		}
		coolify, err := l.a.UpdateRestartTarget(bg, l.by, c.ID, func(r *model.RestartTarget) error {
			r.Coolify.BaseURL, r.Coolify.APIToken = "http://new.example:8000", "1|hunter2"
			return nil
		})
		if err != nil || coolify.Coolify.APIToken != "1|hunter2" {
			t.Errorf("%v %+v", err, coolify.Coolify)
		}
	})
}

// TestADamagedSecretSaysWhatToDo: nothing is started without it, since a check without its headers would be told wrong things.
func TestADamagedSecretSaysWhatToDo(t *testing.T) {
	bubble(t, func(t *testing.T, l *lab) {
		l.secretive()
		l.stop()
		storetest.Exec(t, l.dir, `UPDATE checks SET headers = x'00112233'`)
		l.s = storetest.Open(t, l.dir)
		a, err := app.New(bg, app.Config{Store: l.s, Now: l.wall})
		l.must(err)
		if err := a.Start(bg); err == nil || !strings.Contains(err.Error(), "use statusd restore with your last export") {
			t.Errorf("%v", err)
		}
		l.a = a
	})
}
