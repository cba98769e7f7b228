package app

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"sync/atomic"
	"time"

	"statusd/app/model"
	"statusd/app/snapshot"
	"statusd/store"
)

// publicComponents is what the watch knows of a page's components, in the page's order.
func (w *watch) publicComponents(page model.PageID) []snapshot.Component {
	w.mu.RLock()
	defer w.mu.RUnlock()
	own := w.componentsOf(page)
	out := make([]snapshot.Component, len(own))
	for i, c := range own {
		out[i] = w.publicComponent(c)
	}
	return out
}

// componentsOf lists a page's components in the page's order.
func (w *watch) componentsOf(page model.PageID) []*watched {
	var own []*watched
	for _, c := range w.components {
		if c.Page == page {
			own = append(own, c)
		}
	}
	slices.SortFunc(own, func(a, b *watched) int {
		return cmp.Or(cmp.Compare(a.Position, b.Position), cmp.Compare(a.ID, b.ID))
	})
	return own
}

func (w *watch) publicComponent(c *watched) snapshot.Component {
	out := snapshot.Component{
		ID: c.ID, Name: c.Name, Description: c.Description, Group: c.Group,
		Status: c.track.Open.Status,
	}
	var last time.Time
	for _, l := range w.checksOf(c) {
		if !l.Enabled {
			continue
		}
		out.Checks = append(out.Checks, w.publicCheck(l))
		if l.latest.At.After(last) {
			last = l.latest.At
		}
	}
	out.LastChecked = last
	return out
}

// checksOf lists a component's checks by creation.
func (w *watch) checksOf(c *watched) []*looked {
	var own []*looked
	for id := range c.checks {
		if l := w.checks[id]; l != nil {
			own = append(own, l)
		}
	}
	slices.SortFunc(own, func(a, b *looked) int {
		return cmp.Or(a.Created.Compare(b.Created), cmp.Compare(a.ID, b.ID))
	})
	return own
}

func (w *watch) publicCheck(l *looked) snapshot.Check {
	return snapshot.Check{
		ID: l.ID, Name: l.Name, Status: l.status(w.ruler.Last()),
		Latency: l.latest.Latency, LastChecked: l.latest.At,
	}
}

// domains maps custom domains to slugs; a request reads it without a lock.
type domains struct {
	bySlug atomic.Pointer[map[string]string]
}

// PageOfDomain is the slug of the page that has a custom domain; "" when none does.
func (a *App) PageOfDomain(host string) string {
	if m := a.domains.bySlug.Load(); m != nil {
		return (*m)[host]
	}
	return ""
}

func (a *App) loadDomains(ctx context.Context) error {
	return a.Store.Read(ctx, func(v store.View) error {
		pages, err := v.PublicPages(ctx)
		if err != nil {
			return err
		}
		m := map[string]string{}
		for _, p := range pages {
			if p.CustomDomain != "" {
				m[p.CustomDomain] = p.Slug
			}
		}
		a.domains.bySlug.Store(&m)
		return nil
	})
}

// setDomain changes the map after a commit: the page's old domain goes, the new one comes.
func (a *App) setDomain(old, now model.Page) {
	m := maps.Clone(*a.domains.bySlug.Load())
	delete(m, old.CustomDomain)
	if now.CustomDomain != "" {
		m[now.CustomDomain] = now.Slug
	}
	a.domains.bySlug.Store(&m)
}

// OnlyPage is the slug of the page when the instance has exactly one, else "".
func (a *App) OnlyPage(ctx context.Context) (slug string, err error) {
	err = a.Store.Read(ctx, func(v store.View) error {
		pages, err := v.PublicPages(ctx)
		if err == nil && len(pages) == 1 {
			slug = pages[0].Slug
		}
		return err
	})
	return slug, err
}
