package api_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"statusd/app"
	"statusd/app/model"
	"statusd/store"
)

// stranger is an address that nobody has asked from yet.
func (k *kit) stranger() string {
	n := k.strangers.Add(1)
	return fmt.Sprintf("198.51.%d.%d:1234", n/250, n%250+1)
}

const hookURL = "http://127.0.0.1:1024/hook?key=canary"

// hook subscribes a webhook that nobody answers.
func (k *kit) hook(slug string) app.Subscribed {
	k.t.Helper()
	done, err := k.app.Subscribe(k.t.Context(), slug, func(d *app.SubscribeDraft) error {
		d.Channel, d.WebhookURL = model.Webhook, hookURL
		return nil
	})
	k.must(err)
	return done
}

// hooks subscribes two webhooks: one is paused, the other has a delivery that was given up. Neither hears of what comes, so that nothing
// goes out by itself.
func (k *kit) hooks(slug string) (paused, delivery string) {
	k.t.Helper()
	first, second := k.hook(slug), k.hook(slug)
	var d model.Delivery
	k.must(k.store.Write(k.t.Context(), store.Synced, func(tx *store.Tx) error {
		ctx := k.t.Context()
		s, err := tx.AnySubscriber(ctx, first.ID)
		k.must(err)
		s.State = model.Paused
		k.must(tx.SetSubscriber(ctx, s))
		other, err := tx.AnySubscriber(ctx, second.ID)
		k.must(err)
		other.Since = 1 << 40
		k.must(tx.SetSubscriber(ctx, other))
		e, err := tx.AddEvent(ctx, model.Event{Workspace: s.Workspace, Page: s.Page, Type: model.IncidentResolved, Subject: 7, At: k.clock.now(), Payload: []byte("{}")})
		k.must(err)
		k.must(tx.Expanded(ctx, e.Seq))
		id, err := tx.NextDelivery(ctx)
		k.must(err)
		d = model.Delivery{
			ID: id, Workspace: s.Workspace, Page: s.Page, Event: e.Seq, Subject: e.Subject, Subscriber: second.ID, Channel: model.Webhook,
			State: model.Undelivered, Attempts: 12, Reason: "no_answer|10 s", Created: k.clock.now(), Done: k.clock.now(),
		}
		return tx.AddDelivery(ctx, d)
	}))
	return first.ID.String(), d.ID.String()
}

// subscribe asks as somebody from an address.
func (k *kit) subscribe(slug, body, from string) answer {
	r := newRequest("POST", "/api/v1/status/"+slug+"/subscribe", "", body)
	r.RemoteAddr = from
	return k.serve(r)
}

func TestAWebhookIsSubscribedAndItsSecretShownOnce(t *testing.T) {
	k := newKit(t)
	m := k.furnish(k.owner, "https://example.com/")
	got := k.subscribe(m.slug, `{"type":"webhook","webhookUrl":"http://127.0.0.1:1024/new","topic":"maintenance","componentIds":["`+m.component+`"]}`, k.stranger())
	if got.status != 201 || got.header.Get("Cache-Control") != "no-store" || got.header.Get("Access-Control-Allow-Origin") != "" {
		t.Fatalf("got %d %s %v", got.status, got.text, got.header)
	}
	said := got.json(t)
	token := said["managementToken"].(string)
	if token != said["webhookSecret"] || !strings.HasPrefix(token, "swhs_") || said["standardWebhooksSecret"] != "whsec_"+strings.TrimPrefix(token, "swhs_") || len(said) != 3 {
		t.Errorf("got %v", said)
	}
	list := k.want(200, "GET", "/api/v1/pages/"+m.page+"/subscribers", "").json(t)["items"].([]any)
	var found map[string]any
	for _, one := range list {
		if s := one.(map[string]any); s["topic"] == "maintenance" {
			found = s
		}
	}
	delete(found, "id")
	delete(found, "createdAt")
	want := map[string]any{
		"pageId": m.page, "type": "webhook", "state": "active", "topic": "maintenance", "componentIds": []any{m.component}, "locale": "en",
		"address": "http://127.0.0.1:1024/new", "lastDeliveredAt": nil,
	}
	if diff := cmp.Diff(want, found); diff != "" || len(list) != 3 {
		t.Errorf("%d subscribers:\n%s", len(list), diff)
	}
}

func TestWhatIsWrongWithASubscriptionIsToldByField(t *testing.T) {
	k := newKit(t)
	m := k.furnish(k.owner, "https://example.com/")
	const hook = `"webhookUrl":"http://127.0.0.1:1024/x"`
	for body, want := range map[string]map[string]string{
		`{}`:                                     {"type": "choice"},
		`{"type":null}`:                          {"type": "choice"},
		`{"type":7}`:                             {"type": "type"},
		`{"type":"fax"}`:                         {"type": "choice"},
		`{"type":"email","email":"a@b.example"}`: {"type": "channel_off"},
		`{"type":"telegram","telegramChatId":"x","telegramBotToken":"1"}`: {"telegramChatId": "chat_id", "telegramBotToken": "bot_token"},
		`{"type":"telegram"}`: {"telegramChatId": "chat_id", "telegramBotToken": "bot_token"},
		`{"type":"telegram","telegramChatId":7,"telegramBotToken":["1:a"]}`:                                    {"telegramChatId": "type", "telegramBotToken": "type"},
		`{"type":"telegram","telegramChatId":"1","telegramBotToken":"1:a"}`:                                    {"telegramChatId": "telegram_failed"},
		`{"type":"telegram","telegramChatId":"1","telegramBotToken":"1:a","email":"a@b.example",` + hook + `}`: {"email": "other_channel", "webhookUrl": "other_channel"},
		`{"type":"webhook"}`: {"webhookUrl": "required"},
		`{"type":"webhook","webhookUrl":"ftp://x.example"}`:                 {"webhookUrl": "hook_url"},
		`{"type":"webhook","webhookUrl":"http://10.0.0.1/"}`:                {"webhookUrl": "hook_forbidden"},
		`{"type":"webhook","webhookUrl":"http://169.254.169.254/latest"}`:   {"webhookUrl": "hook_forbidden"},
		`{"type":"webhook","webhookUrl":"http://127.0.0.1:22/"}`:            {"webhookUrl": "hook_port"},
		`{"email":"a@b.example","type":"webhook",` + hook + `}`:             {"email": "other_channel"},
		`{"type":"webhook",` + hook + `,"topic":"weather"}`:                 {"topic": "choice"},
		`{"type":"webhook",` + hook + `,"componentIds":"x"}`:                {"componentIds": "type"},
		`{"type":"webhook",` + hook + `,"componentIds":[null]}`:             {"componentIds": "type"},
		`{"type":"webhook",` + hook + `,"componentIds":["zzzzzzzz"]}`:       {"componentIds": "unknown_component"},
		`{"type":"webhook",` + hook + `,"componentIds":["` + m.page + `"]}`: {"componentIds": "unknown_component"},
		`{"type":"webhook",` + hook + `,"locale":"xx","webhookURL":"x"}`:    {"locale": "choice", "webhookURL": "unknown_field"},
	} {
		got := k.subscribe(m.slug, body, k.stranger())
		if got.status != 422 {
			t.Errorf("%s: got %d %s, want 422", body, got.status, got.text)
			continue
		}
		if diff := cmp.Diff(want, got.wrong(t)); diff != "" {
			t.Errorf("%s:\n%s", body, diff)
		}
	}
	if n := len(k.want(200, "GET", "/api/v1/pages/"+m.page+"/subscribers", "").json(t)["items"].([]any)); n != 2 {
		t.Errorf("%d subscribers, though all were refused", n)
	}
}

func TestAPageMayTakeNoSubscribers(t *testing.T) {
	k := newKit(t)
	m := k.furnish(k.owner, "https://example.com/")
	k.want(200, "PATCH", "/api/v1/pages/"+m.page, `{"subscribersEnabled":false}`)
	const body = `{"type":"webhook","webhookUrl":"http://127.0.0.1:1024/x"}`
	if got := k.subscribe(m.slug, body, k.stranger()); got.status != 403 || !strings.Contains(got.text, "takes no subscriptions") {
		t.Errorf("got %d %s", got.status, got.text)
	}
	if got := k.subscribe("nobody", body, k.stranger()); got.status != 404 {
		t.Errorf("of no page: got %d", got.status)
	}
}

func TestStrangersAreAdmittedThirtyTimes(t *testing.T) {
	k := newKit(t)
	m := k.furnish(k.owner, "https://example.com/")
	const from = "[2001:db8:1:2::1]:7"
	for i := range 30 {
		if got := k.subscribe(m.slug, `{`, from); got.status != 400 {
			t.Fatalf("request %d: got %d %s", i, got.status, got.text)
		}
	}
	for _, again := range []string{from, "[2001:db8:1:2:ffff::9]:8"} {
		got := k.subscribe(m.slug, `{}`, again)
		if got.status != 429 || got.header.Get("Retry-After") != "600" || got.json(t)["title"] != "Too Many Requests" {
			t.Errorf("from %s: got %d, Retry-After %q", again, got.status, got.header.Get("Retry-After"))
		}
	}
	if got := k.subscribe(m.slug, `{}`, "[2001:db8:1:3::1]:7"); got.status != 422 {
		t.Errorf("from elsewhere: got %d", got.status)
	}
}

func TestAddressesAreForEditorsAndSecretsForNobody(t *testing.T) {
	k := newKit(t)
	m := k.furnish(k.owner, "https://example.com/")
	secret := strings.TrimPrefix(k.hook(m.slug).Token, "swhs_")
	for role, may := range map[model.Role]bool{model.Viewer: false, model.Editor: true, model.Owner: true} {
		token := k.token("First", role, false)
		list := k.serve(newRequest("GET", "/api/v1/pages/"+m.page+"/subscribers", token, "")).text
		if strings.Contains(list, "127.0.0.1") != may || strings.Contains(list, "canary") != may {
			t.Errorf("%s: %s", role, list)
		}
		for _, path := range []string{"/subscribers", "/deliveries", "/audit"} {
			got := k.serve(newRequest("GET", "/api/v1/pages/"+m.page+path, token, ""))
			if strings.Contains(got.text, secret) || path != "/subscribers" && strings.Contains(got.text, "canary") {
				t.Errorf("%s %s: %s", role, path, got.text)
			}
		}
	}
	resumed := k.want(200, "POST", "/api/v1/subscribers/"+m.subscriber+"/resume", "")
	if strings.Contains(resumed.text, "swhs_") || strings.Contains(k.log.String(), "canary") || strings.Contains(k.log.String(), secret) {
		t.Error("a secret, or an address in the log")
	}
}

func TestAPausedWebhookIsResumedOnce(t *testing.T) {
	k := newKit(t)
	m := k.furnish(k.owner, "https://example.com/")
	path := "/api/v1/subscribers/" + m.subscriber
	if got := k.want(200, "POST", path+"/resume", "").json(t)["state"]; got != "active" {
		t.Errorf("got %v", got)
	}
	k.want(409, "POST", path+"/resume", "")
	k.want(422, "POST", path+"/resume", `{"force":true}`)
	k.want(204, "DELETE", path, "")
	k.want(404, "POST", path+"/resume", "")
	k.want(404, "DELETE", path, "")
}

func TestDeliveriesAreListedByStateAndSubscriberAndTriedAgain(t *testing.T) {
	k := newKit(t)
	m := k.furnish(k.owner, "https://example.com/")
	path := "/api/v1/pages/" + m.page + "/deliveries"
	one := k.want(200, "GET", path, "").json(t)["items"].([]any)[0].(map[string]any)
	subscriber := one["subscriberId"].(string)
	if _, err := time.Parse(time.RFC3339, one["createdAt"].(string)); err != nil {
		t.Error(err)
	}
	delete(one, "createdAt")
	want := map[string]any{
		"id": m.delivery, "event": "incident.resolved", "subscriberId": subscriber, "state": "failed", "attempts": 12.0,
		"lastError": "no_answer|10 s", "nextAttemptAt": nil,
	}
	if diff := cmp.Diff(want, one); diff != "" {
		t.Error(diff)
	}
	for query, n := range map[string]int{"": 1, "?state=failed": 1, "?state=waiting": 0, "?subscriberId=" + subscriber: 1, "?subscriberId=" + m.subscriber: 0, "?subscriberId=nonsense": 0} {
		if got := len(k.want(200, "GET", path+query, "").json(t)["items"].([]any)); got != n {
			t.Errorf("%q: %d deliveries, want %d", query, got, n)
		}
	}
	if got := k.want(422, "GET", path+"?state=lost", "").wrong(t); got["state"] != "choice" {
		t.Errorf("got %v", got)
	}
	again := k.want(200, "POST", "/api/v1/deliveries/"+m.delivery+"/retry", "").json(t)
	if again["state"] != "waiting" || again["attempts"] != 0.0 || again["nextAttemptAt"] == nil {
		t.Errorf("got %v", again)
	}
	eventually(t, "it is tried", func() bool {
		return k.want(200, "GET", path, "").json(t)["items"].([]any)[0].(map[string]any)["attempts"] == 1.0
	})
	k.want(204, "DELETE", "/api/v1/subscribers/"+subscriber, "")
	gone := k.want(200, "GET", path, "").json(t)["items"].([]any)[0].(map[string]any)
	if gone["state"] != "failed" || gone["lastError"] != "removed" || gone["subscriberId"] != subscriber {
		t.Errorf("got %v", gone)
	}
	k.want(409, "POST", "/api/v1/deliveries/"+m.delivery+"/retry", "")
}
