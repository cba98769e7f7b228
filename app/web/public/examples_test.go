package public_test

import (
	"fmt"
	"strings"
	"time"

	"statusd/app/model"
	"statusd/app/snapshot"
	"statusd/app/status"
)

const ms = time.Millisecond

func harbourline(slug string) model.Page {
	return model.Page{Slug: slug, Name: "Harbourline", TimeZone: "UTC", Branding: model.Branding{Tagline: "Invoicing for small studios"}}
}

// operational is the calm case.
func operational() snapshot.Facts {
	return build(harbourline("calm"),
		history(service("API", status.Operational, probe("Health endpoint", 142*ms), probe("Create invoice", 311*ms)),
			on(12, slow(18*time.Minute)), on(41, down(7*time.Minute)), on(63, planned(2*time.Hour))),
		history(service("Web app", status.Operational, probe("app.harbourline.example", 208*ms)), on(41, down(7*time.Minute))),
		history(service("Database", status.Operational, probe("Primary", 9*ms), probe("Read replica", 11*ms)), on(63, planned(2*time.Hour))),
		with(history(service("Email delivery", status.Operational, probe("SMTP relay", 64*ms)),
			on(30, slow(46*time.Minute)), on(31, slow(12*time.Minute)), on(74, down(21*time.Minute))),
			func(c *snapshot.Component) { c.Description = "Invoices, reminders, receipts" }),
		with(service("PDF rendering", status.Operational, probe("Render sample", 488*ms)),
			func(c *snapshot.Component) { c.Uptime30d.Hundredths = 10000 }),
		history(service("Bank import", status.Operational, probe("Sparebank connector", 820*ms), probe("Open banking gateway", 640*ms)),
			on(5, down(38*time.Minute)), on(22, slow(9*time.Minute)), on(51, down(64*time.Minute)), on(77, down(30*time.Second))),
	)
}

// outage is the loud case: all five states, a group, and every shape of day.
func outage() snapshot.Facts {
	return build(harbourline("outage"),
		history(service("API", status.Down, failing(probe("Health endpoint", 142*ms)), failing(probe("Create invoice", 311*ms))),
			on(12, slow(18*time.Minute)), on(41, down(7*time.Minute)), on(63, planned(2*time.Hour)),
			on(88, slow(6*time.Minute)), on(89, down(134*time.Minute))),
		history(service("Web app", status.Degraded, slowed(probe("app.harbourline.example", 208*ms), 4210*ms)),
			on(41, down(7*time.Minute)), on(89, slow(121*time.Minute))),
		history(service("Database", status.Operational, probe("Primary", 9*ms), probe("Read replica", 11*ms)), on(63, planned(2*time.Hour))),
		with(history(service("Email delivery", status.Maintenance, probe("SMTP relay", 64*ms)),
			on(30, slow(46*time.Minute)), on(31, slow(12*time.Minute)), on(74, down(21*time.Minute)), on(89, planned(3*time.Hour))),
			func(c *snapshot.Component) { c.Description = "Invoices, reminders, receipts" }),
		in("Integrations", history(service("Webhooks", status.Down, failing(probe("Delivery worker", 55*ms))), on(89, down(128*time.Minute)))),
		in("Integrations", history(service("Bank import", status.Operational, probe("Sparebank connector", 820*ms), probe("Open banking gateway", 640*ms)),
			on(5, down(38*time.Minute)), on(22, slow(9*time.Minute)), on(51, down(64*time.Minute)), on(77, down(33*time.Minute)), on(89, down(9*time.Minute)))),
		in("Integrations", with(history(service("Single sign-on", status.NoData, snapshot.Check{Name: "SAML metadata"}), nothing(0, 90)...),
			func(c *snapshot.Component) { c.Uptime24h, c.Uptime30d = snapshot.Uptime{}, snapshot.Uptime{} })),
	)
}

// turkish has Turkish names, long ones, a yellow brand and a zone of its own.
func turkish() snapshot.Facts {
	return build(model.Page{
		Slug: "cinar", Name: "Çınar Defter", TimeZone: "Europe/Istanbul",
		Branding: model.Branding{Tagline: "Küçük işletmeler için ön muhasebe", PrimaryColor: "#facc15"},
	},
		history(service("Uygulama programlama arayüzü (API)", status.Operational, probe("Sağlık ucu", 138*ms), probe("Fatura oluşturma", 296*ms)),
			on(14, slow(22*time.Minute)), on(72, down(11*time.Minute))),
		history(service("Web uygulaması", status.Degraded, slowed(probe("defter.ornek.example", 210*ms), 3410*ms)),
			on(72, down(11*time.Minute)), on(88, slow(41*time.Minute)), on(89, slow(73*time.Minute))),
		history(service("Veritabanı", status.Operational, probe("Birincil sunucu", 8*ms)), on(70, planned(time.Hour))),
		with(service("E-posta gönderimi", status.Operational, probe("SMTP aktarıcısı", 71*ms)),
			func(c *snapshot.Component) { c.Description = "Faturalar, hatırlatmalar, makbuzlar" }),
		history(service("e-Fatura ve e-Arşiv entegrasyonu", status.Maintenance, probe("Entegratör bağlantısı", 540*ms)),
			on(8, down(52*time.Minute)), on(67, down(19*time.Minute)), on(89, planned(90*time.Minute))),
	)
}

// unprobed is a page on its first day, before the first look.
func unprobed() snapshot.Facts {
	fresh := func(c *snapshot.Component) {
		c.Uptime24h, c.Uptime30d, c.LastChecked = snapshot.Uptime{}, snapshot.Uptime{}, time.Time{}
		c.Days = days(nothing(0, 90)...)
	}
	return build(harbourline("fresh"),
		with(service("API", status.NoData, snapshot.Check{Name: "Health endpoint"}), fresh),
		with(service("Web app", status.NoData), fresh))
}

func empty() snapshot.Facts { return build(harbourline("empty")) }

// maintained has nothing worse than a planned window.
func maintained() snapshot.Facts {
	return build(harbourline("planned"),
		service("API", status.Operational, probe("Health endpoint", 142*ms)),
		history(service("Email delivery", status.Maintenance, probe("SMTP relay", 64*ms)), on(89, planned(3*time.Hour))))
}

// branded has a logo that leads elsewhere.
func branded() snapshot.Facts {
	page := harbourline("branded")
	page.Branding.LogoLinkURL = "https://harbourline.example/"
	f := build(page, service("API", status.Operational, probe("Health endpoint", 142*ms)))
	f.Logo = model.Logo{Hash: "0123456789abcdef", Type: "image/svg+xml", Width: 96, Height: 32, Plate: true}
	return f
}

// many is a big page: fifty components, some of them in closed groups.
func many() snapshot.Facts {
	var list []snapshot.Component
	for i := range 50 {
		c := service(fmt.Sprintf("Service %d", i+1), status.Operational, probe("Health", time.Duration(40+i)*ms))
		if i%7 == 0 {
			c = history(c, on(80-i, down(time.Duration(i+1)*time.Minute)))
		}
		if i >= 10 {
			c.Group = fmt.Sprintf("Region %d", i/10)
		}
		if i == 33 {
			c.Status = status.Degraded
		}
		list = append(list, c)
	}
	return build(harbourline("many"), list...)
}

// hostile is what somebody types who wants to break the page.
func hostile() snapshot.Facts {
	long := strings.Repeat("Donaudampfschifffahrtsgesellschaft", 8)
	return poisoned(`<script>alert("x")</script>`, long, build(model.Page{
		Slug: "hostile", Name: `<script>alert("x")</script>`, TimeZone: "Nowhere/At all", NoIndex: true,
		Branding: model.Branding{Tagline: `"><img src=x onerror=alert(1)>`, PrimaryColor: "red;}", LogoLinkURL: "javascript:alert(1)"},
	},
		service("\u202egnp.live\u2066", status.Down, failing(probe("{{.Secret}}", 10*ms))),
		service("خدمة الدفع", status.Down, failing(probe("بوابة", 10*ms))),
		service(long, status.Operational, probe(long, 123456*ms)),
		in(long, service("</details></main>", status.Operational)),
	))
}
