package demo

import (
	"context"
	"fmt"
	"time"

	"statusd/app"
	"statusd/app/incident"
	"statusd/app/model"
	"statusd/app/status"
)

// tale is an incident and how it went.
type tale struct {
	page     string // slug
	title    model.Text
	impact   incident.Impact
	affected []string // names of components
	began    status.Instant
	steps    []told
}

// told is one update of a tale.
type told struct {
	after  time.Duration // since the tale began
	status incident.Status
	body   model.Text
}

// work is a maintenance window.
type work struct {
	page        string
	title       model.Text
	description model.Text
	affected    []string
	start, end  status.Instant
}

func text(en, tr string) model.Text { return model.Text{"en": en, "tr": tr} }

// tales are the incidents of the demo. The first is of the day on which much went down at once.
func (f *filling) tales() []tale {
	storm := status.DayOf(f.now).Add(-stormDay*day + 9*time.Hour + 12*time.Minute)
	return []tale{
		{
			page: Slug, title: text("Sign-in and API unavailable", "Giriş ve API kullanılamıyor"), impact: incident.Critical,
			affected: []string{"Web app", "API", "Webhooks"}, began: storm,
			steps: []told{
				{4 * time.Minute, incident.Investigating, text("Signing in fails for everybody, and the API answers with errors. We are looking into it.", "Kimse giriş yapamıyor ve API hata veriyor. İnceliyoruz.")},
				{31 * time.Minute, incident.Identified, text("A database server ran out of disk space. We are moving to its replica.\n\nNo data is lost.", "Bir veritabanı sunucusunun diski doldu. Yedeğine geçiyoruz.\n\nVeri kaybı yok.")},
				{109 * time.Minute, incident.Monitoring, text("The replica has taken over. Everything works, if slowly, until its caches are warm.", "Yedek devraldı. Önbellekler dolana kadar yavaş da olsa her şey çalışıyor.")},
				{185 * time.Minute, incident.Resolved, text("Back to normal. We now alert on disk space **two days** ahead, not two hours.", "Her şey normale döndü. Disk alanı için artık iki saat değil **iki gün** önceden uyarı alıyoruz.")},
			},
		},
		{
			page: Slug, title: text("Some bank feeds are late", "Bazı banka akışları gecikiyor"), impact: incident.Minor,
			affected: []string{"Bank feeds"}, began: f.now.Add(-6*day - 5*time.Hour),
			steps: []told{
				{0, incident.Identified, text("One of our partners delivers transactions with an hour's delay. Nothing is lost.", "İş ortaklarımızdan biri işlemleri bir saat gecikmeyle iletiyor. Kayıp yok.")},
				{7 * time.Hour, incident.Resolved, text("Transactions arrive on time again.", "İşlemler yeniden zamanında geliyor.")},
			},
		},
		{
			page: TurkishSlug, title: text("Couriers see old routes", "Kuryeler eski rotaları görüyor"), impact: incident.Minor,
			affected: []string{"Kurye uygulaması"}, began: f.now.Add(-50 * time.Minute),
			steps: []told{
				{0, incident.Investigating, text("Routes are up to half an hour old. Deliveries go on.", "Rotalar yarım saate kadar eski görünüyor. Dağıtım sürüyor.")},
				{22 * time.Minute, incident.Identified, text("A queue is stuck. We are emptying it.", "Bir kuyruk takıldı. Boşaltıyoruz.")},
			},
		},
	}
}

// works are the windows of the demo: one that is over, one that goes on, one to come.
func (f *filling) works() []work {
	rebuilding := status.DayOf(f.now).Add(-rebuilt * day)
	tomorrow := status.DayOf(f.now).Add(day + 22*time.Hour)
	return []work{
		{
			page: Slug, title: text("Move to new servers", "Yeni sunuculara taşınma"), affected: []string{"PDF documents", "File storage"},
			description: text("Documents cannot be opened or made that day.", "O gün belgeler açılamaz ve oluşturulamaz."),
			start:       rebuilding, end: rebuilding.Add(day),
		},
		{
			page: TurkishSlug, title: text("Search index is being rebuilt", "Arama dizini yenileniyor"), affected: []string{"Şube arama"},
			description: text("Search may miss branches.", "Aramada bazı şubeler çıkmayabilir."),
			start:       f.now.Add(-20 * time.Minute), end: f.now.Add(70 * time.Minute),
		},
		{
			page: Slug, title: text("Database upgrade", "Veritabanı yükseltmesi"), affected: []string{"Web app", "API"},
			description: text("The web app and the API are read-only for up to **ten minutes** within this time.", "Bu süre içinde web uygulaması ve API en çok **on dakika** salt okunur olacak."),
			start:       tomorrow, end: tomorrow.Add(90 * time.Minute),
		},
	}
}

// news tells what the pages have told.
func (f *filling) news(ctx context.Context) error {
	for _, t := range f.tales() {
		if err := f.tell(ctx, t); err != nil {
			return fmt.Errorf("incident %s of the demo: %w", t.title.In("en"), err)
		}
	}
	for _, w := range f.works() {
		if err := f.plan(ctx, w); err != nil {
			return fmt.Errorf("maintenance %s of the demo: %w", w.title.In("en"), err)
		}
	}
	f.clock = f.now.Time()
	return nil
}

func (f *filling) tell(ctx context.Context, t tale) error {
	first := t.steps[0]
	f.clock = t.began.Add(first.after).Time()
	i, err := f.app.CreateIncident(ctx, f.actor, f.page[t.page], func(d *app.IncidentDraft) error {
		d.Title, d.Impact, d.Components = t.title, t.impact, f.named(t.page, t.affected)
		d.Status, d.Body = first.status, first.body
		return nil
	})
	for _, s := range t.steps[1:] {
		if err != nil {
			return err
		}
		f.clock = t.began.Add(s.after).Time()
		_, err = f.app.PostUpdate(ctx, f.actor, i.ID, func(d *app.UpdateDraft) error {
			d.Status, d.Body = s.status, s.body
			return nil
		})
	}
	return err
}

func (f *filling) plan(ctx context.Context, w work) error {
	f.clock = min(w.start, f.now).Add(-2 * day).Time()
	m, err := f.app.CreateMaintenance(ctx, f.actor, f.page[w.page], func(d *app.MaintenanceDraft) error {
		d.Title, d.Description, d.Components = w.title, w.description, f.named(w.page, w.affected)
		d.Start, d.End = w.start.Time(), w.end.Time()
		return nil
	})
	if err == nil && w.start <= f.now {
		f.clock = w.start.Time()
		_, err = f.app.StartMaintenance(ctx, f.actor, m.ID)
	}
	if err == nil && w.end <= f.now {
		f.clock = w.end.Time()
		_, err = f.app.CompleteMaintenance(ctx, f.actor, m.ID)
	}
	return err
}

// named are the ids of a page's components.
func (f *filling) named(page string, names []string) []model.ComponentID {
	var out []model.ComponentID
	for _, name := range names {
		for _, m := range f.made {
			if m.page == page && m.name == name {
				out = append(out, m.component)
			}
		}
	}
	return out
}
