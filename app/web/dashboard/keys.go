package dashboard

import (
	"github.com/labstack/echo/v4"
)

// registerKeys adds what every screen's keyboard needs: the command palette's answers and the list of shortcuts.
func (s *Site) registerKeys(e *echo.Echo) {
	s.screen(e, "/d/jump", s.signedIn(s.jump))
	s.screen(e, "/d/shortcuts", s.signedIn(s.shortcuts))
}

// shortcut is what keys do: pressed together, or one after the other.
type shortcut struct {
	Keys     []string
	Sequence bool // one after the other
	Text     string
}

// shortcutGroup is some of them under a title.
type shortcutGroup struct {
	Title string
	Rows  []shortcut
}

// shortcutPage lists the shortcuts. It is a page, which the key ? opens as a dialog.
type shortcutPage struct {
	frame
	Groups []shortcutGroup
}

func (s *Site) shortcuts(v *visit) error {
	general := shortcutGroup{v.t("shortcuts.everywhere"), []shortcut{
		{Keys: []string{"Ctrl", "K"}, Text: v.t("jump.title")},
		{Keys: []string{"?"}, Text: v.t("shortcuts.list")},
		{Keys: []string{"/"}, Text: v.t("shortcuts.search")},
		{Keys: []string{"N"}, Text: v.t("shortcuts.new")},
	}}
	places := shortcutGroup{Title: v.t("jump.go")}
	for _, t := range screensOfPage {
		places.Rows = append(places.Rows, shortcut{Keys: afterG(t.letter), Sequence: true, Text: v.t("tab." + t.key)})
	}
	places.Rows = append(places.Rows, shortcut{Keys: afterG("p"), Sequence: true, Text: v.t("pages.title")})
	return v.show("dashboard/keys/shortcuts.html", shortcutPage{frame: s.frame(v, v.t("shortcuts.title")), Groups: []shortcutGroup{general, places}})
}
