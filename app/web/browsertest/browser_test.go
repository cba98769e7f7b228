package browsertest_test

import (
	"net/url"
	"strings"
	"testing"

	"statusd/app/web/browsertest"
)

// seen is what a page can tell of how it is looked at.
const seen = `({
	width: innerWidth,
	dark: matchMedia("(prefers-color-scheme: dark)").matches,
	coarse: matchMedia("(pointer: coarse)").matches,
})`

type sight struct {
	Width        int64
	Dark, Coarse bool
}

func TestAPageSeesHowItIsLookedAt(t *testing.T) {
	tab := browsertest.New(t)
	for _, look := range []browsertest.Look{
		{Width: 1280, Height: 900},
		{Width: 390, Height: 844, Touch: true},
		{Width: 390, Height: 844, Dark: true, Touch: true},
		{Width: 1280, Height: 900, Dark: true}, // and a finger is a mouse again
	} {
		tab.As(look)
		tab.Open("about:blank")
		want := sight{look.Width, look.Dark, look.Touch}
		if got := browsertest.Eval[sight](tab, seen); got != want {
			t.Errorf("%+v: page sees %+v", look, got)
		}
	}
}

func TestWhatSpillsIsFound(t *testing.T) {
	const box = `<div style="width:60px;white-space:nowrap;%">a word that is wider than that</div>`
	page := func(style string) string {
		return "data:text/html," + url.PathEscape(strings.Replace(box, "%", style, 1))
	}
	tab := browsertest.New(t)
	for style, want := range map[string]int{
		"": 1, "overflow:hidden": 1, "overflow:hidden;text-overflow:ellipsis": 0, "overflow:auto": 0, "white-space:normal": 0, "visibility:hidden": 0,
	} {
		tab.Open(page(style))
		if got := tab.Spills(); len(got) != want {
			t.Errorf("%q: %q", style, got)
		}
	}
}
