package main

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"statusd/probe/probetest"
)

// forms are how a secret may come back.
func forms(secret string) []string {
	return []string{secret, base64.StdEncoding.EncodeToString([]byte(secret)), hex.EncodeToString([]byte(secret)), url.QueryEscape(secret)}
}

// Whoever is called may say again what he was called with, in whatever form: nothing of it is in an answer, a log or a file. RELIABILITY E13.
func TestWhatATargetSaysAgainOfItsSecretsIsNowhere(t *testing.T) {
	t.Parallel()
	host := probetest.NewSSHD(t)
	private, public := probetest.SSHKey(t, "canary of/a passphrase", "-t", "ed25519")
	secrets := []string{"Bearer canary+of/a header", `{"canary": "of a body"}`, "canary of/a passphrase", private, "12|canaryOfACoolifyToken"}
	echo := strings.Join(forms(private), "\n") + "\n" + strings.Join(forms("canary of/a passphrase"), "\n")
	said := filepath.Join(t.TempDir(), "said")
	if err := os.WriteFile(said, []byte(echo), 0o600); err != nil {
		t.Fatal(err)
	}
	host.Authorize(t, `restrict,command="cat `+said+`; exit 3" `+public)
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		for _, secret := range []string{r.Header.Get("Authorization"), string(body)} {
			fmt.Fprintln(w, strings.Join(forms(secret), "\n"))
		}
	}))
	defer receiver.Close()

	data := t.TempDir()
	token := command(t, data, "token", "create", "--name", "test", "--role", "owner", "--admin")
	s := serve(t, data, "--startup-grace", "0s", "--log-level", "debug")
	c := newClient(s.address, token)
	page := c.make(t, "pages", map[string]any{"name": "Shop", "slug": "shop"})
	component := c.make(t, "pages/"+page+"/components", map[string]any{"name": "Checkout"})
	targets := []string{
		c.make(t, "restart-targets", map[string]any{"type": "http", "name": "hook", "url": receiver.URL,
			"authHeaderName": "Authorization", "authHeaderValue": secrets[0], "body": secrets[1]}),
		c.make(t, "restart-targets", map[string]any{"type": "ssh", "name": "host", "host": host.Host, "port": host.Port, "user": host.User,
			"privateKey": private, "passphrase": secrets[2], "command": "anything"}),
		c.make(t, "restart-targets", map[string]any{"type": "coolify", "name": "coolify", "baseUrl": receiver.URL, "apiToken": secrets[4], "resourceUuid": "u1"}),
	}
	for i, target := range targets {
		c.make(t, "components/"+component+"/checks", map[string]any{
			"name": fmt.Sprint("dead ", i), "url": "http://127.0.0.1:1", "intervalSeconds": 1, "timeoutMs": 500, "retries": 0,
			"restart": map[string]any{"targetId": target, "threshold": 1},
		})
	}
	outcomes := []string{"success", "failed", "failed"}
	var answers strings.Builder
	for i, target := range targets {
		c.until(t, "it was fired", func() bool {
			log := c.firings(t, target)
			return len(log) == 1 && log[0].Outcome != "running"
		})
		if f := c.firings(t, target)[0]; f.Outcome != outcomes[i] || f.Output == "" {
			t.Errorf("%+v", f)
		}
		for _, path := range []string{"restart-targets/" + target, "restart-targets/" + target + "/firings"} {
			_, body, err := c.call(http.MethodGet, path, nil)
			fmt.Fprintln(&answers, body, err)
		}
	}
	for _, path := range []string{"restart-targets", "pages/" + page + "/audit", "pages/" + page + "/incidents"} {
		_, body, err := c.call(http.MethodGet, path, nil)
		fmt.Fprintln(&answers, body, err)
	}
	command(t, data, "export", "-o", filepath.Join(data, "export.tar"))
	if err := s.terminate(t); err != nil {
		t.Error(err)
	}
	places := map[string]string{"answers": answers.String(), "log": s.log.String()}
	files, err := filepath.Glob(filepath.Join(data, "*"))
	if err != nil || len(files) == 0 {
		t.Fatal(err, files)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		places[filepath.Base(file)] = string(text)
	}
	lines := strings.Split(strings.TrimSpace(private), "\n")
	for _, secret := range append(secrets, lines[1], lines[2]) {
		for _, form := range forms(secret) {
			for place, text := range places {
				if strings.Contains(text, form) {
					t.Errorf("%q is in the %s", form, place)
				}
			}
		}
	}
}
