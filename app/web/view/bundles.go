package view

// bundle is what one URL serves: files of the assets, one after the other.
type bundle struct {
	name  string
	files []string
}

// bundles says which files each screen loads. A file may be in several; the browser caches each bundle for good.
var bundles = []bundle{
	{"page.css", []string{
		"shared/tokens.css", "shared/base.css", "shared/button.css", "shared/status.css", "shared/incident.css", "public/public.css", "public/component.css",
	}},
	{"page.js", []string{
		"shared/times.js", "public/strip.js", "shared/morph.js", "shared/refresh.js", "public/subscribe/opener.js",
	}},
	{"subscribe.css", []string{"shared/form.css", "shared/dialog.css", "public/subscribe/subscribe.css"}}, // beside page.css
	{"subscribe.js", []string{"public/subscribe/copy.js", "public/subscribe/dialog.js"}},                  // beside page.js, when it is wanted
	{"embed.css", []string{"shared/tokens.css", "shared/base.css", "shared/status.css", "embed/embed.css"}},
	{"embed.js", []string{"shared/times.js", "shared/morph.js", "shared/refresh.js"}},
	{"dashboard.css", []string{
		"shared/tokens.css", "shared/base.css", "shared/button.css", "shared/status.css", "shared/form.css", "shared/dialog.css",
		"shared/incident.css", "dashboard/panel.css", "dashboard/table.css", "dashboard/chart.css", "dashboard/dashboard.css", "dashboard/topbar.css", "dashboard/channels.css",
		"dashboard/door/door.css", "dashboard/pages/pages.css",
		"dashboard/people.css", "dashboard/settings/settings.css", "dashboard/components/components.css", "dashboard/checks/checks.css",
		"dashboard/overview/overview.css", "dashboard/wording/wording.css", "dashboard/incidents/incidents.css", "dashboard/maintenance/maintenance.css",
		"dashboard/subscribers/subscribers.css", "dashboard/restarts/restarts.css",
	}},
	{"dashboard.js", []string{
		"shared/times.js", "dashboard/copy.js", "dashboard/toast.js", "dashboard/menu.js", "dashboard/tabs.js", "dashboard/dialog.js",
		"dashboard/leave.js", "dashboard/keys/palette.js", "dashboard/keys/shortcuts.js", "dashboard/account/shortcuts.js",
		"dashboard/settings/slug.js", "dashboard/settings/zones.js", "dashboard/settings/branding.js",
		"dashboard/components/order.js", "dashboard/checks/filter.js", "dashboard/checks/stay.js",
		"shared/morph.js", "dashboard/overview/live.js", "dashboard/wording/languages.js", "dashboard/wording/ready.js", "dashboard/incidents/reach.js",
	}},
	{"message.css", []string{"shared/tokens.css", "shared/base.css", "shared/message.css"}},
}
