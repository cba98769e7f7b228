package public_test

import (
	"context"
	"slices"
	"time"

	"statusd/app/incident"
	"statusd/app/maintenance"
	"statusd/app/model"
	"statusd/app/snapshot"
	"statusd/app/status"
)

// at is a time of the day of the examples; day 0 is today, -1 yesterday.
func at(day, hour, minute int) time.Time {
	return time.Date(2026, 5, 18+day, hour, minute, 0, 0, time.UTC)
}

func both(en, tr string) model.Text { return model.Text{"en": en, "tr": tr} }

func english(en string) model.Text { return model.Text{"en": en} }

func about(names ...string) (list []model.Affected) {
	for i, name := range names {
		list = append(list, model.Affected{ID: model.ComponentID(i + 1), Name: name})
	}
	return list
}

// said is an update; the newest comes first in a timeline.
func said(s incident.Status, when time.Time, body model.Text) model.Update {
	return model.Update{Status: s, Created: when, Body: body}
}

// happened makes an incident of what was said of it, newest first.
func happened(id int, title model.Text, impact incident.Impact, affected []model.Affected, updates ...model.Update) model.Timeline {
	t := model.Timeline{Incident: model.Incident{
		ID: model.IncidentID(id), Title: title, Impact: impact, Affected: affected, Source: incident.Manual, Status: updates[0].Status,
	}, Updates: updates}
	for i := range t.Updates {
		t.Updates[i].ID = model.UpdateID(100*id + len(updates) - i)
	}
	t.Started = updates[len(updates)-1].Created
	t.Created, t.Updated = t.Started, updates[0].Created
	if !t.Open() {
		t.Resolved = t.Updated
	}
	return t
}

// work is a window; state and what was are filled in by those below.
func work(id int, title, text model.Text, from, to time.Time, affected ...model.Affected) model.Maintenance {
	return model.Maintenance{
		ID: model.MaintenanceID(id), Title: title, Description: text, Affected: affected,
		Window:  maintenance.Window{State: maintenance.Scheduled, AutoComplete: true, Start: status.At(from), End: status.At(to)},
		Created: from.Add(-72 * time.Hour), Updated: from.Add(-72 * time.Hour),
	}
}

func inProgress(m model.Maintenance) model.Maintenance {
	m.State, m.Began, m.Sequence, m.Updated = maintenance.InProgress, m.Start, 1, m.Start.Time()
	return m
}

func completed(m model.Maintenance, at time.Time) model.Maintenance {
	m = inProgress(m)
	m.State, m.Ended, m.Sequence, m.Updated = maintenance.Completed, status.At(at), 2, at
	return m
}

func cancelled(m model.Maintenance) model.Maintenance {
	m.State, m.Sequence, m.Updated = maintenance.Cancelled, 1, m.Updated.Add(time.Hour)
	return m
}

// failing18May is what the loud example is about.
func failing18May() model.Timeline {
	return happened(11, both("API requests and webhooks failing", "API istekleri ve webhook'lar başarısız oluyor"), incident.Major, about("API", "Webhooks"),
		said(incident.Identified, at(0, 11, 8), both(
			"A database connection pool ran out after this morning’s deploy and did not recover when load dropped. We are rolling the deploy back. Requests already accepted are safe and will be processed.",
			"Bu sabahki sürümden sonra veritabanı bağlantı havuzu tükendi ve yük düşünce toparlanmadı. Sürümü geri alıyoruz. Kabul edilen istekler güvende ve işlenecek.")),
		said(incident.Investigating, at(0, 10, 5), english(
			"About **70%** of API requests return 503. The web app loads but is slow to save. We have paused webhook deliveries so that none are lost; they will be sent in order.")),
		said(incident.Investigating, at(0, 9, 42), both("We see API requests failing and are looking into it. Next update by 10:15 UTC.",
			"API isteklerinin başarısız olduğunu görüyor ve inceliyoruz. Sonraki haber en geç 10:15 UTC.")),
	)
}

func reminders() model.Timeline {
	return happened(12, both("Reminders sent late", "Hatırlatmalar geç gönderildi"), incident.Minor, about("Email delivery"),
		said(incident.Resolved, at(-13, 8, 31), both("A queue worker stopped after a deploy. 214 reminders went out up to 46 minutes late; none were lost.",
			"Sürümden sonra bir kuyruk işleyicisi durdu. 214 hatırlatma en çok 46 dakika geç gitti; hiçbiri kaybolmadı.")),
		said(incident.Investigating, at(-13, 8, 10), both("We are looking into it.", "İnceliyoruz.")),
	)
}

func unreachable() model.Timeline {
	return happened(13, both("API and web app unreachable", "API ve web uygulamasına erişilemedi"), incident.Critical, about("API", "Web app"),
		said(incident.Resolved, at(-48, 6, 7), both("A routing change at our hosting provider cut us off for seven minutes.",
			"Barındırma sağlayıcımızdaki yönlendirme değişikliği bağlantımızı yedi dakika kesti.")),
		said(incident.Investigating, at(-48, 6, 0), both("We are looking into it.", "İnceliyoruz.")),
	)
}

// ancient is older than what a snapshot holds.
func ancient() model.Timeline {
	return happened(14, english("Bank import failing for Sparebank accounts"), incident.Minor, about("Bank import"),
		said(incident.Resolved, at(-150, 11, 4), english("The bank changed its certificate. Imports caught up on their own once we trusted the new one.")),
		said(incident.Investigating, at(-150, 10, 0), english("We are looking into it.")),
	)
}

func relay() model.Maintenance {
	return inProgress(work(21, both("Moving email delivery to a new relay", "E-posta gönderimi yeni aktarıcıya taşınıyor"),
		both("Mail is queued and leaves with a delay of up to 20 minutes.", "İletiler kuyrukta; en çok 20 dakika gecikmeyle çıkıyor."),
		at(0, 11, 0), at(0, 13, 0), model.Affected{ID: 4, Name: "Email delivery"}))
}

func upgrade() model.Maintenance {
	return work(22, both("Database upgrade to PostgreSQL 17", "Veritabanı PostgreSQL 17 sürümüne yükseltiliyor"),
		both("The app stays readable. Saving is paused for *about ten minutes* while we switch over.",
			"Uygulama okunabilir kalır. Geçiş sırasında kaydetme *yaklaşık on dakika* durur."),
		at(5, 2, 0), at(5, 3, 30), about("API", "Web app", "Database")[2], about("API")[0], about("API", "Web app")[1])
}

func overnight() model.Maintenance {
	return work(23, english("TLS certificate rotation"), nil, at(15, 22, 30), at(16, 1, 0))
}

func replicas() model.Maintenance {
	return completed(work(24, both("Moving read replicas to new hardware", "Okuma kopyaları yeni donanıma taşındı"),
		both("Completed as planned, no visible effect.", "Planlandığı gibi tamamlandı, görünür etkisi olmadı."),
		at(-6, 2, 0), at(-6, 3, 0), model.Affected{ID: 3, Name: "Database"}), at(-6, 2, 48))
}

func cutover() model.Maintenance {
	return cancelled(work(25, english("Office network cut-over"), english("A back\\slash; two, three: four"), at(-9, 7, 0), at(-9, 8, 0)))
}

// told puts what the loud example tells into facts.
func told(f snapshot.Facts) snapshot.Facts {
	f.Page.ID, f.Page.Created = 7, at(-200, 9, 0)
	f.Active = []model.Timeline{failing18May()}
	f.Past = []model.Timeline{reminders(), unreachable()}
	f.Upcoming = []model.Maintenance{relay(), upgrade(), overnight()}
	f.Ended = []model.Maintenance{replicas()}
	return f
}

// anatolia is what the Turkish example tells, in Turkish alone.
func anatolia(f snapshot.Facts) snapshot.Facts {
	turkish := func(text string) model.Text { return model.Text{"tr": text} }
	f.Active = []model.Timeline{happened(31, turkish("Web uygulamasında sayfalar geç açılıyor"), incident.Minor, about("Web uygulaması"),
		said(incident.Monitoring, at(0, 12, 20), turkish("Yavaşlığa yol açan rapor sorgusunu kapattık. Sayfalar yeniden hızlı açılıyor; iki saat boyunca izlemeyi sürdürüyoruz.")),
		said(incident.Identified, at(0, 11, 48), turkish("Ay sonu raporu önbelleği devre dışı kaldığı için her istek veritabanına gidiyor. Kayıt ve fatura kesme işlemleri çalışıyor, yalnızca sayfalar 3–5 saniye geç açılıyor.")),
		said(incident.Investigating, at(0, 11, 21), turkish("Sayfaların geç açıldığını görüyoruz, nedenini araştırıyoruz.")),
	)}
	f.Past = []model.Timeline{happened(32, turkish("API ve web uygulamasına erişilemedi"), incident.Critical, about("API", "Web uygulaması"),
		said(incident.Resolved, at(-7, 22, 11), turkish("Barındırma sağlayıcımızdaki yönlendirme değişikliği bağlantıyı 11 dakika kesti.")),
		said(incident.Investigating, at(-7, 22, 0), turkish("İnceliyoruz.")))}
	f.Upcoming = []model.Maintenance{inProgress(work(33, turkish("Entegratör geçişi"), turkish("e-Fatura gönderimi kuyrukta bekletiliyor; bakım bitince sırayla iletilecek."),
		at(0, 11, 0), at(0, 14, 0), model.Affected{ID: 5, Name: "e-Fatura ve e-Arşiv entegrasyonu"}))}
	return f
}

// night is a page of which the checks find nothing wrong while people are at work: several incidents, one of them long, and a window
// that takes longer than planned and covers nothing.
func night() snapshot.Facts {
	f := build(harbourline("night"), service("API", status.Operational, probe("Health endpoint", 142*ms)), service("Web app", status.Operational))
	var long []model.Update
	for i := range 9 {
		long = append(long, said(incident.Monitoring, at(0, 10, 50-5*i), english("Still watching. Nothing has changed since the last update, and nothing is lost.")))
	}
	f.Active = []model.Timeline{
		happened(41, english("Some invoices show wrong totals"), incident.Critical, about("Web app"), long...),
	}
	for i := range 3 {
		f.Active = append(f.Active, happened(42+i, english("A smaller thing"), incident.Minor, nil, long[:2+i]...))
	}
	f.Upcoming = []model.Maintenance{inProgress(work(46, english("Reindexing"), nil, at(0, 9, 0), at(0, 12, 0)))}
	return f
}

// formatted has Markdown of every kind, in an incident of a page where all is well.
func formatted() snapshot.Facts {
	f := build(harbourline("formatted"), service("API", status.Operational, probe("Health endpoint", 142*ms)))
	f.Active = []model.Timeline{happened(51, english("What *stars* stay in a title"), incident.Major, about("API"),
		said(incident.Identified, at(0, 12, 0), english("# Why\nA [report](https://harbourline.example/why) tells more.\n\n- first\n- second\n\n1. one\n2. two\n\n"+
			"> quoted\n\n```\ncode that is long enough to be too wide for a phone, in one line without an end, and then some more of it\n```\n\n"+
			"| what | until |\n| --- | --- |\n| saving | 12:30 |\n\n---\nThe end, `really`.")))}
	return f
}

// poisoned has a text in every text of incidents and windows, once as it is and once so long that it must break.
func poisoned(text, long string, f snapshot.Facts) snapshot.Facts {
	f.Page.Created = at(-100, 0, 0)
	for i, words := range []string{text, long} {
		t, affected := both(words, words+" tr"), []model.Affected{{ID: 1, Name: words}, {ID: 2, Name: "\u202e" + words}}
		f.Active = append(f.Active, happened(81+i, t, incident.Critical, affected, said(incident.Monitoring, at(0, 11, 0), t), said(incident.Investigating, at(0, 10, 0), t)))
		f.Past = append(f.Past, happened(83+i, t, incident.Minor, affected, said(incident.Resolved, at(-2, 11, 0), t), said(incident.Investigating, at(-2, 10, 0), t)))
		f.Upcoming = append(f.Upcoming, inProgress(work(85+i, t, t, at(0, 11, 0), at(0, 12, 0), affected...)), work(87+i, t, t, at(2, 11, 0), at(3, 12, 0), affected...))
		f.Ended = append(f.Ended, completed(work(89+i, t, t, at(-3, 1, 0), at(-3, 2, 0), affected...), at(-3, 2, 0)))
	}
	return f
}

// archive is everything that a page ever told, as the database would have it.
func (p pages) archive(slug string) (incidents []model.Timeline, windows []model.Maintenance) {
	s := p[slug]
	if s == nil {
		return nil, nil
	}
	incidents = slices.Concat(s.Facts.Active, s.Facts.Past)
	windows = slices.Concat(s.Facts.Ended, s.Facts.Upcoming)
	if slug == "outage" {
		incidents, windows = append(incidents, ancient()), append([]model.Maintenance{cutover()}, windows...)
	}
	return incidents, windows
}

func (p pages) PublicIncident(_ context.Context, slug string, id model.IncidentID) (model.Timeline, error) {
	incidents, _ := p.archive(slug)
	for _, t := range incidents {
		if t.ID == id {
			return t, nil
		}
	}
	return model.Timeline{}, model.ErrNotFound
}

func (p pages) PublicHistory(_ context.Context, slug string, within status.Interval) (h model.History, err error) {
	incidents, windows := p.archive(slug)
	for _, t := range incidents {
		if began := status.At(t.Started); began >= within.From && began < within.To {
			h.Incidents = append(h.Incidents, t)
		}
		if h.Earliest.IsZero() || t.Started.Before(h.Earliest) {
			h.Earliest = t.Started
		}
	}
	for _, m := range windows {
		if m.Start < within.To && m.End > within.From {
			h.Maintenances = append(h.Maintenances, m)
		}
	}
	return h, nil
}

func (p pages) PublicCalendar(_ context.Context, slug string) ([]model.Maintenance, error) {
	_, windows := p.archive(slug)
	return windows, nil
}
