// Package watch is what goes on by itself: it looks at every check at its times, remembers what each component and check is now, and
// turns outcomes, edits and the passing of time into spans. All of it is decided inside a transaction and remembered after the commit.
// Read first: Watch (this file), Watch.Start; then a result's road: Watch.look (observer.go) -> Watch.observe -> Stage.judge
// (observe.go) -> Stage.settle and, after the commit, Stage.apply (stage.go). What people do comes in through Watch.Edit (edit.go).
//
// Implements SPEC §2.
package watch

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/VictoriaMetrics/metrics"

	"statusd/app/announce"
	"statusd/app/incident"
	"statusd/app/model"
	"statusd/app/rescue"
	"statusd/app/status"
	"statusd/probe"
	"statusd/store"
)

// Config is what a Watch needs: all of it.
type Config struct {
	Store    *store.Store
	LookAt   func(context.Context, probe.Target) (probe.Result, error)
	Call     func(context.Context, model.RestartTarget) model.Called
	Log      *slog.Logger
	Now      func() time.Time                        // the wall clock
	Metrics  *metrics.Set                            // what is counted is counted there
	OnChange func(page model.PageID, different bool) // after a commit: what the page shows is different, or results came in and nothing more
	OnEvent  func()                                  // after a commit: there are new events
	OnFiring func(model.WorkspaceID)                 // after a commit: the log of one of its restart targets is different

	SawHostKey func(context.Context, *store.Tx, model.RestartTarget, string) error // records the key that the host of a target has shown

	Herald       *announce.Herald
	ResolveAfter time.Duration // of good operation, an automatic incident is over
	Grace        time.Duration // after Start, in which failures open and fire nothing
	Lead         time.Duration // before a window starts, people are reminded
}

// Watch is what the process knows of every check and component right now: a cache of rows, changed only after the transaction
// that changed the rows was committed. Safe for concurrent use.
type Watch struct {
	cfg       Config
	began     time.Time // origin of the monotonic clock
	counted   *counters
	observer  *observer
	scheduler *probe.Scheduler
	work      context.Context // of what runs by itself
	stopping  context.CancelFunc
	ending    atomic.Bool // Stop has begun: nothing more is fired
	running   sync.WaitGroup

	mu         sync.RWMutex
	toldBehind time.Duration // when, on the monotonic clock; 0: never
	loaded     bool          // false for a command, and before Start: then nothing is watched
	ruler      *status.Ruler
	lookedFrom time.Time      // when the latest gap was noticed: a look that began before it was asleep in between, and is no outcome
	nextStale  status.Instant // no outcome grows too old before it
	components map[model.ComponentID]*watched
	checks     map[model.CheckID]*looked
	windows    map[model.MaintenanceID]model.Maintenance // scheduled or in progress
	nextDue    status.Instant                            // nothing comes of time alone before it
	targets    map[model.RestartTargetID]rescue.Past     // that ever fired

	staged *Stage // of the transaction that is running; touched within transactions only, of which there is one at a time
	heard  heard
}

// New makes a Watch that is at rest: it knows nothing and looks at nothing until Start.
func New(c Config) *Watch {
	w := &Watch{cfg: c, began: time.Now(), counted: newCounters(c.Metrics), components: map[model.ComponentID]*watched{}, checks: map[model.CheckID]*looked{}, windows: map[model.MaintenanceID]model.Maintenance{}, targets: map[model.RestartTargetID]rescue.Past{}}
	w.observer = newObserver(w)
	w.scheduler = probe.NewScheduler(probe.SchedulerOptions{Slot: slot, MaxInFlight: maxInFlight, Log: c.Log, OnLag: w.counted.lag})
	w.ruler, _ = status.NewRuler(0, w.wall(), w.mono())
	return w
}

const (
	slot        = 250 * time.Millisecond // checks that are due in one slot wake the process once
	maxInFlight = 1024
)

// Start sets going what runs by itself: memory goes on from where the last run ended, results are recorded, checks are probed.
func (w *Watch) Start(ctx context.Context) error {
	if err := w.load(ctx); err != nil {
		return err
	}
	running, cancel := context.WithCancel(context.WithoutCancel(ctx))
	w.work, w.stopping = running, cancel
	w.running.Go(func() { w.observer.run(running) })
	w.running.Go(func() { w.ring(running) })
	w.scheduleAll()
	w.scheduler.Start()
	return nil
}

// Stop cuts probes off without recording them, and calls of restart targets, of which it records that; and writes what has come in.
func (w *Watch) Stop(ctx context.Context) error {
	if w.stopping == nil {
		return nil
	}
	w.scheduler.Stop()
	w.ending.Store(true)
	w.stopping()
	done := make(chan struct{})
	go func() { w.running.Wait(); close(done) }()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return errors.New("what has come in was not written in time")
	}
}

// watched is a component: its span that is open, and the checks that decide on it.
type watched struct {
	model.Component
	track  status.Track
	moved  status.Instant // when one of its checks last changed its status: what comes in late changes nothing before it
	checks map[model.CheckID]bool

	auto      incident.State
	incident  model.IncidentID // its open automatic incident; 0: none
	uncovered status.Instant   // when maintenance last ended: what was seen before it counts for no incident
}

// looked is a check and what it showed last.
type looked struct {
	model.Check
	latest model.Latest
	at     status.Instant // of latest, on the ruler
	stale  bool           // latest has been found too old, once and for all
	rescue rescue.State   // of the restart target that it is bound to
}

// staleAt is when the latest outcome stops counting.
func (l *looked) staleAt() status.Instant { return l.at.Add(l.StaleAfter()) }

// status is what the check says at an instant.
func (l *looked) status(at status.Instant) status.Status {
	if l.latest.At.IsZero() || l.stale || at >= l.staleAt() {
		return status.NoData
	}
	return l.latest.Status
}
