// Package view turns typed pages into bytes: templates, hashed assets, paths, brand colours and the headers that go with them.
// It knows no use case, no store and no visitor; the same page, language and place always give the same bytes.
// Start with View.Render, then Place and Paths (where a document is read, and how its links are built), Assets and Brand.
//
// Implements SPEC §7, rendering.
package view

import (
	"bytes"
	"fmt"
	"html/template"
	"io/fs"
	"strings"

	"statusd/app/locale"
	"statusd/app/snapshot"
	"statusd/app/status"
)

// HTML is the media type of a page.
const HTML = "text/html; charset=utf-8"

// View renders pages. Safe for concurrent use.
type View struct {
	Assets  *Assets
	Locales *locale.Bundle

	templates map[string]*template.Template // by language
	errors    *snapshot.Snapshot            // finished error pages
}

// New parses every template of the assets, once for each language, and builds the bundles.
func New(assets fs.FS, locales *locale.Bundle) (*View, error) {
	bundled, err := NewAssets(assets)
	if err != nil {
		return nil, err
	}
	v := &View{
		Assets:    bundled,
		Locales:   locales,
		templates: map[string]*template.Template{},
		errors:    snapshot.New(snapshot.Facts{}),
	}
	for _, lang := range locales.Languages() {
		if v.templates[lang], err = parse(assets, locales.Words(lang)); err != nil {
			return nil, fmt.Errorf("templates in %s: %w", lang, err)
		}
	}
	return v, v.addIcons()
}

// addIcons makes a tab icon for each status: a page that is down shows it among twenty tabs.
func (v *View) addIcons() error {
	for _, s := range status.All() {
		body, err := v.Render(locale.Default, "shared/favicon.html", FillGlyph(s))
		if err != nil {
			return err
		}
		if err := v.Assets.add(iconName(s), body); err != nil {
			return err
		}
	}
	return nil
}

func iconName(s status.Status) string { return "icon-" + s.String() + ".svg" }

// Icon is the URL of a status's tab icon in a place.
func (v *View) Icon(p Paths, s status.Status) string { return p.Asset(v.Assets.Name(iconName(s))) }

// letters is where templates of mails are: they have a look of their own, and app/announce reads them.
const letters = "mail"

// parse reads every *.html of the assets. A template is named by its path: {{template "public/strip.html" .}}.
func parse(assets fs.FS, words *locale.Words) (*template.Template, error) {
	root := template.New("").Funcs(template.FuncMap{
		"t":        words.T,
		"n":        words.N,
		"around":   words.Around,
		"reason":   words.Reason,
		"statuses": status.All,
		"glyph":    NewGlyph,
	})
	err := fs.WalkDir(assets, ".", func(file string, entry fs.DirEntry, err error) error {
		if file == letters {
			return fs.SkipDir
		}
		if err != nil || entry.IsDir() || !strings.HasSuffix(file, ".html") {
			return err
		}
		text, err := fs.ReadFile(assets, file)
		if err != nil {
			return err
		}
		_, err = root.New(file).Parse(string(text))
		return err
	})
	return root, err
}

// Render fills in the named template with a page.
func (v *View) Render(lang, name string, page any) ([]byte, error) {
	templates := v.templates[lang]
	if templates == nil {
		templates = v.templates[locale.Default]
	}
	var out bytes.Buffer
	if err := templates.ExecuteTemplate(&out, name, page); err != nil {
		return nil, fmt.Errorf("render %s: %w", name, err)
	}
	return out.Bytes(), nil
}

// Head is what every document of ours has in its head.
type Head struct {
	Lang    string
	Title   string
	Icon    string   // URL
	Styles  []string // URLs, in order
	Scripts []string // URLs of modules
	NoIndex bool
}
