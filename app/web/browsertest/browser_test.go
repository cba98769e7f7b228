package browsertest_test

import (
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
