package dashboard_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"statusd/app"
	"statusd/app/incident"
	"statusd/app/maintenance"
	"statusd/app/model"
	"statusd/app/web/browsertest"
)

// told is a page with open and past incidents and with windows in every state, and the addresses of the screens about them.
func (st *stage) told() map[string]string {
	st.t.Helper()
	ctx := st.t.Context()
	open := func(title, body model.Text, impact incident.Impact, components ...model.ComponentID) model.Timeline {
		i, err := st.app.CreateIncident(ctx, st.by, st.page.ID, func(d *app.IncidentDraft) error {
			d.Title, d.Body, d.Impact, d.Components = title, body, impact, components
			return nil
		})
		st.must(err)
		return i
	}
	post := func(id model.IncidentID, to incident.Status, body model.Text) {
		_, err := st.app.PostUpdate(ctx, st.by, id, func(d *app.UpdateDraft) error {
			d.Status, d.Body, d.Notify = to, body, to != incident.Monitoring
			return nil
		})
		st.must(err)
	}
	past := open(model.Text{"en": longName, "tr": "Faturalar PDF olarak indirilemiyor"}, model.Text{"en": "Short."}, incident.Critical)
	post(past.ID, incident.Resolved, model.Text{"en": "Over."})
	main := open(model.Text{"en": "API requests and webhooks fail", "tr": "API istekleri ve web kancaları başarısız"}, model.Text{"en": "About **70%** of requests return 503.", "tr": "İsteklerin yaklaşık **%70**’i 503 dönüyor."},
		incident.Major, st.components[0].ID, st.components[1].ID)
	post(main.ID, incident.Identified, model.Text{"en": "A pool ran out after the deploy:\n\n- we roll it back\n- requests that were accepted are safe\n\n" + longName})
	post(main.ID, incident.Monitoring, model.Text{"en": "The rollback is complete.", "tr": "Geri alma tamamlandı; hata oranı olağan."})

	window := func(title, about model.Text, in, lasts time.Duration, auto bool, components ...model.ComponentID) model.Maintenance {
		start := time.Now().Add(in).Truncate(time.Minute)
		m, err := st.app.CreateMaintenance(ctx, st.by, st.page.ID, func(d *app.MaintenanceDraft) error {
			d.Title, d.Description, d.Start, d.End, d.AutoComplete, d.Components = title, about, start, start.Add(lasts), auto, components
			return nil
		})
		st.must(err)
		return m
	}
	about := model.Text{"en": "Saving is **paused** for some minutes at a time.", "tr": "Kaydetme, arada birkaç dakika **durur**."}
	next := window(model.Text{"en": "Database upgrade to PostgreSQL 17", "tr": "Veritabanı PostgreSQL 17’ye yükseltiliyor"}, about, 96*time.Hour, 90*time.Minute, true, st.components[1].ID)
	window(model.Text{"en": longName}, nil, 300*time.Hour, 15*time.Minute, true)
	now := window(model.Text{"en": "Moving to a new relay", "tr": "Yeni sunucuya taşınma"}, about, time.Hour, 2*time.Hour, false, st.components[2].ID)
	_, err := st.app.StartMaintenance(ctx, st.by, now.ID)
	st.must(err)
	done := window(model.Text{"en": "Office network cut-over", "tr": "Ofis ağının değişimi"}, nil, time.Hour, time.Hour, true)
	_, err = st.app.CancelMaintenance(ctx, st.by, done.ID)
	st.must(err)
	return map[string]string{
		"overview": st.path(""), "incidents": st.path("/incidents"), "incident-new": st.path("/incidents/new"), "incident": st.incidentPath(main.ID, ""),
		"incident-past": st.incidentPath(past.ID, ""), "incident-edit": st.incidentPath(main.ID, "/edit"), "incident-resolve": st.incidentPath(main.ID, "/resolve"),
		"incident-delete": st.incidentPath(past.ID, "/delete"), "update-edit": st.incidentPath(main.ID, "/updates/"+main.Updates[0].ID.String()+"/edit"),
		"update-delete": st.incidentPath(main.ID, "/updates/"+main.Updates[0].ID.String()+"/delete"),
		"maintenance":   st.path("/maintenance"), "maintenance-new": st.path("/maintenance/new"), "window": st.windowPath(now.ID, ""), "window-next": st.windowPath(next.ID, ""),
		"window-edit": st.windowPath(next.ID, "/edit"), "window-edit-now": st.windowPath(now.ID, "/edit"), "window-cancel": st.windowPath(next.ID, "/cancel"), "window-delete": st.windowPath(next.ID, "/delete"),
	}
}

// TestTheScreensOfNewsForEverybody looks at each with axe-core. STATUSD_NEWS_SHOTS is a folder for pictures of all of them, in every way of looking.
func TestTheScreensOfNewsForEverybody(t *testing.T) {
	st := newStage(t, "API", "Veritabanı", "Webhooks", "Bank import")
	st.inZone("Europe/Berlin")
	screens := st.told()
	empty := *st
	empty.page = st.lab.page("quiet", "API")
	screens["incidents-empty"], screens["maintenance-empty"] = empty.path("/incidents"), empty.path("/maintenance")
	folder := os.Getenv("STATUSD_NEWS_SHOTS")
	for _, lang := range []string{"en", "tr"} {
		tab := st.tab()
		tab.Speak(lang, "Europe/Berlin")
		for look, as := range map[string]browsertest.Look{
			"phone": {Width: 390, Height: 844, Touch: true, Dark: lang == "tr"}, "wide": {Width: 1280, Height: 900, Dark: lang == "en"},
			"phone-other": {Width: 390, Height: 844, Touch: true, Dark: lang == "en"}, "wide-other": {Width: 1280, Height: 900, Dark: lang == "tr"},
		} {
			if folder == "" && look != "phone" {
				continue
			}
			tab.As(as)
			for name, path := range screens {
				tab.Open(st.url + path)
				tab.Wait(`document.querySelector("[data-ready]") === null || [...document.querySelectorAll(".ready")].every((r) => r.hidden || r.textContent !== "")`)
				if folder != "" {
					tab.Shot(filepath.Join(folder, name+"-"+lang+"-"+look+".png"))
				}
				judge(t, tab, name+" in "+lang+", "+look)
			}
		}
	}
}

// TestAnIncidentIsToldInTurkish walks from the button in the list to the end of an incident, as somebody does who reads Turkish.
func TestAnIncidentIsToldInTurkish(t *testing.T) {
	st := newStage(t, "API", "Web")
	st.subscribed(model.TopicAll)
	st.subscribed(model.TopicIncidents, st.components[0].ID)
	tab := st.tab()
	tab.Speak("tr", "Europe/Istanbul")
	tab.Open(st.url + st.path("/incidents"))
	tab.Click(".page-head .button-primary")
	tab.Wait(`document.querySelector(".language-switch:not([hidden])") !== null && document.querySelector("#f-title-en").checkVisibility() === false`)
	tab.Type("#f-title-tr", "Istanbul bağlantısı yavaş")
	tab.Click(`[name=component][value="` + st.components[1].ID.String() + `"]`)
	tab.Wait(`document.querySelector("#f-notify-help").textContent === "1 aboneye haber verilecek."`)
	tab.Type("#f-body-tr", "Nedenini **arıyoruz**.")
	tab.Wait(`document.querySelector("[data-lang=tr] .ready strong")?.textContent === "arıyoruz"`)
	tab.Click(`[data-wording] [value=en]`)
	tab.Wait(`document.querySelector("#f-title-en").checkVisibility() && document.querySelector("#f-body-en").checkVisibility() && !document.querySelector("#f-body-tr").checkVisibility()`)
	if empty := browsertest.Eval[string](tab, `[...document.querySelectorAll(".language-switch label")].map((l) => l.innerText.replace(/\s+/g, " ").trim()).join("; ")`); empty != "English boş; Türkçe; English boş; Türkçe" {
		t.Errorf("the tabs say %q", empty)
	}
	tab.Click(".form-actions button[type=submit]")
	tab.Wait(`document.querySelector(".toasts").textContent.includes("Olay yayınlandı.")`)
	tab.Click(".segmented [value=monitoring]")
	tab.Type("#f-body-tr", "Düzeldi, izliyoruz.")
	tab.Click(`.panel-body .button-primary`)
	tab.Wait(`document.querySelector(".toasts").textContent.includes("Güncelleme yayınlandı.")`)
	tab.Click(`.page-head a[href$="/resolve"]`)
	tab.Wait(`document.querySelector("dialog[open] textarea[lang=tr]")?.value.startsWith("Sorun giderildi")`)
	judge(t, tab, "the dialog that resolves")
	tab.Click("dialog .button-primary")
	tab.Wait(`document.querySelector(".toasts").textContent.includes("Olay çözüldü.")`)
	i := st.incidents()[0]
	if i.Open() || len(i.Updates) != 3 || i.Title["tr"] != "Istanbul bağlantısı yavaş" || i.Title["en"] != "" || i.Updates[0].Body["en"] == "" || len(i.Affected) != 1 {
		t.Errorf("%+v", i)
	}
}

// TestAWindowIsScheduledStartedAndCompleted walks a window from its form to its end.
func TestAWindowIsScheduledStartedAndCompleted(t *testing.T) {
	st := newStage(t, "API")
	zone := st.inZone("America/New_York")
	tab := st.tab()
	tab.Open(st.url + st.path("/maintenance/new"))
	tab.Type("#f-title-en", "Database upgrade")
	tab.Click("[name=component]")
	start := time.Now().In(zone).AddDate(0, 0, 2).Format("2006-01-02") + "T22:00"
	for name, value := range map[string]string{"scheduledStart": start, "scheduledEnd": start[:11] + "23:30"} {
		browsertest.Eval[any](tab, `void (document.querySelector("#f-`+name+`").value = "`+value+`")`)
	}
	tab.Click(".form-actions button[type=submit]")
	tab.Wait(`document.querySelector(".toasts").textContent.includes("The maintenance is scheduled.")`)
	if m := st.windows()[0]; m.Start.Time().In(zone).Format(wall) != start || m.End.Sub(m.Start) != 90*time.Minute {
		t.Errorf("%v %v", m.Start.Time().In(zone), m.End.Sub(m.Start))
	}
	tab.Click(`.page-head a[href$="/start"]`)
	tab.Wait(`document.activeElement?.matches("dialog[open] [data-cancel]")`)
	judge(t, tab, "the question before a start")
	tab.Click("dialog button[type=submit]")
	tab.Wait(`document.querySelector(".toasts").textContent.includes("The maintenance has started.")`)
	tab.Open(st.url + st.path("/components"))
	tab.Wait(`document.querySelector("main [data-status=maintenance]") !== null`)
	tab.Open(st.url + st.path("/maintenance"))
	tab.Click(`.row-acts a[href$="/complete"]`)
	tab.Wait(`document.querySelector("dialog[open]") !== null`)
	tab.Click("dialog button[type=submit]")
	tab.Wait(`document.querySelector(".toasts").textContent.includes("The maintenance is completed.")`)
	if m := st.windows()[0]; m.State != maintenance.Completed || m.Began == 0 {
		t.Errorf("%+v", m)
	}
}

// TestOpenScreensOfNewsKeepUp: what somebody else posts, or time brings, is shown by itself, and what is being typed stays.
func TestOpenScreensOfNewsKeepUp(t *testing.T) {
	st := newStage(t, "API")
	i := st.opened()
	m := st.planned(st.inZone("America/New_York"))
	list, one, window := st.tab(), st.tab(), st.tab()
	list.Open(st.url + st.path("/incidents"))
	one.Open(st.url + st.incidentPath(i.ID, ""))
	window.Open(st.url + st.windowPath(m.ID, ""))
	one.Type("#f-body-en", "I am still typing")
	for _, tab := range []*browsertest.Tab{list, one, window} {
		browsertest.Eval[bool](tab, `(window.still = true)`)
	}
	_, err := st.app.PostUpdate(t.Context(), st.by, i.ID, func(d *app.UpdateDraft) error {
		d.Status, d.Body = incident.Resolved, model.Text{"en": "somebody else was quicker"}
		return nil
	})
	st.must(err)
	_, err = st.app.StartMaintenance(t.Context(), st.by, m.ID)
	st.must(err)
	list.Wait(`document.querySelector("#past") !== null && document.querySelector("#open") === null`)
	one.Wait(`document.querySelector(".timeline").textContent.includes("somebody else was quicker") && document.querySelector(".page-head a[href$='/reopen']") !== null`)
	window.Wait(`document.querySelector(".page-head a[href$='/complete']") !== null`)
	if typed := browsertest.Eval[string](one, `document.querySelector("#f-body-en").value`); typed != "I am still typing" {
		t.Errorf("what was typed is %q", typed)
	}
	for _, tab := range []*browsertest.Tab{list, one, window} {
		if !browsertest.Eval[bool](tab, `window.still === true`) {
			t.Error("an open screen was loaded anew")
		}
	}
}

func TestAnErrorInAHiddenLanguageIsReached(t *testing.T) {
	st := newStage(t, "API")
	tab := st.tab()
	tab.Open(st.url + st.path("/incidents/new"))
	tab.Wait(`document.querySelector(".language-switch:not([hidden])") !== null`)
	browsertest.Eval[any](tab, `void (document.querySelector("#f-title-tr").value = "`+strings.Repeat("x", 201)+`", document.querySelector("#f-body-en").value = "b")`)
	tab.Click(".form-actions button[type=submit]")
	tab.Wait(`document.querySelector(".form-errors a") !== null && document.querySelector(".language-switch:not([hidden])") !== null`)
	tab.Click(`[data-wording] [value=en]`)
	tab.Wait(`!document.querySelector("#f-title-tr").checkVisibility()`)
	tab.Click(".form-errors a")
	tab.Wait(`document.activeElement?.id === "f-title-tr"`)
}
