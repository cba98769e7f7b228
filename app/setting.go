package app

import (
	"context"
	"net/url"
	"strings"

	"statusd/app/model"
	"statusd/store"
)

// baseURLName is what the instance's table calls the public URL.
const baseURLName = "base_url"

// BaseURL is the public URL, without a slash at its end; "" while nobody has said it.
func (a *App) BaseURL() string {
	if a.Config.BaseURL != "" {
		return a.Config.BaseURL
	}
	return *a.baseURL.Load()
}

// BaseURLFixed says that the public URL was given at the start and cannot be changed.
func (a *App) BaseURLFixed() bool { return a.Config.BaseURL != "" }

// baseHost is the host of the public URL, which is no page's custom domain; "" when there is none.
func (a *App) baseHost() string { return hostOfURL(a.BaseURL()) }

func hostOfURL(text string) string {
	u, err := url.Parse(text)
	if err != nil {
		return ""
	}
	return strings.ToLower(u.Hostname())
}

func (a *App) loadBaseURL(ctx context.Context) error {
	var stored string
	err := a.Store.Read(ctx, func(v store.View) (err error) {
		stored, err = v.InstanceValue(ctx, baseURLName)
		return err
	})
	a.baseURL.Store(&stored)
	return err
}

// SetBaseURL changes the public URL; an admin may, unless it was given at the start.
func (a *App) SetBaseURL(ctx context.Context, by model.Actor, text string) error {
	if !by.Admin {
		return model.ErrForbidden
	}
	if a.BaseURLFixed() {
		return model.Conflict{Code: "base_url_fixed"}
	}
	var v model.Invalid
	clean := publicURL(&v, "baseUrl", text)
	if err := v.Err(); err != nil {
		return err
	}
	err := a.write(ctx, func(tx *store.Tx) error { return a.storeBaseURL(ctx, tx, by, clean) })
	if err == nil {
		a.moved()
	}
	return err
}

// storeBaseURL writes the public URL; whoever wrote it calls moved once that is committed. A page may be at a domain of its own; the
// instance cannot be there too.
func (a *App) storeBaseURL(ctx context.Context, tx *store.Tx, by model.Actor, clean string) error {
	if a.PageOfDomain(hostOfURL(clean)) != "" {
		var v model.Invalid
		v.Add("baseUrl", "page_domain")
		return v
	}
	before, err := tx.InstanceValue(ctx, baseURLName)
	if err != nil {
		return err
	}
	tx.AfterCommit(func() { a.baseURL.Store(&clean) })
	if err := tx.SetInstanceValue(ctx, baseURLName, clean); err != nil || clean == before {
		return err
	}
	return a.auditedEverywhere(ctx, tx, by, model.InstanceChanged, model.Change{Field: "baseUrl", From: orNil(before), To: clean})
}

// moved tells of a new public URL. Pages are rendered anew once requests are routed by it: their links hold it.
func (a *App) moved() {
	a.OnBaseURL()
	a.shelf.dropAll()
	a.courier.Try(model.Email)
}
