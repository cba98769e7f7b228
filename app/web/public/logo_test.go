package public_test

import (
	"net/http"
	"strings"
	"testing"

	"statusd/app/model"
	"statusd/app/snapshot"
	"statusd/app/web/view"
)

func TestALogoIsServedForGoodUnderItsHash(t *testing.T) {
	site := newSite(t, examples(), official)
	document := get(site, "/p/branded").Body.String()
	const path = "/p/branded/logo-0123456789abcdef.svg"
	if !strings.Contains(document, `<img class="brand-logo" src="`+path+`" width="96" height="32" alt="" data-plate>`) ||
		!strings.Contains(document, `href="https://harbourline.example/" rel="noopener"`) {
		t.Errorf("the page does not show the logo:\n%s", document)
	}
	for _, c := range []struct{ path, cache string }{{path, view.Immutable}, {"/p/branded/logo-0000.png", "no-cache"}} {
		w := get(site, c.path, "Accept-Encoding", "gzip")
		h := w.Header()
		if w.Code != http.StatusOK || h.Get("Content-Type") != "image/svg+xml" || h.Get("Cache-Control") != c.cache {
			t.Errorf("%s: %d %v", c.path, w.Code, h)
		}
		if h.Get("Content-Security-Policy") != "default-src 'none'; style-src 'unsafe-inline'; sandbox" || h.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s may do more than be seen: %v", c.path, h)
		}
	}
	if w := get(site, path, "If-None-Match", get(site, path).Header().Get("Etag")); w.Code != http.StatusNotModified {
		t.Errorf("a known logo: %d", w.Code)
	}
}

func TestALogoThatIsNotThereIsNotFound(t *testing.T) {
	all := examples()
	f := branded()
	f.Page.Slug, f.Logo.Hash = "gone", "gone"
	all.put(f)
	site := newSite(t, all, official)
	for _, path := range []string{"/p/calm/logo-0123456789abcdef.svg", "/p/gone/logo-gone.svg", "/p/unknown/logo-1.png", "/p/branded/logo"} {
		if w := get(site, path); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
	if strings.Contains(get(site, "/p/calm").Body.String(), "<img") {
		t.Error("a page without a logo shows one")
	}
}

func TestALogoOfAPageThatHidesIsHiddenToo(t *testing.T) {
	f := branded()
	f.Page.NoIndex = true
	p := pages{}
	p.put(f)
	if got := get(newSite(t, p, official), "/p/branded/logo-0123456789abcdef.svg").Header().Get("X-Robots-Tag"); got != "noindex" {
		t.Errorf("got %q", got)
	}
}

func TestALogoIsShownAsHighAsTheMarkUnlessItIsWide(t *testing.T) {
	for _, c := range []struct {
		width, height int
		want          string
	}{
		{800, 128, `width="200" height="32"`}, {800, 8, `width="200" height="2"`}, {24, 24, `width="32" height="32"`},
		{10, 128, `width="3" height="32"`}, {800, 1, `width="200" height="1"`},
	} {
		f := branded()
		f.Logo = model.Logo{Hash: "1", Type: "image/png", Width: c.width, Height: c.height}
		document := get(newSite(t, pages{"branded": snapshot.New(f)}, official), "/p/branded").Body.String()
		if !strings.Contains(document, c.want+` alt="">`) {
			t.Errorf("%d x %d is not shown with %s", c.width, c.height, c.want)
		}
	}
}
