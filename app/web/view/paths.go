package view

import (
	"context"
	"strings"

	"statusd/app/brand"
	"statusd/app/model"
)

// Place is where a document is read: links differ, the rest does not.
type Place struct {
	BasePath     string // "/status" when everything lives below a path, "" else and on a custom domain
	CustomDomain bool   // the page lives at /
	BaseURL      string // absolute public URL of what BasePath is the path of, without a slash at its end; "" when unknown
}

type placeKey struct{}

// WithPlace tells the handlers behind a router where their documents are read.
func WithPlace(ctx context.Context, p Place) context.Context {
	return context.WithValue(ctx, placeKey{}, p)
}

// PlaceOf is what WithPlace told; false when nobody did.
func PlaceOf(ctx context.Context) (Place, bool) {
	p, ok := ctx.Value(placeKey{}).(Place)
	return p, ok
}

// Paths builds every URL of a place. No other code joins strings to a URL.
type Paths struct{ Place }

// Page is a public page: /p/my-app, or / on its custom domain.
func (p Paths) Page(slug string) string {
	if p.CustomDomain {
		return "/"
	}
	return p.below("/p/" + slug)
}

// PageIn is a public page in a language.
func (p Paths) PageIn(slug, lang string) string { return p.In(p.Page(slug), lang) }

// Embed is a page's widget.
func (p Paths) Embed(slug string) string { return p.below("/p/" + slug + "/embed") }

// Badge is a page's badge.
func (p Paths) Badge(slug string) string { return p.below("/p/" + slug + "/badge.svg") }

// Brand is the style sheet of a page's colour.
func (p Paths) Brand(slug string, b brand.Brand) string {
	return p.below("/p/" + slug + "/brand-" + b.Hash + ".css")
}

// Logo is a page's logo.
func (p Paths) Logo(slug string, l model.Logo) string {
	return p.below("/p/" + slug + "/logo-" + LogoFile(l))
}

// LogoFile is the part of a logo's path that changes with its bytes.
func LogoFile(l model.Logo) string {
	kind, _, _ := strings.Cut(strings.TrimPrefix(l.Type, "image/"), "+")
	return l.Hash + "." + kind
}

// Asset is a file of Assets.
func (p Paths) Asset(file string) string { return p.below("/assets/" + file) }

// Root is where the place begins.
func (p Paths) Root() string { return p.below("/") }

// Absolute makes a path of this place a URL that works anywhere; "" when the public URL is unknown.
func (p Paths) Absolute(path string) string {
	if p.BaseURL == "" {
		return ""
	}
	return strings.TrimSuffix(p.BaseURL, "/") + strings.TrimPrefix(path, p.BasePath)
}

func (p Paths) below(path string) string { return p.BasePath + path }
