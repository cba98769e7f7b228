package api_test

import (
	"strings"
	"sync"
	"testing"

	"statusd/app/model"
)

// keyed asks with an Idempotency-Key.
func (k *kit) keyed(key, token, path, body string) answer {
	r := newRequest("POST", path, token, body)
	r.Header.Set("Idempotency-Key", key)
	return k.serve(r)
}

func (k *kit) count(path string) int {
	k.t.Helper()
	return len(k.want(200, "GET", path+"?limit=200", "").json(k.t)["items"].([]any))
}

func TestARepeatedCreationIsAnsweredAlikeAndDoneOnce(t *testing.T) {
	k := newKit(t)
	m := k.furnish(k.owner, "https://example.com/")
	for path, body := range map[string]string{
		"/api/v1/pages": `{"name":"N","slug":"once"}`, "/api/v1/pages/" + m.page + "/components": `{"name":"N","manualStatus":"down"}`,
		"/api/v1/components/" + m.component + "/checks": `{"name":"N","url":"https://example.com/","enabled":false}`,
		"/api/v1/pages/" + m.page + "/incidents":        `{"title":"T","body":"B"}`, "/api/v1/incidents/" + m.incident + "/updates": `{"body":"B"}`,
		"/api/v1/pages/" + m.page + "/maintenances": `{"title":"T",` + someday + `}`,
		"/api/v1/restart-targets":                   `{"type":"ssh","name":"N","host":"10.0.0.5","user":"u","command":"c","privateKey":` + encode(t, someKey) + `}`,
	} {
		before := k.count(path)
		first, second := k.keyed("key:"+path, k.owner, path, body), k.keyed("key:"+path, k.owner, path, body)
		if first.status != 201 || second.status != 201 || first.text != second.text || first.header.Get("Location") != second.header.Get("Location") {
			t.Errorf("%s: first %d %s, second %d %s", path, first.status, first.text, second.status, second.text)
		}
		if a, b := first.header.Get("Idempotency-Replayed"), second.header.Get("Idempotency-Replayed"); a != "" || b != "true" {
			t.Errorf("%s: got Idempotency-Replayed %q and %q", path, a, b)
		}
		if got := k.count(path) - before; got != 1 {
			t.Errorf("%s: %d were made", path, got)
		}
		if got := k.keyed("key:"+path, k.owner, path, body+" "); got.status != 409 {
			t.Errorf("%s: the key with another body: got %d %s, want 409", path, got.status, got.text)
		}
	}
}

func TestAKeptAnswerIsWhatTheRowIs(t *testing.T) {
	k := newKit(t)
	m := k.furnish(k.owner, "https://example.com/")
	for path, body := range map[string]string{
		"/api/v1/pages/" + m.page + "/components":      `{"name":"N","manualStatus":"down"}`,
		"/api/v1/pages/" + m.page + "/incidents":       `{"title":{"tr":"T"},"impact":"major","status":"resolved","body":{"en":"B","tr":"M"},"affectedComponentIds":["` + m.component + `"]}`,
		"/api/v1/incidents/" + m.incident + "/updates": `{"body":"B","notify":false}`,
		"/api/v1/pages/" + m.page + "/maintenances":    `{"title":"T","description":"D",` + someday + `}`,
		"/api/v1/restart-targets":                      `{"type":"http","name":"N","url":"https://example.com/"}`,
	} {
		got := k.keyed("k:"+path, k.owner, path, body)
		if again := k.want(200, "GET", got.header.Get("Location"), ""); again.text != got.text {
			t.Errorf("created %s, read %s", got.text, again.text)
		}
	}
}

func TestARepeatedStepOfAWindowIsTakenOnce(t *testing.T) {
	k := newKit(t)
	path := "/api/v1/maintenances/" + k.furnish(k.owner, "https://example.com/").maintenance
	answers := make([]answer, 8)
	var all sync.WaitGroup
	for i := range answers {
		all.Go(func() { answers[i] = k.keyed("start", k.owner, path+"/start", "") })
	}
	all.Wait()
	for _, a := range answers {
		if a.status != 200 || a.text != answers[0].text {
			t.Errorf("got %d %s, want %s", a.status, a.text, answers[0].text)
		}
	}
	if got := k.do("POST", path+"/start", ""); got.status != 409 {
		t.Errorf("without the key: got %d %s, want 409", got.status, got.text)
	}
	if got := k.keyed("cancel", k.owner, path+"/cancel", ""); got.status != 409 {
		t.Errorf("got %d %s, want 409", got.status, got.text)
	}
}

func TestConcurrentRepeatsMakeOneThing(t *testing.T) {
	k := newKit(t)
	answers := make([]answer, 16)
	var all sync.WaitGroup
	for i := range answers {
		all.Go(func() { answers[i] = k.keyed("same", k.owner, "/api/v1/pages", `{"name":"N","slug":"race"}`) })
	}
	all.Wait()
	replayed := 0
	for _, a := range answers {
		if a.status != 201 || a.text != answers[0].text {
			t.Errorf("got %d %s, want %s", a.status, a.text, answers[0].text)
		}
		if a.header.Get("Idempotency-Replayed") == "true" {
			replayed++
		}
	}
	if got := k.count("/api/v1/pages"); got != 1 || replayed != 15 {
		t.Errorf("%d pages, %d replayed", got, replayed)
	}
}

func TestARepeatedRunProbesOnce(t *testing.T) {
	k := newKit(t)
	url, hits := target(t)
	path := "/api/v1/checks/" + k.fill(k.owner, url).check + "/run"
	first, second := k.keyed("run", k.owner, path, ""), k.keyed("run", k.owner, path, "")
	if first.status != 200 || first.text != second.text || second.header.Get("Idempotency-Replayed") != "true" || hits.Load() != 1 {
		t.Errorf("first %d %s, second %s, %d probes", first.status, first.text, second.text, hits.Load())
	}
	answers := make([]answer, 8)
	var all sync.WaitGroup
	for i := range answers {
		all.Go(func() { answers[i] = k.keyed("runs", k.owner, path, "") })
	}
	all.Wait()
	for _, a := range answers {
		if a.status != 200 || a.text != answers[0].text {
			t.Errorf("at once: got %d %s, want %s", a.status, a.text, answers[0].text)
		}
	}
	if hits.Load() != 2 {
		t.Errorf("%d probes, want 2", hits.Load())
	}
}

func TestAFailedCreationKeepsNoAnswer(t *testing.T) {
	k := newKit(t)
	if got := k.keyed("k", k.owner, "/api/v1/pages", `{"name":"N"}`); got.status != 422 {
		t.Fatalf("got %d", got.status)
	}
	if got := k.keyed("k", k.owner, "/api/v1/pages", `{"name":"N","slug":"now"}`); got.status != 201 {
		t.Errorf("got %d %s, want 201", got.status, got.text)
	}
}

func TestKeysBelongToTheirToken(t *testing.T) {
	k := newKit(t)
	other := k.token("First", model.Editor, false)
	a, b := k.keyed("k", k.owner, "/api/v1/pages", `{"name":"A","slug":"a"}`), k.keyed("k", other, "/api/v1/pages", `{"name":"B","slug":"b"}`)
	if a.status != 201 || b.status != 201 {
		t.Errorf("got %d and %d", a.status, b.status)
	}
}

func TestAMalformedKeyIsRefused(t *testing.T) {
	k := newKit(t)
	for _, key := range []string{"", "a b", "é", "a\x7f", strings.Repeat("k", 256)} {
		if got := k.keyed(key, k.owner, "/api/v1/pages", `{"name":"N","slug":"n"}`); got.status != 400 {
			t.Errorf("%q: got %d, want 400", key, got.status)
		}
	}
	if got := k.keyed(strings.Repeat("~", 255), k.owner, "/api/v1/pages", `{"name":"N","slug":"n"}`); got.status != 201 {
		t.Errorf("255 characters: got %d, want 201", got.status)
	}
}
