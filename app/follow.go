package app

import (
	"sync"

	"statusd/app/model"
)

// followers are those who want to hear when something about a page changes. Safe for concurrent use.
type followers struct {
	mu     sync.Mutex
	ended  bool
	byPage map[model.PageID]*following
}

// following are the followers of a page.
type following struct {
	workspace model.WorkspaceID
	channels  map[chan struct{}]bool
}

// Follow signals each time something about a page changes, a result of one of its checks comes in, or a restart target of its workspace is
// called. Signals that nobody has taken yet are one; whoever changes something never waits. The channel is closed when stop is called and
// when App stops. Whether somebody may see the page at all is for Overview to say.
func (a *App) Follow(page model.Page) (signal <-chan struct{}, stop func()) {
	f := &a.followers
	f.mu.Lock()
	defer f.mu.Unlock()
	c := make(chan struct{}, 1)
	if f.ended {
		close(c)
		return c, func() {}
	}
	if f.byPage == nil {
		f.byPage = map[model.PageID]*following{}
	}
	if f.byPage[page.ID] == nil {
		f.byPage[page.ID] = &following{page.Workspace, map[chan struct{}]bool{}}
	}
	f.byPage[page.ID].channels[c] = true
	return c, func() { f.leave(page.ID, c) }
}

// EndFollowing closes every channel of Follow, now and from now on: streams to browsers end, so that a server can stop.
func (a *App) EndFollowing() {
	f := &a.followers
	f.mu.Lock()
	defer f.mu.Unlock()
	f.ended = true
	for _, own := range f.byPage {
		for c := range own.channels {
			close(c)
		}
	}
	f.byPage = nil
}

func (f *followers) leave(page model.PageID, c chan struct{}) {
	f.mu.Lock()
	defer f.mu.Unlock()
	own := f.byPage[page]
	if own == nil || !own.channels[c] {
		return // it has left already, or everything has ended
	}
	close(c)
	delete(own.channels, c)
	if len(own.channels) == 0 {
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
	f.byPage[page].tell()
}

// tellAll tells the followers of every page of a workspace.
func (f *followers) tellAll(workspace model.WorkspaceID) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, own := range f.byPage {
		if own.workspace == workspace {
			own.tell()
		}
	}
}

func (f *following) tell() {
	if f == nil {
		return
	}
	for c := range f.channels {
		select {
		case c <- struct{}{}:
		default: // it has a signal that it has not taken yet
		}
	}
}
