package public_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"statusd/app"
	"statusd/app/incident"
	"statusd/app/locale"
	"statusd/app/model"
	"statusd/app/web"
	"statusd/app/web/public"
	"statusd/app/web/view"
	looking "statusd/probe"
	"statusd/store/storetest"
)

// product is the whole thing behind the public pages: a store, the use cases, the edge.
type product struct {
	*testing.T
	app  *app.App
	by   model.Actor
	page model.Page
	site http.Handler
}

func newProduct(t *testing.T) *product {
	t.Helper()
	p := &product{T: t}
	prober := looking.New(looking.Options{})
	t.Cleanup(prober.Close)
	assets := os.DirFS("../../../assets")
	words := try(locale.Load(assets))(t)
	log := slog.New(slog.DiscardHandler)
	p.app = try(app.New(t.Context(), app.Config{Store: storetest.New(t), Prober: prober, Log: log, Languages: words.Languages(), Words: words}))(t)
	if err := p.app.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.app.Stop(context.Background()) })
	v := try(view.New(assets, words))(t)
	base := try(url.Parse("https://base.example/status"))(t)
	conf := web.Config{App: p.app, Log: log, View: v, BaseURL: base}
	conf.Routes = []web.Routes{public.New(public.Config{Pages: p.app, Locales: words, View: v, Place: conf.Place(), Log: log}).Register}
	p.site = web.New(conf)
	p.by = model.Actor{Workspace: try(p.app.AddWorkspace(t.Context(), "Shop"))(t).ID, Role: model.Owner, Admin: true, Name: "test"}
	p.page = try(p.app.CreatePage(t.Context(), p.by, func(page *model.Page) error {
		page.Name, page.Slug, page.CustomDomain = "Shop", "shop", "status.shop.example"
		return nil
	}))(t)
	return p
}

func try[T any](value T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

func (p *product) get(url string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	p.site.ServeHTTP(w, httptest.NewRequest(http.MethodGet, url, nil))
	return w
}

// tell says whether each address tells of a text.
func (p *product) tell(text string, want bool, urls ...string) {
	p.Helper()
	for _, url := range urls {
		w := p.get(url)
		if got := w.Code == http.StatusOK && strings.Contains(w.Body.String(), text); got != want {
			p.Errorf("%s: %d, tells of %q: %v", url, w.Code, text, got)
		}
	}
}

func TestAnIncidentIsToldEverywhereAtOnceAndGoneAtOnce(t *testing.T) {
	p := newProduct(t)
	const base, own = "https://base.example/status/p/shop", "https://status.shop.example"
	p.tell("All systems", false, base, own+"/") // nothing is known yet; and everything is rendered once
	told := try(p.app.CreateIncident(t.Context(), p.by, p.page.ID, func(d *app.IncidentDraft) error {
		d.Title, d.Impact, d.Status, d.Body = both("Broken till", "Kasa bozuk"), incident.Critical, incident.Investigating, both("We look.", "Bakıyoruz.")
		return nil
	}))(t)
	at := "/incidents/" + told.ID.String()
	everywhere := []string{base, base + at, base + "/history", base + "/feed.atom", base + "/feed.rss", own + "/", own + at, own + "/history", own + "/feed.atom", own + "/feed.rss"}
	p.tell("Broken till", true, everywhere...)
	p.tell("Kasa bozuk", true, base+"?lang=tr", own+at+"?lang=tr", own+"/feed.rss?lang=tr")
	p.tell("Critical incident: investigating", true, base, base+"/embed")

	try(p.app.PostUpdate(t.Context(), p.by, told.ID, func(d *app.UpdateDraft) error {
		d.Status, d.Body = incident.Resolved, both("It is over.", "Geçti.")
		return nil
	}))(t)
	p.tell("It is over.", true, everywhere...)
	p.tell("Critical incident", false, base, base+"/embed")

	if err := p.app.DeleteIncident(t.Context(), p.by, told.ID); err != nil {
		t.Fatal(err)
	}
	p.tell("Broken till", false, everywhere...)
	if w := p.get(own + at); w.Code != http.StatusNotFound || !strings.Contains(w.Body.String(), "There is nothing here.") {
		t.Errorf("a deleted incident: %d", w.Code)
	}
}

func TestACancelledWindowStaysInCalendarsWithAHigherSequence(t *testing.T) {
	p := newProduct(t)
	const calendar = "https://status.shop.example/maintenance.ics"
	read := func() readEvent {
		got := calendarByGo(t, p.get(calendar).Body.Bytes())
		if len(got.Entries) != 1 {
			t.Fatalf("got %+v", got)
		}
		return got.Entries[0]
	}
	begin := time.Now().Add(48 * time.Hour).Truncate(time.Second)
	window := try(p.app.CreateMaintenance(t.Context(), p.by, p.page.ID, func(d *app.MaintenanceDraft) error {
		d.Title, d.Start, d.End = english("New shelves"), begin, begin.Add(time.Hour)
		return nil
	}))(t)
	first := read()
	if first.Begin != begin.UTC().Format(time.RFC3339) || first.Status != "CONFIRMED" || first.Link != "https://status.shop.example/?lang=en" {
		t.Errorf("planned: %+v", first)
	}
	p.tell("New shelves", true, "https://status.shop.example/")

	try(p.app.UpdateMaintenance(t.Context(), p.by, window.ID, func(d *app.MaintenanceDraft) error {
		d.End = begin.Add(2 * time.Hour)
		return nil
	}))(t)
	moved := read()
	if moved.ID != first.ID || moved.Sequence <= first.Sequence || moved.End != begin.Add(2*time.Hour).UTC().Format(time.RFC3339) {
		t.Errorf("moved: %+v", moved)
	}

	try(p.app.CancelMaintenance(t.Context(), p.by, window.ID))(t)
	gone := read()
	if gone.ID != first.ID || gone.Sequence <= moved.Sequence || gone.Status != "CANCELLED" {
		t.Errorf("cancelled: %+v", gone)
	}
	p.tell("New shelves", false, "https://status.shop.example/")
}

func TestTheBannerTellsOfWorkFromItsStartToItsEnd(t *testing.T) {
	p := newProduct(t)
	const page = "https://base.example/status/p/shop"
	begin := time.Now().Add(2 * time.Hour)
	window := try(p.app.CreateMaintenance(t.Context(), p.by, p.page.ID, func(d *app.MaintenanceDraft) error {
		d.Title, d.Start, d.End = english("New shelves"), begin, begin.Add(time.Hour)
		return nil
	}))(t)
	p.tell("Upcoming maintenance", true, page)
	p.tell("Maintenance in progress", false, page, page+"/embed")

	try(p.app.StartMaintenance(t.Context(), p.by, window.ID))(t)
	p.tell("Upcoming maintenance", false, page)
	p.tell("Maintenance in progress", true, page, page+"/embed")
	p.tell(`class="banner"`, true, page)

	try(p.app.CompleteMaintenance(t.Context(), p.by, window.ID))(t)
	p.tell("Maintenance in progress", false, page, page+"/embed")
	p.tell("New shelves", true, page, page+"/history") // under today, whatever day was announced
}
