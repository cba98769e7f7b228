package view_test

import (
	"io/fs"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"statusd/app/web/view"
)

var bundles = []string{"page.css", "page.js", "embed.css", "embed.js", "message.css"}

func serve(t testing.TB, a *view.Assets, name string, headers ...string) (*httptest.ResponseRecorder, bool) {
	t.Helper()
	w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/assets/"+name, nil)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return w, a.Serve(w, r, name)
}

func TestBundlesAreServedUnderTheirHashForEver(t *testing.T) {
	a, err := view.NewAssets(assets)
	if err != nil {
		t.Fatal(err)
	}
	for _, bundle := range bundles {
		name := a.Name(bundle)
		if !regexp.MustCompile(`^[a-z]+\.[0-9a-f]{10}\.(css|js)$`).MatchString(name) {
			t.Errorf("%s is called %q", bundle, name)
		}
		w, ok := serve(t, a, name)
		if !ok || w.Code != http.StatusOK || w.Body.Len() == 0 {
			t.Errorf("%s: %v, %d", name, ok, w.Code)
		}
		if got := w.Header().Get("Cache-Control"); got != "public, max-age=31536000, immutable" {
			t.Errorf("%s: Cache-Control %q", name, got)
		}
		if got := w.Header().Get("Content-Type"); !strings.HasPrefix(got, "text/") {
			t.Errorf("%s: Content-Type %q", name, got)
		}
		if again, _ := serve(t, a, name, "If-None-Match", w.Header().Get("Etag")); again.Code != http.StatusNotModified {
			t.Errorf("%s: asked again, %d", name, again.Code)
		}
	}
}

func TestOnlyHashedNamesOfBundlesAreFiles(t *testing.T) {
	a, err := view.NewAssets(assets)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"", "page.css", "shared/tokens.css", "../embed.go", "locales/en.json", "page.0000000000.css"} {
		if w, ok := serve(t, a, name); ok || w.Body.Len() > 0 {
			t.Errorf("%q was served", name)
		}
	}
}

// What a first visit costs, compressed. The page itself is weighed where pages are made.
func TestStylesAndScriptsStayLight(t *testing.T) {
	a, err := view.NewAssets(assets)
	if err != nil {
		t.Fatal(err)
	}
	for bundle, most := range map[string]int{"page.css": 5 << 10, "page.js": 4 << 10, "embed.css": 4 << 10, "embed.js": 3 << 10} {
		w, _ := serve(t, a, a.Name(bundle), "Accept-Encoding", "gzip")
		t.Logf("%s: %d bytes", bundle, w.Body.Len())
		if w.Body.Len() > most {
			t.Errorf("%s has %d bytes compressed, more than %d", bundle, w.Body.Len(), most)
		}
	}
}

func TestSqueezingDropsCommentsAndKeepsCode(t *testing.T) {
	full := fstest.MapFS{} // every file there is, and nothing in it
	for _, pattern := range []string{"*/*.css", "*/*.js", "*/*/*.css", "*/*/*.js"} {
		files, err := fs.Glob(assets, pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			full[file] = &fstest.MapFile{}
		}
	}
	full["shared/tokens.css"] = &fstest.MapFile{Data: []byte("/* one */\n/* two\n   lines */\n\n  a { content: \"/* kept */\"; }\n")}
	full["shared/times.js"] = &fstest.MapFile{Data: []byte("// gone\nconst url = \"https://kept.example\"; // kept\n")}
	a, err := view.NewAssets(full)
	if err != nil {
		t.Fatal(err)
	}
	for bundle, want := range map[string]string{
		"message.css": "a { content: \"/* kept */\"; }\n",
		"embed.js":    "{\nconst url = \"https://kept.example\"; // kept\n}\n{\n}\n{\n}\n",
	} {
		if w, _ := serve(t, a, a.Name(bundle)); w.Body.String() != want {
			t.Errorf("%s:\n%s", bundle, w.Body)
		}
	}
	delete(full, "public/strip.js")
	if _, err := view.NewAssets(full); err == nil {
		t.Error("a bundle without one of its files was built")
	}
}

// The policy has no unsafe- word, so what is inline would not work.
func TestTemplatesHaveNothingInline(t *testing.T) {
	inline := regexp.MustCompile(`(?i)\sstyle=|<style|\son[a-z]+=|<script(?:[^>]*)>[^<\s]|javascript:`)
	for _, file := range templates(t) {
		if found := inline.FindString(read(t, file)); found != "" {
			t.Errorf("%s has %q", file, found)
		}
	}
	for _, policy := range []string{view.CSP, view.CSPDashboard, view.CSPPreview, view.CSPFramable} {
		if strings.Contains(policy, "unsafe") || strings.Contains(policy, "nonce") || !strings.HasPrefix(policy, "default-src 'none'") ||
			!strings.Contains(policy, "object-src 'none'; base-uri 'none'") {
			t.Errorf("policy %q", policy)
		}
	}
}
