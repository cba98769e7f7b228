package app

import (
	"sync"

	"statusd/app/model"
)

// followers are those who want to hear when something about a page changes. Safe for concurrent use.
type followers struct {
	mu     sync.Mutex
	ended  bool
	byPage map[model.PageID]map[chan struct{}]bool
}

// Follow signals each time something about a page changes or a result of one of its checks comes in. Signals that nobody has
// taken yet are one; whoever changes something never waits. The channel is closed when stop is called and when App stops. Whether
// somebody may see the page at all is for Overview to say.
func (a *App) Follow(page model.PageID) (signal <-chan struct{}, stop func()) {
	f := &a.followers
	f.mu.Lock()
	defer f.mu.Unlock()
	c := make(chan struct{}, 1)
	if f.ended {
		close(c)
		return c, func() {}
	}
	if f.byPage == nil {
		f.byPage = map[model.PageID]map[chan struct{}]bool{}
	}
	if f.byPage[page] == nil {
		f.byPage[page] = map[chan struct{}]bool{}
	}
	f.byPage[page][c] = true
	return c, func() { f.leave(page, c) }
}

// EndFollowing closes every channel of Follow, now and from now on: streams to browsers end, so that a server can stop.
func (a *App) EndFollowing() {
	f := &a.followers
	f.mu.Lock()
	defer f.mu.Unlock()
	f.ended = true
	for _, own := range f.byPage {
		for c := range own {
			close(c)
		}
	}
	f.byPage = nil
}

func (f *followers) leave(page model.PageID, c chan struct{}) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.byPage[page][c] {
		return // it has left already, or everything has ended
	}
	close(c)
	delete(f.byPage[page], c)
	if len(f.byPage[page]) == 0 {
		delete(f.byPage, page)
	}
}

// changed follows a commit of the watch: a page shows something different, or results of its checks came in and nothing more.
func (a *App) changed(page model.PageID, different bool) {
	if different {
		a.shelf.drop(page)
	}
	a.followers.tell(page)
}

func (f *followers) tell(page model.PageID) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for c := range f.byPage[page] {
		select {
		case c <- struct{}{}:
		default: // it has a signal that it has not taken yet
		}
	}
}
