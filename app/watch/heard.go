package watch

import (
	"sync"
	"time"

	"statusd/app/model"
)

// heard is when each check that is to be probed was last heard of, on the monotonic clock: its outcome, or that statusd could
// not see. Safe for concurrent use.
type heard struct {
	mu   sync.Mutex
	when map[model.CheckID]time.Duration
}

// from begins to wait for a check.
func (h *heard) from(id model.CheckID, now time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.when == nil {
		h.when = map[model.CheckID]time.Duration{}
	}
	h.when[id] = now
}

// at notes that a check that is waited for was heard of.
func (h *heard) at(id model.CheckID, now time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, ok := h.when[id]; ok {
		h.when[id] = now
	}
}

func (h *heard) forget(id model.CheckID) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.when, id)
}

func (h *heard) last(id model.CheckID) (time.Duration, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	when, ok := h.when[id]
	return when, ok
}
