package dashboard

import (
	"net/url"
	"strings"

	"statusd/app"
	"statusd/app/brand"
	"statusd/app/model"
	"statusd/app/web/view"
)

// brandingPage is how the public page looks, beside the public page.
type brandingPage struct {
	settings
	Names   []view.Field // above the colour
	Color   view.Field
	Swatch  string // what the colour well shows: it cannot be empty
	Logo    []view.Field
	Preview string // URL of the page with what is typed
	Dark    bool   // how the preview is shown
	Picture *logo  // nil: the page has none
	File    view.Field
	Upload  string // URL
}

func (s *Site) branding(v *visit) error {
	values := stored(v.page, brandingValues(v.page.Branding))
	return s.brandingForm(v, v.filled(values), v.page.Branding)
}

// brandingForm shows what was typed, and the public page with a branding that may be shown.
func (s *Site) brandingForm(v *visit, f *form, shown model.Branding) error {
	page := brandingPage{
		Names: []view.Field{
			s.brandingText(f, fieldDisplayName, "branding.displayName", "branding.displayName.help", 80),
			s.brandingText(f, fieldTagline, "branding.tagline", "branding.tagline.help", 160),
		},
		Color: f.optional(f.field(fieldColor, "branding.color", "")),
		Logo: []view.Field{
			s.brandingText(f, fieldLogoURL, "branding.logoUrl", "branding.logoUrl.help", 2048),
			s.brandingText(f, fieldLogoLink, "branding.logoLink", "branding.logoLink.help", 2048),
		},
		Swatch: swatchOf(f.get(fieldColor)), Dark: themeOf(f.values) == "dark",
	}
	page.Color.Mono, page.Color.MaxLength, page.Color.Placeholder = true, 7, model.DefaultColor
	page.Color.Help = derived(v, colorOf(shown))
	for i := range page.Logo {
		page.Logo[i].InputMode = "url"
	}
	values := url.Values{"theme": {"light"}}
	if page.Dark {
		values.Set("theme", "dark")
	}
	for name, typed := range brandingValues(shown) {
		if shown != v.page.Branding {
			values[name] = typed
		}
	}
	page.Preview = s.paths.Preview(v.page, values)
	if err := s.showLogo(v, &page, f); err != nil {
		return err
	}
	page.settings = s.settings(v, "/branding", f)
	if !page.May {
		page.showStored(v)
	}
	return v.render(f.code(), "dashboard/settings/branding.html", page)
}

func (s *Site) brandingText(f *form, name, label, help string, longest int) view.Field {
	field := f.optional(f.field(name, label, help))
	field.MaxLength = longest
	return field
}

// showStored is for those who may not change anything.
func (p *brandingPage) showStored(v *visit) {
	for _, list := range [][]view.Field{p.Names, p.Logo} {
		for i := range list {
			list[i] = v.shownAs(list[i], list[i].Value)
		}
	}
	p.Color = v.shownAs(p.Color, p.Swatch)
}

// swatchOf is what a colour well shows for a colour that was typed.
func swatchOf(typed string) string {
	return colorOf(model.Branding{PrimaryColor: typed})
}

// derived says what becomes of a picked colour.
func derived(v *visit, picked string) string {
	colours := brand.New(picked)
	light := colours.Light
	tenths := int(light.Contrast * 10) // cut: 4.5 is the limit
	contrast := v.t("branding.contrast", "Whole", tenths/10, "Tenth", tenths%10)
	key := "branding.white"
	if light.On != "#ffffff" {
		key = "branding.ink"
	}
	say := []string{v.t(key, "Fill", light.Fill, "Contrast", contrast)}
	if light.Fill != picked {
		say = append(say, v.t("branding.darkened"))
	}
	return strings.Join(append(say, v.t("branding.links", "Light", light.Ink, "Dark", colours.Dark.Ink)), " ")
}

// pickedColor settles which of two controls was used: the text is what counts, unless only the colour well was touched.
func pickedColor(f *form) {
	before := f.get("colorBefore")
	if well := f.raw("swatch"); f.get(fieldColor) == before && well != "" && well != swatchOf(before) {
		f.values.Set(fieldColor, well)
	}
}

// saveBranding saves, or shows what it would look like.
func (s *Site) saveBranding(v *visit) error {
	f, err := v.posted()
	if err != nil {
		return err
	}
	pickedColor(f)
	ctx := v.c.Request().Context()
	change := func(p *model.Page) error {
		typedBranding(f.values, &p.Branding)
		return nil
	}
	if f.raw("do") == "preview" {
		facts, err := s.App.PreviewPage(ctx, v.actor, v.page.ID, change)
		if f.refuse(err) {
			return s.brandingForm(v, f, v.page.Branding)
		}
		if err != nil {
			return err
		}
		return s.brandingForm(v, f, facts.Page.Branding)
	}
	_, err = s.App.UpdatePage(ctx, v.actor, v.page.ID, change, app.IfUnchangedSince(f.seen()))
	if f.refuse(err) {
		return s.brandingForm(v, f, v.page.Branding)
	}
	if err != nil {
		return err
	}
	return v.goTo(s.paths.Manage(v.page, "/settings/branding"), "branding-saved")
}
