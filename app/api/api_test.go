package api_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"

	"statusd/app/api"
)

func TestAddressesLieBelowTheBasePath(t *testing.T) {
	k := newKit(t)
	k.echo = echo.New()
	api.New(api.Config{App: k.app, Path: func(context.Context) string { return "/status" }}).Register(k.echo)
	got := k.want(201, "POST", "/api/v1/pages", `{"name":"N","slug":"n"}`)
	if want := "/status/api/v1/pages/" + got.json(t)["id"].(string); got.header.Get("Location") != want {
		t.Errorf("got Location %q, want %q", got.header.Get("Location"), want)
	}
	doc := k.want(200, "GET", "/api/openapi.json", "").json(t)
	if got := fmt.Sprint(doc["servers"]); got != "[map[url:/status]]" {
		t.Errorf("got servers %s", got)
	}
}

func TestWordsAreAskedForByFamilyAndCode(t *testing.T) {
	k := newKit(t)
	k.echo = echo.New()
	words := func(family, code string, args map[string]any) string { return fmt.Sprint(family, ".", code, " ", args) }
	api.New(api.Config{App: k.app, Words: words}).Register(k.echo)
	got := k.want(422, "POST", "/api/v1/pages", `{"name":7,"slug":"n"}`).wrong(t)
	if want := "invalid.type map[want:string]"; got["name"] != want {
		t.Errorf("got %q, want %q", got["name"], want)
	}
	k.keyed("k", k.owner, "/api/v1/pages", `{"name":"N","slug":"n"}`)
	if got := k.keyed("k", k.owner, "/api/v1/pages", `{"name":"M","slug":"m"}`).json(t)["detail"]; got != "conflict.idempotency_key map[]" {
		t.Errorf("got %q", got)
	}
}

func TestTheLanguageIsChosenFromWhatWasSent(t *testing.T) {
	k := newKit(t)
	slug := k.fill(k.owner, "https://example.com/").slug
	k.echo = echo.New()
	var asked []string
	match := func(query string, lines []string) string {
		asked = append(asked, query+"|"+strings.Join(lines, "|"))
		return "tr"
	}
	api.New(api.Config{App: k.app, Match: match}).Register(k.echo)
	for _, query := range []string{"", "?lang=tr", "?a=b&lang=en&%zz"} {
		r := newRequest("GET", "/api/v1/status/"+slug+query, "", "")
		r.Header.Set("Accept-Language", "tr-TR, en;q=0.5")
		if got := k.serve(r); got.status != 200 {
			t.Errorf("%s: got %d", query, got.status)
		}
	}
	if want := []string{"|tr-TR, en;q=0.5", "tr|tr-TR, en;q=0.5", "en|tr-TR, en;q=0.5"}; !slices.Equal(asked, want) {
		t.Errorf("got %q, want %q", asked, want)
	}
}
