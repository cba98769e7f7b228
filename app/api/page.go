package api

import (
	"context"
	"net/http"
	"time"

	"statusd/app"
	"statusd/app/model"
)

// pageJSON is a page as the management API shows it.
type pageJSON struct {
	ID                 model.PageID `json:"id"`
	Name               string       `json:"name"`
	Slug               string       `json:"slug"`
	Branding           brandingJSON `json:"branding"`
	CustomDomain       *string      `json:"customDomain"`
	TimeZone           string       `json:"timeZone"`
	NoIndex            bool         `json:"noIndex"`
	SubscribersEnabled bool         `json:"subscribersEnabled"`
	CreatedAt          seconds      `json:"createdAt"`
	UpdatedAt          seconds      `json:"updatedAt"`
}

// brandingJSON is how a page looks; null where nothing was chosen.
type brandingJSON struct {
	DisplayName  *string `json:"displayName"`
	PrimaryColor *string `json:"primaryColor"`
	LogoURL      *string `json:"logoUrl"`
	LogoLinkURL  *string `json:"logoLinkUrl"`
	Tagline      *string `json:"tagline"`
}

// pageFields are the fields of a page that may be written (SPEC §8).
var pageFields = fields[model.Page]{
	"name":               func(p *model.Page, g given) { g.text(&p.Name, "") },
	"slug":               func(p *model.Page, g given) { g.text(&p.Slug, "") },
	"branding":           setBranding,
	"customDomain":       func(p *model.Page, g given) { g.text(&p.CustomDomain, "") },
	"timeZone":           func(p *model.Page, g given) { g.text(&p.TimeZone, "UTC") },
	"noIndex":            func(p *model.Page, g given) { g.flag(&p.NoIndex, false) },
	"subscribersEnabled": func(p *model.Page, g given) { g.flag(&p.SubscribersEnabled, true) },
}

var brandingFields = fields[model.Branding]{
	"displayName":  func(b *model.Branding, g given) { g.text(&b.DisplayName, "") },
	"primaryColor": func(b *model.Branding, g given) { g.text(&b.PrimaryColor, "") },
	"logoUrl":      func(b *model.Branding, g given) { g.text(&b.LogoURL, "") },
	"logoLinkUrl":  func(b *model.Branding, g given) { g.text(&b.LogoLinkURL, "") },
	"tagline":      func(b *model.Branding, g given) { g.text(&b.Tagline, "") },
}

// setBranding merges the given part into what there is; null clears it.
func setBranding(p *model.Page, g given) {
	if g.null() {
		p.Branding = model.Branding{}
		return
	}
	brandingFields.nested(&p.Branding, g)
}

func showPage(p model.Page) pageJSON {
	return pageJSON{
		ID: p.ID, Name: p.Name, Slug: p.Slug, Branding: showBranding(p.Branding), CustomDomain: orNull(p.CustomDomain),
		TimeZone: p.TimeZone, NoIndex: p.NoIndex, SubscribersEnabled: p.SubscribersEnabled,
		CreatedAt: seconds(p.Created), UpdatedAt: seconds(p.Updated),
	}
}

func showBranding(b model.Branding) brandingJSON {
	return brandingJSON{
		DisplayName: orNull(b.DisplayName), PrimaryColor: orNull(b.PrimaryColor), LogoURL: orNull(b.LogoURL),
		LogoLinkURL: orNull(b.LogoLinkURL), Tagline: orNull(b.Tagline),
	}
}

func (a *API) listPages(ctx context.Context, in call) (app.Answer, error) {
	w, err := in.window()
	if err != nil {
		return app.Answer{}, err
	}
	l, err := a.App.Pages(ctx, in.by, w)
	return listed(l, err, showPage)
}

func (a *API) createPage(ctx context.Context, in call) (app.Answer, error) {
	fill, err := pageFields.reader(in.body)
	if err != nil {
		return app.Answer{}, err
	}
	p, err := a.App.CreatePage(ctx, in.by, fill)
	if err != nil {
		return app.Answer{}, err
	}
	return answered(http.StatusCreated, a.location(ctx, "pages", p.ID), showPage(p))
}

// The ids that a path may hold; any other text names nothing.
var (
	pageID      = idOf[model.PageID]
	componentID = idOf[model.ComponentID]
	checkID     = idOf[model.CheckID]
	incidentID  = idOf[model.IncidentID]
	updateID    = idOf[model.UpdateID]
)

func idOf[ID any, P named[ID]](in call) (id ID, err error) {
	if P(&id).UnmarshalText([]byte(in.id)) != nil {
		return id, model.ErrNotFound
	}
	return id, nil
}

// seconds is a time as JSON shows it: RFC 3339, UTC, whole seconds; null when it is zero.
type seconds time.Time

// MarshalJSON writes the time.
func (s seconds) MarshalJSON() ([]byte, error) { return stamp(time.Time(s), time.RFC3339) }

// millis is a time with its milliseconds.
type millis time.Time

// MarshalJSON writes the time.
func (m millis) MarshalJSON() ([]byte, error) {
	return stamp(time.Time(m), "2006-01-02T15:04:05.000Z07:00")
}

func stamp(t time.Time, layout string) ([]byte, error) {
	if t.IsZero() {
		return []byte("null"), nil
	}
	return t.UTC().AppendFormat(nil, `"`+layout+`"`), nil
}
