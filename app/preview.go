package app

import (
	"context"

	"statusd/app/model"
	"statusd/app/snapshot"
)

// PreviewPage is what the public would see of a page after a change, which is held against the same rules as one that is stored,
// and stored nowhere.
func (a *App) PreviewPage(ctx context.Context, by model.Actor, id model.PageID, change func(*model.Page) error) (snapshot.Facts, error) {
	page, err := a.Page(ctx, by, id)
	if err != nil {
		return snapshot.Facts{}, err
	}
	snap, err := a.Snapshot(ctx, page.Slug)
	if err != nil {
		return snapshot.Facts{}, err
	}
	v, err := applied(change(&page))
	if err != nil {
		return snapshot.Facts{}, err
	}
	validatePage(&v, &page)
	facts := snap.Facts
	if page.Branding.LogoURL == "" && facts.Page.Branding.LogoURL != "" {
		facts.Logo = model.Logo{} // it would go; another one would have to be fetched first
	}
	facts.Page = page
	return facts, v.Err()
}
