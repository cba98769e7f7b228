package view

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strings"

	"statusd/app/snapshot"
)

// Assets are the finished style sheets, scripts and images, each under a name that changes with its content.
type Assets struct {
	files map[string]*snapshot.Document // by hashed name
	names map[string]string             // plain name to hashed name
}

var mediaTypes = map[string]string{
	".css": "text/css; charset=utf-8",
	".js":  "text/javascript; charset=utf-8",
	".svg": "image/svg+xml; charset=utf-8",
}

// NewAssets builds every bundle.
func NewAssets(files fs.FS) (*Assets, error) {
	a := &Assets{files: map[string]*snapshot.Document{}, names: map[string]string{}}
	for _, b := range bundles {
		body, err := b.build(files)
		if err != nil {
			return nil, fmt.Errorf("bundle %s: %w", b.name, err)
		}
		if err := a.add(b.name, body); err != nil {
			return nil, err
		}
	}
	return a, nil
}

func (a *Assets) add(name string, body []byte) error {
	ext := path.Ext(name)
	doc, err := snapshot.Finish(snapshot.Content{Type: mediaTypes[ext], Body: body})
	if err != nil {
		return err
	}
	sum := sha256.Sum256(body)
	hashed := strings.TrimSuffix(name, ext) + "." + hex.EncodeToString(sum[:5]) + ext
	a.names[name], a.files[hashed] = hashed, doc
	return nil
}

// Name is the hashed name of a bundle: "page.1a2b3c4d5e.css". An unknown bundle is a mistake in the code and has none.
func (a *Assets) Name(bundle string) string { return a.names[bundle] }

// assetHeaders never change with the file.
var assetHeaders = NewHeaders("Cache-Control", Immutable, "Vary", "Accept-Encoding")

// Serve answers with the file of that hashed name; false, with nothing written, when there is none.
func (a *Assets) Serve(w http.ResponseWriter, r *http.Request, name string) bool {
	doc := a.files[name]
	if doc == nil {
		return false
	}
	assetHeaders.Set(w.Header())
	doc.ServeHTTP(w, r)
	return true
}

func (b bundle) build(files fs.FS) ([]byte, error) {
	var out bytes.Buffer
	for _, name := range b.files {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, err
		}
		switch path.Ext(name) {
		case ".css":
			out.Write(squeeze(text, ""))
		case ".js":
			// A block of its own keeps what a module names to itself; strict is what modules are anyway.
			fmt.Fprintf(&out, "{\n%s}\n", squeeze(text, "//"))
		}
	}
	return out.Bytes(), nil
}

// squeeze drops comments that stand alone on their lines, indentation and empty lines. It does not parse, so what shares a
// line with code stays. lineComment is what begins a comment of one line, "" for none.
func squeeze(text []byte, lineComment string) []byte {
	var out bytes.Buffer
	inComment := false
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		inComment = inComment || strings.HasPrefix(line, "/*")
		dropped := inComment || line == "" || lineComment != "" && strings.HasPrefix(line, lineComment)
		inComment = inComment && !strings.HasSuffix(line, "*/")
		if !dropped {
			out.WriteString(line)
			out.WriteByte('\n')
		}
	}
	return out.Bytes()
}
