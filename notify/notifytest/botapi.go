package notifytest

import (
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"
)

// BotAPI is a Telegram Bot API on loopback that knows a few bots and chats, and answers as Telegram does.
type BotAPI struct {
	*httptest.Server
	over chan struct{}

	mu     sync.Mutex
	bots   map[string]string             // user names, by token
	chats  map[string]map[string]BotFate // by token and id
	limits map[string]int                // seconds of pause, by token
	act    func(token, method string) http.HandlerFunc
	sent   []BotMessage
	asked  int
}

// BotMessage is a message that was taken.
type BotMessage struct {
	Token, Chat string
	Text        string // as it is read, without tags
	Raw         string // as it came
	Mode        string
	Silent      bool
	NoPreview   bool
}

// BotFate is what happens to messages for a chat. The zero value is that they arrive.
type BotFate struct {
	Status      int // 0: they arrive
	Description string
	MovedTo     int64 // when the chat has become another
}

// The fates that Telegram knows, in its words.
var (
	BotBlocked     = BotFate{Status: 403, Description: "Forbidden: bot was blocked by the user"}
	BotKicked      = BotFate{Status: 403, Description: "Forbidden: bot was kicked from the supergroup chat"}
	BotNotStarted  = BotFate{Status: 403, Description: "Forbidden: bot can't initiate conversation with a user"}
	BotDeactivated = BotFate{Status: 403, Description: "Forbidden: user is deactivated"}
	BotMayNotWrite = BotFate{Status: 400, Description: "Bad Request: not enough rights to send text messages to the chat"}
	BotRestarting  = BotFate{Status: 500, Description: "Internal Server Error: restart"}
)

// BotMoved is the fate of a group that has become a supergroup.
func BotMoved(to int64) BotFate {
	return BotFate{Status: 400, Description: "Bad Request: group chat was upgraded to a supergroup chat", MovedTo: to}
}

// NewBotAPI starts a server. It ends with the test.
func NewBotAPI(t testing.TB) *BotAPI {
	t.Helper()
	b := &BotAPI{over: make(chan struct{}), bots: map[string]string{}, chats: map[string]map[string]BotFate{}, limits: map[string]int{}}
	b.Server = httptest.NewServer(b)
	t.Cleanup(func() { close(b.over); b.Close() })
	return b
}

// Bot makes a bot known, with the chats in which it may write.
func (b *BotAPI) Bot(token string, chats ...string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.bots[token] = "bot" + token[:strings.IndexByte(token, ':')]
	b.chats[token] = map[string]BotFate{}
	for _, chat := range chats {
		b.chats[token][chat] = BotFate{}
	}
}

// Revoke makes a bot's token unknown.
func (b *BotAPI) Revoke(token string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.bots, token)
}

// Fate decides what happens to messages for a chat of a bot.
func (b *BotAPI) Fate(token, chat string, f BotFate) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.chats[token][chat] = f
}

// Limit has a bot told to wait, in every answer until it is called with 0.
func (b *BotAPI) Limit(token string, seconds int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.limits[token] = seconds
}

// Before has requests answered by whatever a function returns, when it returns something.
func (b *BotAPI) Before(act func(token, method string) http.HandlerFunc) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.act = act
}

// Over is closed when the test ends: what a handler that hangs waits for.
func (b *BotAPI) Over() <-chan struct{} { return b.over }

// Sent are the messages that were taken, in that order.
func (b *BotAPI) Sent() []BotMessage {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]BotMessage(nil), b.sent...)
}

// Asked is how many requests came.
func (b *BotAPI) Asked() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.asked
}

var (
	botPath   = regexp.MustCompile(`^/bot([^/]*)/([A-Za-z]+)$`)
	botTokens = regexp.MustCompile(`^[1-9][0-9]*:.{1,70}$`)
)

// ServeHTTP answers as Telegram does, errors included.
func (b *BotAPI) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	args := botArguments(r)
	m := botPath.FindStringSubmatch(r.URL.Path)
	if m == nil {
		refuse(w, BotFate{Status: 404, Description: "Not Found"}, 0)
		return
	}
	token, method := m[1], strings.ToLower(m[2])
	b.mu.Lock()
	b.asked++
	act := b.act
	b.mu.Unlock()
	if act != nil {
		if h := act(token, method); h != nil {
			h(w, r)
			return
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	name, known := b.bots[token]
	switch {
	case !botTokens.MatchString(token):
		refuse(w, BotFate{Status: 404, Description: "Not Found"}, 0)
	case !known:
		refuse(w, BotFate{Status: 401, Description: "Unauthorized"}, 0)
	case b.limits[token] > 0:
		n := b.limits[token]
		refuse(w, BotFate{Status: 429, Description: fmt.Sprintf("Too Many Requests: retry after %d", n)}, n)
	case method == "getme":
		id, _ := strconv.ParseInt(name[3:], 10, 64)
		grant(w, map[string]any{"id": id, "is_bot": true, "first_name": "Bot", "username": name})
	case method == "sendmessage":
		b.sendMessage(w, token, args)
	default:
		refuse(w, BotFate{Status: 404, Description: "Not Found: method not found"}, 0)
	}
}

// sendMessage takes a message, or says what is wrong with it in Telegram's order. The lock is held.
func (b *BotAPI) sendMessage(w http.ResponseWriter, token string, args map[string]any) {
	chat, raw, mode := word(args["chat_id"]), word(args["text"]), word(args["parse_mode"])
	text, bad := raw, ""
	if strings.EqualFold(mode, "HTML") {
		text, bad = readMarkup(raw)
	}
	fate, known := b.chats[token][chat]
	switch {
	case chat == "":
		fate = BotFate{Status: 400, Description: "Bad Request: chat_id is empty"}
	case !known:
		fate = BotFate{Status: 400, Description: "Bad Request: chat not found"}
	case fate.Status != 0:
	case len(raw) > 32768:
		fate = BotFate{Status: 400, Description: "Bad Request: text is too long"}
	case bad != "":
		fate = BotFate{Status: 400, Description: "Bad Request: can't parse entities: " + bad}
	case strings.TrimSpace(text) == "":
		fate = BotFate{Status: 400, Description: "Bad Request: message text is empty"}
	case utf8.RuneCountInString(text) > 4096:
		fate = BotFate{Status: 400, Description: "Bad Request: message is too long"}
	}
	if fate.Status != 0 {
		refuse(w, fate, 0)
		return
	}
	options, _ := args["link_preview_options"].(map[string]any)
	disabled, _ := options["is_disabled"].(bool)
	silent, _ := args["disable_notification"].(bool)
	b.sent = append(b.sent, BotMessage{Token: token, Chat: chat, Text: text, Raw: raw, Mode: mode, Silent: silent, NoPreview: disabled})
	id, _ := strconv.ParseInt(chat, 10, 64)
	grant(w, map[string]any{"message_id": len(b.sent), "chat": map[string]any{"id": id}, "date": time.Now().Unix(), "text": text})
}

// botArguments reads JSON, a form or multipart, and the query. Broken ones are none.
func botArguments(r *http.Request) map[string]any {
	args := map[string]any{}
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch kind {
	case "application/json":
		body, _ := io.ReadAll(r.Body)
		d := json.NewDecoder(strings.NewReader(string(body)))
		d.UseNumber()
		d.Decode(&args)
	case "multipart/form-data":
		r.ParseMultipartForm(1 << 20)
	}
	r.ParseForm()
	for name, values := range r.Form {
		args[name] = values[0]
	}
	return args
}

func word(v any) string {
	if v == nil {
		return ""
	}
	return fmt.Sprint(v)
}

func grant(w http.ResponseWriter, result any) {
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(map[string]any{"ok": true, "result": result})
}

// refuse says no, and how long to wait in all the places where Telegram does.
func refuse(w http.ResponseWriter, f BotFate, retry int) {
	body := map[string]any{"ok": false, "error_code": f.Status, "description": f.Description}
	if retry > 0 {
		body["parameters"] = map[string]any{"retry_after": retry}
		w.Header().Set("Retry-After", strconv.Itoa(retry))
	}
	if f.MovedTo != 0 {
		body["parameters"] = map[string]any{"migrate_to_chat_id": f.MovedTo}
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(f.Status)
	json.NewEncoder(w).Encode(body)
}
