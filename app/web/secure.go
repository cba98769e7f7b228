package web

import (
	"net/http"
	"strings"
)

// Encrypted says whether the visitor's side of a request's connection is: over TLS, when a trusted proxy says so, or when the
// request is for the public URL and that is https (a proxy that forwards no header still ends TLS there).
func Encrypted(conf Config) func(*http.Request) bool {
	clients := newClients(conf.Trusted, conf.Log)
	host := ""
	if conf.BaseURL != nil && conf.BaseURL.Scheme == "https" {
		host = strings.ToLower(conf.BaseURL.Hostname())
	}
	return func(r *http.Request) bool {
		return clients.scheme(r) == "https" || host != "" && hostOf(r.Host) == host
	}
}
