package browsertest

import (
	"context"
	"os"
	"sync"
	"testing"

	"github.com/chromedp/chromedp"
)

// Package runs the tests of a package with one browser for all of them: it starts when the first test wants a tab, and has
// ended when Run returns, so that goleak.VerifyTestMain can be given it. Without it each New starts a browser of its own.
type Package struct{ M interface{ Run() int } }

// Run implements goleak.TestingM.
func (p Package) Run() int {
	shared.wanted = true
	defer shared.stop()
	return p.M.Run()
}

// shared is the browser of a Package.
var shared browser

type browser struct {
	wanted bool
	mutex  sync.Mutex
	ctx    context.Context // nil: not started
	end    func()
}

// open starts the browser or gives the one that runs.
func (b *browser) open(t testing.TB) context.Context {
	t.Helper()
	b.mutex.Lock()
	defer b.mutex.Unlock()
	if b.ctx != nil {
		return b.ctx
	}
	executable := find(t)
	profile, err := os.MkdirTemp("", "browsertest")
	if err != nil {
		t.Fatal(err)
	}
	ctx, end, err := start(executable, profile)
	if err != nil {
		t.Fatal(err)
	}
	b.ctx, b.end = ctx, func() {
		end()
		_ = os.RemoveAll(profile) // a stray file in the temporary folder is no failure
	}
	return b.ctx
}

func (b *browser) stop() {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	if b.ctx != nil {
		b.end()
		b.ctx = nil
	}
}

// start runs Chromium with an empty tab that keeps it open. end waits until it has ended.
func start(executable, profile string) (ctx context.Context, end func(), err error) {
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options(executable, profile)...)
	ctx, cancel := chromedp.NewContext(allocator)
	end = func() {
		_ = chromedp.Cancel(ctx) // graceful; what follows is for a browser that has crashed
		cancel()
		stop()
		chromedp.FromContext(ctx).Allocator.Wait()
	}
	if err := chromedp.Do(ctx, chromedp.Navigate("about:blank")); err != nil {
		end()
		return nil, nil, err
	}
	return ctx, end, nil
}
