package app

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"statusd/app/model"
	"statusd/store"
)

// EnableChecks enables or disables checks of a page, all or none of them. Those that are so already stay as they are.
func (a *App) EnableChecks(ctx context.Context, by model.Actor, page model.PageID, ids []model.CheckID, enabled bool) error {
	return a.write(ctx, func(tx *store.Tx) error {
		own := tx.In(by.Workspace)
		if _, err := own.Page(ctx, page); err != nil {
			return known(err)
		}
		if !by.May(model.Editor) {
			return model.ErrForbidden
		}
		ctx := within(ctx, tx)
		for _, id := range ids {
			c, err := own.Check(ctx, id)
			switch {
			case err != nil:
				return known(err)
			case c.Page != page:
				return model.ErrNotFound
			case c.Enabled == enabled:
				continue
			}
			if _, err := a.UpdateCheck(ctx, by, id, func(c *model.Check) error { c.Enabled = enabled; return nil }); err != nil {
				return fmt.Errorf("check %s: %w", id, err)
			}
		}
		return nil
	})
}

// DuplicateCheck makes a check of the same component that is like another one, secrets included. It is not enabled: whoever made
// it wants to change something first.
func (a *App) DuplicateCheck(ctx context.Context, by model.Actor, id model.CheckID) (c model.Check, err error) {
	err = a.write(ctx, func(tx *store.Tx) error {
		own := tx.In(by.Workspace)
		like, err := own.Check(ctx, id)
		if err != nil {
			return known(err)
		}
		names, err := own.CheckNames(ctx, like.Component)
		if err != nil {
			return err
		}
		c, err = a.CreateCheck(within(ctx, tx), by, like.Component, func(c *model.Check) error {
			fresh := *c
			*c = like
			c.ID, c.Version, c.JudgedFrom, c.Created, c.Updated = fresh.ID, fresh.Version, fresh.JudgedFrom, fresh.Created, fresh.Updated
			c.Name, c.Headers, c.Enabled = nextName(like.Name, names), maps.Clone(like.Headers), false
			return nil
		})
		return err
	})
	return c, err
}

const maxName = 80 // characters

var numbered = regexp.MustCompile(` \([0-9]{1,6}\)$`)

// nextName is a name with the first number behind it that is free: "API", "API (2)", "API (3)".
func nextName(name string, taken []string) string {
	base := []rune(numbered.ReplaceAllString(name, ""))
	for n := 2; ; n++ {
		suffix := fmt.Sprintf(" (%d)", n)
		cut := strings.TrimRight(string(base[:min(len(base), maxName-len(suffix))]), " ")
		if next := cut + suffix; !slices.Contains(taken, next) {
			return next
		}
	}
}
