package app

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"statusd/app/model"
	"statusd/app/snapshot"
	"statusd/app/status"
	"statusd/store"
)

// shelf keeps the newest snapshot of each page. A request takes it without a lock; a change of status or configuration drops it;
// otherwise it serves for thirty seconds.
type shelf struct {
	bySlug sync.Map // slug to *place
	places sync.Map // model.PageID to *place
}

// place is where a page's snapshot stands.
type place struct {
	page  model.PageID
	made  atomic.Pointer[made]
	drops atomic.Int64 // how often it was dropped
	build sync.Mutex   // one builds, the others wait
	logo  atomic.Pointer[hungLogo]
}

type made struct {
	snap  *snapshot.Snapshot
	at    time.Duration // on the monotonic clock
	drops int64         // place.drops when it was begun
}

// fresh is how long a snapshot serves when nothing changes.
const fresh = 30 * time.Second

func (p *place) current(now time.Duration) *snapshot.Snapshot {
	m := p.made.Load()
	if m == nil || now-m.at >= fresh || m.drops != p.drops.Load() {
		return nil
	}
	return m.snap
}

// drop lets the next request build a page's snapshot anew.
func (s *shelf) drop(page model.PageID) {
	if p, ok := s.places.Load(page); ok {
		p.(*place).drops.Add(1)
	}
}

// dropAll lets every page's snapshot be built anew.
func (s *shelf) dropAll() {
	s.places.Range(func(_, p any) bool {
		p.(*place).drops.Add(1)
		return true
	})
}

// forget also lets go of the page's slug, which may have changed or be gone. Its place stays: somebody may be building in it, and
// a second one beside it would be missed by the next drop.
func (s *shelf) forget(page model.PageID) {
	s.drop(page)
	s.bySlug.Range(func(slug, p any) bool {
		if p.(*place).page == page {
			s.bySlug.Delete(slug)
		}
		return true
	})
}

// Snapshot is what the public may see of a page right now; model.ErrNotFound for a slug that no page has.
func (a *App) Snapshot(ctx context.Context, slug string) (*snapshot.Snapshot, error) {
	if found, ok := a.shelf.bySlug.Load(slug); ok {
		if snap := found.(*place).current(a.mono()); snap != nil && snap.Facts.Page.Slug == slug {
			return snap, nil
		}
	}
	return a.buildSnapshot(ctx, slug)
}

func (a *App) buildSnapshot(ctx context.Context, slug string) (*snapshot.Snapshot, error) {
	page, err := a.pageBySlug(ctx, slug)
	if err != nil {
		return nil, err
	}
	known, _ := a.shelf.places.LoadOrStore(page.ID, &place{page: page.ID})
	p := known.(*place)
	p.build.Lock()
	defer p.build.Unlock()
	if snap := p.current(a.mono()); snap != nil && snap.Facts.Page.Slug == slug {
		a.shelf.bySlug.Store(slug, p)
		return snap, nil
	}
	m := &made{at: a.mono(), drops: p.drops.Load()}
	facts, err := a.gather(ctx, slug)
	if err != nil {
		return nil, err
	}
	m.snap = snapshot.New(facts)
	p.made.Store(m)
	a.shelf.bySlug.Store(slug, p)
	return m.snap, nil
}

func (a *App) pageBySlug(ctx context.Context, slug string) (page model.Page, err error) {
	err = a.Store.Read(ctx, func(v store.View) (err error) {
		page, err = v.PageBySlug(ctx, slug)
		return err
	})
	return page, known(err)
}

// known turns the store's "no such row" into the kind that edges answer.
func known(err error) error {
	if errors.Is(err, store.ErrNone) {
		return model.ErrNotFound
	}
	return err
}

// gathered is what the database knows of a page for the public.
type gathered struct {
	page   model.Page
	logo   model.Logo
	spans  map[model.ComponentID][]status.Span
	covers map[model.ComponentID][]model.Maintained
	hours  map[model.CheckID]map[int64]store.Rollup
	news   news
}

// gather reads all that a page says to the public. Uptime and days come from the spans, statuses from the watch.
func (a *App) gather(ctx context.Context, slug string) (snapshot.Facts, error) {
	now, until := a.watch.Present()
	g, err := a.readPublic(ctx, slug, now, until)
	if err != nil {
		return snapshot.Facts{}, known(err)
	}
	facts := snapshot.Facts{
		Page: g.page, Logo: g.logo, At: now.Time(), Days: status.HistoryDays,
		Active: g.news.active, Past: g.news.past, Upcoming: g.news.upcoming, Ended: g.news.ended,
	}
	facts.Components = a.publicComponents(g.page.ID)
	statuses := make([]status.Status, len(facts.Components))
	for i := range facts.Components {
		c := &facts.Components[i]
		statuses[i] = c.Status
		measure(c, g.spans[c.ID], model.Intervals(g.covers[c.ID]), now)
		for j := range c.Checks {
			c.Checks[j].Recent = recent(g.hours[c.Checks[j].ID], now)
		}
	}
	facts.Overall = status.Overall(statuses)
	return facts, nil
}

func (a *App) readPublic(ctx context.Context, slug string, now, until status.Instant) (g gathered, err error) {
	window := status.Interval{From: status.DayOf(now).Add(-(status.HistoryDays - 1) * 24 * time.Hour), To: until}
	err = a.Store.Read(ctx, func(v store.View) (err error) {
		if g.page, err = v.PageBySlug(ctx, slug); err != nil {
			return err
		}
		if g.spans, err = v.PageSpans(ctx, g.page.ID, window); err != nil {
			return err
		}
		if g.covers, err = v.PageMaintained(ctx, g.page.ID, status.Interval{From: window.From, To: now}); err != nil {
			return err
		}
		if g.logo, err = v.Logo(ctx, g.page.ID); err != nil {
			return err
		}
		if g.news, err = readNews(ctx, v, g.page.ID, now); err != nil {
			return err
		}
		g.hours, err = v.PageHours(ctx, g.page.ID, now.Add(-recentHours*time.Hour))
		return err
	})
	return g, err
}

// measure fills in a component's figures from its spans and what maintenance covers of them.
func measure(c *snapshot.Component, spans []status.Span, covers []status.Interval, now status.Instant) {
	c.Uptime24h = uptime(spans, covers, status.Interval{From: now.Add(-24 * time.Hour), To: now})
	c.Uptime30d = uptime(spans, covers, status.Interval{From: now.Add(-30 * 24 * time.Hour), To: now})
	c.Days = status.Days(spans, covers, status.HistoryDays, now)
}

func uptime(spans []status.Span, covers []status.Interval, w status.Interval) snapshot.Uptime {
	hundredths, ok := status.Sum(spans, covers, w).Uptime()
	return snapshot.Uptime{Hundredths: hundredths, Known: ok}
}

// recentHours is how far a sparkline looks back.
const recentHours = 24

// recent is the mean latency of each of the last closed hours, oldest first; 0 where nothing was answered.
func recent(hours map[int64]store.Rollup, now status.Instant) []time.Duration {
	if len(hours) == 0 {
		return nil
	}
	out := make([]time.Duration, recentHours)
	first := store.HourOf(now) - recentHours
	for i := range out {
		out[i] = hours[first+int64(i)].Mean()
	}
	return out
}
