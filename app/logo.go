package app

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"statusd/app/logo"
	"statusd/app/model"
	"statusd/app/snapshot"
	"statusd/probe"
	"statusd/store"
)

// How a logo is fetched.
const (
	logoTimeout = 10 * time.Second
	logoHops    = 5
)

const logoField = "branding.logoUrl"

// picture is a logo with its bytes.
type picture struct {
	model.Logo
	bytes []byte
}

// fetched is a logo that was fetched before the transaction began; the transaction's context has it under fetchedKey.
type fetched struct {
	picture
	url string
}

type fetchedKey struct{}

// lacksLogo ends a transaction that needs a logo which nobody has fetched yet: nothing may wait for a stranger's server within one.
type lacksLogo struct{ url string }

// Error names no URL: it may hold a secret.
func (lacksLogo) Error() string { return "the logo has to be fetched first" }

// writeWithLogo is write for what may need a page's logo. When f turns out to lack one, its transaction is given up, the logo is
// fetched while none is open, and f runs again with it. So f decides from the rows as they are, each time; within a transaction of
// the context the one who began that one does the fetching.
func (a *App) writeWithLogo(ctx context.Context, f func(context.Context, *store.Tx) error) error {
	err := a.write(ctx, func(tx *store.Tx) error { return f(ctx, tx) })
	var lacks lacksLogo
	if _, within := ctx.Value(joined{}).(*store.Tx); within || !errors.As(err, &lacks) {
		return err
	}
	p, err := a.fetchLogo(ctx, lacks.url)
	if err != nil {
		return err
	}
	ctx = context.WithValue(ctx, fetchedKey{}, fetched{p, lacks.url})
	return a.write(ctx, func(tx *store.Tx) error { return f(ctx, tx) })
}

// followLogoURL makes a page's logo what its logoUrl now says. One that did not change is not fetched again.
func (a *App) followLogoURL(ctx context.Context, tx *store.Tx, old, page model.Page) error {
	url := page.Branding.LogoURL
	switch got, _ := ctx.Value(fetchedKey{}).(fetched); {
	case url == old.Branding.LogoURL:
		return nil
	case url == "":
		return tx.In(page.Workspace).DropLogo(ctx, page.ID)
	case got.url != url:
		return lacksLogo{url}
	default:
		return tx.In(page.Workspace).SetLogo(ctx, page.ID, got.Logo, got.bytes)
	}
}

// fetchLogo gets a logo and makes it safe. An editor chose the URL, so private addresses are as good as others; metadata addresses
// are refused by the prober.
func (a *App) fetchLogo(ctx context.Context, url string) (picture, error) {
	body, why, err := a.Prober.Fetch(ctx, probe.Fetch{URL: url, Timeout: logoTimeout, MaxBytes: logo.MaxBytes, MaxHops: logoHops})
	if err != nil {
		return picture{}, err
	}
	if why.Code != "" {
		var v model.Invalid
		v.Add(logoField, "logo_fetch", "reason", why)
		return picture{}, v
	}
	return a.drawLogo(body)
}

// drawLogo makes a picture of foreign bytes. One at a time: a large one takes some 100 MiB for a moment.
func (a *App) drawLogo(file []byte) (picture, error) {
	a.drawing.Lock()
	defer a.drawing.Unlock()
	l, err := logo.Read(file)
	if refusal := logo.Refusal(""); errors.As(err, &refusal) {
		return picture{}, logoProblem(refusal)
	}
	if err != nil {
		return picture{}, err
	}
	return picture{model.Logo{Hash: l.Hash(), Type: l.Type, Width: l.Width, Height: l.Height, Plate: l.Plate}, l.Bytes}, nil
}

func logoProblem(why logo.Refusal) (v model.Invalid) {
	switch why {
	case logo.TooLarge:
		v.Add(logoField, "logo_too_large", "max", logo.MaxBytes>>10)
	case logo.TooWide:
		v.Add(logoField, "logo_too_wide", "max", logo.MaxSide)
	case logo.Doctype:
		v.Add(logoField, "logo_doctype")
	case logo.Sizeless:
		v.Add(logoField, "logo_sizeless")
	case logo.Intricate:
		v.Add(logoField, "logo_intricate")
	case logo.Damaged:
		v.Add(logoField, "logo_damaged")
	default:
		v.Add(logoField, "logo_no_image")
	}
	return v
}

// SetLogo gives a page an uploaded logo, in place of the one that it had; its logoUrl is empty from then on. What is wrong with the
// file is told of the field branding.logoUrl.
func (a *App) SetLogo(ctx context.Context, by model.Actor, id model.PageID, file []byte) (model.Page, error) {
	if !by.May(model.Editor) { // before anything foreign is drawn
		return a.changeLogo(ctx, by, id, nil)
	}
	p, err := a.drawLogo(file)
	if err != nil {
		return model.Page{}, err
	}
	return a.changeLogo(ctx, by, id, func(tx *store.Tx) error { return tx.In(by.Workspace).SetLogo(ctx, id, p.Logo, p.bytes) })
}

// RemoveLogo takes a page's logo away, uploaded or fetched, with its logoUrl.
func (a *App) RemoveLogo(ctx context.Context, by model.Actor, id model.PageID) (model.Page, error) {
	return a.changeLogo(ctx, by, id, func(tx *store.Tx) error { return tx.In(by.Workspace).DropLogo(ctx, id) })
}

func (a *App) changeLogo(ctx context.Context, by model.Actor, id model.PageID, change func(*store.Tx) error) (page model.Page, err error) {
	err = a.write(ctx, func(tx *store.Tx) error {
		old, err := tx.In(by.Workspace).Page(ctx, id)
		if err != nil {
			return known(err)
		}
		if !by.May(model.Editor) {
			return model.ErrForbidden
		}
		before, err := tx.Logo(ctx, id)
		if err != nil {
			return err
		}
		page = old
		page.Branding.LogoURL = ""
		page.Updated = a.touched(old.Updated)
		tx.AfterCommit(func() {
			a.shelf.drop(id)
			a.followers.tell(id)
		})
		if err := errors.Join(tx.In(by.Workspace).SetPage(ctx, page), change(tx)); err != nil {
			return err
		}
		after, err := tx.Logo(ctx, id)
		if err != nil {
			return err
		}
		return a.audited(ctx, tx, by, logoEntry(old, page, before, after))
	})
	return page, err
}

// logoEntry is what the trail says of a logo that was uploaded or removed.
func logoEntry(old, page model.Page, before, after model.Logo) model.Audit {
	e := pageTrail.entry(&old, &page)
	if before.Hash != after.Hash {
		e.Action, e.Page, e.Subject = pageTrail.changed, page.ID, pageTrail.subject(page)
		e.Changes = append(e.Changes, model.Change{Field: "branding.logo", From: describeLogo(before), To: describeLogo(after)})
	}
	return e
}

// describeLogo is a picture in a few letters: "png, 400 x 64".
func describeLogo(l model.Logo) any {
	if l.Hash == "" {
		return nil
	}
	kind, _, _ := strings.Cut(strings.TrimPrefix(l.Type, "image/"), "+")
	return fmt.Sprintf("%s, %d x %d", kind, l.Width, l.Height)
}

// hungLogo is a page's logo as finished bytes. It outlives the snapshots that show it.
type hungLogo struct {
	hash string
	doc  *snapshot.Document
}

// Logo is the picture that a page's snapshot describes, ready to be served; model.ErrNotFound when it is there no more.
func (a *App) Logo(ctx context.Context, page model.PageID, l model.Logo) (*snapshot.Document, error) {
	at, _ := a.shelf.places.LoadOrStore(page, &place{page: page})
	p := at.(*place)
	if hung := p.logo.Load(); hung != nil && hung.hash == l.Hash {
		return hung.doc, nil
	}
	var bytes []byte
	err := a.Store.Read(ctx, func(v store.View) (err error) {
		bytes, err = v.LogoBytes(ctx, page, l.Hash)
		return known(err)
	})
	if err != nil {
		return nil, err
	}
	doc := snapshot.FinishPacked(snapshot.Content{Type: l.Type, Body: bytes})
	if l.Type == logo.SVG {
		if doc, err = snapshot.Finish(snapshot.Content{Type: l.Type, Body: bytes}); err != nil {
			return nil, err
		}
	}
	p.logo.Store(&hungLogo{l.Hash, doc})
	return doc, nil
}
