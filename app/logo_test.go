package app_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"statusd/app"
	"statusd/app/model"
	"statusd/probe"
	"statusd/probe/probetest"
	"statusd/store"
	"statusd/store/storetest"
)

// studio is an App at rest with a real prober, in real time.
type studio struct {
	*lab
	served atomic.Pointer[http.HandlerFunc]
	hits   atomic.Int32
	url    string
}

func newStudio(t *testing.T) *studio {
	st := &studio{lab: &lab{t: t, dir: storetest.Folder(t)}}
	st.s = storetest.Open(t, st.dir)
	t.Cleanup(func() { _ = st.s.Close() })
	prober := probe.New(probe.Options{})
	t.Cleanup(prober.Close)
	var err error
	st.a, err = app.New(bg, app.Config{Store: st.s, Prober: prober})
	st.must(err)
	w := model.Workspace{ID: model.NewWorkspaceID(), Name: slug}
	storetest.Write(t, st.s, func(tx *store.Tx) error { return tx.AddWorkspace(bg, w) })
	st.by = model.Actor{Workspace: w.ID, Role: model.Owner, Admin: true}
	st.page, err = st.a.CreatePage(bg, st.by, func(p *model.Page) error { p.Name, p.Slug = slug, slug; return nil })
	st.must(err)
	st.url = probetest.Handler(t, func(w http.ResponseWriter, r *http.Request) { st.hits.Add(1); (*st.served.Load())(w, r) })
	st.serves(picturePNG(t, 40))
	return st
}

func (st *studio) answers(f http.HandlerFunc) { st.served.Store(&f) }

func (st *studio) serves(body []byte) {
	st.answers(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(body) })
}

// logo is what visitors see of the page's logo: its size, "" for none.
func (st *studio) logo() string {
	st.t.Helper()
	facts := st.snapshot(slug).Facts
	if facts.Logo == (model.Logo{}) {
		return ""
	}
	_, err := st.a.Logo(bg, facts.Page.ID, facts.Logo)
	st.must(err)
	return fmt.Sprintf("%s %d x %d", facts.Logo.Type, facts.Logo.Width, facts.Logo.Height)
}

func (st *studio) setURL(url string) error {
	_, err := st.a.UpdatePage(bg, st.by, st.page.ID, func(p *model.Page) error { p.Branding.LogoURL = url; return nil })
	return err
}

func picturePNG(t *testing.T, width int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewNRGBA(image.Rect(0, 0, width, 20))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestALogoIsFetchedOnceWhenItsURLIsSaved(t *testing.T) {
	st := newStudio(t)
	expect := func(step, want string, hits int32) {
		t.Helper()
		if got := st.logo(); got != want || st.hits.Load() != hits {
			t.Errorf("%s: got %q after %d requests, want %q after %d", step, got, st.hits.Load(), want, hits)
		}
	}
	expect("at first", "", 0)
	st.must(st.setURL(st.url + "/logo?token=1"))
	expect("set", "image/png 40 x 20", 1)
	st.must(st.setURL(st.url + "/logo?token=1"))
	_, err := st.a.UpdatePage(bg, st.by, st.page.ID, func(p *model.Page) error { p.Name = "n"; return nil })
	st.must(err)
	expect("saved without a change", "image/png 40 x 20", 1)
	st.serves([]byte(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 3 4"><script>alert(1)</script></svg>`))
	st.must(st.setURL(st.url + "/other"))
	expect("changed", "image/svg+xml 3 x 4", 2)
	page, err := st.a.SetLogo(bg, st.by, st.page.ID, picturePNG(t, 50))
	st.must(err)
	expect("uploaded", "image/png 50 x 20", 2)
	if page.Branding.LogoURL != "" {
		t.Errorf("an upload left the URL %q", page.Branding.LogoURL)
	}
	_, err = st.a.UpdatePage(bg, st.by, st.page.ID, func(p *model.Page) error { p.Branding.Tagline = "t"; return nil })
	st.must(err)
	expect("saved with an upload", "image/png 50 x 20", 2)
	_, err = st.a.RemoveLogo(bg, st.by, st.page.ID)
	st.must(err)
	expect("removed", "", 2)
	st.must(st.setURL(st.url))
	st.must(st.setURL(""))
	expect("URL removed", "", 3)
	made, err := st.a.CreatePage(bg, st.by, func(p *model.Page) error {
		p.Name, p.Slug, p.Branding.LogoURL = "second", "second", st.url
		return nil
	})
	st.must(err)
	if l := st.snapshot("second").Facts.Logo; l.Width != 3 || made.Branding.LogoURL != st.url {
		t.Errorf("a new page has %v of %q", l, made.Branding.LogoURL)
	}
}

func TestNoTransactionIsOpenWhileALogoIsFetched(t *testing.T) {
	st := newStudio(t)
	by := st.token()
	st.answers(func(w http.ResponseWriter, _ *http.Request) {
		_, err := st.a.CreateComponent(bg, st.by, st.page.ID, func(c *model.Component) error { c.Name = "meanwhile"; return nil })
		if err != nil {
			t.Error(err)
		}
		_, _ = w.Write(picturePNG(t, 40))
	})
	act := func(ctx context.Context) (app.Answer, error) {
		p, err := st.a.CreatePage(ctx, by, func(p *model.Page) error { p.Name, p.Slug, p.Branding.LogoURL = "b", "b", st.url; return nil })
		return app.Answer{Status: 201, Location: p.Slug}, err
	}
	for range 2 {
		answer, err := st.a.Once(bg, by, "k", []byte("f"), act)
		if err != nil || answer.Location != "b" {
			t.Errorf("%v %v", answer, err)
		}
	}
	if l := st.snapshot("b").Facts.Logo; l.Width != 40 || st.hits.Load() != 1 {
		t.Errorf("got %v after %d requests", l, st.hits.Load())
	}
}

func TestALogoThatCannotBeHadChangesNothing(t *testing.T) {
	st := newStudio(t)
	st.must(st.setURL(st.url))
	bomb := probetest.Gzip(io.LimitReader(zeros{}, 16<<20)) // here: it takes a while, and the fetch has ten seconds
	to := func(address string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, address, http.StatusFound) }
	}
	for _, c := range []struct {
		name   string
		answer http.HandlerFunc
		code   string
		reason string
	}{
		{"HTML as PNG", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "image/png")
			_, _ = io.WriteString(w, "<!doctype html><script>alert(1)</script>")
		}, "logo_no_image", ""},
		{"not found", http.NotFound, "logo_fetch", "status 404, expected 200"},
		{"a redirect to the metadata", to("http://169.254.169.254/latest/meta-data/"), "logo_fetch", "169.254.169.254 is a cloud metadata address"},
		{"a redirect to the metadata in disguise", to("http://[::ffff:a9fe:a9fe]/"), "logo_fetch", "is a cloud metadata address"},
		{"a redirect to a file", to("file:///etc/passwd"), "logo_fetch", "(file:)"},
		{"redirects without an end", to(st.url), "logo_fetch", "more than 5 redirects"},
		{"a body without an end", func(w http.ResponseWriter, _ *http.Request) {
			for block := make([]byte, 4096); ; {
				if _, err := w.Write(block); err != nil {
					return
				}
			}
		}, "logo_too_large", ""},
		{"a small body that unpacks to a large one", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write(bomb)
		}, "logo_too_large", ""},
		{"a closed connection", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "logo_fetch", "closed the connection"},
		{"an SVG with entities", func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, `<!DOCTYPE svg [<!ENTITY a "b">]><svg xmlns="http://www.w3.org/2000/svg"/>`)
		}, "logo_doctype", ""},
	} {
		st.answers(c.answer)
		err := st.setURL(st.url + "/new")
		invalid, ok := model.AsInvalid(err)
		if !ok || len(invalid) != 1 || invalid[0].Field != "branding.logoUrl" || invalid[0].Code != c.code {
			t.Errorf("%s: got %v", c.name, err)
			continue
		}
		if got := fmt.Sprint(invalid[0].Args["reason"]); c.reason != "" && !strings.Contains(got, c.reason) {
			t.Errorf("%s: got %q", c.name, got)
		}
		if f := st.snapshot(slug).Facts; f.Logo.Width != 40 || f.Page.Branding.LogoURL != st.url {
			t.Errorf("%s: the page has changed: %v", c.name, f.Logo)
		}
	}
	if err := st.setURL("http://169.254.169.254/"); err == nil {
		t.Error("a metadata address was fetched")
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestNothingIsFetchedForWhatIsRefusedAnyway(t *testing.T) {
	st := newStudio(t)
	viewer := st.by
	viewer.Role = model.Viewer
	set := func(p *model.Page) error { p.Branding.LogoURL = st.url; return nil }
	if _, err := st.a.UpdatePage(bg, viewer, st.page.ID, set); !errors.Is(err, model.ErrForbidden) {
		t.Errorf("a viewer: %v", err)
	}
	if _, err := st.a.SetLogo(bg, viewer, st.page.ID, picturePNG(t, 9)); !errors.Is(err, model.ErrForbidden) {
		t.Errorf("a viewer's upload: %v", err)
	}
	if _, err := st.a.RemoveLogo(bg, viewer, st.page.ID); !errors.Is(err, model.ErrForbidden) {
		t.Errorf("a viewer's removal: %v", err)
	}
	stranger := st.by
	stranger.Workspace = model.NewWorkspaceID()
	for name, act := range map[string]func() error{
		"change": func() error { _, err := st.a.UpdatePage(bg, stranger, st.page.ID, set); return err },
		"upload": func() error { _, err := st.a.SetLogo(bg, stranger, st.page.ID, picturePNG(t, 9)); return err },
		"remove": func() error { _, err := st.a.RemoveLogo(bg, stranger, st.page.ID); return err },
	} {
		if err := act(); !errors.Is(err, model.ErrNotFound) {
			t.Errorf("a stranger's %s: %v", name, err)
		}
	}
	_, err := st.a.UpdatePage(bg, st.by, st.page.ID, func(p *model.Page) error { p.Name, p.Branding.LogoURL = "", st.url; return nil })
	if invalid, ok := model.AsInvalid(err); !ok || !invalid.Has("name") {
		t.Errorf("a page without a name: %v", err)
	}
	if st.hits.Load() != 0 {
		t.Errorf("%d requests", st.hits.Load())
	}
}

func TestAClientThatGoesAwayEndsTheFetch(t *testing.T) {
	st := newStudio(t)
	ctx, cancel := context.WithCancel(bg)
	st.answers(func(w http.ResponseWriter, r *http.Request) { cancel(); <-r.Context().Done() })
	_, err := st.a.UpdatePage(ctx, st.by, st.page.ID, func(p *model.Page) error { p.Branding.LogoURL = st.url; return nil })
	if !errors.Is(err, context.Canceled) || st.logo() != "" {
		t.Errorf("got %v", err)
	}
}
