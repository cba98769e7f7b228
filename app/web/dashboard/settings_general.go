package dashboard

import (
	"net/url"
	"strings"

	"statusd/app"
	"statusd/app/model"
	"statusd/app/web/view"
)

// pageGeneral is a page's name, address, time zone, and who may find it and subscribe to it.
type pageGeneral struct {
	settings
	Name, Slug, Zone, NoIndex view.Field
	Subscribers               view.Field // that the page takes some
	Confirm                   view.Field // that old links break
	SlugNow                   string     // the one that is stored
	SlugChanges               bool
	Delete                    string // URL
}

func (s *Site) pageGeneralScreen(v *visit) error {
	values := url.Values{"name": {v.page.Name}, "slug": {v.page.Slug}, "timeZone": {v.page.TimeZone}}
	if v.page.NoIndex {
		values.Set("noIndex", "on")
	}
	if v.page.SubscribersEnabled {
		values.Set("subscribersEnabled", "on")
	}
	return s.pageGeneralForm(v, v.filled(stored(v.page, values)))
}

func (s *Site) pageGeneralForm(v *visit, f *form) error {
	address := strings.TrimSuffix(s.paths.Page("x"), "x")
	page := pageGeneral{
		Name: f.field("name", "field.page.name", "field.page.name.help"), Slug: f.field("slug", "field.slug", "settings.slug.help"),
		Zone: f.field("timeZone", "settings.zone", "settings.zone.help"), NoIndex: f.field("noIndex", "settings.noIndex", "settings.noIndex.help"),
		Subscribers: f.field("subscribersEnabled", "settings.subscribers", "settings.subscribers.help"),
		Confirm:     f.field("linksBreak", "settings.oldLinks", "settings.linksBreak.help"),
		SlugNow:     v.page.Slug, SlugChanges: f.get("slug") != v.page.Slug, Delete: s.paths.Manage(v.page, "/settings/delete"),
	}
	page.Name.MaxLength = 80
	page.Slug.Prefix, page.Slug.Mono, page.Slug.MaxLength = address, true, 63
	page.Zone.Placeholder = "Europe/Istanbul"
	page.Confirm.Label = v.t("settings.linksBreak", "Path", address+v.page.Slug)
	page.settings = s.settings(v, "", f)
	if !page.May {
		page.Slug = v.shownAs(page.Slug, address+v.page.Slug)
		page.NoIndex = v.shownAs(page.NoIndex, v.yesNo(v.page.NoIndex))
		page.Subscribers = v.shownAs(page.Subscribers, v.yesNo(v.page.SubscribersEnabled))
	}
	return v.render(f.code(), "dashboard/settings/general.html", page)
}

func (v *visit) yesNo(is bool) string {
	if is {
		return v.t("settings.yes")
	}
	return v.t("settings.no")
}

func (s *Site) saveGeneral(v *visit) error {
	f, err := v.posted()
	if err != nil {
		return err
	}
	_, err = s.App.UpdatePage(v.c.Request().Context(), v.actor, v.page.ID, func(p *model.Page) error {
		var problems model.Invalid
		if f.get("slug") != p.Slug && !f.has("linksBreak") {
			problems.Add("linksBreak", "links_break")
		}
		p.Name, p.Slug, p.TimeZone, p.NoIndex = f.get("name"), f.get("slug"), f.get("timeZone"), f.has("noIndex")
		p.SubscribersEnabled = f.has("subscribersEnabled")
		return problems.Err()
	}, app.IfUnchangedSince(f.seen()))
	if f.refuse(err) {
		return s.pageGeneralForm(v, f)
	}
	if err != nil {
		return err
	}
	return v.goTo(s.paths.Manage(v.page, "/settings"), "settings-saved")
}
