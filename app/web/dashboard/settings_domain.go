package dashboard

import (
	"net/netip"
	"net/url"
	"strings"

	"statusd/app"
	"statusd/app/model"
	"statusd/app/web/view"
)

// domainPage is the page's own domain: what to set, and who else has to do something.
type domainPage struct {
	settings
	Domain view.Field
	Live   string // URL of the page on its domain; "" for none
	Name   string // what the DNS record is for
	Target string // what it leads to; "" when the public URL does not tell
	Caddy  snippet
}

func (s *Site) domain(v *visit) error {
	values := url.Values{"customDomain": {v.page.CustomDomain}}
	return s.domainForm(v, v.filled(stored(v.page, values)))
}

func (s *Site) domainForm(v *visit, f *form) error {
	page := domainPage{Domain: f.optional(f.field("customDomain", "settings.domain", "domain.help")), Name: v.page.CustomDomain}
	page.Domain.Mono, page.Domain.MaxLength, page.Domain.Placeholder, page.Domain.InputMode = true, 253, "status.example.org", "url"
	if v.page.CustomDomain != "" {
		page.Live = "https://" + v.page.CustomDomain + "/"
	} else {
		page.Name = page.Domain.Placeholder
	}
	page.Target = hostToPointAt(s.baseURL(v))
	page.Caddy = snippet{Language: "Caddyfile", Label: v.t("domain.caddy"), Code: caddyfile(s.absolute(v, s.paths.AskDomain()))}
	page.settings = s.settings(v, "/domain", f)
	if page.May = page.May && v.actor.Admin; !page.May {
		page.Domain = v.shownAs(page.Domain, v.page.CustomDomain)
	}
	return v.render(f.code(), "dashboard/settings/domain.html", page)
}

// hostToPointAt is the host of the public URL; "" when that is an address or this machine, which no CNAME can lead to.
func hostToPointAt(base string) string {
	u, err := url.Parse(base)
	if err != nil {
		return ""
	}
	host := u.Hostname()
	if _, err := netip.ParseAddr(host); err == nil || host == "localhost" || !strings.Contains(host, ".") {
		return ""
	}
	return host
}

// caddyfile makes Caddy get a certificate for a page's domain when the first visitor comes, and for no other name.
func caddyfile(ask string) string {
	return "{\n  on_demand_tls {\n    ask " + ask + "\n  }\n}\n\nhttps:// {\n  tls {\n    on_demand\n  }\n  reverse_proxy 127.0.0.1:8080\n}"
}

func (s *Site) saveDomain(v *visit) error {
	if !v.actor.Admin {
		return model.ErrForbidden
	}
	f, err := v.posted()
	if err != nil {
		return err
	}
	_, err = s.App.UpdatePage(v.c.Request().Context(), v.actor, v.page.ID, func(p *model.Page) error {
		p.CustomDomain = f.get("customDomain")
		return nil
	}, app.IfUnchangedSince(f.seen()))
	if f.refuse(err) {
		return s.domainForm(v, f)
	}
	if err != nil {
		return err
	}
	return v.goTo(s.paths.Manage(v.page, "/settings/domain"), "domain-saved")
}
