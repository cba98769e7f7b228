package app

import (
	"context"
	"errors"
	"strings"
	"time"

	"golang.org/x/net/idna"

	"statusd/app/model"
	"statusd/store"
)

// Pages lists the workspace's pages by creation.
func (a *App) Pages(ctx context.Context, by model.Actor, w model.Window) (out model.List[model.Page], err error) {
	after, limit, err := position(w)
	if err != nil {
		return out, err
	}
	err = a.read(ctx, func(v store.View) error {
		rows, err := v.In(by.Workspace).Pages(ctx, after, limit)
		out = list(rows, limit, func(p model.Page) store.After { return store.After{Position: p.Created.UnixMilli(), ID: int64(p.ID)} })
		return err
	})
	return out, err
}

// Page finds one page.
func (a *App) Page(ctx context.Context, by model.Actor, id model.PageID) (page model.Page, err error) {
	err = a.read(ctx, func(v store.View) (err error) {
		page, err = v.In(by.Workspace).Page(ctx, id)
		return known(err)
	})
	return page, err
}

// CreatePage makes a page. Fill writes the wanted fields over the defaults; a model.Invalid that it returns is joined with what
// else is wrong. It is called again when a logo had to be fetched.
func (a *App) CreatePage(ctx context.Context, by model.Actor, fill func(*model.Page) error) (model.Page, error) {
	if !by.May(model.Editor) {
		return model.Page{}, model.ErrForbidden
	}
	now := a.Now().UTC().Truncate(time.Millisecond)
	blank := model.Page{ID: model.NewPageID(), Workspace: by.Workspace, TimeZone: "UTC", SubscribersEnabled: true, Created: now, Updated: now}
	page := blank
	err := a.writeWithLogo(ctx, func(ctx context.Context, tx *store.Tx) error {
		page = blank
		if err := a.changePage(ctx, tx, by, &page, fill); err != nil {
			return err
		}
		if err := tx.In(by.Workspace).AddPage(ctx, page); err != nil {
			return taken(err)
		}
		tx.AfterCommit(func() { a.setDomain(blank, page) })
		if err := a.followLogoURL(ctx, tx, blank, page); err != nil {
			return err
		}
		return a.audited(ctx, tx, by, pageTrail.entry(nil, &page))
	})
	return page, err
}

// UpdatePage changes a page, if the conditions hold: change is applied to the row as it is in the transaction. It is called again when
// a logo had to be fetched.
func (a *App) UpdatePage(ctx context.Context, by model.Actor, id model.PageID, change func(*model.Page) error, conditions ...Condition) (page model.Page, err error) {
	err = a.writeWithLogo(ctx, func(ctx context.Context, tx *store.Tx) error {
		old, err := tx.In(by.Workspace).Page(ctx, id)
		if err != nil {
			return known(err)
		}
		if !by.May(model.Editor) {
			return model.ErrForbidden
		}
		if err := met(conditions, old.Updated); err != nil {
			return err
		}
		page = old
		if err := a.changePage(ctx, tx, by, &page, change); err != nil {
			return err
		}
		page.Updated = a.touched(old.Updated)
		if err := tx.In(by.Workspace).SetPage(ctx, page); err != nil {
			return taken(err)
		}
		tx.AfterCommit(func() {
			a.setDomain(old, page)
			a.shelf.forget(id)
			a.followers.tell(id)
		})
		if err := a.followLogoURL(ctx, tx, old, page); err != nil {
			return err
		}
		return a.audited(ctx, tx, by, pageTrail.entry(&old, &page))
	})
	return page, err
}

// DeletePage removes a page with everything that is on it.
func (a *App) DeletePage(ctx context.Context, by model.Actor, id model.PageID) error {
	return a.write(ctx, func(tx *store.Tx) error {
		page, err := tx.In(by.Workspace).Page(ctx, id)
		if err != nil {
			return known(err)
		}
		if !by.May(model.Editor) {
			return model.ErrForbidden
		}
		s, err := a.watch.Edit(ctx, tx)
		if err != nil {
			return err
		}
		s.DropPage(id)
		tx.AfterCommit(func() {
			a.setDomain(page, model.Page{})
			a.shelf.forget(id)
			a.followers.tell(id)
		})
		return a.removePage(ctx, tx, by, page)
	})
}

// removePage removes the rows; the trail names the components that went with them.
func (a *App) removePage(ctx context.Context, tx *store.Tx, by model.Actor, page model.Page) error {
	own := tx.In(by.Workspace)
	names, err := own.ComponentNames(ctx, page.ID)
	if err != nil {
		return err
	}
	if err := own.DeletePage(ctx, page.ID); err != nil {
		return known(err)
	}
	if err := tx.GiveUp(ctx, page.ID, reasonPageDeleted, a.Now()); err != nil {
		return err
	}
	e := pageTrail.entry(&page, nil)
	e.Changes = append(e.Changes, wentAlong("components", names)...)
	return a.audited(ctx, tx, by, e)
}

// changePage applies a change and validates what comes out.
func (a *App) changePage(ctx context.Context, tx *store.Tx, by model.Actor, page *model.Page, change func(*model.Page) error) error {
	before := page.CustomDomain
	v, err := applied(change(page))
	if err != nil {
		return err
	}
	page.CustomDomain = strings.ToLower(strings.TrimSuffix(page.CustomDomain, "."))
	if page.CustomDomain != before && !by.Admin {
		return model.ErrForbidden // SPEC §7: a custom domain is set by an instance admin
	}
	validatePage(&v, page)
	if err := a.uniquePage(ctx, tx, &v, *page); err != nil {
		return err
	}
	return v.Err()
}

// applied splits the error of a change into what is wrong with fields, which validation goes on from, and anything else.
func applied(err error) (model.Invalid, error) {
	if v, ok := model.AsInvalid(err); ok {
		return v, nil
	}
	return nil, err
}

func validatePage(v *model.Invalid, p *model.Page) {
	named(v, "name", p.Name, 80)
	if !v.Has("slug") && !slugForm.MatchString(p.Slug) {
		v.Add("slug", "slug")
	}
	p.Branding.DisplayName, p.Branding.Tagline = strings.TrimSpace(p.Branding.DisplayName), strings.TrimSpace(p.Branding.Tagline)
	b := p.Branding
	oneLine(v, "branding.displayName", b.DisplayName, 80)
	oneLine(v, "branding.tagline", b.Tagline, 160)
	if b.PrimaryColor != "" && !colorForm.MatchString(b.PrimaryColor) {
		v.Add("branding.primaryColor", "color")
	}
	if b.LogoURL != "" {
		webAddress(v, "branding.logoUrl", b.LogoURL, 2048)
	}
	if b.LogoLinkURL != "" {
		webAddress(v, "branding.logoLinkUrl", b.LogoLinkURL, 2048)
	}
	if _, err := time.LoadLocation(p.TimeZone); err != nil || p.TimeZone == "" || p.TimeZone == "Local" {
		v.Add("timeZone", "time_zone")
	}
	validateDomain(v, p)
}

// validateDomain turns a custom domain into its ASCII form.
func validateDomain(v *model.Invalid, p *model.Page) {
	if p.CustomDomain == "" || v.Has("customDomain") {
		return
	}
	ascii, err := idna.Lookup.ToASCII(p.CustomDomain)
	if err != nil || len(ascii) > 253 || !domainForm.MatchString(ascii) {
		v.Add("customDomain", "domain")
		return
	}
	p.CustomDomain = ascii
}

func (a *App) uniquePage(ctx context.Context, tx *store.Tx, v *model.Invalid, p model.Page) error {
	slug, err := tx.SlugTaken(ctx, p.Slug, p.ID)
	if err != nil {
		return err
	}
	if slug && !v.Has("slug") {
		v.Add("slug", "taken")
	}
	if p.CustomDomain == "" || v.Has("customDomain") {
		return nil
	}
	domain, err := tx.DomainTaken(ctx, p.CustomDomain, p.ID)
	switch {
	case domain:
		v.Add("customDomain", "taken")
	case p.CustomDomain == a.baseHost():
		v.Add("customDomain", "base_host")
	}
	return err
}

// taken words the rare case that two writers met: the row's own constraint refused it.
func taken(err error) error {
	if errors.Is(err, store.ErrTaken) {
		return model.Conflict{Code: "taken"}
	}
	return known(err)
}
