package dashboard_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"statusd/app"
	"statusd/app/incident"
	"statusd/app/model"
	"statusd/store"
)

func (st *stage) incidents() []model.Timeline {
	st.t.Helper()
	list, err := st.app.Incidents(st.t.Context(), st.by, st.page.ID, model.Window{})
	st.must(err)
	return list.Items
}

func (st *stage) incidentPath(id model.IncidentID, rest string) string {
	return st.path("/incidents/" + id.String() + rest)
}

// opened is an incident of the first component.
func (st *stage) opened() model.Timeline {
	st.t.Helper()
	st.goesToNew(st.editor.post(st.path("/incidents/new"), "title.en", "API requests fail", "title.tr", "API istekleri başarısız", "impact", "major",
		"component", st.components[0].ID.String(), "status", "investigating", "body.en", "We look into it.", "body.tr", "İnceliyoruz.", "notify", "on"),
		"/incidents/", "incident-published")
	return st.incidents()[0]
}

// goesToNew fails unless the answer leads to something whose id is new.
func (st *stage) goesToNew(r reply, below, done string) {
	st.t.Helper()
	if r.code != 303 || !strings.HasPrefix(r.location, st.path(below)) || !strings.HasSuffix(r.location, "?done="+done) {
		st.t.Fatalf("answered %d to %q\n%.3000s", r.code, r.location, r.body)
	}
}

func millis(t model.Timeline) string { return fmt.Sprint(t.Updated.UnixMilli()) }

func TestAnIncidentIsOpenedWithItsFirstMessage(t *testing.T) {
	st := newStage(t, "API", "Web")
	st.editor.wants(st.editor.get(st.path("/incidents")), 200, "No incidents", "open one to tell visitors", st.path("/incidents/new"))
	st.editor.wants(st.editor.get(st.path("/incidents/new")), 200, `name="title.tr"`, `name="body.en"`, `value="minor" checked`, "With none ticked it concerns everybody", "Nobody has subscribed")
	r := st.editor.wants(st.editor.post(st.path("/incidents/new"), "title.en", " ", "title.tr", "", "impact", "critical", "component", st.components[1].ID.String(),
		"status", "identified", "body.en", "Typed & kept", "notify", ""), 422,
		"Write it in at least one language", `href="#f-title-en"`, "Typed &amp; kept", `value="critical" checked`, `value="`+st.components[1].ID.String()+`" checked`, `value="identified" checked`)
	if strings.Contains(r.body, `name="notify" value="on" checked`) || len(st.incidents()) != 0 {
		t.Error("somebody would be told, or it was opened")
	}
	st.editor.wants(st.editor.post(st.path("/incidents/new"), "title.en", "A", "impact", "huge", "status", "lost", "body.en", "b"), 422, "Choose one of")
	st.editor.wants(st.editor.post(st.path("/incidents/new"), "title.tr", strings.Repeat("ş", 201), "impact", "minor", "status", "investigating", "body.en", "b"), 422, "At most 200 characters", `href="#f-title-tr"`)
	st.editor.wants(st.editor.post(st.path("/incidents/new"), "title.en", "A", "impact", "minor", "status", "investigating", "body.en", "b", "component", model.NewComponentID().String()), 422, "has no component")
	r = st.editor.wants(st.editor.post(st.path("/incidents/new"), "do", "preview", "title.en", "A", "impact", "minor", "status", "investigating", "body.en", "**Loud** <b>x</b>"), 200, "<strong>Loud</strong>", "&lt;b&gt;x")
	if len(st.incidents()) != 0 {
		t.Error("looking opened it")
	}

	i := st.opened()
	if i.Title["tr"] != "API istekleri başarısız" || i.Impact != incident.Major || i.Status != incident.Investigating || len(i.Affected) != 1 || !i.Updates[0].Notify {
		t.Errorf("%+v", i)
	}
	st.editor.wants(st.editor.get(st.incidentPath(i.ID, "?done=incident-published")), 200, "The incident is published.", "API requests fail", "We look into it.", "Major impact", "Subscribers were told", "/p/acme/incidents/"+i.ID.String())
	st.editor.wants(st.editor.get(st.path("/incidents")), 200, "API requests fail", "Investigating", "(1 open)")
	st.viewer.wants(st.viewer.get(st.path("")), 200, "Open incidents", st.incidentPath(i.ID, ""))
}

func TestAnIncidentWithoutComponentsConcernsEverybody(t *testing.T) {
	st := newStage(t, "API")
	st.goesToNew(st.editor.post(st.path("/incidents/new"), "title.tr", "Yavaş", "impact", "minor", "status", "monitoring", "body.tr", "Bir satır\r\nbir daha", "notify", ""), "/incidents/", "incident-published")
	i := st.incidents()[0]
	if len(i.Affected) != 0 || i.Updates[0].Notify || i.Updates[0].Body["tr"] != "Bir satır\nbir daha" {
		t.Errorf("%+v", i)
	}
	st.viewer.wants(st.viewer.get(st.incidentPath(i.ID, "")), 200, "Concerns everybody", "Nobody was told", "Only in Türkçe", `lang="tr"`)
}

func TestATimelineIsWrittenCorrectedAndCut(t *testing.T) {
	st := newStage(t, "API")
	i := st.opened()
	post := func(seen, status, body string) reply {
		return st.editor.post(st.incidentPath(i.ID, "/updates"), "seen", seen, "status", status, "body.en", body, "body.tr", "", "notify", "on")
	}
	st.editor.wants(post(millis(i), "monitoring", ""), 422, "Write it in at least one language", `value="monitoring" checked`, "Timeline")
	st.goesTo(post(millis(i), "monitoring", "A fix is out."), st.incidentPath(i.ID, ""), "update-posted")
	r := st.editor.wants(post(millis(i), "resolved", "Kept words"), 409, "Somebody else was faster", "Kept words", "A fix is out.")
	now := st.incidents()[0]
	if now.Status != incident.Monitoring || len(now.Updates) != 2 {
		t.Errorf("%+v", now)
	}
	if !strings.Contains(r.body, `name="seen" value="`+millis(now)+`"`) {
		t.Error("sent again it would not be taken")
	}
	st.goesTo(post(millis(now), "resolved", "Done."), st.incidentPath(i.ID, ""), "incident-resolved")
	st.viewer.wants(st.viewer.get(st.path("/incidents")), 200, "Resolved", "Past")
	st.goesTo(post(millis(st.incidents()[0]), "investigating", "It is back."), st.incidentPath(i.ID, ""), "incident-reopened")

	now = st.incidents()[0]
	edit := st.incidentPath(i.ID, "/updates/"+now.Updates[2].ID.String()+"/edit")
	st.editor.wants(st.editor.get(edit), 200, "A fix is out.", "Subscribers are not told of a correction.")
	was := hidden(st.editor.get(edit).body, "was")
	st.editor.wants(st.editor.post(edit, "was", was, "body.en", "", "body.tr", ""), 422, "Write it in at least one language")
	st.editor.wants(st.editor.post(edit, "was", was, "do", "preview", "body.en", "*fix*"), 200, "<em>fix</em>")
	st.goesTo(st.editor.post(edit, "was", was, "body.en", "A fix is live."), st.incidentPath(i.ID, ""), "update-saved")
	st.editor.wants(st.editor.post(edit, "was", was, "body.en", "Mine"), 409, "Somebody else has changed this", "Mine")
	st.editor.wants(st.editor.get(st.incidentPath(i.ID, "")), 200, "A fix is live.", "Edited ")

	cut := st.incidentPath(i.ID, "/updates/"+now.Updates[0].ID.String()+"/delete")
	st.editor.wants(st.editor.get(cut), 200, "Delete this update?", "goes back to its status before: Resolved")
	st.goesTo(st.editor.post(cut), st.incidentPath(i.ID, ""), "update-deleted")
	if now = st.incidents()[0]; now.Status != incident.Resolved || len(now.Updates) != 3 {
		t.Errorf("%+v", now)
	}
	st.editor.wants(st.editor.get(cut), 404)
	for _, u := range now.Updates[:2] {
		st.must(st.app.DeleteUpdate(t.Context(), st.by, u.ID))
	}
	r = st.editor.wants(st.editor.get(st.incidentPath(i.ID, "")), 200)
	last := st.incidentPath(i.ID, "/updates/"+now.Updates[2].ID.String()+"/delete")
	if strings.Contains(r.body, last) {
		t.Error("the only update can be deleted")
	}
	st.editor.wants(st.editor.post(last), 409, "keeps at least one update")
}

// hidden is the value of a hidden field.
func hidden(body, name string) string {
	_, rest, _ := strings.Cut(body, `name="`+name+`" value="`)
	value, _, _ := strings.Cut(rest, `"`)
	return value
}

func TestAnIncidentIsResolvedAndReopenedQuickly(t *testing.T) {
	st := newStage(t, "API")
	i := st.opened()
	at := st.incidentPath(i.ID, "")
	if r := st.editor.get(at + "/reopen"); r.code != 303 || r.location != at {
		t.Errorf("%d to %s", r.code, r.location)
	}
	r := st.editor.wants(st.editor.get(at+"/resolve"), 200, "This is resolved", "Sorun giderildi", `name="status" value="resolved"`)
	st.goesTo(st.editor.post(at+"/updates", "seen", hidden(r.body, "seen"), "status", "resolved", "body.en", "This is resolved", "notify", "on"), at, "incident-resolved")
	r = st.editor.wants(st.editor.get(at+"/reopen"), 200, "The problem is back.", `value="investigating"`)
	st.goesTo(st.editor.post(at+"/updates", "seen", hidden(r.body, "seen"), "status", "investigating", "body.en", "The problem is back.", "notify", "on"), at, "incident-reopened")
	if now := st.incidents()[0]; !now.Open() || !now.Resolved.IsZero() {
		t.Errorf("%+v", now)
	}
}

func TestTheHeadOfAnIncidentIsChangedAndItIsDeleted(t *testing.T) {
	st := newStage(t, "API", "Web")
	i := st.opened()
	edit := st.incidentPath(i.ID, "/edit")
	r := st.editor.wants(st.editor.get(edit), 200, `value="API requests fail"`, `value="major" checked`, `value="`+st.components[0].ID.String()+`" checked`)
	if strings.Contains(r.body, `name="body.en"`) || strings.Contains(r.body, `name="notify"`) {
		t.Error("a correction looks like an update")
	}
	st.editor.wants(st.editor.post(edit, "seen", millis(i), "title.en", "", "impact", "major"), 422, "Write it in at least one language")
	st.must(st.app.DeleteComponent(t.Context(), st.by, st.components[0].ID))
	st.editor.wants(st.editor.get(edit), 200, "deleted since", `value="`+st.components[0].ID.String()+`" checked`)
	st.goesTo(st.editor.post(edit, "seen", millis(i), "title.en", "API is slow", "title.tr", "", "impact", "minor",
		"component", st.components[0].ID.String(), "component", st.components[1].ID.String()), st.incidentPath(i.ID, ""), "incident-saved")
	if now := st.incidents()[0]; now.Title.In("tr") != "API is slow" || now.Impact != incident.Minor || len(now.Affected) != 2 || len(now.Updates) != 1 {
		t.Errorf("%+v", now)
	}
	st.editor.wants(st.editor.post(edit, "seen", millis(i), "title.en", "Mine", "impact", "major"), 409, "Somebody else has changed this", `value="Mine"`)

	ask := st.incidentPath(i.ID, "/delete")
	r = st.editor.wants(st.editor.get(ask), 200, "Delete API is slow?", "1 update of its timeline")
	seen := hidden(r.body, "seen")
	st.editor.wants(st.editor.post(ask, "seen", seen, "typed", "API"), 422, "This is not the name.")
	st.editor.wants(st.editor.post(ask, "seen", millis(i), "typed", "API is slow"), 409, "Somebody else has changed this")
	st.goesTo(st.editor.post(ask, "seen", seen, "typed", " API is slow "), st.path("/incidents"), "incident-deleted")
	st.editor.wants(st.editor.get(st.incidentPath(i.ID, "")), 404)
}

func TestAViewerReadsIncidentsAndChangesNone(t *testing.T) {
	st := newStage(t, "API")
	i := st.opened()
	r := st.viewer.wants(st.viewer.get(st.incidentPath(i.ID, "")), 200, "We look into it.", "Timeline")
	for _, act := range []string{"/edit", "/delete", "/resolve", "/updates"} {
		if strings.Contains(r.body, st.incidentPath(i.ID, act)) {
			t.Errorf("a viewer is offered %s", act)
		}
	}
	if r := st.viewer.wants(st.viewer.get(st.path("/incidents")), 200); strings.Contains(r.body, st.path("/incidents/new")) {
		t.Error("a viewer is offered a new incident")
	}
	st.viewer.wants(st.viewer.get(st.path("/incidents/new")), 403)
	st.viewer.wants(st.viewer.get(st.incidentPath(i.ID, "/resolve")), 403)
	st.viewer.wants(st.viewer.get(st.path("/reach?topic=incidents")), 403)
	st.viewer.wants(st.viewer.post(st.path("/markdown"), "text", "x"), 403)
	st.viewer.wants(st.viewer.post(st.incidentPath(i.ID, "/updates"), "status", "resolved", "body.en", "x"), 403)
	st.viewer.wants(st.viewer.get(st.incidentPath(i.ID, "/updates")), 303)
	other := st.page
	st.page = st.lab.page("second", "Other")
	st.editor.wants(st.editor.get(st.incidentPath(i.ID, "")), 404)
	st.page = other
}

func TestAPreviewIsSafe(t *testing.T) {
	st := newStage(t)
	r := st.editor.wants(st.editor.post(st.path("/markdown"), "text", "**a** [b](javascript:alert(1)) <script>x</script> https://example.org"), 200, "<strong>a</strong>", `rel="nofollow noopener"`, "&lt;script&gt;")
	if strings.Contains(r.body, "javascript:") || strings.Contains(r.body, "<script") || strings.Contains(r.body, "<html") {
		t.Error(r.body)
	}
}

// subscribed is somebody who hears of a topic on the page; of all components when there are none.
func (st *stage) subscribed(topic model.Topic, components ...model.ComponentID) {
	st.t.Helper()
	s := model.Subscriber{
		ID: model.NewSubscriberID(), Workspace: st.page.Workspace, Page: st.page.ID, Channel: model.Webhook, State: model.Active, Topic: topic,
		Components: components, Locale: "en", Address: "http://127.0.0.1:9/", Key: "whsec_x", Host: "127.0.0.1", Created: time.Now().UTC().Truncate(time.Millisecond),
	}
	st.must(st.store.Write(st.t.Context(), store.Relaxed, func(tx *store.Tx) error {
		return tx.In(st.page.Workspace).AddSubscriber(st.t.Context(), s, []byte(s.ID.String()))
	}))
}

func TestAFormSaysHowManyWillBeTold(t *testing.T) {
	st := newStage(t, "API", "Web")
	api, web := st.components[0].ID, st.components[1].ID
	st.subscribed(model.TopicAll)
	st.subscribed(model.TopicIncidents, api)
	st.subscribed(model.TopicMaintenance, web)
	for query, want := range map[string]string{
		"topic=incidents": "2 subscribers will be told.", "topic=incidents&component=" + web.String(): "1 subscriber will be told.",
		"topic=incidents&component=" + api.String() + "&component=" + web.String(): "2 subscribers will be told.",
		"topic=maintenance&component=" + web.String():                              "2 subscribers will be told.",
		"topic=maintenance&component=" + api.String():                              "1 subscriber will be told.",
	} {
		if r := st.editor.wants(st.editor.get(st.path("/reach?"+query)), 200); r.body != want {
			t.Errorf("%s: %q, wanted %q", query, r.body, want)
		}
	}
	st.editor.wants(st.editor.get(st.path("/reach?topic=x")), 404)
	st.editor.wants(st.editor.get(st.path("/reach?topic=incidents&component=x")), 404)
	st.editor.wants(st.editor.get(st.path("/incidents/new?component="+web.String())), 200, "1 subscriber will be told.")
	st.editor.wants(st.editor.get(st.path("/maintenance/new")), 200, "2 subscribers will be told.")
}

func TestIncidentsAreListedOpenOnesFirstAndInParts(t *testing.T) {
	st := newStage(t, "API")
	first := st.opened() // stays open, and is the oldest
	for n := range 52 {
		<-time.After(time.Millisecond) // what begins within one has no order
		_, err := st.app.CreateIncident(t.Context(), st.by, st.page.ID, func(d *app.IncidentDraft) error {
			d.Title, d.Body, d.Status = model.Text{"en": fmt.Sprintf("Past %02d.", n)}, model.Text{"en": "x"}, incident.Resolved
			return nil
		})
		st.must(err)
	}
	r := st.viewer.wants(st.viewer.get(st.path("/incidents")), 200, st.incidentPath(first.ID, ""), "Past 51.", "Past 02.", "Older")
	if strings.Contains(r.body, "Past 01.") {
		t.Error("all at once")
	}
	_, rest, _ := strings.Cut(r.body, `href="`+st.path("/incidents?cursor="))
	cursor, _, _ := strings.Cut(rest, `"`)
	r = st.viewer.wants(st.viewer.get(st.path("/incidents?cursor="+cursor)), 200, "Past 01.", "Past 00.")
	if strings.Contains(r.body, st.incidentPath(first.ID, "")) {
		t.Error("the open one is there again")
	}
	st.viewer.wants(st.viewer.get(st.path("/incidents?cursor=nonsense")), 404)
}
