package chart_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"testing"

	"statusd/app/web/browsertest"
	"statusd/app/web/view"
)

// document is a chart alone on a page, under the policy that the product's pages have.
func document(t *testing.T, v *view.View, name string) *httptest.Server {
	t.Helper()
	c := cases(t)[name]
	var css []byte
	for _, file := range []string{"shared/tokens.css", "shared/base.css", "dashboard/chart.css"} {
		text, err := os.ReadFile("../../../assets/" + file)
		if err != nil {
			t.Fatal(err)
		}
		css = append(css, text...)
	}
	chart := render(t, v, "en", c.Latencies, c.zone)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/chart.css" {
			w.Header().Set("Content-Type", "text/css")
			_, _ = w.Write(css)
			return
		}
		w.Header().Set("Content-Type", view.HTML)
		w.Header().Set("Content-Security-Policy", view.CSP)
		_, _ = w.Write([]byte(`<!doctype html><html lang="en"><head><title>Chart</title><meta name="viewport" content="width=device-width">` +
			`<link rel="stylesheet" href="/chart.css"></head><body><main><h1>Chart</h1>` + chart + `</main></body></html>`))
	}))
	t.Cleanup(s.Close)
	return s
}

func TestChartsAreAccessibleAndFit(t *testing.T) {
	v := load(t)
	tab := browsertest.New(t)
	for _, name := range []string{"outage", "many"} {
		s := document(t, v, name)
		for _, look := range []browsertest.Look{{Width: 1280, Height: 800}, {Width: 320, Height: 700, Dark: true}} {
			tab.As(look)
			tab.Open(s.URL)
			browsertest.Eval[any](tab, `void (document.querySelector("details").open = true)`)
			for _, problem := range tab.Axe() {
				t.Errorf("%s at %d: %v", name, look.Width, problem)
			}
			if got := browsertest.Eval[string](tab, `[...document.querySelectorAll("svg.chart")].map(s => s.checkVisibility()).join() + " " + (document.documentElement.scrollWidth > innerWidth)`); got != map[int64]string{1280: "true,false false", 320: "false,true false"}[look.Width] {
				t.Errorf("%s at %d: drawings seen, scrolls sideways: %s", name, look.Width, got)
			}
		}
	}
}
