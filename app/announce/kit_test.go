package announce_test

import (
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"statusd/app/announce"
	"statusd/app/incident"
	"statusd/app/locale"
	"statusd/app/maintenance"
	"statusd/app/model"
	"statusd/app/status"
	"statusd/app/web/browsertest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(browsertest.Package{M: m}) }

var update = flag.Bool("update", false, "write the golden files anew")

var assets fs.FS = os.DirFS("../../assets")

// newHerald is a Herald with everything it can have.
func newHerald(t testing.TB) *announce.Herald {
	t.Helper()
	words, err := locale.Load(assets)
	if err != nil {
		t.Fatal(err)
	}
	words.Missing = func(lang, key string, err error) { t.Errorf("%s: %s: %v", lang, key, err) }
	h := announce.New(words.Languages(), words)
	if err := h.Load(assets); err != nil {
		t.Fatal(err)
	}
	return h
}

// golden compares a text with a file of testdata.
func golden(t *testing.T, file, got string) {
	t.Helper()
	file = filepath.Join("testdata", file)
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs; run the test with -update and look at what has changed:\n%s", file, diff)
	}
}

var noon = time.Date(2026, 5, 18, 12, 34, 56, 0, time.UTC)

func examplePage() model.Page {
	return model.Page{
		ID: 7, Name: "harbourline", Slug: "harbourline", TimeZone: "Europe/Berlin",
		Branding: model.Branding{DisplayName: "Harbourline", PrimaryColor: "#0f766e"},
	}
}

func exampleLinks() announce.Links {
	return announce.Links{
		Page: "https://status.example/p/harbourline", Subject: "https://status.example/p/harbourline/incidents/k3v9q2m1",
		Preferences: "https://status.example/p/harbourline/preferences?token=swhs_preferences",
		Unsubscribe: "https://status.example/p/harbourline/unsubscribe?token=swhs_unsubscribe&x=1",
	}
}

func exampleIncident() model.Incident {
	return model.Incident{
		ID: 41, Page: 7, Impact: incident.Major, Status: incident.Identified, Source: incident.Manual,
		Title: model.Text{"en": "API requests and webhooks fail", "tr": "API istekleri ve webhook'lar başarısız oluyor"},
	}
}

func exampleUpdate(id model.UpdateID, s incident.Status, minutes int) model.Update {
	bodies := map[incident.Status]model.Text{
		incident.Investigating: {
			"en": "About 70% of API requests return 503. The web app loads but is slow to save.",
			"tr": "API isteklerinin yaklaşık %70'i 503 yanıtı alıyor. Web uygulaması açılıyor ama yavaş kaydediyor.",
		},
		incident.Identified: {
			"en": "A **database connection pool** ran out after this morning's deploy and did not recover when load dropped.\n\n- We are rolling the deploy back.\n- Requests already accepted are safe and *will* be processed, including those that were accepted while the queue was full.\n\nHow to retry safely: [idempotency keys](https://docs.example/idempotency).",
			"tr": "Bu sabahki sürümden sonra **veritabanı bağlantı havuzu** tükendi ve yük azalınca da toparlanmadı.\n\n- Sürümü geri alıyoruz.\n- Kabul edilmiş istekler güvende ve işlenecek.\n\nGüvenle yeniden deneme: [idempotency anahtarları](https://docs.example/idempotency).",
		},
		incident.Monitoring: {"en": "The rollback is through. We are watching the error rate.", "tr": "Geri alma tamamlandı. Hata oranını izliyoruz."},
		incident.Resolved:   {"en": "No errors for an hour. This is over.", "tr": "Bir saattir hata yok. Sorun giderildi."},
	}
	return model.Update{ID: id, Incident: 41, Page: 7, Status: s, Body: bodies[s], Notify: true, Created: noon.Add(time.Duration(minutes) * time.Minute)}
}

func exampleWindow() model.Maintenance {
	return model.Maintenance{
		ID: 5, Page: 7,
		Title:       model.Text{"en": "Moving email delivery to a new relay", "tr": "E-posta gönderimi yeni sunucuya taşınıyor"},
		Description: model.Text{"en": "Mail is queued and leaves with a delay of up to 20 minutes.", "tr": "E-postalar kuyruğa alınır ve en çok 20 dakika gecikmeyle gönderilir."},
		Window: maintenance.Window{
			State: maintenance.Scheduled, Start: status.At(time.Date(2026, 5, 20, 22, 0, 0, 0, time.UTC)), End: status.At(time.Date(2026, 5, 20, 23, 30, 0, 0, time.UTC)),
		},
	}
}

func toldOfUpdate(t testing.TB, h *announce.Herald, u model.Update, lang string, earlier ...model.Update) announce.Told {
	t.Helper()
	e, err := h.Incident(examplePage(), exampleIncident(), u, u.Created)
	if err != nil {
		t.Fatal(err)
	}
	return announce.Told{Event: e, Page: examplePage(), Affected: []string{"API", "Webhooks"}, Earlier: earlier, Links: exampleLinks(), Lang: lang}
}

func toldOfWindow(t testing.TB, h *announce.Herald, state maintenance.State, step maintenance.Step, lang string) announce.Told {
	t.Helper()
	m := exampleWindow()
	m.State = state
	e, err := h.Maintenance(examplePage(), m, step, noon)
	if err != nil {
		t.Fatal(err)
	}
	links := exampleLinks()
	links.Subject = ""
	return announce.Told{Event: e, Page: examplePage(), Affected: []string{"Email delivery"}, Links: links, Lang: lang}
}

// storm is several automatic incidents, each told of once, and the first of them once more.
func storm(t testing.TB, h *announce.Herald, n int, lang string) (list []announce.Told) {
	t.Helper()
	for i := range n {
		name := []string{"API", "Webhooks", "Web app", "Database"}[i%4]
		status, body := incident.Investigating, h.Opened(name, []string{"GET /health"})
		if i%4 == 3 {
			status, body = incident.Resolved, h.Resolved(name)
		}
		inc := model.Incident{ID: model.IncidentID(100 + i), Impact: incident.Major, Source: incident.Auto, Title: h.Title(name)}
		e, err := h.Incident(examplePage(), inc, model.Update{ID: model.UpdateID(i + 1), Status: status, Body: body, Created: noon}, noon)
		if err != nil {
			t.Fatal(err)
		}
		e.Seq = int64(i + 1)
		list = append(list, announce.Told{Event: e, Page: examplePage(), Affected: []string{name}, Links: exampleLinks(), Lang: lang})
	}
	return list
}
