package announce_test

import (
	"fmt"
	"html"
	"strings"
	"sync"
	"testing"
	"time"

	"statusd/app/announce"
	"statusd/app/incident"
	"statusd/app/maintenance"
	"statusd/app/model"
)

// examples are one letter of each kind.
func examples(t testing.TB, h *announce.Herald, lang string) map[string]announce.Letter {
	t.Helper()
	out := map[string]announce.Letter{}
	add := func(name string, l announce.Letter, err error) {
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		out[name] = l
	}
	for name, told := range toldExamples(t, h, lang) {
		l, err := h.Mail(told)
		add(name, l, err)
	}
	l, err := h.Digest(storm(t, h, 4, lang))
	add("digest", l, err)
	l, err = h.Confirmation(examplePage(), lang, "https://status.example/p/harbourline/confirm?token=abc")
	add("confirmation", l, err)
	l, err = h.AlreadySubscribed(examplePage(), lang, exampleLinks().Preferences)
	add("already", l, err)
	l, err = h.Invitation("Papertrail", "Mara Lind", lang, "https://status.example/invite/abc", noon.Add(7*24*time.Hour))
	add("invitation", l, err)
	l, err = h.Test(lang)
	add("test", l, err)
	return out
}

// toldExamples are one event of each type.
func toldExamples(t testing.TB, h *announce.Herald, lang string) map[string]announce.Told {
	t.Helper()
	first, second, third := exampleUpdate(1, incident.Investigating, -90), exampleUpdate(2, incident.Identified, 0), exampleUpdate(3, incident.Resolved, 700)
	return map[string]announce.Told{
		"incident.updated":      toldOfUpdate(t, h, second, lang, first),
		"incident.resolved":     toldOfUpdate(t, h, third, lang, second, first),
		"maintenance.scheduled": toldOfWindow(t, h, maintenance.Scheduled, 0, lang),
		"maintenance.reminder":  toldOfWindow(t, h, maintenance.Scheduled, maintenance.Remind, lang),
		"maintenance.started":   toldOfWindow(t, h, maintenance.InProgress, maintenance.Start, lang),
		"maintenance.completed": toldOfWindow(t, h, maintenance.Completed, maintenance.Complete, lang),
		"maintenance.cancelled": toldOfWindow(t, h, maintenance.Cancelled, maintenance.Cancel, lang),
	}
}

func TestLettersAreThoseOfTheGoldenFiles(t *testing.T) {
	h := newHerald(t)
	for _, lang := range []string{"en", "tr"} {
		for name, l := range examples(t, h, lang) {
			golden(t, lang+"/"+name+".html", l.HTML)
			golden(t, lang+"/"+name+".txt", "Subject: "+l.Subject+"\n\n"+l.Text)
		}
	}
}

func TestEveryEventTypeHasALetter(t *testing.T) {
	told := toldExamples(t, newHerald(t), "en")
	for _, typ := range model.EventTypes() {
		if got := told[typ.String()].Event.Type; got != typ {
			t.Errorf("%s: the example is of %s", typ, got)
		}
	}
}

func TestTheSubjectStaysTheSameThroughAnIncidentAndThroughAWindow(t *testing.T) {
	subjects := map[string]map[string]bool{}
	h := newHerald(t)
	for name, told := range toldExamples(t, h, "en") {
		l, err := h.Mail(told)
		if err != nil {
			t.Fatal(err)
		}
		topic, _, _ := strings.Cut(name, ".")
		if subjects[topic] == nil {
			subjects[topic] = map[string]bool{}
		}
		subjects[topic][l.Subject] = true
	}
	if len(subjects["incident"]) != 1 || !subjects["incident"]["[Harbourline] API requests and webhooks fail"] || len(subjects["maintenance"]) != 1 {
		t.Errorf("subjects %v", subjects)
	}
}

func TestMessagesAreThoseOfTheGoldenFiles(t *testing.T) {
	h := newHerald(t)
	for _, lang := range []string{"en", "tr"} {
		for name, told := range toldExamples(t, h, lang) {
			message, err := h.Chat(told)
			if err != nil {
				t.Fatal(err)
			}
			golden(t, lang+"/"+name+".chat.html", message+"\n")
		}
		message, err := h.ChatDigest(storm(t, h, 4, lang))
		if err != nil {
			t.Fatal(err)
		}
		golden(t, lang+"/digest.chat.html", message+"\n")
		golden(t, lang+"/welcome.chat.html", h.ChatWelcome(examplePage(), lang, exampleLinks())+"\n")
	}
}

func TestADigestTellsTheNewestOfEachIncidentAndFirstWhatIsOpen(t *testing.T) {
	h := newHerald(t)
	list := storm(t, h, 3, "en")
	again := list[0]
	e, err := h.Incident(examplePage(), model.Incident{ID: 100, Impact: incident.Major, Title: h.Title("API")},
		model.Update{ID: 9, Status: incident.Resolved, Body: h.Resolved("API"), Created: noon}, noon)
	if err != nil {
		t.Fatal(err)
	}
	e.Seq = 9
	again.Event = e
	l, err := h.Digest([]announce.Told{again, list[0], list[1], list[2]})
	if err != nil {
		t.Fatal(err)
	}
	webhooks, api := strings.Index(l.Text, "- Webhooks is down"), strings.Index(l.Text, "- API is down")
	if !strings.Contains(l.Subject, "3 incidents") || strings.Count(l.Text, "- API is down") != 1 || webhooks < 0 || webhooks > api {
		t.Errorf("%s\n%s", l.Subject, l.Text)
	}
}

func TestADigestOfOneIncidentIsItsMail(t *testing.T) {
	h := newHerald(t)
	list := storm(t, h, 1, "en")
	want, err := h.Mail(list[0])
	if err != nil {
		t.Fatal(err)
	}
	if got, err := h.Digest([]announce.Told{list[0], list[0]}); err != nil || got != want {
		t.Errorf("%v\n%s", err, got.Text)
	}
	if _, err := h.Digest(nil); err == nil {
		t.Error("a digest of nothing was written")
	}
	if _, err := h.ChatDigest(nil); err == nil {
		t.Error("a message about nothing was written")
	}
}

func TestEachReaderGetsTheirOwnLinksAndWhatHasChangedSince(t *testing.T) {
	h := newHerald(t)
	told := toldOfUpdate(t, h, exampleUpdate(1, incident.Investigating, 0), "en")
	write := func() announce.Letter {
		l, err := h.Mail(told)
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	mine := write()
	told.Links.Unsubscribe, told.Links.Preferences = "https://status.example/other", ""
	theirs := write()
	if strings.Contains(theirs.HTML+theirs.Text, "swhs_") || !strings.Contains(theirs.HTML, "https://status.example/other") || !strings.Contains(theirs.Text, "https://status.example/other") {
		t.Errorf("another reader's links:\n%s", theirs.Text)
	}
	if n, m := mine.SharedText, mine.SharedHTML; n < 200 || m < 1000 || mine.Text[:n] != theirs.Text[:n] || mine.HTML[:m] != theirs.HTML[:m] {
		t.Errorf("%d bytes of text and %d of HTML are not what both got", n, m)
	}
	told.Links = exampleLinks()
	for name, change := range map[string]func(){
		"the language":   func() { told.Lang = "tr" },
		"the page":       func() { told.Page.Branding.PrimaryColor = "#dc2626" },
		"the names":      func() { told.Affected = []string{"Billing"} },
		"the past":       func() { told.Earlier = []model.Update{exampleUpdate(0, incident.Investigating, -9)} },
		"the incident":   func() { told.Links.Subject = "https://status.example/else" },
		"the page's URL": func() { told.Links.Page = "https://status.example/else" },
	} {
		before := write()
		if change(); write() == before {
			t.Errorf("%s changed and the letter did not", name)
		}
	}
	if mine == write() {
		t.Error("nothing changed")
	}
}

func TestTimesAreInThePagesZoneAndInUTC(t *testing.T) {
	h := newHerald(t)
	for zone, want := range map[string]string{
		"Europe/Berlin": "14:34 CEST (12:34\u00a0UTC)", "Asia/Kolkata": "18:04 IST (12:34\u00a0UTC)", "Europe/Istanbul": "15:34 UTC+3 (12:34\u00a0UTC)",
		"Pacific/Kiritimati": "19 May 2026, 02:34 UTC+14 (18\u00a0May,\u00a012:34\u00a0UTC)", "UTC": "12:34 UTC</p>", "No/Where": "12:34 UTC</p>",
	} {
		told := toldOfUpdate(t, h, exampleUpdate(1, incident.Investigating, 0), "en")
		told.Page.TimeZone = zone
		if l, err := h.Mail(told); err != nil || !strings.Contains(html.UnescapeString(l.HTML), want) {
			t.Errorf("%s: %v, no %q in\n%s", zone, err, want, l.Text)
		}
	}
}

func TestAHeraldWithoutTemplatesWritesToNobody(t *testing.T) {
	h := announce.New([]string{"en"}, nil)
	if _, err := h.Mail(announce.Told{}); err == nil {
		t.Error("a mail was written")
	}
	if _, err := h.Test("en"); err == nil {
		t.Error("a test was written")
	}
	if _, err := h.Chat(announce.Told{}); err == nil {
		t.Error("a message was written")
	}
	if err := h.Load(assets); err == nil {
		t.Error("templates were read without words")
	}
}

func TestWhatCannotBeReadIsAnError(t *testing.T) {
	h := newHerald(t)
	told := announce.Told{Event: model.Event{Type: model.IncidentUpdated, Payload: []byte("{")}, Page: examplePage(), Lang: "en"}
	if _, err := h.Mail(told); err == nil {
		t.Error("a mail was written")
	}
	if _, err := h.Chat(told); err == nil {
		t.Error("a message was written")
	}
}

// BenchmarkMail is what a letter costs each of many readers.
func BenchmarkMail(b *testing.B) {
	h := newHerald(b)
	told := toldOfUpdate(b, h, exampleUpdate(2, incident.Identified, 0), "en", exampleUpdate(1, incident.Investigating, -60))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := h.Mail(told); err != nil {
			b.Fatal(err)
		}
	}
}

func TestManyAreWrittenToAtOnce(t *testing.T) {
	h := newHerald(t)
	var readers sync.WaitGroup
	for i := range 40 {
		told := toldOfUpdate(t, h, exampleUpdate(1, incident.Investigating, 0), []string{"en", "tr"}[i%2])
		told.Links.Unsubscribe = fmt.Sprintf("https://status.example/leave/%d", i)
		readers.Go(func() {
			if l, err := h.Mail(told); err != nil || !strings.Contains(l.Text, told.Links.Unsubscribe+"\n") || !strings.Contains(l.HTML, `lang="`+told.Lang+`"`) {
				t.Errorf("%s: %v\n%s", told.Links.Unsubscribe, err, l.Text)
			}
		})
	}
	readers.Wait()
}
