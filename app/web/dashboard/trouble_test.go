package dashboard_test

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"statusd/app/model"
	"statusd/app/web/browsertest"
)

// troubles are the errors that have a page, by the end of the path at which the stage fails with them.
var troubles = []struct {
	path string
	err  error
	code int
	text string
}{
	{"403", model.ErrForbidden, 403, "Your role does not allow this."},
	{"404", fmt.Errorf("page: %w", model.ErrNotFound), 404, "There is no page at this address."},
	{"409", model.Conflict{Code: "stale"}, 409, "nothing was saved"},
	{"429", model.TooMany{Retry: 3 * time.Minute}, 429, "Try again in 3 minutes."},
	{"500", errors.New("a secret of the inside"), 500, "The fault is on our side."},
}

func (st *stage) fails() {
	for _, one := range troubles {
		st.site.Echo().GET("/d/trouble/"+one.path, st.half.Fail(one.err))
	}
}

func TestWhatGoesWrongHasAPageThatSaysSo(t *testing.T) {
	st := newStage(t, "API")
	st.fails()
	id := regexp.MustCompile(`<code>[0-9a-f]+-[0-9a-z]+</code>`)
	for _, one := range troubles {
		r := st.editor.wants(st.editor.get("/d/trouble/"+one.path), one.code, one.text, `<header class="topbar">`)
		if !id.MatchString(r.body) {
			t.Errorf("%s tells no request", one.path)
		}
		if strings.Contains(r.body, "inside") {
			t.Errorf("%s tells too much", one.path)
		}
	}
	st.viewer.wants(st.viewer.send(http.MethodGet, st.path("/components/new"), "Referer", st.url+st.path("/components")), 403, `href="`+st.path("/components")+`">Go back`)
	for _, from := range []string{"https://evil.example/d", st.url + "/p/acme", st.url + "//evil.example", "%", st.url + st.path("/components/new")} {
		if r := st.viewer.send(http.MethodGet, st.path("/components/new"), "Referer", from); strings.Contains(r.body, "Go back") {
			t.Errorf("leads back to %s", from)
		}
	}
}

func TestWhatCannotBeReadIsNoFailureOfOurs(t *testing.T) {
	st := newStage(t, "API")
	form := func(body string) int {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, st.url+st.path("/components/new"), strings.NewReader(body))
		st.must(err)
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		res, err := st.editor.http.Do(r)
		return st.editor.read(res, err).code
	}
	if code := form("name=" + strings.Repeat("x", 2<<20)); code != http.StatusRequestEntityTooLarge {
		t.Errorf("too large: %d", code)
	}
	if code := form("name=%zz"); code != http.StatusBadRequest {
		t.Errorf("garbled: %d", code)
	}
}

func TestPagesAboutTroubleForEverybody(t *testing.T) {
	st := newStage(t, "API")
	st.fails()
	tab := st.tab()
	for _, look := range []browsertest.Look{{Width: 1280, Height: 900}, {Width: 390, Height: 844, Touch: true, Dark: true}} {
		tab.As(look)
		paths := []string{"/nowhere", "/p/nowhere"}
		for _, one := range troubles {
			paths = append(paths, "/d/trouble/"+one.path)
		}
		for _, path := range paths {
			tab.Open(st.url + path)
			for _, line := range tab.Axe() {
				t.Errorf("%s at %d px: %s", path, look.Width, line)
			}
			if n := tab.Overflow(); n > 0 {
				t.Errorf("%s at %d px scrolls %d px sideways", path, look.Width, n)
			}
			picture(tab, "trouble"+strings.ReplaceAll(path, "/", "-")+fmt.Sprint("-", look.Width))
		}
	}
}
