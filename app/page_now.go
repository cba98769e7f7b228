package app

import (
	"context"

	"statusd/app/model"
	"statusd/store"
)

// PageNow is what a page consists of and how that is at this moment, in the page's order. It has nothing of the past: no uptimes, no
// sparklines; Overview has them.
func (a *App) PageNow(ctx context.Context, by model.Actor, page model.PageID) ([]model.ComponentNow, error) {
	err := a.read(ctx, func(v store.View) error {
		_, err := v.In(by.Workspace).Page(ctx, page)
		return known(err)
	})
	if err != nil {
		return nil, err
	}
	return a.watch.Components(page, a.watch.Now()), nil
}
