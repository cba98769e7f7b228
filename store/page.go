package store

import (
	"context"
	"database/sql"

	"statusd/app/model"
)

const pageColumns = `id, workspace_id, name, slug, display_name, primary_color, logo_url, logo_link_url, tagline,
	custom_domain, time_zone, no_index, subscribers_enabled, created_at, updated_at`

func scanPage(_ View, row scanner) (model.Page, error) {
	var p model.Page
	var domain sql.NullString
	var created, updated int64
	b := &p.Branding
	err := row.Scan(&p.ID, &p.Workspace, &p.Name, &p.Slug, &b.DisplayName, &b.PrimaryColor, &b.LogoURL, &b.LogoLinkURL, &b.Tagline,
		&domain, &p.TimeZone, &p.NoIndex, &p.SubscribersEnabled, &created, &updated)
	p.CustomDomain = domain.String
	p.Created, p.Updated = millis(created), millis(updated)
	return p, err
}

func nullable(s string) sql.NullString { return sql.NullString{String: s, Valid: s != ""} }

// PageBySlug finds a page of whichever workspace, for the public.
func (v View) PageBySlug(ctx context.Context, slug string) (model.Page, error) {
	return one(ctx, v, scanPage, `
		SELECT `+pageColumns+`
		FROM pages
		WHERE slug = $1`, slug)
}

// AnyPage finds a page of whichever workspace, for the one who delivers.
func (v View) AnyPage(ctx context.Context, id model.PageID) (model.Page, error) {
	return one(ctx, v, scanPage, `
		SELECT `+pageColumns+`
		FROM pages
		WHERE id = $1`, id)
}

// PublicPages lists the pages of all workspaces by slug.
func (v View) PublicPages(ctx context.Context) ([]model.Page, error) {
	return query(ctx, v, scanPage, `
		SELECT `+pageColumns+`
		FROM pages
		ORDER BY slug`)
}

// Page finds a page of the workspace.
func (o Owned) Page(ctx context.Context, id model.PageID) (model.Page, error) {
	return one(ctx, o.View, scanPage, `
		SELECT `+pageColumns+`
		FROM pages
		WHERE workspace_id = $1 AND id = $2`, o.workspace, id)
}

// Pages lists the workspace's pages by creation, at most limit of them.
func (o Owned) Pages(ctx context.Context, after After, limit int) ([]model.Page, error) {
	return query(ctx, o.View, scanPage, `
		SELECT `+pageColumns+`
		FROM pages
		WHERE workspace_id = $1 AND (created_at > $2 OR created_at = $2 AND id > $3)
		ORDER BY created_at, id
		LIMIT $4`, o.workspace, after.Position, after.ID, limit)
}

// AddPage writes a new page; ErrTaken when its slug or domain is in use.
func (o OwnedTx) AddPage(ctx context.Context, p model.Page) error {
	b := p.Branding
	return o.tx.exec(ctx, `
		INSERT INTO pages (`+pageColumns+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`,
		p.ID, o.workspace, p.Name, p.Slug, b.DisplayName, b.PrimaryColor, b.LogoURL, b.LogoLinkURL, b.Tagline,
		nullable(p.CustomDomain), p.TimeZone, p.NoIndex, p.SubscribersEnabled, toMillis(p.Created), toMillis(p.Updated))
}

// SetPage writes a page's fields; ErrTaken when its slug or domain is in use.
func (o OwnedTx) SetPage(ctx context.Context, p model.Page) error {
	b := p.Branding
	return o.tx.execOne(ctx, `
		UPDATE pages
		SET name = $1, slug = $2, display_name = $3, primary_color = $4, logo_url = $5, logo_link_url = $6, tagline = $7,
			custom_domain = $8, time_zone = $9, no_index = $10, subscribers_enabled = $11, updated_at = $12
		WHERE workspace_id = $13 AND id = $14`,
		p.Name, p.Slug, b.DisplayName, b.PrimaryColor, b.LogoURL, b.LogoLinkURL, b.Tagline,
		nullable(p.CustomDomain), p.TimeZone, p.NoIndex, p.SubscribersEnabled, toMillis(p.Updated), o.workspace, p.ID)
}

// DeletePage removes a page with its components, checks and what was observed of them.
func (o OwnedTx) DeletePage(ctx context.Context, id model.PageID) error {
	return o.tx.execOne(ctx, `
		DELETE FROM pages
		WHERE workspace_id = $1 AND id = $2`, o.workspace, id)
}

// SlugTaken says whether another page of the instance has the slug.
func (v View) SlugTaken(ctx context.Context, slug string, but model.PageID) (bool, error) {
	return v.exists(ctx, `SELECT count(*) FROM pages WHERE slug = $1 AND id <> $2`, slug, but)
}

// DomainTaken says whether another page of the instance has the custom domain.
func (v View) DomainTaken(ctx context.Context, domain string, but model.PageID) (bool, error) {
	return v.exists(ctx, `SELECT count(*) FROM pages WHERE custom_domain = $1 AND id <> $2`, domain, but)
}

func (v View) exists(ctx context.Context, count string, args ...any) (bool, error) {
	var n int
	err := v.q.QueryRowContext(ctx, count, args...).Scan(&n)
	return n > 0, err
}
