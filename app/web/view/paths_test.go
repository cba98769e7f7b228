package view_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"statusd/app/brand"
	"statusd/app/web/view"
)

func TestLinksFollowThePlaceOfTheDocument(t *testing.T) {
	colours := brand.New("#3b82f6")
	for name, c := range map[string]struct {
		place view.Place
		want  []string // page, page in Turkish, embed, badge, asset, brand, root, absolute page
	}{
		"bare": {view.Place{}, []string{
			"/p/shop", "/p/shop?lang=tr", "/p/shop/embed", "/p/shop/badge.svg", "/assets/a.css", "/p/shop/brand-" + colours.Hash + ".css", "/", "",
		}},
		"below a path": {view.Place{BasePath: "/status", BaseURL: "https://example.org/status"}, []string{
			"/status/p/shop", "/status/p/shop?lang=tr", "/status/p/shop/embed", "/status/p/shop/badge.svg", "/status/assets/a.css",
			"/status/p/shop/brand-" + colours.Hash + ".css", "/status/", "https://example.org/status/p/shop",
		}},
		"its own domain": {view.Place{CustomDomain: true, BaseURL: "https://status.shop.example"}, []string{
			"/", "/?lang=tr", "/p/shop/embed", "/p/shop/badge.svg", "/assets/a.css", "/p/shop/brand-" + colours.Hash + ".css", "/",
			"https://status.shop.example/",
		}},
	} {
		p := view.Paths{Place: c.place}
		got := []string{
			p.Page("shop"), p.PageIn("shop", "tr"), p.Embed("shop"), p.Badge("shop"), p.Asset("a.css"), p.Brand("shop", colours), p.Root(),
			p.Absolute(p.Page("shop")),
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s:\n%s", name, diff)
		}
	}
}
