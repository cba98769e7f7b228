package demo

import "time"

// company is one page.
type company struct {
	name, slug, tagline string
	color               string // #rrggbb
	zone                string
	services            []service
}

// service is a component and how it has fared.
type service struct {
	name, note, group string
	checks            []look
	life
}

// look is a check, and how what it looks at behaves.
type look struct {
	name, path string
	usual      time.Duration // latency on a quiet morning
	mood       mood          // from the start of the demo on
	restarts   bool          // a restart target brings it back
}

// What all checks have in common.
const (
	interval  = 10 * time.Second
	timeout   = 5 * time.Second
	slowAfter = 400 * time.Millisecond
	cooldown  = 2 * time.Minute
)

// companies are the pages of the demo. Both are invented.
var companies = []company{
	{
		name: "Harbourline", slug: Slug, tagline: "Invoicing for small studios", color: "#2563eb", zone: "Europe/London",
		services: []service{
			{
				name: "Web app", life: life{days: days, outages: 1, evenings: 2, storm: true},
				checks: []look{
					{"Sign-in page", "/app/sign-in", 38 * time.Millisecond, steady, false},
					{"Invoice list", "/app/invoices", 92 * time.Millisecond, steady, false},
				},
			},
			{
				name: "API", life: life{days: days, outages: 2, evenings: 1, storm: true},
				checks: []look{
					{"Health", "/api/health", 12 * time.Millisecond, steady, false},
					{"Create an invoice", "/api/invoices", 74 * time.Millisecond, steady, false},
				},
			},
			{
				name: "Email delivery", note: "Invoices, reminders, receipts", life: life{days: days, outages: 1, evenings: 4},
				checks: []look{{"Relay", "/mail/relay", 55 * time.Millisecond, steady, false}},
			},
			{
				name: "PDF documents", group: "Documents", life: life{days: days, evenings: 7, trend: 1.4},
				checks: []look{{"Renderer", "/documents/render", 84 * time.Millisecond, worse, false}},
			},
			{
				name: "File storage", group: "Documents", life: life{days: days, outages: 1},
				checks: []look{{"Download", "/documents/download", 27 * time.Millisecond, steady, false}},
			},
			{
				name: "Bank feeds", note: "Transactions of eleven banks", group: "Integrations",
				life:   life{days: days, outages: 2, evenings: 9, slowAtLast: 25 * time.Minute},
				checks: []look{{"Newest transactions", "/integrations/banks", 108 * time.Millisecond, moody, false}},
			},
			{
				name: "Webhooks", group: "Integrations", life: life{days: days, outages: 5, evenings: 1, storm: true, shaky: 2},
				checks: []look{{"Dispatcher", "/integrations/webhooks", 31 * time.Millisecond, flaky, true}},
			},
			{
				name: "Accounting export", note: "New: daily and monthly", group: "Integrations", life: life{days: 52, outages: 1, evenings: 1},
				checks: []look{{"Export", "/integrations/accounting", 66 * time.Millisecond, steady, false}},
			},
		},
	},
	{
		name: "Çınar Kargo", slug: TurkishSlug, tagline: "Kargonuz nerede, hep bilin", color: "#0f766e", zone: "Europe/Istanbul",
		services: []service{
			{
				name: "Gönderi takibi", life: life{days: days, outages: 2, evenings: 2},
				checks: []look{
					{"Takip sayfası", "/kargo/takip", 48 * time.Millisecond, steady, false},
					{"Takip API’si", "/kargo/api", 22 * time.Millisecond, steady, false},
				},
			},
			{
				name: "Kurye uygulaması", note: "Şubeler ve kuryeler için", life: life{days: days, outages: 3, evenings: 5},
				checks: []look{{"Rota servisi", "/kargo/rota", 97 * time.Millisecond, worse, false}},
			},
			{
				name: "Ödeme", life: life{days: days, outages: 1},
				checks: []look{{"Ödeme sayfası", "/kargo/odeme", 61 * time.Millisecond, steady, false}},
			},
			{
				name: "Şube arama", life: life{days: 71, evenings: 2},
				checks: []look{{"Arama", "/kargo/sube", 35 * time.Millisecond, steady, false}},
			},
		},
	},
}
