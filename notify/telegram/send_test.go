package telegram_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"statusd/notify"
	"statusd/notify/notifytest"
	"statusd/notify/telegram"
	"statusd/probe/probetest"
)

const (
	token = "123456:AAEhBOweik6ad9r_secret-secret-secret"
	chat  = "-1001234567890"
)

func newSender(t *testing.T, api string, timeout time.Duration) *telegram.Sender {
	t.Helper()
	s, err := telegram.New(telegram.Options{API: api, Timeout: timeout})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// connected is a Bot API with one bot that may write into one chat, and a sender.
func connected(t *testing.T) (*notifytest.BotAPI, *telegram.Sender) {
	t.Helper()
	api := notifytest.NewBotAPI(t)
	api.Bot(token, chat)
	return api, newSender(t, api.URL, 5*time.Second)
}

func hello() telegram.Message {
	return telegram.Message{Token: token, Chat: chat, HTML: telegram.Bold("API is down") + "\nDetails &amp; more"}
}

func shown(r telegram.Result) string { return fmt.Sprintf("%s %s", r.Kind, r.Reason.Encode()) }

// discreet fails when anything of a result tells the token.
func discreet(t *testing.T, r telegram.Result) {
	t.Helper()
	if text := fmt.Sprintf("%+v %s %v", r, r.Reason, &telegram.Refused{Result: r}); strings.Contains(text, token) || strings.Contains(text, "AAEh") {
		t.Errorf("the token is told: %s", text)
	}
	if r.Reason.Code != "" && !r.Reason.Known() {
		t.Errorf("%v has no words", r.Reason)
	}
}

func TestAMessageArrivesWithoutAPreview(t *testing.T) {
	api, s := connected(t)
	m := hello()
	m.Silent = true
	r := s.Send(t.Context(), m)
	if r.Kind != notify.Success || r.StatusCode != 200 || r.Took <= 0 || r.Chat != "" || r.Words != "" {
		t.Errorf("%+v", r)
	}
	want := notifytest.BotMessage{Token: token, Chat: chat, Text: "API is down\nDetails & more", Raw: m.HTML, Mode: "HTML", Silent: true, NoPreview: true}
	if got := api.Sent(); len(got) != 1 || got[0] != want {
		t.Errorf("%+v", got)
	}
}

func TestALongMessageArrivesCut(t *testing.T) {
	api, s := connected(t)
	m := hello()
	m.HTML = telegram.Bold(strings.Repeat("😀", 5000))
	if r := s.Send(t.Context(), m); r.Kind != notify.Success {
		t.Errorf("%+v", r)
	}
	if got := api.Sent(); len(got) != 1 || got[0].Text != strings.Repeat("😀", 2047)+"…" {
		t.Errorf("%d", len(got))
	}
}

func TestARefusalMeansWhatTelegramSays(t *testing.T) {
	says := func(status int, text string) notifytest.BotFate {
		return notifytest.BotFate{Status: status, Description: text}
	}
	for _, c := range []struct {
		fate notifytest.BotFate
		want string
	}{
		{notifytest.BotBlocked, "gone telegram_forbidden"},
		{notifytest.BotKicked, "gone telegram_forbidden"},
		{notifytest.BotNotStarted, "gone telegram_forbidden"},
		{notifytest.BotDeactivated, "gone telegram_forbidden"},
		{notifytest.BotMayNotWrite, "gone telegram_forbidden"},
		{says(400, "Bad Request: chat not found"), "gone telegram_chat"},
		{says(400, "Bad Request: something new"), "gone telegram_chat"},
		{says(400, "Bad Request: PEER_ID_INVALID"), "gone telegram_chat"},
		{says(401, "Unauthorized"), "gone telegram_token"},
		{says(401, "Unauthorized: invalid token specified"), "gone telegram_token"},
		{says(404, "Not Found"), "gone telegram_token"},
		{says(421, "Misdirected Request: unallowed token specified"), "gone telegram_token"},
		{says(400, "Bad Request: message text is empty"), "permanent telegram_message"},
		{says(400, "Bad Request: message is too long"), "permanent telegram_message"},
		{says(400, "Bad Request: can't parse entities: whatever"), "permanent telegram_message"},
		{says(409, "Conflict: terminated by other getUpdates request"), "temporary telegram_failed|409"},
		{notifytest.BotRestarting, "temporary telegram_failed|500"},
		{says(502, "Bad Gateway"), "temporary telegram_failed|502"},
		{says(405, "Method Not Allowed"), "temporary telegram_failed|405"},
	} {
		api, s := connected(t)
		api.Fate(token, chat, c.fate)
		r := s.Send(t.Context(), hello())
		if shown(r) != c.want || r.StatusCode != c.fate.Status || r.Words != c.fate.Description {
			t.Errorf("%q: %s, %d, %q", c.fate.Description, shown(r), r.StatusCode, r.Words)
		}
		discreet(t, r)
	}
	api, s := connected(t)
	api.Revoke(token)
	if r := s.Send(t.Context(), hello()); shown(r) != "gone telegram_token" {
		t.Error(shown(r))
	}
}

func TestWhatDoesNotHaveTheFormIsNeverAsked(t *testing.T) {
	api, s := connected(t)
	for _, spoil := range []func(*telegram.Message){
		func(m *telegram.Message) { m.Token = "" },
		func(m *telegram.Message) { m.Token = "12/../34:abc" },
		func(m *telegram.Message) { m.Token = "0123:abc" },
		func(m *telegram.Message) { m.Token = token + "/getMe?" },
		func(m *telegram.Message) { m.Token = token + "\n" },
		func(m *telegram.Message) { m.Chat = "" },
		func(m *telegram.Message) { m.Chat = "someone" },
		func(m *telegram.Message) { m.Chat = "1.5" },
		func(m *telegram.Message) { m.HTML = "" },
		func(m *telegram.Message) { m.HTML = "<b></b>" },
	} {
		m := hello()
		spoil(&m)
		if r := s.Send(t.Context(), m); r.Kind != notify.Permanent {
			t.Errorf("%+v: %+v", m, r)
		}
	}
	if api.Asked() != 0 {
		t.Errorf("%d requests", api.Asked())
	}
}

func TestAMovedChatIsFollowedAtOnceAndReported(t *testing.T) {
	api, s := connected(t)
	api.Bot(token, chat, "-1009")
	api.Fate(token, chat, notifytest.BotMoved(-1009))
	r := s.Send(t.Context(), hello())
	if r.Kind != notify.Success || r.Chat != "-1009" {
		t.Errorf("%+v", r)
	}
	if got := api.Sent(); len(got) != 1 || got[0].Chat != "-1009" {
		t.Errorf("%+v", got)
	}
	where, err := s.Check(t.Context(), hello())
	if where != "-1009" || err != nil {
		t.Errorf("%s, %v", where, err)
	}
	api.Fate(token, "-1009", notifytest.BotKicked)
	if r := s.Send(t.Context(), hello()); r.Kind != notify.Gone || r.Chat != "-1009" {
		t.Errorf("%+v", r)
	}
	api.Fate(token, "-1009", notifytest.BotMoved(-1009)) // for ever
	if r := s.Send(t.Context(), hello()); r.Kind != notify.Gone {
		t.Errorf("%+v", r)
	}
}

func TestWhatTelegramCannotReadGoesWithoutItsTags(t *testing.T) {
	api, s := connected(t)
	m := hello()
	m.HTML = "<b>API</b> is down<br>now &amp; here"
	if r := s.Send(t.Context(), m); r.Kind != notify.Success {
		t.Errorf("%+v", r)
	}
	if got := api.Sent(); len(got) != 1 || got[0].Text != "API is downnow & here" || got[0].Mode != "" {
		t.Errorf("%+v", got)
	}
}

func TestAPauseIsKeptForThatBotAlone(t *testing.T) {
	api, s := connected(t)
	other := "99:other"
	api.Bot(other, chat)
	api.Limit(token, 35)
	r := s.Send(t.Context(), hello())
	if shown(r) != "temporary telegram_pace|35 s" || r.RetryAfter != 35*time.Second || r.StatusCode != 429 {
		t.Errorf("%+v", r)
	}
	asked := api.Asked()
	api.Limit(token, 0)
	r = s.Send(t.Context(), hello())
	if shown(r) != "temporary telegram_pace|35 s" || r.RetryAfter <= 30*time.Second || api.Asked() != asked {
		t.Errorf("%+v after %d more requests", r, api.Asked()-asked)
	}
	m := hello()
	m.Token = other
	if r := s.Send(t.Context(), m); r.Kind != notify.Success {
		t.Errorf("%+v", r)
	}
}

// answers has every request answered so.
func answers(api *notifytest.BotAPI, h http.HandlerFunc) {
	api.Before(func(string, string) http.HandlerFunc { return h })
}

func TestWhatIsNotTelegramEndsNothing(t *testing.T) {
	for want, h := range map[string]http.HandlerFunc{
		"temporary telegram_strange|404": func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "<html>no such page", http.StatusNotFound) },
		"temporary telegram_strange|403": func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, "blocked by the company", http.StatusForbidden)
		},
		"temporary telegram_strange|502": func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, "<html>bad gateway", http.StatusBadGateway)
		},
		"temporary telegram_strange|200": func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "welcome to this hotel") },
		"temporary telegram_strange|400": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(400); io.WriteString(w, `{"error":"x"}`) },
		"temporary telegram_redirect|302": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://127.0.0.1:1/", http.StatusFound)
		},
		"temporary telegram_pace|7 s":    func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Retry-After", "7"); w.WriteHeader(429) },
		"temporary telegram_strange|401": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(401); w.Write(make([]byte, 1<<20)) },
	} {
		api, s := connected(t)
		answers(api, h)
		r := s.Send(t.Context(), hello())
		if shown(r) != want {
			t.Errorf("%s, want %s", shown(r), want)
		}
		discreet(t, r)
	}
}

func TestFaultsOfTheWayAreTemporaryAndTellNoToken(t *testing.T) {
	drop := func(w http.ResponseWriter, _ *http.Request) {
		c, _, err := w.(http.Hijacker).Hijack()
		if err == nil {
			c.Close()
		}
	}
	api, s := connected(t)
	answers(api, drop)
	r := s.Send(t.Context(), hello())
	if got := shown(r); got != "temporary closed" && got != "temporary reset" {
		t.Error(got)
	}
	discreet(t, r)
	untrusted := &tls.Config{Certificates: []tls.Certificate{probetest.NewAuthority(t, "root").Issue(probetest.Leaf{})}}
	for want, url := range map[string]string{
		"temporary refused":       probetest.Refused(t),
		"temporary bad_answer":    probetest.Raw(t, []byte("SSH-2.0-OpenSSH_9.2\r\n")),
		"temporary tls_untrusted": probetest.Secure(t, untrusted, http.NotFound),
		"temporary tls_failed":    strings.Replace(api.URL, "http://", "https://", 1),
	} {
		r := newSender(t, url, 10*time.Second).Send(t.Context(), hello())
		if shown(r) != want {
			t.Errorf("%s, want %s", shown(r), want)
		}
		discreet(t, r)
	}
	for _, url := range []string{probetest.Silent(t), probetest.Hold(t, []byte("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"))} {
		r := newSender(t, url, 150*time.Millisecond).Send(t.Context(), hello())
		if r.Kind != notify.Temporary || r.Reason.Code != notify.NoAnswer || r.Took < 150*time.Millisecond {
			t.Errorf("%s after %s", shown(r), r.Took)
		}
		discreet(t, r)
	}
}

func TestACancelledAttemptHasNoOutcome(t *testing.T) {
	api, s := connected(t)
	ctx, cancel := context.WithCancel(t.Context())
	answers(api, func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	})
	if r := s.Send(ctx, hello()); r.Kind != notify.Interrupted {
		t.Errorf("%+v", r)
	}
	if _, err := s.Check(ctx, hello()); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestAConnectionThatWasClosedMeanwhileFailsNobody(t *testing.T) {
	api, s := connected(t)
	for range 5 {
		if r := s.Send(t.Context(), hello()); r.Kind != notify.Success {
			t.Errorf("%+v", r)
		}
		api.CloseClientConnections()
	}
	if n := len(api.Sent()); n != 5 {
		t.Errorf("%d messages", n)
	}
}

func TestACheckTellsTelegramsWords(t *testing.T) {
	api, s := connected(t)
	where, err := s.Check(t.Context(), hello())
	if where != chat || err != nil || len(api.Sent()) != 1 {
		t.Errorf("%s, %v", where, err)
	}
	api.Fate(token, chat, notifytest.BotNotStarted)
	_, err = s.Check(t.Context(), hello())
	var refused *telegram.Refused
	if !errors.As(err, &refused) || err.Error() != notifytest.BotNotStarted.Description || refused.Kind != notify.Gone {
		t.Errorf("%v", err)
	}
	answers(api, func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "x", http.StatusBadGateway) })
	_, err = s.Check(t.Context(), hello())
	if err == nil || err.Error() != "the answer, status 502, is not Telegram's" {
		t.Errorf("%v", err)
	}
}

func TestAnAnswerThatRepeatsTheTokenIsCut(t *testing.T) {
	api, s := connected(t)
	api.Fate(token, chat, notifytest.BotFate{Status: 400, Description: "Bad Request: POST /bot" + token + "/sendMessage"})
	r := s.Send(t.Context(), hello())
	discreet(t, r)
	if r.Words != "Bad Request: POST /bot…/sendMessage" {
		t.Error(r.Words)
	}
}

func TestABadAPIIsExplainedWithoutWhatItHolds(t *testing.T) {
	for _, api := range []string{"api.telegram.org", "ftp://x.example", "https://", "https://u:" + token + "@x.example", "https://x.example/?t=" + token,
		"https://x.example/#" + token, "https://x.example/\n" + token} {
		if _, err := telegram.New(telegram.Options{API: api}); err == nil || strings.Contains(err.Error(), token) {
			t.Errorf("%q: %v", api, err)
		}
	}
	api := notifytest.NewBotAPI(t)
	api.Bot(token, chat)
	var path atomic.Value
	front := probetest.Handler(t, func(w http.ResponseWriter, r *http.Request) {
		path.Store(r.URL.Path)
		r.URL.Path = strings.TrimPrefix(r.URL.Path, "/telegram")
		api.ServeHTTP(w, r)
	})
	s := newSender(t, front+"/telegram/", time.Second)
	if r := s.Send(t.Context(), hello()); r.Kind != notify.Success || path.Load() != "/telegram/bot"+token+"/sendMessage" {
		t.Errorf("%+v, %v", r, path.Load())
	}
}

func TestTheFormsOfTokenAndChat(t *testing.T) {
	for text, want := range map[string]bool{"1:a": true, token: true, "1234567890123456:" + strings.Repeat("a", 80): true, "0:a": false, "1:": false,
		"1": false, "1:a b": false, "1:ş": false, "12345678901234567:a": false, "1:" + strings.Repeat("a", 81): false, "1:a\n": false} {
		if telegram.ValidToken(text) != want {
			t.Errorf("token %q", text)
		}
	}
	for text, want := range map[string]bool{"1": true, "-1001234567890": true, "@channel": true, "@a": false, "": false, "0": false, "-": false,
		"+1": false, "1e5": false, "channel": false, "@ch annel": false, "https://t.me/x": false} {
		if telegram.ValidChat(text) != want {
			t.Errorf("chat %q", text)
		}
	}
}
