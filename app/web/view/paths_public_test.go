package view_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"statusd/app/web/view"
)

func TestWhatBelongsToAPageFollowsItsPlace(t *testing.T) {
	for name, c := range map[string]struct {
		place view.Place
		want  []string // incident, history, that of a month in Turkish, Atom, RSS, calendar, incident anywhere
	}{
		"bare": {view.Place{}, []string{
			"/p/shop/incidents/0000000b", "/p/shop/history", "/p/shop/history?month=2026-05&lang=tr", "/p/shop/feed.atom", "/p/shop/feed.rss",
			"/p/shop/maintenance.ics", "/p/shop/incidents/0000000b",
		}},
		"below a path": {view.Place{BasePath: "/status", BaseURL: "https://example.org/status"}, []string{
			"/status/p/shop/incidents/0000000b", "/status/p/shop/history", "/status/p/shop/history?month=2026-05&lang=tr", "/status/p/shop/feed.atom",
			"/status/p/shop/feed.rss", "/status/p/shop/maintenance.ics", "https://example.org/status/p/shop/incidents/0000000b",
		}},
		"its own domain": {view.Place{CustomDomain: true, BaseURL: "https://status.shop.example"}, []string{
			"/incidents/0000000b", "/history", "/history?month=2026-05&lang=tr", "/feed.atom", "/feed.rss", "/maintenance.ics",
			"https://status.shop.example/incidents/0000000b",
		}},
	} {
		p := view.Paths{Place: c.place}
		got := []string{
			p.Incident("shop", 11), p.History("shop"), p.In(p.HistoryOf("shop", "2026-05"), "tr"), p.Atom("shop"), p.RSS("shop"), p.Calendar("shop"),
			p.Anywhere(p.Incident("shop", 11)),
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s:\n%s", name, diff)
		}
	}
}
