package demo

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

func TestARestartBringsTheFlakyServiceBack(t *testing.T) {
	target := &Target{began: time.Now().Add(-70 * time.Second)} // it fails from 55 to 100 s
	routes := target.routes()
	code := func(method, path string) int {
		w := httptest.NewRecorder()
		routes.ServeHTTP(w, httptest.NewRequest(method, path, nil))
		return w.Code
	}
	const flakyPath, steadyPath = "/integrations/webhooks", "/api/health"
	if got := code(http.MethodGet, flakyPath); got != http.StatusServiceUnavailable {
		t.Fatalf("before: %d", got)
	}
	if got := code(http.MethodGet, restartPath); got != http.StatusMethodNotAllowed {
		t.Errorf("looking at the restart: %d", got)
	}
	if got := code(http.MethodPost, restartPath); got != http.StatusOK {
		t.Errorf("the restart: %d", got)
	}
	for _, path := range []string{flakyPath, steadyPath} {
		if got := code(http.MethodGet, path); got != http.StatusOK {
			t.Errorf("%s after: %d", path, got)
		}
	}
	target.restarted.Store(int64(time.Second)) // long ago
	if got := code(http.MethodGet, flakyPath); got != http.StatusServiceUnavailable {
		t.Errorf("in the next outage: %d", got)
	}
}
