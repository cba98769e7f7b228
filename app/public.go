package app

import (
	"context"
	"maps"
	"sync/atomic"

	"statusd/app/model"
	"statusd/app/snapshot"
	"statusd/store"
)

// publicComponents is what the watch knows of a page's components, in the page's order.
func (a *App) publicComponents(page model.PageID) []snapshot.Component {
	recorded := a.watch.Recorded(page)
	out := make([]snapshot.Component, len(recorded))
	for i, c := range recorded {
		out[i] = publicComponent(c)
	}
	return out
}

func publicComponent(c model.ComponentNow) snapshot.Component {
	out := snapshot.Component{
		ID: c.ID, Name: c.Name, Description: c.Description, Group: c.Group,
		Status: c.Status, LastChecked: c.Checked,
	}
	for _, k := range c.Checks {
		if k.Enabled {
			out.Checks = append(out.Checks, publicCheck(k))
		}
	}
	return out
}

func publicCheck(k model.CheckNow) snapshot.Check {
	return snapshot.Check{ID: k.ID, Name: k.Name, Status: k.Status, Latency: k.Latest.Latency, LastChecked: k.Latest.At}
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
