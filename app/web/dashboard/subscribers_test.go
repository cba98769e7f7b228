package dashboard_test

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"statusd/app"
	"statusd/app/model"
	"statusd/app/web/browsertest"
	"statusd/store"
)

// hook subscribes a webhook to a page.
func (l *lab) hook(p model.Page, address string, wishes func(*app.Wishes)) model.SubscriberID {
	l.t.Helper()
	done, err := l.app.Subscribe(l.t.Context(), p.Slug, func(d *app.SubscribeDraft) error {
		d.Channel, d.WebhookURL = model.Webhook, address
		if wishes != nil {
			wishes(&d.Wishes)
		}
		return nil
	})
	l.must(err)
	return done.ID
}

// pause makes a subscriber one that is told nothing.
func (l *lab) pause(id model.SubscriberID) {
	l.t.Helper()
	l.must(l.store.Write(l.t.Context(), store.Synced, func(tx *store.Tx) error {
		s, err := tx.AnySubscriber(l.t.Context(), id)
		l.must(err)
		s.State = model.Paused
		return tx.SetSubscriber(l.t.Context(), s)
	}))
}

// delivery is one to a subscriber, in whichever state: nothing goes out.
func (l *lab) delivery(p model.Page, to model.SubscriberID, change func(*model.Delivery)) model.DeliveryID {
	l.t.Helper()
	now := l.app.Now()
	d := model.Delivery{Workspace: p.Workspace, Page: p.ID, Subscriber: to, Subject: 7, Channel: model.Webhook, State: model.Undelivered, Attempts: 12, Reason: "no_answer|10 s", Created: now, Done: now}
	if change != nil {
		change(&d)
	}
	l.must(l.store.Write(l.t.Context(), store.Synced, func(tx *store.Tx) error {
		e, err := tx.AddEvent(l.t.Context(), model.Event{Workspace: p.Workspace, Page: p.ID, Type: model.IncidentUpdated, Subject: 7, At: now, Payload: []byte("{}")})
		l.must(err)
		l.must(tx.Expanded(l.t.Context(), e.Seq))
		d.Event = e.Seq
		d.ID, err = tx.NextDelivery(l.t.Context())
		l.must(err)
		return tx.AddDelivery(l.t.Context(), d)
	}))
	return d.ID
}

func (st *stage) subscribers() []model.Subscriber {
	st.t.Helper()
	list, err := st.app.Subscribers(st.t.Context(), st.by, st.page.ID, app.SubscriberFilter{}, model.Window{})
	st.must(err)
	return list.Items
}

func lacks(t *testing.T, r reply, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if strings.Contains(r.body, text) {
			t.Errorf("it says %q", text)
		}
	}
}

func TestSubscribersAreListedSearchedAndFiltered(t *testing.T) {
	st := newStage(t, "API", "Web")
	st.editor.wants(st.editor.get(st.path("/subscribers")), 200, "No subscribers yet", "0 by webhook")
	st.hook(st.page, "http://127.0.0.1:1024/first?key=canary", func(w *app.Wishes) { w.Components = []model.ComponentID{st.components[0].ID} })
	paused := st.hook(st.page, "http://127.0.0.1:1024/second", func(w *app.Wishes) { w.Topic, w.Locale = model.TopicMaintenance, "tr" })
	st.pause(paused)
	all := st.editor.wants(st.editor.get(st.path("/subscribers")), 200, "2 by webhook", "127.0.0.1:1024/first?…", "Webhook, English", ">API<", "127.0.0.1:1024/second", "Webhook, Türkçe",
		"Maintenance only", "deliveries are paused: 127.0.0.1:1024/second", "never")
	lacks(t, all, "canary", "swhs_")
	for query, want := range map[string][2]bool{
		"q=FIRST": {true, false}, "q=canary": {true, false}, "q=1024": {true, true}, "q=nothing": {false, false}, "state=paused": {false, true}, "state=active": {true, false},
		"topic=maintenance": {false, true}, "topic=all&state=paused": {false, false}, "state=x&topic=y": {true, true},
	} {
		body := st.editor.get(st.path("/subscribers?" + query)).body
		_, table, _ := strings.Cut(body, "<tbody")
		if got := [2]bool{strings.Contains(table, "/first"), strings.Contains(table, "/second")}; got != want {
			t.Errorf("%s finds %v, not %v", query, got, want)
		}
	}
	st.editor.wants(st.editor.get(st.path("/subscribers?q=nothing")), 200, "Nobody fits this search.")
	st.editor.wants(st.editor.get(st.path("/subscribers?cursor=x")), 404)
	st.viewer.wants(st.viewer.get(st.path("")), 200, `">1</a> <small>1 paused</small>`)
}

func TestViewersSeeNoAddresses(t *testing.T) {
	st := newStage(t, "API")
	id := st.hook(st.page, "http://127.0.0.1:1024/hidden", nil)
	st.pause(id)
	st.delivery(st.page, id, nil)
	for _, path := range []string{"/subscribers", "/subscribers?q=hidden", "/subscribers?q=127", "/subscribers/deliveries", "/subscribers/deliveries?subscriber=" + id.String()} {
		r := st.editor.wants(st.viewer.get(st.path(path)), 200)
		lacks(t, r, "127.0.0.1", "/hidden", `action="`+st.path("/subscribers/"), "swhs_")
		if found := strings.Contains(r.body, "<tbody"); found == strings.Contains(path, "q=") {
			t.Errorf("%s: a viewer's search of addresses finds: %v", path, found)
		}
	}
	st.editor.wants(st.viewer.get(st.path("/subscribers")), 200, "Subscriber "+id.String())
}

func TestAPausedWebhookIsResumedAndASubscriberRemoved(t *testing.T) {
	st := newStage(t, "API")
	id := st.hook(st.page, "http://127.0.0.1:1024/x", nil)
	st.pause(id)
	at := st.path("/subscribers/" + id.String())
	if got := st.editor.post(at + "/resume"); got.code != 303 || got.location != st.path("/subscribers?done=subscriber-resumed") {
		t.Errorf("got %d to %s", got.code, got.location)
	}
	st.editor.wants(st.editor.post(at+"/resume"), 409, "Deliveries to this subscriber are not paused.")
	other := st.lab.page("other")
	st.editor.wants(st.editor.post(strings.Replace(at, st.page.ID.String(), other.ID.String(), 1)+"/delete"), 404)
	if got := st.editor.post(at + "/delete"); got.code != 303 || got.location != st.path("/subscribers?done=subscriber-removed") {
		t.Errorf("got %d to %s", got.code, got.location)
	}
	if n := len(st.subscribers()); n != 0 {
		t.Errorf("%d subscribers", n)
	}
	st.editor.wants(st.editor.get(st.path("/settings/audit")), 200, "Subscriber removed", "Deliveries to subscriber resumed")
}

func TestTheDeliveryLogSaysWhatBecameOfEach(t *testing.T) {
	st := newStage(t, "API")
	st.editor.wants(st.editor.get(st.path("/subscribers/deliveries")), 200, "Nothing here")
	id := st.hook(st.page, "http://127.0.0.1:1024/x", nil)
	gone := model.NewSubscriberID()
	failed := st.delivery(st.page, id, nil)
	st.delivery(st.page, id, func(d *model.Delivery) { d.State, d.Attempts, d.Reason = model.Delivered, 1, "" })
	st.delivery(st.page, gone, func(d *model.Delivery) { d.Attempts, d.Reason = 0, "unsubscribed" })
	st.delivery(st.page, id, func(d *model.Delivery) {
		d.State, d.Attempts, d.Reason, d.Next, d.Done = model.Waiting, 2, "status|503", d.Created.Add(time.Hour), time.Time{}
	})
	st.editor.wants(st.editor.get(st.path("/subscribers/deliveries")), 200, "no answer in 10 s · 12 attempts", "status 503, expected 2xx · 2 attempts, next at", "the subscriber has unsubscribed",
		"Subscriber "+gone.String()+" (ended)", "incident.updated", "Delivered", "Waiting", "Failed", "127.0.0.1:1024/x")
	if n := strings.Count(st.editor.get(st.path("/subscribers/deliveries")).body, "/retry\""); n != 2 {
		t.Errorf("%d can be tried again, wanted the failed and the waiting one", n)
	}
	lacks(t, st.editor.get(st.path("/subscribers/deliveries?state=failed")), "status 503")
	lacks(t, st.editor.get(st.path("/subscribers/deliveries?subscriber="+id.String())), "has unsubscribed")
	st.editor.wants(st.editor.get(st.path("/subscribers/deliveries?subscriber="+id.String())), 200, "Deliveries to 127.0.0.1:1024/x")
	st.editor.wants(st.editor.get(st.path("/subscribers/deliveries?subscriber=nonsense")), 404)
	retry := st.path("/subscribers/deliveries/"+failed.String()) + "/retry?state=failed"
	if got := st.editor.post(retry); got.code != 303 || got.location != st.path("/subscribers/deliveries?state=failed&done=delivery-retried") {
		t.Errorf("got %d to %s", got.code, got.location)
	}
	st.eventually(func() bool {
		return strings.Contains(st.editor.get(st.path("/subscribers/deliveries")).body, "connection refused")
	})
}

func TestTheLogIsReadToItsEnd(t *testing.T) {
	st := newStage(t, "API")
	id := st.hook(st.page, "http://127.0.0.1:1024/x", nil)
	for range 60 {
		st.delivery(st.page, id, func(d *model.Delivery) { d.State = model.Delivered })
	}
	first := st.editor.get(st.path("/subscribers/deliveries?state=delivered"))
	older := regexp.MustCompile(`href="([^"]+)" rel="next"`).FindStringSubmatch(first.body)
	if older == nil || strings.Count(first.body, "incident.updated</code>") != 50 {
		t.Fatal("the first page is not of fifty, or leads nowhere")
	}
	second := st.editor.get(strings.ReplaceAll(older[1], "&amp;", "&"))
	if n := strings.Count(second.body, "incident.updated</code>"); n != 10 || strings.Contains(second.body, `rel="next"`) || !strings.Contains(second.body, "Newest") {
		t.Errorf("%d on the second page", n)
	}
}

func TestASettingSaysWhetherAPageTakesSubscribers(t *testing.T) {
	l := newSettingsLab(t)
	c := l.like(model.Editor)
	c.wants(c.get(l.at("/settings")), 200, `name="subscribersEnabled" value="on" checked`)
	c.wants(c.post(l.at("/settings"), l.generalAnd(c, "subscribersEnabled", "")...), 303)
	if l.now().SubscribersEnabled {
		t.Error("it still takes some")
	}
	c.wants(c.get(l.at("/subscribers")), 200, "takes no new subscribers")
	c.wants(c.post(l.at("/settings"), l.generalAnd(c, "subscribersEnabled", "on")...), 303)
	if !l.now().SubscribersEnabled {
		t.Error("it takes none")
	}
	c.wants(l.like(model.Viewer).get(l.at("/settings")), 200, "Let visitors subscribe")
}

func TestTheScreensOfSubscribersForEverybody(t *testing.T) {
	st := newStage(t, "API", "Veritabanı", longName[:70])
	long := "http://127.0.0.1:1024/" + strings.Repeat("a-very-long-path/", 20)
	id := st.hook(st.page, long, func(w *app.Wishes) { w.Components = []model.ComponentID{st.components[0].ID, st.components[2].ID} })
	st.hook(st.page, "http://127.0.0.1:1024/status?x="+url.QueryEscape("<b>"), func(w *app.Wishes) { w.Topic = model.TopicIncidents })
	st.pause(st.hook(st.page, "http://127.0.0.1:1024/paused", nil))
	st.delivery(st.page, id, nil)
	st.delivery(st.page, id, func(d *model.Delivery) { d.State, d.Attempts, d.Reason = model.Delivered, 1, "" })
	st.delivery(st.page, model.NewSubscriberID(), func(d *model.Delivery) { d.Attempts, d.Reason = 0, "removed" })
	st.delivery(st.page, id, func(d *model.Delivery) {
		d.State, d.Attempts, d.Reason, d.Next, d.Done = model.Waiting, 2, "status|503", d.Created.Add(time.Hour), time.Time{}
	})
	folder := os.Getenv("STATUSD_SCREENS")
	tab := st.tab()
	for _, lang := range []string{"en", "tr"} {
		user := st.user("editor@example.org")
		st.must(st.app.SetLanguage(st.t.Context(), user, lang))
		for name, look := range map[string]browsertest.Look{
			"wide": {Width: 1280, Height: 900, Dark: lang == "tr"}, "phone": {Width: 390, Height: 844, Touch: true, Dark: lang == "en"},
		} {
			if folder == "" && name == "wide" {
				continue // seen where pictures are taken; what is wrong shows on a phone first
			}
			tab.As(look)
			for screen, path := range map[string]string{
				"subscribers": st.path("/subscribers"), "deliveries": st.path("/subscribers/deliveries"), "no-deliveries": st.path("/subscribers/deliveries?state=superseded"),
				"of-one": st.path("/subscribers/deliveries?subscriber=" + id.String()), "settings": st.path("/settings"), "overview": st.path(""),
			} {
				tab.Open(st.url + path)
				judge(t, tab, fmt.Sprintf("%s in %s, %s", screen, lang, name))
				if folder != "" {
					tab.Shot(filepath.Join(folder, fmt.Sprintf("d-%s-%s-%s.png", screen, lang, name)))
				}
			}
			tab.Open(st.url + st.path("/subscribers"))
			tab.Click(".second-press summary")
			judge(t, tab, fmt.Sprintf("the question before removing in %s, %s", lang, name))
			if folder != "" {
				tab.Shot(filepath.Join(folder, fmt.Sprintf("d-question-%s-%s.png", lang, name)))
			}
		}
	}
}

func TestAnUpdateSaysHowTellingWent(t *testing.T) {
	st := newStage(t, "API")
	for i := range 3 {
		st.hook(st.page, fmt.Sprintf("http://127.0.0.1:1024/%d", i), nil)
	}
	i := st.opened()
	st.eventually(func() bool {
		return strings.Contains(st.editor.get(st.incidentPath(i.ID, "")).body, "3 waiting: connection refused")
	})
	st.must(st.app.DeleteSubscriber(t.Context(), st.by, st.subscribers()[0].ID))
	st.editor.wants(st.editor.get(st.incidentPath(i.ID, "")), 200, "<span>1 failed, 2 waiting: connection refused</span>")
	other := st.incidentPath(i.ID, "/updates")
	st.editor.post(other, "seen", millis(i), "status", "monitoring", "body.en", "Quietly", "body.tr", "", "notify", "")
	st.editor.wants(st.editor.get(st.incidentPath(i.ID, "")), 200, "<span>1 failed, 2 waiting: connection refused</span>", "Nobody was told")
}
