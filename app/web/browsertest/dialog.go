package browsertest

import (
	"context"
	"sync"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// asked is what the browser itself asked: alert, confirm, and whether to leave a page (beforeunload). Nothing goes on until it is
// answered, so it is answered at once.
type asked struct {
	mu   sync.Mutex
	stay bool
	what []string
}

// answerDialogs answers until the context ends.
func answerDialogs(ctx context.Context) *asked {
	a := &asked{}
	go func() {
		for opened, err := range chromedp.Events(ctx, page.JavascriptDialogOpening) {
			if err != nil {
				return
			}
			a.mu.Lock()
			a.what = append(a.what, string(opened.Type))
			accept := !a.stay
			a.mu.Unlock()
			// From another goroutine than the one that the events come to.
			go func() {
				_ = chromedp.Do(ctx, chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
					_, err := cdp.Call(ctx, t, page.HandleJavaScriptDialog, page.HandleJavaScriptDialogParams{Accept: accept})
					return err
				}))
			}()
		}
	}()
	return a
}

// Asked lists what the browser asked since it was last called: "beforeunload", "confirm" ...
func (tab *Tab) Asked() []string {
	tab.asked.mu.Lock()
	defer tab.asked.mu.Unlock()
	what := tab.asked.what
	tab.asked.what = nil
	return what
}

// Stay makes every such question be answered with no, or with yes, which is what happens otherwise.
func (tab *Tab) Stay(stay bool) {
	tab.asked.mu.Lock()
	defer tab.asked.mu.Unlock()
	tab.asked.stay = stay
}
